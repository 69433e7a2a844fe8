"""Sets of partitions: what exists at a time (`PartitionSpace`), and any part of it (`PartitionSet`)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import permutations
from typing import Any

from treadle.core.errors import InvariantViolationError, UnknownPartitionError
from treadle.core.partitions import regions, subset_text
from treadle.core.partitions import runs as line
from treadle.core.partitions.axes import Axis, ListAxis, TimeAxis
from treadle.core.partitions.keys import (
    DIMENSION_SEPARATOR,
    MultiPartitionKey,
    PartitionKeyRange,
    unknown_partition,
)
from treadle.core.partitions.regions import Region
from treadle.core.partitions.runs import Runs

_MOST_REARRANGED = 5
"""Keys of up to so many dimensions are tried in every order, to tell one that was written in another."""


class PartitionSpace:
    """A definition at a time: its dimensions, their numbered keys, and which of them exist.

    Args:
        definition: the definition it was made from.
        axes: one a dimension, in the order in which keys are written.
        names: the dimensions' names; one empty name where there is only one dimension.
    """

    def __init__(self, definition: Any, axes: tuple[Axis, ...], names: tuple[str, ...] = ("",)) -> None:
        self.definition = definition
        self.axes = axes
        self.names = names

    @property
    def dimensions(self) -> int:
        """How many dimensions."""
        return len(self.axes)

    @cached_property
    def universe(self) -> Region:
        """All partitions there are."""
        return regions.box([axis.universe for axis in self.axes])

    def all(self) -> "PartitionSet":
        """The set of all partitions."""
        return PartitionSet(self, self.universe)

    def empty(self) -> "PartitionSet":
        """The set without members."""
        return PartitionSet(self, ())

    def of_region(self, region: Region) -> "PartitionSet":
        """The set of these ordinals."""
        return PartitionSet(self, region)

    def of_keys(self, keys: Iterable[str]) -> "PartitionSet":
        """The set of these keys.

        Raises:
            UnknownPartitionError: a key that is not in the definition (`unknown-partition`, with near ones).
        """
        found, unknown = self.find_keys(keys)
        if unknown:
            raise self.unknown(unknown[0])
        return found

    def find_keys(self, keys: Iterable[str]) -> "tuple[PartitionSet, list[str]]":
        """The set of those keys that exist, and the others."""
        points: list[tuple[int, ...]] = []
        unknown: list[str] = []
        for key in keys:
            point = self.point(key)
            if point is None:
                unknown.append(key)
            else:
                points.append(point)
        return PartitionSet(self, regions.of_points(points, self.dimensions)), unknown

    def key_range(self, first: str, last: str) -> "PartitionSet":
        """The keys from `first` to `last`, both included; empty if reversed. Of several dimensions: those in all ranges.

        Raises:
            UnknownPartitionError: an end that is not in the definition.
        """
        ends = [self.point(key) for key in (first, last)]
        for key, point in zip((first, last), ends, strict=True):
            if point is None:
                raise self.unknown(key)
        low, high = ends
        assert low is not None and high is not None
        if any(start > end for start, end in zip(low, high, strict=True)):
            return self.empty()
        span = regions.box([((start, end + 1),) for start, end in zip(low, high, strict=True)])
        return PartitionSet(self, regions.intersection(span, self.universe, self.dimensions))

    def point(self, key: str) -> tuple[int, ...] | None:
        """The ordinals of a key, or None where there is no such partition."""
        if self.dimensions == 1:
            ordinal = self.axes[0].ordinal(key)
            return None if ordinal is None else (ordinal,)
        parts = self.split(key)
        if parts is None:
            return None
        point: list[int] = []
        for axis, part in zip(self.axes, parts, strict=True):
            ordinal = axis.ordinal(part)
            if ordinal is None:
                return None
            point.append(ordinal)
        return tuple(point)

    def split(self, key: str) -> tuple[str, ...] | None:
        """A multi-dimensional key's parts, or None where the text has another number of them."""
        if isinstance(key, MultiPartitionKey):
            if tuple(key.keys_by_dimension) != self.names:
                return None
            return tuple(key.keys_by_dimension.values())
        parts = tuple(key.split(DIMENSION_SEPARATOR)) if isinstance(key, str) else ()
        return parts if len(parts) == self.dimensions else None

    def key_texts(self, region: Region) -> Iterator[str]:
        """The keys of a region, in order, as plain text or multi-partition keys."""
        if self.dimensions == 1:
            yield from self.axes[0].keys(region)
            return
        for parts in self._parts(region, 0):
            yield MultiPartitionKey(dict(zip(self.names, parts, strict=True)))

    def _parts(self, region: Region, dimension: int) -> Iterator[tuple[str, ...]]:
        axis = self.axes[dimension]
        if dimension == self.dimensions - 1:
            for key in axis.keys(region):
                yield (key,)
            return
        for start, end, rest in region:
            tails = list(self._parts(rest, dimension + 1))
            for key in axis.keys(((start, end),)):
                for tail in tails:
                    yield (key, *tail)

    def unknown(self, key: str) -> UnknownPartitionError:
        """The error for a key that does not exist here."""
        if self.dimensions > 1:
            return self._unknown_of_several(key)
        axis = self.axes[0]
        return unknown_partition(
            key, axis.known_keys(), repr(self.definition), axis.meant(key), self.definition.how_keys_are_added
        )

    def _unknown_of_several(self, key: str) -> UnknownPartitionError:
        parts = self.split(key)
        message = f"There is no partition {key!r} in {self.definition!r}"
        if parts is None:
            hint = f"Its keys have {self.dimensions} parts: {DIMENSION_SEPARATOR.join(self.names)}."
            return UnknownPartitionError(f"{message}.", hint=hint, key=key, nearest=[])
        orders = permutations(parts) if self.dimensions <= _MOST_REARRANGED else ()
        meant = next((order for order in orders if self._has(order)), None)
        if meant is not None:
            near = DIMENSION_SEPARATOR.join(meant)
            hint = f"Did you mean {near!r}? The order is {DIMENSION_SEPARATOR.join(self.names)}."
            return UnknownPartitionError(f"{message}.", hint=hint, key=key, nearest=[near])
        found = zip(self.names, self.axes, parts, self.definition.partitions_defs, strict=True)
        name, axis, part, dimension = next(each for each in found if each[1].ordinal(each[2]) is None)
        error = unknown_partition(
            part,
            axis.known_keys(),
            f"dimension {name!r}",
            axis.meant(part),
            dimension.partitions_def.how_keys_are_added,
        )
        error.message = f"{message}: {error.message}"
        return error

    def _has(self, parts: Sequence[str]) -> bool:
        return all(axis.ordinal(part) is not None for axis, part in zip(self.axes, parts, strict=True))

    def aligned_with(self, other: "PartitionSpace") -> bool:
        """Whether ordinals of one mean the same in the other."""
        if self is other:
            return True
        if self.names != other.names or len(self.axes) != len(other.axes):
            return False
        return all(a.aligned_with(b) for a, b in zip(self.axes, other.axes, strict=True))

    def joined(self, other: "PartitionSpace") -> "PartitionSpace":
        """A space that knows the keys of both. The definitions must be equal; dynamic keys may have changed.

        Raises:
            InvariantViolationError: the definitions differ.
        """
        if self.definition != other.definition or self.names != other.names:
            raise InvariantViolationError(
                f"These sets belong to different definitions: {self.definition!r} and {other.definition!r}.",
                hint="Map one to the other with a partition mapping first.",
            )
        axes: list[Axis] = []
        for mine, theirs in zip(self.axes, other.axes, strict=True):
            if isinstance(mine, TimeAxis) and isinstance(theirs, TimeAxis):
                axes.append(mine if mine.end >= theirs.end else theirs)
            elif isinstance(mine, ListAxis) and isinstance(theirs, ListAxis) and mine.list != theirs.list:
                known = set(mine.list)
                axes.append(ListAxis((*mine.list, *(key for key in theirs.list if key not in known))))
            else:
                axes.append(mine)
        return PartitionSpace(self.definition, tuple(axes), self.names)

    def region_from(self, other: "PartitionSpace", region: Region) -> Region:
        """A region of another space in this one's numbers; keys that are not here are dropped."""
        if self.aligned_with(other):
            return region
        sides = [_renumbered(a, b) for a, b in zip(other.axes, self.axes, strict=True)]
        return regions.mapped(region, self.dimensions, sides)


