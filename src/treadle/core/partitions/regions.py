"""Sets of integer points in any number of dimensions.

A region of one dimension is runs. A region of more is `(start, end, rest)` triples over the first dimension,
sorted and disjoint, each with a non-empty region of the rest; equal neighbours are merged. That form is
canonical: two regions hold the same points exactly when they are equal.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from treadle.core.partitions import runs as line
from treadle.core.partitions.runs import Runs

Region = tuple[Any, ...]
"""Runs where one dimension is left, else `(start, end, Region)` triples."""

_LINE: dict[str, Callable[[Runs, Runs], Runs]] = {
    "union": line.union,
    "intersection": line.intersection,
    "difference": line.difference,
}


def union(a: Region, b: Region, dimensions: int) -> Region:
    """Points of either."""
    return _combined(a, b, dimensions, "union")


def intersection(a: Region, b: Region, dimensions: int) -> Region:
    """Points of both."""
    return _combined(a, b, dimensions, "intersection")


def difference(a: Region, b: Region, dimensions: int) -> Region:
    """Points of a that b lacks."""
    return _combined(a, b, dimensions, "difference")


def _combined(a: Region, b: Region, dimensions: int, operation: str) -> Region:
    if dimensions == 1:
        return _LINE[operation](a, b)
    if not a:
        return b if operation == "union" else ()
    if not b:
        return () if operation == "intersection" else a
    if a == b:
        return () if operation == "difference" else a
    out: list[tuple[int, int, Region]] = []
    edges = sorted({edge for start, end, _ in (*a, *b) for edge in (start, end)})
    i = j = 0
    for start, end in zip(edges, islice(edges, 1, None), strict=False):
        while i < len(a) and a[i][1] <= start:
            i += 1
        while j < len(b) and b[j][1] <= start:
            j += 1
        rest_a = a[i][2] if i < len(a) and a[i][0] <= start else ()
        rest_b = b[j][2] if j < len(b) and b[j][0] <= start else ()
        _append(out, start, end, _combined(rest_a, rest_b, dimensions - 1, operation))
    return tuple(out)


def _append(out: list[tuple[int, int, Region]], start: int, end: int, rest: Region) -> None:
    if not rest:
        return
    if out and out[-1][1] == start and out[-1][2] == rest:
        out[-1] = (out[-1][0], end, rest)
    else:
        out.append((start, end, rest))


def box(sides: Sequence[Runs]) -> Region:
    """All points whose coordinates lie in the given runs, one entry a dimension."""
    if any(not side for side in sides):
        return ()
    region: Region = sides[-1]
    for side in reversed(sides[:-1]):
        region = tuple((start, end, region) for start, end in side)
    return region


def boxes(region: Region, dimensions: int) -> Iterator[tuple[Runs, ...]]:
    """Disjoint boxes that make up the region; runs with the same rest come as one."""
    if dimensions == 1:
        if region:
            yield (region,)
        return
    sides: dict[Region, list[tuple[int, int]]] = {}
    for start, end, rest in region:
        sides.setdefault(rest, []).append((start, end))
    for rest, side in sides.items():
        for inner in boxes(rest, dimensions - 1):
            yield (tuple(side), *inner)


def of_points(points: Iterable[tuple[int, ...]], dimensions: int) -> Region:
    """The region of some points, in any order."""
    if dimensions == 1:
        return line.runs_of(point[0] for point in points)
    by_first: dict[int, list[tuple[int, ...]]] = {}
    for point in points:
        by_first.setdefault(point[0], []).append(point[1:])
    out: list[tuple[int, int, Region]] = []
    for first in sorted(by_first):
        _append(out, first, first + 1, of_points(by_first[first], dimensions - 1))
    return tuple(out)


def size(region: Region, dimensions: int) -> int:
    """How many points."""
    if dimensions == 1:
        return line.size(region)
    return sum((end - start) * size(rest, dimensions - 1) for start, end, rest in region)


def contains(region: Region, point: Sequence[int], dimensions: int) -> bool:
    """Whether a point lies in the region."""
    if dimensions == 1:
        return line.contains(region, point[0])
    for start, end, rest in region:
        if start <= point[0] < end:
            return contains(rest, point[1:], dimensions - 1)
    return False


def points(region: Region, dimensions: int) -> Iterator[tuple[int, ...]]:
    """All points, in lexicographic order."""
    if dimensions == 1:
        for member in line.members(region):
            yield (member,)
        return
    for start, end, rest in region:
        for first in range(start, end):
            for tail in points(rest, dimensions - 1):
                yield (first, *tail)


def along(region: Region, dimensions: int, dimension: int) -> Runs:
    """The shadow of a region on one dimension."""
    if dimensions == 1:
        return region
    if dimension == 0:
        return line.merged((start, end) for start, end, _ in region)
    return line.merged(run for _, _, rest in region for run in along(rest, dimensions - 1, dimension - 1))


def mapped(region: Region, dimensions: int, sides: Sequence[Callable[[Runs], Runs]]) -> Region:
    """Each box with its sides mapped, united."""
    out: Region = ()
    for sides_of_box in boxes(region, dimensions):
        moved = box([move(side) for move, side in zip(sides, sides_of_box, strict=True)])
        out = union(out, moved, dimensions)
    return out
