"""`@asset`: a function that makes one asset."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, overload

import msgspec

from treadle.core.catalog import OutputNode
from treadle.core.errors import InvalidDefinitionError, TreadleError, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.names import check_asset_key_parts, check_key_prefix, op_name_of
from treadle.core.specs import AssetCheckSpec
from treadle.define.arguments import (
    check_function,
    check_resource_defs,
    check_sequence,
    check_type,
    check_writer,
    keys_with_brought,
    op_tags_of,
)
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.asset_nodes import check_output_node, output_node, spec_with_deps
from treadle.define.decorators.dependencies import read_deps, read_inputs
from treadle.define.decorators.legacy import take_legacy
from treadle.define.op import DEFAULT_OUTS, OpDefinition, Out, docstring_of
from treadle.define.output_types import value_annotation
from treadle.define.parameters import NO_ANNOTATION, Parameters, read_parameters
from treadle.define.types import resolve_type
from treadle.define.where import where_of

_LEGACY: Final = frozenset(
    {"compute_kind", "legacy_freshness_policy", "auto_materialize_policy", "non_argument_deps"}
)


class AssetArguments(msgspec.Struct, kw_only=True, eq=False):
    """What `@asset` was given; one object for every function that the same decorator call makes an asset of."""

    name: str | None
    key_prefix: Any
    ins: Mapping[str, Any] | None
    deps: Iterable[Any] | None
    config_schema: Any
    required_resource_keys: AbstractSet[str] | None
    resource_defs: Mapping[str, Any] | None
    hooks: AbstractSet[Any] | None
    io_manager_def: Any
    io_manager_key: str | None
    dagster_type: Any
    op_tags: Mapping[str, Any] | None
    output_required: bool
    backfill_policy: Any
    retry_policy: Any
    key: Any
    check_specs: Sequence[AssetCheckSpec] | None
    pool: str | None
    timeout: Any
    compute_kind: str | None
    partitions_def: Any
    code_version: str | None
    schedule: str | Sequence[str] | None
    writer: str | None
    of_spec: dict[str, Any]
    """The arguments that are the spec's, without those not given."""


@overload
def asset(compute_fn: Callable[..., Any], /) -> AssetsDefinition: ...


@overload
def asset(
    compute_fn: None = None,
    *,
    name: str | None = ...,
    key_prefix: str | Sequence[str] | None = ...,
    ins: Mapping[str, Any] | None = ...,
    deps: Iterable[Any] | None = ...,
    metadata: Mapping[str, Any] | None = ...,
    tags: Mapping[str, str] | None = ...,
    description: str | None = ...,
    config_schema: Any = ...,
    required_resource_keys: AbstractSet[str] | None = ...,
    resource_defs: Mapping[str, Any] | None = ...,
    hooks: AbstractSet[Any] | None = ...,
    io_manager_def: Any = ...,
    io_manager_key: str | None = ...,
    dagster_type: Any = ...,
    partitions_def: Any = ...,
    op_tags: Mapping[str, Any] | None = ...,
    group_name: str | None = ...,
    output_required: bool = ...,
    automation_condition: Any = ...,
    freshness_policy: Any = ...,
    backfill_policy: Any = ...,
    retry_policy: Any = ...,
    code_version: str | None = ...,
    key: Any = ...,
    check_specs: Sequence[AssetCheckSpec] | None = ...,
    owners: Sequence[str] | None = ...,
    kinds: AbstractSet[str] | None = ...,
    pool: str | None = ...,
    is_virtual: bool = ...,
    timeout: Any = ...,
    schedule: str | Sequence[str] | None = ...,
    writer: str | None = ...,
    **kwargs: Any,
) -> Callable[[Callable[..., Any]], AssetsDefinition]: ...


