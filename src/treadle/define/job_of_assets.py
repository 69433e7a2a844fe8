"""Jobs over the assets of a code location, once these are known: of `define_asset_job`, and the one of all assets."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any

from treadle.core.errors import InvalidDefinitionError, InvalidSubsetError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.names import IMPLICIT_JOB_NAME
from treadle.core.selection.writers import chosen_writers, writers_tag
from treadle.define.code import Code
from treadle.define.job_definition import JobDefinition
from treadle.define.jobs import UnresolvedAssetJobDefinition
from treadle.define.partition_requests import coerce_job_config


def job_of_assets(job: UnresolvedAssetJobDefinition, code: Code) -> JobDefinition:
    """The job over those assets of `code` that it selects.

    Raises:
        InvalidSubsetError: the selection names an asset that is not there.
    """
    graph = code.catalog.selectable_graph
    wanted = job.selection.resolve(graph)
    runnable = [
        key for key, node in code.catalog.assets.items() if key in wanted and node.computation is not None
    ]
    checks = job.selection.resolve_checks(graph)
    _refuse_parts(job, code, set(runnable), checks)
    writers = writers_tag(chosen_writers(job.selection, graph))
    run_tags = job.run_tags if job.run_tags is not None else job.tags
    if job.partitions_def is not None:
        _refuse_others(job, job.partitions_def, code, runnable)
    own = job.partitions_def or getattr(job.config, "partitions_def", None)
    partitions_def = own or common_partitions_def(code, runnable)
    return JobDefinition.over_assets(
        name=job.name,
        asset_keys=tuple(runnable),
        check_keys=tuple(key for key in code.catalog.checks if key in checks),
        selection=job.selection,
        code=code,
        config=coerce_job_config(job.config, partitions_def),
        description=job.description,
        tags=job.tags,
        run_tags={**run_tags, **writers} if writers else run_tags,
        metadata=job.metadata,
        partitions_def=partitions_def,
        executor_def=job.executor_def,
        hooks=job.hooks,
        op_retry_policy=job.op_retry_policy,
        owners=job.owners,
        automation_condition=job.automation_condition,
        timeout=job.timeout,
        skip_unchanged=job.skip_unchanged,
        where=job.where,
    )


def _refuse_parts(
    job: UnresolvedAssetJobDefinition,
    code: Code,
    wanted: AbstractSet[AssetKey],
    checks: AbstractSet[AssetCheckKey],
) -> None:
    """Refuse a job of some assets and checks of a function that makes all of them or none."""
    catalog = code.catalog
    makers = [(catalog.assets[key].computation, key.to_user_string()) for key in wanted]
    makers += [(catalog.checks[key].computation, key.name) for key in checks]
    looked_at: set[str | None] = {None}
    for name, selected in makers:
        if name is None or name in looked_at:
            continue
        looked_at.add(name)
        computation = catalog.computations[name]
        if computation.can_subset:
            continue
        for output in computation.outputs:
            key, check = output.asset_key, output.check_key
            if (key is not None and key not in wanted) or (check is not None and check not in checks):
                left_out = (
                    check.name if check is not None else key.to_user_string() if key is not None else ""
                )
                raise InvalidSubsetError(
                    f"job `{job.name}` selects `{selected}`, which `{name}` makes together with `{left_out}`.",
                    code="partial-computation",
                    hint="select all of them, or declare the function with `can_subset=True`",
                    where=job.where,
                )


def _refuse_others(job: UnresolvedAssetJobDefinition, own: Any, code: Code, keys: Iterable[AssetKey]) -> None:
    """Refuse a job whose partitions no partitioned asset of it has."""
    found = {
        key: definition for key in keys if (definition := code.catalog.partitions_def_of(key)) is not None
    }
    if found and own not in found.values():
        key, definition = next(iter(found.items()))
        raise InvalidDefinitionError(
            f"job `{job.name}` is partitioned by {own}, and its asset `{key.to_user_string()}` by {definition}.",
            code="partition-mismatch",
            hint="leave `partitions_def` out: the assets have it",
            where=job.where,
        )


def implicit_job(code: Code) -> JobDefinition:
    """The job of everything that a run can make or check."""
    assets = [key for key, node in code.catalog.assets.items() if node.computation is not None]
    return JobDefinition.over_assets(
        name=IMPLICIT_JOB_NAME,
        asset_keys=tuple(assets),
        check_keys=tuple(code.catalog.checks),
        code=code,
        partitions_def=common_partitions_def(code, assets),
    )


def common_partitions_def(code: Code, keys: Iterable[AssetKey]) -> Any:
    """The one partitions definition that all partitioned assets among `keys` share, or None."""
    found: Any = None
    for key in keys:
        definition = code.catalog.partitions_def_of(key)
        if definition is None or definition is found:
            continue
        if found is not None and definition != found:
            return None
        found = definition
    return found
