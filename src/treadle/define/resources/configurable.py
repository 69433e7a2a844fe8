"""`ConfigurableResource`, `ConfigurableResourceFactory`, `ResourceDependency`. Imports pydantic."""

import contextlib
import typing
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import GeneratorType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Self

import pydantic
from pydantic_core import core_schema

from treadle.core.deprecation import deprecated
from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError, InvariantViolationError
from treadle.define.config.class_schema import (
    ClassShape,
    equals_default,
    field_default,
    is_resource_field,
    is_secret_field,
    schema_of_field,
)
from treadle.define.config.config_class import Config, class_problems, with_values
from treadle.define.config.environment import EnvVar, contains_env_var
from treadle.define.config.problems import ConfigProblems, Path
from treadle.define.config.scalars import INVALID, NOT_GIVEN, read_env_vars
from treadle.define.config.schema import Field, normalize_config_schema
from treadle.define.config.secrets import HIDDEN, looks_secret, remember_secret
from treadle.define.resources.annotations import TreatAsResourceParam
from treadle.define.resources.context import InitResourceContext
from treadle.define.resources.definition import (
    VALUE_FUNCTION,
    ResourceDefinition,
    coerce_resource,
    open_resource,
    opened,
)
from treadle.define.resources.opening import Opening, opening_order
from treadle.define.resources.told_config import told_fields

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", default=Any)
else:
    T = typing.TypeVar("T")


if TYPE_CHECKING:
    ResourceDependency = Annotated[T, "resource_dependency"]
else:

    class ResourceDependency(TreatAsResourceParam, Generic[T]):
        """`client: ResourceDependency[Client]`: a resource class's field that holds a resource of any kind.

        It is given a resource object, a definition made by `@resource`, or a plain object; once open it is
        the resource itself.
        """

        def __class_getitem__(cls, item: Any) -> Any:
            # The name of a class that comes later: whatever it is, the field takes it.
            return super().__class_getitem__(Any if isinstance(item, str) else item)

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
            return core_schema.any_schema()


class ConfigurableResourceFactory(TreatAsResourceParam, Config, Generic[T]):
    """Base of resource classes whose resource is another object, made by `create_resource`.

    Example:
        >>> class Database(ConfigurableResourceFactory[sqlite3.Connection]):
        ...     path: str
        ...     def create_resource(self, context):
        ...         return sqlite3.connect(self.path)
    """

    _context: Any = pydantic.PrivateAttr(default=None)
    _hidden_fields: frozenset[str] = pydantic.PrivateAttr(default=frozenset())

    def create_resource(self, context: InitResourceContext) -> T:
        """The resource that users get; may yield it, and clean up afterwards."""
        raise NotImplementedError(f"{type(self).__name__} must define `create_resource`")

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Called before the resource is used; may set private attributes."""

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """Called when the resource is no longer used, also after a failure."""

    @contextlib.contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[T]:
        """Set up, yield the resource, tear down. Override it in place of the two methods above."""
        self.setup_for_execution(context)
        try:
            made = self.create_resource(context)
            if isinstance(made, GeneratorType):
                with opened(made) as value:
                    yield value
            else:
                yield made
        finally:
            self.teardown_after_execution(context)

    @classmethod
    def configure_at_launch(cls, **kwargs: Any) -> Any:
        """A resource of this class whose other fields come from run config.

        Args:
            kwargs: fields that are known now.
        """
        return PartialResource(cls, kwargs)

    @classmethod
    def tears_down(cls) -> bool:
        """True for classes that define `yield_for_execution` or `teardown_after_execution`."""
        base = ConfigurableResourceFactory
        return (
            cls.yield_for_execution is not base.yield_for_execution
            or cls.teardown_after_execution is not base.teardown_after_execution
        )

    @classmethod
    def _is_dagster_maintained(cls) -> bool:
        """False for users' classes."""
        return False

    def get_resource_definition(self) -> "ConfigurableResourceDefinition":
        """Its definition, as `resources={…}` needs it."""
        return ConfigurableResourceDefinition(self, type(self), _given_values(self))

    def get_resource_context(self) -> InitResourceContext:
        """What it was set up with.

        Raises:
            InvariantViolationError: it is not set up.
        """
        if self._context is None:
            raise InvariantViolationError(
                f"{type(self).__name__} is not set up, so it has no context",
                hint="use it inside a run, or make it with `from_resource_context`",
            )
        context: InitResourceContext = self._context
        return context

    def with_replaced_resource_context(self, resource_context: InitResourceContext) -> Self:
        """A copy that has this context."""
        copied = self.model_copy()
        copied._context = resource_context
        return copied

    @deprecated("call `with_replaced_resource_context`", "with_resource_context")
    def with_resource_context(self, resource_context: InitResourceContext) -> Self:
        """The old name of `with_replaced_resource_context`."""
        return self.with_replaced_resource_context(resource_context)

    def process_config_and_initialize(self) -> Any:
        """The resource, ready to use outside of a run: variables read, nested resources ready, set up.

        It stays open until the process ends; `process_config_and_initialize_cm` tears it down.
        """
        opening, value = _open_alone(self)
        _kept_open.append(opening)
        return value

    @contextlib.contextmanager
    def process_config_and_initialize_cm(self) -> Iterator[Any]:
        """The same, torn down on leaving."""
        opening, value = _open_alone(self)
        try:
            yield value
        finally:
            opening.close()

    @classmethod
    def from_resource_context(
        cls, context: InitResourceContext, nested_resources: Mapping[str, Any] | None = None
    ) -> Any:
        """The resource, made from a context's config; for functions decorated with `@resource`.

        Args:
            context: its `resource_config` has the fields.
            nested_resources: field to opened resource.

        Raises:
            InvalidArgumentError: the class tears down, and nothing would here.
        """
        if cls.tears_down():
            raise InvalidArgumentError(
                f"`{cls.__name__}` tears down what it sets up, and nobody would say when",
                hint="use `with ….from_resource_context_cm(context) as resource:`, or yield from there",
            )
        return _enter_for_good(cls.from_resource_context_cm(context, nested_resources))

    @classmethod
    @contextlib.contextmanager
    def from_resource_context_cm(
        cls, context: InitResourceContext, nested_resources: Mapping[str, Any] | None = None
    ) -> Iterator[Any]:
        """The same, torn down on leaving."""
        made = with_values(cls, {**(context.resource_config or {}), **(nested_resources or {})})
        made._context = context
        with opened(made.yield_for_execution(context)) as value:
            yield value


