"""The peer's shapes of events: lazy, read-only views over a stored `Event`. Nothing here is stored or sent.

An event about several partitions is shown as one view a partition.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from treadle.core.asset_events import (
    AssetCheckEvaluation,
    AssetCheckEvaluationTargetMaterializationData,
    AssetCheckSeverity,
    AssetMaterialization,
    AssetObservation,
)
from treadle.core.errors import InvariantViolationError
from treadle.core.events import (
    AssetData,
    CheckData,
    EngineData,
    Event,
    EventType,
    ExpectationData,
    FailureData,
    InputData,
    LogData,
    OutputData,
    StoredEvent,
)
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.metadata_entries import metadata_from_wire
from treadle.core.node_handle import NodeHandle
from treadle.store.error_view import ErrorView, view_of_error
from treadle.store.event_data_views import (
    AssetObservationData,
    EngineView,
    ExpectationView,
    FailureView,
    OutputView,
    PlannedData,
    StepHandle,
    StepMaterializationData,
)

DATA_VERSION_TAG: Final = "dagster/data_version"
CODE_VERSION_TAG: Final = "dagster/code_version"
_INPUT_VERSION_TAG: Final = "dagster/input_data_version"

_FAILURES: Final = {
    EventType.HOOK_ERRORED,
    EventType.RUN_FAILURE,
    EventType.RUN_CANCELED,
    EventType.STEP_FAILURE,
    EventType.RESOURCE_INIT_FAILURE,
}
_HOOKS: Final = {EventType.HOOK_COMPLETED, EventType.HOOK_ERRORED, EventType.HOOK_SKIPPED}
_ENGINE: Final = {
    EventType.ENGINE_EVENT,
    EventType.RESOURCE_INIT_STARTED,
    EventType.RESOURCE_INIT_SUCCESS,
    EventType.RESOURCE_INIT_FAILURE,
    EventType.STEP_WORKER_STARTING,
    EventType.STEP_WORKER_STARTED,
}


def materialization_of(event: Event, partition: str | None) -> AssetMaterialization:
    """The materialization that an event tells of."""
    description, metadata, tags = _asset_parts(event)
    return AssetMaterialization(_asset_key(event), description, metadata, partition, tags)


def observation_of(event: Event, partition: str | None) -> AssetObservation:
    """The observation that an event tells of."""
    description, metadata, tags = _asset_parts(event)
    return AssetObservation(_asset_key(event), description, metadata, partition, tags)


def evaluation_of(event: Event, partition: str | None) -> AssetCheckEvaluation:
    """The check result that an event tells of."""
    data = event.data if isinstance(event.data, CheckData) else CheckData(name="")
    target = None
    if data.target_materialization is not None:
        target = AssetCheckEvaluationTargetMaterializationData(
            data.target_materialization,
            event.run_id if data.target_run_id is None else data.target_run_id,
            event.timestamp if data.target_timestamp is None else data.target_timestamp,
        )
    return AssetCheckEvaluation(
        _asset_key(event),
        data.name,
        bool(data.passed),
        metadata_from_wire(data.metadata),
        target,
        AssetCheckSeverity(data.severity),
        data.description,
        data.blocking,
        partition,
    )


class RunEvent:
    """One thing that happened, in the peer's shape (`DagsterEvent`).

    Args:
        event: what is stored.
        partition: which of its partitions to show.
    """

    def __init__(self, event: Event, partition: str | None = None) -> None:
        self._event = event
        self._partition = partition

    @property
    def event_type(self) -> EventType:
        """Its type."""
        return self._event.type

    @property
    def event_type_value(self) -> str:
        """Its type's word."""
        return self._event.type.value

    @property
    def job_name(self) -> str:
        """The job."""
        return self._event.job_name or ""

    @property
    def step_key(self) -> str | None:
        """The step, if it belongs to one."""
        return self._event.step_key

    @property
    def node_name(self) -> str | None:
        """The op of its step."""
        step_key = self._event.step_key
        return step_key.partition("[")[0].rpartition(".")[2] if step_key else None

    @property
    def node_handle(self) -> "NodeHandle | None":
        """The place of its step's op within the job."""
        return (
            NodeHandle.from_path(self._event.step_key.partition("[")[0].split("."))
            if self._event.step_key
            else None
        )

    @property
    def step_handle(self) -> "StepHandle | None":
        """Its step, by the place of its op and, of a dynamic step, the mapping key."""
        return StepHandle.parse_from_key(self._event.step_key) if self._event.step_key else None

    @property
    def step_kind_value(self) -> str | None:
        """The kind of its step, which is always `COMPUTE`."""
        return "COMPUTE" if self._event.step_key else None

    @property
    def message(self) -> str:
        """What it says, for a person."""
        return self._event.message

    @property
    def pid(self) -> int | None:
        """The process that it happened in."""
        return self._event.pid

    @property
    def asset_key(self) -> AssetKey | None:
        """The asset that it is about."""
        return self._event.asset_key

    @property
    def partition(self) -> str | None:
        """The partition that it is about."""
        return self._partition

    @property
    def logging_tags(self) -> Mapping[str, str]:
        """What a log line about it carries."""
        found = {"run_id": self._event.run_id, "job_name": self.job_name, "step_key": self.step_key}
        return {key: value for key, value in found.items() if value}

    @cached_property
    def event_specific_data(self) -> Any:
        """What only its type has."""
        event, data, kind = self._event, self._event.data, self._event.type
        if kind is EventType.ASSET_MATERIALIZATION:
            return StepMaterializationData(materialization_of(event, self._partition))
        if kind is EventType.ASSET_OBSERVATION:
            return AssetObservationData(observation_of(event, self._partition))
        if kind is EventType.ASSET_CHECK_EVALUATION:
            return evaluation_of(event, self._partition)
        if kind is EventType.ASSET_MATERIALIZATION_PLANNED:
            return PlannedData(_asset_key(event), self._partition)
        if isinstance(data, FailureData):
            return FailureView(data)
        if isinstance(data, ExpectationData):
            return ExpectationView(data)
        if isinstance(data, EngineData):
            return EngineView(data)
        if isinstance(data, OutputData | InputData):
            return OutputView(data, event.step_key)
        return data

    @property
    def materialization(self) -> AssetMaterialization:
        """The materialization, of an event that tells of one."""
        return materialization_of(self._event, self._partition)

    @property
    def asset_check_evaluation_data(self) -> AssetCheckEvaluation:
        """The check result, of an event that tells of one."""
        return evaluation_of(self._event, self._partition)

    def __getattr__(self, name: str) -> Any:
        if name in _DATA_NAMES:
            return self.event_specific_data
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}", name=name, obj=self)

    @property
    def is_step_event(self) -> bool:
        """Whether it belongs to a step."""
        return self._event.step_key is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunEvent):
            return NotImplemented
        return (self._event, self._partition) == (other._event, other._partition)

    def __hash__(self) -> int:
        return hash((self._event.run_id, self._event.type, self._event.sequence, self._partition))

    def __repr__(self) -> str:
        of = f" of {self.step_key}" if self.step_key else ""
        return f"<{self.event_type_value}{of}: {self.message}>"


