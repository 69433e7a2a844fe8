"""Definitions and mappings as tagged structs, so that a catalog can carry them.

What only user code can answer (a subclass of `PartitionsDefinition` or `PartitionMapping`, a `partition_fn`)
travels as a question and is answered by the process that holds the code: read back, it is a `UserCode`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from treadle.core.opaque import UserCode
from treadle.core.partitions import mapping as mappings
from treadle.core.partitions.definition import (
    DynamicPartitionsDefinition,
    PartitionsDefinition,
    StaticPartitionsDefinition,
)
from treadle.core.partitions.mapping import PartitionMapping
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.multi_mapping import (
    DimensionPartitionMapping,
    MultiPartitionMapping,
    MultiToSingleDimensionPartitionMapping,
)
from treadle.core.partitions.rhythms import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    WeeklyPartitionsDefinition,
)
from treadle.core.partitions.time_mapping import TimeWindowPartitionMapping
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition


class UserCodeWire(msgspec.Struct, frozen=True, tag="user_code", tag_field="type"):
    """A question for user code: its kind, which one, and a label for people."""

    kind: str
    id: str
    label: str


class StaticWire(msgspec.Struct, frozen=True, tag="static", tag_field="type"):
    """A list of keys."""

    keys: tuple[str, ...]


class DynamicWire(msgspec.Struct, frozen=True, tag="dynamic", tag_field="type"):
    """Keys kept under a name."""

    name: str


class TimeWire(msgspec.Struct, frozen=True, tag="time", tag_field="type", omit_defaults=True):
    """Windows of time. Times are wall time in the zone, with a `+` in the second pass of a repeated hour."""

    rhythm: str
    cron: str
    start: str
    fmt: str
    timezone: str = "UTC"
    end: str | None = None
    end_offset: int = 0
    excluded_schedules: tuple[str, ...] = ()
    excluded_times: tuple[str, ...] = ()
    has_exclusions: bool = False


class MultiWire(msgspec.Struct, frozen=True, tag="multi", tag_field="type"):
    """Dimensions by name."""

    dimensions: dict[str, "StaticWire | DynamicWire | TimeWire | UserCodeWire"]


DefinitionWire = StaticWire | DynamicWire | TimeWire | MultiWire | UserCodeWire


class PlainMappingWire(msgspec.Struct, frozen=True, tag="plain", tag_field="type"):
    """A mapping without arguments: `identity`, `all` or `last`."""

    name: str


class SpecificWire(msgspec.Struct, frozen=True, tag="specific", tag_field="type"):
    """Fixed upstream keys."""

    keys: tuple[str, ...]


class StaticMappingWire(msgspec.Struct, frozen=True, tag="static", tag_field="type"):
    """Upstream key -> downstream keys."""

    table: dict[str, tuple[str, ...]]


class TimeMappingWire(msgspec.Struct, frozen=True, tag="time", tag_field="type"):
    """Overlap of windows."""

    start_offset: int
    end_offset: int
    allow_nonexistent: bool


class OneDimensionWire(msgspec.Struct, frozen=True, tag="one_dimension", tag_field="type"):
    """Multi-dimensional to plain."""

    dimension: str | None


class MultiMappingWire(msgspec.Struct, frozen=True, tag="multi", tag_field="type"):
    """Upstream dimension -> (downstream dimension, mapping)."""

    links: dict[str, tuple[str, "MappingWire"]]


MappingWire = (
    PlainMappingWire
    | SpecificWire
    | StaticMappingWire
    | TimeMappingWire
    | OneDimensionWire
    | MultiMappingWire
    | UserCodeWire
)

_RHYTHMS: dict[str, type[TimeWindowPartitionsDefinition]] = {
    "daily": DailyPartitionsDefinition,
    "hourly": HourlyPartitionsDefinition,
    "weekly": WeeklyPartitionsDefinition,
    "monthly": MonthlyPartitionsDefinition,
    "cron": TimeWindowPartitionsDefinition,
}
_RHYTHM_NAMES = {definition: name for name, definition in _RHYTHMS.items()}
_PLAIN: dict[str, type[PartitionMapping]] = {
    "identity": mappings.IdentityPartitionMapping,
    "all": mappings.AllPartitionMapping,
    "last": mappings.LastPartitionMapping,
}
_PLAIN_NAMES = {mapping: name for name, mapping in _PLAIN.items()}


def definition_to_wire(definition: PartitionsDefinition[Any] | UserCode, id: str = "") -> DefinitionWire:
    """The wire form of a definition.

    Args:
        definition: any; users' own become `UserCodeWire`.
        id: names the definition within the catalog, for the case that user code must be asked.
    """
    if isinstance(definition, UserCode):
        return UserCodeWire(definition.kind, definition.id, definition.label)
    if type(definition) is StaticPartitionsDefinition:
        return StaticWire(tuple(definition.partition_keys))
    if type(definition) is DynamicPartitionsDefinition and definition.name is not None:
        return DynamicWire(definition.name)
    if isinstance(definition, TimeWindowPartitionsDefinition) and type(definition) in _RHYTHM_NAMES:
        return _time_to_wire(definition)
    if type(definition) is MultiPartitionsDefinition:
        parts = {d.name: definition_to_wire(d.partitions_def, id) for d in definition.partitions_defs}
        return MultiWire(parts)  # type: ignore[arg-type]
    return UserCodeWire("partitions_definition", id, repr(definition))


def definition_from_wire(wire: DefinitionWire) -> PartitionsDefinition[Any] | UserCode:
    """The definition of a wire form; a question for user code stays one."""
    if isinstance(wire, StaticWire):
        return StaticPartitionsDefinition(wire.keys)
    if isinstance(wire, DynamicWire):
        return DynamicPartitionsDefinition(name=wire.name)
    if isinstance(wire, TimeWire):
        return _time_from_wire(wire)
    if isinstance(wire, MultiWire):
        parts = {name: definition_from_wire(part) for name, part in wire.dimensions.items()}
        asked = next((part for part in parts.values() if isinstance(part, UserCode)), None)
        return asked or MultiPartitionsDefinition(parts)  # type: ignore[arg-type]
    return UserCode(wire.kind, wire.id, wire.label)


def _time_to_wire(definition: TimeWindowPartitionsDefinition) -> TimeWire:
    exclusions = definition.exclusions or ()
    return TimeWire(
        rhythm=_RHYTHM_NAMES[type(definition)],
        cron=definition.cron_schedule,
        start=_wall(definition.start),
        fmt=definition.fmt,
        timezone=definition.timezone,
        end=None if definition.end is None else _wall(definition.end),
        end_offset=definition.end_offset,
        excluded_schedules=tuple(e for e in exclusions if isinstance(e, str)),
        excluded_times=tuple(_wall(e) for e in exclusions if isinstance(e, datetime)),
        has_exclusions=definition.exclusions is not None,
    )


def _time_from_wire(wire: TimeWire) -> TimeWindowPartitionsDefinition:
    made = object.__new__(_RHYTHMS[wire.rhythm])
    exclusions: list[str | datetime] = [*wire.excluded_schedules, *map(_moment, wire.excluded_times)]
    TimeWindowPartitionsDefinition.__init__(
        made,
        start=_moment(wire.start),
        fmt=wire.fmt,
        end=None if wire.end is None else _moment(wire.end),
        timezone=wire.timezone,
        end_offset=wire.end_offset,
        cron_schedule=wire.cron,
        exclusions=exclusions if wire.has_exclusions else None,
    )
    return made


def _wall(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + ("+" if moment.fold else "")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.rstrip("+"))
    return moment.replace(fold=1) if text.endswith("+") else moment


def mapping_to_wire(mapping: PartitionMapping | UserCode, id: str = "") -> MappingWire:
    """The wire form of a mapping.

    Args:
        mapping: any; users' own become `UserCodeWire`.
        id: names the mapping within the catalog, for the case that user code must be asked.
    """
    if isinstance(mapping, UserCode):
        return UserCodeWire(mapping.kind, mapping.id, mapping.label)
    kind = type(mapping)
    if kind in _PLAIN_NAMES:
        return PlainMappingWire(_PLAIN_NAMES[kind])
    to_wire = _TO_WIRE.get(kind)
    if to_wire is None or (isinstance(mapping, MultiPartitionMapping) and not _all_ours(mapping)):
        return UserCodeWire("partition_mapping", id, mapping.description)
    return to_wire(mapping)


def mapping_from_wire(wire: MappingWire) -> PartitionMapping | UserCode:
    """The mapping of a wire form; a question for user code stays one."""
    if isinstance(wire, PlainMappingWire):
        return _PLAIN[wire.name]()
    if isinstance(wire, SpecificWire):
        return mappings.SpecificPartitionsPartitionMapping(wire.keys)
    if isinstance(wire, StaticMappingWire):
        return mappings.StaticPartitionMapping(wire.table)
    if isinstance(wire, TimeMappingWire):
        return TimeWindowPartitionMapping(wire.start_offset, wire.end_offset, wire.allow_nonexistent)
    if isinstance(wire, OneDimensionWire):
        return MultiToSingleDimensionPartitionMapping(wire.dimension)
    if isinstance(wire, MultiMappingWire):
        return MultiPartitionMapping(
            {
                name: DimensionPartitionMapping(below, mapping_from_wire(inner))  # type: ignore[arg-type]
                for name, (below, inner) in wire.links.items()
            }
        )
    return UserCode(wire.kind, wire.id, wire.label)


def _all_ours(mapping: MultiPartitionMapping) -> bool:
    links = mapping.downstream_mappings_by_upstream_dimension.values()
    return not any(isinstance(mapping_to_wire(link.partition_mapping), UserCodeWire) for link in links)


_TO_WIRE: dict[type, Callable[[Any], MappingWire]] = {
    mappings.SpecificPartitionsPartitionMapping: lambda m: SpecificWire(tuple(m.partition_keys)),
    mappings.StaticPartitionMapping: lambda m: StaticMappingWire(
        {
            up: tuple(sorted(down))
            for up, down in m.downstream_partition_keys_by_upstream_partition_key.items()
        }
    ),
    TimeWindowPartitionMapping: lambda m: TimeMappingWire(
        m.start_offset, m.end_offset, m.allow_nonexistent_upstream_partitions
    ),
    MultiToSingleDimensionPartitionMapping: lambda m: OneDimensionWire(m.partition_dimension_name),
    MultiPartitionMapping: lambda m: MultiMappingWire(
        {
            name: (link.dimension_name, mapping_to_wire(link.partition_mapping))
            for name, link in m.downstream_mappings_by_upstream_dimension.items()
        }
    ),
}
