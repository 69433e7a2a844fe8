"""What every template may use: `env`, `dg`, `datetime`, and `automation_condition` for older files."""

import datetime
import importlib
import os
from typing import Any, Final

from treadle.components.resolution.errors import ResolutionError
from treadle.core.errors import did_you_mean

_ABSENT: Final = object()


class EnvScope:
    """`env.NAME` is None where the variable is not set; `env("NAME")` must be set or have a default."""

    def __call__(self, name: str, default: Any = _ABSENT) -> Any:
        value = os.environ.get(name)
        if value is not None:
            return value
        if default is _ABSENT:
            raise ResolutionError.one(
                f"environment variable `{name}` is not set",
                code="missing-env-var",
                hint=f"set it, or give a default: `env('{name}', 'default')`",
            )
        return default

    def __getattr__(self, name: str) -> str | None:
        if name.startswith("__") or name.startswith("jinja"):
            raise AttributeError(name)
        return os.environ.get(name)


class PublicNames:
    """`dg.…`: every public name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(importlib.import_module("treadle"), name)

    def __dir__(self) -> list[str]:
        return list(importlib.import_module("treadle").__all__)


class DatetimeScope:
    """`datetime.…`: `datetime`, `date`, `time`, `timedelta` and `timezone`."""

    _names = ("date", "datetime", "time", "timedelta", "timezone")

    def __getattr__(self, name: str) -> Any:
        if name not in type(self)._names:
            raise AttributeError(did_you_mean(name, type(self)._names) or name)
        return getattr(datetime, name)


class AutomationConditionScope:
    """`automation_condition.eager()` and its like: the older spelling of `dg.AutomationCondition.eager()`."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(importlib.import_module("treadle").AutomationCondition, name)

    def __dir__(self) -> list[str]:
        return dir(importlib.import_module("treadle").AutomationCondition)


def default_scope() -> dict[str, Any]:
    """The names that every template may use."""
    return {
        "env": EnvScope(),
        "dg": PublicNames(),
        "datetime": DatetimeScope(),
        "automation_condition": AutomationConditionScope(),
    }
