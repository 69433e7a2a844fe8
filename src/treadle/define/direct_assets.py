"""`AssetsDefinition(...)` without an op: the outputs of a node as assets, or specs that nothing here makes."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from treadle.core.errors import InvalidDefinitionError, did_you_mean
from treadle.core.keys import AssetKey
from treadle.core.specs import AssetCheckSpec, AssetSpec
from treadle.define.asset_definition import NO_RESOURCES, AssetsDefinition
from treadle.define.asset_nodes import share_partitions
from treadle.define.op import OpDefinition

ByKey = Mapping[AssetKey, Any] | None


def assets_of_arguments(
    *,
    specs: Sequence[AssetSpec] | None = None,
    node_def: Any = None,
    keys_by_input_name: Mapping[str, AssetKey] | None = None,
    keys_by_output_name: Mapping[str, AssetKey] | None = None,
    partitions_def: Any = None,
    partition_mappings: ByKey = None,
    asset_deps: Mapping[AssetKey, AbstractSet[AssetKey]] | None = None,
    can_subset: bool = False,
    resource_defs: Mapping[str, Any] | None = None,
    group_names_by_key: ByKey = None,
    metadata_by_key: ByKey = None,
    tags_by_key: ByKey = None,
    backfill_policy: Any = None,
    descriptions_by_key: ByKey = None,
    check_specs_by_output_name: Mapping[str, AssetCheckSpec] | None = None,
    owners_by_key: ByKey = None,
    hook_defs: AbstractSet[Any] | None = None,
) -> AssetsDefinition:
    """What the peer's constructor makes of these arguments.

    Raises:
        InvalidDefinitionError: neither `specs` nor `node_def`, or a partition mapping of an asset that no input is.
    """
    if node_def is None:
        if specs is None:
            raise InvalidDefinitionError(
                "AssetsDefinition needs `specs` or `node_def`.",
                code="invalid-argument",
                hint="write `@asset`, or `specs=[AssetSpec(...)]` for assets that nothing here makes",
            )
        return external_assets(specs, partitions_def)
    inputs = _inputs_of(node_def, keys_by_input_name)
    keys = _outputs_of(node_def, keys_by_output_name, {spec.key for spec in specs or ()})
    arguments: dict[str, Any] = {
        "keys_by_input_name": inputs,
        "keys_by_output_name": keys,
        "partition_mappings": _mappings_of(inputs, partition_mappings),
        "internal_asset_deps": {name: set(asset_deps.get(key, ())) for name, key in keys.items()}
        if asset_deps
        else None,
        "group_names_by_output_name": _by_output(keys, group_names_by_key),
        "metadata_by_output_name": _by_output(keys, metadata_by_key),
        "tags_by_output_name": _by_output(keys, tags_by_key),
        "descriptions_by_output_name": _by_output(keys, descriptions_by_key),
        "partitions_def": partitions_def,
        "backfill_policy": backfill_policy,
        "can_subset": can_subset,
        "hook_defs": hook_defs,
    }
    if isinstance(node_def, OpDefinition):
        made = AssetsDefinition.from_op(node_def, **arguments)
    else:
        checks = list((check_specs_by_output_name or {}).values())
        made = AssetsDefinition.from_graph(node_def, check_specs=checks, **arguments)
    if owners_by_key:
        made = made.map_asset_specs(
            lambda spec: spec.replace_attributes(owners=owners_by_key.get(spec.key, spec.owners))
        )
    if specs:
        made = made.with_specs({spec.key: spec for spec in specs})
    return made.with_resources(resource_defs) if resource_defs else made


def external_assets(specs: Iterable[AssetSpec], partitions_def: Any = None) -> AssetsDefinition:
    """A definition of assets that nothing here makes.

    Args:
        specs: the assets.
        partitions_def: of those that have none of their own.
    """
    given, partitions = share_partitions(list(specs), partitions_def, can_subset=True)
    made = object.__new__(AssetsDefinition)
    made.__dict__.update(
        _specs=tuple(given),
        _inputs=(),
        _late_deps=(),
        outputs=(),
        check_specs=(),
        execution_kind="asset",
        partitions_def=partitions,
        backfill_policy=None,
        can_subset=False,
        resource_defs=NO_RESOURCES,
        internal_deps=None,
        graph_def=None,
        flat=None,
    )
    return made


def _inputs_of(node_def: Any, given: Mapping[str, AssetKey] | None) -> dict[str, AssetKey]:
    return {name: AssetKey(name) for name in node_def.ins} | dict(given or {})


def _outputs_of(
    node_def: Any, given: Mapping[str, AssetKey] | None, own: AbstractSet[AssetKey]
) -> dict[str, AssetKey]:
    if given is not None:
        return dict(given)
    if len(node_def.outs) == len(own) == 1:
        return {next(iter(node_def.outs)): next(iter(own))}
    return {name: AssetKey(node_def.name if name == "result" else name) for name in node_def.outs}


def _by_output(keys: Mapping[str, AssetKey], by_key: ByKey) -> dict[str, Any] | None:
    return {name: by_key[key] for name, key in keys.items() if key in by_key} if by_key else None


def _mappings_of(inputs: Mapping[str, AssetKey], by_key: ByKey) -> dict[str, Any] | None:
    known = {key.to_user_string() for key in inputs.values()}
    for key in by_key or ():
        if key.to_user_string() not in known:
            raise InvalidDefinitionError(
                f"`partition_mappings` names `{key.to_user_string()}`, which no input is.",
                code="unknown-input",
                hint=did_you_mean(key.to_user_string(), known),
            )
    return {name: by_key[key] for name, key in inputs.items() if key in by_key} if by_key else None
