"""Runs a job's assets in this process: what `JobDefinition.execute_in_process` opens."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from treadle.core.errors import InvalidSubsetError
from treadle.core.keys import AssetKey
from treadle.define.config.run_config import run_config_dict
from treadle.define.jobs import JobDefinition
from treadle.define.resources.definition import coerce_resource
from treadle.run.materialize import run_assets
from treadle.run.results import RunResult
from treadle.store.instance import Instance


def execute_job_in_process(
    job_def: JobDefinition,
    run_config: Any = None,
    instance: Instance | None = None,
    partition_key: str | None = None,
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
    code = job_def.code
    overrides = {**job_def.resource_overrides, **(resources or {})}
    if overrides:
        given = {key: coerce_resource(value) for key, value in overrides.items()}
        code = attrs.evolve(code, resources={**code.resources, **given})
    keys, checks = chosen_of_job(job_def, op_selection, asset_selection)
    return run_assets(
        code,
        keys,
        checks,
        job_name=job_def.name,
        run_config=merged_config(job_def, run_config),
        instance=instance,
        partition_key=partition_key,
        raise_on_error=raise_on_error,
        tags={**job_def.run_tags, **(tags or {})},
        skip_unchanged=job_def.skip_unchanged,
        is_subset=asset_selection is not None or op_selection is not None,
        job_def=job_def,
        hooks=tuple(job_def.hooks),
        retry_policy=job_def.op_retry_policy,
        timeout=job_def.timeout,
        run_id=run_id,
        input_values=input_values,
    )


def chosen_of_job(
    job_def: JobDefinition, op_selection: Sequence[str] | None, asset_selection: Sequence[AssetKey] | None
) -> tuple[list[AssetKey], list[Any]]:
    """The job's assets and checks, or those of them that are selected."""
    keys, checks = list(job_def.asset_keys), list(job_def.check_keys)
    if asset_selection is not None:
        wanted = {AssetKey.from_coercible_or_definition(key) for key in asset_selection}
        foreign = wanted - set(keys)
        if foreign:
            names = ", ".join(sorted(key.to_user_string() for key in foreign))
            raise InvalidSubsetError(f"Job `{job_def.name}` has no asset {names}.", code="unknown-asset")
        keys = [key for key in keys if key in wanted]
        checks = [check for check in checks if check.asset_key in wanted]
    if op_selection is not None:
        names = set(op_selection)
        catalog = job_def.code.catalog
        keys = [key for key in keys if catalog.assets[key].computation in names]
        checks = [check for check in checks if catalog.checks[check].computation in names]
        if not keys and not checks:
            raise InvalidSubsetError(
                f"Nothing in job `{job_def.name}` matches {', '.join(sorted(names))}.", code="invalid-selection"
            )
    return keys, checks


def merged_config(job_def: JobDefinition, run_config: Any) -> Any:
    """The run's config, else the job's own where that is plain config."""
    if run_config is not None:
        return run_config
    config = job_def.config
    if config is None or hasattr(config, "partitions_def") or hasattr(config, "config_fn"):
        return None
    return run_config_dict(config)
