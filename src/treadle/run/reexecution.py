"""Running part of an earlier run again: what failed and what never ran, or the steps that are named."""

import re
from collections.abc import Iterable, Mapping, Sequence

import attrs
import msgspec

from treadle.core.errors import (
    ExecutionStepNotFoundError,
    InvariantViolationError,
    RunNotFoundError,
    did_you_mean,
)
from treadle.core.events import Event, EventType, OutputData
from treadle.core.keys import AssetKey
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.core.selection.writers import writers_from_tags
from treadle.define.code import Code
from treadle.define.job_definition import JobDefinition
from treadle.plan.expand import KnownKeys, dynamic_outputs, expanded, pending_key
from treadle.plan.ops import plan_ops
from treadle.plan.plan import Plan, decode_plan
from treadle.plan.taking_up import refuse_gone_job, take_up_assets, take_up_ops
from treadle.store.errors import StoreError
from treadle.store.instance import Instance


@attrs.frozen
class ReexecutionOptions:
    """Which earlier run to run again, and which of its steps.

    Args:
        parent_run_id: the earlier run.
        step_selection: step keys, each with `+` before or after it for what is above or below (`q+`, `++q`, `*q`);
            empty for all.
    """

    parent_run_id: str
    step_selection: Sequence[str] = attrs.field(factory=list)

    @staticmethod
    def from_failure(run_id: str, instance: Instance) -> "ReexecutionOptions":
        """The steps of a failed run that failed, and those that never ran because of it.

        Raises:
            RunNotFoundError: no run has that id.
            InvariantViolationError: the run did not fail.
        """
        return ReexecutionOptions(run_id, unfinished_steps(instance, run_id))


@attrs.frozen(kw_only=True)
class EarlierRun:
    """What a run that is run again left behind."""

    parent: Run
    plan: Plan
    step_keys: tuple[str, ...]
    """Steps to execute now, in the plan's order."""
    outputs: Mapping[str, tuple[str, ...]]
    """Step -> outputs, of steps that are not executed again."""
    run_ids: Mapping[str, str]
    """Step -> the run in which it ran."""
    stored: Plan
    """The plan as it is stored: steps that are mapped over values are not spelt out."""
    known: KnownKeys
    """Mapping keys of the steps that ran."""
    was_partitioned: Mapping[AssetKey, bool]
    """Of the assets that it set out to make, whether it made partitions of them."""
    changed: tuple[str, ...] = ()
    """Steps for which the plan was made anew, because the code of them is not what it was."""


def take_up(
    code: Code, instance: Instance, options: ReexecutionOptions, job_def: JobDefinition | None = None
) -> tuple[Code, JobDefinition | None, EarlierRun]:
    """What of an earlier run is run again: by which code, of which job, and its plan as this code can run it.

    Args:
        job_def: in place of the job that the code has under the earlier run's name.

    Raises:
        InvariantViolationError: this code can not run what is left (code `definitions-changed`).
    """
    earlier = find_earlier(instance, options)
    job_def = job_def or code.jobs.get(earlier.parent.job_name)
    if job_def is not None and job_def.is_of_ops:
        code = job_def.code
    return code, job_def, fit_to_code(earlier, code, job_def)


def find_earlier(instance: Instance, options: ReexecutionOptions) -> EarlierRun:
    """The earlier run, its plan and what of it is taken over.

    Raises:
        RunNotFoundError: no run has that id, or its plan is not stored.
        ExecutionStepNotFoundError: a step that the plan lacks.
    """
    parent = _find_run(instance, options.parent_run_id)
    plan = plan_of_run(instance, parent)
    runs = list(_with_ancestors(instance, parent))
    stored, known = plan, _known_keys(instance, plan, runs)
    plan, keys = _chosen(plan, options.step_selection, known)
    chosen = set(keys)
    outputs: dict[str, tuple[str, ...]] = {}
    run_ids: dict[str, str] = {}
    was_partitioned: dict[AssetKey, bool] = {}
    for run in runs:
        events = list(_events(instance, run.run_id))
        was_partitioned = {**_partitioned_in(events), **was_partitioned}
        for step_key, given in _left_by(events).items():
            if step_key not in chosen and step_key not in run_ids:
                empty = [name for name, values in known.get(step_key, {}).items() if not values]
                outputs[step_key], run_ids[step_key] = (*given, *empty), run.run_id
    return EarlierRun(
        parent=parent,
        plan=plan,
        step_keys=keys,
        outputs=outputs,
        run_ids=run_ids,
        stored=stored,
        known=known,
        was_partitioned=was_partitioned,
    )


