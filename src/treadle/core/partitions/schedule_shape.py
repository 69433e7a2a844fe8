"""Whether a schedule of partitions has a plain rhythm (hourly to monthly), and what follows from it."""

import re
from enum import Enum

from treadle.core.calendar.cron_fields import plain_expression
from treadle.core.errors import InvariantViolationError
from treadle.core.partitions.keys import invalid_partitions

_SIMPLE = re.compile(r"(\d+|\*) (\d+|\*) (\d+|\*) (\d+|\*) (\d+|\*)")


class ScheduleType(Enum):
    """The plain rhythms that a schedule may have."""

    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


def cron_of_rhythm(rhythm: ScheduleType, minute: int = 0, hour: int = 0, day: int | None = None) -> str:
    """The cron expression of a plain rhythm. `day` is a weekday (0 to 7) or a day of the month.

    Raises:
        InvalidDefinitionError: an offset outside its range.
    """
    days = {ScheduleType.WEEKLY: (0, 7), ScheduleType.MONTHLY: (0, 31)}.get(rhythm)
    for name, value, (low, high) in (
        ("minute_offset", minute, (0, 59)),
        ("hour_offset", hour, (0, 23)),
        *([("day_offset", day, days)] if days and day is not None else []),
    ):
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise invalid_partitions(f"{name} must be from {low} to {high}, not {value!r}.")
    if rhythm is ScheduleType.HOURLY:
        return f"{minute} * * * *"
    if rhythm is ScheduleType.DAILY:
        return f"{minute} {hour} * * *"
    if rhythm is ScheduleType.WEEKLY:
        return f"{minute} {hour} * * {day or 0}"
    return f"{minute} {hour} {day or 1} * *"


class ScheduleShape:
    """Mix-in for what has a `cron_schedule`: its rhythm, the offsets of it, and other schedules of that rhythm."""

    __slots__ = ()
    cron_schedule: str

    def get_cron_schedule(
        self,
        minute_of_hour: int | None = None,
        hour_of_day: int | None = None,
        day_of_week: int | None = None,
        day_of_month: int | None = None,
    ) -> str:
        """The cron schedule by which a window can be run when it has ended, with other times of day if given.

        Raises:
            InvalidDefinitionError: an argument that the rhythm has no place for, or outside its range.
        """
        given = (minute_of_hour, hour_of_day, day_of_week, day_of_month)
        if all(value is None for value in given):
            return self.cron_schedule
        rhythm = self.schedule_type
        if rhythm is None:
            raise invalid_partitions(
                f"The schedule {self.cron_schedule!r} has no plain rhythm to set times for."
            )
        if rhythm is ScheduleType.HOURLY and hour_of_day is not None:
            raise invalid_partitions("hour_of_day cannot be set for hourly partitions.")
        if rhythm in (ScheduleType.HOURLY, ScheduleType.DAILY) and (
            day_of_week is not None or day_of_month is not None
        ):
            raise invalid_partitions(f"A day cannot be set for {rhythm.value.lower()} partitions.")
        day = day_of_week if rhythm is ScheduleType.WEEKLY else day_of_month
        minute = self.minute_offset if minute_of_hour is None else minute_of_hour
        hour = (
            0 if rhythm is ScheduleType.HOURLY else self.hour_offset if hour_of_day is None else hour_of_day
        )
        if rhythm in (ScheduleType.WEEKLY, ScheduleType.MONTHLY) and day is None:
            day = self.day_offset
        return cron_of_rhythm(rhythm, minute, hour, day)

    @property
    def schedule_type(self) -> ScheduleType | None:
        """The plain rhythm, or None for any other schedule."""
        fields = self._plain_fields()
        if fields is None:
            return None
        pattern = "".join("*" if field == "*" else "n" for field in fields)
        return {
            "n****": ScheduleType.HOURLY,
            "nn***": ScheduleType.DAILY,
            "nn**n": ScheduleType.WEEKLY,
            "nnn**": ScheduleType.MONTHLY,
        }.get(pattern)

    @property
    def is_basic_daily(self) -> bool:
        """Whether windows are days from midnight."""
        return plain_expression(self.cron_schedule) == "0 0 * * *"

    @property
    def is_basic_hourly(self) -> bool:
        """Whether windows are hours from the full hour."""
        return plain_expression(self.cron_schedule) == "0 * * * *"

    @property
    def minute_offset(self) -> int:
        """The minute at which windows begin."""
        return self._offset(0, "minute")

    @property
    def hour_offset(self) -> int:
        """The hour at which windows begin."""
        return self._offset(1, "hour")

    @property
    def day_offset(self) -> int:
        """The weekday (weekly) or day of the month (monthly) on which windows begin."""
        rhythm = self.schedule_type
        if rhythm not in (ScheduleType.WEEKLY, ScheduleType.MONTHLY):
            raise InvariantViolationError(f"The schedule {self.cron_schedule!r} has no one day.")
        return self._offset(4 if rhythm is ScheduleType.WEEKLY else 2, "day")

    def _offset(self, field: int, word: str) -> int:
        fields = self._plain_fields()
        if fields is None or fields[field] == "*":
            raise InvariantViolationError(f"The schedule {self.cron_schedule!r} has no one {word}.")
        return int(fields[field])

    def _plain_fields(self) -> tuple[str, ...] | None:
        match = _SIMPLE.fullmatch(" ".join(self.cron_schedule.split()))
        return match.groups() if match else None
