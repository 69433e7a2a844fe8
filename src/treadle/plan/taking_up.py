"""What of a stored plan still holds for the code as it is now: the plan with which an earlier run is taken up again.

The stored plan stands where the steps that are left are as they were. Where they changed, the same assets are planned
anew; where that can not be, because an asset is gone or its partitioning changed, it is refused.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import attrs
import msgspec

from treadle.core.catalog import Catalog
from treadle.core.errors import (
    InvalidDefinitionError,
    InvalidSubsetError,
    InvariantViolationError,
    near_names,
)
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.plan.build import ChosenWriters, plan_assets
from treadle.plan.expand import pending_key
from treadle.plan.plan import ASKED_FOR, Plan, Step


@attrs.frozen
class TakenUp:
    """The plan to go on with.

    Args:
        plan: the stored one, or one made anew.
        changed: the steps that are not what they were; empty where the stored plan stands.
    """

    plan: Plan
    changed: tuple[str, ...] = ()


def take_up_assets(
    catalog: Catalog,
    stored: Plan,
    left: Iterable[str],
    *,
    was_partitioned: Mapping[AssetKey, bool],
    writers: ChosenWriters | None = None,
) -> TakenUp:
    """The plan with which the steps that are left of a run of assets can run by the code as it is now.

    Args:
        catalog: what the code declares now.
        stored: the plan that the run had.
        left: keys of the steps that are to run.
        was_partitioned: of the assets that the run set out to make, whether it made partitions of them.
        writers: of assets of which not all writers were asked for, those that were.

    Returns:
        The stored plan, or where a step changed one of what is left alone; all else is read from where it is stored.

    Raises:
        InvariantViolationError: an asset is gone, or its partitioning changed (code `definitions-changed`).
    """
    steps = _steps_left(stored, left)
    wanted = _assets_of(stored, steps)
    _refuse_gone(catalog, [key for key in wanted if not _is_made(catalog, key)], wanted)
    _refuse_other_partitioning(catalog, stored, wanted, was_partitioned)
    try:
        current = plan_assets(
            catalog,
            _unique(key for step in stored.steps for key in step.asset_keys),
            [key for key in _checks_of(stored.steps) if key in catalog.checks],
            job_name=stored.job_name,
            writers=writers,
        ).steps_by_key
    except (InvalidSubsetError, InvalidDefinitionError):
        current = {}
    changed = tuple(step.key for step in steps if not _same(step, current.get(step.key)))
    if not changed:
        return TakenUp(stored)
    checks = _checks_to_make(catalog, wanted, _checks_of(_whole(stored, steps)))
    try:
        plan = plan_assets(catalog, wanted, checks, job_name=stored.job_name, writers=writers)
    except (InvalidSubsetError, InvalidDefinitionError) as error:
        raise _refusal([f"{error.message.rstrip('.')}."], wanted) from error
    if not plan.steps:
        raise _refusal([f"Step `{key}` is gone." for key in changed], wanted)
    return TakenUp(plan, changed)


def take_up_ops(current: Plan, stored: Plan, left: Iterable[str]) -> TakenUp:
    """The plan with which the steps that are left of a run of a job of ops can run by the code as it is now.

    Args:
        current: the plan of the whole job, as it is now.
        stored: the plan that the run had, of the job or of a selection of its ops.
        left: keys of the steps that are to run.

    Raises:
        InvariantViolationError: an op is gone, or reads another one that did not run (code `definitions-changed`).
    """
    now, before = current.steps_by_key, frozenset(stored.steps_by_key)
    steps = _steps_left(stored, left)
    gone = [step.key for step in steps if step.key not in now]
    if gone:
        raise _refusal([f"There is no op `{key}` any more.{_similar(key, now)}" for key in gone])
    changed = []
    for step in steps:
        needed = {*now[step.key].upstream_step_keys}
        new = sorted(needed - before)
        if new and needed & before != {*step.upstream_step_keys}:
            raise _refusal([f"`{step.key}` reads `{new[0]}` now, which the run did not have."])
        same_shape = _names(step) == _names(now[step.key]) and step.outputs == now[step.key].outputs
        if not (same_shape if new else _same(step, now[step.key])):
            changed.append(step.key)
    if not changed:
        return TakenUp(stored)
    if any({*now[step.key].upstream_step_keys} - before for step in steps):
        raise _refusal([f"`{key}` has other inputs or outputs than it had." for key in changed])
    return TakenUp(current, tuple(changed))


def refuse_gone_job(name: str, known: Iterable[str]) -> InvariantViolationError:
    """The error of a run whose job is no more; raise it."""
    return _refusal([f"There is no job `{name}` any more.{_similar(name, known)}"])


def _steps_left(stored: Plan, left: Iterable[str]) -> list[Step]:
    """The steps as they are stored; of a dynamic one the step that stood for all."""
    keys = {key if key in stored.steps_by_key else pending_key(key) for key in left}
    return [step for step in stored.steps if step.key in keys]


def _whole(stored: Plan, steps: Sequence[Step]) -> list[Step]:
    """The steps, and of those that are part of a graph all that are."""
    heads = {_head(step) for step in steps}
    return [step for step in stored.steps if _head(step) in heads]


def _assets_of(stored: Plan, steps: Sequence[Step]) -> list[AssetKey]:
    return _unique(key for step in _whole(stored, steps) for key in step.asset_keys)


def _head(step: Step) -> str:
    return step.key.partition(".")[0]


def _checks_of(steps: Iterable[Step]) -> list[AssetCheckKey]:
    return list(dict.fromkeys(key for step in steps for key in step.check_keys))


def _checks_to_make(
    catalog: Catalog, assets: Sequence[AssetKey], asked: Sequence[AssetCheckKey]
) -> list[AssetCheckKey]:
    """The checks asked for that are still there, and those that the functions of the assets evaluate themselves."""
    own = {name for key in assets for name in catalog.assets[key].computations}
    evaluated = [key for key, check in catalog.checks.items() if check.computation in own]
    return list(dict.fromkeys([*(key for key in asked if key in catalog.checks), *evaluated]))


def _unique(keys: Iterable[AssetKey]) -> list[AssetKey]:
    return list(dict.fromkeys(keys))


def _same(stored: Step, current: Step | None) -> bool:
    return current is not None and _bare(stored) == _bare(current)


def _bare(step: Step) -> Step:
    """The step without why it was run, which changes nothing."""
    return msgspec.structs.replace(step, reason=ASKED_FOR)


def _names(step: Step) -> set[str]:
    return {each.name for each in step.inputs}


def _is_made(catalog: Catalog, key: AssetKey) -> bool:
    node = catalog.assets.get(key)
    return node is not None and bool(node.computations)


def _refuse_gone(catalog: Catalog, gone: Collection[AssetKey], wanted: Sequence[AssetKey]) -> None:
    if not gone:
        return
    known = [key.to_user_string() for key in catalog.assets if key not in wanted]
    said = []
    for key in gone:
        text = key.to_user_string()
        verb = "is not made by this code any more" if key in catalog.assets else "is gone"
        said.append(f"Asset `{text}` {verb}.{_similar(text, known)}")
    raise _refusal(said, [key for key in wanted if key not in gone])


def _refuse_other_partitioning(
    catalog: Catalog, stored: Plan, wanted: Sequence[AssetKey], was_partitioned: Mapping[AssetKey, bool]
) -> None:
    """Raises where what is left, or what it may read of this plan, became partitioned or is no longer."""
    said = []
    for key in dict.fromkeys([*wanted, *sorted(stored.asset_keys)]):
        was = was_partitioned.get(key)
        if was is None or key not in catalog.assets:
            continue
        now = catalog.partitions_def_of(key) is not None
        if was != now:
            how = (
                "is partitioned now, and the run was of no partition"
                if now
                else "is not partitioned any more, and the run was of a partition"
            )
            said.append(f"Asset `{key.to_user_string()}` {how}.")
    if said:
        raise _refusal(said, wanted)


def _similar(name: str, known: Iterable[str]) -> str:
    near = near_names(name, known)
    return f" Did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else ""


def _refusal(said: Sequence[str], wanted: Sequence[AssetKey] = ()) -> InvariantViolationError:
    names = " or ".join(key.to_user_string() for key in wanted)
    how = f" of what is left: `treadle materialize --select '{names}'`" if names else ""
    return InvariantViolationError(
        "The code changed so that the run can not be taken up again. " + " ".join(said),
        code="definitions-changed",
        hint=f"start a new run{how}",
    )
