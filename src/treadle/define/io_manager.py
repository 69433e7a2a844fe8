"""Interfaces of IO managers, and definitions made from functions; those from classes: `io_manager_class`."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from treadle.define.config.schema import Field, normalize_config_schema
from treadle.define.resources.definition import ResourceDefinition, ResourceFn

if TYPE_CHECKING:
    from treadle.define.context.input_context import InputContext
    from treadle.define.context.output_context import OutputContext


class InputManager(ABC):
    """Loads inputs."""

    @abstractmethod
    def load_input(self, context: "InputContext") -> Any:
        """The value of an input."""


class IOManager(InputManager):
    """Stores outputs and loads them again as inputs.

    Example:
        >>> class Memory(IOManager):
        ...     def __init__(self):
        ...         self.values = {}
        ...     def handle_output(self, context, obj):
        ...         self.values[context.asset_key] = obj
        ...     def load_input(self, context):
        ...         return self.values[context.asset_key]
    """

    @abstractmethod
    def handle_output(self, context: "OutputContext", obj: Any) -> Any:
        """Store an output. May yield events and metadata."""

    @abstractmethod
    def load_input(self, context: "InputContext") -> Any:
        """The value that was stored."""


def manager_name(manager: Any) -> str:
    """What an IO manager is called in messages: the class that the user wrote, where another made the manager."""
    named = getattr(manager, "_io_manager_name", None)
    return named if isinstance(named, str) else type(manager).__name__


class IOManagerDefinition(ResourceDefinition):
    """How to make an IO manager.

    Args:
        resource_fn: takes an `InitResourceContext`, or annotated resources; returns or yields the manager.
        config_schema: schema of `context.resource_config`.
        description: for people.
        required_resource_keys: resources that it uses from `context.resources`.
        version: kept.
        input_config_schema: schema of config given to each input it loads.
        output_config_schema: schema of config given to each output it stores.
    """

    def __init__(
        self,
        resource_fn: ResourceFn,
        config_schema: Any = None,
        description: str | None = None,
        required_resource_keys: Iterable[str] | None = None,
        version: str | None = None,
        input_config_schema: Any = None,
        output_config_schema: Any = None,
    ) -> None:
        super().__init__(resource_fn, config_schema, description, required_resource_keys, version)
        self.input_config_schema: Field | None = normalize_config_schema(input_config_schema)
        self.output_config_schema: Field | None = normalize_config_schema(output_config_schema)

    @property
    def is_io_manager(self) -> bool:
        return True

    @property
    def keys_for_io(self) -> frozenset[str]:
        return self.required_resource_keys

    @staticmethod
    def hardcoded_io_manager(value: IOManager, description: str | None = None) -> "IOManagerDefinition":
        """A definition whose IO manager is this very object."""
        return ValueIOManager(value, description)


class ValueIOManager(IOManagerDefinition):
    """An IO manager that is an object which already exists."""

    def __init__(self, value: IOManager, description: str | None = None) -> None:
        self.value = value
        super().__init__(lambda: value, description=description)

    @property
    def source(self) -> Any:
        return self.value


class InputManagerDefinition(ResourceDefinition):
    """How to make an input manager: the function itself loads, with the input's context.

    Args:
        resource_fn: (InputContext) -> value.
        config_schema: schema of `context.resource_config`.
        description: for people.
        input_config_schema: schema of config given to each input.
        required_resource_keys: resources that it uses from `context.resources`.
        version: kept.
    """

    def __init__(
        self,
        resource_fn: Callable[..., Any],
        config_schema: Any = None,
        description: str | None = None,
        input_config_schema: Any = None,
        required_resource_keys: Iterable[str] | None = None,
        version: str | None = None,
    ) -> None:
        super().__init__(
            lambda: FunctionInputManager(resource_fn),
            config_schema,
            description,
            required_resource_keys,
            version,
        )
        self.load = resource_fn
        self.input_config_schema: Field | None = normalize_config_schema(input_config_schema)

    @property
    def keys_for_io(self) -> frozenset[str]:
        return self.required_resource_keys


class FunctionInputManager(InputManager):
    """An input manager that asks a function; the function may return another input manager."""

    def __init__(self, load: Callable[..., Any]) -> None:
        self._load = load

    def load_input(self, context: "InputContext") -> Any:
        loaded = self._load(context) if _takes_argument(self._load) else self._load()
        return loaded.load_input(context) if isinstance(loaded, InputManager) else loaded


def _takes_argument(function: Callable[..., Any]) -> bool:
    code = getattr(function, "__code__", None)
    return code is None or code.co_argcount > 0


def io_manager(
    config_schema: Any = None,
    description: str | None = None,
    output_config_schema: Any = None,
    input_config_schema: Any = None,
    required_resource_keys: Iterable[str] | None = None,
    version: str | None = None,
) -> Any:
    """Decorator: a function that makes an IO manager; parameters annotated with resource classes get those.

    Args:
        config_schema: schema of `context.resource_config`.
        description: for people; the function's docstring if not given.
        output_config_schema: schema of config given to each output.
        input_config_schema: schema of config given to each input.
        required_resource_keys: resources that it uses from `context.resources`.
        version: kept.

    Example:
        >>> @io_manager(config_schema={"path": str})
        ... def files(context):
        ...     return Files(context.resource_config["path"])
    """

    def decorate(function: ResourceFn) -> IOManagerDefinition:
        definition = IOManagerDefinition(
            function,
            None if function is config_schema else config_schema,
            description or function.__doc__,
            required_resource_keys,
            version,
            input_config_schema,
            output_config_schema,
        )
        return definition.named_after(function)

    return decorate(config_schema) if _is_bare(config_schema) else decorate


def input_manager(
    config_schema: Any = None,
    description: str | None = None,
    input_config_schema: Any = None,
    required_resource_keys: Iterable[str] | None = None,
    version: str | None = None,
) -> Any:
    """Decorator: a function (InputContext) -> value loads inputs.

    Args:
        config_schema: schema of `context.resource_config`.
        description: for people; the function's docstring if not given.
        input_config_schema: schema of `context.config`, given to each input.
        required_resource_keys: resources that it uses from `context.resources`.
        version: kept.
    """

    def decorate(function: Callable[..., Any]) -> InputManagerDefinition:
        definition = InputManagerDefinition(
            function,
            None if function is config_schema else config_schema,
            description or function.__doc__,
            input_config_schema,
            required_resource_keys,
            version,
        )
        return definition.named_after(function)

    return decorate(config_schema) if _is_bare(config_schema) else decorate


def _is_bare(given: Any) -> bool:
    """True if a decorator was written without parentheses, so that it was given the function itself."""
    return callable(given) and not isinstance(given, type)
