"""The context that a sensor's function receives."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from treadle.core.deprecation import tell_caller
from treadle.core.errors import InvariantViolationError, wrong_type
from treadle.define.context.tick_context import TickContext

if TYPE_CHECKING:
    from treadle.core.ports import InstancePort


class SensorEvaluationContext(TickContext):
    """What a sensor's function may read of the tick. `build_sensor_context` makes one for a test.

    Args:
        cursor: what the last evaluation left.
        last_run_key: the key of the last run that the sensor asked for.
        last_tick_completion_time: when it was last evaluated, in Unix seconds.
        last_sensor_start_time: when it was last switched on, in Unix seconds.
        now: the time that counts as now; None: the clock's.
    """

    last_run_key: str | None
    last_tick_completion_time: float | None
    last_sensor_start_time: float | None
    repository_name: str | None

    def __init__(
        self,
        instance: "InstancePort | None" = None,
        cursor: str | None = None,
        resources: Mapping[str, Any] | None = None,
        definitions: Any = None,
        sensor_name: str | None = None,
        last_run_key: str | None = None,
        last_tick_completion_time: float | None = None,
        last_sensor_start_time: float | None = None,
        repository_name: str | None = None,
        now: datetime | None = None,
    ) -> None:
        super().__init__(instance, resources, definitions)
        for name, text in (("cursor", cursor), ("sensor_name", sensor_name)):
            if text is not None and not isinstance(text, str):
                raise wrong_type(name, "text", text, self.maker)
        self._cursor = cursor
        self._cursor_updated = False
        self._sensor_name = sensor_name
        self.now = now
        self.last_run_key = last_run_key
        self.last_tick_completion_time = last_tick_completion_time
        self.last_sensor_start_time = last_sensor_start_time
        self.repository_name = repository_name or getattr(definitions, "name", None)

    def begin(self) -> None:
        """Whether the cursor was set is asked anew for each evaluation."""
        self._cursor_updated = False

    @property
    def cursor(self) -> str | None:
        """What an earlier evaluation left, or this one set."""
        return self._cursor

    @property
    def cursor_updated(self) -> bool:
        """Whether this evaluation set it."""
        return self._cursor_updated

    def update_cursor(self, cursor: str | None) -> None:
        """Set what the next evaluation is told. It counts only if this evaluation succeeds.

        Args:
            cursor: text; None forgets it.
        """
        if cursor is not None and not isinstance(cursor, str):
            raise wrong_type("cursor", "text", cursor, "update_cursor")
        self._cursor = cursor
        self._cursor_updated = True

    @property
    def last_completion_time(self) -> float | None:
        """The old name of `last_tick_completion_time`."""
        tell_caller("`last_completion_time` is deprecated: write `last_tick_completion_time`.")
        return self.last_tick_completion_time

    @property
    def is_first_tick_since_sensor_start(self) -> bool:
        """Whether it was not evaluated since it was last switched on."""
        if self.last_sensor_start_time is None or self.last_tick_completion_time is None:
            return True
        return self.last_tick_completion_time < self.last_sensor_start_time

    @property
    def sensor_name(self) -> str:
        """The sensor's name.

        Raises:
            InvariantViolationError: the context was made without one.
        """
        if self._sensor_name is None:
            raise InvariantViolationError(
                "this context has no sensor_name",
                hint="make it with `build_sensor_context(sensor_name=…)`",
            )
        return self._sensor_name


def build_sensor_context(
    instance: "InstancePort | None" = None,
    cursor: str | None = None,
    repository_name: str | None = None,
    repository_def: Any = None,
    sensor_name: str | None = None,
    resources: Mapping[str, Any] | None = None,
    definitions: Any = None,
    instance_ref: Any = None,
    last_sensor_start_time: float | None = None,
    *,
    last_run_key: str | None = None,
    last_tick_completion_time: float | None = None,
) -> SensorEvaluationContext:
    """A context with which a sensor can be called or evaluated in a test.

    Args:
        instance: what `context.instance` gives.
        cursor: what the last evaluation left.
        repository_name: what `context.repository_name` gives.
        repository_def: the repository that the sensor stands in.
        sensor_name: what `context.sensor_name` gives.
        resources: key -> resource definition, resource object or any value. Those that are generators are
            closed after the tick, or by a `with` statement around the context.
        definitions: the `Definitions` that it stands in; with them, partitions and assets are checked.
        instance_ref: accepted and not used.
        last_sensor_start_time: when it was last switched on, in Unix seconds.
        last_run_key: the key of the last run that it asked for.
        last_tick_completion_time: when it was last evaluated, in Unix seconds.

    Example:
        >>> from treadle import RunRequest, SkipReason, build_sensor_context, sensor
        >>> @sensor(job_name="load")
        ... def new_files(context):
        ...     context.update_cursor("a.csv")
        ...     return SkipReason("seen") if context.cursor == "a.csv" else RunRequest("a.csv")
        >>> new_files(build_sensor_context(cursor="a.csv"))
        SkipReason(skip_message='seen')
    """
    return SensorEvaluationContext(
        instance,
        cursor,
        resources,
        definitions if repository_def is None else repository_def,
        sensor_name,
        last_run_key,
        last_tick_completion_time,
        last_sensor_start_time,
        repository_name,
    )