def asset(
    compute_fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    ins: Mapping[str, Any] | None = None,
    deps: Iterable[Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
    config_schema: Any = None,
    required_resource_keys: AbstractSet[str] | None = None,
    resource_defs: Mapping[str, Any] | None = None,
    hooks: AbstractSet[Any] | None = None,
    io_manager_def: Any = None,
    io_manager_key: str | None = None,
    dagster_type: Any = None,
    partitions_def: Any = None,
    op_tags: Mapping[str, Any] | None = None,
    group_name: str | None = None,
    output_required: bool = True,
    automation_condition: Any = None,
    freshness_policy: Any = None,
    backfill_policy: Any = None,
    retry_policy: Any = None,
    code_version: str | None = None,
    key: Any = None,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    owners: Sequence[str] | None = None,
    kinds: AbstractSet[str] | None = None,
    pool: str | None = None,
    is_virtual: bool = False,
    timeout: Any = None,
    schedule: str | Sequence[str] | None = None,
    writer: str | None = None,
    **kwargs: Any,
) -> Any:
    """Make a function an asset: what it returns is the asset's value, its parameters are the assets it needs.

    Args:
        name: the last part of the key; the function's name where not given.
        key_prefix: the parts before it.
        key: the whole key, in place of `name` and `key_prefix`.
        ins: more about parameters: `AssetIn`s by name.
        deps: assets that must be there first and are not loaded: definitions, keys, texts, specs, `AssetDep`s,
            or `lambda: later` for one that is defined further down.
        io_manager_key: the resource that stores the value.
        partitions_def: how the asset is partitioned.
        timeout: seconds, or a timedelta, after which an attempt fails. In worker processes it is killed with all that it
            started; in this process (`materialize`) an alarm interrupts it, code that stays in C when it returns.
        schedule: a cron expression, or a list of these: makes a job `<name>_job` of this asset and a schedule
            `<name>_schedule` for it. Where partitions are times, a tick asks for the last that is complete.
        writer: a name, where several functions write one asset: each has the same key and a writer of its own. A run
            does them one after the other, in order of definition, before anything that depends on the asset.

    Raises:
        InvalidDefinitionError: an argument or name that is refused; says which, and where.

    Example:
        >>> from treadle import asset
        >>> @asset(group_name="sales")
        ... def orders():
        ...     return [1, 2, 3]
        >>> orders.key.to_user_string()
        'orders'
    """
    legacy = take_legacy(asset, kwargs, _LEGACY) if kwargs else {}
    given = {
        "metadata": metadata,
        "tags": tags,
        "description": description,
        "partitions_def": partitions_def,
        "group_name": group_name,
        "automation_condition": automation_condition,
        "freshness_policy": freshness_policy,
        "code_version": code_version,
        "owners": owners,
        "kinds": kinds,
        "auto_materialize_policy": legacy.get("auto_materialize_policy"),
        "legacy_freshness_policy": legacy.get("legacy_freshness_policy"),
    }
    of_spec = {argument: value for argument, value in given.items() if value is not None}
    if is_virtual:
        of_spec["is_virtual"] = True
    arguments = AssetArguments(
        name=name,
        key_prefix=key_prefix,
        ins=ins,
        deps=deps if deps is not None else legacy.get("non_argument_deps"),
        config_schema=config_schema,
        required_resource_keys=required_resource_keys,
        resource_defs=resource_defs,
        hooks=hooks,
        io_manager_def=io_manager_def,
        io_manager_key=io_manager_key,
        dagster_type=dagster_type,
        op_tags=op_tags,
        output_required=output_required,
        backfill_policy=backfill_policy,
        retry_policy=retry_policy,
        key=key,
        check_specs=check_specs,
        pool=pool,
        timeout=timeout,
        compute_kind=legacy.get("compute_kind"),
        partitions_def=partitions_def,
        code_version=code_version,
        schedule=schedule,
        writer=writer,
        of_spec=of_spec,
    )
    if compute_fn is not None:
        return define_asset(check_function("compute_fn", compute_fn), arguments)
    return lambda function: define_asset(function, arguments)


def define_asset(function: Callable[..., Any], arguments: AssetArguments) -> AssetsDefinition:
    """The asset that a function makes."""
    try:
        return _define_asset(function, arguments)
    except TreadleError as error:
        error.where = error.where or where_of(function)
        raise


def _define_asset(function: Callable[..., Any], arguments: AssetArguments) -> AssetsDefinition:
    key = asset_key_of(arguments.key, arguments.name, arguments.key_prefix, function)
    parameters = read_parameters(function)
    deps, late_deps = read_deps(arguments.deps)
    inputs, all_deps, op_ins = read_inputs(parameters, arguments.ins, deps, lambda: where_of(function))
    io_manager_key, resource_defs = _io_manager(key, arguments)
    outs = _outs(parameters, arguments, io_manager_key)
    checks = check_specs_of(arguments.check_specs, {key})
    writer = check_writer(arguments.writer)
    op_name = op_name_of(key.parts_tuple if writer is None else (*key.parts_tuple, writer))
    op = OpDefinition(
        function,
        op_name,
        ins=op_ins,
        outs=outs,
        description=arguments.of_spec.get("description"),
        config_schema=arguments.config_schema,
        required_resource_keys=keys_with_brought(arguments.required_resource_keys, arguments.resource_defs),
        tags=op_tags_of(arguments.op_tags, arguments.compute_kind),
        retry_policy=arguments.retry_policy,
        code_version=arguments.code_version,
        pool=arguments.pool,
        timeout=arguments.timeout,
        hooks=arguments.hooks,
        parameters=parameters,
    )
    of_spec = arguments.of_spec
    if "description" not in of_spec and function.__doc__ and writer is None:
        of_spec = {**of_spec, "description": docstring_of(function)}
    outputs: tuple[OutputNode, ...] = (output_node("result", outs["result"], asset_key=key),)
    if checks:
        outputs += tuple(check_output_node(spec) for spec in checks)
    made = AssetsDefinition(
        op=op,
        specs=(spec_with_deps(key, all_deps, of_spec),),
        inputs=inputs,
        outputs=outputs,
        check_specs=checks,
        partitions_def=arguments.partitions_def,
        backfill_policy=arguments.backfill_policy,
        resource_defs=resource_defs,
        late_deps=late_deps,
    )
    if arguments.schedule is not None:
        made.schedule = arguments.schedule
    if writer is not None:
        made.writer = writer
    return made


def asset_key_of(key: Any, name: str | None, key_prefix: Any, function: Callable[..., Any]) -> AssetKey:
    """The key that a decorator's `key`, or `name` and `key_prefix`, or the function's name make.

    Raises:
        InvalidDefinitionError: `key` together with one of the others, or a part that breaks the rule for keys.
    """
    if key is not None:
        if name or key_prefix:
            raise InvalidDefinitionError(
                "`name` and `key_prefix` can not be given when the key argument is provided: it is the whole key.",
                code="invalid-argument",
                hint="put all parts into `key`, or leave it out",
            )
        found = AssetKey.from_coercible(key)
        if not found.parts_tuple or found.parts_tuple == ("",):
            found = AssetKey(function.__name__)
    else:
        check_type("name", name, str, "text")
        last = name or function.__name__
        found = AssetKey((*check_key_prefix(key_prefix), last)) if key_prefix else AssetKey(last)
    check_asset_key_parts(found.parts_tuple)
    return found


def check_specs_of(
    specs: Sequence[AssetCheckSpec] | None, keys: Iterable[AssetKey], argument: str = "check_specs"
) -> tuple[AssetCheckSpec, ...]:
    """Checks evaluated together with assets.

    Raises:
        InvalidDefinitionError: a check of another asset, or a name taken twice.
    """
    if not specs:
        return ()
    known = set(keys)
    seen = set()
    listed = listed_check_specs(argument, specs)
    for spec in listed:
        if spec.asset_key not in known:
            raise InvalidDefinitionError(
                f"the check `{spec.name}` is about `{spec.asset_key.to_user_string()}`, which is not made here.",
                hint="checks of other assets are functions of their own: `@asset_check`",
            )
        if spec.key in seen:
            raise InvalidDefinitionError(
                f"two checks are called `{spec.key.to_user_string()}`.",
                code="duplicate-key",
                hint="rename one",
            )
        seen.add(spec.key)
    return listed


def listed_check_specs(argument: str, specs: Any) -> tuple[AssetCheckSpec, ...]:
    """AssetCheckSpecs as given.

    Raises:
        InvalidArgumentError: something else.
    """
    expected = "a list of AssetCheckSpecs"
    listed = tuple(check_sequence(argument, specs, expected) or ())
    for spec in listed:
        if not isinstance(spec, AssetCheckSpec):
            raise wrong_type(argument, expected, spec)
    return listed


def _io_manager(key: AssetKey, arguments: AssetArguments) -> tuple[str | None, Mapping[str, Any] | None]:
    """The IO manager's key, and the resources that the asset brings (among them an `io_manager_def`)."""
    resource_defs = check_resource_defs(arguments.resource_defs)
    check_type("io_manager_key", arguments.io_manager_key, str, "text")
    if arguments.io_manager_def is None:
        return arguments.io_manager_key, resource_defs
    if arguments.io_manager_key is not None:
        raise InvalidDefinitionError(
            "`io_manager_key` and `io_manager_def` both say how the value is stored.",
            code="invalid-argument",
            hint="give one of the two",
        )
    io_manager_key = f"{op_name_of(key.parts_tuple)}__io_manager"
    return io_manager_key, {**resource_defs, io_manager_key: arguments.io_manager_def}


def _outs(parameters: Parameters, arguments: AssetArguments, io_manager_key: str | None) -> Mapping[str, Out]:
    if not isinstance(arguments.output_required, bool):
        raise wrong_type("output_required", "a bool", arguments.output_required)
    if arguments.dagster_type is not None:
        resolve_type(arguments.dagster_type)  # refuses what is no type
    annotation = (
        arguments.dagster_type if arguments.dagster_type is not None else value_annotation(parameters.returns)
    )
    metadata = arguments.of_spec.get("metadata")
    if (
        io_manager_key is None
        and arguments.output_required
        and annotation is NO_ANNOTATION
        and not metadata
        and arguments.code_version is None
    ):
        return DEFAULT_OUTS
    return {
        "result": Out(
            annotation,
            io_manager_key=io_manager_key,
            is_required=arguments.output_required,
            metadata=metadata,
            code_version=arguments.code_version,
        ),
    }
