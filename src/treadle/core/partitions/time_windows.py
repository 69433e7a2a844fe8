"""Partitions of time by a cron schedule: each window runs from one tick to the next."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any, Self

from treadle.core.calendar.cron import Cron
from treadle.core.calendar.cron_fields import invalid_cron
from treadle.core.calendar.zones import at, instant_of, zone
from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.core.partitions.axes import Axis, TimeAxis, TimeGrid
from treadle.core.partitions.context import DynamicPartitionsStore
from treadle.core.partitions.definition import PartitionsDefinition, open_to_subclasses
from treadle.core.partitions.keys import TimeWindow, invalid_partitions
from treadle.core.partitions.schedule_shape import ScheduleShape, ScheduleType, cron_of_rhythm
from treadle.core.partitions.sets import PartitionSet
from treadle.core.partitions.time_text import TimeText
from treadle.core.values import Value, set_field

_LAST_YEAR = 9900
"""Calendars end with the year 9999; schedules look a little ahead."""
_LAST_START = int(instant_of(datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC)))


class TimeWindowPartitionsDefinition(Value, ScheduleShape, PartitionsDefinition[str]):
    """Windows of time that follow each other by a cron schedule.

    Args:
        start: when the first window may begin: text in `fmt`, or a datetime, whose wall time counts.
        fmt: strftime format of the keys.
        end: no window ends after it.
        schedule_type: a plain rhythm, in place of a cron schedule; with the three offsets.
        timezone: IANA name; UTC by default.
        end_offset: how many windows more (or, negative, fewer) exist than have ended.
        minute_offset: minute of the hour at which windows begin.
        hour_offset: hour of the day.
        day_offset: day of the week (0 is Sunday) or of the month.
        cron_schedule: five fields or an alias.
        exclusions: cron schedules, datetimes or both: windows that begin then are left out.

    Raises:
        InvalidDefinitionError: `invalid-cron`, `invalid-timezone`, or a start or end that does not fit `fmt`.

    Example:
        >>> quarters = TimeWindowPartitionsDefinition("2025-01-01", "%Y-%m-%d", cron_schedule="0 0 1 */3 *")
        >>> quarters.time_window_for_partition_key("2025-04-01").end.isoformat()
        '2025-07-01T00:00:00+00:00'
    """

    _field_names = ("start", "timezone", "end", "fmt", "end_offset", "cron_schedule", "exclusions")

    start: datetime
    timezone: str
    end: datetime | None
    fmt: str
    end_offset: int
    cron_schedule: str
    exclusions: tuple[str | datetime, ...] | None

    def __init__(
        self,
        start: datetime | str,
        fmt: str,
        end: datetime | str | None = None,
        schedule_type: ScheduleType | None = None,
        timezone: str | None = None,
        end_offset: int = 0,
        minute_offset: int | None = None,
        hour_offset: int | None = None,
        day_offset: int | None = None,
        cron_schedule: str | None = None,
        exclusions: Iterable[str | datetime] | None = None,
    ) -> None:
        offsets = (minute_offset, hour_offset, day_offset)
        if cron_schedule is None:
            if schedule_type is None:
                raise invalid_partitions("A time window definition needs a cron_schedule or a schedule_type.")
            cron_schedule = cron_of_rhythm(schedule_type, minute_offset or 0, hour_offset or 0, day_offset)
        elif schedule_type is not None or any(offset is not None for offset in offsets):
            raise invalid_partitions("Offsets and schedule_type cannot be combined with cron_schedule.")
        if not isinstance(cron_schedule, str):
            raise invalid_cron(cron_schedule, "partitions need one schedule, as text")
        if not isinstance(end_offset, int):
            raise invalid_partitions(f"end_offset must be a whole number, not {end_offset!r}.")
        if not isinstance(fmt, str):
            raise invalid_partitions(f"fmt must be text, not {fmt!r}.")
        Cron(cron_schedule, timezone)  # refuses what is no zone
        where = zone(timezone)
        set_field(self, "start", _checked_start(_moment(start, fmt, where, "start")))
        set_field(self, "timezone", timezone or "UTC")
        set_field(self, "end", None if end is None else _moment(end, fmt, where, "end"))
        set_field(self, "fmt", fmt)
        set_field(self, "end_offset", end_offset)
        set_field(self, "cron_schedule", cron_schedule)
        set_field(self, "exclusions", _exclusions(exclusions, timezone, where))

    def _replace(self, **changes: Any) -> Self:
        """The definition with some fields changed (`start`, `end`, `fmt`, `cron_schedule` …), of the same class."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        TimeWindowPartitionsDefinition.__init__(made, **{**self._fields(), **changes})
        return made

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in TimeWindowPartitionsDefinition._field_names}

    def _told_apart_by(self, store: DynamicPartitionsStore | None) -> Any:
        return self._fields()

    @property
    def grid(self) -> TimeGrid:
        """Its windows, numbered from the first."""
        return _grid(
            self.cron_schedule, self.timezone, int(instant_of(self.start)), self.fmt, self.exclusions or ()
        )

    def _axes(self, time: datetime, store: DynamicPartitionsStore | None) -> tuple[Axis, ...]:
        return (self.axis_at(time),)

    def axis_at(self, time: datetime) -> TimeAxis:
        """Its windows as they exist at a time; a naive one is wall time in the definition's zone."""
        grid = self.grid
        ended = grid.containing(int(instant_of(time, zone(self.timezone))))
        end = ended + self.end_offset
        if self.end is not None:
            end = min(end, grid.containing(min(int(instant_of(self.end)), _LAST_START)))
        return TimeAxis(grid, end)

    def has_partition_key(
        self,
        partition_key: str,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> bool:
        """Whether a window with exactly this key exists."""
        time, _ = self._loading(current_time, dynamic_partitions_store)
        return self.axis_at(time).ordinal(partition_key) is not None

    def ever_has_key(self, partition_key: str) -> bool:
        """Whether a window with exactly this key exists, or will one day; no clock is asked."""
        grid = self.grid
        ordinal = grid.ordinal_of(partition_key)
        if ordinal is None or ordinal < 0 or grid.excluded(ordinal, ordinal + 1):
            return False
        return self.end is None or ordinal < grid.containing(min(int(instant_of(self.end)), _LAST_START))

    def time_window_for_partition_key(self, partition_key: str) -> TimeWindow:
        """The window of a key; also of one before the start or in the future, if the schedule ticks there.

        Raises:
            UnknownPartitionError: text that is no key of this schedule.
        """
        return self._window(self._ordinal(partition_key))

    def time_windows_for_partition_keys(
        self, partition_keys: Iterable[str], validate: bool = True, current_time: datetime | None = None
    ) -> list[TimeWindow]:
        """The windows of some keys; with `validate`, each must exist."""
        if validate:
            return self.windows_of(self.subset_with_partition_keys(partition_keys, current_time))
        return [self.time_window_for_partition_key(key) for key in partition_keys]

    def windows_of(self, partitions: PartitionSet) -> list[TimeWindow]:
        """The windows of a set, those that follow each other joined into one."""
        return [self._window(start, end) for start, end in partitions.region]

    def start_time_for_partition_key(self, partition_key: str) -> datetime:
        """When a key's window begins."""
        return self.time_window_for_partition_key(partition_key).start

    def end_time_for_partition_key(self, partition_key: str) -> datetime:
        """When a key's window ends."""
        return self.time_window_for_partition_key(partition_key).end

    def get_partition_key_for_timestamp(self, timestamp: float, end_closed: bool = False) -> str:
        """The key of the window that an instant lies in, or of the last one before it that is not left out.

        Args:
            timestamp: epoch seconds.
            end_closed: whether an instant between two windows belongs to the first.
        """
        grid = self.grid
        instant = int(timestamp)
        ordinal = grid.containing(instant)
        if end_closed and timestamp == grid.start_of(ordinal):
            ordinal -= 1
        for _ in range(10_000):
            if not grid.excluded(ordinal, ordinal + 1):
                break
            ordinal -= 1
        return grid.text.text(grid.start_of(ordinal))

    def get_partition_key(self, key: str | date) -> str:
        """The key of the partition that a date, a time or a text in the definition's format lies in.

        Raises:
            UnknownPartitionError: there is no such partition.

        Example:
            >>> from datetime import date
            >>> from treadle import MonthlyPartitionsDefinition
            >>> MonthlyPartitionsDefinition("2026-01-01").get_partition_key(date(2026, 1, 31))
            '2026-01-01'
        """
        where = zone(self.timezone)
        if isinstance(key, str):
            try:
                moment = _moment(key, self.fmt, where, "key")
            except InvalidDefinitionError as error:
                raise self.space().unknown(key) from error
        elif isinstance(key, datetime):
            moment = key if key.tzinfo else key.replace(tzinfo=where)
        elif isinstance(key, date):
            moment = datetime(key.year, key.month, key.day, tzinfo=where)
        else:
            raise wrong_type("key", "a text, a date or a datetime", key, "get_partition_key")
        found = self.get_partition_key_for_timestamp(moment.timestamp())
        self.validate_partition_key(found)
        return found

    def get_first_partition_window(self, current_time: datetime | None = None) -> TimeWindow | None:
        """The first window there is, or None."""
        runs = self.axis_at(self._loading(current_time, None)[0]).universe
        return self._window(runs[0][0]) if runs else None

    def get_last_partition_window(self, current_time: datetime | None = None) -> TimeWindow | None:
        """The last window there is, or None."""
        runs = self.axis_at(self._loading(current_time, None)[0]).universe
        return self._window(runs[-1][1] - 1) if runs else None

    def get_next_partition_key(self, partition_key: str, current_time: datetime | None = None) -> str | None:
        """The key after a key, or None at the end."""
        following = self._neighbour(self._ordinal(partition_key) + 1, current_time, 1)
        return None if following is None else self.grid.text.text(self.grid.start_of(following))

    def get_next_partition_window(
        self, end_dt: datetime, current_time: datetime | None = None, respect_bounds: bool = True
    ) -> TimeWindow | None:
        """The first window that begins at or after a time, or None. Without bounds, also one to come."""
        ordinal = self.grid.from_instant(int(instant_of(end_dt)))
        if not respect_bounds:
            return self._window(ordinal)
        found = self._neighbour(ordinal, current_time, 1)
        return None if found is None else self._window(found)

    def get_prev_partition_window(
        self, start_dt: datetime, current_time: datetime | None = None, respect_bounds: bool = True
    ) -> TimeWindow | None:
        """The last window that ends at or before a time, or None."""
        ordinal = self.grid.containing(int(instant_of(start_dt))) - 1
        if not respect_bounds:
            return self._window(ordinal)
        found = self._neighbour(ordinal, current_time, -1)
        return None if found is None else self._window(found)

    def get_partition_keys_in_time_window(
        self, time_window: TimeWindow, current_time: datetime | None = None
    ) -> Sequence[str]:
        """The keys of the existing windows that begin in a stretch of time."""
        space = self.space(current_time)
        low, high = (self.grid.from_instant(int(instant_of(t))) for t in time_window)
        span = PartitionSet(space, ((low, high),) if low < high else ())
        return list(span & space.all())

    def less_than(self, partition_key_a: str, partition_key_b: str) -> bool:
        """Whether the first key's window begins before the second's."""
        return self._ordinal(partition_key_a) < self._ordinal(partition_key_b)

    def ordinal_of(self, key: str) -> int | None:
        """The number of the window with this key, wherever it lies in time; None for text that is no key."""
        grid = self.grid
        ordinal = grid.ordinal_of(key) if isinstance(key, str) else None
        if ordinal is None and not grid.reads_back:
            ordinal = self.axis_at(self._loading(None, None)[0]).ordinal(key)
        return ordinal

    def _ordinal(self, key: str) -> int:
        ordinal = self.ordinal_of(key)
        if ordinal is None:
            raise self.space().unknown(key)
        return ordinal

    def _window(self, first: int, end: int | None = None) -> TimeWindow:
        grid, where = self.grid, zone(self.timezone)
        return TimeWindow(
            at(grid.start_of(first), where), at(grid.start_of(first + 1 if end is None else end), where)
        )

    def _neighbour(self, ordinal: int, current_time: datetime | None, step: int) -> int | None:
        axis = self.axis_at(self._loading(current_time, None)[0])
        runs = axis.universe
        if step > 0:
            return next((max(ordinal, start) for start, end in runs if end > ordinal), None)
        return next((min(ordinal, end - 1) for start, end in reversed(runs) if start <= ordinal), None)

    def __repr__(self) -> str:
        parts = [repr(self.cron_schedule), f"start={self.start.strftime(self.fmt)!r}"]
        if self.end is not None:
            parts.append(f"end={self.end.strftime(self.fmt)!r}")
        if self.timezone != "UTC":
            parts.append(f"timezone={self.timezone!r}")
        return f"{type(self).__name__}({', '.join(parts)})"


def _moment(value: datetime | str, fmt: str, where: tzinfo, what: str) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=where)
    if not isinstance(value, str):
        raise invalid_partitions(f"The {what} must be a datetime or text, not {value!r}.")
    try:
        moment = datetime.strptime(value, fmt)  # noqa: DTZ007
    except ValueError as error:
        raise invalid_partitions(
            f"The {what} {value!r} does not fit the format {fmt!r}.",
            hint=f"Write it like {datetime(2026, 1, 31, tzinfo=where).strftime(fmt)!r}, or pass a datetime.",
        ) from error
    return moment.astimezone(where) if moment.tzinfo else moment.replace(tzinfo=where)


