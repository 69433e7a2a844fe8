"""Resources given to definitions one by one, as older code does; `Definitions(resources=…)` gives them to all."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from treadle.core.deprecation import deprecated
from treadle.core.errors import (
    InvalidDefinitionError,
    InvalidInvocationError,
    UnknownResourceError,
    did_you_mean,
)
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.config.environment import contains_env_var
from treadle.define.config.problems import ConfigProblems
from treadle.define.resources.definition import ResourceDefinition, coerce_resource
from treadle.define.validation.resources import DEFAULT_IO_MANAGER

T = TypeVar("T")


def with_resources(
    definitions: Iterable[T],
    resource_defs: Mapping[str, Any],
    resource_config_by_key: Mapping[str, Any] | None = None,
) -> list[T]:
    """The same definitions, each with the resources that it needs.

    Args:
        definitions: assets, jobs or other definitions that take resources; others are returned as they are.
        resource_defs: key to definition, resource object, or any object.
        resource_config_by_key: key to `{"config": …}`.

    Raises:
        UnknownResourceError: an asset, or a resource, needs a resource or IO manager that it has not got now.
        InvalidDefinitionError: config for a key that is not given.
        InvalidInvocationError: it does not stand under `config`.
        InvalidConfigError: it does not fit.
    """
    resources = {key: coerce_resource(value) for key, value in resource_defs.items()}
    for key, entry in (resource_config_by_key or {}).items():
        resources[key] = _configured(key, entry, resources)
    return [_bound(each, resources) for each in definitions]


def _configured(key: str, entry: Any, resources: Mapping[str, ResourceDefinition]) -> ResourceDefinition:
    if key not in resources:
        raise InvalidDefinitionError(f"with_resources: config for `{key}`, which is not among the resources")
    if not isinstance(entry, Mapping) or set(entry) != {"config"}:
        raise InvalidInvocationError(f'with_resources: config for `{key}` must read {{"config": …}}')
    problems = ConfigProblems()
    if not contains_env_var(entry["config"]):
        resources[key].resolve_config(entry["config"], ("resources", key, "config"), problems)
    problems.raise_any(f"config of resource `{key}`", entry["config"])
    return resources[key].configured(entry["config"])


def _bound(definition: Any, resources: Mapping[str, ResourceDefinition]) -> Any:
    bind = getattr(definition, "with_resources", None)
    if bind is None:
        return definition
    own = getattr(definition, "resource_defs", None) or {}
    twice = sorted(key for key in own if key in resources and key != DEFAULT_IO_MANAGER)
    if twice and not hasattr(definition, "own_graph"):
        raise InvalidInvocationError(
            f"with_resources: {definition!r} has its own resource `{twice[0]}`.",
            hint="leave it out of one of the two places",
        )
    bound = bind(resources)
    if isinstance(bound, AssetsDefinition):
        _refuse_missing(bound)
    return bound


def _refuse_missing(bound: AssetsDefinition) -> None:
    """Refuse assets that need what they have not got."""
    needed = dict.fromkeys(bound.required_resource_keys, "resource")
    needed |= dict.fromkeys((output.io_manager_key for output in bound.outputs), "IO manager")
    for resource in bound.resource_defs.values():
        needed |= dict.fromkeys(coerce_resource(resource).required_resource_keys, "resource")
    for key in sorted(needed.keys() - bound.resource_defs.keys() - {DEFAULT_IO_MANAGER}):
        raise UnknownResourceError(
            f"with_resources: {bound!r} needs the {needed[key]} `{key}`, which is not among the resources",
            hint=did_you_mean(key, bound.resource_defs) or f"add `{key}` to `resource_defs`",
            resource_keys=(key,),
        )


@deprecated("leave it out: jobs get the resources of their `Definitions`")
class BindResourcesToJobs(list[Any]):
    """A list of jobs for `Definitions(jobs=…)`. Jobs get the resources of their `Definitions` anyway."""
