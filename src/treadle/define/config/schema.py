"""The schema language: types that check config, complete it with defaults and read environment variables.

Every type has one method, `resolve(value, path, problems)`: it returns the completed value, or reports each thing that is wrong
and returns `INVALID`. Plain Python stands for types where it can: `{"n": int}`, `[str]`, `{str: int}`, `dict`.
"""

import typing
from collections.abc import Mapping, Sequence
from typing import Any

from treadle.core.errors import InvalidConfigDefinitionError, shortened
from treadle.define.config.environment import EnvVar, contains_env_var
from treadle.define.config.markers import is_config_annotation
from treadle.define.config.problems import (
    ConfigErrorReason,
    ConfigProblems,
    Path,
    config_error,
    report_missing_fields,
    report_unknown_fields,
)
from treadle.define.config.scalars import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    INVALID,
    NOT_GIVEN,
    STRING,
    ConfigSchema,
    ConfigType,
    Scalar,
)
from treadle.define.config.secrets import remember_secret

_SCALARS: dict[Any, ConfigType] = {str: STRING, int: INT, float: FLOAT, bool: BOOL, Any: ANY}


class Noneable(ConfigType):
    """None, or a value of the inner type. A field of this type need not be given.

    Args:
        inner_type: any config schema.
    """

    def __init__(self, inner_type: Any) -> None:
        self.inner_type = to_config_type(inner_type)
        self.type_name = f"{self.inner_type.type_name} or None"

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        return None if value is None else self.inner_type.resolve(value, path, problems)

    def implied_default(self) -> Any:
        return None


class Array(ConfigType):
    """A list whose items all have one type.

    Args:
        inner_type: schema of an item.
    """

    def __init__(self, inner_type: Any) -> None:
        self.inner_type = to_config_type(inner_type)
        self.type_name = "a list"

    @property
    def description(self) -> str:  # type: ignore[override]
        """What it holds."""
        return f"List of {self.inner_type.type_name}"

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        if not isinstance(value, list | tuple):
            return self.mismatch(value, path, problems)
        resolved = [self.inner_type.resolve(item, (*path, at), problems) for at, item in enumerate(value)]
        return INVALID if any(item is INVALID for item in resolved) else resolved


class Map(ConfigType):
    """A dict from keys of one scalar type to values of one type.

    Args:
        key_type: `str`, `int`, `float` or `bool`.
        inner_type: schema of a value.
        key_label_name: what a key is called, for people.
    """

    key_label_name: str | None

    def __init__(self, key_type: Any, inner_type: Any, key_label_name: str | None = None) -> None:
        self.key_type = to_config_type(key_type)
        if not isinstance(self.key_type, Scalar):
            raise InvalidConfigDefinitionError(f"Map: a key must be a scalar type, got {key_type!r}")
        self.inner_type = to_config_type(inner_type)
        self.key_label_name = key_label_name
        self.type_name = "a map"

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        if not isinstance(value, Mapping):
            return self.mismatch(value, path, problems)
        before = len(problems)
        resolved = {}
        for key, item in value.items():
            key_of = self.key_type.resolve(key, (*path, {"map_key": key}), problems)
            item_of = self.inner_type.resolve(item, (*path, {"map_value": key}), problems)
            if key_of is not INVALID:
                resolved[key_of] = item_of
        return resolved if len(problems) == before else INVALID


class ScalarUnion(ConfigType):
    """A scalar, or something that is not one (a Shape, Selector, Map or Array).

    Args:
        scalar_type: `str`, `int`, `float` or `bool`.
        non_scalar_schema: schema of a value that is a dict or list.
    """

    def __init__(self, scalar_type: Any, non_scalar_schema: Any, _key: str | None = None) -> None:
        self.scalar_type = to_config_type(scalar_type)
        self.non_scalar_type = to_config_type(non_scalar_schema)
        if not isinstance(self.scalar_type, Scalar) or isinstance(self.non_scalar_type, Scalar):
            raise InvalidConfigDefinitionError("ScalarUnion takes a scalar type, and a schema that is none")
        self.key = _key
        self.type_name = f"{self.scalar_type.type_name} or {self.non_scalar_type.type_name}"

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        if isinstance(value, Mapping | list):
            return self.non_scalar_type.resolve(value, path, problems)
        if isinstance(value, EnvVar):
            return self.scalar_type.resolve(value, path, problems)
        before = ConfigProblems()
        resolved = self.scalar_type.resolve(value, path, before)
        return self.mismatch(value, path, problems) if before else resolved


