"""A run that is prepared first and executed then: the preparation changes nothing, so it can be shown instead."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from treadle.core.catalog import Catalog
from treadle.core.errors import UnknownPartitionError
from treadle.core.events import Event
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.names import IMPLICIT_JOB_NAME
from treadle.core.selection.writers import writers_from_tags
from treadle.define.code import Code
from treadle.define.job_definition import JobDefinition
from treadle.plan.build import plan_assets
from treadle.plan.partitions import RunPartition, StepPartitions, bind
from treadle.plan.plan import Plan
from treadle.run.config_versions import config_versions
from treadle.run.execute import (
    AutoExecutor,
    chosen_of_job,
    code_of_job,
    execute_plan,
    plan_of_job,
    tags_of_job,
)
from treadle.run.job_config import merged_config
from treadle.run.partition_tags import partition_from_tags
from treadle.run.results import RunResult
from treadle.store.instance import Instance


@attrs.frozen(kw_only=True)
class PreparedRun:
    """A run that is planned and whose partitions are known to exist; it has not begun."""

    code: Code
    plan: Plan
    partitions: Mapping[str, StepPartitions]
    partition: RunPartition | None = None
    run_config: Any = None
    job_def: JobDefinition | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    asset_keys: tuple[AssetKey, ...] = ()
    check_keys: tuple[AssetCheckKey, ...] | None = None
    is_subset: bool = True
    """Whether this is less than the whole job."""


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
) -> PreparedRun:
    """Plan a run of assets and checks, and bind it to its partitions. Reads the store, writes nothing.

    Args:
        asset_keys: the assets to make or to observe.
        check_keys: the checks to evaluate; None: those that the assets have.
        job_def: the job whose config, tags, hooks and limits hold; None: a run of assets alone.
        partition: a key or a range of keys.
        skip_unchanged: leave out what did not change since it was last made.
        explain: give each step's reason from what is stored.

    Raises:
        UnknownPartitionError: a partition that does not exist, or one is needed and none given.
        InvalidSubsetError: assets that can not be run without others.
    """
    skip_unchanged = skip_unchanged or (job_def is not None and job_def.skip_unchanged)
    given = {**(job_def.run_tags if job_def is not None else {}), **(tags or {})}
    partition = partition if partition is not None else partition_from_tags(given, None)
    key = partition if isinstance(partition, str) else None
    if job_def is not None:
        given = {**given, **tags_of_job(job_def, tags, key)}
    plan = plan_assets(
        code.catalog,
        asset_keys,
        check_keys,
        job_name=job_def.name if job_def is not None else IMPLICIT_JOB_NAME,
        state=instance if skip_unchanged or explain else None,
        skip_unchanged=skip_unchanged,
        partition=partition,
        writers=writers_from_tags(given),
        config_versions=config_versions(
            code, asset_keys, run_config, instance, job_def=job_def, partition=partition
        )
        if skip_unchanged or explain
        else None,
    )
    if partition is None:
        _refuse_missing_partition(code.catalog, plan)
    bound = bind(code.catalog, plan, partition, None, instance)
    return PreparedRun(
        code=code,
        plan=plan,
        partitions=bound,
        partition=partition,
        run_config=merged_config(job_def, run_config, partition, instance)
        if job_def is not None
        else run_config,
        job_def=job_def,
        tags=given,
        asset_keys=tuple(asset_keys),
        check_keys=tuple(check_keys) if check_keys is not None else None,
        is_subset=is_subset,
    )


def prepare_job(
    job_def: JobDefinition,
    instance: Instance,
    *,
    partition: RunPartition | None = None,
    run_config: Any = None,
    tags: Mapping[str, str] | None = None,
    op_selection: Sequence[str] | None = None,
    asset_selection: Sequence[AssetKey] | None = None,
) -> PreparedRun:
    """Plan a run of any job, of ops or of assets, and bind it to its partitions. Reads the store, writes nothing.

    Args:
        job_def: a job of a code location (`code.jobs[name]`), or one that stands alone.
        partition: a key or a range of keys; the tags' where not given.
        run_config: in place of the job's own.
        tags: besides the job's own.
        op_selection: only these of its ops.
        asset_selection: only these of its assets.

    Raises:
        UnknownPartitionError: a partition that does not exist, or one is needed and none given.
        InvalidSubsetError: a selection that names something that the job lacks.
    """
    if not job_def.is_of_ops:
        keys, checks = chosen_of_job(job_def, op_selection, asset_selection)
        return prepare_run(
            code_of_job(job_def, None),
            keys,
            checks,
            instance,
            job_def=job_def,
            partition=partition,
            run_config=run_config,
            tags=tags,
            is_subset=op_selection is not None or asset_selection is not None,
        )
    code = code_of_job(job_def, None)
    partition = partition if partition is not None else partition_from_tags(dict(tags or {}), None)
    key = partition if isinstance(partition, str) else None
    plan = plan_of_job(job_def, op_selection)
    bound = bind(code.catalog, plan, partition, None, instance)
    return PreparedRun(
        code=code,
        plan=plan,
        partitions=bound,
        partition=partition,
        run_config=merged_config(job_def, run_config, partition, instance),
        job_def=job_def,
        tags=tags_of_job(job_def, tags, key),
        is_subset=False,
    )


def launch(
    prepared: PreparedRun,
    instance: Instance,
    *,
    executor: AutoExecutor = "auto",
    on_event: Callable[[Event], None] | None = None,
    on_wait: Callable[[], None] | None = None,
    run_id: str | None = None,
) -> RunResult:
    """Execute a prepared run; how it ended is in the result.

    Args:
        executor: `auto`: the job's or the code location's own, else by the plan; `in_process`; or an executor.
        on_event: is called with each event as it happens.
        on_wait: is called now and then while steps run in other processes.
        run_id: of the run; a new one where not given.

    Raises:
        InvalidConfigError: the run config does not fit.
        UnknownResourceError: a resource that nobody provides.
    """
    return execute_plan(
        prepared.code,
        prepared.plan,
        instance=instance,
        partition=prepared.partition,
        partitions=prepared.partitions,
        run_config=prepared.run_config,
        executor=executor,
        job_def=prepared.job_def,
        tags=prepared.tags,
        run_id=run_id,
        asset_selection=prepared.asset_keys if prepared.is_subset else None,
        check_selection=prepared.check_keys if prepared.is_subset else None,
        on_event=on_event,
        on_wait=on_wait,
    )


def _refuse_missing_partition(catalog: Catalog, plan: Plan) -> None:
    for step in plan.steps:
        for key in step.asset_keys:
            if catalog.partitions_def_of(key) is not None:
                raise UnknownPartitionError(
                    f"`{key.to_user_string()}` is partitioned, and no partition was given.",
                    hint="name one with --partition KEY (or `latest`), or make many with `treadle backfill`",
                )
