"""Mappings with a multi-dimensional side, and the choice of a mapping where none was named."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from treadle.core.deprecation import beta
from treadle.core.partitions import regions
from treadle.core.partitions import runs as line
from treadle.core.partitions.definition import open_to_subclasses
from treadle.core.partitions.keys import DIMENSION_SEPARATOR
from treadle.core.partitions.mapping import (
    AllPartitionMapping,
    AnyDefinition,
    IdentityPartitionMapping,
    LastPartitionMapping,
    PartitionMapping,
    SpecificPartitionsPartitionMapping,
    UpstreamPartitionsResult,
    mapping_error,
    missing_keys,
    partitioned,
)
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.runs import Runs
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.partitions.time_mapping import TimeWindowPartitionMapping
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.values import Value, set_field


def dimension_space(space: PartitionSpace, position: int) -> PartitionSpace:
    """One dimension of a space, by itself."""
    definition = space.definition.partitions_defs[position].partitions_def
    return PartitionSpace(definition, (space.axes[position],))


def _product(upstream: PartitionSpace, parts: Sequence[UpstreamPartitionsResult]) -> UpstreamPartitionsResult:
    """Upstream results of each dimension as one result of all."""
    existing = PartitionSet.of_sides(upstream, [part.partitions_subset.region for part in parts])
    if not any(part.required_but_nonexistent_subset for part in parts):
        return UpstreamPartitionsResult(existing)
    wanted = [[*part.partitions_subset, *part.required_but_nonexistent_subset] for part in parts]
    present = [set(part.partitions_subset) for part in parts]
    missing = [
        DIMENSION_SEPARATOR.join(keys)
        for keys in product(*wanted)
        if not all(key in known for key, known in zip(keys, present, strict=True))
    ]
    return UpstreamPartitionsResult(existing, missing_keys(upstream, missing))


def _united(
    upstream: PartitionSpace, results: Sequence[UpstreamPartitionsResult]
) -> UpstreamPartitionsResult:
    existing = upstream.empty()
    missing: dict[str, None] = {}
    for result in results:
        existing = existing | result.partitions_subset
        missing.update(dict.fromkeys(result.required_but_nonexistent_subset))
    return UpstreamPartitionsResult(existing, missing_keys(upstream, missing))


def _everything(space: PartitionSpace, position: int) -> UpstreamPartitionsResult:
    return UpstreamPartitionsResult(dimension_space(space, position).all())


@beta()
class MultiToSingleDimensionPartitionMapping(Value, PartitionMapping):
    """Joins a multi-dimensional asset to one that has just one of its dimensions.

    The dimension's keys must equal the other asset's definition, or both be of time.

    Args:
        partition_dimension_name: which dimension; found by itself where only one fits.
    """

    _field_names = ("partition_dimension_name",)

    partition_dimension_name: str | None

    def __init__(self, partition_dimension_name: str | None = None) -> None:
        if partition_dimension_name is not None and not isinstance(partition_dimension_name, str):
            raise mapping_error(f"partition_dimension_name must be text, not {partition_dimension_name!r}.")
        set_field(self, "partition_dimension_name", partition_dimension_name)

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        wanted = partitioned(downstream, self)
        position, inner = self._plan(upstream.definition, wanted.partitions_def)
        if isinstance(upstream.definition, MultiPartitionsDefinition):
            if not wanted:
                return UpstreamPartitionsResult(upstream.empty())
            parts = [_everything(upstream, n) for n in range(upstream.dimensions)]
            parts[position] = inner.upstream_of(wanted, dimension_space(upstream, position))
            return _product(upstream, parts)
        return inner.upstream_of(_shadow(wanted, position), upstream)

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        position, inner = self._plan(upstream.partitions_def, downstream.definition)
        if isinstance(downstream.definition, MultiPartitionsDefinition):
            sides = [axis.universe for axis in downstream.axes]
            sides[position] = inner.downstream_of(upstream, dimension_space(downstream, position)).region
            return PartitionSet.of_sides(downstream, sides)
        return inner.downstream_of(_shadow(upstream, position), downstream)

    def validate(self, upstream: AnyDefinition, downstream: AnyDefinition | None) -> None:
        self._plan(upstream, downstream)

    def _plan(
        self, upstream: AnyDefinition, downstream: AnyDefinition | None
    ) -> tuple[int, PartitionMapping]:
        multi, single = upstream, downstream
        if not isinstance(multi, MultiPartitionsDefinition):
            multi, single = downstream, upstream  # type: ignore[assignment]
        if (
            not isinstance(multi, MultiPartitionsDefinition)
            or single is None
            or isinstance(single, type(multi))
        ):
            raise mapping_error(
                "This mapping joins a multi-dimensional definition to a plain one,"
                f" not {upstream!r} to {downstream!r}."
            )
        names = multi.partition_dimension_names
        name = self.partition_dimension_name
        if name is None:
            name = fitting_dimension(multi, single)
            if name is None:
                raise mapping_error(
                    f"No one dimension of {multi!r} fits {single!r}.",
                    hint=f"Name it: partition_dimension_name, one of {', '.join(names)}.",
                )
        elif name not in names:
            raise mapping_error(
                f"There is no dimension {name!r} in {multi!r}.", hint=f"Dimensions: {', '.join(names)}."
            )
        dimension = multi.get_partitions_def_for_dimension(name)
        timed = all(isinstance(d, TimeWindowPartitionsDefinition) for d in (dimension, single))
        inner: PartitionMapping = TimeWindowPartitionMapping() if timed else IdentityPartitionMapping()
        ends = (dimension, single) if multi is upstream else (single, dimension)
        inner.validate(*ends)
        return names.index(name), inner


def _shadow(partitions: PartitionSet, position: int) -> PartitionSet:
    runs = regions.along(partitions.region, partitions.space.dimensions, position)
    return PartitionSet(dimension_space(partitions.space, position), runs)


def fitting_dimension(multi: MultiPartitionsDefinition, single: AnyDefinition) -> str | None:
    """The one dimension that equals a definition, or the one of time where both are of time."""
    equal = [d.name for d in multi.partitions_defs if d.partitions_def == single]
    if not equal and isinstance(single, TimeWindowPartitionsDefinition):
        equal = [d.name for d in multi.time_window_dimensions]
    return equal[0] if len(equal) == 1 else None


class DimensionPartitionMapping(Value):
    """To which downstream dimension an upstream dimension is joined, and how.

    Args:
        dimension_name: the downstream dimension.
        partition_mapping: how its keys map.
    """

    _field_names = ("dimension_name", "partition_mapping")

    dimension_name: str
    partition_mapping: PartitionMapping

    def __init__(self, dimension_name: str, partition_mapping: PartitionMapping) -> None:
        if not isinstance(partition_mapping, PartitionMapping):
            raise mapping_error(f"partition_mapping must be a partition mapping, not {partition_mapping!r}.")
        set_field(self, "dimension_name", dimension_name)
        set_field(self, "partition_mapping", partition_mapping)


def _by_dimension(given: Mapping[str, DimensionPartitionMapping]) -> dict[str, DimensionPartitionMapping]:
    if not isinstance(given, Mapping) or not all(
        isinstance(v, DimensionPartitionMapping) for v in given.values()
    ):
        raise mapping_error(
            "A multi-partition mapping maps upstream dimensions to DimensionPartitionMapping values."
        )
    return dict(given)


@beta()
class MultiPartitionMapping(Value, PartitionMapping):
    """Joins two multi-dimensional assets dimension by dimension. Dimensions not named need all of each other.

    Args:
        downstream_mappings_by_upstream_dimension: upstream dimension -> the downstream one and how they map.
    """

    _field_names = ("downstream_mappings_by_upstream_dimension",)

    downstream_mappings_by_upstream_dimension: Mapping[str, DimensionPartitionMapping]

    def __init__(
        self, downstream_mappings_by_upstream_dimension: Mapping[str, DimensionPartitionMapping]
    ) -> None:
        joined = _by_dimension(downstream_mappings_by_upstream_dimension)
        set_field(self, "downstream_mappings_by_upstream_dimension", joined)

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        wanted = partitioned(downstream, self)
        self.validate(upstream.definition, wanted.partitions_def)
        results = []
        for sides in regions.boxes(wanted.region, wanted.space.dimensions):
            parts = []
            for position, name in enumerate(upstream.names):
                link = self.downstream_mappings_by_upstream_dimension.get(name)
                if link is None:
                    parts.append(_everything(upstream, position))
                    continue
                below = wanted.space.names.index(link.dimension_name)
                side = PartitionSet(dimension_space(wanted.space, below), sides[below])
                parts.append(link.partition_mapping.upstream_of(side, dimension_space(upstream, position)))
            results.append(_product(upstream, parts))
        return results[0] if len(results) == 1 else _united(upstream, results)

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        self.validate(upstream.partitions_def, downstream.definition)
        found = downstream.empty()
        for sides in regions.boxes(upstream.region, upstream.space.dimensions):
            reached: list[Runs] = [axis.universe for axis in downstream.axes]
            for name, link in self.downstream_mappings_by_upstream_dimension.items():
                above = upstream.space.names.index(name)
                below = downstream.names.index(link.dimension_name)
                side = PartitionSet(dimension_space(upstream.space, above), sides[above])
                mapped = link.partition_mapping.downstream_of(side, dimension_space(downstream, below))
                reached[below] = line.intersection(reached[below], mapped.region)
            found = found | PartitionSet.of_sides(downstream, reached)
        return found

    def validate(self, upstream: AnyDefinition, downstream: AnyDefinition | None) -> None:
        for definition in (upstream, downstream):
            if not isinstance(definition, MultiPartitionsDefinition):
                raise mapping_error(
                    f"A multi-partition mapping joins multi-dimensional definitions, not {definition!r}."
                )
        for name, link in self.downstream_mappings_by_upstream_dimension.items():
            above, below = _dimension(upstream, name), _dimension(downstream, link.dimension_name)
            link.partition_mapping.validate(above, below)


def _dimension(multi: Any, name: str) -> AnyDefinition:
    names = multi.partition_dimension_names
    if name not in names:
        raise mapping_error(
            f"There is no dimension {name!r} in {multi!r}.", hint=f"Dimensions: {', '.join(names)}."
        )
    found: AnyDefinition = multi.get_partitions_def_for_dimension(name)
    return found


def default_mapping(upstream: AnyDefinition | None, downstream: AnyDefinition | None) -> PartitionMapping:
    """The mapping between two assets where none was named. None stands for an unpartitioned asset."""
    if upstream is None or downstream is None:
        return AllPartitionMapping()
    sides = (upstream, downstream)
    if all(isinstance(d, TimeWindowPartitionsDefinition) for d in sides):
        return TimeWindowPartitionMapping()
    multi = [d for d in sides if isinstance(d, MultiPartitionsDefinition)]
    if len(multi) == 1:
        single = downstream if multi[0] is upstream else upstream
        if fitting_dimension(multi[0], single) is not None:
            return MultiToSingleDimensionPartitionMapping()
    return IdentityPartitionMapping()


def check_mapping(
    mapping: PartitionMapping, upstream: AnyDefinition | None, downstream: AnyDefinition | None
) -> None:
    """Raises if a mapping can never work between two assets. None stands for an unpartitioned one.

    Raises:
        InvalidDefinitionError: `invalid-partition-mapping`, naming both definitions.
    """
    if upstream is None:
        return
    if downstream is None:
        ours = type(mapping).__module__.startswith("treadle.core.partitions.")
        whole = (AllPartitionMapping, LastPartitionMapping, SpecificPartitionsPartitionMapping)
        if ours and not isinstance(mapping, whole):
            raise mapping_error(
                f"{type(mapping).__name__} cannot join {upstream!r} to an asset without partitions.",
                hint="Use AllPartitionMapping, LastPartitionMapping or SpecificPartitionsPartitionMapping.",
            )
        return
    mapping.validate(upstream, downstream)


open_to_subclasses(MultiToSingleDimensionPartitionMapping, MultiPartitionMapping, DimensionPartitionMapping)
