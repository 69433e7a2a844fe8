"""How the keys of one dimension are numbered: by position in a list, or by the ticks of a schedule."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain

from treadle.core.calendar.cron import Cron
from treadle.core.partitions import runs as line
from treadle.core.partitions.runs import Runs
from treadle.core.partitions.time_text import TimeText

_SAMPLE = 500


class Axis(ABC):
    """The numbered keys of one dimension."""

    universe: Runs
    """The ordinals that have a partition."""

    @abstractmethod
    def ordinal(self, key: str) -> int | None:
        """The number of a key, or None if there is no such partition."""

    @abstractmethod
    def keys(self, ordinals: Runs) -> Iterator[str]:
        """The keys of some ordinals, in order."""

    @abstractmethod
    def aligned_with(self, other: "Axis") -> bool:
        """Whether both number alike, so that ordinals of one may be used with the other."""

    def key(self, ordinal: int) -> str:
        """The key of an ordinal."""
        return next(self.keys(((ordinal, ordinal + 1),)))

    def meant(self, text: str) -> str | None:
        """The key that a text most likely stands for, if it can be told without searching."""
        return None

    def known_keys(self) -> list[str]:
        """Keys to look for near ones: all of them, or the first and last some hundreds."""
        if line.size(self.universe) <= 2 * _SAMPLE:
            return list(self.keys(self.universe))
        first, last = self.universe[0][0], self.universe[-1][1]
        ends = (
            line.clipped(self.universe, first, first + _SAMPLE),
            line.clipped(self.universe, last - _SAMPLE, last),
        )
        return list(chain.from_iterable(self.keys(runs) for runs in ends))


class ListAxis(Axis):
    """Keys numbered by their place in a list."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.list: tuple[str, ...] = tuple(keys)
        self.universe = ((0, len(self.list)),) if self.list else ()

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {key: position for position, key in enumerate(self.list)}

    def ordinal(self, key: str) -> int | None:
        return self._positions.get(key)

    def keys(self, ordinals: Runs) -> Iterator[str]:
        return chain.from_iterable(self.list[start:end] for start, end in ordinals)

    def aligned_with(self, other: Axis) -> bool:
        return isinstance(other, ListAxis) and self.list == other.list


