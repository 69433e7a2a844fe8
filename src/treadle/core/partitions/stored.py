"""The form in which sets of partitions are stored: never ordinals, which rot when a definition changes.

Time is stored as ranges of UTC epoch seconds; keys of static and dynamic definitions as stable ids, which the
store allocates per scope. A multi-dimensional set is one row of runs (along its first time dimension, else its
first dimension) for each combination of the other coordinates, its slice: `city=3|region=7`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, Protocol

import attrs

from treadle.core.partitions import regions
from treadle.core.partitions import runs as line
from treadle.core.partitions.axes import Axis, TimeAxis
from treadle.core.partitions.definition import DynamicPartitionsDefinition, PartitionsDefinition
from treadle.core.partitions.keys import DIMENSION_SEPARATOR, MultiPartitionKey
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.regions import Region
from treadle.core.partitions.runs import Run, Runs
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.partitions.stored_set import LATEST_TIME, WHOLE, StoredSet
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition

__all__ = ["WHOLE", "StoredSet"]

_ESCAPES = str.maketrans({"%": "%25", "|": "%7C", "=": "%3D"})


class PartitionIds(Protocol):
    """Stable ids of keys that are not times. The store allocates them and never gives one to another key.

    A scope is the dimension's name for keys that belong to one asset ("" where there is one dimension), and
    `dynamic:NAME` for those of a dynamic definition, which all assets share.
    """

    def ids_for(self, scope: str, keys: Sequence[str]) -> Sequence[int]:
        """The id of each key, allocated if it is new."""
        ...

    def keys_within(self, scope: str, ids: Runs) -> Mapping[int, str]:
        """The keys whose ids lie in some runs, by id; there may be far more numbers in the runs than keys."""
        ...


@attrs.frozen
class Restored:
    """A stored set as a definition reads it now.

    Args:
        partitions: what still maps.
        dropped: what does not: ids without a key, keys that are gone, times that fill no window.
    """

    partitions: PartitionSet
    dropped: StoredSet


def scope_of(name: str, definition: object) -> str:
    """The scope in which a dimension's keys have their ids."""
    if isinstance(definition, DynamicPartitionsDefinition) and definition.name is not None:
        return f"dynamic:{definition.name}"
    return name


def to_stored(partitions: PartitionSet | None, ids: PartitionIds) -> StoredSet:
    """The stored form of a set; None is an unpartitioned asset.

    Args:
        partitions: the set.
        ids: gives keys their stable ids.
    """
    if partitions is None:
        return WHOLE
    space = partitions.space
    columns = [_column(partitions, position, ids) for position in range(space.dimensions)]
    if space.dimensions == 1:
        runs = columns[0].stored_runs(partitions.region)
        return StoredSet({"": runs} if runs else {})
    along = _along(space.definition)
    names = _slice_names(space.names, along)
    found: dict[str, list[Run]] = {}
    for sides in regions.boxes(partitions.region, space.dimensions):
        runs = columns[along].stored_runs(sides[along])
        others = [
            [columns[n].coordinate(ordinal) for ordinal in line.members(side)]
            for n, side in enumerate(sides)
            if n != along
        ]
        for coordinates in product(*others):
            found.setdefault(_slice(names, coordinates), []).extend(runs)
    return StoredSet({name: line.merged(found[name]) for name in sorted(found)})


def from_stored(space: PartitionSpace, stored: StoredSet, ids: PartitionIds) -> Restored:
    """A stored set in today's definition. What no longer maps is left out and reported.

    Args:
        space: the definition at a time.
        stored: the stored form.
        ids: gives stable ids their keys.
    """
    along = _along(space.definition) if space.dimensions > 1 else 0
    names = _slice_names(space.names, along)
    readers = [_Reader(space, position, ids) for position in range(space.dimensions)]
    found: list[Region] = []
    dropped: dict[str, Runs] = {}
    for name, runs in stored.runs.items():
        point = _read_slice(name, names, [reader for n, reader in enumerate(readers) if n != along])
        kept = () if point is None else readers[along].ordinals(runs)
        lost = line.difference(runs, readers[along].stored(kept)) if kept else runs
        if lost:
            dropped[name] = lost
        if kept and point is not None:
            sides: list[Runs] = [((ordinal, ordinal + 1),) for ordinal in point]
            sides.insert(along, kept)
            found.append(regions.box(sides))
    return Restored(PartitionSet(space, _united(found, space.dimensions)), StoredSet(dropped))


