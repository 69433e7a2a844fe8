"""Which partitions each step of a plan works on, and which of its upstream assets' it reads, in one run."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from treadle.core.catalog import Catalog, Computation, InputNode
from treadle.core.errors import InvariantViolationError, UnknownPartitionError
from treadle.core.keys import AssetKey
from treadle.plan.plan import Plan, Step


@attrs.frozen
class PartitionsOf:
    """Partitions of one definition."""

    definition: Any
    keys: Any
    """The partition set; iterating it gives keys in order."""
    is_range: bool = False
    """Whether the run asked for a range, be it of one key."""


@attrs.frozen
class StepPartitions:
    """What one step works on in one run."""

    own: PartitionsOf | None = None
    inputs: Mapping[str, PartitionsOf] = attrs.field(factory=dict)
    """Input name -> the upstream partitions that it reads; inputs from unpartitioned assets are left out."""
    parents: Mapping[AssetKey, PartitionsOf] = attrs.field(factory=dict)
    """The same by upstream asset, those that only order included."""