def _renumbered(old: Axis, new: Axis) -> Any:
    if new.aligned_with(old):
        return lambda runs: runs

    if isinstance(old, TimeAxis) and isinstance(new, TimeAxis) and old.grid.text.fmt == new.grid.text.fmt:
        shift = new.grid.shift_from(old.grid)
        if shift is not None:
            return lambda runs: tuple((start + shift, end + shift) for start, end in runs)

    def move(runs: Runs) -> Runs:
        ordinals = (new.ordinal(key) for key in old.keys(runs))
        return line.runs_of(ordinal for ordinal in ordinals if ordinal is not None)

    return move


class PartitionSet:
    """Some partitions of a definition: immutable, hashable, cheap however many keys it holds.

    Made by a definition or a space (`definition.subset_with_partition_keys(keys)`, `space.all()`). Sets of
    the same definition combine with `|`, `&`, `-` and compare with `==` and `<=`; `~` is what else exists.

    Args:
        space: the definition, resolved at a time.
        region: the members' ordinals, canonical.
    """

    __slots__ = ("region", "space")

    def __init__(self, space: PartitionSpace, region: Region) -> None:
        self.space = space
        self.region = region

    @classmethod
    def of_sides(cls, space: PartitionSpace, sides: Sequence[Runs]) -> "PartitionSet":
        """The set of all combinations of the given ordinals, one entry a dimension."""
        return cls(space, regions.box(sides))

    @property
    def partitions_def(self) -> Any:
        """The definition."""
        return self.space.definition

    def __or__(self, other: "PartitionSet") -> "PartitionSet":
        return self._combined(other, regions.union)

    def __and__(self, other: "PartitionSet") -> "PartitionSet":
        return self._combined(other, regions.intersection)

    def __sub__(self, other: "PartitionSet") -> "PartitionSet":
        return self._combined(other, regions.difference)

    def __invert__(self) -> "PartitionSet":
        space = self.space
        return PartitionSet(space, regions.difference(space.universe, self.region, space.dimensions))

    def _combined(self, other: "PartitionSet", operation: Any) -> "PartitionSet":
        if not isinstance(other, PartitionSet):
            return NotImplemented
        space = self.space
        if space is other.space or (
            space.definition == other.space.definition and space.aligned_with(other.space)
        ):
            if space is not other.space:
                space = space.joined(other.space)
            return PartitionSet(space, operation(self.region, other.region, space.dimensions))
        space = space.joined(other.space)
        mine, theirs = (space.region_from(s.space, s.region) for s in (self, other))
        return PartitionSet(space, operation(mine, theirs, space.dimensions))

    def __len__(self) -> int:
        return regions.size(self.region, self.space.dimensions)

    def __bool__(self) -> bool:
        return bool(self.region)

    def __contains__(self, key: object) -> bool:
        point = self.space.point(key) if isinstance(key, str) else None
        return point is not None and regions.contains(self.region, point, self.space.dimensions)

    def __iter__(self) -> Iterator[str]:
        return self.space.key_texts(self.region)

    def __le__(self, other: "PartitionSet") -> bool:
        return not self - other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PartitionSet):
            return NotImplemented
        if self.space.definition != other.space.definition:
            return False
        if self.space.aligned_with(other.space):
            return self.region == other.region
        return len(self) == len(other) and set(self) == set(other)

    def __hash__(self) -> int:
        return hash((self.space.definition, len(self)))

    def __repr__(self) -> str:
        count = len(self)
        shown = ", ".join(repr(str(key)) for key, _ in zip(self, range(3), strict=False))
        return f"<{count} partition{'' if count == 1 else 's'}: {shown}{', …' if count > 3 else ''}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return PartitionSet, (self.space, self.region)

    @property
    def first_key(self) -> str:
        """Its first member.

        Raises:
            InvariantViolationError: it has none.
        """
        self._must_have_members("first")
        return next(iter(self))

    @property
    def last_key(self) -> str:
        """Its last member.

        Raises:
            InvariantViolationError: it has none.
        """
        self._must_have_members("last")
        return next(self.space.key_texts(_last_point(self.region, self.space.dimensions)))

    def _must_have_members(self, asked: str) -> None:
        if not self.region:
            raise InvariantViolationError(
                f"No partition of {self.space.definition!r} is in this set, so it has no {asked} key.",
                hint="ask `is_empty` first",
            )

    @property
    def is_empty(self) -> bool:
        """Whether it has no members."""
        return not self.region

    def get_partition_keys(self, current_time: Any = None) -> Iterable[str]:
        """The keys of its members, in the definition's order: of times a list, else a set."""
        of_times = self.space.dimensions == 1 and isinstance(self.space.axes[0], TimeAxis)
        return list(self) if of_times else dict.fromkeys(self).keys()

    def get_partition_keys_not_in_subset(
        self, partitions_def: Any = None, current_time: Any = None, dynamic_partitions_store: Any = None
    ) -> Iterable[str]:
        """The keys that exist and are not members."""
        return list(~self)

    def get_partition_key_ranges(
        self, partitions_def: Any = None, current_time: Any = None, dynamic_partitions_store: Any = None
    ) -> list[PartitionKeyRange]:
        """Its members as ranges of keys that stand side by side in the definition.

        Of two dimensions: the ranges of the longer one at each key of the other, of which there are fewer ranges.
        """
        found: list[PartitionKeyRange] = []
        last = self.space.axes[-1]
        if self.space.dimensions == 2 and (columns := _columns_if_fewer(self.region)) is not None:
            first = self.space.axes[0]
            for ordinal, runs in columns.items():
                for start, end in _joined_over_gaps(runs, first.universe):
                    ends = (first.key(start), first.key(end - 1))
                    found.append(
                        PartitionKeyRange(*(f"{key}{DIMENSION_SEPARATOR}{last.key(ordinal)}" for key in ends))
                    )
            return found
        for prefix, runs in _rows(self.region, self.space.dimensions, ()):
            heads = [axis.key(n) for axis, n in zip(self.space.axes, prefix, strict=False)]
            for start, end in _joined_over_gaps(runs, last.universe):
                ends = (last.key(start), last.key(end - 1))
                found.append(PartitionKeyRange(*(DIMENSION_SEPARATOR.join([*heads, key]) for key in ends)))
        return found

    def with_partition_keys(self, partition_keys: Iterable[str]) -> "PartitionSet":
        """The set with some keys more."""
        return self | self.space.of_keys(partition_keys)

    def with_partition_key_range(
        self, partitions_def: Any, partition_key_range: PartitionKeyRange
    ) -> "PartitionSet":
        """The set with a range of keys more."""
        return self | self.space.key_range(*partition_key_range)

    def serialize(self) -> str:
        """Its text, which the definition's `deserialize_subset` reads; the peer's form.

        Example:
            >>> from treadle import StaticPartitionsDefinition
            >>> StaticPartitionsDefinition(["a", "b"]).subset_with_partition_keys(["a"]).serialize()
            '{"version": 1, "subset": ["a"]}'
        """
        return subset_text.text_of(self)

    def empty_subset(self) -> "PartitionSet":
        """The set without members, of the same definition."""
        return self.space.empty()


