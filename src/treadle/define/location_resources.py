"""The resources of a code location: those given, those that assets bring, and those that stand as default values."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from treadle.core.catalog import AssetNode, Computation, ResourceNode
from treadle.core.keys import AssetKey
from treadle.core.problem import Problem
from treadle.core.specs import AssetSpec
from treadle.define.arguments import COMPUTE_KIND_TAG
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.resources.catalog import kinds_of_resource, resource_node
from treadle.define.resources.definition import coerce_resource
from treadle.define.source_asset import SourceAsset


def resources_of(
    given: Mapping[str, Any],
    definitions: Iterable[AssetsDefinition],
    external: Iterable[tuple[AssetSpec, Any]],
) -> tuple[dict[str, Any], list[Problem]]:
    """Resource definitions by key, and a problem for each key that two different objects claim.

    Args:
        given: the resources of the whole; they win over default values of parameters.
        definitions: assets and checks, which may bring resources (`resource_defs`, `io_manager_def`).
        external: external assets and the objects that gave them.
    """
    found = dict(given)
    problems: list[Problem] = []
    with_defaults: list[AssetsDefinition] = []
    for definition in definitions:
        for key, value in definition.resource_defs.items():
            if not _claim(found, key, value):
                problems.append(_claimed_twice(definition, key))
        if definition.op.parameters.resources:
            with_defaults.append(definition)
    for _, source in external:
        if isinstance(source, SourceAsset):
            for key, value in source.resource_defs.items():
                found.setdefault(key, value)
    defaults: dict[str, Any] = {}
    for definition in with_defaults:
        for key, value in _defaults_of(definition):
            if key not in found and not _claim(defaults, key, value):
                problems.append(_claimed_twice(definition, key))
    return {key: coerce_resource(value) for key, value in {**found, **defaults}.items()}, problems


def _defaults_of(definition: AssetsDefinition) -> Iterator[tuple[str, Any]]:
    for parameter in definition.op.parameters.resources.values():
        if parameter.has_default and parameter.default is not None:
            yield parameter.key, parameter.default


def _claim(found: dict[str, Any], key: str, value: Any) -> bool:
    known = found.setdefault(key, value)
    if known is value:
        return True
    try:
        return bool(known == value)
    except Exception:  # noqa: BLE001 - a user's `==` may raise anything
        return False


def _claimed_twice(definition: AssetsDefinition, key: str) -> Problem:
    return Problem(
        code="duplicate-key",
        message=f"`{definition.op.name}` brings a resource `{key}`, and another one has that key already.",
        asset_key=next(iter(definition.ordered_keys), None),
        where=definition.op.where,
        suggestion="give one of the two another key",
    )


def inferred_kinds(
    resources: Mapping[str, Any],
    assets: Mapping[AssetKey, AssetNode],
    computations: Mapping[str, Computation],
) -> dict[AssetKey, AssetNode]:
    """Assets that say no kinds, with their `compute_kind`, or else the kinds of their resources and of what stores them.

    The others are left out.
    """
    kinds = {key: found for key, one in resources.items() if (found := kinds_of_resource(one))}
    changed: dict[AssetKey, AssetNode] = {}
    for key, node in assets.items():
        if node.computation is None or node.spec.kinds:
            continue
        computation = computations[node.computation]
        if COMPUTE_KIND_TAG in computation.tags:
            said = _as_kind(computation.tags[COMPUTE_KIND_TAG])
            changed[key] = msgspec.structs.replace(node, spec=node.spec.replace_attributes(kinds={said}))
            continue
        used = {resource for resource in computation.resource_keys if resource in kinds}
        stored = any(output.stores_value and output.asset_key == key for output in computation.outputs)
        if stored and node.io_manager_key in kinds:
            used.add(node.io_manager_key)
        if used:
            found = frozenset[str]().union(*(kinds[one] for one in used))
            changed[key] = msgspec.structs.replace(node, spec=node.spec.replace_attributes(kinds=found))
    return changed


def _as_kind(compute_kind: str) -> str:
    """Any text was allowed as a `compute_kind`; a kind is part of a tag's key."""
    return re.sub(r"[^a-z0-9._-]+", "-", compute_kind.lower())[:50].strip("-") or "other"


def resource_nodes(
    resources: Mapping[str, Any], computations: Mapping[str, Computation]
) -> dict[str, ResourceNode]:
    """What the catalog says of each resource, and who uses it."""
    if not resources:
        return {}
    users: dict[str, list[str]] = {key: [] for key in resources}
    for name, computation in computations.items():
        keys = set(computation.resource_keys)
        keys.update(output.io_manager_key for output in computation.outputs if output.stores_value)
        keys.update(node.io_manager_key for node in computation.inputs if node.io_manager_key is not None)
        for key in keys:
            if key in users:
                users[key].append(name)
    return {key: resource_node(key, one, resources, users[key]) for key, one in resources.items()}
