"""What a run's log adds up to: of the whole run, and of each step."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final

import attrs

from treadle.core.events import EventType
from treadle.core.runs import Run
from treadle.store.event_views import EventLogEntry


@attrs.frozen(kw_only=True)
class RunStats:
    """What a run's log adds up to. Times are Unix seconds."""

    run_id: str
    steps_succeeded: int = 0
    steps_failed: int = 0
    materializations: int = 0
    expectations: int = 0
    enqueued_time: float | None = None
    launch_time: float | None = None
    start_time: float | None = None
    end_time: float | None = None


class StepStatus(str, Enum):
    """How a step stands."""

    IN_PROGRESS = "IN_PROGRESS"
    SKIPPED = "SKIPPED"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


@attrs.frozen(kw_only=True)
class StepAttempt:
    """One try of a step. Times are Unix seconds."""

    start_time: float | None = None
    end_time: float | None = None
    key: str | None = None


@attrs.define(kw_only=True)
class StepStats:
    """What a run's log says of a step. Times are Unix seconds."""

    run_id: str
    step_key: str
    status: StepStatus = StepStatus.IN_PROGRESS
    start_time: float | None = None
    end_time: float | None = None
    attempts: int = 0
    attempts_list: list[StepAttempt] = attrs.field(factory=list)
    partial_attempt_start: float | None = None
    """When the try began that is not over."""
    materialization_events: list[EventLogEntry] = attrs.field(factory=list)
    expectation_results: list[EventLogEntry] = attrs.field(factory=list)
    markers: list[StepAttempt] = attrs.field(factory=list)

    def add(self, entry: EventLogEntry) -> None:
        """Take the next event of the step."""
        kind = entry.dagster_event_type
        if kind in (EventType.STEP_START, EventType.STEP_RESTARTED):
            self.start_time = self.start_time or entry.timestamp
            self.partial_attempt_start = entry.timestamp
            self.attempts += 1
        elif kind in _ENDS:
            self.status = _ENDS[kind]
            self.end_time = entry.timestamp
            self._end_attempt(entry.timestamp)
        elif kind is EventType.STEP_UP_FOR_RETRY:
            self._end_attempt(entry.timestamp)
        elif kind is EventType.ASSET_MATERIALIZATION:
            self.materialization_events.append(entry)
        elif kind is EventType.STEP_EXPECTATION_RESULT:
            self.expectation_results.append(entry)

    def _end_attempt(self, at: float) -> None:
        if self.partial_attempt_start is not None:
            self.attempts_list.append(StepAttempt(start_time=self.partial_attempt_start, end_time=at))
            self.partial_attempt_start = None


_ENDS: Final = {
    EventType.STEP_SUCCESS: StepStatus.SUCCESS,
    EventType.STEP_FAILURE: StepStatus.FAILURE,
    EventType.STEP_SKIPPED: StepStatus.SKIPPED,
}
_OF_STEPS: Final = frozenset(
    {
        *_ENDS,
        EventType.STEP_START,
        EventType.STEP_RESTARTED,
        EventType.STEP_UP_FOR_RETRY,
        EventType.ASSET_MATERIALIZATION,
        EventType.STEP_EXPECTATION_RESULT,
    }
)


def stats_of_run(run: Run, entries: Sequence[EventLogEntry]) -> RunStats:
    """Counts of a run's log, and the run's times."""
    types = [entry.dagster_event_type for entry in entries]
    times = {entry.dagster_event_type: entry.timestamp for entry in entries}
    return RunStats(
        run_id=run.run_id,
        steps_succeeded=types.count(EventType.STEP_SUCCESS),
        steps_failed=types.count(EventType.STEP_FAILURE),
        materializations=types.count(EventType.ASSET_MATERIALIZATION),
        expectations=types.count(EventType.STEP_EXPECTATION_RESULT),
        enqueued_time=times.get(EventType.RUN_ENQUEUED),
        launch_time=times.get(EventType.RUN_STARTING),
        start_time=run.started_at,
        end_time=run.ended_at,
    )


def stats_of_steps(
    run_id: str, entries: Iterable[EventLogEntry], step_keys: Sequence[str] | None = None
) -> list[StepStats]:
    """Each step that began or was skipped, in the order of the log.

    Args:
        step_keys: only these.
    """
    found: dict[str, StepStats] = {}
    for entry in entries:
        key = entry.step_key
        if key is None or entry.dagster_event_type not in _OF_STEPS:
            continue
        if step_keys is None or key in step_keys:
            found.setdefault(key, StepStats(run_id=run_id, step_key=key)).add(entry)
    return list(found.values())
