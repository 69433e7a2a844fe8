"""ResourceDefinition, `@resource`, and how whatever is given as a resource becomes one."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, overload

from treadle.core.errors import InvalidDefinitionError, InvalidInvocationError
from treadle.define.arguments import check_keys
from treadle.define.config.configurable import Configurable
from treadle.define.config.problems import ConfigProblems, Path
from treadle.define.config.scalars import ANY, NOT_GIVEN, STRING
from treadle.define.config.schema import Field, normalize_config_schema
from treadle.define.doors import open_door
from treadle.define.resources.context import InitResourceContext
from treadle.define.resources.function import ResourceFunction

ResourceFn = Callable[..., Any]


class ResourceDefinition(Configurable):
    """How to make a resource: a function from a context to the value, or to a generator that yields it once.

    Args:
        resource_fn: takes an `InitResourceContext` (or nothing) and, as parameters annotated with resource
            classes,
            other resources.
        config_schema: schema of `context.resource_config`; without one any config is taken.
        description: for people.
        required_resource_keys: resources that it uses from `context.resources`.
        version: kept.
    """

    stands_in_for_field: ClassVar[bool] = True
    """A resource class's field may hold one in place of the resource itself."""
    description: str | None
    required_resource_keys: frozenset[str]
    version: str | None

    def __init__(
        self,
        resource_fn: ResourceFn,
        config_schema: Any = None,
        description: str | None = None,
        required_resource_keys: Iterable[str] | None = None,
        version: str | None = None,
    ) -> None:
        self.function = (
            resource_fn if isinstance(resource_fn, ResourceFunction) else ResourceFunction(resource_fn)
        )
        if config_schema is None and self.function.config_class is not None:
            config_schema = self.function.config_class
        self.config_schema = normalize_config_schema(config_schema)
        self.description = description
        self.required_resource_keys = (
            check_keys("required_resource_keys", required_resource_keys) | self.function.resource_keys
        )
        self.version = version

    @property
    def resource_fn(self) -> ResourceFn:
        """The function."""
        return self.function.fn

    @property
    def source(self) -> Any:
        """The object given by the user; resources are shared by its identity."""
        return self

    @property
    def nested(self) -> Mapping[str, Any]:
        """Resources that stand in fields of this one, by field name."""
        return {}

    @property
    def is_io_manager(self) -> bool:
        """True if it makes an IO manager."""
        return False

    @property
    def keys_for_io(self) -> frozenset[str]:
        """Resources that the contexts of an IO manager show it while it stores and loads."""
        return frozenset()

    def shown_config(self) -> Mapping[str, Any]:
        """The config that is known when definitions load, by field; variables not read."""
        return {}

    @property
    def requires_config(self) -> bool:
        """True if it cannot be opened without run config."""
        return self.config_schema is not None and self.config_schema.is_required

    def resolve_config(self, given: Any, path: Path, problems: ConfigProblems) -> Any:
        """Completed config; `given` is NOT_GIVEN where the run has none for it."""
        return resolve_against(self.config_schema, given, path, problems)

    def told_config(self, config: Any) -> Any:
        """Completed config as contexts tell it: what run config could have said, no objects; None without any."""
        return config if config or self.config_schema is not None else None

    def open(self, context: InitResourceContext) -> contextlib.AbstractContextManager[Any]:
        """The resource, set up on entering and torn down on leaving."""
        return opened(self.function(context))

    def copy_configured(self, name: str | None, description: str | None, config_schema: Field) -> Self:
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied.config_schema = config_schema
        copied.description = description or self.description
        copied.version = None  # the version is that of the function with all of its config open
        return copied

    def named_after(self, function: ResourceFn) -> Self:
        """Itself, with the function's name and docstring."""
        functools.update_wrapper(self, function, updated=())
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function directly, as in tests; it takes `build_init_resource_context()`, or nothing.

        Returns:
            What the function returns; where it yields, something for `with`.
        """
        known = {self.function.context_parameter, "context", "init_context"}
        if len(args) + len(kwargs) > 1 or not known >= kwargs.keys():
            raise InvalidInvocationError(
                f"resource `{self.function.name}` takes its context, and nothing else"
            )
        context = args[0] if args else next(iter(kwargs.values()), None)
        may_be_none = bool(args or kwargs) and not (self.requires_config or self.required_resource_keys)
        if context is None and may_be_none:
            context = open_door("build_init_resource_context")()
        if context is None and self.function.takes_context:
            raise InvalidInvocationError(
                f"resource `{self.function.name}` takes a context",
                hint="give it one made by `build_init_resource_context(config=…, resources=…)`",
            )
        if isinstance(context, InitResourceContext):
            problems = ConfigProblems()
            given = context.resource_config
            config = self.resolve_config(NOT_GIVEN if given is None else given, ("config",), problems)
            problems.raise_any(f"config of resource `{self.function.name}`", given)
            context = context.replace_config(config, self)
        made = self.function(context)
        return MadeByGenerator(made) if inspect.isgenerator(made) else made

    @staticmethod
    def hardcoded_resource(value: Any, description: str | None = None) -> "ResourceDefinition":
        """A resource that is this very object."""
        return ValueResource(value, description)

    @staticmethod
    def none_resource(description: str | None = None) -> "ResourceDefinition":
        """A resource that is None."""
        return ValueResource(None, description)

    @staticmethod
    def string_resource(description: str | None = None) -> "ResourceDefinition":
        """A resource that is the text given as its config."""
        return ResourceDefinition(lambda context: context.resource_config, STRING, description)

    @staticmethod
    def mock_resource(description: str | None = None) -> "ResourceDefinition":
        """A resource that is a `unittest.mock.MagicMock`, a new one for each run."""
        return ResourceDefinition(_make_mock, description=description)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.function.name}>"


class ValueResource(ResourceDefinition):
    """A resource that is an object which already exists. Opening it costs nothing."""

    def __init__(self, value: Any, description: str | None = None) -> None:
        self.value = value
        self.function = VALUE_FUNCTION
        self.config_schema = None
        self.description = description
        self.required_resource_keys = frozenset()
        self.version = None

    @property
    def source(self) -> Any:
        return self.value

    @property
    def is_io_manager(self) -> bool:
        return hasattr(self.value, "handle_output")

    def open(self, context: InitResourceContext) -> contextlib.AbstractContextManager[Any]:
        return contextlib.nullcontext(self.value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.value

    def __repr__(self) -> str:
        return f"<resource {type(self.value).__name__}>"


def _no_function() -> None:
    """Stands in for the function of a resource that has none."""


VALUE_FUNCTION = ResourceFunction(_no_function)


def _make_mock() -> Any:
    from unittest import mock  # noqa: PLC0415 - only where a mock is asked for

    return mock.MagicMock()


def resolve_against(schema: Field | None, given: Any, path: Path, problems: ConfigProblems) -> Any:
    """Completed config by a schema; without one, whatever was given."""
    if given is NOT_GIVEN:
        if schema is None:
            return {}
        completed = schema.resolve_missing(path, problems)
        if completed is not NOT_GIVEN:
            return completed
        if not schema.is_required:
            return {}
        given = {}
    return (schema or _ANY_FIELD).resolve(given, path, problems)


_ANY_FIELD = Field(ANY)


@contextlib.contextmanager
def _run_generator(generator: Iterator[Any]) -> Iterator[Any]:
    try:
        value = next(generator)
    except StopIteration:
        raise InvalidDefinitionError(
            "a resource's generator yielded nothing", hint="yield the resource once"
        ) from None
    try:
        yield value
    finally:
        remaining = next(generator, generator)
        if remaining is not generator:
            raise InvalidDefinitionError(
                "a resource's generator yielded twice", hint="yield the resource once"
            )


class MadeByGenerator(contextlib.AbstractContextManager[Any], contextlib.ContextDecorator):
    """What a direct call of a resource gives whose function yields: `with` sets it up and tears it down.

    Args:
        generator: what the function returned. Iterating goes over it.
    """

    def __init__(self, generator: Generator[Any, Any, Any]) -> None:
        self.generator = generator
        self._manager = contextlib.contextmanager(lambda: generator)()

    def __enter__(self) -> Any:
        return self._manager.__enter__()

    def __exit__(self, *error: Any) -> bool | None:
        return self._manager.__exit__(*error)

    def __iter__(self) -> Generator[Any, Any, Any]:
        return self.generator

    def __next__(self) -> Any:
        return next(self.generator)

    def close(self) -> None:
        """Tear it down, where iterating set it up."""
        self.generator.close()


def opened(made: Any) -> contextlib.AbstractContextManager[Any]:
    """What a resource's function returned, as something to enter."""
    if inspect.isgenerator(made):
        return _run_generator(made)
    if isinstance(made, contextlib.AbstractContextManager) and isinstance(made, contextlib.ContextDecorator):
        return made
    return contextlib.nullcontext(made)


