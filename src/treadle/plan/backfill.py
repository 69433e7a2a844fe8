"""Plans a backfill: which runs make a selection's partitions, in order of need. Pure."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs

from treadle.core.catalog import Catalog, Computation, InputNode
from treadle.core.errors import InvalidSubsetError, UnknownPartitionError
from treadle.core.keys import AssetKey
from treadle.core.partitions.context import DynamicPartitionsStore
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.partitions.mapping import IdentityPartitionMapping
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.multi_mapping import default_mapping
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.plan.build import plan_assets
from treadle.plan.plan import Plan, Step

Excluded = Callable[[AssetKey, Any], PartitionSet]


@attrs.frozen(kw_only=True)
class BackfillChunk:
    """What one run makes: some assets, for some partitions of their common definition."""

    asset_keys: tuple[AssetKey, ...]
    partitions: PartitionSet | None
    """None for assets without partitions."""
    job_name: str | None = None
    """Of a job of ops, which is run in place of assets being made."""

    @property
    def partition_count(self) -> int:
        """How often an asset is made, or a job run, for a partition; an asset without partitions counts once."""
        things = len(self.asset_keys) if self.job_name is None else 1
        return things * (1 if self.partitions is None else len(self.partitions))

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
    """Steps of one stage that share a partitions definition, so that one run can make them together."""

    stage: int
    definition: Any
    steps: list[Step] = attrs.field(factory=list)
    needs_order: bool = False
    """True where a step reads earlier partitions of what it makes itself."""

    @property
    def asset_keys(self) -> tuple[AssetKey, ...]:
        return tuple(key for step in self.steps for key in step.asset_keys)


def plan_backfill(
    catalog: Catalog,
    asset_keys: Iterable[AssetKey],
    *,
    key_range: PartitionKeyRange | None = None,
    keys: Sequence[str] = (),
    one_run_a_range: bool = False,
    excluded: Excluded | None = None,
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
        current_time: what counts as now; None reads the clock.
        dynamic: where keys of dynamic definitions are kept.

    Raises:
        UnknownPartitionError: a key that no asset's definition has, or a range that is reversed.
        InvalidSubsetError: nothing among the assets is partitioned.
    """
    plan = plan_assets(catalog, asset_keys, None)
    groups = _groups(catalog, plan)
    if not any(group.definition is not None for group in groups):
        raise InvalidSubsetError(
            "Nothing that was selected is partitioned, so there is nothing to backfill.",
            code="invalid-selection",
            hint="use `materialize`",
        )
    spaces = _Spaces(current_time, dynamic)
    asked = _asked(groups, spaces, key_range, keys)
    chunks: list[BackfillChunk] = []
    ends: list[int] = []
    previous: _Group | None = None
    for group in groups:
        if previous is not None and previous.stage == group.stage and not previous.needs_order:
            ends.pop()  # groups of one stage do not need each other
        previous = group
        target = None if group.definition is None else _target_of(group, spaces, asked)
        if target is not None and excluded is not None:
            target = target - _left_out(group, excluded)
        for part in _parts(catalog, group, target, one_run_a_range):
            chunks.append(BackfillChunk(asset_keys=group.asset_keys, partitions=part))
            if group.needs_order:
                ends.append(len(chunks))
        if not ends or ends[-1] != len(chunks):
            ends.append(len(chunks))
    return BackfillPlan(chunks=tuple(chunks), stage_ends=tuple(ends))


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


class _Spaces:
    """What exists of each definition, all at the same time."""

    def __init__(self, current_time: datetime | None, dynamic: DynamicPartitionsStore | None) -> None:
        self._time = current_time
        self._dynamic = dynamic
        self._known: list[tuple[Any, Any]] = []

    def of(self, definition: Any) -> Any:
        for known, space in self._known:
            if known == definition:
                return space
        space = definition.space(self._time, self._dynamic)
        self._known.append((definition, space))
        return space