class ConfigurableResource(ConfigurableResourceFactory[T], Generic[T]):
    """Base of resource classes: typed fields with defaults, used as they are.

    Example:
        >>> class Warehouse(ConfigurableResource):
        ...     url: str
        ...     timeout: int = 30
        >>> Warehouse(url=EnvVar("WAREHOUSE_URL"))
        Warehouse(url=EnvVar('WAREHOUSE_URL'), timeout=30)
    """

    def create_resource(self, context: InitResourceContext) -> Any:
        return self


class PartialResource(TreatAsResourceParam):
    """A resource class with some fields given; the others come from run config."""

    stands_in_for_field: ClassVar[bool] = True

    def __init__(
        self, resource_class: type[ConfigurableResourceFactory[Any]], data: Mapping[str, Any]
    ) -> None:
        unknown = sorted(set(data) - set(resource_class.model_fields))
        if unknown:
            raise InvalidDefinitionError(f"{resource_class.__name__} has no field `{unknown[0]}`")
        self.resource_class = resource_class
        self.data = dict(data)

    def get_resource_definition(self) -> "ConfigurableResourceDefinition":
        """Its definition, as `resources={…}` needs it."""
        return ConfigurableResourceDefinition(self, self.resource_class, self.data)

    def __repr__(self) -> str:
        return f"{self.resource_class.__name__}.configure_at_launch({', '.join(self.data)})"


