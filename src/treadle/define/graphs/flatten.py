"""A graph as one level of ops: paths, where each input comes from, and what is mapped over which dynamic output."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from treadle.core.catalog import Computation, InputNode, OutputNode
from treadle.core.errors import InvalidDefinitionError
from treadle.core.keys import AssetKey
from treadle.core.op_graph import (
    Collected,
    FromAsset,
    FromGraphInput,
    FromNode,
    NodeInput,
    NodeSource,
    OpGraph,
    OpNode,
    Several,
    Unconnected,
)
from treadle.define.graphs.dependencies import (
    CollectDependency,
    DependencyDefinition,
    GraphNode,
    MultiDependencyDefinition,
)
from treadle.define.op import OpDefinition
from treadle.define.output_types import is_nothing, type_name_of
from treadle.define.types import loader_keys_of


class FlatGraph(msgspec.Struct, eq=False):
    """A graph, flattened: the pure value, and the ops behind it."""

    graph: OpGraph
    ops: dict[str, OpDefinition]
    """Path -> op, with the tags, hooks and retry policy of its place."""
    assets: dict[AssetKey, Any]
    """Assets that its inputs load, and the objects that named them."""

    def with_hooks(self, hooks: frozenset[Any]) -> "FlatGraph":
        """A copy whose ops have these hooks too."""
        ops = {path: op.with_replaced(hooks=op.hooks | hooks) for path, op in self.ops.items()}
        return FlatGraph(self.graph, ops, self.assets)


class Surroundings(msgspec.Struct, frozen=True, eq=False):
    """What a graph inside of another gets from there."""

    prefix: str = ""
    tags: Mapping[str, Any] = msgspec.field(default_factory=dict)
    hooks: frozenset[Any] = frozenset()
    retry_policy: Any = None
    inputs: Mapping[str, NodeSource] = msgspec.field(default_factory=dict)
    """Input of the graph -> where it comes from."""
    names: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Input of the graph -> what it is called in the graphs around, innermost first."""


def flatten(graph: Any, partitions_def: Any = None, hooks: frozenset[Any] = frozenset()) -> FlatGraph:
    """The graph as one level of ops.

    Args:
        graph: a GraphDefinition.
        partitions_def: of the runs.
        hooks: for each of its ops.

    Raises:
        InvalidDefinitionError: an op that would be mapped over two dynamic outputs.
    """
    flat = _Flattening(partitions_def)
    sources: dict[str, NodeSource] = {name: FromGraphInput(input=name) for name in graph.ins}
    flat.add(graph, Surroundings(inputs=sources, hooks=hooks))
    nodes = _with_mapping(flat.nodes, graph.name, graph.where)
    return FlatGraph(
        graph=OpGraph(
            nodes=tuple(nodes),
            outputs=flat.graphs.pop("", {}),
            graphs=flat.graphs,
            inputs=tuple(graph.ins),
        ),
        ops=flat.ops,
        assets=flat.assets,
    )


