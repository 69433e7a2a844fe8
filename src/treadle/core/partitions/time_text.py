"""Text of time partition keys: a strftime format over the wall time of a window's start.

Where a schedule ticks in both passes of a repeated hour, the second one's key has its offset appended
(`2026-11-01-01:00-0500`), unless the format shows the offset itself.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, tzinfo

from treadle.core.calendar.zones import DAY, at, instant_of, month_number, pieces

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
        self._split = _date_and_time(fmt)
        self._clock: dict[int, str] = {}

    def text(self, instant: int) -> str:
        """The key of the window that starts at an instant."""
        return next(self.texts((instant,)))

    def texts(self, instants: Iterable[int]) -> Iterator[str]:
        """The keys of ascending instants. Date text is made once a day, clock text once a time of day."""
        if self._split is None:
            yield from map(self._slow_text, instants)
            return
        date_format, time_format = self._split
        clock = self._clock
        start = end = offset = repeats_until = 0
        shown_day, day_text = None, ""
        for instant in instants:
            if not start <= instant < end:
                piece = next(p for p in pieces(self.zone, month_number(instant)) if instant < p.end)
                start, end, offset = piece.start, piece.end, piece.offset
                repeats_until = start - piece.gained if self._marks_repeats and piece.gained < 0 else start
            day, second = divmod(instant + offset, DAY)
            if day != shown_day:
                shown_day, day_text = day, date.fromordinal(day + _EPOCH_DAY).strftime(date_format)
            clock_text = clock.get(second)
            if clock_text is None:
                moment = time(second // 3600, second // 60 % 60, second % 60)
                clock_text = clock[second] = moment.strftime(time_format) if time_format else ""
            if instant < repeats_until:
                yield day_text + clock_text + at(instant, self.zone).strftime("%z")
            else:
                yield day_text + clock_text

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
            return int(instant_of(datetime.strptime(key, self.fmt + "%z")))
        except (ValueError, OverflowError):
            return None

    def read_loosely(self, text: str) -> int | None:
        """The instant of a text that nearly fits the format (no leading zeros, say), or None."""
        try:
            moment = datetime.strptime(text, self.fmt)
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
        moment = datetime.strptime(key, self.fmt)
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)


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
