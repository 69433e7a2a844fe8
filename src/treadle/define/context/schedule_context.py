"""The context that a schedule's function receives."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from treadle.core.errors import InvariantViolationError, wrong_type
from treadle.define.context.tick_context import TickContext
from treadle.define.tick_function import TickFunction

if TYPE_CHECKING:
    from treadle.core.ports import InstancePort


class ScheduleEvaluationContext(TickContext):
    """What a schedule's function may read of the tick. `build_schedule_context` makes one for a test."""

    maker = "build_schedule_context"

    def __init__(
        self,
        scheduled_execution_time: datetime | None = None,
        instance: "InstancePort | None" = None,
        resources: Mapping[str, Any] | None = None,
        definitions: Any = None,
    ) -> None:
        super().__init__(instance, resources, definitions)
        if scheduled_execution_time is not None and not isinstance(scheduled_execution_time, datetime):
            raise wrong_type("scheduled_execution_time", "a datetime", scheduled_execution_time, self.maker)
        self._time = scheduled_execution_time

    @property
    def scheduled_execution_time(self) -> datetime:
        """When the tick was due, in the schedule's time zone.

        Raises:
            InvariantViolationError: the context was made without one.
        """
        if self._time is None:
            raise InvariantViolationError(
                "this context has no scheduled_execution_time",
                hint="make it with `build_schedule_context(scheduled_execution_time=…)`",
            )
        return self._time

    @property
    def time_or_none(self) -> datetime | None:
        """When the tick was due; None where it is not known. A naive time is wall time in the zone of who reads it."""
        return self._time

    @property
    def repository_def(self) -> Any:
        """The definitions around the schedule in the peer's older form.

        Raises:
            InvariantViolationError: the context was made without them.
        """
        found = super().repository_def
        if found is None:
            raise InvariantViolationError(
                "this context has no repository_def",
                hint="make it with `build_schedule_context(repository_def=…)`",
            )
        return found


def build_schedule_context(
    instance: "InstancePort | None" = None,
    scheduled_execution_time: datetime | None = None,
    resources: Mapping[str, Any] | None = None,
    repository_def: Any = None,
    instance_ref: Any = None,
    *,
    definitions: Any = None,
) -> ScheduleEvaluationContext:
    """A context with which a schedule can be called or evaluated in a test.

    Args:
        instance: what `context.instance` gives.
        scheduled_execution_time: when the tick is due; a naive one is wall time in the zone of the partitions
            that are asked for.
        resources: key -> resource definition, resource object or any value. Those that are generators are
            closed after the tick, or by a `with` statement around the context.
        repository_def: the repository that the schedule stands in.
        instance_ref: accepted and not used.
        definitions: the `Definitions` that it stands in; with them, partitions and assets are checked.

    Example:
        >>> from datetime import UTC, datetime
        >>> from treadle import RunRequest, build_schedule_context, schedule
        >>> @schedule("@daily", job_name="nightly")
        ... def every_night(context):
        ...     return RunRequest(tags={"day": context.scheduled_execution_time.strftime("%Y-%m-%d")})
        >>> every_night(build_schedule_context(scheduled_execution_time=datetime(2026, 1, 2, tzinfo=UTC))).tags
        {'day': '2026-01-02'}
    """
    return ScheduleEvaluationContext(
        scheduled_execution_time,
        instance,
        resources,
        definitions if repository_def is None else repository_def,
    )


def call_schedule(function: TickFunction, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Call a schedule's function directly, as in tests."""
    return function.invoke("schedule", ScheduleEvaluationContext, args, kwargs)