class _Flattening:
    """The flat graph in the making."""

    def __init__(self, partitions_def: Any) -> None:
        self._partitions_def = partitions_def
        self.nodes: list[OpNode] = []
        self.ops: dict[str, OpDefinition] = {}
        self.assets: dict[AssetKey, Any] = {}
        self.graphs: dict[str, dict[str, FromNode]] = {}

    def add(self, graph: Any, around: Surroundings) -> None:
        """Add the ops of a graph, and of those inside of it."""
        self.graphs[around.prefix.rstrip(".")] = {
            name: source_of(graph, around.prefix, mapping.mapped_node_name, mapping.mapped_node_output_name)
            for mapping in graph.output_mappings
            for name in [mapping.graph_output_name]
        }
        for node in graph.nodes_by_name.values():
            sources = {name: self._source(graph, around, node.name, name) for name in node.definition.ins}
            names = {name: self._names(graph, around, node.name, name) for name in node.definition.ins}
            if node.is_graph:
                self.add(node.definition, _inside(around, node, sources, names))
            else:
                self._add_op(node, around, sources, names)

    def _add_op(
        self,
        node: GraphNode,
        around: Surroundings,
        sources: Mapping[str, NodeSource],
        names: Mapping[str, tuple[str, ...]],
    ) -> None:
        path = around.prefix + node.name
        policy = node.retry_policy or node.definition.retry_policy or around.retry_policy
        op = placed_op(node.definition, {**around.tags, **node.tags}, around.hooks | node.hook_defs, policy)
        self.ops[path] = op
        self.nodes.append(
            OpNode(
                path=path,
                computation=computation_of(op, path, self._partitions_def, sources),
                inputs=tuple(
                    NodeInput(
                        name=name,
                        source=sources[name],
                        loads_value=not is_nothing(one.dagster_type),
                        names_above=names[name],
                    )
                    for name, one in op.ins.items()
                ),
            )
        )

    def _source(self, graph: Any, around: Surroundings, node: str, name: str) -> NodeSource:
        asset = graph.input_assets.get(node, {}).get(name)
        if asset is not None:
            self.assets[asset.key] = asset
            return FromAsset(asset_key=asset.key)
        edge = graph.edges.get(node, {}).get(name)
        if isinstance(edge, MultiDependencyDefinition):
            return self._several(graph, around, node, name, edge)
        if edge is not None:
            return _one_source(graph, around.prefix, edge)
        for mapping in graph.input_mappings:
            if (
                mapping.mapped_node_name == node
                and mapping.mapped_node_input_name == name
                and mapping.fan_in_index is None
            ):
                return around.inputs.get(mapping.graph_input_name, Unconnected())
        return Unconnected()

    def _several(
        self, graph: Any, around: Surroundings, node: str, name: str, edge: MultiDependencyDefinition
    ) -> NodeSource:
        mapped = {
            mapping.fan_in_index: mapping.graph_input_name
            for mapping in graph.input_mappings
            if mapping.mapped_node_name == node and mapping.mapped_node_input_name == name
        }
        found: list[Any] = []
        for index, item in enumerate(edge.dependencies):
            if isinstance(item, DependencyDefinition | CollectDependency):
                found.append(_one_source(graph, around.prefix, item))
                continue
            outer = around.inputs.get(mapped.get(index, ""), Unconnected())
            found += outer.sources if isinstance(outer, Several) else [outer]
        return Several(sources=tuple(found))

    def _names(self, graph: Any, around: Surroundings, node: str, name: str) -> tuple[str, ...]:
        for mapping in graph.input_mappings:
            if mapping.mapped_node_name == node and mapping.mapped_node_input_name == name:
                outer = mapping.graph_input_name
                own = f"{around.prefix.rstrip('.')}:{outer}"
                return (own, *around.names.get(outer, ()))
        return ()


def _inside(
    around: Surroundings,
    node: GraphNode,
    sources: Mapping[str, NodeSource],
    names: Mapping[str, tuple[str, ...]],
) -> Surroundings:
    return Surroundings(
        prefix=f"{around.prefix}{node.name}.",
        tags={**around.tags, **node.tags},
        hooks=around.hooks | node.hook_defs,
        retry_policy=node.retry_policy or around.retry_policy,
        inputs=sources,
        names=names,
    )


def _one_source(graph: Any, prefix: str, edge: Any) -> FromNode | Collected:
    found = source_of(graph, prefix, edge.node, edge.output)
    return Collected(node=found.node, output=found.output) if isinstance(edge, CollectDependency) else found


def source_of(graph: Any, prefix: str, node: str, output: str) -> FromNode:
    """The op, and its output, that an output of a node of `graph` comes from.

    Args:
        prefix: of paths in the graph: empty, or ending in a dot.
    """
    definition = graph.nodes_by_name[node].definition
    path = prefix + node
    if not graph.nodes_by_name[node].is_graph:
        return FromNode(node=path, output=output)
    mapping = next(one for one in definition.output_mappings if one.graph_output_name == output)
    return source_of(definition, f"{path}.", mapping.mapped_node_name, mapping.mapped_node_output_name)


def placed_op(
    op: OpDefinition, tags: Mapping[str, Any], hooks: frozenset[Any], retry_policy: Any
) -> OpDefinition:
    """The op with what its place in a graph adds."""
    if not tags and not hooks and retry_policy is op.retry_policy:
        return op
    return op.with_replaced(tags={**op.tags, **tags}, hooks=op.hooks | hooks, retry_policy=retry_policy)


def computation_of(
    op: OpDefinition, name: str, partitions_def: Any = None, sources: Mapping[str, NodeSource] | None = None
) -> Computation:
    """An op as the catalog has it.

    Args:
        name: of the computation: the op's path.
        sources: input -> where its value comes from; of assets, the key goes into the catalog.
    """
    return Computation(
        name=name,
        kind="op",
        inputs=tuple(
            InputNode(
                name=input_name,
                asset_key=_asset_of((sources or {}).get(input_name)),
                loads_value=not is_nothing(one.dagster_type),
                io_manager_key=one.input_manager_key,
                type_name=type_name_of(one.dagster_type),
                has_default=one.has_default_value,
            )
            for input_name, one in op.ins.items()
        ),
        outputs=tuple(
            OutputNode(
                name=output_name,
                is_required=out.is_required,
                io_manager_key=out.io_manager_key or "io_manager",
                stores_value=not is_nothing(out.dagster_type),
                type_name=type_name_of(out.dagster_type),
                is_dynamic=out.is_dynamic,
            )
            for output_name, out in op.outs.items()
        ),
        partitions_def=partitions_def,
        retry_policy=op.retry_policy,
        timeout=op.timeout,
        pool=op.pool_of_steps,
        tags=op.tags,
        resource_keys=op.required_resource_keys | _loaders_keys(op, sources or {}),
        hook_names=tuple(sorted(hook.name for hook in op.hooks)) if op.hooks else (),
        is_async=op.is_async,
        description=op.own_description,
        where=op.where,
    )


