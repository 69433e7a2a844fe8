"""A run that is prepared first and executed then: the preparation changes nothing, so it can be shown instead."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import attrs

from treadle.core.catalog import Catalog
from treadle.core.errors import InvalidInvocationError, InvalidSubsetError, RunNotFoundError, UnknownPartitionError
from treadle.core.events import CheckData, Event, EventType, OutputData
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.define.code import Code
from treadle.define.config.run_config import run_config_dict
from treadle.define.jobs import IMPLICIT_JOB_NAME, JobDefinition
from treadle.plan.build import plan_assets
from treadle.plan.partitions import RunPartition, StepPartitions, bind
from treadle.plan.plan import Plan, decode_plan
from treadle.run.engine import FAILURE_REASON_TAG, RunOrder, execute
from treadle.run.execute import merged_config
from treadle.run.materialize import needs_binding
from treadle.run.partition_tags import partition_from_tags, partition_tags
from treadle.run.results import RunResult
from treadle.run.run_limits import run_timeout
from treadle.store.instance import Instance

PARENT_RUN_TAG = "dagster/parent_run_id"
ROOT_RUN_TAG = "dagster/root_run_id"
RESUME_TAG = "dagster/is_resume_retry"


@attrs.frozen(kw_only=True)
class PreparedRun:
    """A run that is planned and bound to its partitions, and has not begun."""

    code: Code
    plan: Plan
    run: Run
    partitions: Mapping[str, StepPartitions]
    run_config: Any = None
    job_def: JobDefinition | None = None
    step_keys: tuple[str, ...] | None = None
    """The steps to execute; None means all of the plan's."""
    earlier_outputs: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    earlier_run_ids: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def can_run_side_by_side(self) -> bool:
        """Whether any two of its steps could run at the same time."""
        chosen = None if self.step_keys is None else set(self.step_keys)
        steps = [step for step in self.plan.steps if chosen is None or step.key in chosen]
        return any(
            before.key not in set(after.upstream_step_keys)
            for before, after in zip(steps, steps[1:], strict=False)
        )


def prepare_run(
    code: Code,
    asset_keys: Sequence[AssetKey],
    check_keys: Sequence[AssetCheckKey] | None,
    instance: Instance,
    *,
    job_def: JobDefinition | None = None,
    partition: RunPartition | None = None,
    run_config: Any = None,
    tags: Mapping[str, str] | None = None,
    skip_unchanged: bool = False,
    explain: bool = False,
    is_subset: bool = True,
    run_id: str | None = None,
) -> PreparedRun:
    """Plan a run of assets and checks, and bind it to its partitions. Reads the store, writes nothing.

    Args:
        asset_keys: the assets to make or to observe.
        check_keys: the checks to evaluate; None: those that the assets have.
        job_def: the job whose config, tags, hooks and limits hold; None: a run of assets alone.
        partition: a key or a range of keys.
        skip_unchanged: leave out what did not change since it was last made.
        explain: give each step's reason from what is stored.
        is_subset: whether this is less than the whole job.

    Raises:
        UnknownPartitionError: a partition that does not exist, or one is needed and none given.
        InvalidSubsetError: assets that can not be run without others.
    """
    skip_unchanged = skip_unchanged or (job_def is not None and job_def.skip_unchanged)
    key = partition if isinstance(partition, str) else None
    name = job_def.name if job_def is not None else IMPLICIT_JOB_NAME
    plan = plan_assets(
        code.catalog,
        asset_keys,
        check_keys,
        job_name=name,
        state=instance if skip_unchanged or explain else None,
        skip_unchanged=skip_unchanged,
        partition_key=key,
    )
    given = {**(job_def.run_tags if job_def is not None else {}), **(tags or {})}
    partition = partition if partition is not None else partition_from_tags(given, None)
    if partition is None:
        _refuse_missing_partition(code.catalog, plan)
    bound = _bound(code.catalog, plan, partition, instance)
    config = merged_config(job_def, run_config) if job_def is not None else run_config
    run = Run(
        run_id=run_id or str(uuid.uuid4()),
        job_name=name,
        tags={**given, **partition_tags(partition, bound, name)},
        run_config=run_config_dict(config) if config is not None else {},
        asset_selection=frozenset(asset_keys) if is_subset else None,
        check_selection=frozenset(check_keys) if is_subset and check_keys is not None else None,
    )
    return PreparedRun(code=code, plan=plan, run=run, partitions=bound, run_config=config, job_def=job_def)


def launch(
    prepared: PreparedRun,
    instance: Instance,
    *,
    executor: Any = None,
    on_event: Callable[[Event], None] | None = None,
    capture_values: bool = False,
) -> RunResult:
    """Execute a prepared run; how it ended is in the result.

    Args:
        executor: how its steps run; None: one after another in this process.
        on_event: is called with each event as it happens.
        capture_values: keep outputs' values for the result.

    Raises:
        InvalidConfigError: the run config does not fit.
        UnknownResourceError: a resource that nobody provides.
    """
    job_def = prepared.job_def
    finished = execute(
        RunOrder(
            code=prepared.code,
            plan=prepared.plan,
            run=prepared.run,
            instance=instance,
            partitions=prepared.partitions,
            run_config=prepared.run_config,
            job_def=job_def,
            executor=executor,
            hooks=tuple(job_def.hooks) if job_def is not None else (),
            retry_policy=job_def.op_retry_policy if job_def is not None else None,
            timeout=run_timeout(prepared.run.tags, job_def.timeout if job_def is not None else None),
            capture_values=capture_values,
            step_keys=prepared.step_keys,
            earlier_outputs=prepared.earlier_outputs,
            earlier_run_ids=prepared.earlier_run_ids,
            on_event=on_event,
        )
    )
    return RunResult(finished)