class Field(ConfigSchema):
    """A schema with what belongs to its place: a default, whether it must be given, what it means.

    Args:
        config: any config schema.
        default_value: stands for a missing value.
        is_required: whether it must be given; by default, if it has no default.
        description: for people.
        is_secret: hide the value wherever it would be shown.

    Raises:
        InvalidConfigError: the default does not fit the schema.
    """

    is_required: bool
    is_secret: bool

    def __init__(
        self,
        config: Any,
        default_value: Any = NOT_GIVEN,
        is_required: bool | None = None,
        description: str | None = None,
        is_secret: bool = False,
    ) -> None:
        self.config_type = to_config_type(config)
        self.description = description
        self.is_secret = bool(is_secret)
        if default_value is not NOT_GIVEN and is_required:
            raise InvalidConfigDefinitionError("Field: a field with a default_value cannot be required")
        if default_value is not NOT_GIVEN and not contains_env_var(default_value):
            _check_default(self.config_type, default_value)
        if default_value is NOT_GIVEN and is_required is None:
            default_value = self.config_type.implied_default()
        self._default = default_value
        self.is_required = (default_value is NOT_GIVEN) if is_required is None else is_required

    @property
    def default_provided(self) -> bool:
        """True if a missing value has a stand-in."""
        return self._default is not NOT_GIVEN

    @property
    def default_value(self) -> Any:
        """What stands for a missing value.

        Raises:
            InvalidConfigDefinitionError: there is none.
        """
        if self._default is NOT_GIVEN:
            raise InvalidConfigDefinitionError("this field has no default_value")
        return self._default

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        """The completed value, or `INVALID`."""
        if not self.is_secret:
            return self.config_type.resolve(value, path, problems)
        found = ConfigProblems()
        resolved = self.config_type.resolve(value, path, found)
        remember_secret(resolved)
        for each in found:
            shows_value = each.reason is ConfigErrorReason.RUNTIME_TYPE_MISMATCH
            hidden = f"expected {self.config_type.type_name}; what came is secret"
            problems.report(each.path, each.reason, hidden if shows_value else each.message)
        return resolved

    def resolve_missing(self, path: Path, problems: ConfigProblems) -> Any:
        """The completed default; NOT_GIVEN where there is none."""
        return NOT_GIVEN if self._default is NOT_GIVEN else self.resolve(self._default, path, problems)

    def as_field(self) -> "Field":
        """Itself."""
        return self

    def __repr__(self) -> str:
        return f"Field({self.config_type!r}, is_required={self.is_required})"


def _check_default(config_type: ConfigType, value: Any) -> None:
    """Refuse a default that can never fit; variables that are not set are no matter yet."""
    problems = ConfigProblems()
    config_type.resolve(value, ("default_value",), problems)
    wrong = [each for each in problems if each.reason is not ConfigErrorReason.FAILED_POST_PROCESSING]
    if wrong:
        raise config_error("default_value of a Field", wrong, value)


class Shape(ConfigType):
    """A dict with known fields. A plain dict of schemas means the same.

    Args:
        fields: name to schema.
        description: for people.
        field_aliases: field name to the name it has in config.
    """

    type_name = "a dict"
    allows_more = False

    def __init__(
        self,
        fields: Mapping[str, Any],
        description: str | None = None,
        field_aliases: Mapping[str, str] | None = None,
    ) -> None:
        self.fields = to_fields(fields)
        self.description = description
        self.field_aliases = dict(field_aliases or {})

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        if not isinstance(value, Mapping):
            return self.mismatch(value, path, problems)
        before = len(problems)
        value = self._renamed(value, path, problems)
        if not self.allows_more:
            report_unknown_fields(value, self.fields, path, problems)
        missing = [name for name, field in self.fields.items() if name not in value and field.is_required]
        if missing:
            report_missing_fields(missing, path, problems)
        resolved = {}
        for name in sorted(self.fields):
            field = self.fields[name]
            at = (*path, name)
            if name in value:
                resolved[name] = field.resolve(value[name], at, problems)
            elif name not in missing and (default := field.resolve_missing(at, problems)) is not NOT_GIVEN:
                resolved[name] = default
        if self.allows_more:
            resolved |= {
                name: ANY.resolve(given, (*path, name), problems)
                for name, given in value.items()
                if name not in resolved
            }
        if len(problems) > before:
            right = {name: found for name, found in resolved.items() if found is not INVALID}
            self.check_rest(right, path, problems)
            return INVALID
        return {name: resolved[name] for name in [*self.fields, *resolved] if name in resolved}

    def check_rest(self, right: Mapping[str, Any], path: Path, problems: ConfigProblems) -> None:
        """Where something is wrong already: add what else is wrong with the fields that fit the shape."""

    def implied_default(self) -> Any:
        defaults = {name: field._default for name, field in self.fields.items() if field.default_provided}
        return NOT_GIVEN if any(field.is_required for field in self.fields.values()) else defaults

    def _renamed(self, value: Mapping[str, Any], path: Path, problems: ConfigProblems) -> Mapping[str, Any]:
        if not self.field_aliases:
            return value
        names = {alias: name for name, alias in self.field_aliases.items()}
        for alias, name in names.items():
            if alias in value and name in value:
                problems.report(
                    path,
                    ConfigErrorReason.FIELD_ALIAS_COLLISION,
                    f"`{name}` is given twice, also as `{alias}`",
                )
        return {names.get(key, key): item for key, item in value.items()}


