"""What a graph answers in the peer's words: its nodes in several orders, and its inputs and outputs as an op tells them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from treadle.core.ordering import levels_of
from treadle.define.graphs.dependencies import GraphNode, InputMapping, NodeInvocation, OutputMapping
from treadle.define.op_port_views import OpInput, OpOutput, PortQuestions


class GraphQuestions(PortQuestions):
    """What `GraphDefinition` tells of its parts."""

    _kind = "graph"
    nodes_by_name: dict[str, GraphNode]
    dependencies: dict[NodeInvocation, Mapping[str, Any]]
    edges: dict[str, Mapping[str, Any]]
    input_mappings: list[InputMapping]
    output_mappings: list[OutputMapping]

    # Nodes

    @property
    def nodes(self) -> list[GraphNode]:
        """Its nodes, in the order in which they were called."""
        return list(self.nodes_by_name.values())

    @property
    def node_dict(self) -> Mapping[str, GraphNode]:
        """Name -> node."""
        return self.nodes_by_name

    @property
    def node_defs(self) -> Sequence[Any]:
        """Its ops and graphs, each once."""
        return list({node.definition.name: node.definition for node in self.nodes}.values())

    @property
    def nodes_in_topological_order(self) -> list[GraphNode]:
        """Its nodes, each after those whose outputs it takes."""
        above = {
            name: {
                dep.node for edge in self.edges.get(name, {}).values() for dep in edge.get_node_dependencies()
            }
            for name in self.nodes_by_name
        }
        return [self.nodes_by_name[name] for level in levels_of(above) for name in level]

    def node_names(self) -> list[str]:
        """The names of its nodes."""
        return list(self.nodes_by_name)

    def has_node_named(self, name: str) -> bool:
        """Whether there is a node of that name."""
        return name in self.nodes_by_name

    def node_named(self, name: str) -> GraphNode:
        """A node.

        Raises:
            InvariantViolationError: there is none; says the nearest.
        """
        self._refuse_unknown("node", name, self.nodes_by_name)
        return self.nodes_by_name[name]

    get_node = node_named

    def iterate_node_defs(self) -> Iterator[Any]:
        """Itself, and the ops and graphs inside, at every level."""
        yield self
        for definition in self.node_defs:
            if isinstance(definition, GraphQuestions):
                yield from definition.iterate_node_defs()
            else:
                yield definition

    def iterate_op_defs(self) -> Iterator[Any]:
        """The ops inside, at every level."""
        return (one for one in self.iterate_node_defs() if not isinstance(one, GraphQuestions))

    @property
    def pools(self) -> set[str]:
        """The pools that its steps wait for."""
        return {pool for op in self.iterate_op_defs() for pool in op.pools}

    # Inputs and outputs

    @property
    def input_dict(self) -> dict[str, OpInput]:
        """Its inputs by name."""
        return {name: self._input(name) for name in self.ins}

    @property
    def output_dict(self) -> dict[str, OpOutput]:
        """Its outputs by name."""
        return {name: self._output(name) for name in self.outs}

    def get_input_mapping(self, input_name: str) -> InputMapping:
        """Where an input goes first.

        Raises:
            InvariantViolationError: there is no such input.
        """
        self._refuse_unknown("input", input_name, self.ins)
        return next(one for one in self.input_mappings if one.graph_input_name == input_name)

    def get_output_mapping(self, output_name: str) -> OutputMapping:
        """Where an output comes from.

        Raises:
            InvariantViolationError: there is no such output.
        """
        self._refuse_unknown("output", output_name, self.outs)
        return next(one for one in self.output_mappings if one.graph_output_name == output_name)

    def _input(self, name: str) -> OpInput:
        mapping = self.get_input_mapping(name)
        node = self.nodes_by_name[mapping.mapped_node_name].definition
        inner: OpInput = node.input_def_named(mapping.mapped_node_input_name)
        return OpInput(name=name, dagster_type=inner.dagster_type, description=self.ins[name].description)

    def _output(self, name: str) -> OpOutput:
        mapping, out = self.get_output_mapping(name), self.outs[name]
        node = self.nodes_by_name[mapping.mapped_node_name].definition
        inner: OpOutput = node.output_def_named(mapping.mapped_node_output_name)
        return OpOutput(
            name=name,
            dagster_type=inner.dagster_type,
            description=out.description,
            is_required=inner.is_required,
            is_dynamic=out.is_dynamic,
        )