def _groups(catalog: Catalog, plan: Plan) -> list[_Group]:
    """The plan's steps in groups, in order of need."""
    definitions = {step.key: _definition_of(catalog, step) for step in plan.steps if step.asset_keys}
    made_by = {key: step.key for step in plan.steps for key in step.asset_keys}
    stages: dict[str, int] = {}
    groups: list[_Group] = []
    for step in plan.steps:
        if not step.asset_keys:
            continue  # a check on its own runs with the asset that it checks
        if made_by[step.asset_keys[0]] != step.key:
            continue  # the writers of an asset run together, where the last of them does
        own, stage, needs_order = definitions[step.key], 0, False
        for node in (node for each in _computations_of(catalog, step) for node in each.inputs):
            maker = made_by.get(node.asset_key) if node.asset_key is not None else None
            if maker == step.key:
                needs_order = needs_order or own is not None
            elif maker is not None:
                together = definitions[maker] == own and _same_partition(node)
                stage = max(stage, stages[maker] + (0 if together else 1))
        stages[step.key] = stage
        group = next((each for each in groups if each.stage == stage and each.definition == own), None)
        if group is None:
            groups.append(group := _Group(stage, own))
        group.steps.append(step)
        group.needs_order = group.needs_order or needs_order
    return sorted(groups, key=lambda group: group.stage)


def _computations_of(catalog: Catalog, step: Step) -> list[Computation]:
    """A step's computation; of a writer, those of all writers of its asset, which run together."""
    own = catalog.computations[step.computation]
    if own.writer is None:
        return [own]
    return [catalog.computations[name] for name in catalog.assets[step.asset_keys[0]].computations]


def _same_partition(node: InputNode) -> bool:
    return node.partition_mapping is None or isinstance(node.partition_mapping, IdentityPartitionMapping)


def _definition_of(catalog: Catalog, step: Step) -> Any:
    definition = catalog.computations[step.computation].partitions_def
    return definition if definition is not None else catalog.partitions_def_of(step.asset_keys[0])


def _asked(
    groups: list[_Group], spaces: _Spaces, key_range: PartitionKeyRange | None, keys: Sequence[str]
) -> PartitionSet | None:
    """The partitions that were named, of the first definition that has them; None where none were named."""
    if key_range is None and not keys:
        return None
    refused: UnknownPartitionError | None = None
    for group in groups:
        if group.definition is None:
            continue
        try:
            found = _named(spaces.of(group.definition), key_range, keys)
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


def _target_of(group: _Group, spaces: _Spaces, asked: PartitionSet | None) -> PartitionSet:
    """The partitions of a group's definition that belong to what was asked for."""
    space = spaces.of(group.definition)
    if asked is None:
        return space.all()  # type: ignore[no-any-return]
    if asked.partitions_def == group.definition:
        return asked
    found, unknown = space.find_keys(asked)
    if found and not unknown:
        return found  # type: ignore[no-any-return]
    mapped = default_mapping(asked.partitions_def, group.definition).downstream_of(asked, space)
    return mapped or space.all()


def _left_out(group: _Group, excluded: Excluded) -> PartitionSet:
    """The partitions that every asset of the group leaves out."""
    sets = [excluded(key, group.definition) for key in group.asset_keys]
    common = sets[0]
    for each in sets[1:]:
        common = common & each
    return common


def _parts(
    catalog: Catalog, group: _Group, target: PartitionSet | None, one_run_a_range: bool
) -> Iterable[PartitionSet | None]:
    """The target, one part a run."""
    if target is None:
        yield None
        return
    limit = None if one_run_a_range else _partitions_a_run(catalog, group)
    if limit == 1:
        yield from _singles(target, group.asset_keys[0].to_user_string())
        return
    yield from _ranges(target, limit)


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


def _partitions_a_run(catalog: Catalog, group: _Group) -> int | None:
    """The least that the backfill policies of the group's steps allow; one where a step has none."""
    limits = []
    for step in group.steps:
        for computation in _computations_of(catalog, step):
            policy = computation.backfill_policy
            limits.append(1 if policy is None else policy.max_partitions_per_run)
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None
