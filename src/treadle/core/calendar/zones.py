"""Time zones by IANA name, and where their offset from UTC changes."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from treadle.core import late
from treadle.core.errors import InvalidDefinitionError

DAY = 86_400
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Piece(NamedTuple):
    """A stretch of time `[start, end)` (epoch seconds) in which a zone's offset is constant.

    `gained` is by how much the offset grew at `start`: positive where the clock went forward there (wall
    times are missing), negative where it went back (wall times repeat), 0 where nothing changed.
    """

    start: int
    end: int
    offset: int
    gained: int


@cache
def zone(name: str | None) -> tzinfo:
    """The zone of an IANA name; None and "" mean UTC.

    Raises:
        InvalidDefinitionError: unknown name (`invalid-timezone`).
    """
    if not name or name in ("UTC", "utc"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        near = late.difflib.get_close_matches(name, available_timezones(), n=1, cutoff=0.7)
        raise InvalidDefinitionError(
            f"Unknown time zone {name!r}.",
            code="invalid-timezone",
            hint=f"Did you mean {near[0]!r}?" if near else "Use an IANA name such as 'Europe/Paris'.",
        ) from error


def month_number(instant: int) -> int:
    """Months since January 1970 of an instant, in UTC."""
    day = date.fromordinal(instant // DAY + _EPOCH_DAY)
    return (day.year - 1970) * 12 + day.month - 1


@lru_cache(maxsize=8192)
def month_bounds(number: int) -> tuple[int, int]:
    """First instant of a UTC month and of the one after it."""
    return _month_start(number), _month_start(number + 1)


def _month_start(number: int) -> int:
    year, month = divmod(number, 12)
    return (datetime(1970 + year, month + 1, 1, tzinfo=UTC) - _EPOCH) // _SECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def offset_at(where: tzinfo, instant: int) -> int:
    """A zone's offset from UTC in seconds at an instant."""
    if where is UTC:
        return 0
    moment = where.fromutc(datetime(1970, 1, 1, tzinfo=where) + timedelta(seconds=instant))
    return _seconds(where.utcoffset(moment))


def _seconds(delta: timedelta | None) -> int:
    return delta.days * DAY + delta.seconds if delta is not None else 0


@lru_cache(maxsize=65536)
def pieces(where: tzinfo, number: int) -> tuple[Piece, ...]:
    """The constant-offset pieces of a UTC month."""
    start, end = month_bounds(number)
    if where is UTC:
        return (Piece(start, end, 0, 0),)
    begin, offset = start, offset_at(where, start)
    gained = offset - offset_at(where, start - 1)
    if offset == offset_at(where, end - 1) and not _changes_within(where, number, offset):
        return (Piece(start, end, offset, gained),)
    found: list[Piece] = []
    for day in [*range(start + DAY, end, DAY), end - 1]:
        after = offset_at(where, day)
        if after != offset:
            change = _change_between(where, day - DAY, day)
            found.append(Piece(begin, change, offset, gained))
            begin, gained, offset = change, after - offset, after
    found.append(Piece(begin, end, offset, gained))
    return tuple(found)


def _changes_within(where: tzinfo, number: int, offset: int) -> bool:
    """Whether a month that begins and ends with an offset has another in between.

    Every second day is asked, by wall time because that is cheap: no zone ever changed twice within three
    days (the shortest stay was Freetown's, four days in 1939).
    """
    year, month = divmod(number, 12)
    for day in range(2, 29, 2):
        if _seconds(where.utcoffset(datetime(1970 + year, month + 1, day, tzinfo=where))) != offset:
            return True
    return False


def _change_between(where: tzinfo, low: int, high: int) -> int:
    before = offset_at(where, low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(where, middle) == before:
            low = middle
        else:
            high = middle
    return high


def instant_of(time: datetime | float, where: tzinfo = UTC) -> float:
    """Epoch seconds of a datetime (naive ones are wall time in `where`) or of epoch seconds."""
    if isinstance(time, datetime):
        aware = time if time.tzinfo is not None else time.replace(tzinfo=where)
        return (aware - _EPOCH).total_seconds()
    return time


def at(instant: int, where: tzinfo = UTC) -> datetime:
    """The aware datetime of an instant in a zone."""
    moment = _EPOCH + timedelta(seconds=instant)
    return moment if where is UTC else moment.astimezone(where)
