"""Sets of integers as sorted, disjoint, non-adjacent half-open runs: equal sets are equal tuples."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

Run = tuple[int, int]
Runs = tuple[Run, ...]


def runs_of(members: Iterable[int]) -> Runs:
    """The runs of some integers, in any order, repeated or not."""
    out: list[Run] = []
    start = end = None
    for member in sorted(members):
        if end is not None and start is not None and member <= end:
            end = max(end, member + 1)
            continue
        if start is not None and end is not None:
            out.append((start, end))
        start, end = member, member + 1
    if start is not None and end is not None:
        out.append((start, end))
    return tuple(out)


def merged(runs: Iterable[Run]) -> Runs:
    """Canonical form of any runs: sorted, overlaps and neighbours joined, empty ones dropped."""
    out: list[Run] = []
    last_start = last_end = 0
    for start, end in sorted(runs):
        if start >= end:
            continue
        if out and start <= last_end:
            if end > last_end:
                last_end = end
                out[-1] = (last_start, end)
        else:
            last_start, last_end = start, end
            out.append((start, end))
    return tuple(out)


def union(a: Runs, b: Runs) -> Runs:
    """Members of either."""
    if not a or a == b:
        return b
    return merged(a + b) if b else a


def intersection(a: Runs, b: Runs) -> Runs:
    """Members of both."""
    if not a or not b or a == b:
        return a if b else ()
    out: list[Run] = []
    i = j = 0
    while i < len(a) and j < len(b):
        (start_a, end_a), (start_b, end_b) = a[i], b[j]
        start = start_a if start_a > start_b else start_b
        if end_a < end_b:
            end = end_a
            i += 1
        else:
            end = end_b
            j += 1
        if start < end:
            out.append((start, end))
    return tuple(out)


def difference(a: Runs, b: Runs) -> Runs:
    """Members of a that b lacks."""
    if not a or not b:
        return a
    out: list[Run] = []
    j = 0
    for start, end in a:
        while j < len(b) and b[j][1] <= start:
            j += 1
        k = j
        while k < len(b) and b[k][0] < end:
            cut_start, cut_end = b[k]
            if start < cut_start:
                out.append((start, cut_start))
            start = max(start, cut_end)
            k += 1
        if start < end:
            out.append((start, end))
    return tuple(out)


def size(runs: Runs) -> int:
    """How many members."""
    return sum(end - start for start, end in runs)


def contains(runs: Runs, member: int) -> bool:
    """Whether an integer is a member."""
    position = bisect_right(runs, (member, float("inf")))
    return position > 0 and member < runs[position - 1][1]


def members(runs: Runs) -> Iterator[int]:
    """All members, ascending."""
    for start, end in runs:
        yield from range(start, end)


def clipped(runs: Runs, low: int, high: int) -> Runs:
    """Members in `[low, high)`."""
    return intersection(runs, ((low, high),)) if low < high else ()
