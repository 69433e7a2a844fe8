"""Everything that one execution of a step knows; the contexts are views on it.

The run engine fills one for each step, `build_asset_context` and its like fill one for a direct call.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.ports import InstancePort, StepPort

if TYPE_CHECKING:
    from treadle.define.asset_definition import AssetsDefinition
    from treadle.define.op import OpDefinition


@attrs.frozen
class PartitionView:
    """The partitions that a step, or one of its inputs, works on."""

    definition: Any
    """The PartitionsDefinition."""
    keys: Any
    """The partition set (a sorted set of `definition`); iterating it gives key texts."""


@attrs.define(kw_only=True)
class StepState:
    """State of one step while it runs. Mutable: user code adds metadata and events through it."""

    run: Any
    """The `Run`."""
    step_key: str
    op: "OpDefinition"
    assets_def: "AssetsDefinition | None" = None
    job_name: str = ""
    job_def: Any = None
    instance: InstancePort
    port: StepPort
    log: logging.Logger | Any
    resources: Any = None
    """Object with an attribute for each resource the step may use."""
    op_config: Any = None
    run_config: Mapping[str, Any] = attrs.field(factory=dict)
    retry_number: int = 0
    mapping_key: str | None = None
    partitions: PartitionView | None = None
    input_partitions: dict[str, PartitionView] = attrs.field(factory=dict)
    selected_assets: frozenset[AssetKey] = frozenset()
    selected_checks: frozenset[AssetCheckKey] = frozenset()
    selected_outputs: tuple[str, ...] = ()
    output_metadata: dict[tuple[str, str | None], dict[str, Any]] = attrs.field(factory=dict)
    """(output name, mapping key) -> metadata that user code added."""
    asset_metadata: dict[tuple[AssetKey, str | None], dict[str, Any]] = attrs.field(factory=dict)
    """(asset, partition key or None) -> metadata that user code added."""
    data_versions: dict[str, str] = attrs.field(factory=dict)
    """Output name -> data version given by user code."""
    user_events: list[Any] = attrs.field(factory=list)
    """What `context.log_event` was given, in order, where nothing is being recorded (direct calls)."""
    events_stream: Any = None
