"""Assets that a graph of ops makes: `@graph_asset`, `@graph_multi_asset`, `AssetsDefinition.from_graph`."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, overload

import attrs
import msgspec

from treadle.core.asset_io import AssetIn, AssetOut
from treadle.core.catalog import InputNode, OutputNode
from treadle.core.errors import InvalidDefinitionError, did_you_mean, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.names import op_name_of
from treadle.core.op_graph import FromGraphInput
from treadle.core.specs import AssetCheckSpec, AssetSpec
from treadle.core.values import NOT_GIVEN
from treadle.define.arguments import at_function, check_function, check_hooks, check_partitions_def
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.asset_nodes import (
    check_output_name,
    input_node,
    internal_deps_of,
    missing_edges,
    share_partitions,
)
from treadle.define.assets_by_output import AssetsByOutput, with_inputs_as_deps
from treadle.define.config.mapping import ConfigMapping
from treadle.define.decorators.asset import asset_key_of, check_specs_of, listed_check_specs
from treadle.define.decorators.dependencies import asset_ins_of, key_of_input
from treadle.define.decorators.legacy import take_legacy
from treadle.define.graphs.decorators import composed_graph
from treadle.define.graphs.dependencies import GraphOut
from treadle.define.graphs.flatten import FlatGraph, flatten
from treadle.define.graphs.graph_definition import GraphDefinition
from treadle.define.op import In, OpDefinition, docstring_of
from treadle.define.output_types import is_nothing
from treadle.define.parameters import NO_ANNOTATION, NO_DEFAULT, Parameters, raw_parameters

_LEGACY = frozenset({"auto_materialize_policy", "legacy_freshness_policy"})


@attrs.frozen(eq=False, kw_only=True)
class GraphAssets:
    """What a graph makes, before it is put together.

    Args:
        graph: the graph.
        specs: output -> the spec of its asset, dependencies left out.
        ins: input -> the asset that it gets.
        check_specs: checks that outputs of the graph evaluate.
    """

    graph: GraphDefinition
    specs: Mapping[str, AssetSpec]
    ins: Mapping[str, AssetIn]
    check_specs: tuple[AssetCheckSpec, ...] = ()
    internal_asset_deps: Mapping[str, AbstractSet[AssetKey]] | None = None
    partitions_def: Any = None
    backfill_policy: Any = None
    can_subset: bool = False
    resource_defs: Mapping[str, Any] | None = None
    hooks: frozenset[Any] = frozenset()
    optional: frozenset[str] = frozenset()
    """Outputs that need not be given."""

    def build(self) -> AssetsDefinition:
        """The assets.

        Raises:
            InvalidDefinitionError: an output that the graph lacks.
        """
        graph = self.graph
        check_partitions_def(self.partitions_def)
        for name in self.specs:
            if name not in graph.outs:
                raise InvalidDefinitionError(
                    f"graph `{graph.name}` has no output `{name}`.",
                    code="unknown-asset",
                    hint=did_you_mean(name, graph.outs) or "return it in the graph's function",
                )
        flat = flatten(graph, self.partitions_def, self.hooks)
        inputs = self._inputs(flat)
        op = self._stand_in(flat, inputs)
        specs = with_inputs_as_deps(self.specs, inputs, self.internal_asset_deps)
        specs, partitions = share_partitions(specs, self.partitions_def, can_subset=self.can_subset)
        return AssetsDefinition(
            op=op,
            specs=specs,
            inputs=(*inputs, *missing_edges(specs, inputs)),
            outputs=(
                *(self._output(flat, name, spec.key) for name, spec in self.specs.items()),
                *(self._check_output(flat, spec) for spec in self.check_specs),
            ),
            check_specs=self.check_specs,
            kind="graph",
            partitions_def=partitions,
            backfill_policy=self.backfill_policy,
            can_subset=self.can_subset,
            resource_defs=self.resource_defs,
            internal_deps=internal_deps_of(specs),
            graph_def=graph,
            flat=flat,
        )

    def _inputs(self, flat: FlatGraph) -> tuple[InputNode, ...]:
        found = []
        for name in self.graph.ins:
            given = self.ins.get(name)
            one = _in_of(flat, name, given)
            key = key_of_input(name, given) if given is not None else AssetKey(name)
            mapping = given.partition_mapping if given is not None else None
            found.append(input_node(name, key, one, partition_mapping=mapping))
        return tuple(found)

    def _stand_in(self, flat: FlatGraph, inputs: tuple[InputNode, ...]) -> OpDefinition:
        """An op in the place of the graph, where only names, resources and places are asked for."""
        graph = self.graph
        return OpDefinition(
            graph.composition_fn or _no_function,
            graph.name,
            ins={node.name: _in_of(flat, node.name, self.ins.get(node.name)) for node in inputs},
            outs={
                name: flat.ops[source.node].outs[source.output] for name, source in flat.graph.outputs.items()
            },
            description=graph.description,
            required_resource_keys={key for op in flat.ops.values() for key in op.required_resource_keys},
            hooks={hook for op in flat.ops.values() for hook in op.hooks},
            parameters=Parameters(var_keyword=True),
            where=graph.where,
        )

    def _output(self, flat: FlatGraph, name: str, key: AssetKey) -> OutputNode:
        return msgspec.structs.replace(
            _inner_output(flat, name),
            name=name,
            asset_key=key,
            is_required=_inner_output(flat, name).is_required and name not in self.optional,
        )

    def _check_output(self, flat: FlatGraph, spec: AssetCheckSpec) -> OutputNode:
        name = check_output_name(spec.key)
        if name not in flat.graph.outputs:
            raise InvalidDefinitionError(
                f"graph `{self.graph.name}` has no output `{name}` for the check `{spec.name}`.",
                hint=f"return a dict with `{name}`: the output of the op that evaluates it",
            )
        return OutputNode(name=name, check_key=spec.key, is_required=False, stores_value=False)


def _inner_output(flat: FlatGraph, name: str) -> OutputNode:
    source = flat.graph.outputs[name]
    node = flat.graph.nodes_by_path[source.node]
    if node.mapped_over is not None or flat.ops[source.node].outs[source.output].is_dynamic:
        raise InvalidDefinitionError(
            f"output `{name}` has one value for each of a dynamic output's, and an asset has one value.",
            hint="collect them, and return the output of an op that takes the list",
        )
    return next(one for one in node.computation.outputs if one.name == source.output)


def _in_of(flat: FlatGraph, name: str, given: AssetIn | None) -> In:
    """What the ops say that the graph's input goes to: no value is loaded where none of them takes one."""
    targets = [
        flat.ops[node.path].ins[item.name]
        for node in flat.graph.nodes
        for item in node.inputs
        if any(isinstance(one, FromGraphInput) and one.input == name for one in item.sources())
    ]
    loads = [one for one in targets if not is_nothing(one.dagster_type)]
    annotation = loads[0].dagster_type if loads else (targets[0].dagster_type if targets else NO_ANNOTATION)
    if given is not None and given.dagster_type is not NOT_GIVEN:
        annotation = given.dagster_type
    return In(
        annotation,
        default_value=NO_DEFAULT,
        metadata=given.metadata if given is not None else None,
        input_manager_key=given.input_manager_key if given is not None else None,
    )


