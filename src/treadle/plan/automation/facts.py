"""What evaluation asks of the store: the protocol, and the values that answer it."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, Protocol

from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.partitions.sets import PartitionSpace

Entity = AssetKey | AssetCheckKey

Members = Any
"""A part of an entity: a `PartitionSet` of its partitions, or a bool: all or nothing of one that has none.

Both are combined by `&` and `|`. The two never meet, which no type can tell: whether an entity has partitions decides.
"""


class Seen(NamedTuple):
    """What an evaluation saw of an entity, so that the next one knows what is new. All of it can be stored."""

    generation: int = 0
    """Of the asset's segments."""
    event: int = 0
    """Storage id of the last materialization, or of a check's last result."""
    observation: int = 0
    version: str | None = None
    """The data version of the last observation, of assets that are only observed."""


class Wanted(NamedTuple):
    """A question about an entity."""

    key: Entity
    space: PartitionSpace | None
    """Its partitions now; None where it has none."""
    before: Seen | None
    """What was seen last; None where nothing was, and then nothing is new."""
    is_made: bool
    """False for assets that runs do not make: what is observed of them is there."""


class Facts(NamedTuple):
    """What is true of an entity now."""

    made: Members
    """Materialized, or observed if no run makes it; of a check: evaluated."""
    running: Members
    failed: Members
    backfilling: Members
    fresh: Members
    """Updated since it was seen last."""
    seen: Seen
    passed: Members = False
    """Of a check: the latest result is a pass."""


class Changes(NamedTuple):
    """What may have changed since a position."""

    entities: AbstractSet[Entity]
    dynamic: AbstractSet[str]
    """Names of dynamic partitions definitions."""
    wiped: AbstractSet[AssetKey] = frozenset()
    """Assets whose checks are as if never evaluated."""


class Piece(NamedTuple):
    """A part of an asset that one event updated."""

    members: Members
    run_id: str
    version: str
    event: int = 0
    """Its storage id."""


class AutomationState(Protocol):
    """The state of an instance, as evaluation reads it. Reads only."""

    def position(self) -> str:
        """The place in the feed of changes up to which everything is seen."""
        ...

    def changes_since(self, position: str) -> Changes | None:
        """What changed after a position; None where the feed does not reach back so far, or the position is not one."""
        ...

    def facts(self, wanted: Sequence[Wanted]) -> Sequence[Facts]:
        """What is true of entities now, in the order asked."""
        ...

    def pieces(self, key: AssetKey, space: PartitionSpace | None) -> Sequence[Piece]:
        """What is materialized of an asset, by which runs and in which data versions."""
        ...

    def targets_of(self, run_id: str) -> AbstractSet[Entity]:
        """The assets and checks that a run set out to make."""
        ...

    def tags_of(self, run_id: str) -> Any:
        """The tags of a run."""
        ...

    def updated_at(self, key: AssetKey) -> float | None:
        """When an asset was last updated, in Unix seconds."""
        ...

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """The keys of a dynamic definition, in the order added."""
        ...

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a key is among them."""
        ...
