"""Config classes in terms of the schema language."""

import enum
import functools
import inspect
import types
import typing
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from typing import Any, Literal

import pydantic
from pydantic.fields import FieldInfo

from treadle.core.errors import InvalidConfigDefinitionError
from treadle.define.config.enums import Enum, EnumValue
from treadle.define.config.environment import contains_env_var
from treadle.define.config.markers import ConfigClassMark
from treadle.define.config.problems import ConfigErrorReason, ConfigProblems, Path
from treadle.define.config.scalars import (
    ANY,
    INVALID,
    NOT_GIVEN,
    SOURCES,
    ConfigType,
    StringSource,
)
from treadle.define.config.schema import (
    Array,
    Field,
    Map,
    Noneable,
    Permissive,
    Selector,
    Shape,
)
from treadle.define.config.secrets import looks_secret
from treadle.define.resources.annotations import TreatAsResourceParam, is_resource_annotation

_being_built: ContextVar[frozenset[Any]] = ContextVar("_being_built", default=frozenset())
"""Classes whose shapes are being made, each inside of the one before."""


class ClassShape(Shape):
    """The shape of a config class; what fits the shape is then checked by the class itself.

    Args:
        fields: name to schema.
        config_class: what is called with the values.
        allows_more: whether fields beyond these are taken.
        own_defaults: names of fields whose defaults `config_class` fills in by itself.
        model: the class whose validators these are, where `config_class` is a function.
    """

    def __init__(
        self,
        fields: Mapping[str, Any],
        config_class: Any,
        allows_more: bool = False,
        own_defaults: Collection[str] = (),
        model: Any = None,
    ) -> None:
        super().__init__(fields, config_class.__doc__)
        self.model = config_class if model is None else model
        self.config_class = config_class
        self.allows_more = allows_more
        self.own_defaults = own_defaults

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        resolved = super().resolve(value, path, problems)
        if resolved is INVALID:
            return INVALID
        try:
            self.config_class(**self.beyond_defaults(resolved))
        except pydantic.ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                _report(each, path, problems)
            return INVALID
        return resolved

    def check_rest(self, right: Mapping[str, Any], path: Path, problems: ConfigProblems) -> None:
        """Add what the class says of single fields; what it says of several may follow from those that are wrong."""
        try:
            self.config_class(**self.beyond_defaults(right))
        except pydantic.ValidationError as error:
            linked = _fields_that_look_at_others(self.model)
            for each in error.errors(include_url=False, include_input=False):
                if each["loc"] and each["loc"][0] in right and each["loc"][0] not in linked:
                    _report(each, path, problems)
        except Exception:  # noqa: BLE001 - validators of the user may count on the fields that are wrong
            return

    def with_defaults_of(self, given: Any) -> "ClassShape":
        """The same shape where what is missing is as in an object of the class, at any depth.

        Args:
            given: the object; fields that it lacks keep their own defaults.
        """
        fields, own_defaults = dict(self.fields), set(self.own_defaults)
        for name, field in type(given).model_fields.items():
            key = field.alias or name
            if key not in fields:
                continue
            value = getattr(given, name)
            fields[key] = schema_of_field(name, field, value)
            if contains_env_var(value) or not equals_default(field, value):
                own_defaults.discard(key)
        return ClassShape(fields, self.config_class, self.allows_more, own_defaults, self.model)

    def beyond_defaults(self, resolved: Mapping[str, Any]) -> dict[str, Any]:
        """The values without those that the class fills in: its validators are for what was given, as in pydantic."""
        return {
            name: _given_within(self.fields[name].config_type, value) if name in self.fields else value
            for name, value in resolved.items()
            if name not in self.own_defaults or not _is_default(self.fields[name], value)
        }


def _report(error: Any, path: Path, problems: ConfigProblems) -> None:
    """Add one of pydantic's errors."""
    message = error["msg"].removeprefix("Value error, ")
    problems.report((*path, *error["loc"]), ConfigErrorReason.FAILED_POST_PROCESSING, message)


