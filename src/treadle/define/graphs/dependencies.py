"""What connects the nodes of a graph: invocations, dependencies, mappings of the graph's own inputs and outputs."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, NamedTuple

import msgspec
from msgspec.structs import force_setattr

from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.core.names import check_run_tags
from treadle.define.arguments import check_hooks, check_retry_policy


class NodeInvocation(msgspec.Struct, frozen=True, eq=False):
    """A node of a graph: an op or graph, and how it is used there.

    Args:
        name: of the op or graph.
        alias: the node's own name, where it differs.
        tags: added to the op's.
        hook_defs: called after its steps.
        retry_policy: in place of the op's.
    """

    name: str
    alias: str | None = None
    tags: Mapping[str, Any] = {}
    hook_defs: AbstractSet[Any] = frozenset()
    retry_policy: Any = None

    def __post_init__(self) -> None:
        force_setattr(self, "tags", dict(check_run_tags(self.tags)))
        force_setattr(self, "hook_defs", check_hooks("hook_defs", self.hook_defs))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.name, self.alias) == (other.name, other.alias)

    def __hash__(self) -> int:
        return hash((self.name, self.alias))

    @property
    def node_name(self) -> str:
        """The node's name in the graph."""
        return self.alias or self.name


class DependencyDefinition(msgspec.Struct, frozen=True):
    """An input that gets an output of another node.

    Args:
        node: the node's name (its alias, where it has one).
        output: which of its outputs.
        description: for people.
    """

    node: str
    output: str = "result"
    description: str | None = None
    _fan_in: ClassVar[bool] = False

    def is_fan_in(self) -> bool:
        """False: one output."""
        return self._fan_in

    def get_node_dependencies(self) -> Sequence["DependencyDefinition"]:
        """Itself."""
        return [self]


class CollectDependency(msgspec.Struct, frozen=True):
    """An input that gets all values of a dynamic output, or of what is mapped over one, as a list.

    Args:
        node_name: the node's name.
        output_name: which of its outputs.
    """

    node_name: str
    output_name: str = "result"

    def is_fan_in(self) -> bool:
        """True: several values make one input."""
        return True

    @property
    def node(self) -> str:
        """The node's name."""
        return self.node_name

    @property
    def output(self) -> str:
        """Which of its outputs."""
        return self.output_name

    def get_node_dependencies(self) -> Sequence[DependencyDefinition]:
        """The output that is collected."""
        return [DependencyDefinition(self.node_name, self.output_name)]


class MappedInput:
    """Stands among the sources of a list for an input of the graph itself."""


class MultiDependencyDefinition(msgspec.Struct, frozen=True):
    """An input that gets a list: one value of each of several outputs, in order.

    Args:
        dependencies: `DependencyDefinition`s, and `MappedInput` in the places of the graph's own inputs.
    """

    dependencies: Sequence[Any]

    def __post_init__(self) -> None:
        given = self.dependencies
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise wrong_type("dependencies", "a list of DependencyDefinitions", given)
        seen: set[tuple[str, str]] = set()
        for dep in given:
            if not isinstance(dep, DependencyDefinition):
                continue
            if (dep.node, dep.output) in seen:
                raise InvalidDefinitionError(
                    f"output `{dep.output}` of `{dep.node}` stands twice among the dependencies of one input.",
                    code="invalid-definition",
                    hint="leave one out",
                )
            seen.add((dep.node, dep.output))

    def is_fan_in(self) -> bool:
        """True: several values make one input."""
        return True

    def get_node_dependencies(self) -> Sequence[DependencyDefinition]:
        """Those of the dependencies that are outputs of nodes."""
        return [dep for dep in self.dependencies if isinstance(dep, DependencyDefinition)]

    def get_dependencies_and_mappings(self) -> Sequence[Any]:
        """All sources, in order."""
        return list(self.dependencies)


class InputPointer(NamedTuple):
    """An input of a node."""

    node_name: str
    input_name: str
    fan_in_index: int | None = None


class OutputPointer(NamedTuple):
    """An output of a node."""

    node_name: str
    output_name: str


class InputMapping(msgspec.Struct, frozen=True):
    """An input of a graph, and the input of a node inside that it goes to.

    Args:
        graph_input_name: of the graph.
        mapped_node_name: the node.
        mapped_node_input_name: its input.
        fan_in_index: the place in the list, where the node's input is one.
        graph_input_description: for people.
        dagster_type: in place of the node's input's.
    """

    graph_input_name: str
    mapped_node_name: str
    mapped_node_input_name: str
    fan_in_index: int | None = None
    graph_input_description: str | None = None
    dagster_type: Any = None

    @property
    def maps_to(self) -> InputPointer:
        """The node's input."""
        return InputPointer(self.mapped_node_name, self.mapped_node_input_name, self.fan_in_index)


class OutputMapping(msgspec.Struct, frozen=True):
    """An output of a graph, and the output of a node inside that it comes from.

    Args:
        graph_output_name: of the graph.
        mapped_node_name: the node.
        mapped_node_output_name: its output.
        graph_output_description: for people.
        dagster_type: in place of the node's output's.
        from_dynamic_mapping: True where it has one value for each of a dynamic output's inside.
    """

    graph_output_name: str
    mapped_node_name: str
    mapped_node_output_name: str = "result"
    graph_output_description: str | None = None
    dagster_type: Any = None
    from_dynamic_mapping: bool = False

    @property
    def maps_from(self) -> OutputPointer:
        """The node's output."""
        return OutputPointer(self.mapped_node_name, self.mapped_node_output_name)


class GraphIn(msgspec.Struct, frozen=True):
    """What should be known about an input of a graph.

    Args:
        description: for people.
    """

    description: str | None = None


class GraphOut(msgspec.Struct, frozen=True):
    """What should be known about an output of a graph.

    Args:
        description: for people.
    """

    description: str | None = None


class GraphNode(msgspec.Struct, frozen=True):
    """An op or a graph at its place in a graph.

    Args:
        name: the node's own.
        definition: the op or the graph.
        tags: added to the op's.
        hook_defs: called after its steps.
        retry_policy: in place of the op's.
        graph_definition: the graph that it stands in.
    """

    name: str
    definition: Any
    tags: Mapping[str, Any] = msgspec.field(default_factory=dict)
    hook_defs: frozenset[Any] = frozenset()
    retry_policy: Any = None
    graph_definition: Any = None

    def __post_init__(self) -> None:
        force_setattr(self, "retry_policy", check_retry_policy(self.retry_policy))

    @property
    def is_graph(self) -> bool:
        """True for a graph."""
        return hasattr(self.definition, "input_mappings")

    @property
    def input_dict(self) -> Mapping[str, Any]:
        """Its inputs by name."""
        found: Mapping[str, Any] = self.definition.input_dict
        return found

    @property
    def output_dict(self) -> Mapping[str, Any]:
        """Its outputs by name."""
        found: Mapping[str, Any] = self.definition.output_dict
        return found

    def has_input(self, name: str) -> bool:
        """Whether it has an input of that name."""
        return bool(self.definition.has_input(name))

    def has_output(self, name: str) -> bool:
        """Whether it has an output of that name."""
        return bool(self.definition.has_output(name))
