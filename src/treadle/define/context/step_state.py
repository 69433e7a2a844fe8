"""Everything that one execution of a step knows; the contexts are views on it.

The run engine fills one for each step, `build_asset_context` and its like fill one for a direct call.
"""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from treadle.core.errors import InvalidMetadataError, InvariantViolationError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.metadata_entries import Metadata, event_metadata
from treadle.core.partitions.keys import MultiPartitionKey, PartitionKeyRange, TimeWindow
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.ports import InstancePort, StepPort

if TYPE_CHECKING:
    from treadle.define.asset_definition import AssetsDefinition
    from treadle.define.op import OpDefinition


class KeyList(tuple[str, ...]):
    """Partition keys given one by one, with the few answers that a partition set has too."""

    __slots__ = ()

    @property
    def first_key(self) -> str:
        """The first key."""
        return self[0]

    @property
    def last_key(self) -> str:
        """The last key."""
        return self[-1]


class PartitionView(msgspec.Struct, frozen=True):
    """The partitions that a step, or one of its inputs, works on."""

    definition: Any
    """The PartitionsDefinition."""
    keys: Any
    """The partition set of `definition`; iterating it gives key texts in order."""
    is_range: bool = False
    """Whether the run asked for a range, be it of one key."""

    def single_key(self, of: str) -> str:
        """The only key.

        Raises:
            InvariantViolationError: there are none or several.
        """
        if len(self.keys) != 1:
            raise InvariantViolationError(
                f"One partition key was asked for, but {of} has {len(self.keys)}.",
                hint="Use `partition_keys`, `partition_key_range` or `partition_time_window`.",
            )
        key: str = next(iter(self.keys))
        return key

    def multi_key(self, of: str) -> MultiPartitionKey:
        """The only key, as one of several dimensions."""
        key = self.single_key(of)
        if isinstance(self.definition, MultiPartitionsDefinition):
            return self.definition.get_partition_key_from_str(key)
        if not isinstance(key, MultiPartitionKey):
            raise InvariantViolationError(f"The partition key of {of}, `{key}`, has only one dimension.")
        return key

    def key_list(self) -> list[str]:
        """All keys, in order."""
        return list(self.keys)

    def key_range(self, of: str) -> PartitionKeyRange:
        """The first and the last key.

        Raises:
            InvariantViolationError: there are none.
        """
        if not len(self.keys):
            raise InvariantViolationError(f"{of.capitalize()} has no partitions, so there is no range.")
        return PartitionKeyRange(self.keys.first_key, self.keys.last_key)

    def time_window(self, of: str) -> TimeWindow:
        """From the start of the first partition to the end of the last.

        Raises:
            InvariantViolationError: the partitions are not of time.
        """
        definition, key_range = self.definition, self.key_range(of)
        if definition is None:
            raise InvariantViolationError(
                f"A time window was asked for, but nothing says which partitions definition {of} has.",
                hint="A built context learns it when a definition is called with it; or give `asset_partitions_def=`.",
            )
        has_time = isinstance(definition, TimeWindowPartitionsDefinition) or (
            isinstance(definition, MultiPartitionsDefinition) and definition.has_time_window_dimension
        )
        if not has_time:
            raise InvariantViolationError(
                f"A time window was asked for, but the partitions of {of} are not of time "
                f"({type(definition).__name__})."
            )
        return TimeWindow(
            definition.time_window_for_partition_key(key_range.start).start,
            definition.time_window_for_partition_key(key_range.end).end,
        )


class StepState(msgspec.Struct, kw_only=True, weakref=True):
    """State of one step while it runs. Mutable: user code adds metadata and events through it."""

    run: Any = None
    """The `Run`."""
    step_key: str = ""
    op: "OpDefinition | None" = None
    assets_def: "AssetsDefinition | None" = None
    job_name: str = ""
    job_def: Any = None
    instance: InstancePort | None = None
    instance_in_memory: Any = None
    """Of a direct call: what gives an instance where none was given, to the context and its resources."""
    port: StepPort | None = None
    log: logging.Logger
    own_tags: Mapping[str, Any] = msgspec.field(default_factory=dict)
    """In a direct call: the tags of what is called."""
    resources: Any = None
    """Object with an attribute for each resource the step may use."""
    given_resources: Any = None
    """Of a direct call: those that the context was built with; the call may add its own."""
    resources_config: Mapping[str, Any] = msgspec.field(default_factory=dict)
    """In a direct call: as it was given."""
    op_config: Any = None
    given_config: tuple[Any] | None = None
    """Of a direct call: what the context was built with, before an op's defaults were added to it."""
    run_config: Mapping[str, Any] = msgspec.field(default_factory=dict)
    retry_number: int = 0
    mapping_key: str | None = None
    partitions: PartitionView | None = None
    """The step's own."""
    run_partitions: PartitionView | None = None
    """The run's, which a step without partitions of its own is told."""
    input_partitions: dict[str, PartitionView] = msgspec.field(default_factory=dict)
    selected_assets: frozenset[AssetKey] = frozenset()
    selected_checks: frozenset[AssetCheckKey] = frozenset()
    selected_outputs: tuple[str, ...] = ()
    asked_assets: frozenset[AssetKey] | None = None
    """Of an op in a graph that makes assets: those of the whole graph that the run asks for."""
    input_keys: Mapping[str, AssetKey] | None = None
    """Of an op in a graph that makes assets: its own input -> the asset upstream."""
    output_keys: Mapping[str, AssetKey] | None = None
    """Of an op in a graph that makes assets: its own output -> the asset."""
    output_metadata: dict[tuple[str, str | None], dict[str, Any]] = msgspec.field(default_factory=dict)
    """(output name, mapping key) -> metadata that user code added."""
    given_outputs: set[tuple[str, str | None]] = msgspec.field(default_factory=set)
    """(output name, mapping key) of what the step has given so far."""
    asset_metadata: dict[tuple[AssetKey, str | None], dict[str, Any]] = msgspec.field(default_factory=dict)
    """(asset, partition key or None) -> metadata that user code added."""
    metadata_places: dict[str, str | None] = msgspec.field(default_factory=dict)
    """Label -> `file:line` of the user's call that added it."""
    data_versions: dict[str, str] = msgspec.field(default_factory=dict)
    """Output name -> data version given by user code."""
    wants_results: str | None = None
    """Why each output must be given with a result object, for the error of a step that leaves one out."""
    user_events: list[Any] = msgspec.field(default_factory=list)
    """What `context.log_event` was given, in order."""
    on_user_event: Callable[[Any], None] | None = None
    """Where the engine records a user's event at once; None in a direct call."""
    close: Callable[[], None] | None = None
    """Releases what a direct call opened."""

    @property
    def told_partitions(self) -> PartitionView | None:
        """What the step's context answers: the step's own, else the run's."""
        return self.partitions if self.partitions is not None else self.run_partitions

    def as_metadata(self, raw: Mapping[str, Any]) -> Metadata:
        """Metadata of an event.

        Raises:
            InvalidMetadataError: an entry that cannot be stored; its place is where user code added it.
        """
        try:
            return event_metadata(raw)
        except InvalidMetadataError as error:
            error.where = error.where or self.metadata_places.get(error.key or "")
            raise

    def log_event(self, event: Any) -> None:
        """Keep a user's event and, in a run, record it now."""
        self.user_events.append(event)
        if self.on_user_event is not None:
            self.on_user_event(event)