@functools.cache
def _fields_that_look_at_others(config_class: Any) -> frozenset[str]:
    """Names in config of the fields with a validator that is given the other fields, in `info.data`."""
    fields: Mapping[str, FieldInfo] = config_class.model_fields
    found: set[str] = set()
    for decorator in config_class.__pydantic_decorators__.field_validators.values():
        of_one = 2 if decorator.info.mode == "wrap" else 1
        if len(inspect.signature(decorator.func).parameters) > of_one:
            found |= fields.keys() if "*" in decorator.info.fields else set(decorator.info.fields)
    return frozenset(fields[name].alias or name for name in found if name in fields)


def _given_within(kind: ConfigType, value: Any) -> Any:
    """A field's value without what config classes inside of it fill in."""
    match kind, value:
        case Noneable(), _:
            return _given_within(kind.inner_type, value)
        case ClassShape(), Mapping():
            return kind.beyond_defaults(value)
        case Array(), list():
            return [_given_within(kind.inner_type, each) for each in value]
        case Map(), dict():
            return {key: _given_within(kind.inner_type, each) for key, each in value.items()}
        case Selector(), Mapping() if len(value) == 1 and (chosen := next(iter(value))) in kind.fields:
            return {chosen: _given_within(kind.fields[chosen].config_type, value[chosen])}
    return value


def _is_default(field: Field, completed: Any) -> bool:
    """Whether a completed value is the one that stands for a missing one."""
    default = field.resolve_missing((), ConfigProblems())
    return type(default) is type(completed) and bool(default == completed)


@functools.cache
def schema_of_class(config_class: Any, allows_more: bool = False) -> Shape:
    """The shape of a config class, by the names that its fields have in config."""
    token = _being_built.set(_being_built.get() | {config_class})
    try:
        _refuse_unfillable(config_class)
        return ClassShape(
            fields_of_class(config_class), config_class, allows_more, fields_with_default(config_class)
        )
    finally:
        _being_built.reset(token)


def check_config_class(config_class: Any, where: str | None) -> None:
    """Refuse a config class of an op with a field that only an object in Python could fill.

    Raises:
        InvalidConfigDefinitionError: names the field.
    """
    if not config_class.__pydantic_complete__:  # names that it waits for; looked at when config is given
        return
    try:
        _refuse_unfillable(config_class)
    except InvalidConfigDefinitionError as error:
        error.where = error.where or where
        raise


@functools.cache
def _refuse_unfillable(config_class: Any) -> None:
    """Refuse a field that only an object in Python could fill; resources may be given such objects."""
    waiting, seen = [config_class], set()
    while waiting:
        each = waiting.pop()
        if each in seen or issubclass(each, TreatAsResourceParam):
            continue
        seen.add(each)
        for name, field in each.model_fields.items():
            kind = field.annotation
            if not field.is_required() or not isinstance(kind, type) or kind in SOURCES:
                continue
            if issubclass(kind, ConfigClassMark):
                waiting.append(kind)
            elif _is_told_by_objects_alone(field.annotation):
                raise InvalidConfigDefinitionError(
                    f"no run config can fill `{each.__name__}.{name}`: it takes a `{kind.__name__}`",
                    hint="give the field a plain type, a config class, or a default",
                )


@functools.cache
def _is_told_by_objects_alone(kind: Any) -> bool:
    """True for a class that pydantic makes of nothing but its own objects."""
    try:
        pydantic.TypeAdapter(kind)
    except pydantic.errors.PydanticSchemaGenerationError:
        return type_of_annotation(kind) is ANY
    except pydantic.PydanticUserError:
        return False
    return False


def fields_of_class(config_class: Any) -> dict[str, Field]:
    """A config class's fields, but not those that hold resources."""
    return {
        field.alias or name: schema_of_field(name, field)
        for name, field in config_class.model_fields.items()
        if not is_resource_field(field)
    }


