"""Plans a backfill: which runs make a selection's partitions, in order of need. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from treadle.core.catalog import Catalog
from treadle.core.errors import InvalidSubsetError, UnknownPartitionError
from treadle.core.keys import AssetKey
from treadle.core.partitions.context import DynamicPartitionsStore
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.plan.backfill_units import Spaces, Unit, is_same_partition, targets_of, units_of
from treadle.plan.build import plan_assets

Excluded = Callable[[AssetKey, Any], PartitionSet]
IsExcluded = Callable[[AssetKey], bool]


@attrs.frozen(kw_only=True)
class BackfillChunk:
    """What one run makes: some assets, for some partitions of their common definition."""

    asset_keys: tuple[AssetKey, ...]
    partitions: PartitionSet | None
    """None for assets without partitions."""
    whole: frozenset[AssetKey] = frozenset()
    """Assets without partitions that are made along with those that have some."""
    job_name: str | None = None
    """Of a job of ops, which is run in place of assets being made."""

    @property
    def partition_count(self) -> int:
        """How often an asset is made, or a job run, for a partition; an asset without partitions counts once."""
        things = len(self.asset_keys) - len(self.whole) if self.job_name is None else 1
        return things * (1 if self.partitions is None else len(self.partitions)) + len(self.whole)

    @property
    def run_partition(self) -> str | PartitionKeyRange | None:
        """The run's key, or range of keys."""
        keys = self.partitions
        if keys is None:
            return None
        return keys.first_key if len(keys) == 1 else PartitionKeyRange(keys.first_key, keys.last_key)


@attrs.frozen(kw_only=True)
class BackfillPlan:
    """Runs in order of need. Those of one stage do not need each other."""

    chunks: tuple[BackfillChunk, ...]
    stage_ends: tuple[int, ...]
    """Stage -> the number of the first chunk that belongs to the next one."""

    @property
    def partition_count(self) -> int:
        """How often an asset is made for a partition, over all chunks."""
        return sum(chunk.partition_count for chunk in self.chunks)


@attrs.define(eq=False)
class _Group:
    """Units of one stage that one run can make together: of the same partitions, as many a run."""

    stage: int
    definition: Any
    target: PartitionSet | None
    limit: int | None
    units: list[Unit] = attrs.field(factory=list)

    @property
    def asset_keys(self) -> tuple[AssetKey, ...]:
        return tuple(key for unit in self.units for key in unit.asset_keys)

    @property
    def whole(self) -> frozenset[AssetKey]:
        """Its assets without partitions, where others have some."""
        return frozenset().union(*(unit.whole for unit in self.units))

    @property
    def needs_order(self) -> bool:
        """Whether something in it reads other partitions of what it makes itself."""
        return self.definition is not None and any(unit.reads_itself for unit in self.units)


def plan_backfill(
    catalog: Catalog,
    asset_keys: Iterable[AssetKey],
    *,
    key_range: PartitionKeyRange | None = None,
    keys: Sequence[str] = (),
    one_run_a_range: bool = False,
    excluded: Excluded | None = None,
    is_excluded: IsExcluded = lambda key: False,
    current_time: datetime | None = None,
    dynamic: DynamicPartitionsStore | None = None,
) -> BackfillPlan:
    """The runs that make every partition asked for once, each after what it needs.

    Args:
        catalog: what is declared.
        asset_keys: the assets.
        key_range: from which key to which, both included, of the first asset's definition that has them; the
            partitions of other definitions follow from it. Without it, or `keys`, all partitions.
        keys: single keys in place of a range.
        one_run_a_range: True: each range of keys in one run, whatever the assets' backfill policies say.
        excluded: (asset, definition) -> partitions to leave out, where all assets of a run leave them out.
        is_excluded: whether to leave out an asset without partitions, where its function makes nothing else.
        current_time: what counts as now; None reads the clock.
        dynamic: where keys of dynamic definitions are kept.

    Raises:
        UnknownPartitionError: a key that no asset's definition has, or a range that is reversed.
        InvalidSubsetError: nothing among the assets is partitioned.
    """
    units = units_of(catalog, plan_assets(catalog, asset_keys, None))
    if not any(unit.definition is not None for unit in units):
        raise InvalidSubsetError(
            "Nothing that was selected is partitioned, so there is nothing to backfill.",
            code="invalid-selection",
            hint="use `materialize`",
        )
    spaces = Spaces(current_time, dynamic)
    targets = targets_of(units, spaces, _asked(units, spaces, key_range, keys))
    chunks: list[BackfillChunk] = []
    marks: list[tuple[int, ...]] = []
    """Chunks that stand beside each other with the same mark do not need each other."""
    for number, group in enumerate(_groups(units, targets, one_run_a_range)):
        needs_order = group.needs_order
        for place, chunk in enumerate(_chunks(group, excluded, is_excluded)):
            chunks.append(chunk)
            marks.append((group.stage, number, place) if needs_order else (group.stage,))
    changes = (at for at in range(1, len(marks)) if marks[at] != marks[at - 1])
    return BackfillPlan(chunks=tuple(chunks), stage_ends=(*changes, len(chunks)))


