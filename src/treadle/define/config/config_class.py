"""`Config` and `PermissiveConfig`: config as pydantic classes. Importing this module imports pydantic."""

import enum
import importlib
import re
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

import pydantic
from pydantic.fields import FieldInfo

from treadle.core.deprecation import warn_caller
from treadle.core.errors import (
    ConfigArgumentWarning,
    InvalidDefinitionError,
    InvalidInvocationError,
    did_you_mean,
)
from treadle.define.config.class_schema import (
    ClassShape,
    allows_none,
    are_equal,
    discriminated_classes,
    enum_class_of,
    equals_default,
    is_secret_field,
    schema_of_class,
)
from treadle.define.config.environment import EnvVar, contains_env_var
from treadle.define.config.markers import ConfigClassMark
from treadle.define.config.problems import (
    ConfigErrorReason,
    ConfigProblem,
    ConfigProblems,
    Path,
    config_error,
)
from treadle.define.config.scalars import INVALID, NOT_GIVEN, read_env_vars
from treadle.define.config.schema import Field, Shape
from treadle.define.config.secrets import HIDDEN, redact

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass as _Metaclass
else:
    _Metaclass = type(pydantic.BaseModel)


@dataclass_transform(kw_only_default=True, field_specifiers=(pydantic.Field, pydantic.PrivateAttr))
class ConfigMeta(_Metaclass):
    """Lets every field hold an EnvVar, or another stand-in, in place of its value until that is known."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> Any:
        # Validators run in the order in which they were defined, the last outermost: this one, added last
        # under a name
        # of its own, sees a stand-in before any validator of the user's does.
        fields = _fields_that_take_stand_ins(namespace)
        if fields:
            key = f"_pass_stand_ins_{namespace.get('__module__', '')}_{name}".replace(".", "_")
            namespace[key] = pydantic.field_validator(*fields, mode="wrap", check_fields=False)(
                _pass_stand_ins
            )
        made: Any = super().__new__(mcs, name, bases, namespace, **kwargs)
        for field in fields:
            if isinstance(namespace.get(field), Field):
                made.field_of_another_kind = field
        return made


def _fields_that_take_stand_ins(namespace: Mapping[str, Any]) -> list[str]:
    """Fields annotated in a class body; no literals, for pydantic keeps a union's discriminators bare."""
    annotations = namespace.get("__annotations__")
    if annotations is None and (annotate := namespace.get("__annotate_func__")) is not None:
        lazily = importlib.import_module("annotationlib")  # from Python 3.14 on
        annotations = lazily.call_annotate_function(annotate, lazily.Format.STRING)
    return [
        name
        for name, annotation in (annotations or {}).items()
        if not name.startswith("_")
        and not _NO_STAND_IN.match(getattr(annotation, "__name__", "") or str(annotation))
    ]


_NO_STAND_IN = re.compile(r"(typing\.|t\.)?(Literal|ClassVar)\b")


def _pass_stand_ins(value: Any, validate: pydantic.ValidatorFunctionWrapHandler) -> Any:
    if getattr(type(value), "stands_in_for_field", False) or contains_env_var(value):
        return value
    return validate(value)