def fields_with_default(config_class: Any) -> frozenset[str]:
    """A config class's fields that it fills in by itself, by the names that they have in config.

    Not those whose default is an environment variable: it is read where config is, not by the class.
    """
    fields: Mapping[str, FieldInfo] = config_class.model_fields
    return frozenset(
        field.alias or name
        for name, field in fields.items()
        if not field.is_required() and not contains_env_var(field_default(field))
    )


def is_resource_field(field: FieldInfo) -> bool:
    """True if the field holds a resource, not config."""
    return is_resource_annotation(field.annotation) or any(
        is_resource_annotation(each) or getattr(each, "marks_resource", False) for each in field.metadata
    )


def schema_of_field(name: str, field: FieldInfo, default: Any = NOT_GIVEN) -> Field:
    """One field, with its default, or the given one."""
    config_type = _field_type(field)
    if default is NOT_GIVEN:
        default = field_default(field)
    if default is NOT_GIVEN and not field.is_required():
        return Field(Noneable(config_type), is_required=False, description=field.description)
    if default is NOT_GIVEN:
        optional = allows_none(field.annotation)
        return Field(
            config_type,
            None if optional else NOT_GIVEN,
            description=field.description,
            is_secret=is_secret_field(name, field),
        )
    if isinstance(default, ConfigClassMark) and field.default_factory is None:
        config_type = _completed_by(config_type, default)
    # Nothing (None) for a field with a default means the default.
    made = Field(
        config_type if isinstance(config_type, Noneable) else Noneable(config_type),
        is_required=False,
        description=field.description,
        is_secret=is_secret_field(name, field),
    )
    made._default = _config_default(default, field)
    if (
        isinstance(config_type, ClassShape)
        and isinstance(made._default, dict)
        and not config_type.allows_more
    ):
        # An object of a subclass may have more fields than the declared class, which makes the object anew.
        made._default = {name: told for name, told in made._default.items() if name in config_type.fields}
    return made


def field_default(field: FieldInfo) -> Any:
    """A field's default; NOT_GIVEN where it has none, or one that is made from the other fields."""
    if field.is_required() or getattr(field, "default_factory_takes_validated_data", False):
        return NOT_GIVEN
    return field.default_factory() if field.default_factory is not None else field.get_default()  # type: ignore[call-arg]


def _completed_by(config_type: ConfigType, default: Any) -> ConfigType:
    """A config class's type where parts that are not given are those of the field's default object."""
    if isinstance(config_type, Noneable):
        return Noneable(_completed_by(config_type.inner_type, default))
    return config_type.with_defaults_of(default) if isinstance(config_type, ClassShape) else config_type


def equals_default(field: FieldInfo, value: Any) -> bool:
    """True if the field would have this value anyway."""
    default = field_default(field)
    return default is not NOT_GIVEN and are_equal(default, value)


def are_equal(one: Any, other: Any) -> bool:
    """Whether two values of a field are the same."""
    if type(one) is not type(other):
        return False
    if one is other:
        return True
    try:
        return bool(one == other)
    except (TypeError, ValueError):  # arrays and data frames do not compare to one truth value
        return False


def _config_default(default: Any, field: FieldInfo) -> Any:
    if isinstance(default, ConfigClassMark):
        inner = default.to_config_value()
        if isinstance(field.discriminator, str):
            inner.pop(field.discriminator, None)
            return {getattr(default, field.discriminator): inner}
        return inner
    if isinstance(default, enum.Enum):
        return default.name
    if isinstance(default, pydantic.SecretStr):
        return default.get_secret_value()
    if isinstance(default, list | tuple | set | frozenset):
        return [_config_default(each, field) for each in default]
    if isinstance(default, dict):
        return {key: _config_default(each, field) for key, each in default.items()}
    return default


