"""`@observable_source_asset`: a function that looks at an asset which something else makes."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, overload

from treadle.core.deprecation import beta
from treadle.core.keys import AssetKey
from treadle.core.specs import AssetCheckSpec, AssetSpec
from treadle.define.arguments import (
    at_function,
    check_function,
    check_op_name,
    check_resource_defs,
    keys_with_brought,
    op_tags_of,
)
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.asset_nodes import (
    check_output_node,
    edge_nodes,
    internal_deps_of,
    output_node,
    share_partitions,
)
from treadle.define.decorators.asset import asset_key_of, check_specs_of
from treadle.define.decorators.dependencies import read_inputs
from treadle.define.decorators.legacy import take_legacy
from treadle.define.decorators.multi_asset import checked_specs
from treadle.define.op import OpDefinition, Out, docstring_of
from treadle.define.parameters import read_parameters
from treadle.define.where import where_of

_LEGACY: Final = frozenset({"auto_observe_interval_minutes", "legacy_freshness_policy"})


@overload
def observable_source_asset(observe_fn: Callable[..., Any], /) -> AssetsDefinition: ...


@overload
def observable_source_asset(
    observe_fn: None = ...,
    *,
    key: Any = ...,
    name: str | None = ...,
    key_prefix: str | Sequence[str] | None = ...,
    metadata: Mapping[str, Any] | None = ...,
    io_manager_key: str | None = ...,
    io_manager_def: Any = ...,
    description: str | None = ...,
    group_name: str | None = ...,
    required_resource_keys: AbstractSet[str] | None = ...,
    resource_defs: Mapping[str, Any] | None = ...,
    partitions_def: Any = ...,
    automation_condition: Any = ...,
    op_tags: Mapping[str, Any] | None = ...,
    tags: Mapping[str, str] | None = ...,
    timeout: Any = ...,
    **kwargs: Any,
) -> Callable[[Callable[..., Any]], AssetsDefinition]: ...


@beta()
def observable_source_asset(
    observe_fn: Callable[..., Any] | None = None,
    *,
    key: Any = None,
    name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    io_manager_key: str | None = None,
    io_manager_def: Any = None,
    description: str | None = None,
    group_name: str | None = None,
    required_resource_keys: AbstractSet[str] | None = None,
    resource_defs: Mapping[str, Any] | None = None,
    partitions_def: Any = None,
    automation_condition: Any = None,
    op_tags: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    timeout: Any = None,
    **kwargs: Any,
) -> Any:
    """Make a function that observes an asset; it returns a `DataVersion` or an `ObserveResult`.

    Args:
        observe_fn: the function.
        key: the whole key, in place of `name` and `key_prefix`.
        io_manager_key: the resource that loads the asset's value downstream.
        timeout: seconds, or a timedelta.

    Example:
        >>> from treadle import DataVersion, observable_source_asset
        >>> @observable_source_asset
        ... def orders_file():
        ...     return DataVersion("1")
        >>> orders_file.key.to_user_string()
        'orders_file'
    """
    if kwargs:
        take_legacy(observable_source_asset, kwargs, _LEGACY)

    def decorate(function: Callable[..., Any]) -> AssetsDefinition:
        asset_key = asset_key_of(key, name, key_prefix, function)
        given = {
            "metadata": metadata,
            "tags": tags,
            "description": description or docstring_of(function),
            "group_name": group_name,
            "partitions_def": partitions_def,
            "automation_condition": automation_condition,
        }
        spec = AssetSpec(
            asset_key, **{argument: value for argument, value in given.items() if value is not None}
        )
        stored_by, resources = io_manager_key, dict(check_resource_defs(resource_defs))
        if io_manager_def is not None:
            stored_by = stored_by or f"{asset_key.to_python_identifier()}__io_manager"
            resources[stored_by] = io_manager_def
        return _observation(
            function,
            asset_key.to_python_identifier(),
            [spec],
            {"result": Out(type(None), io_manager_key=stored_by)},
            description=description,
            partitions_def=partitions_def,
            required_resource_keys=required_resource_keys,
            resource_defs=resources,
            op_tags=op_tags,
            timeout=timeout,
        )

    decorated = at_function(decorate)
    return decorated if observe_fn is None else decorated(check_function("observe_fn", observe_fn))


@beta()
def multi_observable_source_asset(
    *,
    specs: Sequence[AssetSpec],
    name: str | None = None,
    description: str | None = None,
    partitions_def: Any = None,
    can_subset: bool = False,
    required_resource_keys: AbstractSet[str] | None = None,
    resource_defs: Mapping[str, Any] | None = None,
    group_name: str | None = None,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    timeout: Any = None,
) -> Callable[[Callable[..., Any]], AssetsDefinition]:
    """Make a function that observes several assets; it yields an `ObserveResult` for each.

    Args:
        specs: the assets.
        can_subset: whether a run may ask for some of them.
        timeout: seconds, or a timedelta.
    """

    def decorate(function: Callable[..., Any]) -> AssetsDefinition:
        found = [
            spec.replace_attributes(group_name=group_name) if group_name else spec
            for spec in checked_specs(specs)
        ]
        return _observation(
            function,
            name or function.__name__,
            found,
            {
                spec.key.to_python_identifier(): Out(type(None), is_required=not spec.skippable)
                for spec in found
            },
            description=description,
            partitions_def=partitions_def,
            required_resource_keys=required_resource_keys,
            resource_defs=resource_defs,
            can_subset=can_subset,
            check_specs=check_specs,
            timeout=timeout,
        )

    return at_function(decorate)


def _observation(
    function: Callable[..., Any],
    name: str,
    specs: Sequence[AssetSpec],
    outs: Mapping[str, Out],
    *,
    description: str | None,
    partitions_def: Any,
    required_resource_keys: AbstractSet[str] | None,
    resource_defs: Mapping[str, Any] | None,
    op_tags: Mapping[str, Any] | None = None,
    can_subset: bool = False,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    timeout: Any = None,
) -> AssetsDefinition:
    specs, partitions_def = share_partitions(specs, partitions_def, can_subset=can_subset)
    parameters = read_parameters(function)
    own: set[AssetKey] = {spec.key for spec in specs}
    deps = {dep.asset_key: dep for spec in specs for dep in spec.deps if dep.asset_key not in own}
    inputs, _, op_ins = read_inputs(parameters, None, (), lambda: where_of(function))
    checks = check_specs_of(check_specs, own)
    op = OpDefinition(
        function,
        check_op_name(name),
        ins=op_ins,
        outs=outs,
        description=description,
        required_resource_keys=keys_with_brought(required_resource_keys, resource_defs),
        tags=op_tags_of(op_tags, None),
        timeout=timeout,
        parameters=parameters,
    )
    outputs = tuple(
        output_node(output, out, asset_key=spec.key)
        for (output, out), spec in zip(outs.items(), specs, strict=True)
    )
    return AssetsDefinition(
        op=op,
        specs=specs,
        inputs=inputs + edge_nodes(deps.values(), inputs),
        outputs=(*outputs, *(check_output_node(spec) for spec in checks)),
        check_specs=checks,
        kind="observe",
        partitions_def=partitions_def,
        can_subset=can_subset,
        resource_defs=resource_defs,
        internal_deps=internal_deps_of(specs) if len(specs) > 1 else None,
    )
