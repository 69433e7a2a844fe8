"""Cron schedules in a time zone: when they tick, exactly, over every clock change.

The rule: a schedule whose hour field covers every hour ticks whenever the wall clock shows one of its
minutes, so also twice in a repeated hour. Any other schedule names times of day: one that the clock skips
ticks at the first instant after the gap, one that occurs twice ticks at the second.

Ticks are numbered. Counting goes by UTC month (a month without a clock change is arithmetic), lazily and in
both directions, so that the position of any instant among millions of ticks costs a bisection.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from itertools import chain
from math import ceil, floor
from threading import Lock

from treadle.core.calendar.cron_fields import CronFields, invalid_cron, plain_expression, read_cron
from treadle.core.calendar.zones import DAY, Piece, at, instant_of, month_bounds, month_number, pieces, zone
from treadle.core.errors import wrong_type

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_GIVE_UP_MONTHS = 12 * 60
"""No schedule pauses longer: 29 February on a fixed weekday comes back after 40 years at most."""


class Cron:
    """One cron expression, or several whose ticks are merged, in a time zone.

    Args:
        expression: five fields or an alias such as `@daily`; or a list of these.
        timezone: IANA name; None means UTC.

    Raises:
        InvalidDefinitionError: `invalid-cron` or `invalid-timezone`.

    Example:
        >>> from datetime import UTC, datetime
        >>> Cron("0 9 * * 1-5", "Europe/Paris").next_tick(datetime(2026, 1, 3, tzinfo=UTC)).isoformat()
        '2026-01-05T09:00:00+01:00'
    """

    __slots__ = ("_index", "expressions", "timezone", "zone")

    def __init__(self, expression: str | Sequence[str], timezone: str | None = None) -> None:
        if not isinstance(expression, str | Sequence):
            raise invalid_cron(expression, "it is neither text nor a list")
        self.expressions: tuple[str, ...] = (
            (expression,) if isinstance(expression, str) else tuple(expression)
        )
        if not self.expressions:
            raise invalid_cron(expression, "it is empty")
        wrong = next((one for one in self.expressions if not isinstance(one, str)), None)
        if wrong is not None:
            raise invalid_cron(wrong, "it is not text")
        if timezone is not None and not isinstance(timezone, str):
            raise wrong_type("timezone", "the name of a time zone", timezone)
        self.timezone = timezone or "UTC"
        self.zone: tzinfo = zone(timezone)
        self._index = _tick_index(tuple(plain_expression(one) for one in self.expressions), self.zone)

    @property
    def repeats_every_hour(self) -> bool:
        """Whether it ticks in every hour of the day, so also twice in a repeated one."""
        return any(fields.every_hour for fields in self._index.schedules)

    def ticks_from(self, start: datetime | float) -> Iterator[datetime]:
        """Ticks at or after `start`, ascending without end, as datetimes in the zone."""
        return (at(t, self.zone) for t in self.instants_from(ceil(instant_of(start, self.zone))))

    def ticks_before(self, start: datetime | float) -> Iterator[datetime]:
        """Ticks at or before `start`, descending."""
        return (at(t, self.zone) for t in self.instants_before(floor(instant_of(start, self.zone))))

    def next_tick(self, after: datetime | float) -> datetime:
        """The first tick after a time."""
        return next(self.ticks_from(floor(instant_of(after, self.zone)) + 1))

    def instants_from(self, start: int) -> Iterator[int]:
        """Ticks at or after an instant, as epoch seconds."""
        number = month_number(start)
        ticks = self._index.ticks_in(number)
        yield from ticks[bisect_left(ticks, start) :]
        while (number := number + 1) <= self._index.last_month:
            yield from self._index.ticks_in(number)

    def instants_before(self, start: int) -> Iterator[int]:
        """Ticks at or before an instant, descending, as epoch seconds."""
        number = month_number(start)
        ticks = self._index.ticks_in(number)
        yield from reversed(ticks[: bisect_left(ticks, start + 1)])
        while (number := number - 1) >= self._index.first_month:
            yield from reversed(self._index.ticks_in(number))

    def rank(self, instant: int) -> int:
        """How many ticks lie before an instant, counted from an arbitrary origin: subtract two ranks."""
        return self._index.rank(instant)

    def tick(self, rank: int) -> int:
        """The instant of the tick with this rank."""
        return self._index.tick(rank)

    def at_or_after(self, instant: int) -> tuple[int, int]:
        """Rank and instant of the first tick at or after an instant."""
        rank, tick = self._index.at_or_after(instant)
        return rank, self._index.tick(rank) if tick is None else tick

    def ticks_between(self, first: int, last: int) -> Iterator[int]:
        """Instants of the ticks with ranks in `[first, last)`, ascending."""
        return chain.from_iterable(self.months_between(first, last))

    def months_between(self, first: int, last: int) -> Iterator[tuple[int, ...]]:
        """The same, a month's ticks at a time."""
        if first >= last:
            return
        start = self._index.tick(first)
        number = month_number(start)
        ticks = self._index.ticks_in(number)
        ticks = ticks[bisect_left(ticks, start) :]
        left = last - first
        while len(ticks) < left:
            if ticks:
                yield ticks
            left -= len(ticks)
            number += 1
            ticks = self._index.ticks_in(number)
        yield ticks[:left]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cron):
            return NotImplemented
        return self.expressions == other.expressions and self.timezone == other.timezone

    def __hash__(self) -> int:
        return hash((self.expressions, self.timezone))

    def __repr__(self) -> str:
        shown = self.expressions[0] if len(self.expressions) == 1 else list(self.expressions)
        return f"Cron({shown!r}, {self.timezone!r})"

    def __reduce__(self) -> tuple[type["Cron"], tuple[tuple[str, ...], str]]:
        return Cron, (self.expressions, self.timezone)