def stored_keys(
    definition: PartitionsDefinition[Any] | None, keys: Iterable[str], ids: PartitionIds
) -> tuple[StoredSet, list[str]]:
    """The stored form of some keys, without asking which exist now; and the texts that can be no key at all.

    For writing events: a key of the future or of a deleted dynamic partition is stored like any other.

    Args:
        definition: the asset's; None for an unpartitioned one.
        keys: the keys that were materialized.
        ids: gives keys their stable ids.
    """
    if definition is None:
        return WHOLE, []
    names, definitions = _dimensions(definition)
    along = _along(definition)
    slice_names = _slice_names(names, along)
    parts_of = {key: _split(key, names) for key in keys}
    columns = []
    for position, (name, part) in enumerate(zip(names, definitions, strict=True)):
        texts = dict.fromkeys(parts[position] for parts in parts_of.values() if parts is not None)
        columns.append(_runs_of_texts(name, part, list(texts), ids))
    found: dict[str, list[Run]] = {}
    unknown: list[str] = []
    for key, parts in parts_of.items():
        runs = (
            [] if parts is None else [column.get(text) for column, text in zip(columns, parts, strict=True)]
        )
        known = [run for run in runs if run is not None]
        if len(known) < len(names):
            unknown.append(key)
            continue
        run = known.pop(along)
        found.setdefault(_slice(slice_names, [start for start, _ in known]), []).append(run)
    return StoredSet({name: line.merged(found[name]) for name in sorted(found)}), unknown


def _dimensions(definition: Any) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    if isinstance(definition, MultiPartitionsDefinition):
        dimensions = definition.partitions_defs
        return tuple(d.name for d in dimensions), tuple(d.partitions_def for d in dimensions)
    return ("",), (definition,)


def _split(key: str, names: tuple[str, ...]) -> tuple[str, ...] | None:
    if len(names) == 1:
        return (str(key),)
    if isinstance(key, MultiPartitionKey) and tuple(key.keys_by_dimension) == names:
        return tuple(key.keys_by_dimension.values())
    parts = tuple(key.split(DIMENSION_SEPARATOR))
    return parts if len(parts) == len(names) else None


def _runs_of_texts(name: str, definition: Any, texts: list[str], ids: PartitionIds) -> Mapping[str, Run]:
    if not isinstance(definition, TimeWindowPartitionsDefinition):
        given = ids.ids_for(scope_of(name, definition), texts)
        return {text: (number, number + 1) for text, number in zip(texts, given, strict=True)}
    grid = definition.grid
    runs: dict[str, Run] = {}
    for text in texts:
        ordinal = definition.ordinal_of(text)
        if ordinal is not None:
            runs[text] = (grid.start_of(ordinal), grid.start_of(ordinal + 1))
    return runs


def _along(definition: Any) -> int:
    """The dimension along which runs lie."""
    if not isinstance(definition, MultiPartitionsDefinition):
        return 0
    return definition.partition_dimension_names.index(definition.primary_dimension.name)


def _slice_names(names: Sequence[str], along: int) -> list[str]:
    return [name.translate(_ESCAPES) for position, name in enumerate(names) if position != along]


def _slice(names: Sequence[str], coordinates: Sequence[int]) -> str:
    return "|".join(f"{name}={coordinate}" for name, coordinate in zip(names, coordinates, strict=True))