class Permissive(Shape):
    """A dict with some known fields and any others.

    Args:
        fields: name to schema of the known ones.
        description: for people.
    """

    allows_more = True

    def __init__(self, fields: Mapping[str, Any] | None = None, description: str | None = None) -> None:
        super().__init__(fields or {}, description)


class Selector(ConfigType):
    """A dict with exactly one of the known fields.

    Args:
        fields: name to schema.
        description: for people.
    """

    def __init__(self, fields: Mapping[str, Any], description: str | None = None) -> None:
        self.fields = to_fields(fields)
        self.description = description
        self.type_name = "exactly one of " + ", ".join(self.fields)

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        if not isinstance(value, Mapping):
            return self.mismatch(value, path, problems)
        if not value and self.implied_default() is not NOT_GIVEN:
            name, field = next(iter(self.fields.items()))
            return {name: field.resolve_missing((*path, name), problems)}
        if len(value) != 1:
            given = ", ".join(map(str, value)) or "none"
            problems.report(
                path, ConfigErrorReason.SELECTOR_FIELD_ERROR, f"expected {self.type_name}, got {given}"
            )
            return INVALID
        [(name, inner)] = value.items()
        if name not in self.fields:
            report_unknown_fields(value, self.fields, path, problems)
            return INVALID
        field = self.fields[name]
        if inner is None and field.default_provided:
            inner = field.default_value
        resolved = field.resolve(inner, (*path, name), problems)
        return INVALID if resolved is INVALID else {name: resolved}

    def implied_default(self) -> Any:
        only = list(self.fields.values())
        return {} if len(only) == 1 and only[0].default_provided else NOT_GIVEN


def to_fields(fields: Mapping[str, Any]) -> dict[str, Field]:
    """Name to schema, each as a `Field`."""
    if not isinstance(fields, Mapping):
        raise InvalidConfigDefinitionError(f"fields must be a dict of name to schema, got {fields!r}")
    found = {}
    for name, schema in fields.items():
        if not isinstance(name, str):
            raise InvalidConfigDefinitionError(f"a field's name must be text, got {name!r}")
        found[name] = schema if isinstance(schema, Field) else Field(schema)
    return found


def to_config_type(schema: Any) -> ConfigType:
    """The config type that any accepted spelling stands for.

    Raises:
        InvalidConfigDefinitionError: it stands for none.
    """
    if isinstance(schema, ConfigType):
        return schema
    if isinstance(schema, Field):
        return schema.config_type
    if is_config_annotation(schema):
        shape: ConfigType = schema.to_config_schema()
        return shape
    if isinstance(schema, Mapping):
        if len(schema) == 1 and not isinstance(key := next(iter(schema)), str):
            return Map(key, schema[key])
        return Shape(schema)
    if isinstance(schema, list | tuple):
        if len(schema) != 1:
            raise InvalidConfigDefinitionError(f"a list schema must hold exactly one type, got {schema!r}")
        return Array(schema[0])
    try:
        if schema in _SCALARS:
            return _SCALARS[schema]
    except TypeError:
        pass
    if schema in (dict, Mapping, typing.Dict):  # noqa: UP006 - people write both
        return Permissive()
    if schema in (list, Sequence, typing.List):  # noqa: UP006
        return Array(ANY)
    return _from_generic(schema)


def _from_generic(schema: Any) -> ConfigType:
    origin, arguments = typing.get_origin(schema), typing.get_args(schema)
    if origin is list and arguments:
        return Array(arguments[0])
    if origin is dict and len(arguments) == 2:
        return Map(*arguments)
    if origin is typing.Union and len(arguments) == 2 and type(None) in arguments:
        return Noneable(next(each for each in arguments if each is not type(None)))
    raise InvalidConfigDefinitionError(
        f"{shortened(repr(schema))} is not a config schema",
        hint="give a Python type, a dict of names to schemas, a `Field`, or a type of the schema language",
    )


def normalize_config_schema(schema: Any) -> Field | None:
    """The schema as a `Field`; None stays None (no config is declared).

    Raises:
        InvalidConfigDefinitionError: it is not a schema.
    """
    if schema is None or isinstance(schema, Field):
        return schema
    return Field(schema)


def process_config(schema: Any, value: Any, subject: str = "config") -> Any:
    """The completed value.

    Raises:
        InvalidConfigError: with every path and reason.

    Example:
        >>> process_config({"n": int, "m": Field(str, default_value="x")}, {"n": 1})
        {'n': 1, 'm': 'x'}
    """
    field = normalize_config_schema(schema) or Field(ANY)
    problems = ConfigProblems()
    resolved = (
        field.resolve_missing((), problems) if value is NOT_GIVEN else field.resolve(value, (), problems)
    )
    problems.raise_any(subject, value)
    return resolved
