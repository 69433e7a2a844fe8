"""`dagster._time`: moments with a time zone."""

import datetime
import time
from zoneinfo import ZoneInfo


def get_timezone(timezone_name: str) -> datetime.tzinfo:
    """A time zone by its name."""
    return datetime.UTC if timezone_name.upper() == "UTC" else ZoneInfo(timezone_name)


def get_current_timestamp() -> float:
    """Seconds since 1970."""
    return time.time()


def get_current_datetime(tz: str | datetime.tzinfo = "UTC") -> datetime.datetime:
    """Now, in a time zone."""
    return datetime.datetime.now(get_timezone(tz) if isinstance(tz, str) else tz)


def get_current_datetime_midnight(tz: str | datetime.tzinfo = "UTC") -> datetime.datetime:
    """The beginning of today in a time zone."""
    return get_current_datetime(tz).replace(hour=0, minute=0, second=0, microsecond=0)


def datetime_from_timestamp(timestamp: float, tz: str | datetime.tzinfo = datetime.UTC) -> datetime.datetime:
    """A moment from seconds since 1970."""
    return datetime.datetime.fromtimestamp(timestamp, get_timezone(tz) if isinstance(tz, str) else tz)


def create_datetime(
    year: int,
    month: int,
    day: int,
    hour: int = 0,
    minute: int = 0,
    second: int = 0,
    microsecond: int = 0,
    *,
    tz: str | datetime.tzinfo = "UTC",
) -> datetime.datetime:
    """A moment in a time zone."""
    zone = get_timezone(tz) if isinstance(tz, str) else tz
    return datetime.datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone)


def utc_datetime_from_naive(dt: datetime.datetime) -> datetime.datetime:
    """The same clock time, as UTC."""
    return dt.replace(tzinfo=datetime.UTC)


def parse_time_string(text: str) -> datetime.datetime:
    """A moment from ISO text; UTC where it names no zone."""
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else utc_datetime_from_naive(moment)