_TESTS: Final[dict[str, set[EventType]]] = {
    "is_asset_materialization_planned": {EventType.ASSET_MATERIALIZATION_PLANNED},
    "is_asset_observation": {EventType.ASSET_OBSERVATION},
    "is_asset_check_evaluation": {EventType.ASSET_CHECK_EVALUATION},
    "is_engine_event": _ENGINE,
    "is_expectation_result": {EventType.STEP_EXPECTATION_RESULT},
    "is_failure": _FAILURES,
    "is_handled_output": {EventType.HANDLED_OUTPUT},
    "is_hook_event": _HOOKS,
    "is_job_event": {kind for kind in EventType if kind.value.startswith(("PIPELINE_", "RUN_"))},
    "is_job_success": {EventType.RUN_SUCCESS},
    "is_job_failure": {EventType.RUN_FAILURE},
    "is_loaded_input": {EventType.LOADED_INPUT},
    "is_resource_init_failure": {EventType.RESOURCE_INIT_FAILURE},
    "is_run_failure": {EventType.RUN_FAILURE},
    "is_step_failure": {EventType.STEP_FAILURE},
    "is_step_materialization": {EventType.ASSET_MATERIALIZATION},
    "is_step_restarted": {EventType.STEP_RESTARTED},
    "is_step_skipped": {EventType.STEP_SKIPPED},
    "is_step_start": {EventType.STEP_START},
    "is_step_success": {EventType.STEP_SUCCESS},
    "is_step_up_for_retry": {EventType.STEP_UP_FOR_RETRY},
    "is_successful_output": {EventType.STEP_OUTPUT},
}
"""`event.is_…`: true for these types."""


def _is_one_of(kinds: set[EventType], name: str) -> property:
    def holds(event: RunEvent) -> bool:
        return event.event_type in kinds

    holds.__doc__ = f"True for {', '.join(sorted(kind.value for kind in kinds))}."
    holds.__name__ = name
    return property(holds)


for _name, _kinds in _TESTS.items():
    setattr(RunEvent, _name, _is_one_of(_kinds, _name))

_DATA_NAMES: Final = frozenset(
    {
        "step_materialization_data",
        "asset_observation_data",
        "asset_materialization_planned_data",
        "step_output_data",
        "step_input_data",
        "step_failure_data",
        "step_retry_data",
        "job_failure_data",
        "engine_event_data",
        "hook_errored_data",
        "step_expectation_result_data",
    }
)