class Config(ConfigClassMark, pydantic.BaseModel, metaclass=ConfigMeta):
    """Base of config classes: typed fields with defaults, filled from run config; not changed once made.

    Example:
        >>> class Load(Config):
        ...     table: str
        ...     limit: int = 100
        >>> Load(table="orders").limit
        100
    """

    model_config = pydantic.ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
    )
    allows_more_fields: ClassVar[bool] = False
    field_of_another_kind: ClassVar[str | None] = None
    """A field whose default was written with the `Field` of the schema language."""

    def __init__(self, **config_dict: Any) -> None:
        if self.field_of_another_kind is not None:
            _refuse_field(type(self))
        _warn_of_unknown(type(self), config_dict)
        super().__init__(**_prepared(type(self), config_dict))

    @classmethod
    def to_config_schema(cls) -> Shape:
        """The same as a schema of the schema language.

        Raises:
            InvalidConfigDefinitionError: a field that no config can fill.
        """
        if cls.field_of_another_kind is not None:
            _refuse_field(cls)
        if not cls.__pydantic_complete__:
            cls.model_rebuild()
        return schema_of_class(cls, allows_more=cls.allows_more_fields)

    @classmethod
    def from_config_value(cls, value: Mapping[str, Any] | None, path: Path = ()) -> Self:
        """An object from a completed piece of run config.

        Args:
            value: what `ResolvedConfig` has for it; None means nothing was given.
            path: where it stood, for errors.

        Raises:
            InvalidConfigError: the class's own validators refuse it; has every path.
        """
        schema = cls.to_config_schema()
        if value and isinstance(schema, ClassShape):
            value = schema.beyond_defaults(value)
        try:
            return cls(**(value or {}))
        except pydantic.ValidationError as error:
            raise config_error(f"config for `{cls.__name__}`", class_problems(error, path), value) from None

    @classmethod
    def to_fields_dict(cls) -> dict[str, Any]:
        """Its fields in the schema language, by the name they have in config."""
        return dict(cls.to_config_schema().fields)

    def to_config_value(self) -> dict[str, Any]:
        """What run config would say to make this object, defaults too; a None that is the default is left out."""
        return _told_beside(self, None)

    _convert_to_config_dictionary = to_config_value

    def with_variables_read(self, path: Path, problems: list[ConfigProblem]) -> Any:
        """The same object with the values of environment variables in their place.

        Returns INVALID, with each problem added, where one is not set or does not fit.
        """
        found = ConfigProblems()
        values = {name: read_env_vars(value, (*path, name), found) for name, value in vars(self).items()}
        if not found:
            try:
                return with_values(type(self), values | (self.model_extra or {}))
            except pydantic.ValidationError as error:
                found.extend(class_problems(error, path))
        problems.extend(found)
        return INVALID

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and (
            self.model_config.get("frozen") or name not in type(self).model_fields
        ):
            raise InvalidInvocationError(
                f"`{type(self).__name__}.{name}` cannot be set: config and resources do not change once made",
                hint="keep state in a private attribute (`_name: … = PrivateAttr()`) or in a client object",
            )
        super().__setattr__(name, value)

    def __repr_args__(self) -> Any:
        for name, value in super().__repr_args__():
            yield name, _shown(self, name, value)


Config.__init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


class PermissiveConfig(Config):
    """A config class that takes fields beyond its own; they are attributes too."""

    model_config = pydantic.ConfigDict(extra="allow")
    allows_more_fields: ClassVar[bool] = True


def build_config(config_class: type[Config], value: Mapping[str, Any] | None, path: Path = ()) -> Config:
    """A config object from a completed piece of run config.

    Args:
        config_class: the parameter's annotation.
        value: what `ResolvedConfig` has for it.
        path: where it stood, for errors.

    Raises:
        InvalidConfigError: the class's own validators refuse it; has every path.
    """
    return config_class.from_config_value(value, path)


def class_problems(error: pydantic.ValidationError, path: Path) -> list[ConfigProblem]:
    """Each error of a pydantic class as a problem at its path; without the values, which may be secret."""
    reasons = {
        "missing": ConfigErrorReason.MISSING_REQUIRED_FIELD,
        "extra_forbidden": ConfigErrorReason.FIELD_NOT_DEFINED,
    }
    return [
        ConfigProblem(
            (*path, *each["loc"]),
            reasons.get(each["type"], ConfigErrorReason.FAILED_POST_PROCESSING),
            redact(each["msg"].removeprefix("Value error, ")),
        )
        for each in error.errors(include_url=False, include_input=False)
    ]


def _refuse_field(config_class: type[Config]) -> None:
    raise InvalidDefinitionError(
        f"`{config_class.__name__}.{config_class.field_of_another_kind}` is written with the `Field` of `config_schema`, "
        "and config classes take pydantic's",
        hint="write `pydantic.Field(...)`",
    )


def _warn_of_unknown(config_class: type[Config], given: Mapping[str, Any]) -> None:
    if config_class.model_config.get("extra") != "ignore":
        return
    fields = config_class.model_fields
    if given.keys() <= fields.keys() or any(
        field.validation_alias not in (None, field.alias) for field in fields.values()
    ):
        return
    known = {*fields, *(field.alias for field in fields.values() if field.alias)}
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known)
            warn_caller(
                f"`{config_class.__name__}` has no field `{name}`, so what it was given is not used"
                f"{f' ({hint})' if hint else ''}",
                ConfigArgumentWarning,
            )


