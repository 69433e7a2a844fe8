"""Text of time partition keys: a strftime format over the wall time of a window's start.

Where a schedule ticks in both passes of a repeated hour, the second one's key has its offset appended
(`2026-11-01-01:00-0500`), unless the format shows the offset itself.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, tzinfo

from treadle.core.calendar.zones import DAY, Piece, at, instant_of, month_number, pieces

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DATE_PART = "aAbBdjmUwWyYVGu"
_TIME_PART = "HIMSfp"
_OFFSET = re.compile(r"[+-]\d{4}$")


class TimeText:
    """Writes and reads keys of one format in one zone.

    Args:
        fmt: a strftime format.
        where: the zone of the wall time.
        marks_repeats: whether the second pass of a repeated hour is marked.
    """

    def __init__(self, fmt: str, where: tzinfo, *, marks_repeats: bool) -> None:
        self.fmt = fmt
        self.zone = where
        self._marks_repeats = marks_repeats and "%z" not in fmt and where is not UTC
        split = _date_and_time(fmt)
        self._days = None if split is None else _DayTexts(split[0])
        self._clock = None if split is None else _ClockTexts(split[1])

    def text(self, instant: int) -> str:
        """The key of the window that starts at an instant."""
        if self._days is None or self._clock is None:
            return self._slow_text(instant)
        for piece in pieces(self.zone, month_number(instant)):
            if instant < piece.end:
                return self._in_piece((instant,), piece)[0]
        raise AssertionError("an instant lies in its month")

    def texts(self, months: Iterable[Sequence[int]]) -> Iterator[str]:
        """The keys of ascending instants, given a month at a time."""
        for instants in months:
            if self._days is None or self._clock is None:
                yield from map(self._slow_text, instants)
                continue
            here = pieces(self.zone, month_number(instants[0])) if instants else ()
            for piece in here:
                low, high = bisect_left(instants, piece.start), bisect_left(instants, piece.end)
                yield from self._in_piece(instants[low:high], piece)

    def _in_piece(self, instants: Sequence[int], piece: Piece) -> list[str]:
        """Keys within a constant offset: date text is made once a day, clock text once a time of day."""
        days, clock, offset = self._days, self._clock, piece.offset
        assert days is not None and clock is not None
        if self._marks_repeats and piece.gained < 0:
            repeated = bisect_left(instants, piece.start - piece.gained)
            marked = [self._slow_text(instant) for instant in instants[:repeated]]
            instants = instants[repeated:]
        else:
            marked = []
        found = [days[wall // DAY] + clock[wall % DAY] for wall in [instant + offset for instant in instants]]
        return marked + found if marked else found

    def _slow_text(self, instant: int) -> str:
        moment = at(instant, self.zone)
        text = moment.strftime(self.fmt)
        return text + moment.strftime("%z") if self._marks_repeats and moment.fold else text

    def read(self, key: str) -> int | None:
        """The instant that a key's text says, or None where it says none. Ticks need not lie there."""
        try:
            return int(instant_of(self._wall_time(key), self.zone))
        except (ValueError, OverflowError):
            pass
        if not self._marks_repeats or not _OFFSET.search(key):
            return None
        try:
            return int(instant_of(datetime.strptime(key, self.fmt + "%z")))  # noqa: DTZ007 - it has %z
        except (ValueError, OverflowError):
            return None

    def read_loosely(self, text: str) -> int | None:
        """The instant of a text that nearly fits the format (no leading zeros, say), or None."""
        try:
            moment = datetime.strptime(text, self.fmt)  # noqa: DTZ007 - wall time of the zone
        except ValueError:
            return None
        return int(instant_of(moment, self.zone))

    def _wall_time(self, key: str) -> datetime:
        if self.fmt == "%Y-%m-%d":
            return datetime.combine(date.fromisoformat(key), time(), self.zone)
        if self.fmt == "%Y-%m-%d-%H:%M" and len(key) == 16:
            return datetime.combine(
                date.fromisoformat(key[:10]), time(int(key[11:13]), int(key[14:16])), self.zone
            )
        moment = datetime.strptime(key, self.fmt)  # noqa: DTZ007 - wall time of the zone
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)


class _DayTexts(dict[int, str]):
    """Days since 1970 to text, made when first asked for."""

    def __init__(self, fmt: str) -> None:
        super().__init__()
        self._fmt = fmt

    def __missing__(self, day: int) -> str:
        made = date.fromordinal(day + _EPOCH_DAY)
        text = made.isoformat() if self._fmt == "%Y-%m-%d" else made.strftime(self._fmt)
        if len(self) > 40_000:
            self.clear()
        self[day] = text
        return text

    def __reduce__(self) -> tuple[type["_DayTexts"], tuple[str]]:
        return _DayTexts, (self._fmt,)


class _ClockTexts(dict[int, str]):
    """Seconds after midnight to text, made when first asked for."""

    def __init__(self, fmt: str) -> None:
        super().__init__()
        self._fmt = fmt

    def __missing__(self, second: int) -> str:
        moment = time(second // 3600, second // 60 % 60, second % 60)
        text = self[second] = moment.strftime(self._fmt) if self._fmt else ""
        return text

    def __reduce__(self) -> tuple[type["_ClockTexts"], tuple[str]]:
        return _ClockTexts, (self._fmt,)


def _date_and_time(fmt: str) -> tuple[str, str] | None:
    """The format cut before its first clock directive, or None where a date directive follows one."""
    directives = re.findall(r"%(.)", fmt)
    if any(d not in _DATE_PART + _TIME_PART for d in directives):
        return None
    match = re.search(rf"%[{_TIME_PART}]", fmt)
    cut = match.start() if match else len(fmt)
    if any(d in _DATE_PART for d in re.findall(r"%(.)", fmt[cut:])):
        return None
    return fmt[:cut], fmt[cut:]
