"""`AssetsDefinition.from_op`: an asset for each output of an op."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from treadle.core.keys import AssetKey
from treadle.core.specs import AssetDep, AssetSpec
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.asset_nodes import (
    input_node,
    mappings_by_key,
    output_node,
    plural_argument,
    refuse_unknown_names,
)
from treadle.define.op import OpDefinition


def assets_of_op(
    op_def: OpDefinition,
    *,
    keys_by_input_name: Mapping[str, AssetKey] | None = None,
    keys_by_output_name: Mapping[str, AssetKey] | None = None,
    key_prefix: Any = None,
    internal_asset_deps: Mapping[str, set[AssetKey]] | None = None,
    partitions_def: Any = None,
    partition_mappings: Mapping[str, Any] | None = None,
    group_name: str | None = None,
    group_names_by_output_name: Mapping[str, str | None] | None = None,
    descriptions_by_output_name: Mapping[str, str] | None = None,
    metadata_by_output_name: Mapping[str, Any] | None = None,
    tags_by_output_name: Mapping[str, Any] | None = None,
    automation_conditions_by_output_name: Mapping[str, Any] | None = None,
    backfill_policy: Any = None,
    can_subset: bool = False,
    auto_materialize_policies_by_output_name: Mapping[str, Any] | None = None,
    hook_defs: AbstractSet[Any] | None = None,
) -> AssetsDefinition:
    """An asset for each output of an op. Args: as of `AssetsDefinition.from_op`."""
    by_output: Mapping[str, Mapping[str, Any]] = {
        "description": descriptions_by_output_name or {},
        "metadata": metadata_by_output_name or {},
        "tags": tags_by_output_name or {},
        "automation_condition": automation_conditions_by_output_name or {},
        "auto_materialize_policy": auto_materialize_policies_by_output_name or {},
    }
    subject = f"op `{op_def.name}`"
    inputs_named = {"keys_by_input_name": keys_by_input_name, "partition_mappings": partition_mappings}
    refuse_unknown_names(subject, op_def.ins, "input", inputs_named, op_def.where)
    outputs_named = {
        "keys_by_output_name": keys_by_output_name,
        "internal_asset_deps": internal_asset_deps,
        "group_names_by_output_name": group_names_by_output_name,
        **{plural_argument(name): names for name, names in by_output.items()},
    }
    refuse_unknown_names(subject, op_def.outs, "output", outputs_named, op_def.where)
    out_keys = dict(keys_by_output_name or {})
    for output in op_def.outs:
        default = op_def.name if output == "result" else output
        out_keys.setdefault(output, AssetKey(default).with_prefix(key_prefix or []))
    in_keys = {name: AssetKey(name) for name in op_def.ins} | dict(keys_by_input_name or {})
    mappings = partition_mappings or {}
    inputs = tuple(
        input_node(name, in_keys[name], one, partition_mapping=mappings.get(name))
        for name, one in op_def.ins.items()
    )
    internal = {
        out_keys[output]: frozenset(upstream) for output, upstream in (internal_asset_deps or {}).items()
    }
    specs = []
    for output, key in out_keys.items():
        given = {name: values[output] for name, values in by_output.items() if output in values}
        group = (group_names_by_output_name or {}).get(output) or group_name
        upstream = internal.get(key) if internal else in_keys.values()
        deps = [AssetDep(dep, partition_mapping=mappings_by_key(inputs).get(dep)) for dep in upstream or ()]
        specs.append(AssetSpec(key, deps=deps, group_name=group, **given))
    hooks = op_def.hooks | frozenset(hook_defs or ())
    return AssetsDefinition(
        op=op_def.with_replaced(hooks=hooks),
        specs=specs,
        inputs=inputs,
        outputs=tuple(output_node(name, op_def.outs[name], asset_key=key) for name, key in out_keys.items()),
        partitions_def=partitions_def,
        backfill_policy=backfill_policy,
        can_subset=can_subset,
        internal_deps=internal or None,
    )