class EventLogEntry:
    """A line of a run's log, in the peer's shape.

    Args:
        event: what is stored.
        partition: which of its partitions to show.
    """

    def __init__(self, event: Event, partition: str | None = None) -> None:
        self._event = event
        self._partition = partition

    run_id = property(lambda self: self._event.run_id)
    timestamp = property(lambda self: self._event.timestamp)
    level = property(lambda self: self._event.level)
    step_key = property(lambda self: self._event.step_key)
    job_name = property(lambda self: self._event.job_name)
    message = property(lambda self: self._event.message)
    user_message = property(lambda self: self._event.message)

    @property
    def is_dagster_event(self) -> bool:
        """Whether it is an event rather than a line that the user logged."""
        return self._event.type is not EventType.LOG

    @cached_property
    def dagster_event(self) -> RunEvent | None:
        """The event; None for a line that the user logged."""
        return RunEvent(self._event, self._partition) if self.is_dagster_event else None

    def get_dagster_event(self) -> RunEvent:
        """The event.

        Raises:
            InvariantViolationError: this is a line that the user logged.
        """
        if self.dagster_event is None:
            raise InvariantViolationError("this log entry holds a line that was logged, no event")
        return self.dagster_event

    @property
    def dagster_event_type(self) -> EventType | None:
        """The event's type."""
        return self._event.type if self.is_dagster_event else None

    @property
    def error_info(self) -> ErrorView | None:
        """The error, of a line logged with one."""
        data = self._event.data
        return view_of_error(data.error) if isinstance(data, LogData) else None

    @property
    def asset_materialization(self) -> AssetMaterialization | None:
        """The materialization that it tells of, if it does."""
        made = self._event.type is EventType.ASSET_MATERIALIZATION
        return materialization_of(self._event, self._partition) if made else None

    @property
    def asset_observation(self) -> AssetObservation | None:
        """The observation that it tells of, if it does."""
        seen = self._event.type is EventType.ASSET_OBSERVATION
        return observation_of(self._event, self._partition) if seen else None

    @property
    def asset_check_evaluation(self) -> AssetCheckEvaluation | None:
        """The check result that it tells of, if it does."""
        checked = self._event.type is EventType.ASSET_CHECK_EVALUATION
        return evaluation_of(self._event, self._partition) if checked else None

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of the asset event."""
        return _asset_parts(self._event)[2]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventLogEntry):
            return NotImplemented
        return (self._event, self._partition) == (other._event, other._partition)

    def __hash__(self) -> int:
        return hash((self._event.run_id, self._event.sequence, self._partition))

    def __repr__(self) -> str:
        return f"EventLogEntry({self._event.type.value}, run_id={self.run_id!r}, message={self.message!r})"


class EventLogRecord:
    """A stored event, in the peer's shape.

    Args:
        stored: what is stored.
        partition: which of its partitions to show.
    """

    def __init__(self, stored: StoredEvent, partition: str | None = None) -> None:
        self._stored = stored
        self._event = stored.event
        self._partition = partition

    @property
    def storage_id(self) -> int:
        """Its number in the store, which grows with time."""
        return self._stored.storage_id

    @cached_property
    def event_log_entry(self) -> EventLogEntry:
        """The event itself."""
        return EventLogEntry(self._event, self._partition)

    run_id = property(lambda self: self._event.run_id)
    timestamp = property(lambda self: self._event.timestamp)
    asset_key = property(lambda self: self._event.asset_key)
    event_type = property(lambda self: self._event.type)
    partition_key = property(lambda self: self._partition)
    asset_materialization = property(lambda self: self.event_log_entry.asset_materialization)
    asset_observation = property(lambda self: self.event_log_entry.asset_observation)

    @property
    def asset_check_key(self) -> AssetCheckKey | None:
        """The check whose result it is, if it is one."""
        data = self._event.data
        return AssetCheckKey(_asset_key(self._event), data.name) if isinstance(data, CheckData) else None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventLogRecord):
            return NotImplemented
        return (self.storage_id, self.event_log_entry) == (other.storage_id, other.event_log_entry)

    def __hash__(self) -> int:
        return hash((self.storage_id, self._partition))

    def __repr__(self) -> str:
        return f"EventLogRecord(storage_id={self.storage_id}, {self.event_log_entry!r})"


def records_of(stored: StoredEvent) -> list[EventLogRecord]:
    """The views of a stored event: one, or one a partition."""
    keys = stored.event.partition_keys
    return [EventLogRecord(stored, key) for key in keys] if keys else [EventLogRecord(stored)]


def _asset_key(event: Event) -> AssetKey:
    if event.asset_key is None:
        raise InvariantViolationError(f"{event.type.value} is about no asset")
    return event.asset_key


def _asset_parts(event: Event) -> tuple[str | None, Mapping[str, Any], dict[str, str]]:
    data = event.data if isinstance(event.data, AssetData) else AssetData()
    tags = dict(data.tags)
    if data.data_version is not None:
        tags.setdefault(DATA_VERSION_TAG, data.data_version)
    if data.code_version is not None:
        tags.setdefault(CODE_VERSION_TAG, data.code_version)
    for key, version in data.input_versions.items():
        tags.setdefault(f"{_INPUT_VERSION_TAG}/{key}", version)
    return data.description, metadata_from_wire(data.metadata), tags