def prepare_from_failure(code: Code, instance: Instance, run_id: str) -> PreparedRun:
    """The run that goes on where an earlier one failed or was stopped: what succeeded is not done again.

    Args:
        code: the definitions, as they are now.
        run_id: the earlier run.

    Raises:
        RunNotFoundError: there is no such run.
        InvalidInvocationError: it is not over, everything in it succeeded, or its code is gone.
    """
    parent = instance.get_run_by_id(run_id)
    if parent is None:
        raise RunNotFoundError(f"There is no run {run_id}.")
    if parent.status not in (RunStatus.FAILURE, RunStatus.CANCELED):
        raise InvalidInvocationError(f"Run {run_id} did not fail: it is {parent.status.value}.")
    plan = _stored_plan(code.catalog, instance, parent)
    done = _done_steps(instance, parent)
    rest = tuple(step.key for step in plan.steps if step.key not in done)
    if not rest:
        raise InvalidInvocationError(f"Every step of run {run_id} succeeded; there is nothing left to run.")
    partition = partition_from_tags(parent.tags, None)
    tags = {name: value for name, value in parent.tags.items() if name != FAILURE_REASON_TAG}
    root = parent.root_run_id or parent.run_id
    tags |= {PARENT_RUN_TAG: parent.run_id, ROOT_RUN_TAG: root, RESUME_TAG: "true"}
    run = Run(
        run_id=str(uuid.uuid4()),
        job_name=parent.job_name,
        tags=tags,
        run_config=parent.run_config,
        asset_selection=parent.asset_selection,
        check_selection=parent.check_selection,
        step_keys=rest,
        parent_run_id=parent.run_id,
        root_run_id=root,
        retry_number=parent.retry_number + 1,
    )
    return PreparedRun(
        code=code,
        plan=plan,
        run=run,
        partitions=_bound(code.catalog, plan, partition, instance),
        run_config=parent.run_config or None,
        job_def=code.jobs.get(parent.job_name),
        step_keys=rest,
        earlier_outputs={key: outputs for key, (outputs, _) in done.items()},
        earlier_run_ids={key: earlier for key, (_, earlier) in done.items()},
    )


def _refuse_missing_partition(catalog: Catalog, plan: Plan) -> None:
    for step in plan.steps:
        for key in step.asset_keys:
            definition = catalog.partitions_def_of(key)
            if definition is not None:
                raise UnknownPartitionError(
                    f"`{key.to_user_string()}` is partitioned, and no partition was given.",
                    hint="name one with --partition KEY (or `latest`), or make many with `treadle backfill`",
                )


def _bound(
    catalog: Catalog, plan: Plan, partition: RunPartition | None, instance: Instance
) -> Mapping[str, StepPartitions]:
    if not needs_binding(catalog, plan, partition):
        return {}
    return bind(catalog, plan, partition, None, instance)


def _stored_plan(catalog: Catalog, instance: Instance, run: Run) -> Plan:
    stored = instance.store.find_plan(run.plan_id) if run.plan_id is not None else None
    if stored is None:
        raise InvalidInvocationError(f"The plan of run {run.run_id} is no longer stored.")
    plan = decode_plan(stored)
    gone = [step.computation for step in plan.steps if step.computation not in catalog.computations]
    if gone:
        raise InvalidSubsetError(
            f"Run {run.run_id} had a step `{gone[0]}` that these definitions do not have.",
            code="unknown-step",
            hint="load the definitions that the run was made with",
        )
    return plan


def _done_steps(instance: Instance, run: Run) -> dict[str, tuple[tuple[str, ...], str]]:
    """Step -> (outputs it gave, the run in which it ran), of a run and of those it went on from."""
    done: dict[str, tuple[tuple[str, ...], str]] = {}
    current: Run | None = run
    wanted: Collection[str] | None = None
    while current is not None:
        for key, outputs in _steps_done_in(instance, current.run_id).items():
            if wanted is None or key in wanted:
                done.setdefault(key, (outputs, current.run_id))
        parent = current.parent_run_id
        if parent is None or current.step_keys is None:
            break
        executed = set(current.step_keys)
        current = instance.get_run_by_id(parent)
        if current is not None and current.plan_id is not None:
            stored = instance.store.find_plan(current.plan_id)
            keys = {step.key for step in decode_plan(stored).steps} if stored is not None else set()
            wanted = keys - executed if wanted is None else set(wanted) - executed
    return done


def _steps_done_in(instance: Instance, run_id: str) -> dict[str, tuple[str, ...]]:
    outputs: dict[str, list[str]] = {}
    done: dict[str, tuple[str, ...]] = {}
    blocked: set[str] = set()
    for stored in instance.store.read_events(run_id):
        event, key = stored.event, stored.event.step_key
        if key is None or stored.stale:
            continue
        if event.type in (EventType.STEP_START, EventType.STEP_RESTARTED):
            outputs[key] = []
        elif event.type is EventType.STEP_OUTPUT and isinstance(event.data, OutputData):
            outputs.setdefault(key, []).append(event.data.name)
        elif event.type is EventType.ASSET_CHECK_EVALUATION and isinstance(event.data, CheckData):
            if event.data.blocking and not event.data.passed and event.data.severity == "ERROR":
                blocked.add(key)
        elif event.type is EventType.STEP_SUCCESS:
            done[key] = tuple(outputs.get(key, ()))
        elif event.type is EventType.STEP_SKIPPED:
            done[key] = ()
    return {key: given for key, given in done.items() if key not in blocked}
