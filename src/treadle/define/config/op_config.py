"""What config an op takes, as a field: told by the annotation and default of its function's parameter."""

from inspect import cleandoc
from typing import Any

from treadle.core.errors import InvalidConfigDefinitionError
from treadle.define.config.markers import ConfigClassMark, is_config_annotation
from treadle.define.config.scalars import NOT_GIVEN, SOURCES
from treadle.define.config.schema import Field, normalize_config_schema


def op_config_field(annotation: Any, default: Any = NOT_GIVEN) -> Field | None:
    """The field of a config parameter; None where anything is taken.

    Args:
        annotation: of the parameter.
        default: of the parameter.
    """
    try:
        schema = SOURCES.get(annotation, annotation)
    except TypeError:  # a schema that is a dict or list, where there is no annotation
        schema = annotation
    if schema is None or isinstance(schema, Field):
        return normalize_config_schema(schema)
    description = cleandoc(schema.__doc__ or "") if is_config_annotation(schema) else None
    if default is NOT_GIVEN:
        return Field(schema, description=description or None)
    if not isinstance(default, ConfigClassMark):
        return Field(schema, default_value=default, description=description or None)
    told = default.to_config_value()
    if is_config_annotation(schema):
        schema = schema.to_config_schema().with_defaults_of(default)
    return Field(schema, default_value=told, description=description or None)


def check_config_annotation(annotation: Any, op: str, where: str | None) -> None:
    """Refuse a class that no run config can make.

    Raises:
        InvalidConfigDefinitionError: it is no config class, and no plain type.
        InvalidDefinitionError: it is a config class with fields that are none.
    """
    if is_config_annotation(annotation):
        annotation.to_config_schema()
        return
    try:
        normalize_config_schema(annotation)
    except InvalidConfigDefinitionError:
        pass
    else:
        return
    kind = "a pydantic model" if hasattr(annotation, "model_fields") else "no config class"
    raise InvalidConfigDefinitionError(
        f"`{op}` takes its config as `{getattr(annotation, '__name__', annotation)}`, which is {kind}.",
        hint="derive the class from `Config`, or annotate with `str`, `int`, `float`, `bool`, `dict` or `list`",
        where=where,
    )
