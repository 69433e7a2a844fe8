"""Partition mappings: which upstream partitions a downstream partition needs, and the other way."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError
from treadle.core.partitions.axes import ListAxis
from treadle.core.partitions.context import DynamicPartitionsStore
from treadle.core.partitions.definition import (
    PartitionsDefinition,
    StaticPartitionsDefinition,
    last_of,
    open_to_subclasses,
)
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.values import Value, set_field

AnyDefinition = PartitionsDefinition[Any]


class UpstreamPartitionsResult(Value):
    """What a set of downstream partitions needs.

    Args:
        partitions_subset: the upstream partitions that exist.
        required_but_nonexistent_subset: those that are needed and do not exist. Its keys can be read;
            it may be numbered apart from the definition.
    """

    _field_names = ("partitions_subset", "required_but_nonexistent_subset")

    partitions_subset: PartitionSet
    required_but_nonexistent_subset: PartitionSet

    def __init__(
        self, partitions_subset: PartitionSet, required_but_nonexistent_subset: PartitionSet | None = None
    ) -> None:
        missing = required_but_nonexistent_subset
        set_field(self, "partitions_subset", partitions_subset)
        set_field(
            self,
            "required_but_nonexistent_subset",
            partitions_subset.empty_subset() if missing is None else missing,
        )

    @property
    def required_but_nonexistent_partition_keys(self) -> list[str]:
        """The keys that are needed and do not exist."""
        return list(self.required_but_nonexistent_subset)


def missing_keys(space: PartitionSpace, keys: Iterable[str]) -> PartitionSet:
    """A set of keys that a space does not have."""
    listed = ListAxis(tuple(keys))
    return PartitionSet(PartitionSpace(space.definition, (listed,)), listed.universe)


def mapping_error(message: str, hint: str | None = None) -> InvalidDefinitionError:
    """The error for a mapping that does not fit the two definitions."""
    return InvalidDefinitionError(message, code="invalid-partition-mapping", hint=hint)


class PartitionMapping:
    """How the partitions of two assets belong together. Subclass it and override the two `get_…` methods.

    The engine asks `upstream_of` and `downstream_of`; for a subclass these call the two.

    Example:
        >>> from treadle.core.partitions.definition import StaticPartitionsDefinition
        >>> letters = StaticPartitionsDefinition(["a", "b"])
        >>> wanted = letters.subset_with_partition_keys(["a"])
        >>> needs = AllPartitionMapping().upstream_of(wanted, letters.space())
        >>> list(needs.partitions_subset)
        ['a', 'b']
    """

    __slots__ = ()

    @property
    def description(self) -> str:
        """One line for a person."""
        return type(self).__name__

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        """The upstream partitions that some downstream ones need.

        Args:
            downstream: the downstream partitions; None for an unpartitioned asset.
            upstream: what exists upstream.
        """
        if type(self).get_upstream_mapped_partitions_result_for_partitions is _PEER_UPSTREAM:
            raise NotImplementedError(f"{type(self).__name__} does not say what is upstream of a partition")
        found: UpstreamPartitionsResult = self.get_upstream_mapped_partitions_result_for_partitions(
            downstream, None if downstream is None else downstream.partitions_def, upstream.definition
        )
        space, region = found.partitions_subset.space, found.partitions_subset.region
        existing = PartitionSet(upstream, upstream.region_from(space, region))
        return UpstreamPartitionsResult(existing, found.required_but_nonexistent_subset)

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        """The downstream partitions that need any of some upstream ones.

        Args:
            upstream: the upstream partitions.
            downstream: what exists downstream.
        """
        if type(self).get_downstream_partitions_for_partitions is _PEER_DOWNSTREAM:
            raise NotImplementedError(f"{type(self).__name__} does not say what is downstream of a partition")
        found: PartitionSet = self.get_downstream_partitions_for_partitions(
            upstream, upstream.partitions_def, downstream.definition
        )
        return PartitionSet(downstream, downstream.region_from(found.space, found.region))

    def validate(self, upstream: AnyDefinition, downstream: AnyDefinition | None) -> None:
        """Raises if the mapping can never work between these definitions.

        Raises:
            InvalidDefinitionError: `invalid-partition-mapping`.
        """

    def validate_partition_mapping(
        self, upstream_partitions_def: AnyDefinition, downstream_partitions_def: AnyDefinition | None
    ) -> None:
        """`validate`, under its older name."""
        self.validate(upstream_partitions_def, downstream_partitions_def)

    def get_upstream_mapped_partitions_result_for_partitions(
        self,
        downstream_partitions_subset: PartitionSet | None,
        downstream_partitions_def: AnyDefinition | None,
        upstream_partitions_def: AnyDefinition,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> UpstreamPartitionsResult:
        """The upstream partitions that a set of downstream ones needs.

        Args:
            downstream_partitions_subset: None for an unpartitioned asset.
            downstream_partitions_def: the definition it belongs to.
            upstream_partitions_def: the upstream asset's definition.
            current_time: the time that counts as now.
            dynamic_partitions_store: where dynamic keys are kept.
        """
        upstream = upstream_partitions_def.space(current_time, dynamic_partitions_store)
        return self.upstream_of(downstream_partitions_subset, upstream)

    def get_downstream_partitions_for_partitions(
        self,
        upstream_partitions_subset: PartitionSet,
        upstream_partitions_def: AnyDefinition,
        downstream_partitions_def: AnyDefinition,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> PartitionSet:
        """The downstream partitions that need any of a set of upstream ones.

        Args:
            upstream_partitions_subset: the upstream partitions.
            upstream_partitions_def: the definition they belong to.
            downstream_partitions_def: the downstream asset's definition.
            current_time: the time that counts as now.
            dynamic_partitions_store: where dynamic keys are kept.
        """
        downstream = downstream_partitions_def.space(current_time, dynamic_partitions_store)
        return self.downstream_of(upstream_partitions_subset, downstream)


_PEER_UPSTREAM = PartitionMapping.get_upstream_mapped_partitions_result_for_partitions
_PEER_DOWNSTREAM = PartitionMapping.get_downstream_partitions_for_partitions


def partitioned(downstream: PartitionSet | None, mapping: PartitionMapping) -> PartitionSet:
    """The downstream set, which this mapping cannot do without."""
    if downstream is None:
        raise InvariantViolationError(
            f"{type(mapping).__name__} needs a partitioned downstream asset.",
            hint="Use AllPartitionMapping, LastPartitionMapping or SpecificPartitionsPartitionMapping.",
        )
    return downstream


class IdentityPartitionMapping(Value, PartitionMapping):
    """Each partition needs the one with the same key."""

    _field_names = ()

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        wanted = partitioned(downstream, self)
        if upstream.names != wanted.space.names:
            existing, unknown = upstream.find_keys(
                map(str, wanted)
            )  # by text: dimensions may have other names
            return UpstreamPartitionsResult(existing, missing_keys(upstream, unknown))
        moved = PartitionSet(upstream, upstream.region_from(wanted.space, wanted.region))
        existing = moved & upstream.all()
        if len(existing) == len(wanted):
            return UpstreamPartitionsResult(existing)
        present = set(existing)
        return UpstreamPartitionsResult(
            existing, missing_keys(upstream, (key for key in wanted if key not in present))
        )

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        if downstream.names != upstream.space.names:
            return downstream.find_keys(map(str, upstream))[0]
        return (
            PartitionSet(downstream, downstream.region_from(upstream.space, upstream.region))
            & downstream.all()
        )

    def validate(self, upstream: AnyDefinition, downstream: AnyDefinition | None) -> None:
        if downstream is None:
            raise mapping_error(
                f"The identity mapping cannot join {upstream!r} to an asset without partitions."
            )
        kinds = [_kind_of(definition) for definition in (upstream, downstream)]
        if None not in kinds and kinds[0] != kinds[1]:
            raise mapping_error(
                f"The identity mapping cannot join {upstream!r} to {downstream!r}: their keys never agree.",
                hint="Name another mapping, such as AllPartitionMapping or StaticPartitionMapping.",
            )
        counts = [len(_dimension_names(definition)) for definition in (upstream, downstream)]
        if counts[0] != counts[1]:
            raise mapping_error(
                f"The identity mapping cannot join {upstream!r} to {downstream!r}: keys of {counts[0]} dimensions "
                f"never agree with keys of {counts[1]}.",
                hint="Name a MultiPartitionMapping, or AllPartitionMapping to read all of them.",
            )


def _dimension_names(definition: object) -> tuple[str, ...]:
    return tuple(getattr(definition, "partition_dimension_names", ()))


def _kind_of(definition: object) -> type | None:
    """The class of ours that a definition is, below the base; None for users' own."""
    ancestors = type(definition).__mro__
    kinds = [c for c in ancestors if c.__module__.startswith("treadle.core.partitions.")]
    below = kinds[: kinds.index(PartitionsDefinition)] if PartitionsDefinition in kinds else []
    return below[-1] if below else None


