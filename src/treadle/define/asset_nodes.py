"""Inputs and outputs of an asset's computation, as the catalog has them, and what its assets share."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from treadle.core.catalog import InputNode, OutputNode
from treadle.core.errors import InvalidDefinitionError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.specs import AssetCheckSpec, AssetDep, AssetSpec
from treadle.core.values import Items, set_field
from treadle.define.op import In, Out
from treadle.define.output_types import is_nothing, type_name_of

_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_]")

LateDep = tuple[AssetKey | None, AssetDep]
"""A dependency on something further down in the file, and the asset that has it (None: all assets)."""


def internal_deps_of(specs: Sequence[AssetSpec]) -> dict[AssetKey, frozenset[AssetKey]] | None:
    """Upstream keys of each asset, or None where they are all the same."""
    by_key = {spec.key: frozenset(dep.asset_key for dep in spec.deps) for spec in specs}
    return (
        by_key
        if len(set(by_key.values())) > 1 or any(deps & by_key.keys() for deps in by_key.values())
        else None
    )


def spec_with_deps(key: AssetKey, deps: tuple[AssetDep, ...], arguments: dict[str, Any]) -> AssetSpec:
    """A spec whose dependencies were read already: reading them again would cost as much as all the rest."""
    spec = AssetSpec(key, **arguments)
    if deps:
        set_field(spec, "deps", Items(deps))
    return spec


def share_partitions(
    specs: Sequence[AssetSpec], partitions_def: Any, *, can_subset: bool
) -> tuple[list[AssetSpec], Any]:
    """Specs that have the partitions of their function, and the partitions that all of them share.

    Args:
        can_subset: whether a run may make some of them, so that others may have other partitions.

    Raises:
        InvalidDefinitionError: a spec has others than the function, or than one that is always made with it.
    """
    if partitions_def is None:
        own = [spec.partitions_def for spec in specs]
        partitioned = [] if can_subset else [spec for spec in specs if spec.partitions_def is not None]
        for spec in partitioned:
            first = partitioned[0]
            if spec.partitions_def != first.partitions_def:
                raise InvalidDefinitionError(
                    f"`{first.key.to_user_string()}` and `{spec.key.to_user_string()}` are made by one run and have different "
                    f"partitions ({first.partitions_def} and {spec.partitions_def}).",
                    code="partition-mismatch",
                    hint="give the same `partitions_def`, or `can_subset=True` where a run may make one of them alone",
                )
        shared = own[0] if own and all(one == own[0] for one in own) else None
        return list(specs), shared
    for spec in specs:
        if spec.partitions_def is not None and spec.partitions_def != partitions_def:
            raise InvalidDefinitionError(
                f"`{spec.key.to_user_string()}` has other partitions ({spec.partitions_def}) than the function that makes "
                f"it ({partitions_def}).",
                code="partition-mismatch",
                hint="give `partitions_def` to one of the two",
            )
    return [
        spec if spec.partitions_def is not None else spec.replace_attributes(partitions_def=partitions_def)
        for spec in specs
    ], partitions_def


def input_node(name: str, key: AssetKey, one: In, *, partition_mapping: Any = None) -> InputNode:
    """The input that a parameter is."""
    return InputNode(
        name=name,
        asset_key=key,
        loads_value=not is_nothing(one.dagster_type),
        partition_mapping=partition_mapping,
        io_manager_key=one.input_manager_key,
        type_name=type_name_of(one.dagster_type),
        has_default=one.has_default_value,
    )


def output_node(name: str, out: Out, *, asset_key: AssetKey, none_is_no_value: bool = False) -> OutputNode:
    """The output that an asset comes from."""
    return OutputNode(
        name=name,
        asset_key=asset_key,
        is_required=out.is_required,
        io_manager_key=out.io_manager_key or "io_manager",
        stores_value=not is_nothing(out.dagster_type),
        none_is_no_value=none_is_no_value,
        type_name=type_name_of(out.dagster_type),
        is_dynamic=out.is_dynamic,
    )


def check_output_node(spec: AssetCheckSpec) -> OutputNode:
    """The output that a check's result comes from; nothing of it is stored by an IO manager."""
    return OutputNode(
        name=check_output_name(spec.key), check_key=spec.key, is_required=False, stores_value=False
    )


def check_output_name(key: AssetCheckKey) -> str:
    """`orders_no_nulls`: the output of a check, and the step of one that stands alone."""
    return f"{key.asset_key.to_python_identifier()}_{_NO_NAME.sub('_', key.name)}"


def edge_nodes(deps: Iterable[AssetDep], beside: Iterable[InputNode] = ()) -> tuple[InputNode, ...]:
    """The inputs of dependencies that only order.

    Each is called as its asset, the parts joined by one underscore, or by two where an input has that name already.
    """
    taken = {node.name for node in beside}
    found = []
    for dep in deps:
        key = dep.asset_key
        name = "_".join(key.parts_tuple).replace("-", "_").replace(".", "_")
        if name in taken:
            name = key.to_python_identifier()
        while name in taken:
            name += "_"
        taken.add(name)
        found.append(
            InputNode(name=name, asset_key=key, loads_value=False, partition_mapping=dep.partition_mapping)
        )
    return tuple(found)


def missing_edges(specs: Collection[AssetSpec], inputs: Collection[InputNode]) -> tuple[InputNode, ...]:
    """The inputs of what `specs` depend on and is neither among `inputs` nor another asset of the same function."""
    known, own = {node.asset_key for node in inputs}, {spec.key for spec in specs}
    deps = [
        dep
        for spec in specs
        for dep in spec.deps
        if dep.asset_key not in known and (dep.asset_key not in own or dep.asset_key == spec.key)
    ]
    return edge_nodes(one_dep_each(deps), inputs)


def one_dep_each(deps: Iterable[AssetDep]) -> tuple[AssetDep, ...]:
    """The dependencies of a function that makes several assets, each asset upstream once.

    Raises:
        InvalidDefinitionError: two of them say different partition mappings.
    """
    found: dict[AssetKey, AssetDep] = {}
    for dep in deps:
        before = found.setdefault(dep.asset_key, dep)
        if before.partition_mapping != dep.partition_mapping:
            found[dep.asset_key] = _with_one_mapping(before, dep)
    return tuple(found.values())


def _with_one_mapping(one: AssetDep, other: AssetDep) -> AssetDep:
    """The dependency that says a mapping, where the other says none.

    Raises:
        InvalidDefinitionError: both say one: a function reads an asset in one way.
    """
    if one.partition_mapping is not None and other.partition_mapping is not None:
        raise InvalidDefinitionError(
            f"two assets of one function depend on `{one.asset_key.to_user_string()}` by different partition mappings.",
            hint="give both the same mapping, or make them in two functions",
        )
    return one if one.partition_mapping is not None else other


def renamed_output(node: OutputNode, renamed: Mapping[AssetKey, AssetKey]) -> OutputNode:
    """The output under the new key of its asset, or of the asset that its check is about."""
    if node.check_key is not None and node.check_key.asset_key in renamed:
        return msgspec.structs.replace(
            node, check_key=node.check_key.replace_key(renamed[node.check_key.asset_key])
        )
    if node.asset_key is not None and node.asset_key in renamed:
        return msgspec.structs.replace(node, asset_key=renamed[node.asset_key])
    return node
