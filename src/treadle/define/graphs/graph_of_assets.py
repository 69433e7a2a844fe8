"""The graph of a job of assets: a node for each function that the job runs, connected where one loads what another makes."""

from collections.abc import Iterable, Mapping
from typing import Any

from treadle.core.keys import AssetKey
from treadle.define.graphs.dependencies import DependencyDefinition
from treadle.define.graphs.graph_definition import GraphDefinition


def graph_of_assets(name: str, makers: Mapping[str, Any], where: str | None) -> GraphDefinition:
    """The graph that a job of assets amounts to. Nothing runs it: it is there to be looked at.

    Args:
        name: of the job.
        makers: computation -> AssetsDefinition.
    """
    made_by: dict[AssetKey, tuple[str, str]] = {}
    for node, assets in makers.items():
        for output, key in assets.keys_by_output_name.items():
            made_by[key] = (node, output)
    definitions = {node: _named(assets.node_def, node) for node, assets in makers.items()}
    dependencies = {
        node: _edges(node, definitions[node].ins, assets.keys_by_input_name, made_by)
        for node, assets in makers.items()
    }
    graph = GraphDefinition(name, node_defs=list(definitions.values()), dependencies=dependencies)
    graph.where = where
    return graph


def _edges(
    node: str,
    ins: Iterable[str],
    loads: Mapping[str, AssetKey],
    made_by: Mapping[AssetKey, tuple[str, str]],
) -> dict[str, DependencyDefinition]:
    found = {name: made_by.get(loads[name]) for name in ins if name in loads}
    return {
        name: DependencyDefinition(*source)
        for name, source in found.items()
        if source is not None and source[0] != node
    }


def _named(definition: Any, name: str) -> Any:
    """An op or graph under the name that its step has in the job."""
    return definition if definition.name == name else definition.with_replaced(name=name)
