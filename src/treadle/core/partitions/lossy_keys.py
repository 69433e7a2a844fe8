"""The proof that keys of time windows tell the windows apart, and say when each begins."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from treadle.core.calendar.zones import DAY, at, month_number, pieces, zone
from treadle.core.partitions.axes import TimeGrid
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition

_YEAR = 366 * DAY
_MOST = 9_000
"""Windows to look through for a twin: the hours of a year."""


class LossyKey(NamedTuple):
    """A key that does not lead back to its window."""

    key: str
    start: datetime
    """When the window begins."""
    other: datetime | None
    """When another window begins that has the same key; None where none was met, and the key is only unreadable."""
    better_fmt: str
    """A format that serves these windows."""


def find_lossy_key(definition: TimeWindowPartitionsDefinition) -> LossyKey | None:
    """A key of the definition's first year that is not read back to its window; None where all that are tried are.

    Example:
        >>> hours = TimeWindowPartitionsDefinition("2026-01-01", "%Y-%m-%d", cron_schedule="@hourly")
        >>> find_lossy_key(hours).other.isoformat()
        '2026-01-01T00:00:00+00:00'
    """
    grid, where = definition.grid, zone(definition.timezone)
    for ordinal in _sample(grid):
        start = grid.start_of(ordinal)
        key = grid.text.text(start)
        found = grid.ordinal_of(key)
        if found == ordinal:
            continue
        twin = found if found is not None and found >= 0 else _next_with(grid, key, ordinal + 1)
        several_a_day = grid.start_of(ordinal + 1) - start < DAY - 2 * 3600
        return LossyKey(
            key=key,
            start=at(start, where),
            other=None if twin is None else at(grid.start_of(twin), where),
            better_fmt="%Y-%m-%d-%H:%M" if several_a_day else "%Y-%m-%d",
        )
    return None


def _sample(grid: TimeGrid) -> Iterator[int]:
    """The windows of the first day, and those around each change of the clock, the turn of the year and the day a year later."""
    yield from range(25)
    first = grid.start_of(0)
    month = month_number(first)
    moments = {first + _YEAR}
    for number in range(month, month + 13):
        here = pieces(grid.cron.zone, number)
        moments.update(piece.start for piece in here if piece.gained)
        if number % 12 == 0:
            moments.add(here[0].start)
    for moment in sorted(moments):
        near = grid.from_instant(moment)
        yield from range(max(near - 2, 0), max(near + 3, 0))


def _next_with(grid: TimeGrid, key: str, low: int) -> int | None:
    """The next window with a key; a format without the year gives it again within one."""
    high = min(grid.from_instant(grid.start_of(low) + _YEAR + DAY), low + _MOST)
    texts = enumerate(grid.keys_between(low, high), low)
    return next((ordinal for ordinal, text in texts if text == key), None)
