"""Resources given by hand: to a context built for a test, or to `build_resources`."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from treadle.define.config.problems import ConfigProblems
from treadle.define.resources.definition import coerce_resource
from treadle.define.resources.opening import open_resources


@attrs.frozen
class GivenResources:
    """Opened resources, and what closes them."""

    resources: Any
    close: Callable[[], None] | None


def open_given_resources(
    given: Mapping[str, Any], config: Mapping[str, Any] | None = None, instance: Any = None
) -> GivenResources:
    """Open definitions, resource objects and plain values under their keys.

    Args:
        given: key -> anything that `Definitions(resources=...)` takes.
        config: key -> `{"config": ...}` or the bare config, for resources that take some.
        instance: what `InitResourceContext.instance` gives.

    Raises:
        InvalidConfigError: config that does not fit, all paths at once.
        ResourceFunctionError: one could not be set up; those already open are closed.
    """
    definitions = {key: coerce_resource(value) for key, value in given.items()}
    problems = ConfigProblems()
    resolved = {
        key: definitions[key].resolve_config(_bare(value), ("resources", key, "config"), problems)
        for key, value in (config or {}).items()
        if key in definitions
    }
    problems.raise_any("config of the given resources")
    stack = contextlib.ExitStack()
    resources = stack.enter_context(
        open_resources(definitions, definitions, config=resolved, instance=instance)
    )
    return GivenResources(resources, stack.close if definitions else None)


def _bare(value: Any) -> Any:
    return value["config"] if isinstance(value, Mapping) and set(value) == {"config"} else value
