"""Environment variables as config values: named when definitions load, read only when used."""

import os
from collections.abc import Callable
from typing import Any

from treadle.core.errors import InvariantViolationError
from treadle.define.config.markers import ConfigClassMark
from treadle.define.config.secrets import remember_by_name
from treadle.define.resources.annotations import TreatAsResourceParam

_NOT_GIVEN: Any = object()


class MissingEnvVarError(InvariantViolationError):
    """An environment variable that config asks for is not set. Names the variable, never a value."""

    default_code = "missing-env-var"


class EnvVarNotReadError(InvariantViolationError, RuntimeError):
    """The text of an `EnvVar` was asked for, which is known only once it is read."""


class EnvVar(str):
    """The value of an environment variable, read when it is used and not when definitions load.

    Args:
        value: name of the variable.

    Example:
        >>> EnvVar("WAREHOUSE_URL")
        EnvVar('WAREHOUSE_URL')
    """

    __slots__ = ()
    _convert: Callable[[str], object] = str
    _type_name = "text"

    @classmethod
    def int(cls, name: str) -> Any:
        """A variable whose text is read as an integer; it may stand where an `int` is expected."""
        return IntEnvVar(name)

    @property
    def env_var_name(self) -> str:
        """The variable's name."""
        return str.__str__(self)

    def get_value(self, default: Any = _NOT_GIVEN) -> Any:
        """The variable's value now; `default` (None if not given) where it is not set."""
        found = os.environ.get(self.env_var_name)
        if found is None:
            return None if default is _NOT_GIVEN else default
        remember_by_name(self.env_var_name, found)
        return self._converted(found)

    def read(self) -> Any:
        """The variable's value now.

        Raises:
            MissingEnvVarError: it is not set, or its text does not fit.
        """
        if self.env_var_name not in os.environ:
            raise missing_env_var(self.env_var_name)
        return self.get_value()

    def _converted(self, text: str) -> Any:
        try:
            return type(self)._convert(text)
        except ValueError:
            raise MissingEnvVarError(
                f"environment variable `{self.env_var_name}` is not {self._type_name}", code="invalid-env-var"
            ) from None

    def __str__(self) -> str:
        raise self._not_read()

    def _not_read(self) -> EnvVarNotReadError:
        return EnvVarNotReadError(
            f"`{self!r}` stands for a value that is read only when it is used",
            hint=f"call `.get_value()` on it, or read `os.environ[{self.env_var_name!r}]` here",
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.env_var_name!r})"

    def __hash__(self) -> Any:
        return hash((type(self), str.__str__(self)))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.env_var_name,))


class IntEnvVar(EnvVar):
    """An environment variable whose text is read as an integer; made by `EnvVar.int(name)`."""

    __slots__ = ()
    _convert = int
    _type_name = "an integer"

    def __int__(self) -> Any:
        raise self._not_read()


def missing_env_var(name: str) -> MissingEnvVarError:
    """The error for a variable that is not set."""
    return MissingEnvVarError(
        f"environment variable `{name}` is not set",
        hint=f"set `{name}` in the environment, or in a `.env` file beside the project",
    )


def contains_env_var(value: object) -> bool:
    """True if the value is an EnvVar, or a list, dict or config object that holds one at any depth.

    A resource object is not looked into: it is opened, and its variables read, by itself.
    """
    if isinstance(value, EnvVar):
        return True
    if isinstance(value, dict):
        return any(contains_env_var(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(contains_env_var(each) for each in value)
    if isinstance(value, ConfigClassMark) and not isinstance(value, TreatAsResourceParam):
        return any(contains_env_var(each) for each in vars(value).values())
    return False
