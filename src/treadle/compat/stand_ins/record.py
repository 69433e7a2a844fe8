"""`dagster._record`: classes that are values."""

import dataclasses
from typing import Any, TypeVar

T = TypeVar("T")


class IHaveNew:
    """A base for records with a `__new__` of their own. It adds nothing here."""


def record(cls: Any = None, *, checked: bool = True, kw_only: bool = True) -> Any:
    """A frozen dataclass of the class's annotations. Values are not checked."""
    if cls is None:
        return lambda decorated: record(decorated, checked=checked, kw_only=kw_only)
    return dataclasses.dataclass(frozen=True, kw_only=kw_only)(cls)


record_custom = record


def replace(value: T, **changes: Any) -> T:
    """A copy with other values."""
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]


copy = replace


def as_dict(value: Any) -> dict[str, Any]:
    """Field names to values, not recursively."""
    return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