def _prepared(config_class: type[Config], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, with run config's spellings turned into what pydantic reads."""
    fields = config_class.model_fields
    by_alias = {field.alias: name for name, field in fields.items() if field.alias}
    prepared = {}
    for key, value in given.items():
        field = fields.get(by_alias.get(key, key))
        prepared[key] = value if field is None else _prepared_value(field, value)
    for name, field in fields.items():
        if (
            field.is_required()
            and name not in given
            and field.alias not in given
            and allows_none(field.annotation)
        ):
            prepared[field.alias or name] = None
    return {
        key: value
        for key, value in prepared.items()
        if not (value is None and _means_default(fields.get(by_alias.get(key, key))))
    }


def _means_default(field: FieldInfo | None) -> bool:
    """True if nothing (None) in config for this field can only mean its default."""
    return field is not None and not field.is_required() and not allows_none(field.annotation)


def _prepared_value(field: FieldInfo, value: Any) -> Any:
    if (
        isinstance(field.discriminator, str)
        and isinstance(value, Mapping)
        and field.discriminator not in value
    ):
        by_value = discriminated_classes(field)
        if len(value) == 1 and (chosen := next(iter(value))) in by_value:
            return by_value[chosen](**{**(value[chosen] or {}), field.discriminator: chosen})
    enum_class = enum_class_of(field.annotation)
    if enum_class is not None and isinstance(value, str) and value in enum_class.__members__:
        return enum_class[value]
    return _prepared_within(field.annotation, value)


def _prepared_within(annotation: Any, value: Any) -> Any:
    """The same in config classes that stand in a field's type: pydantic fills these without their `__init__`."""
    if isinstance(annotation, type) and isinstance(value, Mapping) and issubclass(annotation, Config):
        return _prepared(annotation, value)
    arguments = [each for each in typing.get_args(annotation) if each is not type(None)]
    if not arguments or isinstance(value, str | Config):
        return value
    origin = typing.get_origin(annotation)
    if origin is list and isinstance(value, list):
        return [_prepared_within(arguments[0], each) for each in value]
    if origin is dict and isinstance(value, dict):
        return {key: _prepared_within(arguments[-1], each) for key, each in value.items()}
    return _prepared_within(arguments[0], value) if len(arguments) == 1 and origin is not list else value


def _can_be_told(field: FieldInfo, told: Any) -> bool:
    """True for a default that run config says in so many words: no None, no secret, nothing that YAML lacks."""
    return told is not None and not is_secret_field("", field) and _is_plain(told)


def _is_plain(told: Any) -> bool:
    if isinstance(told, dict):
        return all(isinstance(key, str | int) and _is_plain(item) for key, item in told.items())
    if isinstance(told, list):
        return all(_is_plain(item) for item in told)
    return told is None or type(told) in (str, int, float, bool)


def _told_beside(config: Config, default: Any) -> dict[str, Any]:
    """What run config says of an object where another is the default, in whose place the class's own defaults stand."""
    values = {}
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        told = _config_value(value, field)
        missing = getattr(default, name, NOT_GIVEN)
        is_default = equals_default(field, value) if missing is NOT_GIVEN else are_equal(missing, value)
        if (missing is NOT_GIVEN and field.is_required()) or not is_default or _can_be_told(field, told):
            values[field.alias or name] = told
    return values | {name: _config_value(value, None) for name, value in (config.model_extra or {}).items()}


def _config_value(value: Any, field: FieldInfo | None) -> Any:
    if isinstance(value, Config):
        if field is None:
            return value.to_config_value()
        if isinstance(field.discriminator, str):
            inner = value.to_config_value()
            inner.pop(field.discriminator, None)
            return {getattr(value, field.discriminator): inner}
        return (
            _told_beside(value, field.default)
            if isinstance(field.default, Config)
            else value.to_config_value()
        )
    if isinstance(value, EnvVar):
        return {"env": value.env_var_name}
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, pydantic.SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {key: _config_value(item, None) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_config_value(item, None) for item in value]
    return value


def _shown(owner: Any, name: str | None, value: Any) -> Any:
    if isinstance(value, EnvVar | Config) or value is None or name is None:
        return value
    hidden = getattr(owner, "_hidden_fields", ())
    field = type(owner).model_fields.get(name)
    if name in hidden or (isinstance(value, str) and field is not None and is_secret_field(name, field)):
        return HIDDEN
    return redact(value) if isinstance(value, str) else value


def with_values(config_class: type[Any], values: Mapping[str, Any]) -> Any:
    """An object of the class from values, past any `__init__` that a user's class has of its own."""
    made = object.__new__(config_class)
    Config.__init__(made, **values)
    return made
