"""What one tick of a schedule or sensor came to: a value that a control loop commits and a test looks at."""

from collections.abc import Sequence, Set
from enum import Enum
from typing import Any

import msgspec

from treadle.core.events import ErrorInfo, LogData
from treadle.core.runs import Run
from treadle.core.schedules import RunRequest


class SensorType(Enum):
    """The kinds of sensors."""

    STANDARD = "STANDARD"
    RUN_STATUS = "RUN_STATUS"
    ASSET = "ASSET"
    MULTI_ASSET = "MULTI_ASSET"
    FRESHNESS_POLICY = "FRESHNESS_POLICY"
    AUTO_MATERIALIZE = "AUTO_MATERIALIZE"
    AUTOMATION = "AUTOMATION"
    UNKNOWN = "UNKNOWN"


class RunReaction(msgspec.Struct, frozen=True):
    """That a run status sensor was told of a run.

    Args:
        dagster_run: the run.
        error: what its function raised, if it did.
        run_status: the status that the run had come to.
    """

    dagster_run: Run
    error: ErrorInfo | None = None
    run_status: Any = None


class TickLine(msgspec.Struct, frozen=True):
    """A line that a tick's function logged.

    Args:
        level: the number of Python's logging.
        data: structured fields, if any.
    """

    level: int
    message: str
    data: LogData | None = None


class TickResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one evaluation of a schedule or sensor asks for. Nothing of it has happened yet.

    Args:
        run_requests: the runs, their partitions, tags and config resolved.
        skip_message: why there are none, or what else was said.
        cursor: what the next evaluation of the sensor is to be told; None where it has none.
        job_name: the job of requests that name none.
        dynamic_partitions_requests: partition keys to add or to delete, before the runs start.
        asset_events: to be recorded.
        dagster_run_reactions: the runs that a run status sensor was told of.
        automation_condition_evaluations: what an automation sensor found.
        log_lines: what was logged.
        error: why the evaluation failed; then nothing of it counts.
    """

    run_requests: Sequence[RunRequest] = msgspec.field(default_factory=list)
    skip_message: str | None = None
    cursor: str | None = None
    job_name: str | None = None
    dynamic_partitions_requests: Sequence[Any] = msgspec.field(default_factory=list)
    asset_events: Sequence[Any] = msgspec.field(default_factory=list)
    dagster_run_reactions: Sequence[RunReaction] = msgspec.field(default_factory=list)
    automation_condition_evaluations: Sequence[Any] = msgspec.field(default_factory=list)
    log_lines: Sequence[TickLine] = msgspec.field(default_factory=list)
    error: ErrorInfo | None = None

    @property
    def log_key(self) -> None:
        """Ticks keep their lines in `log_lines`, under no key."""
        return None

    def job_of(self, request: RunRequest) -> str | None:
        """The job that a request is for."""
        return request.job_name or self.job_name

    def new_requests(self, known_run_keys: Set[str]) -> list[RunRequest]:
        """The requests of which no run was made yet: a run key stands for one run, for ever.

        Args:
            known_run_keys: those for which this schedule or sensor already has a run.
        """
        seen = set(known_run_keys)
        found = []
        for request in self.run_requests:
            if request.run_key is not None:
                if request.run_key in seen:
                    continue
                seen.add(request.run_key)
            found.append(request)
        return found
