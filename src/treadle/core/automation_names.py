"""What nodes of automation conditions are called, apart from their labels."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_IN_CAPITALS: Final = frozenset(
    (
        "and", "or", "not", "since", "newly_true", "any_deps_match", "all_deps_match", "any_checks_match",
        "all_checks_match", "any_job_root_assets_match", "all_job_root_assets_match", "any_downstream_conditions",
    )
)  # fmt: skip
OF_ASSETS: Final = "of_assets"
"""The node that says in a result of which assets downstream a condition is; nothing evaluates it."""
THROUGH_VIRTUAL: Final = "resolves_virtual_deps"
"""The argument of a question about dependencies that looks behind virtual ones."""
_FLAGS: Final = ("blocking_only", THROUGH_VIRTUAL)
_COMBINED: Final = {"and": " & ", "or": " | "}
_FRESHNESS: Final = {"freshness_passed": "PASS", "freshness_warned": "WARN", "freshness_failed": "FAIL"}
_SHOWN_AS: Final = {
    "allow": "allow_selection",
    "ignore": "ignore_selection",
    "lookback_delta": "lookback_timedelta",
}
_DESCRIPTIONS: Final = {
    "and": "All of",
    "or": "Any of",
    "not": "Not",
    "will_be_requested": "Asked for on this tick",
    "any_downstream_conditions": "What any asset downstream waits for",
}


def name_of(operator: str, params: Mapping[str, Any]) -> str:
    """The name of a node, as the peer gives it: what is about other conditions in capitals, arguments by name.

    Args:
        operator: of the node.
        params: its arguments.
    """
    if operator == OF_ASSETS:
        return ", ".join(params["assets"])
    if operator == "asset_matches":
        return str(params["key"].to_user_string())
    if operator in _FRESHNESS:
        return f"freshness_result(state=FreshnessState.{_FRESHNESS[operator]})"
    in_capitals = operator in _IN_CAPITALS
    in_order = sorted(params.items(), key=lambda one: one[0] == "ignore")
    told = [f"{_SHOWN_AS.get(name, name)}={_shown(value)}" for name, value in in_order if value]
    arguments = ("," if in_capitals else ", ").join(told)
    name = operator.upper() if in_capitals else operator
    return f"{name}({arguments})" if arguments else name


def title_of(operator: str, params: Mapping[str, Any]) -> str:
    """An operator with its arguments, short."""
    if operator == OF_ASSETS:
        return ", ".join(params["assets"])
    told = [str(value) for name, value in params.items() if name not in _FLAGS]
    told += [flag for flag in _FLAGS if params.get(flag)]
    return f"{operator}({', '.join(told)})" if told else operator


def expression_of(operator: str, params: Mapping[str, Any], shown: Sequence[str]) -> str:
    """A node as an expression of its parts.

    Args:
        operator: of the node.
        params: its arguments.
        shown: its parts as text.
    """
    if operator in _COMBINED:
        return f"({_COMBINED[operator].join(shown)})"
    if operator == "not":
        return f"~{shown[0]}"
    if operator == "since":
        return f"({shown[0]} since {shown[1]})"
    arguments = [*shown, *(f"{name}={value}" for name, value in params.items())]
    return f"{operator}({', '.join(arguments)})"


def description_of(operator: str, params: Mapping[str, Any]) -> str:
    """A few words on a node; empty where its name says it.

    Args:
        operator: of the node.
        params: its arguments.
    """
    if operator != "in_latest_time_window":
        return _DESCRIPTIONS.get(operator, "")
    lookback = params.get("lookback_delta")
    return (
        "In the latest time window"
        if lookback is None
        else f"At most {lookback} before the latest window's end"
    )


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{text}" for key, text in sorted(value.items())) + "}"
    if isinstance(value, (tuple, frozenset, set)):
        return "{" + ",".join(sorted(value)) + "}"
    return str(value)
