"""What a backfill is made of: the assets that are made together, how they need each other, and which partitions of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from treadle.core.catalog import Catalog, Computation
from treadle.core.errors import UnknownPartitionError
from treadle.core.keys import AssetKey
from treadle.core.partitions.context import DynamicPartitionsStore
from treadle.core.partitions.mapping import IdentityPartitionMapping
from treadle.core.partitions.multi_mapping import default_mapping
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.plan.plan import Plan


@attrs.frozen(eq=False)
class Unit:
    """Assets of one function that are made together."""

    asset_keys: tuple[AssetKey, ...]
    definition: Any
    """Of their partitions; None where they have none."""
    reads: Mapping[AssetKey, Any]
    """What they read of other units or of their own earlier partitions, each with the mapping that was given."""
    limit: int | None
    """The most partitions that one run of them may make; None: any number."""
    whole: frozenset[AssetKey] = frozenset()
    """Those of them without partitions, where others have some: each run makes them anew."""

    @property
    def reads_itself(self) -> bool:
        """Whether it reads other partitions of what it makes."""
        return any(key in self.reads for key in self.asset_keys)


def units_of(catalog: Catalog, plan: Plan) -> list[Unit]:
    """The plan's assets in units, in order of need. A check on its own runs with the asset that it checks."""
    maker = {key: step.key for step in plan.steps for key in step.asset_keys}
    units: list[Unit] = []
    for step in plan.steps:
        # The writers of an asset run together, where the last of them does.
        if not step.asset_keys or maker[step.asset_keys[0]] != step.key:
            continue
        computations = _computations_of(catalog, step.computation, step.asset_keys[0])
        definitions = [catalog.partitions_def_of(key) for key in step.asset_keys]
        is_apart = computations[0].can_subset and any(each != definitions[0] for each in definitions)
        parts = _in_order_of_need(computations[0], step.asset_keys) if is_apart else [step.asset_keys]
        units.extend(_unit(catalog, computations, tuple(part), is_apart=is_apart) for part in parts)
    return units


def with_all_made_together(catalog: Catalog, asset_keys: Sequence[AssetKey]) -> Sequence[AssetKey]:
    """Assets, and those without partitions that their functions always make along: they belong to another chunk."""
    found = dict.fromkeys(asset_keys)
    for key in asset_keys:
        for name in catalog.assets[key].computations:
            computation = catalog.computations[name]
            if not computation.can_subset:
                made = (node.asset_key for node in computation.outputs if node.asset_key is not None)
                found.update(dict.fromkeys(each for each in made if catalog.partitions_def_of(each) is None))
    return tuple(found)


def is_made_beside_others(catalog: Catalog, key: AssetKey) -> bool:
    """Whether a function makes an asset only together with others, so that it is made anew when one of them failed."""
    for name in catalog.assets[key].computations:
        computation = catalog.computations[name]
        made = [node for node in computation.outputs if node.asset_key is not None]
        if len(made) > 1 and not computation.can_subset:
            return True
    return False


def _computations_of(catalog: Catalog, name: str, key: AssetKey) -> list[Computation]:
    """A step's computation; of a writer, those of all writers of its asset, which run together."""
    own = catalog.computations[name]
    return (
        [own]
        if own.writer is None
        else [catalog.computations[each] for each in catalog.assets[key].computations]
    )


def _in_order_of_need(computation: Computation, keys: Sequence[AssetKey]) -> Iterator[tuple[AssetKey]]:
    """Each asset of a function by itself, after those of the same function that it needs."""
    left = dict.fromkeys(keys)
    needs = computation.internal_deps or {}
    while left:
        ready = [key for key in left if not (needs.get(key, frozenset()) & left.keys()) - {key}]
        for key in ready or list(left):
            del left[key]
            yield (key,)