def _last_point(region: Region, dimensions: int) -> Region:
    """The region of only the last member."""
    end = region[-1][1]
    if dimensions == 1:
        return ((end - 1, end),)
    return ((end - 1, end, _last_point(region[-1][2], dimensions - 1)),)


def _rows(region: Region, dimensions: int, prefix: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Runs]]:
    if dimensions == 1:
        if region:
            yield prefix, region
        return
    for start, end, rest in region:
        for first in range(start, end):
            yield from _rows(rest, dimensions - 1, (*prefix, first))


def _columns_if_fewer(region: Region) -> dict[int, Runs] | None:
    """The ordinals of the second dimension with their runs of the first; None unless they are fewer than the first's."""
    rows = sum(end - start for start, end, _ in region)
    second = line.merged(run for _, _, rest in region for run in rest)
    if sum(end - start for start, end in second) >= rows:
        return None
    columns: dict[int, list[tuple[int, int]]] = {n: [] for start, end in second for n in range(start, end)}
    for start, end, rest in region:
        for low, high in rest:
            for ordinal in range(low, high):
                columns[ordinal].append((start, end))
    return {ordinal: line.merged(runs) for ordinal, runs in columns.items()}


def _joined_over_gaps(runs: Runs, universe: Runs) -> Runs:
    """Runs, joined where nothing that exists lies between two of them."""
    out: list[tuple[int, int]] = []
    for start, end in runs:
        if out and not line.clipped(universe, out[-1][1], start):
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return tuple(out)