def _read_slice(text: str, names: Sequence[str], readers: Sequence["_Reader"]) -> list[int] | None:
    if not names:
        return None if text else []
    parts = [part.partition("=") for part in text.split("|")]
    if [name for name, _, _ in parts] != list(names):
        return None
    point: list[int] = []
    for (_, _, coordinate), reader in zip(parts, readers, strict=True):
        ordinal = reader.ordinal(int(coordinate))
        if ordinal is None:
            return None
        point.append(ordinal)
    return point


def _united(found: list[Region], dimensions: int) -> Region:
    while len(found) > 1:
        halves = [found[n : n + 2] for n in range(0, len(found), 2)]
        found = [regions.union(pair[0], pair[-1], dimensions) for pair in halves]
    return found[0] if found else ()


class _TimeColumn:
    def __init__(self, axis: TimeAxis) -> None:
        self._grid = axis.grid

    def coordinate(self, ordinal: int) -> int:
        return self._grid.start_of(ordinal)

    def stored_runs(self, runs: Runs) -> Runs:
        start_of = self._grid.start_of
        return line.merged((start_of(start), start_of(end)) for start, end in runs)


class _IdColumn:
    def __init__(self, axis: Axis, used: Runs, scope: str, ids: PartitionIds) -> None:
        keys = list(axis.keys(used))
        given = ids.ids_for(scope, keys) if keys else []
        self._ids = dict(zip(line.members(used), given, strict=True))

    def coordinate(self, ordinal: int) -> int:
        return self._ids[ordinal]

    def stored_runs(self, runs: Runs) -> Runs:
        return line.runs_of(self._ids[ordinal] for ordinal in line.members(runs))


def _column(partitions: PartitionSet, position: int, ids: PartitionIds) -> _TimeColumn | _IdColumn:
    space = partitions.space
    axis = space.axes[position]
    if isinstance(axis, TimeAxis):
        return _TimeColumn(axis)
    used = regions.along(partitions.region, space.dimensions, position)
    return _IdColumn(axis, used, _scope_at(space, position), ids)


def _scope_at(space: PartitionSpace, position: int) -> str:
    names, definitions = _dimensions(space.definition)
    return scope_of(names[position], definitions[position])


class _Reader:
    """From stored integers to ordinals, along one dimension."""

    def __init__(self, space: PartitionSpace, position: int, ids: PartitionIds) -> None:
        self._axis = space.axes[position]
        self._scope = _scope_at(space, position)
        self._ids = ids
        self._ordinals: dict[Runs, list[int]] = {}
        self._stored: dict[int, int] = {}

    def ordinal(self, coordinate: int) -> int | None:
        if not isinstance(self._axis, TimeAxis):
            return next(iter(self._by_id(((coordinate, coordinate + 1),))), None)
        if abs(coordinate) >= LATEST_TIME:
            return None
        ordinal = self._axis.grid.from_instant(coordinate)
        exact = self._axis.grid.start_of(ordinal) == coordinate
        return ordinal if exact and self._axis.has(ordinal) else None

    def ordinals(self, runs: Runs) -> Runs:
        axis = self._axis
        if isinstance(axis, TimeAxis):
            grid = axis.grid
            times = line.clipped(runs, -LATEST_TIME, LATEST_TIME)
            windows = line.merged((grid.from_instant(start), grid.containing(end)) for start, end in times)
            return line.intersection(windows, axis.universe)
        return line.runs_of(self._by_id(runs))

    def stored(self, ordinals: Runs) -> Runs:
        """The stored runs of ordinals that were read."""
        if isinstance(self._axis, TimeAxis):
            return _TimeColumn(self._axis).stored_runs(ordinals)
        return line.runs_of(self._stored[ordinal] for ordinal in line.members(ordinals))

    def _by_id(self, ids: Runs) -> list[int]:
        """The ordinals of the keys that have these ids and exist."""
        if ids not in self._ordinals:
            found: list[int] = []
            for number, key in self._ids.keys_within(self._scope, ids).items():
                ordinal = self._axis.ordinal(key)
                if ordinal is not None:
                    self._stored[ordinal] = number
                    found.append(ordinal)
            self._ordinals[ids] = found
        return self._ordinals[ids]