class AllPartitionMapping(Value, PartitionMapping):
    """Each partition needs all upstream ones."""

    _field_names = ()

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        nothing_asked = downstream is not None and not downstream
        return UpstreamPartitionsResult(upstream.empty() if nothing_asked else upstream.all())

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        return downstream.all() if upstream else downstream.empty()


class LastPartitionMapping(Value, PartitionMapping):
    """Each partition needs the last upstream one."""

    _field_names = ()

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        nothing_asked = downstream is not None and not downstream
        return UpstreamPartitionsResult(upstream.empty() if nothing_asked else last_of(upstream))

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        last = last_of(upstream.space)
        return downstream.all() if last & upstream else downstream.empty()


class SpecificPartitionsPartitionMapping(Value, PartitionMapping):
    """Each partition needs the same few upstream ones.

    Args:
        partition_keys: their keys. One that does not exist is reported as required but nonexistent, but left out
            where the upstream is in time: it comes once its time has come.
    """

    _field_names = ("partition_keys",)

    partition_keys: Collection[str]

    def __init__(self, partition_keys: Iterable[str]) -> None:
        set_field(self, "partition_keys", tuple(partition_keys))

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        if downstream is not None and not downstream:
            return UpstreamPartitionsResult(upstream.empty())
        existing, unknown = upstream.find_keys(self.partition_keys)
        window_of = getattr(upstream.definition, "ordinal_of", None)
        if window_of is not None:
            unknown = [key for key in unknown if window_of(key) is None]
        return UpstreamPartitionsResult(existing, missing_keys(upstream, unknown))

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        touched = any(key in upstream for key in self.partition_keys)
        return downstream.all() if touched else downstream.empty()


