"""`.configured(…)`: what a definition with some of its config given still takes."""

from collections.abc import Callable
from typing import Any

from treadle.core.errors import (
    ConfigMappingFunctionError,
    InvalidArgumentError,
    InvalidConfigError,
    InvalidDefinitionError,
)
from treadle.define.config.configurable import Configurable
from treadle.define.config.markers import ConfigClassMark, is_config_annotation
from treadle.define.config.problems import ConfigProblems, Path
from treadle.define.config.scalars import ANY, INVALID, NOT_GIVEN
from treadle.define.config.schema import Field, Shape, normalize_config_schema
from treadle.define.parameters import raw_parameters


class ConfiguredField(Field):
    """A field whose value is mapped to another's: what the user gives becomes what the definition gets."""

    def __init__(self, outer: Field, inner: Field, mapping: Callable[[Any], Any], subject: str) -> None:
        default = outer.default_value if outer.default_provided else NOT_GIVEN
        super().__init__(outer.config_type, is_required=outer.is_required, description=outer.description)
        self._default = default
        self._inner = inner
        self._mapping = mapping
        self._subject = subject

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        given = super().resolve(value, path, problems)
        if given is INVALID:
            return INVALID
        try:
            mapped = self._mapping(given)
        except InvalidConfigError:
            raise
        except Exception as error:
            raise ConfigMappingFunctionError(
                f"the function that configures {self._subject} raised {type(error).__name__}"
            ) from error
        if isinstance(mapped, ConfigClassMark):
            mapped = mapped.to_config_value()
        return self._inner.resolve(mapped, path, problems)


def configured_field(
    given: Field | None, config_or_config_fn: Any, config_schema: Any, subject: str
) -> ConfiguredField:
    """The field of what users still have to give, once a definition is configured.

    Args:
        given: the definition's own field; None takes anything.
        config_or_config_fn: config, or a function that makes it.
        config_schema: schema of the function's argument.
        subject: what is configured, for messages.

    Raises:
        InvalidDefinitionError: a schema was given without a function, or with one whose argument has a config class.
    """
    inner = given or Field(ANY)
    if not callable(config_or_config_fn):
        if config_schema is not None:
            raise InvalidDefinitionError(
                f"configured {subject}: `config_schema` needs a function, config was given"
            )
        return ConfiguredField(
            Field(Shape({}), default_value={}), inner, _constant(config_or_config_fn), subject
        )
    config_class = config_class_of(
        config_or_config_fn, config_schema, f"the function that configures {subject}"
    )
    schema = config_schema if config_schema is not None else config_class
    outer = normalize_config_schema(schema) or Field(ANY, is_required=False, default_value={})
    return ConfiguredField(outer, inner, _with_config_class(config_or_config_fn, config_class), subject)


def _constant(config: Any) -> Callable[[Any], Any]:
    return lambda _: config


def config_class_of(function: Callable[..., Any], config_schema: Any, subject: str) -> Any:
    """The config class that a function's argument is annotated with; None if there is none.

    Raises:
        InvalidArgumentError: there is one and a schema too, or the function takes more than that.
    """
    parameters, _, _ = raw_parameters(function)
    found = [each.annotation for each in parameters if is_config_annotation(each.annotation)]
    if not found:
        return None
    if config_schema is not None:
        raise InvalidArgumentError(
            f"{subject} takes a `{found[0].__name__}`, which is its schema",
            hint="leave `config_schema` out",
        )
    if len(parameters) != 1:
        names = ", ".join(f"`{each.name}`" for each in parameters)
        raise InvalidArgumentError(f"{subject} should have one parameter, the config; it has {names}")
    return found[0]


def _with_config_class(function: Callable[..., Any], config_class: Any) -> Callable[[Any], Any]:
    if config_class is None:
        return function
    return lambda value: function(config_class(**value))


def configured(configurable: Any, config_schema: Any = None, **kwargs: Any) -> Callable[[Any], Any]:
    """Decorator: the function makes the config of `configurable`; the result takes its place and name.

    Args:
        configurable: a definition that takes config, or a resource class.
        config_schema: schema of the function's argument.
        kwargs: `name`, `description` of the new definition.

    Example:
        >>> from treadle import configured, resource
        >>> @resource(config_schema={"host": str, "port": int})
        ... def server(context):
        ...     return context.resource_config["host"]
        >>> @configured(server, config_schema={"port": int})
        ... def local_server(config):
        ...     return {"host": "localhost", "port": config["port"]}
    """
    if isinstance(configurable, type) and hasattr(configurable, "configure_at_launch"):
        configurable = configurable.configure_at_launch().get_resource_definition()
    if not isinstance(configurable, Configurable):
        raise InvalidDefinitionError(f"configured: {type(configurable).__name__} takes no config")

    def decorate(config_or_config_fn: Any) -> Any:
        named = dict(kwargs)
        if callable(config_or_config_fn) and hasattr(configurable, "name"):
            named.setdefault("name", config_or_config_fn.__name__)
        return configurable.configured(config_or_config_fn, config_schema=config_schema, **named)

    return decorate
