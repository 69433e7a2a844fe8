"""Problems of resources: those that are asked for and not there."""

from collections.abc import Iterator, Mapping
from typing import Any

from treadle.core.catalog import AssetNode, Computation
from treadle.core.keys import AssetKey
from treadle.core.problem import Problem
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.resources.catalog import mismatch_with_annotation
from treadle.define.resources.definition import ValueResource
from treadle.define.validation.names import Suggestions

DEFAULT_IO_MANAGER = "io_manager"
"""The key that always has an IO manager: the location's, else the default one."""


def missing_resources(
    computations: Mapping[str, Computation],
    definitions: Mapping[str, AssetsDefinition],
    assets: Mapping[AssetKey, AssetNode],
    resources: Mapping[str, Any],
) -> Iterator[Problem]:
    """A problem for each resource or IO manager that a computation asks for and nobody provides."""
    suggestions = Suggestions(lambda: [*resources, DEFAULT_IO_MANAGER])
    for name, computation in computations.items():
        if computation.resource_keys:
            parameters = definitions[name].op.parameters.resources
            for key in sorted(computation.resource_keys):
                if key not in resources and key != DEFAULT_IO_MANAGER:
                    yield _missing(computation, "resource", key, key in parameters, suggestions)
        for hook in definitions[name].op.hooks:
            yield from missing_of_hook(hook, subject_of(computation), resources, suggestions)
        for output in computation.outputs:
            key = output.io_manager_key
            if key != DEFAULT_IO_MANAGER and key not in resources and output.asset_key is not None:
                yield _missing(computation, "IO manager", key, False, suggestions)
        for node in computation.inputs:
            key = node.io_manager_key or DEFAULT_IO_MANAGER
            if node.loads_value and key != DEFAULT_IO_MANAGER and key not in resources:
                yield _missing(computation, "input manager", key, False, suggestions, node.name)
    for asset in assets.values():
        key = asset.io_manager_key
        if asset.computation is None and key != DEFAULT_IO_MANAGER and key not in resources:
            yield Problem(
                code="missing-io-manager",
                message=f"asset `{asset.spec.key.to_user_string()}` is loaded by the IO manager `{key}`, which nobody "
                "provides.",
                asset_key=asset.spec.key,
                where=asset.where,
                suggestion=suggestions.near(key) or f"add `{key}` to `resources`",
            )


def missing_of_hook(
    hook: Any, subject: str, resources: Mapping[str, Any], suggestions: Suggestions
) -> Iterator[Problem]:
    """A problem for each resource that a hook asks for and nobody provides.

    Args:
        hook: the HookDefinition.
        subject: what has the hook, for the message.
    """
    for key in sorted(hook.required_resource_keys):
        if key not in resources and key != DEFAULT_IO_MANAGER:
            yield Problem(
                code="unknown-resource",
                message=f"the hook `{hook.name}` of {subject} needs the resource `{key}`, which nobody provides.",
                where=hook.where,
                suggestion=suggestions.near(key) or f"add `{key}` to `resources`",
            )


def _missing(
    computation: Computation,
    what: str,
    key: str,
    is_parameter: bool,
    suggestions: Suggestions,
    parameter: str = "",
) -> Problem:
    subject = subject_of(computation)
    if is_parameter:
        need = f"has the parameter `{key}`, a resource that nobody provides"
    elif parameter:
        need = f"loads its parameter `{parameter}` by the input manager `{key}`, which nobody provides"
    elif what == "resource":
        need = f"needs the resource `{key}`, which nobody provides"
    else:
        need = f"is stored by the IO manager `{key}`, which nobody provides"
    return Problem(
        code="unknown-resource" if what == "resource" else "missing-io-manager",
        message=f"{subject} {need}.",
        asset_key=first_asset(computation),
        where=computation.where,
        suggestion=suggestions.near(key) or f"add `{key}` to `resources`",
    )


def subject_of(computation: Computation) -> str:
    """How a message calls a computation: asset `orders`, check `orders:full`, op `load`."""
    keys = [
        output.asset_key.to_user_string() for output in computation.outputs if output.asset_key is not None
    ]
    if keys:
        return f"asset `{keys[0]}`" if len(keys) == 1 else "assets " + ", ".join(f"`{key}`" for key in keys)
    checks = [
        output.check_key.to_user_string() for output in computation.outputs if output.check_key is not None
    ]
    if checks:
        return (
            f"check `{checks[0]}`"
            if len(checks) == 1
            else "checks " + ", ".join(f"`{key}`" for key in checks)
        )
    return f"op `{computation.name}`"


def first_asset(computation: Computation) -> AssetKey | None:
    """The asset that a problem of a computation is shown at."""
    for output in computation.outputs:
        if output.asset_key is not None:
            return output.asset_key
        if output.check_key is not None:
            return output.check_key.asset_key
    return None


def wrong_io_managers(
    computations: Mapping[str, Computation], resources: Mapping[str, Any]
) -> Iterator[Problem]:
    """A problem for each object that should store an asset and has no way to."""
    objects = {
        key: one.value
        for key, one in resources.items()
        if isinstance(one, ValueResource) and not one.is_io_manager
    }
    if not objects:
        return
    for computation in computations.values():
        for output in computation.outputs:
            key = output.io_manager_key
            if output.asset_key is not None and output.stores_value and key in objects:
                yield Problem(
                    code="wrong-resource-kind",
                    message=f"{subject_of(computation)} is stored by the IO manager `{key}`, which is "
                    f"of type {type(objects[key]).__name__} and has no `handle_output`.",
                    asset_key=output.asset_key,
                    where=computation.where,
                    suggestion=f"give an IO manager as `{key}`, or name another key in `io_manager_key`",
                )


def wrong_resource_kinds(
    computations: Mapping[str, Computation],
    definitions: Mapping[str, AssetsDefinition],
    resources: Mapping[str, Any],
) -> Iterator[Problem]:
    """A problem for each parameter annotated with a resource class that gets an object of another one."""
    for name, computation in computations.items():
        if not computation.resource_keys:
            continue
        for parameter in definitions[name].op.parameters.resources.values():
            definition = resources.get(parameter.key)
            reason = definition and mismatch_with_annotation(definition, parameter.annotation)
            if reason:
                yield Problem(
                    code="wrong-resource-kind",
                    message=f"{subject_of(computation)} has the parameter `{parameter.name}`, whose resource is of "
                    f"another class: {reason}.",
                    asset_key=first_asset(computation),
                    where=computation.where,
                    suggestion="give the resource that is annotated, or annotate the one that is given",
                )