def _table(given: Mapping[str, str | Collection[str]]) -> dict[str, frozenset[str]]:
    if not isinstance(given, Mapping):
        raise mapping_error(
            f"A static mapping is a dictionary from upstream to downstream keys, not {given!r}."
        )
    table: dict[str, frozenset[str]] = {}
    for upstream, downstream in given.items():
        keys = [downstream] if isinstance(downstream, str) else downstream
        if not isinstance(keys, Collection) or not all(isinstance(key, str) for key in keys):
            raise mapping_error(
                f"The keys downstream of {upstream!r} must be a text or several, not {downstream!r}."
            )
        table[upstream] = frozenset(keys)
    return table


class StaticPartitionMapping(Value, PartitionMapping):
    """A table from upstream keys to the downstream keys that need them, between two static definitions.

    Args:
        downstream_partition_keys_by_upstream_partition_key: upstream key -> downstream key or keys.
    """

    _field_names = ("downstream_partition_keys_by_upstream_partition_key",)

    downstream_partition_keys_by_upstream_partition_key: Mapping[str, str | Collection[str]]

    def __init__(
        self, downstream_partition_keys_by_upstream_partition_key: Mapping[str, str | Collection[str]]
    ) -> None:
        table = _table(downstream_partition_keys_by_upstream_partition_key)
        set_field(self, "downstream_partition_keys_by_upstream_partition_key", table)

    @property
    def _targets(self) -> Mapping[str, frozenset[str]]:
        return self.downstream_partition_keys_by_upstream_partition_key  # type: ignore[return-value]

    def upstream_of(
        self, downstream: PartitionSet | None, upstream: PartitionSpace
    ) -> UpstreamPartitionsResult:
        wanted = partitioned(downstream, self)
        self.validate(upstream.definition, wanted.partitions_def)
        keys = [up for up, targets in self._targets.items() if any(key in wanted for key in targets)]
        return UpstreamPartitionsResult(upstream.of_keys(keys))

    def downstream_of(self, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
        self.validate(upstream.partitions_def, downstream.definition)
        keys = {key for up, targets in self._targets.items() if up in upstream for key in targets}
        return downstream.of_keys(keys)

    def validate(self, upstream: AnyDefinition, downstream: AnyDefinition | None) -> None:
        for definition, used in (
            (upstream, self._targets),
            (downstream, {key for targets in self._targets.values() for key in targets}),
        ):
            if not isinstance(definition, StaticPartitionsDefinition):
                raise mapping_error(f"A static mapping joins static definitions, not {definition!r}.")
            unknown = sorted(set(used) - set(definition.partition_keys))
            if unknown:
                raise mapping_error(
                    f"The static mapping names keys that {definition!r} lacks: {', '.join(unknown)}."
                )


open_to_subclasses(
    IdentityPartitionMapping,
    AllPartitionMapping,
    LastPartitionMapping,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
)