def fit_to_code(earlier: EarlierRun, code: Code, job_def: JobDefinition | None) -> EarlierRun:
    """The same with a plan that the code as it is now can run; what already ran is read from where it is stored.

    Args:
        code: the definitions as they are now.
        job_def: the job of the run, as it is now.

    Raises:
        InvariantViolationError: what is left can not be run by this code (code `definitions-changed`).
    """
    parent = earlier.parent
    left: Sequence[str] = ()  # of a plan of assets only what is left is planned anew
    known: KnownKeys = {}
    if job_def is not None and job_def.is_of_ops:
        assert job_def.op_graph is not None
        current = plan_ops(job_def.op_graph, job_def.name, job_def.op_selection)
        found = take_up_ops(current, earlier.stored, earlier.step_keys)
        left, known = earlier.step_keys, earlier.known
    elif not earlier.stored.asset_keys and not any(step.check_keys for step in earlier.stored.steps):
        raise refuse_gone_job(parent.job_name, code.jobs)
    else:
        found = take_up_assets(
            code.catalog,
            earlier.stored,
            earlier.step_keys,
            was_partitioned=earlier.was_partitioned,
            writers=writers_from_tags(parent.tags),
        )
    if not found.changed:
        return earlier
    plan, keys = _chosen(found.plan, left, known)
    return attrs.evolve(earlier, plan=plan, step_keys=keys, changed=found.changed)


def _chosen(plan: Plan, selection: Sequence[str], known: KnownKeys) -> tuple[Plan, tuple[str, ...]]:
    """The plan, mapped steps spelt out where what they are mapped over does not run again, and the steps that run."""
    if not selection:
        return plan, tuple(plan.steps_by_key)
    if not known:
        return plan, resolve_steps(plan, selection)
    chosen = set(resolve_steps(expanded(plan, known), selection))
    kept = {key: values for key, values in known.items() if key not in chosen}
    over = {step.key for step in plan.steps if step.mapped_over and step.mapped_over[0] in chosen}
    chosen = {pending_key(key) if pending_key(key) in over else key for key in chosen}
    plan = expanded(plan, kept)
    return plan, tuple(key for key in plan.steps_by_key if key in chosen)