class TimeGrid:
    """The ticks of a definition, numbered from the first at or after its start; earlier ones are negative.

    Args:
        cron: when windows begin.
        start: epoch seconds; ordinal 0 is the first tick at or after it.
        text: how keys are written.
        exclusions: schedules and instants whose windows are left out.
    """

    def __init__(
        self,
        cron: Cron,
        start: int,
        text: TimeText,
        excluded: Sequence[Cron] = (),
        instants: Iterable[int] = (),
    ) -> None:
        self.cron = cron
        self.text = text
        self._start = start
        self._base = cron.rank(start)
        self._excluded_crons = tuple(excluded)
        self._excluded_instants = frozenset(instants)
        self._excluded_up_to: tuple[int, Runs] = (0, ())
        self._by_text: dict[str, int] = {}
        self._by_text_until = 0

    def __reduce__(self) -> tuple[type["TimeGrid"], tuple[object, ...]]:
        return TimeGrid, (self.cron, self._start, self.text, self._excluded_crons, self._excluded_instants)

    def start_of(self, ordinal: int) -> int:
        """When a window begins, in epoch seconds."""
        return self.cron.tick(self._base + ordinal)

    def starts(self, low: int, high: int) -> Iterator[int]:
        """When the windows `[low, high)` begin."""
        return self.cron.ticks_between(self._base + low, self._base + high)

    def keys_between(self, low: int, high: int) -> Iterator[str]:
        """The keys of the windows `[low, high)`."""
        return self.text.texts(self.cron.months_between(self._base + low, self._base + high))

    def containing(self, instant: int) -> int:
        """The window in which an instant lies."""
        return self.cron.rank(instant + 1) - 1 - self._base

    def from_instant(self, instant: int) -> int:
        """The first window that begins at or after an instant."""
        return self.cron.rank(instant) - self._base

    def shift_from(self, other: "TimeGrid") -> int | None:
        """What to add to the other's ordinals to get ours, or None where the two tick differently."""
        if self is other:
            return 0
        return other._base - self._base if self.cron == other.cron else None

    @property
    def has_exclusions(self) -> bool:
        """Whether any window may be left out."""
        return bool(self._excluded_crons or self._excluded_instants)

    def excluded(self, low: int, high: int) -> Runs:
        """Which of the windows `[low, high)` are left out."""
        if not self.has_exclusions or low >= high:
            return ()
        if low < 0:
            return line.union(self._find_excluded(low, min(high, 0)), self.excluded(0, high))
        until, known = self._excluded_up_to
        if high > until:
            known = line.union(known, self._find_excluded(until, high))
            self._excluded_up_to = (high, known)
        return line.clipped(known, low, high)

    def _find_excluded(self, low: int, high: int) -> Runs:
        starts = list(self.starts(low, high))
        if not starts:
            return ()
        out = set(self._excluded_instants)
        for cron in self._excluded_crons:
            first, last = cron.rank(starts[0]), cron.rank(starts[-1] + 1)
            out.update(cron.ticks_between(first, last))
        return line.runs_of(ordinal for ordinal, start in enumerate(starts, low) if start in out)

    def ordinal_of(self, key: str) -> int | None:
        """The window whose key is exactly this text, wherever it lies in time; None for any other text."""
        instant = self.text.read(key)
        if instant is None:
            return None
        rank, start = self.cron.at_or_after(instant)
        return rank - self._base if self.text.text(start) == key else None

    @cached_property
    def reads_back(self) -> bool:
        """Whether keys can be read by their format; `%Y-W%W`, for one, cannot."""
        sample = [0, 1, 2, 5, 26, 53]
        return all(self.ordinal_of(self.text.text(self.start_of(n))) == n for n in sample)

    def listed_ordinal(self, key: str, end: int) -> int | None:
        """The first window before `end` with this key, from a list; for formats that cannot be read."""
        while self._by_text_until < end:
            high = min(end, self._by_text_until + 10_000)
            texts = self.keys_between(self._by_text_until, high)
            for ordinal, text in enumerate(texts, self._by_text_until):
                self._by_text.setdefault(text, ordinal)
            self._by_text_until = high
        found = self._by_text.get(key)
        return found if found is not None and found < end else None


class TimeAxis(Axis):
    """Windows of a schedule up to some time.

    Args:
        grid: the numbered windows.
        end: the first ordinal that does not exist (yet).
    """

    def __init__(self, grid: TimeGrid, end: int) -> None:
        self.grid = grid
        self.end = max(end, 0)

    @cached_property
    def universe(self) -> Runs:  # type: ignore[override]
        everything: Runs = ((0, self.end),) if self.end else ()
        return line.difference(everything, self.grid.excluded(0, self.end))

    def ordinal(self, key: str) -> int | None:
        if not isinstance(key, str):
            return None
        ordinal = self.grid.ordinal_of(key)
        if ordinal is None and not self.grid.reads_back:
            ordinal = self.grid.listed_ordinal(key, self.end)
        return ordinal if ordinal is not None and self.has(ordinal) else None

    def meant(self, text: str) -> str | None:
        instant = self.grid.text.read_loosely(text) if isinstance(text, str) else None
        if instant is None:
            return None
        ordinal = self.grid.containing(instant)
        return self.key(ordinal) if self.has(ordinal) else None

    def has(self, ordinal: int) -> bool:
        """Whether the window exists."""
        if not 0 <= ordinal < self.end:
            return False
        return not self.grid.has_exclusions or line.contains(self.universe, ordinal)

    def keys(self, ordinals: Runs) -> Iterator[str]:
        return chain.from_iterable(self.grid.keys_between(start, end) for start, end in ordinals)

    def aligned_with(self, other: Axis) -> bool:
        return isinstance(other, TimeAxis) and (
            self.grid is other.grid
            or (self.grid.text.fmt == other.grid.text.fmt and self.grid.shift_from(other.grid) == 0)
        )