@lru_cache(maxsize=1024)
def _tick_index(expressions: tuple[str, ...], where: tzinfo) -> "_TickIndex":
    schedules = tuple(dict.fromkeys(read_cron(e) for e in expressions))
    regular = where is UTC and len(schedules) == 1 and schedules[0].every_day
    return (_EveryDayIndex if regular else _TickIndex)(schedules, where)


class _TickIndex:
    """Ticks of some schedules in a zone, by UTC month, with running counts."""

    first_month = month_number(int(datetime(1, 2, 1, tzinfo=UTC).timestamp()))
    last_month = month_number(int(datetime(9998, 12, 1, tzinfo=UTC).timestamp()))

    def __init__(self, schedules: tuple[CronFields, ...], where: tzinfo) -> None:
        self.schedules = schedules
        self.zone = where
        self._origin: int | None = None
        self._forward = [0]
        self._backward = [0]
        self._ticks: dict[int, tuple[int, ...]] = {}
        self._growing = Lock()

    def ticks_in(self, number: int) -> tuple[int, ...]:
        """The ticks of a UTC month."""
        found = self._ticks.get(number)
        if found is None:
            parts = [self._ticks_of(fields, number) for fields in self.schedules]
            found = tuple(parts[0] if len(parts) == 1 else sorted(set().union(*parts)))
            if len(self._ticks) > 4096:
                self._ticks.clear()
            self._ticks[number] = found
        return found

    def rank(self, instant: int) -> int:
        return self.at_or_after(instant)[0]

    def at_or_after(self, instant: int) -> tuple[int, int | None]:
        """The rank of the first tick at or after an instant, and the tick if it lies in the same month."""
        number = month_number(instant)
        ticks = self._ticks.get(number)
        if ticks is None:
            ticks = self.ticks_in(number)
        position = bisect_left(ticks, instant)
        return self._ranked_before(number) + position, ticks[position] if position < len(ticks) else None

    def tick(self, rank: int) -> int:
        if rank >= self._forward[-1] or -rank > self._backward[-1]:
            with self._growing:
                self._grow_to(rank)
        assert self._origin is not None
        if rank >= 0:
            position = bisect_left(self._forward, rank + 1) - 1
            return self.ticks_in(self._origin + position)[rank - self._forward[position]]
        position = bisect_left(self._backward, -rank) - 1
        return self.ticks_in(self._origin - position - 1)[self._backward[position + 1] + rank]

    def _ranked_before(self, number: int) -> int:
        distance = number - self._origin if self._origin is not None else len(self._forward)
        if distance >= len(self._forward) or -distance >= len(self._backward):
            with self._growing:
                if self._origin is None:
                    self._origin = number
                distance = number - self._origin
                while len(self._forward) <= distance:
                    self._grow_forward()
                while len(self._backward) <= -distance:
                    self._grow_backward()
        return self._forward[distance] if distance >= 0 else -self._backward[-distance]

    def _grow_to(self, rank: int) -> None:
        if self._origin is None:
            self._origin = 0
        idle = 0
        while self._forward[-1] <= rank:
            self._grow_forward()
            idle = self._idle(idle, self._forward)
        while self._backward[-1] < -rank:
            self._grow_backward()
            idle = self._idle(idle, self._backward)

    def _grow_forward(self) -> None:
        assert self._origin is not None
        self._forward.append(self._forward[-1] + self._count(self._origin + len(self._forward) - 1))

    def _grow_backward(self) -> None:
        assert self._origin is not None
        self._backward.append(self._backward[-1] + self._count(self._origin - len(self._backward)))

    def _idle(self, idle: int, counts: list[int]) -> int:
        idle = idle + 1 if counts[-1] == counts[-2] else 0
        if idle > _GIVE_UP_MONTHS:
            raise OverflowError("this schedule has no such tick")
        return idle

    def _count(self, number: int) -> int:
        if len(self.schedules) > 1:
            return len(self.ticks_in(number))
        fields, here = self.schedules[0], pieces(self.zone, number)
        unchanged = len(here) == 1 and not here[0].gained and not pieces(self.zone, number + 1)[0].gained
        if unchanged or fields.every_hour:
            return sum(_count_wall(fields, p.start + p.offset, p.end + p.offset) for p in here)
        return len(self.ticks_in(number))

    def _ticks_of(self, fields: CronFields, number: int) -> list[int]:
        here = pieces(self.zone, number)
        following = pieces(self.zone, number + 1)[0]
        ticks: list[int] = []
        for piece, after in zip(here, [*here[1:], following], strict=True):
            ticks.extend(_ticks_of_piece(fields, piece, after.gained))
        return ticks