def _known_keys(instance: Instance, plan: Plan, runs: Iterable[Run]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Step -> dynamic output -> mapping keys, of the steps of a plan that succeeded in the latest of some runs."""
    wanted = dynamic_outputs(plan)
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for run in runs if wanted else ():
        given: dict[str, dict[str, tuple[str, ...]]] = {}
        ended: dict[str, EventType] = {}
        for event in _events(instance, run.run_id):
            if event.step_key is None:
                continue
            if event.type is EventType.STEP_START and event.step_key in wanted:
                given[event.step_key] = {}
            elif event.type in (EventType.STEP_SUCCESS, EventType.STEP_SKIPPED):
                ended[event.step_key] = event.type
            elif event.type is EventType.STEP_OUTPUT and isinstance(event.data, OutputData):
                name, key = event.data.name, event.data.mapping_key
                if key is not None and event.step_key in wanted:
                    values = given.setdefault(event.step_key, {})
                    values[name] = (*values.get(name, ()), key)
        for key, names in wanted.items():
            if key in found or ended.get(key) is not EventType.STEP_SUCCESS:
                continue
            found[key] = {
                name: given.get(key, {}).get(name, ())
                for name in names
                if given.get(key, {}).get(name) or not _was_not_given(plan, key, name, ended)
            }
    return found


def _was_not_given(plan: Plan, key: str, output: str, ended: Mapping[str, EventType]) -> bool:
    """Whether steps were skipped because an optional dynamic output had no value; one without values else is empty."""
    mapped = {step.key for step in plan.steps if step.mapped_over == (key, output)}
    return any(
        ended.get(step.key) is EventType.STEP_SKIPPED
        and any(edge == (key, output) or edge[0] in mapped for group in step.after_any for edge in group)
        for step in plan.steps
    )


def unfinished_steps(instance: Instance, run_id: str) -> tuple[str, ...]:
    """The steps of a run that failed or never ran, in the plan's order.

    Raises:
        InvariantViolationError: the run ended well, or has not ended.
    """
    run = _find_run(instance, run_id)
    if run.status not in (RunStatus.FAILURE, RunStatus.CANCELED):
        raise InvariantViolationError(
            f"Run {run_id} did not fail: it is {run.status.value}, so there is no failure to begin from.",
            hint="make what you want again with a new run; in Python, `ReexecutionOptions(run_id, step_selection=[...])` "
            "names steps",
        )
    plan = plan_of_run(instance, run)
    plan = expanded(plan, _known_keys(instance, plan, _with_ancestors(instance, run)))
    asked = plan.steps_by_key if run.step_keys is None else {key: None for key in run.step_keys}
    over = {
        event.step_key
        for event in _events(instance, run_id)
        if event.type in (EventType.STEP_SUCCESS, EventType.STEP_SKIPPED)
    }
    return tuple(
        key for key in plan.steps_by_key if (key in asked or pending_key(key) in asked) and key not in over
    )


def plan_of_run(instance: Instance, run: Run) -> Plan:
    """The plan that a run executed.

    Raises:
        RunNotFoundError: it is not stored.
    """
    text = instance.store.find_plan(run.plan_id) if run.plan_id is not None else None
    if text is None:
        raise RunNotFoundError(f"The plan of run {run.run_id} is not stored, so it cannot be run again.")
    try:
        return decode_plan(text)
    except (msgspec.MsgspecError, ValueError) as error:
        raise StoreError(
            f"The plan {run.plan_id} of run {run.run_id} can not be read: {error}", code="corrupt-record"
        ) from error


def resolve_steps(plan: Plan, selection: Iterable[str]) -> tuple[str, ...]:
    """The steps that a step selection names, in the plan's order.

    Raises:
        ExecutionStepNotFoundError: a name that the plan lacks.
    """
    chosen: set[str] = set()
    unknown: list[str] = []
    above = {step.key: set(step.upstream_step_keys) for step in plan.steps}
    below: dict[str, set[str]] = {}
    for step in plan.steps:
        for upstream in step.upstream_step_keys:
            below.setdefault(upstream, set()).add(step.key)
    for text in selection:
        match = re.fullmatch(r"(\*|\++)?(.*?)(\*|\++)?", text)
        before, name, after = match.groups() if match else (None, text, None)
        if name not in plan.steps_by_key:
            unknown.append(name)
            continue
        chosen.add(name)
        chosen |= _walk(name, above, before)
        chosen |= _walk(name, below, after)
    if unknown:
        raise ExecutionStepNotFoundError(
            f"The plan has no step {', '.join(f'`{name}`' for name in unknown)}.",
            hint=did_you_mean(unknown[0], plan.steps_by_key),
            step_keys=unknown,
        )
    return tuple(key for key in plan.steps_by_key if key in chosen)


def _walk(start: str, edges: Mapping[str, set[str]], sign: str | None) -> set[str]:
    if not sign:
        return set()
    depth = None if sign == "*" else len(sign)
    found: set[str] = set()
    level = {start}
    while level and (depth is None or depth > 0):
        level = {key for each in level for key in edges.get(each, ())} - found
        found |= level
        depth = depth if depth is None else depth - 1
    return found


def _find_run(instance: Instance, run_id: str) -> Run:
    run = instance.store.find_run(run_id)
    if run is None:
        raise RunNotFoundError(f"There is no run {run_id}.")
    if run.error is not None and run.error.code == "corrupt-record":
        # What it was asked to make is not known: running it again would make something else.
        raise StoreError(run.error.message, code="corrupt-record", hint="start a new run in its place")
    return run


def _with_ancestors(instance: Instance, run: Run) -> Iterable[Run]:
    seen: set[str] = set()
    current: Run | None = run
    while current is not None and current.run_id not in seen:
        seen.add(current.run_id)
        yield current
        parent = current.parent_run_id
        current = instance.store.find_run(parent) if parent is not None else None


def _left_by(events: Iterable[Event]) -> dict[str, tuple[str, ...]]:
    """Step -> the outputs that it gave in a run: of those that ended well, and none of those that were skipped."""
    given: dict[str, list[str]] = {}
    done: set[str] = set()
    for event in events:
        if event.step_key is None:
            continue
        if event.type is EventType.STEP_OUTPUT and isinstance(event.data, OutputData):
            names = given.setdefault(event.step_key, [])
            if event.data.name not in names:
                names.append(event.data.name)
        elif event.type in (EventType.STEP_SUCCESS, EventType.STEP_SKIPPED):
            done.add(event.step_key)
    return {key: tuple(given.get(key, ())) for key in done}


def _partitioned_in(events: Iterable[Event]) -> dict[AssetKey, bool]:
    """Of each asset that a run set out to make, whether it meant partitions of it."""
    found: dict[AssetKey, bool] = {}
    for event in events:
        if event.type is EventType.ASSET_MATERIALIZATION_PLANNED and event.asset_key is not None:
            found.setdefault(event.asset_key, event.partition_keys is not None)
    return found


def _events(instance: Instance, run_id: str) -> Iterable[Event]:
    return (stored.event for stored in instance.store.read_events(run_id))