def _field_type(field: FieldInfo) -> ConfigType:
    if isinstance(field.discriminator, str):
        classes = discriminated_classes(field)
        selector = Selector(
            {
                value: ClassShape(
                    {
                        key: inner
                        for key, inner in fields_of_class(each).items()
                        if key != field.discriminator
                    },
                    functools.partial(each, **{field.discriminator: value}),
                    each.allows_more_fields,
                    fields_with_default(each),
                    each,
                )
                for value, each in classes.items()
            }
        )
        return Noneable(selector) if allows_none(field.annotation) else selector
    return type_of_annotation(field.annotation)


def type_of_annotation(annotation: Any) -> ConfigType:
    """The config type of a field's annotation; `ANY` where only pydantic can tell."""
    if annotation in SOURCES:
        return SOURCES[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return type_of_annotation(arguments[0])
    if isinstance(annotation, type) and origin is None:
        return _type_of_class(annotation)
    if origin is typing.Union or origin is types.UnionType:
        rest = [each for each in arguments if each is not type(None)]
        inner = type_of_annotation(rest[0]) if len(rest) == 1 else ANY
        return Noneable(inner) if len(rest) < len(arguments) else inner
    if origin is Literal and all(isinstance(each, str) for each in arguments):
        return Enum("-".join(arguments), [EnumValue(each) for each in arguments])
    if origin in (list, set, frozenset) and len(arguments) == 1:
        return Array(type_of_annotation(arguments[0]))
    if origin is dict and arguments[0] in (str, int):
        return Map(arguments[0], type_of_annotation(arguments[1]))
    return ANY


def _type_of_class(annotation: Any) -> ConfigType:
    if issubclass(annotation, ConfigClassMark):
        return _shape_within(annotation)
    if issubclass(annotation, enum.Enum):
        return Enum.from_python_enum_direct_values(annotation)
    if issubclass(annotation, pydantic.SecretStr):
        return StringSource
    bare: dict[Any, ConfigType] = {dict: Permissive(), list: Array(ANY)}
    return bare.get(annotation, ANY)


def _shape_within(config_class: Any) -> ConfigType:
    """The shape of a class used as a field's type; a class inside itself is left to pydantic."""
    if config_class in _being_built.get():
        return ANY
    schema: Shape = config_class.to_config_schema()
    return schema


def allows_none(annotation: Any) -> bool:
    """True if None is a value that the annotation names, or if it says nothing."""
    if annotation is Any or annotation is None or annotation is type(None):
        return True
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return allows_none(typing.get_args(annotation)[0])
    if origin is typing.Union or origin is types.UnionType:
        return any(allows_none(each) for each in typing.get_args(annotation))
    return origin is Literal and None in typing.get_args(annotation)


def enum_class_of(annotation: Any) -> Any:
    """The enum class that an annotation names, also as `Optional`; else None."""
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return annotation
    found: list[Any] = [enum_class_of(each) for each in typing.get_args(annotation) if each is not type(None)]
    return found[0] if len(found) == 1 else None


def discriminated_classes(field: FieldInfo) -> dict[str, Any]:
    """Value of the discriminator to class, for a field that is a union of config classes."""
    found: dict[str, Any] = {}
    for each in typing.get_args(field.annotation):
        if isinstance(each, type) and issubclass(each, pydantic.BaseModel):
            literal = each.model_fields[str(field.discriminator)].annotation
            found |= {value: each for value in typing.get_args(literal)}
    return found


def is_secret_field(name: str, field: FieldInfo) -> bool:
    """True if the field's value must not be shown."""
    extra = field.json_schema_extra
    said = isinstance(extra, dict) and bool(extra.get("dagster__is_secret") or extra.get("secret"))
    secret_type = any(
        each is pydantic.SecretStr for each in (field.annotation, *typing.get_args(field.annotation))
    )
    return said or secret_type or looks_secret(name)
