"""Stand-ins for what cannot leave the process that holds the user's code."""

from typing import Any

from treadle.core.errors import shortened
from treadle.core.values import TupleValue, set_field


class Opaque(TupleValue):
    """An object that only the host has, as the wire carries it: its type's name and a short text."""

    __slots__ = ("text", "type")
    type: str
    text: str

    def __init__(self, type: str, text: str) -> None:
        set_field(self, "type", type)
        set_field(self, "text", text)


class UserCode(TupleValue):
    """A question that only user code can answer, as the catalog carries it.

    Args:
        kind: what it is: `partition_mapping`, `automation_condition`, `partitions_fn`, …
        id: names it within the catalog.
        label: for a person.
    """

    __slots__ = ("id", "kind", "label")
    kind: str
    id: str
    label: str

    def __init__(self, kind: str, id: str, label: str = "") -> None:
        set_field(self, "kind", kind)
        set_field(self, "id", id)
        set_field(self, "label", label)


def opaque(value: Any) -> Opaque:
    """The stand-in of any object."""
    if isinstance(value, Opaque):
        return value
    cls = type(value)
    name = getattr(value, "__qualname__", None) if callable(value) else None
    try:
        text = str(name or repr(value))
    except Exception:  # noqa: BLE001 - a user's repr may raise anything
        text = "..."
    return Opaque(f"{cls.__module__}.{cls.__qualname__}", shortened(text, 200))
