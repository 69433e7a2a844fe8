"""`GraphDefinition`: ops and graphs, and what is connected to what."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import copy
from typing import Any, Self

import attrs

from treadle.core.deprecation import tell_caller
from treadle.core.errors import (
    InvalidDefinitionError,
    argument_names,
    did_you_mean,
    shortened,
    unknown_argument,
    wrong_type,
)
from treadle.core.names import check_name, check_run_tags
from treadle.define.arguments import placed_here
from treadle.define.config.configurable import Configurable, required_name
from treadle.define.config.mapping import ConfigMapping, ConfiguredMapping
from treadle.define.config.run_config import run_config_dict
from treadle.define.config.schema import Field
from treadle.define.graphs.composing import Call
from treadle.define.graphs.dependencies import (
    GraphNode,
    InputMapping,
    NodeInvocation,
    OutputMapping,
)
from treadle.define.graphs.graph_questions import GraphQuestions
from treadle.define.graphs.invocation import PendingNodeInvocation, call_node
from treadle.define.graphs.mistakes import mistakes_in
from treadle.define.job_definition import JobDefinition
from treadle.define.where import caller_where, where_of


@attrs.frozen
class GraphInput:
    """An input of a graph, as those see it who call the graph.

    Args:
        name: of the input.
        description: for people.
        targets: the inputs inside that it goes to.
    """

    name: str
    description: str | None = None
    targets: tuple[InputMapping, ...] = ()


@attrs.frozen
class GraphOutput:
    """An output of a graph, as those see it who call the graph.

    Args:
        name: of the output.
        description: for people.
        is_dynamic: whether it has any number of values.
    """

    name: str
    description: str | None = None
    is_dynamic: bool = False


class GraphDefinition(GraphQuestions, Configurable):
    """Ops and graphs, and what is connected to what. `@graph` makes it.

    Args:
        name: of the graph.
        description: for people.
        node_defs: the ops and graphs.
        dependencies: node -> input -> where its value comes from. A node is a name, or a NodeInvocation.
        input_mappings: the graph's own inputs.
        output_mappings: its own outputs.
        config: a ConfigMapping from the graph's config to that of its nodes, or their config.
        tags: of the jobs made of it.
        input_assets: node -> input -> the asset that it loads.

    Raises:
        InvalidDefinitionError: with everything that is wrong: unknown nodes, inputs and outputs, circles.

    Example:
        >>> from treadle import DependencyDefinition, GraphDefinition, op
        >>> @op
        ... def one():
        ...     return 1
        >>> @op
        ... def double(number):
        ...     return 2 * number
        >>> graph = GraphDefinition(
        ...     "twice", node_defs=[one, double], dependencies={"double": {"number": DependencyDefinition("one")}}
        ... )
        >>> graph.execute_in_process().output_for_node("double")
        2
    """

    name: str
    description: str | None
    config_mapping: ConfigMapping | None
    tags: Mapping[str, Any]
    input_mappings: list[InputMapping]
    output_mappings: list[OutputMapping]
    input_assets: Mapping[str, Mapping[str, Any]]

    def __init__(
        self,
        name: str,
        *,
        description: str | None = None,
        node_defs: Sequence[Any] | None = None,
        dependencies: Mapping[Any, Mapping[str, Any]] | None = None,
        input_mappings: Sequence[InputMapping] | None = None,
        output_mappings: Sequence[OutputMapping] | None = None,
        config: Any = None,
        tags: Mapping[str, Any] | None = None,
        node_input_source_assets: Mapping[str, Mapping[str, Any]] | None = None,
        input_assets: Mapping[str, Mapping[str, Any]] | None = None,
        composition_fn: Any = None,
        **kwargs: Any,
    ) -> None:
        self.where: str | None = where_of(composition_fn) if composition_fn is not None else caller_where()
        self.name = check_name(name, "graph") if name else name
        self.description = description
        self.composition_fn = composition_fn
        self.config_mapping = _config_mapping(config)
        self.tags = check_run_tags(tags)
        self.input_mappings = list(input_mappings or ())
        self.output_mappings = list(output_mappings or ())
        if node_input_source_assets is not None:
            tell_caller("`node_input_source_assets` of GraphDefinition is deprecated: write `input_assets`.")
        self.input_assets = input_assets or node_input_source_assets or {}
        given_inputs = kwargs.pop("graph_inputs", {})
        for unknown in kwargs:
            raise unknown_argument(unknown, argument_names(GraphDefinition.__init__), "GraphDefinition")
        if node_defs is not None and (isinstance(node_defs, str) or not isinstance(node_defs, Iterable)):
            raise wrong_type("node_defs", "a list of ops and graphs", node_defs)
        self._definitions = {one.name: one for one in map(self._checked_node, node_defs or ())}
        if composition_fn is not None:
            self.__name__ = composition_fn.__name__
            self.__doc__ = composition_fn.__doc__
        self.dependencies: dict[NodeInvocation, Mapping[str, Any]] = {
            _invocation(node): _checked_edges(edges) for node, edges in (dependencies or {}).items()
        }
        self.nodes_by_name: dict[str, GraphNode] = self._make_nodes(node_defs or ())
        self.edges: dict[str, Mapping[str, Any]] = {
            node.node_name: edges for node, edges in self.dependencies.items()
        }
        self.ins: Mapping[str, GraphInput] = self._make_inputs(given_inputs)
        mistakes = mistakes_in(self)
        if mistakes:
            raise _refusal(self.name, mistakes, self.where)
        self.outs: Mapping[str, GraphOutput] = {
            mapping.graph_output_name: GraphOutput(
                mapping.graph_output_name,
                mapping.graph_output_description,
                mapping.from_dynamic_mapping
                or bool(
                    self.nodes_by_name[mapping.mapped_node_name]
                    .definition.outs[mapping.mapped_node_output_name]
                    .is_dynamic
                ),
            )
            for mapping in self.output_mappings
        }

    def _checked_node(self, given: Any) -> Any:
        if hasattr(given, "ins") and hasattr(given, "outs"):
            return given
        raise InvalidDefinitionError(
            f"`node_defs` of graph `{self.name}` holds {getattr(given, '__name__', shortened(repr(given)))}, "
            "which is no op and no graph.",
            hint="decorate the function with `@op`" if callable(given) else "give ops and graphs",
            where=self.where,
        )

    def _make_nodes(self, node_defs: Iterable[Any]) -> dict[str, GraphNode]:
        nodes: dict[str, GraphNode] = {}
        used: set[str] = set()
        for invocation in self.dependencies:
            definition = self._definitions.get(invocation.name)
            name = invocation.node_name
            if definition is None:
                raise InvalidDefinitionError(
                    f"graph `{self.name}` has dependencies of `{invocation.name}`, which is not among its nodes.",
                    code="unknown-dep",
                    hint=did_you_mean(invocation.name, self._definitions) or "add it to `node_defs`",
                    where=self.where,
                )
            if name in nodes:
                raise InvalidDefinitionError(
                    f"graph `{self.name}` has two nodes `{name}`.",
                    code="duplicate-key",
                    hint="give one an alias: `NodeInvocation(name, alias=…)`",
                    where=self.where,
                )
            used.add(invocation.name)
            nodes[name] = GraphNode(
                name,
                definition,
                dict(invocation.tags),
                frozenset(invocation.hook_defs),
                invocation.retry_policy,
                self,
            )
        for definition in node_defs:
            if definition.name not in used:
                nodes.setdefault(
                    definition.name, GraphNode(definition.name, definition, graph_definition=self)
                )
        return nodes

    def _make_inputs(self, declared: Mapping[str, Any]) -> Mapping[str, GraphInput]:
        targets: dict[str, list[InputMapping]] = {name: [] for name in declared}
        for mapping in self.input_mappings:
            targets.setdefault(mapping.graph_input_name, []).append(mapping)
        return {
            name: GraphInput(
                name,
                getattr(declared.get(name), "description", None)
                or next((m.graph_input_description for m in found if m.graph_input_description), None),
                tuple(found),
            )
            for name, found in targets.items()
        }

    @property
    def has_config_mapping(self) -> bool:
        """Whether its config is mapped to that of its nodes."""
        return self.config_mapping is not None

    def with_replaced(self, **changes: Any) -> Self:
        """A copy with some attributes changed."""
        copied = copy(self)
        copied.__dict__.update(changes)
        return copied

    # Use in other graphs

    def alias(self, name: str) -> PendingNodeInvocation:
        """The graph under another name, to be called in a graph."""
        return PendingNodeInvocation(self, name, None, None, None)

    def tag(self, tags: Mapping[str, Any] | None) -> PendingNodeInvocation:
        """The graph with tags, to be called in a graph."""
        return PendingNodeInvocation(self, None, tags, None, None)

    def with_hooks(self, hook_defs: AbstractSet[Any]) -> PendingNodeInvocation:
        """The graph with hooks for all of its ops, to be called in a graph."""
        return PendingNodeInvocation(self, None, None, hook_defs, None)

    def with_retry_policy(self, retry_policy: Any) -> PendingNodeInvocation:
        """The graph with a retry policy for all of its ops, to be called in a graph."""
        return PendingNodeInvocation(self, None, None, None, retry_policy)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return call_node(Call(self), args, kwargs)

    @property
    def config_schema(self) -> Field | None:  # type: ignore[override]
        """Schema of the graph's own config; None where it has no config mapping."""
        return self.config_mapping.config_schema if self.config_mapping is not None else None

    def configured(
        self,
        config_or_config_fn: Any,
        name: str | None = None,
        config_schema: Any = None,
        description: str | None = None,
    ) -> Self:
        """A graph with a config mapping under another name, with config given. Args: as of an op's."""
        if self.config_mapping is None:
            raise InvalidDefinitionError(
                f"graph `{self.name}` has no config mapping, so there is no config of its own to give.",
                hint="give the graph `config=ConfigMapping(...)`, or configure the ops inside",
                where=self.where,
            )
        copied = copy(self)
        copied.name = required_name(f"graph `{self.name}`", name, "graph")
        copied.description = description if description is not None else self.description
        copied.config_mapping = ConfiguredMapping(
            self.config_mapping, config_or_config_fn, config_schema, f"graph `{copied.name}`"
        )
        return copied

    # Jobs

    def to_job(
        self,
        name: str | None = None,
        description: str | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        config: Any = None,
        tags: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        logger_defs: Mapping[str, Any] | None = None,
        executor_def: Any = None,
        hooks: AbstractSet[Any] | None = None,
        op_retry_policy: Any = None,
        op_selection: Sequence[str] | None = None,
        partitions_def: Any = None,
        asset_layer: Any = None,
        input_values: Mapping[str, Any] | None = None,
        run_tags: Mapping[str, Any] | None = None,
        _asset_selection_data: Any = None,
        owners: Sequence[str] | None = None,
        automation_condition: Any = None,
    ) -> JobDefinition:
        """A job that runs the graph.

        Args:
            name: the graph's where not given.
            resource_defs: key -> resource, or any object; the code location's where not given.
            config: run config (a dict or a RunConfig), a ConfigMapping, or a PartitionedConfig.
            tags: of the job; also of its runs, unless `run_tags` is given.
            executor_def: in place of the code location's.
            hooks: for every step.
            op_retry_policy: for steps that have none of their own.
            op_selection: only these of its ops.
            partitions_def: how its runs are partitioned.
            input_values: values of the graph's inputs.

        """
        return JobDefinition(
            graph_def=self,
            name=name or self.name,
            description=description or self.description,
            resource_defs=resource_defs,
            config=config,
            tags={**self.tags, **placed_here(check_run_tags, tags)},
            metadata=metadata,
            logger_defs=logger_defs,
            executor_def=executor_def,
            hook_defs=hooks,
            op_retry_policy=op_retry_policy,
            op_selection=op_selection,
            partitions_def=partitions_def,
            input_values=input_values,
            run_tags=run_tags,
            owners=owners,
            _automation_condition=automation_condition,
        )

    def execute_in_process(
        self,
        run_config: Any = None,
        instance: Any = None,
        resources: Mapping[str, Any] | None = None,
        raise_on_error: bool = True,
        op_selection: Sequence[str] | None = None,
        run_id: str | None = None,
        input_values: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run the graph here and now.

        Args:
            run_config: a dictionary or a RunConfig.
            instance: where to remember the run; in memory where not given.
            resources: key -> resource, or any object.
            raise_on_error: False: look at `result.success`.
            op_selection: run only these of its ops.
            input_values: values of the graph's inputs.
        """
        return self.to_job(resource_defs=resources).execute_in_process(
            run_config=run_config,
            instance=instance,
            raise_on_error=raise_on_error,
            op_selection=op_selection,
            run_id=run_id,
            input_values=input_values,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


def _invocation(node: Any) -> NodeInvocation:
    return node if isinstance(node, NodeInvocation) else NodeInvocation(str(node))


def _checked_edges(edges: Any) -> dict[str, Any]:
    wanted = "node -> input -> DependencyDefinition"
    if not isinstance(edges, Mapping):
        raise wrong_type("dependencies", wanted, edges)
    for edge in edges.values():
        if not hasattr(edge, "get_node_dependencies"):
            raise wrong_type("dependencies", wanted, edge)
    return dict(edges)


def _config_mapping(config: Any) -> ConfigMapping | None:
    if config is None or isinstance(config, ConfigMapping):
        return config
    plain = run_config_dict(config)
    nodes = plain.get("ops", {}) if not isinstance(config, Mapping) else plain
    return ConfigMapping(lambda _given: nodes, config_schema={})


def _refusal(name: str, mistakes: Sequence[Any], where: str | None) -> InvalidDefinitionError:
    if len(mistakes) == 1:
        only = mistakes[0]
        return InvalidDefinitionError(
            f"graph `{name}`: {only.message}", code=only.code, hint=only.suggestion, where=where
        )
    lines = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(mistakes, 1))
    return InvalidDefinitionError(
        f"{len(mistakes)} problems in graph `{name}`:\n{lines}", code=mistakes[0].code, where=where
    )