def _checked_start(start: datetime) -> datetime:
    if start.year > _LAST_YEAR:
        raise invalid_partitions(
            f"The start {start.isoformat()} is too late: windows begin in the year {_LAST_YEAR} at the latest."
        )
    return start


def _exclusions(
    given: Iterable[str | datetime] | None, timezone: str | None, where: tzinfo
) -> tuple[str | datetime, ...] | None:
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise wrong_type("exclusions", "a list of cron schedules and datetimes", given)
    exclusions: list[str | datetime] = []
    for exclusion in given:
        if isinstance(exclusion, datetime):
            exclusions.append(exclusion.replace(tzinfo=where))
        elif isinstance(exclusion, str):
            Cron(exclusion, timezone)
            exclusions.append(exclusion)
        else:
            raise invalid_partitions(f"An exclusion is a cron schedule or a datetime, not {exclusion!r}.")
    return tuple(exclusions)


@lru_cache(maxsize=4096)
def _grid(cron: str, timezone: str, start: int, fmt: str, exclusions: tuple[str | datetime, ...]) -> TimeGrid:
    schedule = Cron(cron, timezone)
    text = TimeText(fmt, schedule.zone, marks_repeats=schedule.repeats_every_hour)
    crons = [Cron(exclusion, timezone) for exclusion in exclusions if isinstance(exclusion, str)]
    instants = [int(instant_of(exclusion)) for exclusion in exclusions if isinstance(exclusion, datetime)]
    return TimeGrid(schedule, start, text, crons, instants)


open_to_subclasses(TimeWindowPartitionsDefinition)