def plan_job_backfill(
    job_name: str,
    partitions_def: Any,
    *,
    key_range: PartitionKeyRange | None = None,
    keys: Sequence[str] = (),
    one_run_a_range: bool = False,
    excluded: Callable[[PartitionSpace], PartitionSet] | None = None,
    current_time: datetime | None = None,
    dynamic: DynamicPartitionsStore | None = None,
) -> BackfillPlan:
    """The runs of a partitioned job of ops, one for each partition asked for.

    Args:
        key_range: from which key to which, both included. Without it, or `keys`, all partitions.
        keys: single keys in place of a range.
        one_run_a_range: True: each range of keys in one run.
        excluded: gives the partitions to leave out.
        current_time: what counts as now; None reads the clock.
        dynamic: where keys of dynamic definitions are kept.

    Raises:
        UnknownPartitionError: a key that the job lacks, or a range that is reversed.
        InvalidSubsetError: the job has no partitions.
    """
    if partitions_def is None:
        raise InvalidSubsetError(
            f"Job `{job_name}` is not partitioned, so there is nothing to backfill.",
            code="invalid-selection",
            hint="run it: `treadle job execute`, or give the job `partitions_def=`",
        )
    space = partitions_def.space(current_time, dynamic)
    target = space.all()
    if key_range is not None or keys:
        target = _in_order(_named(space, key_range, keys), key_range)
    if excluded is not None:
        target = target - excluded(space)
    parts = list(_ranges(target, None)) if one_run_a_range else list(_singles(target, job_name))
    chunks = tuple(BackfillChunk(asset_keys=(), partitions=part, job_name=job_name) for part in parts)
    return BackfillPlan(chunks=chunks, stage_ends=(len(chunks),))


def _groups(
    units: Sequence[Unit], targets: Mapping[Unit, PartitionSet], one_run_a_range: bool
) -> list[_Group]:
    """The units in groups, in order of need."""
    maker = {key: unit for unit in units for key in unit.asset_keys}
    placed: dict[Unit, _Group] = {}
    groups: list[_Group] = []
    for unit in units:
        limit = None if one_run_a_range else unit.limit
        group = _Group(0, unit.definition, targets.get(unit), limit)
        for key, mapping in unit.reads.items():
            parent = placed.get(maker[key]) if key in maker else None
            if parent is not None:
                together = (
                    _can_be_one_run(parent, group)
                    and is_same_partition(mapping)
                    and key
                    not in maker[key].whole  # which is the same for all only when the last run is over
                )
                group.stage = max(group.stage, parent.stage + (0 if together else 1))
        alike = (each for each in groups if each.stage == group.stage and _can_be_one_run(each, group))
        placed[unit] = next(alike, group)
        if placed[unit] is group:
            groups.append(group)
        placed[unit].units.append(unit)
    return sorted(groups, key=lambda each: each.stage)


def _can_be_one_run(one: _Group, other: _Group) -> bool:
    return one.definition == other.definition and one.limit == other.limit and one.target == other.target


def _asked(
    units: Sequence[Unit], spaces: Spaces, key_range: PartitionKeyRange | None, keys: Sequence[str]
) -> PartitionSet | None:
    """The partitions that were named, of the first definition that has them; None where none were named."""
    if key_range is None and not keys:
        return None
    refused: UnknownPartitionError | None = None
    for unit in units:
        if unit.definition is None:
            continue
        try:
            found = _named(spaces.of(unit.definition), key_range, keys)
        except UnknownPartitionError as error:
            refused = refused or error
            continue
        return _in_order(found, key_range)
    assert refused is not None
    raise refused


