"""The parts of an automation condition by the peer's names, which differ with what the node is."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from treadle.core.automation import AutomationCondition


def _first(condition: "AutomationCondition") -> Any:
    return condition.children[0]


_ALL: Final[Mapping[str, Callable[["AutomationCondition"], Any]]] = {
    "operands": lambda condition: list(condition.children)
}
_ONLY: Final = {"operand": _first}
_PARTS: Final[Mapping[str, Mapping[str, Callable[["AutomationCondition"], Any]]]] = {
    "and": _ALL,
    "or": _ALL,
    "not": _ONLY,
    "newly_true": _ONLY,
    "any_deps_match": _ONLY,
    "all_deps_match": _ONLY,
    "any_checks_match": _ONLY,
    "all_checks_match": _ONLY,
    "since": {"trigger_condition": _first, "reset_condition": lambda condition: condition.children[1]},
}
_NAMES: Final = frozenset(name for parts in _PARTS.values() for name in parts)


def part_called(condition: "AutomationCondition", name: str) -> Any:
    """A part of a condition by its name.

    Raises:
        AttributeError: such a condition has none of this name.
    """
    part = _PARTS.get(condition.operator, {}).get(name) if name in _NAMES else None
    if part is None:
        raise AttributeError(f"{type(condition).__name__!r} object has no attribute {name!r}")
    return part(condition)
