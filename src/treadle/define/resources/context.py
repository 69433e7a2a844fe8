"""What a resource gets while it is set up."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from treadle.core.deprecation import deprecated
from treadle.define.doors import open_door

if TYPE_CHECKING:
    from treadle.define.resources.definition import ResourceDefinition


class InstanceInMemory:
    """Stands for an instance in memory, which is made once somebody asks for it; all who share this get the same."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: Any = None

    def get(self) -> Any:
        """The instance."""
        if self._made is None:
            self._made = open_door("ephemeral_instance")()
        return self._made


class InitResourceContext:
    """What a resource gets while it is set up: its config, the resources it needs, the run, a log.

    Args:
        resource_config: completed config.
        resource_def: the definition that is being opened.
        resources: the resources it needs, each an attribute.
        run: the run, None outside of one.
        instance: the instance, None where there is none.
        log: a logger.
        resource_key: the name it is opened under.
        nested: values of resources given in fields of a resource class.
        all_resource_defs: every resource of the code, by key.
    """

    __slots__ = (
        "_instance",
        "_log",
        "_resource_config",
        "_resource_def",
        "_resources",
        "_run",
        "all_resource_defs",
        "nested",
        "resource_key",
    )

    def __init__(
        self,
        resource_config: Any = None,
        resource_def: "ResourceDefinition | None" = None,
        resources: Any = None,
        run: Any = None,
        instance: Any = None,
        log: Any = None,
        resource_key: str | None = None,
        nested: Mapping[str, Any] | None = None,
        all_resource_defs: "Mapping[str, ResourceDefinition] | None" = None,
    ) -> None:
        self._resource_config = resource_config
        self._resource_def = resource_def
        self._resources = resources
        self._run = run
        self._instance = instance
        self._log = log
        self.resource_key = resource_key
        self.nested = nested or {}
        self.all_resource_defs = all_resource_defs or {}

    @property
    def resource_config(self) -> Any:
        """The resource's completed config, as run config spells it."""
        if self._resource_def is None:
            return self._resource_config
        return self._resource_def.told_config(self._resource_config)

    @property
    def completed_config(self) -> Any:
        """The same, with the objects that stand in fields of a resource class."""
        return self._resource_config

    @property
    def resource_def(self) -> "ResourceDefinition | None":
        """The definition that is being opened."""
        return self._resource_def

    @property
    def resources(self) -> Any:
        """The resources that this one needs, each an attribute."""
        return self._resources

    @property
    def run(self) -> Any:
        """The run; None outside of one."""
        return self._run

    @property
    @deprecated("use `context.run`", "context.dagster_run")
    def dagster_run(self) -> Any:
        """The run, as older code calls it."""
        return self.run

    @property
    @deprecated("use `context.run.run_id`", "context.run_id")
    def run_id(self) -> str | None:
        """The run's id; None outside of one."""
        return None if self._run is None else self._run.run_id

    @property
    def instance(self) -> Any:
        """The instance; None where there is none."""
        return self._instance.get() if isinstance(self._instance, InstanceInMemory) else self._instance

    @property
    def log(self) -> Any:
        """A logger of the run."""
        return self._log

    @property
    def log_manager(self) -> Any:
        """The same as `log`."""
        return self.log

    def replace_config(
        self, config: Any, resource_def: "ResourceDefinition | None" = None
    ) -> "InitResourceContext":
        """The same context with other config, and for another resource where one is given."""
        return InitResourceContext(
            config,
            resource_def or self._resource_def,
            self.resources,
            self._run,
            self._instance,
            self._log,
            self.resource_key,
            self.nested,
            self.all_resource_defs,
        )
