"""Runs jobs and plans: in this process for tests and notebooks, with any executor for the command line."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from msgspec.structs import replace

from treadle.core.catalog import Catalog
from treadle.core.errors import InvalidConfigError, InvalidSubsetError, did_you_mean
from treadle.core.events import Event
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.partitions.named_keys import keys_by_name, partition_key_text
from treadle.core.runs import Run
from treadle.core.selection.step_selection import select_steps
from treadle.core.selection.writers import writers_from_tags
from treadle.define.code import Code
from treadle.define.config.run_config import run_config_dict
from treadle.define.executors import ExecutorDefinition
from treadle.define.graphs.job_code import missing_resources_of_job
from treadle.define.job_definition import JobDefinition
from treadle.define.reconstructing import ReconstructableJob, job_of
from treadle.define.resources.definition import coerce_resource
from treadle.define.validation.errors import DefinitionsError
from treadle.plan.build import plan_assets
from treadle.plan.ops import plan_ops
from treadle.plan.partitions import RunPartition, StepPartitions, bind
from treadle.plan.plan import FromStorage, Plan
from treadle.run.config_problems import with_other_problems
from treadle.run.config_versions import config_versions
from treadle.run.engine import CaptureMode, RunOrder, execute
from treadle.run.environment import DEFAULT_IO_MANAGER
from treadle.run.ephemeral import EphemeralInstance
from treadle.run.executors.choose import executor_for, may_retry, needs_killing
from treadle.run.executors.in_process import InProcessExecutor
from treadle.run.io_managers.memory import mem_io_manager
from treadle.run.job_config import merged_config
from treadle.run.materialize import run_assets
from treadle.run.partition_tags import partition_from_tags, partition_tags
from treadle.run.reexecution import EarlierRun, ReexecutionOptions, take_up
from treadle.run.results import RunResult
from treadle.run.run_limits import run_timeout
from treadle.run.session import Executor
from treadle.store.instance import Instance

AutoExecutor = Executor | Literal["auto", "in_process"]


def execute_job_in_process(
    job_def: JobDefinition,
    run_config: Any = None,
    instance: Instance | None = None,
    partition_key: str | Mapping[str, str] | None = None,
    raise_on_error: bool = True,
    op_selection: Sequence[str] | None = None,
    asset_selection: Sequence[AssetKey] | None = None,
    run_id: str | None = None,
    input_values: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    resources: Mapping[str, Any] | None = None,
) -> RunResult:
    """Run a job in this process. Args: as of `JobDefinition.execute_in_process`.

    Raises:
        InvalidSubsetError: a selection that matches nothing of the job.
    """
    code = code_of_job(job_def, resources)
    partition_key = partition_key_text(partition_key)
    if job_def.is_of_ops:
        job_def.check_input_values(input_values or {})
        plan = plan_of_job(job_def, op_selection, code)
        return execute_plan(
            code if loads_stored_assets(plan) else in_memory(code),
            plan,
            instance=instance if instance is not None else EphemeralInstance(),
            partition=partition_key,
            run_config=merged_config(
                job_def, run_config, partition_from_tags(tags or {}, partition_key), instance
            ),
            executor="in_process",
            job_def=job_def,
            tags=tags_of_job(job_def, tags, partition_key),
            run_id=run_id,
            raise_on_error=raise_on_error,
            capture_values=True,
            shows_log=True,
            input_values=input_values,
        ).pass_signal_on()
    keys, checks = chosen_of_job(job_def, op_selection, asset_selection)
    return run_assets(
        code,
        keys,
        checks,
        job_name=job_def.name,
        run_config=merged_config(
            job_def, run_config, partition_from_tags(tags or {}, partition_key), instance
        ),
        instance=instance,
        partition_key=partition_key,
        raise_on_error=raise_on_error,
        tags=tags_of_job(job_def, tags, partition_key),
        skip_unchanged=job_def.skip_unchanged,
        is_subset=asset_selection is not None or op_selection is not None,
        job_def=job_def,
        hooks=tuple(job_def.hooks),
        retry_policy=job_def.op_retry_policy,
        timeout=job_def.timeout,
        run_id=run_id,
        input_values=input_values,
    )


def execute_job(
    job: JobDefinition | ReconstructableJob,
    instance: Instance,
    run_config: Any = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool = False,
    op_selection: Sequence[str] | None = None,
    reexecution_options: ReexecutionOptions | None = None,
    asset_selection: Sequence[AssetKey] | None = None,
    *,
    partition_key: str | Mapping[str, str] | None = None,
    executor: AutoExecutor = "auto",
) -> RunResult:
    """Run a job with its own executor, remembered in `instance`.

    Args:
        job: the job.
        instance: where the run is remembered.
        run_config: a dictionary or a RunConfig.
        tags: of the run.
        raise_on_error: raise what the first failed step raised.
        op_selection: run only these steps.
        reexecution_options: run part of an earlier run again.
        asset_selection: run only these assets.
        partition_key: the partition to run.
        executor: in place of the job's.
    """
    job = job_of(job)
    code = code_of_job(job, None)
    partition_key = partition_key_text(partition_key)
    if reexecution_options is not None:
        return reexecute(
            code,
            instance,
            reexecution_options,
            job_def=job,
            run_config=run_config,
            tags=tags,
            raise_on_error=raise_on_error,
            executor=executor,
        ).pass_signal_on()
    keys: list[AssetKey] = []
    if job.is_of_ops:
        plan = plan_of_job(job, op_selection, code)
    else:
        keys, checks = chosen_of_job(job, op_selection, asset_selection)
        plan = plan_assets(
            code.catalog,
            keys,
            checks,
            job_name=job.name,
            state=instance if job.skip_unchanged else None,
            skip_unchanged=job.skip_unchanged,
            partition=partition_key,
            writers=writers_from_tags(tags_of_job(job, tags, partition_key)),
            config_versions=config_versions(
                code, keys, run_config, instance, job_def=job, partition=partition_key
            )
            if job.skip_unchanged
            else None,
        )
    return execute_plan(
        code,
        plan,
        instance=instance,
        partition=partition_key,
        run_config=merged_config(job, run_config, partition_from_tags(tags or {}, partition_key), instance),
        executor=executor,
        job_def=job,
        tags=tags_of_job(job, tags, partition_key),
        raise_on_error=raise_on_error,
        asset_selection=keys if asset_selection is not None else None,
        capture_values=True,
        shows_log=True,
    ).pass_signal_on()


def reexecute(
    code: Code,
    instance: Instance,
    options: ReexecutionOptions,
    *,
    job_def: JobDefinition | None = None,
    run_config: Any = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool = False,
    executor: AutoExecutor = "auto",
    on_event: Callable[[Event], None] | None = None,
    on_wait: Callable[[], None] | None = None,
    on_changed: Callable[[Sequence[str]], None] | None = None,
) -> RunResult:
    """Run part of an earlier run again, with its plan, config, tags and partition.

    Args:
        code: the definitions as they are now; what is left of the plan must still be there.
        options: which run, and which of its steps.
        run_config: in place of the earlier run's.
        on_changed: is called with the steps, where what is left was planned anew as the code of them changed.

    Raises:
        InvariantViolationError: this code can not run what is left (code `definitions-changed`).
    """
    code, job_def, earlier = take_up(code, instance, options, job_def)
    parent = earlier.parent
    if earlier.changed and on_changed is not None:
        on_changed(earlier.changed)
    kept = {key: value for key, value in parent.tags.items() if key not in _NOT_INHERITED}
    return execute_plan(
        code,
        earlier.plan,
        instance=instance,
        partition=partition_from_tags(parent.tags, None),
        run_config=run_config if run_config is not None else (parent.run_config or None),
        executor=executor,
        job_def=job_def,
        tags={**kept, **(tags or {})},
        raise_on_error=raise_on_error,
        earlier=earlier,
        on_event=on_event,
        on_wait=on_wait,
        capture_values=True,
    )


_NOT_INHERITED = frozenset({"dagster/failure_reason", "dagster/run_key"})


def execute_plan(
    code: Code,
    plan: Plan,
    *,
    instance: Instance,
    partition: RunPartition | None = None,
    partitions: Mapping[str, StepPartitions] | None = None,
    run_config: Any = None,
    executor: AutoExecutor = "auto",
    job_def: JobDefinition | None = None,
    tags: Mapping[str, str] | None = None,
    run_id: str | None = None,
    raise_on_error: bool = False,
    asset_selection: Sequence[AssetKey] | None = None,
    check_selection: Sequence[AssetCheckKey] | None = None,
    earlier: EarlierRun | None = None,
    on_event: Callable[[Event], None] | None = None,
    on_wait: Callable[[], None] | None = None,
    capture_values: bool = False,
    capture_output: CaptureMode = "python",
    log_handlers: Sequence[Any] = (),
    input_values: Mapping[str, Any] | None = None,
    shows_log: bool = False,
) -> RunResult:
    """Execute a plan: what the command line and `execute_job` do.

    Args:
        code: the definitions that the plan was made from.
        plan: what to do.
        instance: where the run is remembered.
        partition: a key, a range of keys or a set; the tags' where not given.
        partitions: what `bind` gave for it, where the caller asked already.
        run_config: a dictionary or a RunConfig.
        executor: `auto`: the job's or the code location's, else by the plan; `in_process`; or an executor.
        job_def: the job, for its hooks, retries and timeout.
        tags: of the run.
        earlier: a run that this one takes up again.
        on_event: is called with each event, in order, as it happens.
        on_wait: is called now and then while steps run in other processes.
        capture_values: keep outputs' values for the result.
        capture_output: what of the steps' output is kept in files, where the instance has a home: `python`: what
            Python prints; `descriptors`: also subprocesses and C, for a process that owns its stdout; None: nothing.
    """
    all_tags = {key: str(value) for key, value in (tags or {}).items()}
    partition = partition if partition is not None else partition_from_tags(all_tags, None)
    bound = partitions if partitions is not None else bind(code.catalog, plan, partition, None, instance)
    all_tags.update(partition_tags(partition, bound, plan.job_name))
    plain = run_config_dict(run_config) if run_config is not None else {}
    timeout = run_timeout(all_tags, job_def.timeout if job_def is not None else None)
    run = _new_run(plan, run_id, all_tags, plain, asset_selection, check_selection, earlier)
    finished = execute(
        RunOrder(
            code=code,
            plan=plan,
            run=run,
            instance=instance,
            partitions=bound,
            run_config=run_config,
            job_def=job_def,
            executor=_executor(executor, code, job_def, plain, plan, timeout, instance),
            hooks=tuple(job_def.hooks) if job_def is not None else (),
            retry_policy=job_def.op_retry_policy if job_def is not None else None,
            may_retry=executor != "auto" or may_retry(_definition(code, job_def), plain.get("execution")),
            timeout=timeout,
            capture_values=capture_values,
            capture_output=capture_output,
            step_keys=earlier.step_keys if earlier is not None else None,
            earlier_outputs=earlier.outputs if earlier is not None else {},
            earlier_run_ids=earlier.run_ids if earlier is not None else {},
            on_event=on_event,
            on_wait=on_wait,
            log_handlers=log_handlers,
            input_values=input_values or {},
            shows_log=shows_log,
            is_new=run_id is None,
        )
    )
    result = RunResult(finished)
    if raise_on_error:
        result.raise_if_failed()
    return result


def _new_run(
    plan: Plan,
    run_id: str | None,
    tags: dict[str, str],
    run_config: dict[str, Any],
    asset_selection: Sequence[AssetKey] | None,
    check_selection: Sequence[AssetCheckKey] | None,
    earlier: EarlierRun | None,
) -> Run:
    """The run of a plan, as it is before it starts; one that takes up an earlier one names it."""
    parent = earlier.parent if earlier is not None else None
    return Run(
        run_id=run_id or str(uuid.uuid4()),
        job_name=plan.job_name,
        tags=tags,
        run_config=run_config,
        plan_id=plan.plan_id,
        asset_selection=frozenset(asset_selection) if asset_selection is not None else None,
        check_selection=frozenset(check_selection) if check_selection is not None else None,
        step_keys=earlier.step_keys if earlier is not None else None,
        parent_run_id=parent.run_id if parent is not None else None,
        root_run_id=(parent.root_run_id or parent.run_id) if parent is not None else None,
    )


def _executor(
    asked: AutoExecutor,
    code: Code,
    job_def: JobDefinition | None,
    run_config: Mapping[str, Any],
    plan: Plan,
    timeout: float | None,
    instance: Instance,
) -> Executor:
    if asked == "in_process":
        return InProcessExecutor()
    if asked != "auto":
        assert not isinstance(asked, str)
        return asked
    return chosen_executor(code, plan, job_def, run_config, timeout, instance)


def chosen_executor(
    code: Code,
    plan: Plan,
    job_def: JobDefinition | None,
    run_config: Mapping[str, Any],
    timeout: float | None,
    instance: Instance | None = None,
) -> Executor:
    """The executor that the job or the code location names, else the one that suits the plan.

    Args:
        timeout: seconds that the run may take.
        instance: where the run is remembered, for executors that users write.
    """
    definition = _definition(code, job_def)
    try:
        return executor_for(
            definition,
            run_config.get("execution") or {},
            plan,
            needs_killing=definition is None and needs_killing(code, plan, timeout),
            job=job_def,
            instance=instance,
        )
    except InvalidConfigError as error:
        raise with_other_problems(error, code, plan, job_def, run_config) from None


def _definition(code: Code, job_def: JobDefinition | None) -> ExecutorDefinition | None:
    """The executor that the job or the code location names."""
    found: ExecutorDefinition | None = (
        job_def.own_executor if job_def is not None else None
    ) or code.executor
    return found


def plan_of_job(
    job_def: JobDefinition, op_selection: Sequence[str] | None = None, code: Code | None = None
) -> Plan:
    """The plan of a job of ops, or of a selection of its ops.

    Args:
        code: has the resources, where other ones stand in for the job's.

    Raises:
        InvalidSubsetError: a name that the job lacks.
        DefinitionsError: a resource that nobody provides.
    """
    graph = job_def.op_graph
    assert graph is not None
    chosen = op_selection if op_selection is not None else job_def.op_selection
    plan = plan_ops(graph, job_def.name, chosen)
    paths = {step.computation for step in plan.steps}
    missing = list(missing_resources_of_job(job_def, (code or job_def.code).resources, paths))
    if missing:
        raise DefinitionsError.of(missing)
    return plan


def tags_of_job(
    job_def: JobDefinition, tags: Mapping[str, str] | None, partition_key: str | None = None
) -> dict[str, str]:
    """The tags of a run of a job: the job's, those of the partition's config, and those given."""
    of_partition = getattr(job_def.partitioned_config, "get_tags_for_partition_key", None)
    is_one = partition_key is not None and keys_by_name(partition_key) is None
    own = of_partition(partition_key) if of_partition is not None and is_one else {}
    return {**job_def.run_tags, **own, **(tags or {})}


def loads_stored_assets(plan: Plan) -> bool:
    """Whether a step of the plan loads an asset that the plan does not make."""
    return any(isinstance(item.source, FromStorage) for step in plan.steps for item in step.inputs)


def in_memory(code: Code) -> Code:
    """The code with outputs kept in memory, unless it names an IO manager: for a job of ops run here and now."""
    if DEFAULT_IO_MANAGER in code.resources:
        return code
    return replace(code, resources={**code.resources, DEFAULT_IO_MANAGER: mem_io_manager}, origin=None)


def code_of_job(job_def: JobDefinition, resources: Mapping[str, Any] | None) -> Code:
    """The job's definitions, with resources that stand in for others."""
    overrides = {**job_def.resource_overrides, **(resources or {})}
    if job_def.is_of_ops:
        overrides = dict(resources or {})
    if not overrides:
        return job_def.code
    given = {key: coerce_resource(value) for key, value in overrides.items()}
    # Importing the code again would not give these resources, so it has no origin any more.
    return replace(job_def.code, resources={**job_def.code.resources, **given}, origin=None)


