"""What stands for the config with which each asset would be made now, for the plan to compare with what it was made of."""

from collections.abc import Iterable
from typing import Any

from treadle.core.errors import InvalidConfigError, TreadleError
from treadle.core.keys import AssetKey
from treadle.define.code import Code
from treadle.define.config.resolve import resolve_run_config
from treadle.define.config.run_config import run_config_dict
from treadle.define.graphs.config_of_graphs import with_mapped_assets
from treadle.define.job_definition import JobDefinition
from treadle.plan.data_versions import asset_computation, versions_of_configs
from treadle.plan.partitions import RunPartition
from treadle.run.job_config import ConfigTarget, merged_config
from treadle.store.instance import Instance


def config_versions(
    code: Code,
    asset_keys: Iterable[AssetKey],
    run_config: Any,
    instance: Instance,
    *,
    job_def: JobDefinition | None = None,
    partition: RunPartition | None = None,
) -> dict[str, str]:
    """Computation -> what stands for its config; those without config are left out.

    Where an asset needs config and none is given, nothing is compared: the run itself says that, if the asset runs.

    Raises:
        InvalidConfigError: what is given for these assets does not fit.
    """
    assets = code.catalog.assets
    made = {name for key in asset_keys if key in assets for name in assets[key].computations}
    names = [name for name in code.ops if asset_computation(name) in made]
    try:
        if job_def is not None:
            run_config = job_def.standard_config(merged_config(job_def, run_config, partition, instance))
        is_given = bool(run_config_dict(run_config).get("ops"))
        of_ops = run_config_dict(with_mapped_assets(code.mapped_graphs, run_config)).get("ops") or {}
    except TreadleError:
        return {}  # raised again where the run gets its config
    try:
        resolved = resolve_run_config(
            ConfigTarget(code.ops, {}, {}), names, {"ops": of_ops}, resource_keys=()
        )
    except InvalidConfigError:
        if is_given:
            raise
        return {}
    return versions_of_configs(resolved.op_config)
