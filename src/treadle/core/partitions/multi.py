"""Partitions in several dimensions at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from treadle.core.errors import InvalidDefinitionError, InvalidInvocationError, InvariantViolationError
from treadle.core.partitions.axes import Axis, ListAxis
from treadle.core.partitions.context import DynamicPartitionsStore, loading
from treadle.core.partitions.definition import (
    DynamicPartitionsDefinition,
    PartitionsDefinition,
    StaticPartitionsDefinition,
    open_to_subclasses,
)
from treadle.core.partitions.keys import (
    DIMENSION_SEPARATOR,
    MultiPartitionKey,
    TimeWindow,
    invalid_partitions,
)
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.run_tags import PARTITION_TAG
from treadle.core.values import Value, set_field


class PartitionDimensionDefinition(NamedTuple):
    """One dimension: its name and what partitions it has."""

    name: str
    partitions_def: PartitionsDefinition[str]


def _dimensions(given: Mapping[str, PartitionsDefinition[str]]) -> tuple[PartitionDimensionDefinition, ...]:
    if not isinstance(given, Mapping):
        raise invalid_partitions(f"partitions_defs must map names to partitions definitions, not {given!r}.")
    if len(given) < 2:
        raise InvalidInvocationError(
            f"Multi-dimensional partitions need at least two dimensions, not {len(given)}.",
            hint="Use the one definition itself.",
        )
    for name, definition in given.items():
        if not isinstance(name, str) or not isinstance(definition, PartitionsDefinition):
            raise invalid_partitions(f"Dimension {name!r} needs a partitions definition, not {definition!r}.")
        if isinstance(definition, MultiPartitionsDefinition):
            raise invalid_partitions(
                f"Dimension {name!r} has several dimensions itself.", hint="List all dimensions side by side."
            )
        if isinstance(definition, StaticPartitionsDefinition):
            bad = next((key for key in definition.partition_keys if DIMENSION_SEPARATOR in key), None)
            if bad is not None:
                raise InvalidDefinitionError(
                    f"The key {bad!r} of dimension {name!r} contains {DIMENSION_SEPARATOR!r}.",
                    code="invalid-partition-key",
                    hint="This character separates the dimensions of a key.",
                )
    return tuple(PartitionDimensionDefinition(name, given[name]) for name in sorted(given))


class MultiPartitionsDefinition(Value, PartitionsDefinition[MultiPartitionKey]):
    """Every combination of the partitions of two or more dimensions.

    Keys are the dimensions' keys joined by `|`, dimensions in alphabetical order. Dynamic keys that contain
    `|` have no partitions here.

    Args:
        partitions_defs: dimension name -> partitions definition; any number from two on.

    Example:
        >>> days = TimeWindowPartitionsDefinition(start="2026-01-01", fmt="%Y-%m-%d", cron_schedule="@daily")
        >>> cities = StaticPartitionsDefinition(["oslo", "rome"])
        >>> MultiPartitionsDefinition({"day": days, "city": cities}).has_partition_key("oslo|2026-01-01")
        True
    """

    _field_names = ("_dimensions",)

    _dimensions: tuple[PartitionDimensionDefinition, ...]

    def __init__(self, partitions_defs: Mapping[str, PartitionsDefinition[str]]) -> None:
        set_field(self, "_dimensions", _dimensions(partitions_defs))

    def _replace(self, **changes: Any) -> "MultiPartitionsDefinition":
        """The definition with other dimensions."""
        return type(self)(changes.get("partitions_defs", dict(self._dimensions)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self._dimensions),)

    def _told_apart_by(self, store: DynamicPartitionsStore | None) -> Any:
        return {name: definition._told_apart_by(store) for name, definition in self._dimensions}

    @property
    def partitions_defs(self) -> Sequence[PartitionDimensionDefinition]:
        """The dimensions, by name in alphabetical order."""
        return self._dimensions

    @property
    def partition_dimension_names(self) -> list[str]:
        """The dimensions' names, in alphabetical order."""
        return [dimension.name for dimension in self._dimensions]

    @property
    def primary_dimension(self) -> PartitionDimensionDefinition:
        """The first time dimension, or the first of all."""
        timed = [d for d in self._dimensions if isinstance(d.partitions_def, TimeWindowPartitionsDefinition)]
        return (timed or self._dimensions)[0]

    @property
    def secondary_dimension(self) -> PartitionDimensionDefinition:
        """The first dimension that is not the primary one."""
        return next(d for d in self._dimensions if d is not self.primary_dimension)

    @property
    def time_window_dimensions(self) -> list[PartitionDimensionDefinition]:
        """The dimensions of time."""
        return [d for d in self._dimensions if isinstance(d.partitions_def, TimeWindowPartitionsDefinition)]

    @property
    def has_time_window_dimension(self) -> bool:
        """Whether any dimension is one of time."""
        return bool(self.time_window_dimensions)

    @property
    def time_window_dimension(self) -> PartitionDimensionDefinition:
        """The one dimension of time.

        Raises:
            InvariantViolationError: there is none, or more than one.
        """
        timed = self.time_window_dimensions
        if len(timed) != 1:
            raise InvariantViolationError(f"{self!r} has {len(timed)} time dimensions, not one.")
        return timed[0]

    @property
    def time_window_partitions_def(self) -> TimeWindowPartitionsDefinition:
        """The definition of the one dimension of time."""
        definition = self.time_window_dimension.partitions_def
        assert isinstance(definition, TimeWindowPartitionsDefinition)
        return definition

    def get_partitions_def_for_dimension(self, dimension_name: str) -> PartitionsDefinition[str]:
        """A dimension's definition.

        Raises:
            InvariantViolationError: no such dimension.
        """
        return self._dimensions[self._position(dimension_name)].partitions_def

    def _position(self, dimension_name: str) -> int:
        names = self.partition_dimension_names
        if dimension_name not in names:
            raise InvariantViolationError(
                f"There is no dimension {dimension_name!r} in {self!r}.",
                hint=f"Dimensions: {', '.join(names)}.",
            )
        return names.index(dimension_name)

    def _space_at(self, time: datetime, store: DynamicPartitionsStore | None) -> PartitionSpace:
        axes: list[Axis] = []
        for dimension in self._dimensions:
            (axis,) = dimension.partitions_def.space(time, store).axes
            axes.append(_without_separator(axis))
        return PartitionSpace(self, tuple(axes), tuple(self.partition_dimension_names))

    def _space_without_store(self) -> PartitionSpace:
        context = loading(None, None)
        if context.dynamic_partitions_store is not None or not any(
            isinstance(d.partitions_def, DynamicPartitionsDefinition) for d in self._dimensions
        ):
            return self.space()
        axes = tuple(d.partitions_def.empty_subset().space.axes[0] for d in self._dimensions)
        return PartitionSpace(self, axes, tuple(self.partition_dimension_names))

    def get_partition_key_from_str(self, partition_key_str: str) -> MultiPartitionKey:
        """A key with its dimensions, from its text.

        Raises:
            UnknownPartitionError: the text has another number of parts.
        """
        parts = partition_key_str.split(DIMENSION_SEPARATOR)
        if len(parts) != len(self._dimensions):
            space = PartitionSpace(
                self, tuple(ListAxis(()) for _ in self._dimensions), tuple(self.partition_dimension_names)
            )
            raise space.unknown(partition_key_str)
        return MultiPartitionKey(dict(zip(self.partition_dimension_names, parts, strict=True)))

    def get_multipartition_keys_with_dimension_value(
        self,
        dimension_name: str,
        dimension_partition_key: str,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
        current_time: datetime | None = None,
    ) -> Sequence[MultiPartitionKey]:
        """All keys that have a given key in one dimension."""
        position = self._position(dimension_name)
        space = self.space(current_time, dynamic_partitions_store)
        ordinal = space.axes[position].ordinal(dimension_partition_key)
        if ordinal is None:
            return []
        sides = [axis.universe for axis in space.axes]
        sides[position] = ((ordinal, ordinal + 1),)
        found = PartitionSet.of_sides(space, sides)
        return [
            MultiPartitionKey(dict(zip(space.names, key.split(DIMENSION_SEPARATOR), strict=True)))
            for key in found
        ]

    def time_window_for_partition_key(self, partition_key: str) -> TimeWindow:
        """The window of a key in the one dimension of time."""
        key = self.get_partition_key_from_str(partition_key)
        part = key.keys_by_dimension[self.time_window_dimension.name]
        return self.time_window_partitions_def.time_window_for_partition_key(part)

    def get_tags_for_partition_key(self, partition_key: str) -> Mapping[str, str]:
        """The tags of a run of this partition: the whole key, and one tag a dimension."""
        key = self.get_partition_key_from_str(partition_key)
        by_dimension = {f"{PARTITION_TAG}/{name}": part for name, part in key.keys_by_dimension.items()}
        return {PARTITION_TAG: str(key), **by_dimension}

    def __repr__(self) -> str:
        parts = ", ".join(f"{d.name!r}: {d.partitions_def!r}" for d in self._dimensions)
        return f"{type(self).__name__}({{{parts}}})"


def _without_separator(axis: Axis) -> Axis:
    if isinstance(axis, ListAxis) and any(DIMENSION_SEPARATOR in key for key in axis.list):
        return ListAxis([key for key in axis.list if DIMENSION_SEPARATOR not in key])
    return axis


open_to_subclasses(MultiPartitionsDefinition)
