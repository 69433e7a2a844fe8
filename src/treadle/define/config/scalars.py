"""The base of the schema language: single values, environment variables in their place, what is wrong."""

from collections.abc import Mapping
from typing import Any, Final

from treadle.core.errors import shortened
from treadle.define.config.environment import EnvVar, contains_env_var
from treadle.define.config.markers import ConfigClassMark
from treadle.define.config.problems import ConfigErrorReason, ConfigProblems, Path
from treadle.define.config.secrets import looks_secret


class _Invalid:
    __slots__ = ()

    def __repr__(self) -> str:
        return "INVALID"


INVALID: Any = _Invalid()
"""Stands for a value that was reported as wrong."""

NOT_GIVEN: Any = type("_NotGiven", (), {"__slots__": (), "__repr__": lambda self: "<not given>"})()
"""Stands for a default that was not given."""


class ConfigSchema:
    """Base of what may be given as `config_schema`, besides Python types, dicts, and lists of one type."""

    description: str | None = None


class ConfigType(ConfigSchema):
    """Base of all config types."""

    type_name = "config"

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        """The completed value, or `INVALID` with every mistake in it reported."""
        raise NotImplementedError

    def implied_default(self) -> Any:
        """What stands for a missing value where no default was given; NOT_GIVEN if the value is required."""
        return NOT_GIVEN

    def mismatch(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        """Report a value of the wrong type."""
        problems.report(
            path,
            ConfigErrorReason.RUNTIME_TYPE_MISMATCH,
            f"expected {self.type_name}, got {shown(value, path)}",
        )
        return INVALID

    def __repr__(self) -> str:
        return self.type_name


def shown(value: Any, path: Path) -> str:
    """A refused value for a message; without its content where it is large or its field looks secret."""
    if value is None:
        return "nothing (None)"
    kind = type(value).__name__
    named = next((part for part in reversed(path) if isinstance(part, str)), "")
    if isinstance(value, Mapping | list | tuple) or looks_secret(named):
        return f"a {kind}"
    return f"{shortened(repr(value))} ({kind})"


class AnyType(ConfigType):
    """Takes anything."""

    type_name = "anything"

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        return read_env_vars(value, path, problems) if contains_env_var(value) else value


class Scalar(ConfigType):
    """A single value of one Python type."""

    def __init__(self, python_type: type, type_name: str) -> None:
        self.python_type = python_type
        self.type_name = type_name

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        if isinstance(value, EnvVar):
            value = read_env_vars(value, path, problems)
            if value is INVALID:
                return INVALID
        wanted = self.python_type
        if wanted is float and type(value) is int:
            return float(value)
        if isinstance(value, wanted) and not (wanted is int and isinstance(value, bool)):
            return value
        return self.mismatch(value, path, problems)


STRING = Scalar(str, "text")
INT = Scalar(int, "an integer")
FLOAT = Scalar(float, "a number")
BOOL = Scalar(bool, "true or false")
ANY = AnyType()


class Source(ConfigType):
    """A scalar, or `{"env": "NAME"}`: the value of an environment variable."""

    def __init__(self, scalar: Scalar, name: str) -> None:
        self.scalar = scalar
        self.name = name
        self.type_name = f'{scalar.type_name} or {{"env": …}}'

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        if isinstance(value, Mapping):
            if set(value) != {"env"} or not isinstance(value["env"], str):
                return self.mismatch(value, path, problems)
            value = EnvVar(str.__str__(value["env"]))
        if not isinstance(value, EnvVar):
            return self.scalar.resolve(value, path, problems)
        text = read_env_vars(value, path, problems)
        if text is INVALID or not isinstance(text, str):
            return text
        try:
            return _FROM_TEXT[self.scalar.python_type](text)
        except ValueError:
            problems.report(
                path,
                ConfigErrorReason.FAILED_POST_PROCESSING,
                f"environment variable `{value.env_var_name}` is not {self.scalar.type_name}",
            )
            return INVALID


def _bool_from_text(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False, "": False}[text.strip().lower()]


def _checked_bool(text: str) -> bool:
    try:
        return _bool_from_text(text)
    except KeyError:
        raise ValueError("not a boolean") from None


_FROM_TEXT: dict[type, Any] = {str: str, int: int, float: float, bool: _checked_bool}
StringSource = Source(STRING, "StringSource")
IntSource = Source(INT, "IntSource")
FloatSource = Source(FLOAT, "FloatSource")
BoolSource = Source(BOOL, "BoolSource")

SOURCES: Final[Mapping[Any, ConfigType]] = {
    str: StringSource,
    int: IntSource,
    float: FloatSource,
    bool: BoolSource,
}
"""What an annotation of a Python scalar stands for where values may come from the environment."""


def read_env_vars(value: Any, path: Path, problems: ConfigProblems) -> Any:
    """The value with each EnvVar in it replaced by what it reads; each that is not set is reported."""
    if isinstance(value, EnvVar):
        try:
            return value.read()
        except Exception as error:  # noqa: BLE001 - unset or unfit: both are one reported problem
            problems.report(
                path, ConfigErrorReason.FAILED_POST_PROCESSING, getattr(error, "message", str(error))
            )
            return INVALID
    if isinstance(value, Mapping):
        return {name: read_env_vars(item, (*path, name), problems) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [read_env_vars(item, (*path, at), problems) for at, item in enumerate(value)]
    if isinstance(value, ConfigClassMark) and contains_env_var(value):
        return value.with_variables_read(path, problems)
    return value