def _unit(
    catalog: Catalog, computations: Sequence[Computation], keys: tuple[AssetKey, ...], *, is_apart: bool
) -> Unit:
    definition = computations[0].partitions_def
    if definition is None or is_apart:
        definition = next(filter(None, map(catalog.partitions_def_of, keys)), None)
    whole = {key for key in keys if definition is not None and catalog.partitions_def_of(key) is None}
    parents = {parent for key in keys for parent in catalog.parents_of(key)}
    reads = {
        node.asset_key: catalog.partition_mapping_of(keys[0], node.asset_key)
        if is_apart and node.asset_key in catalog.assets
        else node.partition_mapping
        for each in computations
        for node in each.inputs
        if node.asset_key is not None and (not is_apart or node.asset_key in parents)
    }
    if is_apart:
        internal = parents & {
            key for key, node in catalog.assets.items() if computations[0].name in node.computations
        }
        reads.update(dict.fromkeys(internal - set(keys)))
    limit = _limit_of(computations) if definition is not None else None
    return Unit(keys, definition, reads, limit, frozenset(whole))


def _limit_of(computations: Iterable[Computation]) -> int | None:
    """The least that the backfill policies allow; one where there is none."""
    limits = []
    for computation in computations:
        policy = computation.backfill_policy
        limits.append(1 if policy is None else policy.max_partitions_per_run)
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None


class Spaces:
    """What exists of each definition, all at the same time."""

    def __init__(self, current_time: datetime | None, dynamic: DynamicPartitionsStore | None) -> None:
        self._time = current_time
        self._dynamic = dynamic
        self._known: list[tuple[Any, Any]] = []

    def of(self, definition: Any) -> Any:
        """The partitions of a definition."""
        for known, space in self._known:
            if known == definition:
                return space
        space = definition.space(self._time, self._dynamic)
        self._known.append((definition, space))
        return space


def targets_of(units: Sequence[Unit], spaces: Spaces, asked: PartitionSet | None) -> dict[Unit, PartitionSet]:
    """Which partitions of each unit belong to what was asked for; units without partitions are left out.

    Those of another definition than the one asked for follow by the mappings, from what is read and then from what
    reads. Where nothing leads there, the keys or the times that were named count; else, where something without
    partitions stands between, all are meant: that needs them all, or is new for them all.

    Args:
        asked: partitions of one definition; None: all of every one.

    Raises:
        UnknownPartitionError: nothing tells which partitions of a unit are meant.
    """
    partitioned = [unit for unit in units if unit.definition is not None]
    if asked is None:
        return {unit: spaces.of(unit.definition).all() for unit in partitioned}
    walk = _Walk(
        units, spaces, {unit: asked for unit in partitioned if unit.definition == asked.partitions_def}
    )
    walk.spread()
    while left := [unit for unit in partitioned if unit not in walk.found]:
        unit, target = _next_named(left, spaces, asked) or _next_joined(left, spaces, walk) or (left[0], None)
        if target is None:
            raise _unclear(unit, asked)
        walk.found[unit] = target
        walk.spread()
    return walk.found


def _next_named(
    left: Iterable[Unit], spaces: Spaces, asked: PartitionSet
) -> tuple[Unit, PartitionSet] | None:
    """The first unit that has the keys asked for, or the times."""
    for unit in left:
        space = spaces.of(unit.definition)
        known, unknown = space.find_keys(asked)
        if known and not unknown:
            return unit, known
        mapped = default_mapping(asked.partitions_def, unit.definition).downstream_of(asked, space)
        if mapped:
            return unit, mapped
    return None


def _next_joined(left: Iterable[Unit], spaces: Spaces, walk: "_Walk") -> tuple[Unit, PartitionSet] | None:
    """The first unit between which and what is found stands something without partitions."""
    return next(((unit, spaces.of(unit.definition).all()) for unit in left if walk.is_joined(unit)), None)


