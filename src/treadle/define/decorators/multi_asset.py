"""`@multi_asset`: a function that makes several assets in one step."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, get_args, get_origin

from treadle.core.asset_io import AssetOut
from treadle.core.catalog import InputNode
from treadle.core.errors import InvalidDefinitionError, did_you_mean, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.names import check_asset_key_parts, check_name
from treadle.core.specs import AssetCheckSpec, AssetDep, AssetSpec
from treadle.core.values import NOT_GIVEN
from treadle.define.arguments import (
    at_function,
    check_internal_asset_deps,
    check_op_name,
    keys_with_brought,
    op_tags_of,
)
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.asset_nodes import (
    LateDep,
    check_output_node,
    internal_deps_of,
    missing_edges,
    one_dep_each,
    output_node,
    share_partitions,
)
from treadle.define.decorators.asset import check_specs_of
from treadle.define.decorators.dependencies import read_deps, read_inputs
from treadle.define.decorators.legacy import take_legacy
from treadle.define.op import OpDefinition, Out
from treadle.define.output_types import value_annotation
from treadle.define.parameters import NO_ANNOTATION, Parameters, read_parameters
from treadle.define.types import resolve_type
from treadle.define.where import where_of

_LEGACY: Final = frozenset({"compute_kind", "non_argument_deps", "allow_arbitrary_check_specs"})


def multi_asset(
    *,
    outs: Mapping[str, AssetOut] | None = None,
    name: str | None = None,
    ins: Mapping[str, Any] | None = None,
    deps: Iterable[Any] | None = None,
    description: str | None = None,
    config_schema: Any = None,
    required_resource_keys: AbstractSet[str] | None = None,
    internal_asset_deps: Mapping[str, set[AssetKey]] | None = None,
    partitions_def: Any = None,
    hooks: AbstractSet[Any] | None = None,
    backfill_policy: Any = None,
    op_tags: Mapping[str, Any] | None = None,
    can_subset: bool = False,
    resource_defs: Mapping[str, Any] | None = None,
    group_name: str | None = None,
    retry_policy: Any = None,
    code_version: str | None = None,
    specs: Sequence[AssetSpec] | None = None,
    check_specs: Sequence[AssetCheckSpec] | None = None,
    pool: str | None = None,
    timeout: Any = None,
    **kwargs: Any,
) -> Callable[[Callable[..., Any]], AssetsDefinition]:
    """Make a function that makes several assets.

    Args:
        outs: an `AssetOut` by output name; the function returns a tuple in that order, or yields `Output`s.
        specs: in place of `outs`: the assets; the function yields a `MaterializeResult` for each.
        internal_asset_deps: the upstream keys of an output, where not all of them.
        can_subset: whether a run may ask for some of the assets (`context.selected_output_names`).
        timeout: seconds, or a timedelta.

    Raises:
        InvalidDefinitionError: an argument or name that is refused; says which, and where.

    Example:
        >>> from treadle import AssetOut, multi_asset
        >>> @multi_asset(outs={"small": AssetOut(), "large": AssetOut()})
        ... def halves():
        ...     return 1, 2
        >>> sorted(key.to_user_string() for key in halves.keys)
        ['large', 'small']
    """
    legacy = take_legacy(multi_asset, kwargs, _LEGACY) if kwargs else {}
    if deps is None:
        deps = legacy.get("non_argument_deps")

    def decorate(function: Callable[..., Any]) -> AssetsDefinition:
        if outs is not None and specs is not None:
            raise InvalidDefinitionError(
                f"`{function.__name__}` has `outs` and `specs`.",
                code="invalid-argument",
                hint="give one of the two",
            )
        parameters = read_parameters(function)
        known, late = read_deps(deps)
        if specs is not None:
            if deps is not None:
                raise InvalidDefinitionError(
                    "`deps` goes with `outs`.", code="invalid-argument", hint="give `deps` to each AssetSpec"
                )
            if internal_asset_deps is not None:
                raise InvalidDefinitionError(
                    "`internal_asset_deps` goes with `outs`.",
                    code="invalid-argument",
                    hint="give `deps` to each AssetSpec",
                )
            given, late = _without_late_deps(checked_specs(specs))
            op_outs = {spec.key.to_python_identifier(): _out_of_spec(spec, can_subset) for spec in given}
            known = _outside_deps(given)
        else:
            op_outs, given = _read_outs(outs or {}, parameters, code_version)
        inputs, all_deps, op_ins = read_inputs(parameters, ins, known, lambda: where_of(function))
        if specs is not None:
            finished = _with_shared_deps(given, inputs)
        else:
            finished = _with_deps(given, list(op_outs), all_deps, internal_asset_deps)
        finished, partitions = share_partitions(
            _in_group(finished, group_name), partitions_def, can_subset=can_subset
        )
        inputs += missing_edges(finished, inputs)
        checks = check_specs_of(check_specs, [spec.key for spec in finished])
        op = OpDefinition(
            function,
            check_op_name(name or function.__name__),
            ins=op_ins,
            outs=op_outs,
            description=description,
            config_schema=config_schema,
            required_resource_keys=keys_with_brought(required_resource_keys, resource_defs),
            tags=op_tags_of(op_tags, legacy.get("compute_kind")),
            retry_policy=retry_policy,
            code_version=code_version,
            pool=pool,
            timeout=timeout,
            hooks=hooks,
            parameters=parameters,
        )
        outputs = tuple(
            output_node(output, out, asset_key=spec.key, none_is_no_value=specs is not None)
            for (output, out), spec in zip(op_outs.items(), finished, strict=True)
        )
        return AssetsDefinition(
            op=op,
            specs=finished,
            inputs=inputs,
            outputs=(*outputs, *(check_output_node(spec) for spec in checks)),
            check_specs=checks,
            partitions_def=partitions,
            backfill_policy=backfill_policy,
            can_subset=can_subset,
            resource_defs=resource_defs,
            internal_deps=internal_deps_of(finished),
            late_deps=late,
        )

    return at_function(decorate)


def checked_specs(specs: Any) -> list[AssetSpec]:
    """AssetSpecs, each of a key of its own.

    Raises:
        InvalidDefinitionError: something else, or a key that another has too.
    """
    if isinstance(specs, str | Mapping) or not isinstance(specs, Iterable):
        raise wrong_type("specs", "a list of AssetSpecs", specs)
    found: dict[AssetKey, AssetSpec] = {}
    for spec in specs:
        if not isinstance(spec, AssetSpec):
            raise wrong_type("specs", "a list of AssetSpecs", spec)
        if spec.key in found:
            raise InvalidDefinitionError(
                f"two specs have the key `{spec.key.to_user_string()}`.",
                code="duplicate-key",
                hint="rename one",
            )
        check_asset_key_parts(spec.key.parts_tuple)
        found[spec.key] = spec
    return list(found.values())


def _out_of_spec(spec: AssetSpec, can_subset: bool) -> Out:
    return Out(is_required=not (spec.skippable or can_subset), io_manager_key=spec.io_manager_key)


def _without_late_deps(specs: list[AssetSpec]) -> tuple[list[AssetSpec], tuple[LateDep, ...]]:
    """Specs without the dependencies that can only be looked up later, and these."""
    late = tuple((spec.key, dep) for spec in specs for dep in spec.deps if dep.is_late)
    if not late:
        return specs, ()
    return [
        spec.replace_attributes(deps=[dep for dep in spec.deps if not dep.is_late]) for spec in specs
    ], late


def _outside_deps(specs: Sequence[AssetSpec]) -> tuple[AssetDep, ...]:
    own = {spec.key for spec in specs}
    return one_dep_each(dep for spec in specs for dep in spec.deps if dep.asset_key not in own)


def _read_outs(
    outs: Mapping[str, AssetOut], parameters: Parameters, code_version: str | None
) -> tuple[dict[str, Out], list[AssetSpec]]:
    if not isinstance(outs, Mapping):
        raise wrong_type("outs", "a mapping of output names to AssetOuts", outs)
    annotation = value_annotation(parameters.returns)
    types = get_args(annotation) if get_origin(annotation) is tuple else ()
    if len(types) != len(outs) or Ellipsis in types:
        types = (NO_ANNOTATION,) * len(outs)
    found: dict[str, Out] = {}
    specs: list[AssetSpec] = []
    for (name, out), annotated in zip(outs.items(), types, strict=True):
        if not isinstance(out, AssetOut):
            raise wrong_type("outs", "a mapping of output names to AssetOuts", out)
        check_name(name, "output")
        if out.dagster_type is not NOT_GIVEN:
            resolve_type(out.dagster_type)  # refuses what is no type
        found[name] = Out(
            annotated if out.dagster_type is NOT_GIVEN else out.dagster_type,
            description=out.description,
            is_required=out.is_required,
            io_manager_key=out.io_manager_key,
            metadata=out.metadata,
            code_version=out.code_version or code_version,
        )
        specs.append(_spec_of_out(name, out, code_version))
    keys = [spec.key for spec in specs]
    if len(set(keys)) != len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InvalidDefinitionError(
            f"two outputs are the asset `{twice.to_user_string()}`.",
            code="duplicate-key",
            hint="give one another key",
        )
    return found, specs


def _spec_of_out(name: str, out: AssetOut, code_version: str | None) -> AssetSpec:
    key = out.key or (AssetKey([*out.key_prefix, name]) if out.key_prefix else AssetKey(name))
    check_asset_key_parts(key.parts_tuple)
    spec = out.to_spec(key)
    return (
        spec
        if out.code_version or code_version is None
        else spec.replace_attributes(code_version=code_version)
    )


def _with_shared_deps(specs: Sequence[AssetSpec], inputs: tuple[InputNode, ...]) -> list[AssetSpec]:
    """Specs of assets: an input that no spec names as a dependency is one of all of them."""
    named = {dep.asset_key for spec in specs for dep in spec.deps}
    shared = [AssetDep(node.asset_key) for node in inputs if node.asset_key not in named]
    return [spec.replace_attributes(deps=[*spec.deps, *shared]) for spec in specs] if shared else list(specs)


def _with_deps(
    specs: Sequence[AssetSpec],
    outputs: Sequence[str],
    deps: tuple[AssetDep, ...],
    internal_asset_deps: Mapping[str, set[AssetKey]] | None,
) -> list[AssetSpec]:
    """Specs of outputs: each depends on all inputs, unless `internal_asset_deps` says on which."""
    internal = check_internal_asset_deps(internal_asset_deps)
    for name in internal:
        if name not in outputs:
            raise InvalidDefinitionError(
                f"`internal_asset_deps` names `{name}`, which is no output.", hint=did_you_mean(name, outputs)
            )
    if not internal:
        return [spec.replace_attributes(deps=deps) for spec in specs] if deps else list(specs)
    by_key = {dep.asset_key: dep for dep in deps}
    own = {spec.key for spec in specs}
    found = []
    for output, spec in zip(outputs, specs, strict=True):
        keys = internal.get(output)
        if keys is None:
            found.append(spec.replace_attributes(deps=deps))
            continue
        unknown = [key for key in keys if key not in by_key and key not in own]
        if unknown:
            raise InvalidDefinitionError(
                f"`internal_asset_deps` of `{output}` names `{unknown[0].to_user_string()}`, which is neither an input "
                "nor an asset made here.",
                hint="name it in `deps` or `ins` too",
            )
        found.append(spec.replace_attributes(deps=[by_key.get(key) or AssetDep(key) for key in sorted(keys)]))
    return found


def _in_group(specs: list[AssetSpec], group_name: str | None) -> list[AssetSpec]:
    if group_name is None:
        return specs
    for spec in specs:
        if spec.group_name is not None and spec.group_name != group_name:
            raise InvalidDefinitionError(
                f"`{spec.key.to_user_string()}` has a group of its own and one from `group_name`.",
                code="invalid-argument",
                hint="give one of the two",
            )
    return [spec.replace_attributes(group_name=group_name) for spec in specs]