def _named(space: PartitionSpace, key_range: PartitionKeyRange | None, keys: Sequence[str]) -> PartitionSet:
    """The partitions of a range, none where it is reversed, or of single keys.

    Raises:
        UnknownPartitionError: a key that there is not.
    """
    if key_range is None:
        return space.of_keys(keys)
    space.of_keys(key_range)
    return space.key_range(key_range.start, key_range.end)


def _in_order(found: PartitionSet, key_range: PartitionKeyRange | None) -> PartitionSet:
    if found or key_range is None:
        return found
    start, end = key_range.start, key_range.end
    if not isinstance(found.partitions_def, MultiPartitionsDefinition):
        raise UnknownPartitionError(
            f"The range is reversed: {end!r} comes before {start!r}.", hint=f"ask for {end!r} to {start!r}"
        )
    space = found.space
    firsts, lasts = space.point(start), space.point(end)
    assert firsts is not None  # both keys are known
    assert lasts is not None
    names = [name for name, first, last in zip(space.names, firsts, lasts, strict=True) if last < first]
    raise UnknownPartitionError(
        f"The range {start!r} to {end!r} is reversed in {' and '.join(f'`{name}`' for name in names)}: "
        "of several dimensions it goes from a first to a last key in each.",
        hint=f"swap what both ends say of {' and '.join(f'`{name}`' for name in names)}",
    )


def _chunks(group: _Group, excluded: Excluded | None, is_excluded: IsExcluded) -> Iterable[BackfillChunk]:
    """One for each run. What has no partitions belongs to the first one, though each run makes it anew."""
    if group.target is None:
        left = [unit for unit in group.units if not all(map(is_excluded, unit.asset_keys))]
        keys = tuple(key for unit in left for key in unit.asset_keys)
        if keys:
            yield BackfillChunk(asset_keys=keys, partitions=None)
        return
    target, whole = group.target, group.whole
    if excluded is not None:
        target = target - _left_out(group, excluded)
        if not target and group.target and not all(map(is_excluded, whole)):
            target = target.space.of_keys([group.target.last_key])  # any will do: it is made by each run
    for place, part in enumerate(_parts(group, target)):
        of_part = whole if place == 0 else frozenset()
        keys = tuple(key for key in group.asset_keys if key not in whole or key in of_part)
        yield BackfillChunk(asset_keys=keys, partitions=part, whole=of_part)


def _left_out(group: _Group, excluded: Excluded) -> PartitionSet:
    """The partitions that every asset of the group leaves out."""
    sets = [excluded(key, group.definition) for key in group.asset_keys if key not in group.whole]
    common = sets[0]
    for each in sets[1:]:
        common = common & each
    return common


def _parts(group: _Group, target: PartitionSet) -> Iterable[PartitionSet]:
    """The target, one part a run."""
    if group.limit == 1:
        yield from _singles(target, group.asset_keys[0].to_user_string())
    else:
        yield from _ranges(target, group.limit)


def _singles(target: PartitionSet, owner: str) -> Iterable[PartitionSet]:
    """Each partition of the target alone.

    Raises:
        InvalidSubsetError: two of them have one key.
    """
    seen: set[str] = set()
    for key in target:
        if key in seen:
            raise InvalidSubsetError(
                f"Two windows of `{owner}` are both partition `{key}`, so a backfill can not make each of them.",
                code="lossy-partition-keys",
                hint="give the partitions definition a `fmt` that tells windows apart: "
                "`treadle explain lossy-partition-keys`",
            )
        seen.add(key)
        yield target.space.of_keys([key])


def _ranges(target: PartitionSet, limit: int | None) -> Iterable[PartitionSet]:
    """The target's ranges, cut where they have more than `limit` partitions."""
    for key_range in target.get_partition_key_ranges(target.partitions_def):
        whole = target.space.key_range(key_range.start, key_range.end)
        if limit is None or len(whole) <= limit:
            yield whole
            continue
        keys = list(whole)
        for at in range(0, len(keys), limit):
            part = keys[at : at + limit]
            yield target.space.key_range(part[0], part[-1])
