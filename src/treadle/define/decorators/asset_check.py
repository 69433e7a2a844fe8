"""`@asset_check` and `@multi_asset_check`: functions that look at assets and say whether they are right."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from treadle.core.asset_io import AssetIn
from treadle.core.errors import InvalidDefinitionError
from treadle.core.keys import AssetKey
from treadle.core.specs import AssetCheckSpec, AssetDep
from treadle.define.arguments import at_function, check_op_name, keys_with_brought, op_tags_of
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.asset_nodes import check_output_name, check_output_node, edge_nodes
from treadle.define.decorators.asset import check_specs_of, listed_check_specs
from treadle.define.decorators.dependencies import asset_ins_of, key_of_input, read_deps, read_inputs
from treadle.define.op import OpDefinition, Out, docstring_of
from treadle.define.parameters import Parameters, read_parameters
from treadle.define.where import where_of


def asset_check(
    *,
    asset: Any,
    name: str | None = None,
    description: str | None = None,
    blocking: bool = False,
    additional_ins: Mapping[str, AssetIn] | None = None,
    additional_deps: Iterable[Any] | None = None,
    required_resource_keys: AbstractSet[str] | None = None,
    resource_defs: Mapping[str, Any] | None = None,
    config_schema: Any = None,
    compute_kind: str | None = None,
    op_tags: Mapping[str, Any] | None = None,
    retry_policy: Any = None,
    metadata: Mapping[str, Any] | None = None,
    automation_condition: Any = None,
    pool: str | None = None,
    partitions_def: Any = None,
    timeout: Any = None,
) -> Callable[[Callable[..., Any]], AssetChecksDefinition]:
    """Make a function a check of an asset. A parameter that is no context, config or resource is the asset's value.

    Args:
        asset: the asset, its key, spec or text.
        name: of the check; the function's name where not given.
        blocking: True: where it fails, nothing downstream of the asset runs.
        additional_ins: other assets to load, by parameter name.
        additional_deps: other assets that must be there first.
        timeout: seconds, or a timedelta.

    Raises:
        InvalidDefinitionError: an argument or parameter that is refused.

    Example:
        >>> from treadle import AssetCheckResult, asset_check
        >>> @asset_check(asset="orders")
        ... def has_rows(orders):
        ...     return AssetCheckResult(passed=len(orders) > 0)
        >>> has_rows.check_key.to_user_string()
        'orders:has_rows'
    """

    def decorate(function: Callable[..., Any]) -> AssetChecksDefinition:
        key = AssetKey.from_coercible_or_definition(asset)
        parameters = read_parameters(function)
        others = asset_ins_of(additional_ins, "additional_ins")
        deps, late = read_deps(additional_deps, "additional_deps")
        if any(dep.asset_key == key for dep in deps):
            raise InvalidDefinitionError(
                f"`additional_deps` names `{key.to_user_string()}`, which is the asset that is checked.",
                hint="leave it out: a check always waits for its asset",
            )
        spec = AssetCheckSpec(
            name or function.__name__,
            asset=key,
            description=description or docstring_of(function),
            additional_deps=(*deps, *_deps_of_ins(others, key, deps)),
            blocking=blocking,
            metadata=metadata,
            automation_condition=automation_condition,
            partitions_def=partitions_def,
        )
        ins = {**_asset_parameter(parameters, key, others, function), **others}
        inputs, _, op_ins = read_inputs(parameters, ins, deps, lambda: where_of(function))
        if all(node.asset_key != key for node in inputs):
            inputs += edge_nodes([AssetDep(key)], inputs)
        op = OpDefinition(
            function,
            check_op_name(check_output_name(spec.key)),
            ins=op_ins,
            outs={"result": Out(type(None), is_required=False)},
            description=spec.description,
            config_schema=config_schema,
            required_resource_keys=keys_with_brought(required_resource_keys, resource_defs),
            tags=op_tags_of(op_tags, compute_kind),
            retry_policy=retry_policy,
            pool=pool,
            timeout=timeout,
            parameters=parameters,
        )
        return AssetChecksDefinition(
            op=op,
            inputs=inputs,
            outputs=(msgspec.structs.replace(check_output_node(spec), name="result"),),
            check_specs=(spec,),
            kind="check",
            partitions_def=partitions_def,
            resource_defs=resource_defs,
            late_deps=late,
        )

    return at_function(decorate)


def multi_asset_check(
    *,
    name: str | None = None,
    specs: Sequence[AssetCheckSpec],
    description: str | None = None,
    can_subset: bool = False,
    compute_kind: str | None = None,
    op_tags: Mapping[str, Any] | None = None,
    resource_defs: Mapping[str, Any] | None = None,
    required_resource_keys: AbstractSet[str] | None = None,
    retry_policy: Any = None,
    config_schema: Any = None,
    ins: Mapping[str, Any] | None = None,
    pool: str | None = None,
    timeout: Any = None,
) -> Callable[[Callable[..., Any]], AssetChecksDefinition]:
    """Make a function evaluate several checks; it yields an `AssetCheckResult` for each.

    Args:
        name: of the step; the function's name where not given.
        specs: the checks.
        can_subset: whether a run may ask for some of them.
        ins: assets to load, by parameter name.
        timeout: seconds, or a timedelta.

    Example:
        >>> from treadle import AssetCheckResult, AssetCheckSpec, multi_asset_check
        >>> @multi_asset_check(specs=[AssetCheckSpec("fresh", asset="orders"), AssetCheckSpec("full", asset="orders")])
        ... def orders_checks():
        ...     yield AssetCheckResult(passed=True, check_name="fresh", asset_key="orders")
        ...     yield AssetCheckResult(passed=True, check_name="full", asset_key="orders")
        >>> len(orders_checks.check_specs)
        2
    """

    def decorate(function: Callable[..., Any]) -> AssetChecksDefinition:
        given = listed_check_specs("specs", specs)
        checks = check_specs_of(given, {spec.asset_key for spec in given}, "specs")
        parameters = read_parameters(function)
        edges = _edges_of(checks)
        inputs, _, op_ins = read_inputs(parameters, ins, edges, lambda: where_of(function))
        op = OpDefinition(
            function,
            check_op_name(name or function.__name__),
            ins=op_ins,
            outs={check_output_name(spec.key): Out(type(None), is_required=False) for spec in checks},
            description=description,
            config_schema=config_schema,
            required_resource_keys=keys_with_brought(required_resource_keys, resource_defs),
            tags=op_tags_of(op_tags, compute_kind),
            retry_policy=retry_policy,
            pool=pool,
            timeout=timeout,
            parameters=parameters,
        )
        return AssetChecksDefinition(
            op=op,
            inputs=inputs,
            outputs=tuple(check_output_node(spec) for spec in checks),
            check_specs=checks,
            kind="check",
            can_subset=can_subset,
            resource_defs=resource_defs,
        )

    return at_function(decorate)


def _asset_parameter(
    parameters: Parameters,
    key: AssetKey,
    additional_ins: Mapping[str, AssetIn],
    function: Callable[..., Any],
) -> dict[str, AssetIn]:
    """The one parameter that takes the value of the checked asset, whatever it is called."""
    names = [parameter.name for parameter in parameters.inputs if parameter.name not in additional_ins]
    if len(names) > 1:
        raise InvalidDefinitionError(
            f"the check `{function.__name__}` has several parameters that could be the asset: {', '.join(names)}.",
            code="unknown-input",
            hint="name the other assets in `additional_ins`",
            where=where_of(function),
        )
    return {names[0]: AssetIn(key=key)} if names else {}


def _deps_of_ins(
    additional_ins: Mapping[str, AssetIn], checked: AssetKey, deps: Iterable[AssetDep]
) -> list[AssetDep]:
    """The other assets whose values a check takes.

    Raises:
        InvalidDefinitionError: one is the checked asset.
    """
    known = {dep.asset_key for dep in deps}
    found: list[AssetDep] = []
    for name, given in additional_ins.items():
        key = key_of_input(name, given)
        if key == checked:
            raise InvalidDefinitionError(
                f"`additional_ins` names `{key.to_user_string()}`, which is the asset that is checked.",
                code="invalid-argument",
                hint="leave it out: a parameter that nothing else names takes the checked asset",
            )
        if key not in known:
            known.add(key)
            found.append(AssetDep(key, partition_mapping=given.partition_mapping))
    return found


def _edges_of(checks: Iterable[AssetCheckSpec]) -> tuple[AssetDep, ...]:
    """Every asset that the checks are about or wait for, once."""
    found: dict[AssetKey, AssetDep] = {}
    for spec in checks:
        found.setdefault(spec.asset_key, AssetDep(spec.asset_key))
        for dep in spec.additional_deps:
            found.setdefault(dep.asset_key, dep)
    return tuple(found.values())