def _no_function(**_inputs: Any) -> None:
    """Stands for a graph that no function says."""


def assets_of_graph(
    graph_def: GraphDefinition,
    *,
    partitions_def: Any = None,
    resource_defs: Mapping[str, Any] | None = None,
    backfill_policy: Any = None,
    can_subset: bool = False,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    hook_defs: AbstractSet[Any] | None = None,
    **by_name: Any,
) -> AssetsDefinition:
    """An asset for each output of a graph. Args: as of `AssetsDefinition.from_graph`; `by_name` are those of `AssetsByOutput`."""
    told = AssetsByOutput(**by_name)
    told.check_names(f"graph `{graph_def.name}`", graph_def.ins, graph_def.outs, graph_def.where)
    checks = {check_output_name(spec.key) for spec in listed_check_specs("check_specs", check_specs)}
    specs = told.specs(graph_def.name, [output for output in graph_def.outs if output not in checks])
    return GraphAssets(
        graph=graph_def,
        specs=specs,
        ins={
            name: AssetIn(key=told.key_of_input(name), partition_mapping=told.mapping_of_input(name))
            for name in graph_def.ins
        },
        check_specs=check_specs_of(check_specs, [spec.key for spec in specs.values()]),
        internal_asset_deps=told.internal_asset_deps,
        partitions_def=partitions_def,
        backfill_policy=backfill_policy,
        can_subset=can_subset,
        resource_defs=resource_defs,
        hooks=check_hooks("hook_defs", hook_defs),
    ).build()


@overload
def graph_asset(compose_fn: Callable[..., Any], /) -> AssetsDefinition: ...


@overload
def graph_asset(
    compose_fn: None = ..., **arguments: Any
) -> Callable[[Callable[..., Any]], AssetsDefinition]: ...


