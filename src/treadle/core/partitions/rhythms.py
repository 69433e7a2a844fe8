"""Daily, hourly, weekly and monthly partitions: the plain rhythms under their own names."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from treadle.core.errors import argument_names, unknown_argument
from treadle.core.partitions.schedule_shape import ScheduleType, cron_of_rhythm
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition

DAY_FORMAT = "%Y-%m-%d"
HOUR_FORMAT = "%Y-%m-%d-%H:%M"


class DailyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """A partition a day. Days with a clock change have one key like any other.

    Args:
        start_date: the first day, as a datetime or as text in `fmt`.
        end_date: no window ends after it.
        minute_offset: minute at which days begin.
        hour_offset: hour at which days begin.
        timezone: IANA name; UTC by default.
        fmt: strftime format of the keys, `%Y-%m-%d` by default.
        end_offset: how many days more (or fewer) exist than have ended; 1 includes today.
        exclusions: cron schedules or datetimes of days to leave out.

    Example:
        >>> from datetime import UTC, datetime
        >>> days = DailyPartitionsDefinition(start_date="2026-01-01")
        >>> days.get_partition_keys(current_time=datetime(2026, 1, 3, tzinfo=UTC))
        ['2026-01-01', '2026-01-02']
    """

    def __init__(
        self,
        start_date: datetime | str,
        end_date: datetime | str | None = None,
        minute_offset: int = 0,
        hour_offset: int = 0,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Iterable[str | datetime] | None = None,
        **kwargs: Any,
    ) -> None:
        cron = cron_of_rhythm(ScheduleType.DAILY, minute_offset, hour_offset)
        _build(self, cron, start_date, end_date, timezone, fmt or DAY_FORMAT, end_offset, exclusions, kwargs)


class HourlyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """A partition an hour. A repeated hour has two keys, the second with its offset: `2026-11-01-01:00-0500`.

    Args:
        start_date: the first hour, as a datetime or as text in `fmt`.
        end_date: no window ends after it.
        minute_offset: minute at which hours begin.
        timezone: IANA name; UTC by default.
        fmt: strftime format of the keys, `%Y-%m-%d-%H:%M` by default.
        end_offset: how many hours more (or fewer) exist than have ended.
        exclusions: cron schedules or datetimes of hours to leave out.

    Example:
        >>> hours = HourlyPartitionsDefinition("2026-01-01-00:00")
        >>> hours.time_window_for_partition_key("2026-01-01-05:00").start.hour
        5
    """

    def __init__(
        self,
        start_date: datetime | str,
        end_date: datetime | str | None = None,
        minute_offset: int = 0,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Iterable[str | datetime] | None = None,
        **kwargs: Any,
    ) -> None:
        cron = cron_of_rhythm(ScheduleType.HOURLY, minute_offset)
        _build(self, cron, start_date, end_date, timezone, fmt or HOUR_FORMAT, end_offset, exclusions, kwargs)


class WeeklyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """A partition a week, from Sunday by default.

    Args:
        start_date: the first window begins at or after it.
        end_date: no window ends after it.
        minute_offset: minute at which weeks begin.
        hour_offset: hour at which weeks begin.
        day_offset: weekday at which weeks begin, 0 is Sunday.
        timezone: IANA name; UTC by default.
        fmt: strftime format of the keys, `%Y-%m-%d` by default.
        end_offset: how many weeks more (or fewer) exist than have ended.
        exclusions: cron schedules or datetimes of weeks to leave out.

    Example:
        >>> WeeklyPartitionsDefinition("2026-01-01", day_offset=1).cron_schedule
        '0 0 * * 1'
    """

    def __init__(
        self,
        start_date: datetime | str,
        end_date: datetime | str | None = None,
        minute_offset: int = 0,
        hour_offset: int = 0,
        day_offset: int = 0,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Iterable[str | datetime] | None = None,
        **kwargs: Any,
    ) -> None:
        cron = cron_of_rhythm(ScheduleType.WEEKLY, minute_offset, hour_offset, day_offset)
        _build(self, cron, start_date, end_date, timezone, fmt or DAY_FORMAT, end_offset, exclusions, kwargs)


class MonthlyPartitionsDefinition(TimeWindowPartitionsDefinition):
    """A partition a month, from the first by default. A month without the day asked for has no window.

    Args:
        start_date: the first window begins at or after it.
        end_date: no window ends after it.
        minute_offset: minute at which months begin.
        hour_offset: hour at which months begin.
        day_offset: day of the month at which windows begin.
        timezone: IANA name; UTC by default.
        fmt: strftime format of the keys, `%Y-%m-%d` by default.
        end_offset: how many months more (or fewer) exist than have ended.
        exclusions: cron schedules or datetimes of months to leave out.

    Example:
        >>> months = MonthlyPartitionsDefinition("2026-01", fmt="%Y-%m")
        >>> months.time_window_for_partition_key("2026-02").end.month
        3
    """

    def __init__(
        self,
        start_date: datetime | str,
        end_date: datetime | str | None = None,
        minute_offset: int = 0,
        hour_offset: int = 0,
        day_offset: int = 1,
        timezone: str | None = None,
        fmt: str | None = None,
        end_offset: int = 0,
        exclusions: Iterable[str | datetime] | None = None,
        **kwargs: Any,
    ) -> None:
        cron = cron_of_rhythm(ScheduleType.MONTHLY, minute_offset, hour_offset, day_offset)
        _build(self, cron, start_date, end_date, timezone, fmt or DAY_FORMAT, end_offset, exclusions, kwargs)


def _build(
    self: TimeWindowPartitionsDefinition,
    cron: str,
    start: datetime | str,
    end: datetime | str | None,
    timezone: str | None,
    fmt: str,
    end_offset: int,
    exclusions: Iterable[str | datetime] | None,
    unknown: dict[str, Any],
) -> None:
    for name in unknown:
        raise unknown_argument(name, argument_names(type(self).__init__), type(self).__name__)
    TimeWindowPartitionsDefinition.__init__(
        self,
        start=start,
        fmt=fmt,
        end=end,
        timezone=timezone,
        end_offset=end_offset,
        cron_schedule=cron,
        exclusions=exclusions,
    )