class _EveryDayIndex(_TickIndex):
    """Ticks of one schedule at the same times of every UTC day: ranks are counted from 1970, and nothing is summed up."""

    def tick(self, rank: int) -> int:
        times = self.schedules[0].times
        day, position = divmod(rank, len(times))
        instant = day * DAY + times[position]
        if not self.first_month <= month_number(instant) <= self.last_month:
            raise OverflowError("this schedule has no such tick")
        return instant

    def _ranked_before(self, number: int) -> int:
        return _count_before(self.schedules[0], month_bounds(number)[0])


def _ticks_of_piece(fields: CronFields, piece: Piece, change_after: int) -> list[int]:
    low, high, offset = piece.start + piece.offset, piece.end + piece.offset, piece.offset
    if fields.every_hour:
        return _instants(fields, low, high, offset)
    skipped = piece.gained > 0 and bool(_instants(fields, low - piece.gained, low, offset))
    if skipped:
        low += 1
    if change_after < 0:
        high += change_after
    found = _instants(fields, low, high, offset)
    return [piece.start, *found] if skipped else found


def _instants(fields: CronFields, low: int, high: int, offset: int) -> list[int]:
    """The instants of a schedule whose wall-clock times (as if UTC) lie in `[low, high)`."""
    if low >= high:
        return []
    first, last = low // DAY, (high - 1) // DAY
    starts = [day * DAY - offset for day in range(first, last + 1) if _matches(fields, day)]
    found = [start + time for start in starts for time in fields.times]
    return found[bisect_left(found, low - offset) : bisect_left(found, high - offset)]


def _count_wall(fields: CronFields, low: int, high: int) -> int:
    if fields.every_day:
        return _count_before(fields, high) - _count_before(fields, low)
    count = 0
    for day in range(low // DAY, (high - 1) // DAY + 1):
        if _matches(fields, day):
            base = day * DAY
            count += bisect_left(fields.times, high - base) - bisect_left(fields.times, low - base)
    return count


def _count_before(fields: CronFields, wall: int) -> int:
    """Wall-clock times before one, since 1970, of a schedule that ticks on every day."""
    return wall // DAY * len(fields.times) + bisect_left(fields.times, wall % DAY)


def _matches(fields: CronFields, day: int) -> bool:
    return fields.every_day or fields.matches(date.fromordinal(day + _EPOCH_DAY))