def graph_asset(
    compose_fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    ins: Mapping[str, Any] | None = None,
    config: ConfigMapping | Mapping[str, Any] | None = None,
    key_prefix: Any = None,
    group_name: str | None = None,
    partitions_def: Any = None,
    hooks: AbstractSet[Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    owners: Sequence[str] | None = None,
    automation_condition: Any = None,
    backfill_policy: Any = None,
    resource_defs: Mapping[str, Any] | None = None,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    code_version: str | None = None,
    key: Any = None,
    kinds: AbstractSet[str] | None = None,
    **kwargs: Any,
) -> Any:
    """Make a function that calls ops an asset: the value is the output that it returns, its parameters are assets.

    Args:
        name: the last part of the key; the function's name where not given.
        ins: more about parameters: `AssetIn`s by name.
        config: a ConfigMapping, or the config of its ops.
        check_specs: checks that ops inside evaluate; the function then returns a dict with `result` and an
            output `<asset>_<check>` for each.

    Raises:
        InvalidDefinitionError: an argument, a name or a call that is refused.

    Example:
        >>> from treadle import graph_asset, materialize, op
        >>> @op
        ... def one():
        ...     return 1
        >>> @op
        ... def double(number):
        ...     return 2 * number
        >>> @graph_asset
        ... def two():
        ...     return double(one())
        >>> materialize([two]).asset_value("two")
        2
    """
    legacy = take_legacy(graph_asset, kwargs, _LEGACY) if kwargs else {}

    def define(function: Callable[..., Any]) -> AssetsDefinition:
        asset_key = asset_key_of(key, name, key_prefix, function)
        checks = check_specs_of(check_specs, {asset_key})
        graph = composed_graph(
            function,
            name=op_name_of(asset_key.parts_tuple),
            description=description,
            ins=_more_inputs(function, ins),
            out={"result": GraphOut(), **{check_output_name(spec.key): GraphOut() for spec in checks}},
            config=config,
            what="@graph_asset",
        )
        attributes = {
            "metadata": metadata,
            "tags": tags,
            "description": description or docstring_of(function),
            "group_name": group_name,
            "automation_condition": automation_condition,
            "code_version": code_version,
            "owners": owners,
            "kinds": kinds,
            "auto_materialize_policy": legacy.get("auto_materialize_policy"),
            "legacy_freshness_policy": legacy.get("legacy_freshness_policy"),
        }
        of_spec = {argument: value for argument, value in attributes.items() if value is not None}
        return GraphAssets(
            graph=graph,
            specs={"result": AssetSpec(asset_key, **of_spec)},
            ins=_asset_ins(ins, graph),
            check_specs=checks,
            partitions_def=partitions_def,
            backfill_policy=backfill_policy,
            resource_defs=resource_defs,
            hooks=check_hooks("hooks", hooks),
        ).build()

    decorate = at_function(define)
    return decorate if compose_fn is None else decorate(check_function("compose_fn", compose_fn))


def graph_multi_asset(
    *,
    outs: Mapping[str, AssetOut],
    name: str | None = None,
    ins: Mapping[str, Any] | None = None,
    partitions_def: Any = None,
    hooks: AbstractSet[Any] | None = None,
    backfill_policy: Any = None,
    group_name: str | None = None,
    can_subset: bool = False,
    resource_defs: Mapping[str, Any] | None = None,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    config: ConfigMapping | Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], AssetsDefinition]:
    """Make a function that calls ops several assets, one an output that it returns.

    Args:
        outs: an `AssetOut` by output name; the function returns a tuple in that order, or a dict.
        can_subset: whether a run may ask for some of the assets; only the ops that they need run then.

    Raises:
        InvalidDefinitionError: an argument, a name or a call that is refused.
    """
    if not isinstance(outs, Mapping):
        raise wrong_type("outs", "a mapping of output names to AssetOuts", outs)

    def define(function: Callable[..., Any]) -> AssetsDefinition:
        specs: dict[str, AssetSpec] = {}
        for output, out in outs.items():
            if not isinstance(out, AssetOut):
                raise wrong_type("outs", "a mapping of output names to AssetOuts", out)
            own = out.key or (AssetKey([*out.key_prefix, output]) if out.key_prefix else AssetKey(output))
            spec = out.to_spec(own)
            specs[output] = (
                spec
                if group_name is None or spec.group_name
                else spec.replace_attributes(group_name=group_name)
            )
        checks = check_specs_of(check_specs, [spec.key for spec in specs.values()])
        graph = composed_graph(
            function,
            name=name or function.__name__,
            ins=_more_inputs(function, ins),
            out={
                **{output: GraphOut() for output in outs},
                **{check_output_name(spec.key): GraphOut() for spec in checks},
            },
            config=config,
            what="@graph_multi_asset",
        )
        return GraphAssets(
            graph=graph,
            specs=specs,
            ins=_asset_ins(ins, graph),
            check_specs=checks,
            partitions_def=partitions_def,
            backfill_policy=backfill_policy,
            can_subset=can_subset,
            resource_defs=resource_defs,
            hooks=check_hooks("hooks", hooks),
            optional=frozenset(output for output, out in outs.items() if not out.is_required),
        ).build()

    return at_function(define)


def _more_inputs(function: Callable[..., Any], ins: Mapping[str, Any] | None) -> dict[str, None] | None:
    """The inputs that a function of `**kwargs` gets beside its parameters: those that `ins` names."""
    _, _, var_keyword = raw_parameters(function)
    return dict.fromkeys(asset_ins_of(ins)) if ins and var_keyword else None


def _asset_ins(ins: Mapping[str, Any] | None, graph: GraphDefinition) -> dict[str, AssetIn]:
    found = asset_ins_of(ins)
    for name in found:
        if name not in graph.ins:
            raise InvalidDefinitionError(
                f"`ins` names `{name}`, which is no parameter of the function.",
                code="unknown-input",
                hint=did_you_mean(name, graph.ins),
            )
    return found
