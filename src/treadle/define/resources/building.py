"""Resources and their contexts for tests and scripts: `build_resources`, `build_init_resource_context`."""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from treadle.define.doors import open_door
from treadle.define.resources.context import InitResourceContext, InstanceInMemory
from treadle.define.resources.definition import ResourceDefinition
from treadle.define.resources.opening import Resources, open_given_resources

_logger = logging.getLogger("treadle.resources")


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
        instance: the instance that they see; one in memory where not given.
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
    seen = InstanceInMemory() if instance is None else instance
    given = open_given_resources(resources, resource_config, seen, dagster_run, log_manager)
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
        super().__init__(config, resources=given.resources, instance=instance, log=_logger)

    @property
    def instance(self) -> Any:
        """The instance that was given, else one in memory."""
        if self._instance is None:
            self._instance = open_door("ephemeral_instance")()
        return self._instance

    def replace_config(
        self, config: Any, resource_def: ResourceDefinition | None = None
    ) -> InitResourceContext:
        """The context that a resource called directly gets."""
        return _CallContext(self, config, resource_def)

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


class _CallContext(InitResourceContext):
    """What a resource gets that is called directly with a built context."""

    __slots__ = ("_built",)

    def __init__(
        self, built: BuiltInitResourceContext, config: Any, resource_def: ResourceDefinition | None
    ) -> None:
        self._built = built
        super().__init__(config, resource_def, built.resources, log=built.log)

    @property
    def instance(self) -> Any:
        """The instance of the context that was built."""
        return self._built.instance


def build_init_resource_context(
    config: Any = None, resources: Mapping[str, Any] | None = None, instance: Any = None
) -> BuiltInitResourceContext:
    """A context with which a resource's function or class can be called directly.

    Args:
        config: the resource's config.
        resources: the resources that it needs, of any kind.
        instance: the instance that it sees; one in memory where not given.

    Example:
        >>> @resource(config_schema={"n": int})
        ... def twice(context):
        ...     return 2 * context.resource_config["n"]
        >>> twice(build_init_resource_context(config={"n": 4}))
        8
    """
    return BuiltInitResourceContext(config, resources or {}, instance)
