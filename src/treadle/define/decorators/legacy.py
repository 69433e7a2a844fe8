"""Old keyword spellings that decorators still take: the one table, and the one warning."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from treadle.core.deprecation import tell_user
from treadle.core.errors import argument_names, unknown_argument

LEGACY_ARGUMENTS: Final[Mapping[str, str]] = {
    "non_argument_deps": "write `deps=[...]`",
    "auto_materialize_policy": "write `automation_condition=...`",
    "legacy_freshness_policy": "write `freshness_policy=...`",
    "freshness_policy_legacy": "write `freshness_policy=...`",
    "auto_observe_interval_minutes": "write `automation_condition=...`",
}

SILENT: Final = frozenset({"compute_kind", "allow_arbitrary_check_specs"})
"""Old spellings of which the peer says nothing at run time; a suite that makes warnings errors uses them."""


def take_legacy(
    decorator: Callable[..., Any], given: dict[str, Any], accepted: frozenset[str]
) -> dict[str, Any]:
    """The old arguments among `**kwargs`, announced by one DeprecationWarning, except those of `SILENT`.

    Args:
        decorator: the function that got them.
        given: what came as `**kwargs`.
        accepted: the old spellings that this decorator takes.

    Raises:
        UnknownArgumentError: a keyword that the decorator never had (also a TypeError); names the nearest.
    """
    for name in given:
        if name not in accepted:
            raise unknown_argument(name, argument_names(decorator), f"@{decorator.__name__}")
    used = [name for name, value in given.items() if value is not None and name not in SILENT]
    if used:
        advice = "; ".join(f"`{name}`: {LEGACY_ARGUMENTS[name]}" for name in used)
        tell_user(f"@{decorator.__name__} got an old spelling ({advice})")
    return given