def chosen_of_job(
    job_def: JobDefinition, op_selection: Sequence[str] | None, asset_selection: Sequence[AssetKey] | None
) -> tuple[list[AssetKey], list[AssetCheckKey]]:
    """The job's assets and checks, or those of them that are selected.

    Raises:
        InvalidSubsetError: a name that the job lacks.
    """
    keys, checks = list(job_def.asset_keys), list(job_def.check_keys)
    if asset_selection is not None:
        wanted = {AssetKey.from_coercible_or_definition(key) for key in asset_selection}
        foreign = sorted(key.to_user_string() for key in wanted - set(keys))
        if foreign:
            raise InvalidSubsetError(
                f"Job `{job_def.name}` has no asset `{foreign[0]}`.",
                code="unknown-asset",
                hint=did_you_mean(foreign[0], (key.to_user_string() for key in keys)),
            )
        keys = [key for key in keys if key in wanted]
        checks = [check for check in checks if check.asset_key in wanted]
    if op_selection is not None:
        catalog = job_def.code.catalog
        names = set(select_steps(op_selection, _computations_above(catalog, keys, checks)))
        keys = [key for key in keys if names.intersection(catalog.assets[key].computations)]
        checks = [check for check in checks if catalog.checks[check].computation in names]
    return keys, checks


def _computations_above(
    catalog: Catalog, keys: Sequence[AssetKey], checks: Sequence[AssetCheckKey]
) -> dict[str, set[str]]:
    """Computation -> those that come before it in a run of these assets and checks."""
    plan = plan_assets(catalog, keys, checks)
    found: dict[str, set[str]] = {}
    for step in plan.steps:
        name = step.computation.partition(".")[0]
        upstream = {plan.steps_by_key[key].computation.partition(".")[0] for key in step.upstream_step_keys}
        found.setdefault(name, set()).update(upstream - {name})
    return found
