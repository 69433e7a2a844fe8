"""The run config of a run of a job: what was given, completed with the job's own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from treadle.core.errors import InvalidInvocationError
from treadle.core.partitions.context import DynamicPartitionsStore
from treadle.core.partitions.definition import StaticPartitionsDefinition
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.partitions.named_keys import keys_by_name
from treadle.define.code import Code
from treadle.define.config.resolve import ResolvedConfig, resolve_run_config
from treadle.define.config.run_config import with_defaults
from treadle.define.graphs.config_of_graphs import with_mapped_assets
from treadle.define.job_definition import JobDefinition
from treadle.plan.partitions import RunPartition
from treadle.plan.plan import Step


@attrs.frozen
class ConfigTarget:
    """Ops, resources and loggers by name, for resolving run config."""

    ops: Mapping[str, Any]
    resources: Mapping[str, Any]
    loggers: Mapping[str, Any]


def resolved_config(
    code: Code,
    steps: Iterable[Step],
    job_def: JobDefinition | None,
    run_config: Any,
    definitions: Mapping[str, Any],
    resource_keys: Iterable[str],
) -> ResolvedConfig:
    """A run's config after the mappings of its job and graphs, checked and completed.

    Args:
        steps: that will run.
        definitions: resource definitions by key.
        resource_keys: of those that will be opened.

    Raises:
        InvalidConfigError: `errors` has every path and reason.
        ConfigMappingFunctionError: a mapping raised.
    """
    given = run_config if job_def is None else job_def.standard_config(run_config)
    return resolve_run_config(
        ConfigTarget(code.ops, definitions, code.loggers),
        dict.fromkeys(step.computation for step in steps),
        with_mapped_assets(code.mapped_graphs, given),
        resource_keys=resource_keys,
    )


def merged_config(
    job_def: JobDefinition,
    run_config: Any,
    partition: RunPartition | None,
    instance: DynamicPartitionsStore | None = None,
) -> Any:
    """The run's config: what was given, completed with the job's own, which may be a function of the partition.

    A run of several partitions has the config that all of them have.

    Raises:
        InvalidInvocationError: the partitions of the run have different configs.
    """
    config = job_def.config
    if config is None or (hasattr(config, "config_fn") and not hasattr(config, "partitions_def")):
        return run_config
    if not hasattr(config, "get_run_config_for_partition_key"):
        return with_defaults(run_config, config)
    if run_config or partition is None:
        return run_config
    keys = _keys_of(config.partitions_def, partition, instance)
    found: Any = run_config
    if isinstance(config.partitions_def, StaticPartitionsDefinition):
        for key in keys:
            config.partitions_def.validate_partition_key(key)
    for number, key in enumerate(keys):
        one = config.get_run_config_for_partition_key(key)
        if number and one != found:
            raise InvalidInvocationError(
                f"Job `{job_def.name}` has a config for each partition, and those of `{keys[0]}` and `{key}` differ: "
                "a run of both can have one only.",
                code="config-of-range",
                hint="give the run a config, or make each partition in a run of its own (a backfill without "
                "`BackfillPolicy.single_run()`)",
            )
        found = one
    return found


def _keys_of(
    definition: Any, partition: RunPartition, instance: DynamicPartitionsStore | None
) -> Sequence[str]:
    """The run's keys of the config's partitions; none where it has none of them."""
    if isinstance(partition, str):
        named = keys_by_name(partition)
        if named is None:
            return [partition]
        space = definition.space(None, instance)
        return [key for key in named.values() if space.point(key) is not None][:1]
    if isinstance(partition, PartitionKeyRange):
        keys = definition.space(None, instance).key_range(partition.start, partition.end)
    else:
        keys = partition
    return [str(key) for key in keys]