class _Walk:
    """Follows what was asked for from unit to unit."""

    def __init__(self, units: Sequence[Unit], spaces: Spaces, found: dict[Unit, PartitionSet]) -> None:
        self._partitioned = [unit for unit in units if unit.definition is not None]
        self._spaces = spaces
        self.found = found
        self._maker = {key: unit for unit in units for key in unit.asset_keys}
        self._readers: dict[AssetKey, list[Unit]] = {}
        for unit in units:
            for key in unit.reads:
                self._readers.setdefault(key, []).append(unit)

    def spread(self) -> None:
        """Reach all to which mappings lead from what is found."""
        size = -1
        while size < len(self.found):
            size = len(self.found)
            for unit in self._partitioned:
                if unit not in self.found:
                    self._take(unit, self._from_parents(unit))
            for unit in reversed(self._partitioned):
                if unit not in self.found:
                    self._take(unit, self._from_children(unit))

    def is_joined(self, unit: Unit) -> bool:
        """Whether units without partitions lead from a unit to one that is found."""
        seen, pending = {unit}, [unit]
        while pending:
            for other in self._neighbours(pending.pop()):
                if other in self.found:
                    return True
                if other not in seen and other.definition is None:
                    seen.add(other)
                    pending.append(other)
        return False

    def _neighbours(self, unit: Unit) -> Iterator[Unit]:
        yield from (self._maker[key] for key in unit.reads if key in self._maker)
        for key in unit.asset_keys:
            yield from self._readers.get(key, ())

    def _take(self, unit: Unit, sets: Sequence[PartitionSet]) -> None:
        if sets:
            whole = sets[0]
            for each in sets[1:]:
                whole = whole | each
            self.found[unit] = whole

    def _from_parents(self, unit: Unit) -> list[PartitionSet]:
        """What of a unit needs the targets of those that it reads."""
        sets = []
        for key, given in unit.reads.items():
            parent = self._maker.get(key)
            if parent in (None, unit) or key in parent.whole:
                continue  # what has no partitions says nothing of those of its readers
            if parent in self.found:
                mapping = given if given is not None else default_mapping(parent.definition, unit.definition)
                sets.append(_that_need(mapping, self.found[parent], self._spaces.of(unit.definition)))
        return sets

    def _from_children(self, unit: Unit) -> list[PartitionSet]:
        """What of a unit the targets of those need that read it."""
        sets = []
        for key in unit.asset_keys:
            for child in self._readers.get(key, ()) if key not in unit.whole else ():
                if child is not unit and child in self.found:
                    given = child.reads[key]
                    mapping = (
                        given if given is not None else default_mapping(unit.definition, child.definition)
                    )
                    space = self._spaces.of(unit.definition)
                    sets.append(mapping.upstream_of(self.found[child], space).partitions_subset)
        return sets


def _that_need(mapping: Any, upstream: PartitionSet, downstream: PartitionSpace) -> PartitionSet:
    """The downstream partitions that need any of some upstream ones."""
    try:
        return mapping.downstream_of(upstream, downstream)  # type: ignore[no-any-return]
    except NotImplementedError:  # a mapping of the user's that says only what is upstream
        needing = [
            key
            for key in downstream.all()
            if mapping.upstream_of(downstream.of_keys([key]), upstream.space).partitions_subset & upstream
        ]
        return downstream.of_keys(needing)


def _unclear(unit: Unit, asked: PartitionSet) -> UnknownPartitionError:
    name = unit.asset_keys[0].to_user_string()
    return UnknownPartitionError(
        f"Nothing says which partitions of `{name}` are meant: it has other ones than {asked.first_key!r}, and nothing "
        "that is selected leads from these to its own.",
        hint=f"backfill `{name}` apart, with partitions of its own",
    )


def is_same_partition(mapping: Any) -> bool:
    """Whether a mapping between assets of one definition leads from each partition to itself."""
    return mapping is None or isinstance(mapping, IdentityPartitionMapping)
