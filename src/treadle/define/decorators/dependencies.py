"""Reading `deps` and `ins`: which assets a function depends on, and how."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from treadle.core.asset_io import AssetIn
from treadle.core.catalog import InputNode
from treadle.core.errors import InvalidDefinitionError, did_you_mean, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.specs import AssetDep, deps_of
from treadle.core.values import NOT_GIVEN
from treadle.define.arguments import check_mapping
from treadle.define.asset_nodes import LateDep, edge_nodes, input_node
from treadle.define.op import In
from treadle.define.output_types import is_nothing
from treadle.define.parameters import NO_ANNOTATION, NO_DEFAULT, InputParameter, Parameters

_NO_INS: Final[Mapping[str, Any]] = {}


def read_deps(
    deps: Iterable[Any] | None, argument: str = "deps"
) -> tuple[tuple[AssetDep, ...], tuple[LateDep, ...]]:
    """Dependencies that are known now, and those to look up later (`deps=[lambda: later]`).

    Raises:
        InvalidArgumentError: text where a list is expected, or something that names no asset.
    """
    if deps is None:
        return (), ()
    found = deps_of(deps, argument)
    if any(dep.is_late for dep in found):
        return tuple(dep for dep in found if not dep.is_late), tuple(
            (None, dep) for dep in found if dep.is_late
        )
    return tuple(found), ()


def read_inputs(
    parameters: Parameters, ins: Mapping[str, Any] | None, deps: tuple[AssetDep, ...], where: Any
) -> tuple[tuple[InputNode, ...], tuple[AssetDep, ...], Mapping[str, In]]:
    """The inputs of a function, the dependencies that they are, and what `ins` said of each.

    Args:
        parameters: of the function.
        ins: `AssetIn`s by parameter name.
        deps: further dependencies; one that is also a parameter means the parameter.
        where: gives `file:line`, called only for an error.
    """
    if not ins and not deps:
        nodes = tuple([_plain_node(parameter) for parameter in parameters.inputs])
        return nodes, tuple([AssetDep(node.asset_key) for node in nodes]), _NO_INS
    given = _checked_ins(parameters, ins, where)
    mapping_of = {dep.asset_key: dep.partition_mapping for dep in deps if dep.partition_mapping is not None}
    nodes_by_name: dict[str, InputNode] = {}
    found: dict[AssetKey, AssetDep] = {}
    op_ins: dict[str, In] = {}
    annotations = {parameter.name: parameter for parameter in parameters.inputs}
    for name in [*annotations, *(name for name in given if name not in annotations)]:
        asset_in = given.get(name)
        if asset_in is None:
            key = AssetKey(name)
            one = In(annotations[name].annotation, default_value=annotations[name].default)
            mapping = mapping_of.get(key)
            found.setdefault(key, AssetDep(key, partition_mapping=mapping))
        else:
            key, one = key_of_input(name, asset_in), _in_of(asset_in, annotations.get(name))
            mapping = asset_in.partition_mapping
            if mapping is None:  # a user's own may be falsy
                mapping = mapping_of.get(key)
            op_ins[name] = one
            found[key] = AssetDep(key, partition_mapping=mapping)
        nodes_by_name[name] = input_node(name, key, one, partition_mapping=mapping)
    edges = edge_nodes([dep for dep in deps if dep.asset_key not in found], nodes_by_name.values())
    for dep in deps:
        found.setdefault(dep.asset_key, dep)
    return (*nodes_by_name.values(), *edges), tuple(found.values()), op_ins


def _plain_node(parameter: InputParameter) -> InputNode:
    if parameter.annotation is NO_ANNOTATION and parameter.default is NO_DEFAULT:
        return InputNode(name=parameter.name, asset_key=AssetKey(parameter.name))
    return input_node(
        parameter.name, AssetKey(parameter.name), In(parameter.annotation, default_value=parameter.default)
    )


def key_of_input(name: str, asset_in: AssetIn) -> AssetKey:
    """The asset that an input stands for: the key given, else its name under the prefix given."""
    if asset_in.key is not None:
        return AssetKey.from_coercible(asset_in.key)
    prefix = asset_in.key_prefix
    return AssetKey([*prefix, name]) if prefix else AssetKey(name)


def asset_ins_of(ins: Mapping[str, Any] | None, argument: str = "ins") -> dict[str, AssetIn]:
    """`AssetIn`s by parameter name; an asset or its key stands for the AssetIn of it.

    Raises:
        InvalidArgumentError: not a mapping of texts, or something that names no asset.
    """
    expected = "a mapping of parameter names to AssetIns"
    found: dict[str, AssetIn] = {}
    for name, given in check_mapping(argument, ins, expected).items():
        if not isinstance(name, str):
            raise wrong_type(argument, expected, name)
        found[name] = (
            given if isinstance(given, AssetIn) else AssetIn(key=AssetKey.from_coercible_or_definition(given))
        )
    return found


def _in_of(asset_in: AssetIn, parameter: InputParameter | None) -> In:
    given = asset_in.dagster_type
    annotation = parameter.annotation if parameter is not None else NO_ANNOTATION
    return In(
        annotation if given is NOT_GIVEN else given,
        default_value=parameter.default if parameter is not None else NO_DEFAULT,
        metadata=asset_in.metadata,
        input_manager_key=asset_in.input_manager_key,
    )


def _checked_ins(parameters: Parameters, ins: Mapping[str, Any] | None, where: Any) -> dict[str, AssetIn]:
    """`ins` as AssetIns, each of them a parameter unless it carries nothing.

    Raises:
        InvalidArgumentError: not a mapping of AssetIns.
        InvalidDefinitionError: a name that is no parameter of the function.
    """
    checked = asset_ins_of(ins)
    names = set(parameters.input_names)
    for name, asset_in in checked.items():
        if name not in names and not parameters.var_keyword and not is_nothing(asset_in.dagster_type):
            raise InvalidDefinitionError(
                f"`ins` names `{name}`, which is no parameter of the function.",
                code="unknown-input",
                hint=did_you_mean(name, names) or "write it in `deps` where no value is loaded",
                where=where(),
            )
    return checked
