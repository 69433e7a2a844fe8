"""Joining what several `Definitions` were given."""

from collections.abc import Mapping, Sequence
from typing import Any

from treadle.core.errors import InvariantViolationError


def merged(sets: Sequence[Mapping[str, Any]], lists: Sequence[str]) -> dict[str, Any]:
    """The arguments of several `Definitions` as those of one.

    Args:
        sets: arguments by name.
        lists: names of the arguments that are lists.

    Raises:
        InvariantViolationError: one key with different values, or two executors.
    """
    joined: dict[str, Any] = {}
    for name in lists:
        given = [list(one[name]) for one in sets if one[name] is not None]
        joined[name] = _unique([each for some in given for each in some]) if given else None
    for name in ("resources", "loggers", "metadata"):
        joined[name] = _join_mappings(name, [one[name] for one in sets if one[name]])
    executors = _unique([one["executor"] for one in sets if one["executor"] is not None])
    if len(executors) > 1:
        raise InvariantViolationError(
            "two of the definitions name different executors.",
            code="mixed-definitions",
            hint="keep one of them",
        )
    joined["executor"] = executors[0] if executors else None
    joined["component_tree"] = next(
        (one["component_tree"] for one in sets if one.get("component_tree") is not None), None
    )
    joined["strict"] = any(one["strict"] for one in sets)
    return joined


def _unique(values: list[Any]) -> list[Any]:
    """Each object once."""
    return list({id(value): value for value in values}.values())


def _join_mappings(what: str, given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for mapping in given:
        for key, value in mapping.items():
            known = joined.setdefault(key, value)
            if known is not value and known != value:
                raise InvariantViolationError(
                    f"`{key}` stands in the {what} of two of the definitions, with different values.",
                    code="mixed-definitions",
                    hint=f"give one of them another key, or share one object: {type(known).__name__} and "
                    f"{type(value).__name__}",
                )
    return joined
