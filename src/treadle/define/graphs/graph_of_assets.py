"""The graph of a job of assets: a node for each step of its runs, connected where one needs what another makes."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from treadle.core.catalog import Computation
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.define.graphs.dependencies import DependencyDefinition, NodeInvocation
from treadle.define.graphs.graph_definition import GraphDefinition
from treadle.define.op import In, OpDefinition

Part = tuple[str, Computation, list[AssetKey], list[AssetCheckKey]]
"""A step: its key, the computation, and what it makes of it."""


def graph_of_assets(
    name: str,
    parts: Iterable[tuple[Part, Collection[AssetKey]]],
    assets_defs: Mapping[str, Any],
    where: str | None,
) -> GraphDefinition:
    """The graph that a job of assets amounts to. Nothing runs it: it is there to be looked at.

    Args:
        name: of the job.
        parts: its steps in order, each with the assets that it needs.
        assets_defs: computation -> AssetsDefinition.
        where: the job stands.
    """
    steps = list(parts)
    made_by: dict[AssetKey, tuple[str, str]] = {}
    for (step, computation, keys, _), _ in steps:
        outputs = {output.asset_key: output.name for output in computation.outputs}
        made_by.update({key: (step, outputs[key]) for key in keys})
    definitions = {
        computation.name: _definition(assets_defs[computation.name].node_def, computation)
        for (_, computation, _, _), _ in steps
    }
    dependencies = {
        _invocation(step, computation): _edges(
            step, computation, needed, definitions[computation.name], made_by
        )
        for (step, computation, _, _), needed in steps
    }
    graph = GraphDefinition(name, node_defs=list(definitions.values()), dependencies=dependencies)
    graph.where = where
    return graph


def _invocation(step: str, computation: Computation) -> NodeInvocation:
    """The node of a step: a computation that runs in several parts has a node for each."""
    return NodeInvocation(computation.name, alias=step if step != computation.name else None)


def _edges(
    step: str,
    computation: Computation,
    needed: Collection[AssetKey],
    definition: Any,
    made_by: Mapping[AssetKey, tuple[str, str]],
) -> dict[str, DependencyDefinition]:
    found = {}
    for node in computation.inputs:
        source = (
            made_by.get(node.asset_key) if node.asset_key is not None and node.asset_key in needed else None
        )
        if source is not None and source[0] != step and node.name in definition.ins:
            found[node.name] = DependencyDefinition(*source)
    return found


def _definition(definition: Any, computation: Computation) -> Any:
    """An op or graph under the name that its step has, its op with an input for each asset that it only waits for."""
    changes: dict[str, Any] = {}
    if definition.name != computation.name:
        changes["name"] = computation.name
    waits_for = [node.name for node in computation.inputs if node.name not in definition.ins]
    if waits_for and isinstance(definition, OpDefinition):
        changes["ins"] = {**definition.ins, **{name: In(type(None)) for name in waits_for}}
    return definition.with_replaced(**changes) if changes else definition
