"""What is wrong with the edges of a graph, all at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from treadle.core.errors import did_you_mean
from treadle.core.ordering import circles
from treadle.core.problem import Problem


def mistakes_in(graph: Any) -> list[Problem]:
    """Edges to inputs and outputs that are not there, inputs of the graph that go nowhere, and circles.

    Args:
        graph: a GraphDefinition whose nodes are made.
    """
    return [*_of_edges(graph), *_of_mappings(graph), *_circles(graph)]


def _of_edges(graph: Any) -> Iterator[Problem]:
    for name, edges in graph.edges.items():
        definition = graph.nodes_by_name[name].definition
        for input_name, edge in edges.items():
            if input_name not in definition.ins:
                yield Problem(
                    "unknown-input",
                    f"node `{name}` has no input `{input_name}`",
                    suggestion=did_you_mean(input_name, definition.ins) or _listed(definition.ins, "inputs"),
                )
            for dep in edge.get_node_dependencies():
                yield from _of_source(graph, dep.node, dep.output, f"input `{input_name}` of `{name}`")


def _of_source(graph: Any, node: str, output: str, reader: str) -> Iterator[Problem]:
    if node not in graph.nodes_by_name:
        yield Problem(
            "unknown-dep",
            f"{reader} depends on `{node}`, which is no node of the graph",
            suggestion=did_you_mean(node, graph.nodes_by_name),
        )
        return
    outs: Mapping[str, Any] = graph.nodes_by_name[node].definition.outs
    if output not in outs:
        yield Problem(
            "unknown-dep",
            f"{reader} depends on output `{output}` of `{node}`, which has none of that name",
            suggestion=did_you_mean(output, outs) or _listed(outs, "outputs"),
        )


def _of_mappings(graph: Any) -> Iterator[Problem]:
    for name, found in graph.ins.items():
        if not found.targets:
            yield Problem(
                "unknown-input",
                f"its input `{name}` goes to no op",
                suggestion="pass it to an op, or leave it out",
            )
    for mapping in graph.input_mappings:
        node = graph.nodes_by_name.get(mapping.mapped_node_name)
        if node is None:
            yield Problem(
                "unknown-dep",
                f"its input `{mapping.graph_input_name}` goes to `{mapping.mapped_node_name}`, which is no node of it",
                suggestion=did_you_mean(mapping.mapped_node_name, graph.nodes_by_name),
            )
        elif mapping.mapped_node_input_name not in node.definition.ins:
            yield Problem(
                "unknown-input",
                f"its input `{mapping.graph_input_name}` goes to input `{mapping.mapped_node_input_name}` of "
                f"`{node.name}`, which has none of that name",
                suggestion=did_you_mean(mapping.mapped_node_input_name, node.definition.ins),
            )
    seen: set[str] = set()
    for mapping in graph.output_mappings:
        if mapping.graph_output_name in seen:
            yield Problem("duplicate-key", f"its output `{mapping.graph_output_name}` stands twice")
        seen.add(mapping.graph_output_name)
        reader = f"its output `{mapping.graph_output_name}`"
        yield from _of_source(graph, mapping.mapped_node_name, mapping.mapped_node_output_name, reader)


def _circles(graph: Any) -> Iterator[Problem]:
    above = {
        name: [
            dep.node
            for edge in graph.edges.get(name, {}).values()
            for dep in edge.get_node_dependencies()
            if dep.node in graph.nodes_by_name
        ]
        for name in graph.nodes_by_name
    }
    for circle in circles(above):
        yield Problem(
            "dependency-cycle",
            "nodes depend on each other in a circle: " + " -> ".join([*circle, circle[0]]),
            suggestion="break the circle: one of these nodes must not need the one before it",
        )


def _listed(names: Mapping[str, Any], what: str) -> str:
    return f"it has the {what} {', '.join(names)}" if names else f"it has no {what}"