def open_resource(
    definition: ResourceDefinition, init_context: InitResourceContext
) -> contextlib.AbstractContextManager[Any]:
    """A resource of any kind, set up on entering and torn down on leaving.

    Args:
        definition: how to make it.
        init_context: with completed config and the resources that it needs.
    """
    return definition.open(init_context)


def coerce_resource(value: Any) -> ResourceDefinition:
    """The definition of whatever is given in `resources={…}`: of any object at all."""
    if isinstance(value, ResourceDefinition):
        return value
    as_definition = getattr(type(value), "get_resource_definition", None)
    if as_definition is not None:
        definition: ResourceDefinition = as_definition(value)
        return definition
    return ValueResource(value)


def make_values_resource(**kwargs: Any) -> ResourceDefinition:
    """A resource whose config has these fields, each an entry and an attribute of the value.

    Args:
        kwargs: name to schema.

    Example:
        >>> settings = make_values_resource(region=str)
    """
    return ResourceDefinition(_values_from_config, kwargs or None)


def _values_from_config(context: InitResourceContext) -> Any:
    return Values(context.resource_config)


class Values(dict[str, Any]):
    """Config as a dictionary whose entries are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __repr__(self) -> str:
        return f"Values({', '.join(self)})"


@overload
def resource(config_schema: ResourceFn) -> ResourceDefinition: ...


@overload
def resource(
    config_schema: Any = None,
    description: str | None = None,
    required_resource_keys: Iterable[str] | None = None,
    version: str | None = None,
) -> Callable[[ResourceFn], ResourceDefinition]: ...


def resource(
    config_schema: Any = None,
    description: str | None = None,
    required_resource_keys: Iterable[str] | None = None,
    version: str | None = None,
) -> Any:
    """Decorator: a function that makes a resource; it may yield it once and clean up afterwards.

    Args:
        config_schema: schema of `context.resource_config`.
        description: for people; the function's docstring if not given.
        required_resource_keys: resources that it uses from `context.resources`.
        version: kept.

    Example:
        >>> @resource(config_schema={"path": str})
        ... def file(context):
        ...     with open(context.resource_config["path"]) as opened:
        ...         yield opened
    """
    if callable(config_schema) and not isinstance(config_schema, type):
        return ResourceDefinition(config_schema, description=config_schema.__doc__).named_after(config_schema)

    def decorate(function: ResourceFn) -> ResourceDefinition:
        definition = ResourceDefinition(
            function, config_schema, description or function.__doc__, required_resource_keys, version
        )
        return definition.named_after(function)

    return decorate
