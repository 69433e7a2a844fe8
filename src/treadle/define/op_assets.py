"""`AssetsDefinition.from_op`: an asset for each output of an op."""

from collections.abc import Iterable
from typing import Any

from treadle.define.arguments import check_hooks
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.asset_nodes import input_node, internal_deps_of, output_node
from treadle.define.assets_by_output import AssetsByOutput, with_inputs_as_deps
from treadle.define.op import OpDefinition


def assets_of_op(
    op_def: OpDefinition,
    *,
    partitions_def: Any = None,
    backfill_policy: Any = None,
    can_subset: bool = False,
    hook_defs: Iterable[Any] | None = None,
    **by_name: Any,
) -> AssetsDefinition:
    """An asset for each output of an op. Args: as of `AssetsDefinition.from_op`; `by_name` are those of `AssetsByOutput`."""
    told = AssetsByOutput(**by_name)
    told.check_names(f"op `{op_def.name}`", op_def.ins, op_def.outs, op_def.where)
    inputs = tuple(
        input_node(name, told.key_of_input(name), one, partition_mapping=told.mapping_of_input(name))
        for name, one in op_def.ins.items()
    )
    by_output = told.specs(op_def.name, op_def.outs)
    specs = with_inputs_as_deps(by_output, inputs, told.internal_asset_deps)
    return AssetsDefinition(
        op=op_def.with_replaced(hooks=op_def.hooks | check_hooks("hook_defs", hook_defs)),
        specs=specs,
        inputs=inputs,
        outputs=tuple(
            output_node(name, op_def.outs[name], asset_key=spec.key) for name, spec in by_output.items()
        ),
        partitions_def=partitions_def,
        backfill_policy=backfill_policy,
        can_subset=can_subset,
        internal_deps=internal_deps_of(specs),
    )