def _loaders_keys(op: OpDefinition, sources: Mapping[str, NodeSource]) -> frozenset[str]:
    """Resources with which the types of inputs make values of run config, where nothing is connected."""
    keys: frozenset[str] = frozenset()
    for name, one in op.ins.items():
        if isinstance(sources.get(name), Unconnected | None):
            keys |= loader_keys_of(one.dagster_type)
    return keys


def _asset_of(source: NodeSource | None) -> AssetKey | None:
    return source.asset_key if isinstance(source, FromAsset) else None


def _with_mapping(nodes: Iterable[OpNode], graph: str, where: str | None) -> list[OpNode]:
    """Nodes in the order given, each with the dynamic output that it is mapped over."""
    waiting = {node.path: node for node in nodes}
    done: dict[str, OpNode] = {}
    dynamic = {
        (node.path, output.name)
        for node in waiting.values()
        for output in node.computation.outputs
        if output.is_dynamic
    }
    order = list(waiting)
    for start in order:
        stack = [start]
        while stack:
            path = stack[-1]
            above = [other for other in waiting[path].upstream() if other not in done]
            if above:
                stack += above
                continue
            stack.pop()
            if path not in done:
                done[path] = _mapped(waiting[path], done, dynamic, graph, where)
    return [done[path] for path in order]


def _mapped(
    node: OpNode,
    done: Mapping[str, OpNode],
    dynamic: set[tuple[str, str]],
    graph: str,
    where: str | None,
) -> OpNode:
    over: dict[tuple[str, str], FromNode] = {}
    for item in node.inputs:
        for source in item.sources():
            if not isinstance(source, FromNode | Collected):
                continue
            is_dynamic = (source.node, source.output) in dynamic
            upstream = done[source.node].mapped_over
            if isinstance(source, Collected) and not (is_dynamic and upstream is not None):
                continue  # one list: the values of a mapped op's own dynamic output are in several
            if upstream is not None:
                over[upstream.node, upstream.output] = upstream
            if is_dynamic:
                over[source.node, source.output] = FromNode(node=source.node, output=source.output)
    if not over:
        return node
    found = list(over.values())
    if len(found) > 1:
        names = [f"`{one.node}` (output `{one.output}`)" for one in found]
        raise InvalidDefinitionError(
            f"op `{node.path}` of `{graph}` is downstream of more than one dynamic output: {', '.join(names)}.",
            code="invalid-definition",
            hint="collect one of them first",
            where=where,
        )
    return OpNode(path=node.path, computation=node.computation, inputs=node.inputs, mapped_over=found[0])


def prefixed(graph: OpGraph, prefix: str) -> OpGraph:
    """The same graph as a part of a code location: all paths begin with `prefix.`.

    Args:
        prefix: the name of the computation that the graph is.
    """

    def source(given: Any) -> Any:
        if isinstance(given, Several):
            return Several(sources=tuple(source(one) for one in given.sources))
        if isinstance(given, FromNode | Collected):
            return msgspec.structs.replace(given, node=f"{prefix}.{given.node}")
        return given

    def node(given: OpNode) -> OpNode:
        path = f"{prefix}.{given.path}"
        return OpNode(
            path=path,
            computation=msgspec.structs.replace(given.computation, name=path),
            inputs=tuple(
                msgspec.structs.replace(
                    item,
                    source=source(item.source),
                    names_above=tuple(
                        f"{prefix}.{name}" if not name.startswith(":") else f"{prefix}{name}"
                        for name in item.names_above
                    ),
                )
                for item in given.inputs
            ),
            mapped_over=source(given.mapped_over),
        )

    def outputs(given: Mapping[str, FromNode]) -> dict[str, FromNode]:
        return {name: source(one) for name, one in given.items()}

    return OpGraph(
        nodes=tuple(node(one) for one in graph.nodes),
        outputs=outputs(graph.outputs),
        graphs={
            **{f"{prefix}.{path}": outputs(found) for path, found in graph.graphs.items()},
            prefix: outputs(graph.outputs),
        },
        inputs=graph.inputs,
    )
