"""Resources and their contexts for tests and scripts: `build_resources`, `build_init_resource_context`."""

import contextlib
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from treadle.define.resources.context import InitResourceContext
from treadle.define.resources.opening import Resources, open_given_resources


@contextlib.contextmanager
def build_resources(
    resources: Mapping[str, Any],
    instance: Any = None,
    resource_config: Mapping[str, Any] | None = None,
    dagster_run: Any = None,
    log_manager: Any = None,
    event_loop: Any = None,
) -> Iterator[Resources]:
    """Open resources outside of a run; all are closed on leaving.

    Args:
        resources: key to definition, resource object, or any object.
        instance: the instance that they see.
        resource_config: key to config, or to `{"config": …}` as run config has it.
        dagster_run: the run that they see.
        log_manager: the logger that they see.
        event_loop: not needed; taken for compatibility.

    Raises:
        InvalidConfigError: config does not fit; has every path.

    Example:
        >>> with build_resources({"limit": 5}) as resources:
        ...     resources.limit
        5
    """
    given = open_given_resources(resources, resource_config, instance, dagster_run, log_manager)
    try:
        yield given.resources
    finally:
        given.close()


class BuiltInitResourceContext(InitResourceContext):
    """A context made for a test. Its resources are closed on leaving a `with` block, or when it is gone."""

    __slots__ = ("_close",)

    def __init__(self, config: Any, resources: Mapping[str, Any], instance: Any) -> None:
        given = open_given_resources(resources, None, instance)
        self._close = given.close
        super().__init__(config, resources=given.resources, instance=instance)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def __del__(self) -> None:
        close = getattr(self, "_close", None)
        if close is not None:
            close()


def build_init_resource_context(
    config: Any = None, resources: Mapping[str, Any] | None = None, instance: Any = None
) -> BuiltInitResourceContext:
    """A context with which a resource's function or class can be called directly.

    Args:
        config: the resource's config.
        resources: the resources that it needs, of any kind.
        instance: the instance that it sees.

    Example:
        >>> @resource(config_schema={"n": int})
        ... def twice(context):
        ...     return 2 * context.resource_config["n"]
        >>> twice(build_init_resource_context(config={"n": 4}))
        8
    """
    return BuiltInitResourceContext(config, resources or {}, instance)
