"""Union, difference and size of stored sets of partitions."""

from collections.abc import Iterable, Sequence

from treadle.core.partitions.stored_set import StoredSet

Span = tuple[int, int]

EMPTY = StoredSet({})


def from_spans(rows: Iterable[tuple[str, int, int]]) -> StoredSet:
    """A set from (slice, lo, hi) in order; neighbours are joined."""
    runs: dict[str, list[Span]] = {}
    name: str | None = None
    current: list[Span] = []
    for slice_name, lo, hi in rows:
        if slice_name != name:
            name = slice_name
            current = runs.setdefault(slice_name, [])
        if current and lo <= current[-1][1]:
            if hi > current[-1][1]:
                current[-1] = (current[-1][0], hi)
        else:
            current.append((lo, hi))
    return StoredSet({slice_name: tuple(spans) for slice_name, spans in runs.items()})


def union(one: StoredSet, other: StoredSet) -> StoredSet:
    """What is in either."""
    if not one.runs:
        return other
    runs = dict(one.runs)
    for name, spans in other.runs.items():
        mine = runs.get(name)
        runs[name] = spans if mine is None else _joined(sorted([*mine, *spans]))
    return StoredSet(runs)


def difference(one: StoredSet, other: StoredSet) -> StoredSet:
    """What is in the first and not in the second."""
    runs: dict[str, tuple[Span, ...]] = {}
    for name, spans in one.runs.items():
        rest = _without(spans, other.runs.get(name, ()))
        if rest:
            runs[name] = rest
    return StoredSet(runs)


def intersection(one: StoredSet, other: StoredSet) -> StoredSet:
    """What is in both."""
    return difference(one, difference(one, other))


def size(stored: StoredSet) -> int:
    """How many partitions."""
    return sum(hi - lo for spans in stored.runs.values() for lo, hi in spans)


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for lo, hi in spans:
        if found and lo <= found[-1][1]:
            if hi > found[-1][1]:
                found[-1] = (found[-1][0], hi)
        else:
            found.append((lo, hi))
    return tuple(found)


def _without(spans: Sequence[Span], taken: Sequence[Span]) -> tuple[Span, ...]:
    if not taken:
        return tuple(spans)
    found: list[Span] = []
    position = 0
    for lo, hi in spans:
        while position < len(taken) and taken[position][1] <= lo:
            position += 1
        left = lo
        for start, end in taken[position:]:
            if start >= hi:
                break
            if start > left:
                found.append((left, start))
            left = max(left, end)
        if left < hi:
            found.append((left, hi))
    return tuple(found)
