"""A graph that makes assets, as the catalog of its code location has it."""

from typing import Any

import msgspec

from treadle.core.catalog import InputNode, OutputNode
from treadle.core.op_graph import FromGraphInput, FromNode, OpGraph, OpNode
from treadle.define.graphs.flatten import prefixed


def graph_in_location(name: str, definition: Any, inputs: tuple[InputNode, ...]) -> OpGraph:
    """The flat graph under the name of its computation; its ops know which assets and checks they make and read.

    Args:
        name: of the computation.
        definition: the AssetsDefinition, its keys as they are in the location.
        inputs: the computation's, joined to assets that exist.
    """
    graph = prefixed(definition.flat.graph, name)
    made: dict[tuple[str, str], OutputNode] = {}
    for output in definition.outputs:
        source = graph.outputs[output.name]
        made[source.node, source.output] = output
    by_name = {node.name: node for node in inputs}

    def read(node: OpNode, given: InputNode) -> InputNode:
        item = next(one for one in node.inputs if one.name == given.name)
        source = item.source
        if isinstance(source, FromGraphInput):
            outer = by_name.get(source.input)
            if outer is not None:
                return msgspec.structs.replace(
                    given,
                    asset_key=outer.asset_key,
                    partition_mapping=outer.partition_mapping,
                    io_manager_key=given.io_manager_key or outer.io_manager_key,
                )
        if isinstance(source, FromNode) and (source.node, source.output) in made:
            return msgspec.structs.replace(given, asset_key=made[source.node, source.output].asset_key)
        return given

    def place(node: OpNode) -> OpNode:
        outputs = tuple(_made(given, made.get((node.path, given.name))) for given in node.computation.outputs)
        computation = msgspec.structs.replace(
            node.computation,
            inputs=tuple(read(node, given) for given in node.computation.inputs),
            outputs=outputs,
            partitions_def=definition.partitions_def,
            backfill_policy=definition.backfill_policy,
        )
        return msgspec.structs.replace(node, computation=computation)

    return msgspec.structs.replace(graph, nodes=tuple(place(node) for node in graph.nodes))


def _made(given: OutputNode, outer: OutputNode | None) -> OutputNode:
    if outer is None:
        return given
    if outer.check_key is not None:
        return msgspec.structs.replace(given, check_key=outer.check_key, stores_value=False)
    return msgspec.structs.replace(given, asset_key=outer.asset_key, is_required=outer.is_required)
