"""What happens in a run, as it is stored and sent: one `Event` struct with a typed payload.

The type's wire value is the peer's word. Users never build an `Event`; the engine does, and the peer's
event shapes are read-only views on it.
"""

from enum import StrEnum
from typing import Any, Final

import msgspec

from treadle.core.keys import AssetKey


class ErrorSource(StrEnum):
    """Whose code raised the error that ended a step."""

    FRAMEWORK_ERROR = "FRAMEWORK_ERROR"
    USER_CODE_ERROR = "USER_CODE_ERROR"
    UNEXPECTED_ERROR = "UNEXPECTED_ERROR"
    INTERRUPT = "INTERRUPT"


class EventType(StrEnum):
    """What kind of thing happened."""

    STEP_START = "STEP_START"
    STEP_OUTPUT = "STEP_OUTPUT"
    STEP_INPUT = "STEP_INPUT"
    STEP_SUCCESS = "STEP_SUCCESS"
    STEP_FAILURE = "STEP_FAILURE"
    STEP_SKIPPED = "STEP_SKIPPED"
    STEP_UP_FOR_RETRY = "STEP_UP_FOR_RETRY"
    STEP_RESTARTED = "STEP_RESTARTED"
    STEP_WORKER_STARTING = "STEP_WORKER_STARTING"
    STEP_WORKER_STARTED = "STEP_WORKER_STARTED"
    STEP_EXPECTATION_RESULT = "STEP_EXPECTATION_RESULT"
    ASSET_MATERIALIZATION = "ASSET_MATERIALIZATION"
    ASSET_MATERIALIZATION_PLANNED = "ASSET_MATERIALIZATION_PLANNED"
    ASSET_FAILED_TO_MATERIALIZE = "ASSET_FAILED_TO_MATERIALIZE"
    ASSET_OBSERVATION = "ASSET_OBSERVATION"
    ASSET_CHECK_EVALUATION = "ASSET_CHECK_EVALUATION"
    ASSET_CHECK_EVALUATION_PLANNED = "ASSET_CHECK_EVALUATION_PLANNED"
    ASSET_WIPED = "ASSET_WIPED"
    ASSET_HEALTH_CHANGED = "ASSET_HEALTH_CHANGED"
    ASSET_STORE_OPERATION = "ASSET_STORE_OPERATION"
    HANDLED_OUTPUT = "HANDLED_OUTPUT"
    LOADED_INPUT = "LOADED_INPUT"
    OBJECT_STORE_OPERATION = "OBJECT_STORE_OPERATION"
    HOOK_COMPLETED = "HOOK_COMPLETED"
    HOOK_ERRORED = "HOOK_ERRORED"
    HOOK_SKIPPED = "HOOK_SKIPPED"
    RESOURCE_INIT_STARTED = "RESOURCE_INIT_STARTED"
    RESOURCE_INIT_SUCCESS = "RESOURCE_INIT_SUCCESS"
    RESOURCE_INIT_FAILURE = "RESOURCE_INIT_FAILURE"
    ENGINE_EVENT = "ENGINE_EVENT"
    LOGS_CAPTURED = "LOGS_CAPTURED"
    RUN_ENQUEUED = "PIPELINE_ENQUEUED"
    RUN_DEQUEUED = "PIPELINE_DEQUEUED"
    RUN_STARTING = "PIPELINE_STARTING"
    RUN_START = "PIPELINE_START"
    RUN_SUCCESS = "PIPELINE_SUCCESS"
    RUN_FAILURE = "PIPELINE_FAILURE"
    RUN_CANCELING = "PIPELINE_CANCELING"
    RUN_CANCELED = "PIPELINE_CANCELED"
    RUN_RESUMED = "RUN_RESUMED"
    RUN_SUSPENDED = "RUN_SUSPENDED"
    PIPELINE_ENQUEUED = "PIPELINE_ENQUEUED"
    PIPELINE_DEQUEUED = "PIPELINE_DEQUEUED"
    PIPELINE_STARTING = "PIPELINE_STARTING"
    PIPELINE_START = "PIPELINE_START"
    PIPELINE_SUCCESS = "PIPELINE_SUCCESS"
    PIPELINE_FAILURE = "PIPELINE_FAILURE"
    PIPELINE_CANCELING = "PIPELINE_CANCELING"
    PIPELINE_CANCELED = "PIPELINE_CANCELED"
    ALERT_START = "ALERT_START"
    ALERT_SUCCESS = "ALERT_SUCCESS"
    ALERT_FAILURE = "ALERT_FAILURE"
    CODE_LOCATION_UPDATED = "CODE_LOCATION_UPDATED"
    FRESHNESS_STATE_CHANGE = "FRESHNESS_STATE_CHANGE"
    FRESHNESS_STATE_EVALUATION = "FRESHNESS_STATE_EVALUATION"
    LOG = "LOG"
    """A line the user logged; it has no counterpart among the peer's event types."""


class ErrorInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An exception as it is stored: its class, message and traceback text, and what caused it."""

    class_name: str
    message: str
    stack: str = ""
    cause: "ErrorInfo | None" = None
    context: "ErrorInfo | None" = None
    code: str | None = None
    members: "tuple[ErrorInfo, ...]" = ()
    """The first of the exceptions of a group."""

    @property
    def cls_name(self) -> str:
        """The same as `class_name`, as the peer spells it."""
        return self.class_name

    def to_string(self) -> str:
        """Message and traceback, and below them what caused it."""
        said = f"{self.class_name}: {self.message}\n{self.stack}"
        return f"{said}\nCaused by:\n{self.cause.to_string()}" if self.cause is not None else said


class OutputData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="output"):
    """STEP_OUTPUT and HANDLED_OUTPUT: which output, whether its type check passed, what was said of it."""

    name: str
    mapping_key: str | None = None
    type_check_passed: bool = True
    type_name: str | None = None
    type_check_description: str | None = None
    type_check_metadata: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    io_manager_key: str | None = None


class InputData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="input"):
    """STEP_INPUT and LOADED_INPUT."""

    name: str
    type_check_passed: bool = True
    type_name: str | None = None
    type_check_description: str | None = None
    type_check_metadata: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    io_manager_key: str | None = None
    upstream_step_key: str | None = None
    upstream_output_name: str | None = None


WRITER_TAG: Final = "treadle/writer"
"""The tag of a materialization that says which of the asset's writers made it."""

WRITER_VERSION_TAG: Final = "treadle/writer_version"
"""The data version of what that writer wrote; the materialization's own stands for what all of them wrote."""


class AssetData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="asset"):
    """Materialized, observed, planned, failed or wiped. `Event.partitions` says which partitions."""

    metadata: dict[str, Any] = {}
    tags: dict[str, str] = {}
    description: str | None = None
    data_version: str | None = None
    code_version: str | None = None
    input_versions: dict[str, str] = {}
    """Asset key text -> data version of each input that was read."""
    config_version: str | None = None
    """What stands for the config of the step; None where it has none."""


class CheckData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="check"):
    """A check's result, or that one is planned (`passed` is None)."""

    name: str
    passed: bool | None = None
    severity: str = "ERROR"
    blocking: bool = False
    description: str | None = None
    metadata: dict[str, Any] = {}
    target_materialization: int | None = None
    """Storage id of the materialization that was checked."""
    target_run_id: str | None = None
    """The run that made it; this event's where not told."""
    target_timestamp: float | None = None
    """When it was made; this event's time where not told."""


class FailureData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="failure"):
    """STEP_FAILURE, STEP_UP_FOR_RETRY, RUN_FAILURE, HOOK_ERRORED, RESOURCE_INIT_FAILURE."""

    error: ErrorInfo | None = None
    error_source: ErrorSource | None = None
    description: str | None = None
    metadata: dict[str, Any] = {}
    failure_reason: str | None = None
    first_step_failure: str | None = None
    seconds_to_wait: float | None = None


class HookData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="hook"):
    """HOOK_COMPLETED and HOOK_SKIPPED."""

    name: str


class EngineData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="engine"):
    """Anything the engine tells: resources set up, workers started, outputs of a captured log."""

    metadata: dict[str, Any] = {}
    error: ErrorInfo | None = None
    marker_start: str | None = None
    marker_end: str | None = None


class ExpectationData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="expectation"):
    """STEP_EXPECTATION_RESULT."""

    success: bool
    label: str | None = None
    description: str | None = None
    metadata: dict[str, Any] = {}


class LogData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="log"):
    """A line of `context.log`: structured fields and, for `exception`, the error."""

    logger: str | None = None
    fields: dict[str, Any] = {}
    error: ErrorInfo | None = None


EventData = (
    OutputData
    | InputData
    | AssetData
    | CheckData
    | FailureData
    | HookData
    | EngineData
    | ExpectationData
    | LogData
)


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened.

    `(run_id, attempt, producer, n)` is the dedup key: a repeated write of the same event is stored once.
    `sequence` is dense within a run and assigned by the store at commit. Metadata dictionaries hold the
    tagged wire form of metadata values (see `core.metadata`).
    """

    run_id: str
    type: EventType
    timestamp: float
    """Unix seconds, UTC."""
    attempt: int = 1
    producer: str = ""
    n: int = 0
    sequence: int | None = None
    job_name: str | None = None
    step_key: str | None = None
    asset_key: AssetKey | None = None
    partition_keys: tuple[str, ...] | None = None
    """Keys of the partitions the event is about; None where the asset has none. One key, or a whole range run."""
    level: int = 10
    message: str = ""
    data: EventData | None = None
    pid: int | None = None


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event with what the store knows of it."""

    event: Event
    storage_id: int
    """Grows with time, also across runs; events of assets and of runs count apart."""
    stale: bool = False
    """True where a writer that no longer held the run sent it: kept as a record, it changed nothing."""
