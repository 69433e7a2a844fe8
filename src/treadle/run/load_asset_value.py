"""Loads the stored value of an asset outside of a run: what `Definitions.load_asset_value` opens."""

import contextlib
from collections.abc import Mapping
from typing import Any

from treadle.core.errors import InvariantViolationError, did_you_mean
from treadle.core.keys import AssetKey
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.define.code import Code
from treadle.define.config.resolve import resolve_run_config
from treadle.define.context.input_context import InputContext
from treadle.define.context.log import StepLogger
from treadle.define.context.output_context import OutputContext
from treadle.define.context.step_state import KeyList, PartitionView
from treadle.define.resources.lasting import LastingResources
from treadle.define.types import resolve_type
from treadle.run.environment import DEFAULT_IO_MANAGER
from treadle.run.job_config import ConfigTarget
from treadle.run.resource_bag import ResourceBag
from treadle.run.resource_needs import resource_definitions
from treadle.store.instance import Instance


def load_asset_value(
    code: Code,
    asset_key: Any,
    *,
    instance: Instance | None = None,
    python_type: type | None = None,
    partition_key: str | None = None,
    partition_key_range: PartitionKeyRange | None = None,
    input_definition_metadata: Mapping[str, Any] | None = None,
    resource_config: Mapping[str, Any] | None = None,
    lasting: LastingResources | None = None,
) -> Any:
    """The stored value of an asset, loaded by its IO manager.

    Args: as of `Definitions.load_asset_value`, and

        lasting: keeps what is opened until it is closed itself; without it all is closed after the load.

    Raises:
        InvariantViolationError: no such asset.
        UnknownPartitionError: no such partition.
    """
    key = AssetKey.from_coercible_or_definition(asset_key)
    node = code.catalog.assets.get(key)
    if node is None:
        raise InvariantViolationError(
            f"There is no asset `{key.to_user_string()}`.",
            code="unknown-asset",
            hint=did_you_mean(
                key.to_user_string(), (known.to_user_string() for known in code.catalog.assets)
            ),
        )
    kept = instance if instance is not None else Instance.get()
    manager_key = getattr(node, "io_manager_key", None) or DEFAULT_IO_MANAGER
    definitions = resource_definitions(code, frozenset({manager_key}))
    run_config = {"resources": dict(resource_config)} if resource_config else None
    config = resolve_run_config(
        ConfigTarget(code.ops, definitions, code.loggers), (), run_config, resource_keys=[manager_key]
    )
    view = _partition_view(code, key, kept, partition_key, partition_key_range)
    with contextlib.ExitStack() as until_loaded:
        holder = lasting if lasting is not None else until_loaded.enter_context(LastingResources())
        opened = holder.open(definitions, [manager_key], config.resource_config, kept)
        bag = ResourceBag(opened, definitions, config.resource_config)
        common: dict[str, Any] = {
            "asset_key": key,
            "asset_partitions": view,
            "run_partitions": view,
            "log": StepLogger(_drop_line),
            "resources": bag.for_manager(manager_key),
            "resource_config": bag.config_of(manager_key),
            "instance": kept,
        }
        upstream = OutputContext(
            name=node.output or "result",
            asset_spec=node.spec,
            definition_metadata=node.spec.metadata,
            op_def=code.ops.get(node.computation) if node.computation is not None else None,
            **common,
        )
        context = InputContext(
            name=None,
            upstream_output=upstream,
            dagster_type=resolve_type(python_type if python_type is not None else Any),
            definition_metadata=input_definition_metadata or {},
            **common,
        )
        return bag.get(manager_key).load_input(context)


def _partition_view(
    code: Code,
    key: AssetKey,
    instance: Instance,
    partition_key: str | None,
    partition_key_range: PartitionKeyRange | None,
) -> PartitionView | None:
    definition = code.catalog.partitions_def_of(key)
    if definition is None:
        return None
    space = definition.space(None, instance)
    if partition_key is not None:
        keys = space.of_keys([partition_key])
    elif partition_key_range is not None:
        keys = space.key_range(*partition_key_range)
    else:
        keys = space.all()
    return PartitionView(definition, KeyList(keys), partition_key is None)


def _drop_line(*_: Any) -> None:
    return None
