"""Old keyword spellings that decorators still take: the one table, and the one warning."""

from collections.abc import Mapping
from typing import Any, Final

from treadle.core import late
from treadle.core.deprecation import tell_user

LEGACY_ARGUMENTS: Final[Mapping[str, str]] = {
    "non_argument_deps": "write `deps=[...]`",
    "auto_materialize_policy": "write `automation_condition=...`",
    "legacy_freshness_policy": "write `freshness_policy=...`",
    "freshness_policy_legacy": "write `freshness_policy=...`",
    "auto_observe_interval_minutes": "write `automation_condition=...`",
}

SILENT: Final = frozenset({"compute_kind", "allow_arbitrary_check_specs"})
"""Old spellings of which the peer says nothing at run time; a suite that makes warnings errors uses them."""


def take_legacy(decorator: str, given: dict[str, Any], accepted: frozenset[str]) -> dict[str, Any]:
    """The old arguments among `**kwargs`, announced by one DeprecationWarning, except those of `SILENT`.

    Args:
        decorator: its name, for the message.
        given: what came as `**kwargs`.
        accepted: the old spellings that this decorator takes.

    Raises:
        TypeError: a keyword that the decorator never had; names the nearest.
    """
    for name in given:
        if name not in accepted:
            raise TypeError(f"{decorator}() got an unexpected keyword argument '{name}'")
    used = [name for name, value in given.items() if value is not None and name not in SILENT]
    if used:
        advice = "; ".join(f"`{name}`: {LEGACY_ARGUMENTS[name]}" for name in used)
        tell_user(f"@{decorator} got an old spelling ({advice})")
    return given


def unexpected(decorator: str, name: str, known: frozenset[str]) -> TypeError:
    """The error for a keyword that no decorator of that name takes, with the nearest."""
    near = late.difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return TypeError(f"{decorator}() got an unexpected keyword argument '{name}'{hint}")