class ConfigurableResourceDefinition(ResourceDefinition):
    """The definition of a resource object.

    Args:
        given: the object, or one whose fields are still open.
        resource_class: its class.
        values: the fields that were given.
    """

    def __init__(
        self, given: Any, resource_class: type[ConfigurableResourceFactory[Any]], values: Mapping[str, Any]
    ) -> None:
        self.given = given
        self.resource_class = resource_class
        self.values = values
        self.function = VALUE_FUNCTION
        self.required_resource_keys = frozenset()
        self.version = None
        self._schema: Field | None = None
        self._description: str | None = None
        self._configured = False

    @property
    def source(self) -> Any:
        return self.given

    @property
    def is_partial(self) -> bool:
        """True if fields come from run config."""
        return isinstance(self.given, PartialResource)

    @property
    def is_io_manager(self) -> bool:
        return bool(getattr(self.resource_class, "makes_io_manager", False))

    @cached_property
    def input_config_schema(self) -> Field | None:
        """What each input that it loads is configured with, where it is an IO manager that says so."""
        return self._schema_of_io("input_config_schema")

    @cached_property
    def output_config_schema(self) -> Field | None:
        """What each output that it stores is configured with, where it is an IO manager that says so."""
        return self._schema_of_io("output_config_schema")

    def _schema_of_io(self, name: str) -> Field | None:
        return normalize_config_schema(getattr(self.resource_class, name)()) if self.is_io_manager else None

    @property
    def nested(self) -> Mapping[str, Any]:
        return {
            name: self._current(name)
            for name, field in self.resource_class.model_fields.items()
            if is_resource_field(field) and is_resource_value(self._current(name))
        }

    @property
    def description(self) -> str | None:
        """The class's docstring, unless told otherwise."""
        return self._description or self.resource_class.__doc__

    @description.setter
    def description(self, text: str | None) -> None:
        self._description = text

    @property
    def config_schema(self) -> Field | None:
        """Its fields; those that were given have their values as defaults."""
        if self._schema is None:
            self._schema = Field(ClassShape(self._fields(), self._check, model=self.resource_class))
        return self._schema

    @config_schema.setter
    def config_schema(self, schema: Field | None) -> None:
        self._schema = schema
        self._configured = True

    def shown_config(self) -> Mapping[str, Any]:
        fields = self.resource_class.model_fields
        known = {name: self._current(name) for name, field in fields.items() if not is_resource_field(field)}
        secret = {name for name in known if is_secret_field(name, fields[name])}
        return {
            name: HIDDEN
            if name in secret and isinstance(value, str) and not isinstance(value, EnvVar)
            else value
            for name, value in known.items()
            if value is not NOT_GIVEN
        }

    @property
    def requires_config(self) -> bool:
        return (self.is_partial or self._configured) and super().requires_config

    def resolve_config(self, given: Any, path: Path, problems: ConfigProblems) -> Any:
        if given is NOT_GIVEN and not self.is_partial and not self._configured:
            return self._resolve_given(path, problems)
        schema = self.config_schema
        assert schema is not None
        return schema.resolve({} if given is NOT_GIVEN else given, path, problems)

    def told_config(self, config: Any) -> Any:
        if not isinstance(config, Mapping):
            return config
        return told_fields(self.resource_class, config)

    @contextlib.contextmanager
    def open(self, context: InitResourceContext) -> Iterator[Any]:
        resource = self._made(context.completed_config)
        for field, value in context.nested.items():
            resource.__dict__[field] = value
        resource._context = context
        resource._hidden_fields = frozenset(
            name for name, value in self.values.items() if contains_env_var(value)
        )
        with opened(resource.yield_for_execution(context)) as value:
            yield value

    def _made(self, config: Mapping[str, Any] | None) -> Any:
        fields = self.resource_class.model_fields
        by_key = {field.alias or name: field for name, field in fields.items()}
        values = {
            key: value
            for key, value in (config or {}).items()
            if key not in by_key or not equals_default(by_key[key], value)
        }
        return with_values(self.resource_class, {**self._resource_values(), **values})

    def _check(self, **config: Any) -> None:
        """Let the class look at completed config; resources that come later are stood in for."""
        missing = {
            name: _StandIn()
            for name, field in self.resource_class.model_fields.items()
            if is_resource_field(field) and field.is_required() and name not in self.values
        }
        with_values(self.resource_class, {**self._resource_values(), **missing, **config})

    def _resource_values(self) -> dict[str, Any]:
        """What was given that is no config: nested resources, and fields beyond the class's own."""
        fields = self.resource_class.model_fields
        return {
            name: value
            for name, value in self.values.items()
            if name not in fields or is_resource_field(fields[name])
        }

    def _current(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        return field_default(self.resource_class.model_fields[name])

    def _fields(self) -> dict[str, Field]:
        return {
            field.alias or name: schema_of_field(name, field, self.values.get(name, NOT_GIVEN))
            for name, field in self.resource_class.model_fields.items()
            if not is_resource_field(field)
        }

    def _resolve_given(self, path: Path, problems: ConfigProblems) -> Any:
        """The object's own values, with environment variables read."""
        before = len(problems)
        resolved = {}
        from_environment = False
        for name, field in self.resource_class.model_fields.items():
            if is_resource_field(field):
                continue
            key = field.alias or name
            value = self._current(name)
            if value is NOT_GIVEN:
                continue
            if contains_env_var(value):
                from_environment = True
                value = read_env_vars(value, (*path, key), problems)
            if looks_secret(name):
                remember_secret(value)
            resolved[key] = value
        if len(problems) > before:
            return INVALID
        if from_environment:
            try:
                self._made(resolved)
            except pydantic.ValidationError as error:
                problems.extend(class_problems(error, path))
                return INVALID
        return resolved

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        context = args[0] if args else kwargs.get("init_context") or InitResourceContext()
        return _enter_for_good(open_resource(self, context))

    def __repr__(self) -> str:
        return f"<resource {self.resource_class.__name__}>"


class _StandIn:
    stands_in_for_field = True


def is_resource_value(value: Any) -> bool:
    """True if a resource class's field holds something that has to be opened first."""
    return isinstance(value, ResourceDefinition | ConfigurableResourceFactory | PartialResource)


def _given_values(resource: Config) -> dict[str, Any]:
    """The fields that were given, by name."""
    extra = resource.model_extra or {}
    return {name: getattr(resource, name) for name in resource.model_fields_set if name not in extra} | extra


_kept_open: list[object] = []
"""What was opened with no way to close it: dropping it would tear the resource down under its user."""


def _enter_for_good(manager: contextlib.AbstractContextManager[Any]) -> Any:
    _kept_open.append(manager)
    return manager.__enter__()


def _open_alone(resource: ConfigurableResourceFactory[Any]) -> tuple[Opening, Any]:
    definition = coerce_resource(resource)
    name = type(resource).__name__
    opening = Opening({name: definition}, {}, None, None, None)
    try:
        for node in opening_order({name: definition}, [name]):
            opening.open(node)
    except BaseException:
        opening.close()
        raise
    return opening, opening.value(name)
