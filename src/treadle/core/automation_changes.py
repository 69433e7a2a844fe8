"""How an automation condition is changed below its root: the same tree, with other nodes in it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from treadle.core.automation_names import THROUGH_VIRTUAL
from treadle.core.selection.asset_selection import AssetSelection

if TYPE_CHECKING:
    from treadle.core.automation import AutomationCondition

_ABOUT_DEPS: Final = frozenset(("any_deps_match", "all_deps_match"))
_ABOUT_OTHERS: Final = _ABOUT_DEPS | {"any_checks_match", "all_checks_match"}


def with_children(
    condition: "AutomationCondition", change: "Callable[[AutomationCondition], AutomationCondition]"
) -> "AutomationCondition":
    """The condition with each of its children changed."""
    children = tuple(change(child) for child in condition.children)
    return condition if children == condition.children else condition._replace(children=children)


def filtered(condition: "AutomationCondition", verb: str, selection: Any) -> "AutomationCondition":
    """The condition with its outermost questions about dependencies or checks narrowed.

    Args:
        condition: to narrow.
        verb: `allow` or `ignore`.
        selection: of assets; added to what an earlier call gave.
    """
    if condition.operator not in _ABOUT_OTHERS:
        return with_children(condition, lambda child: filtered(child, verb, selection))
    before = condition.params.get(verb)
    if before is not None:
        selection = AssetSelection.from_coercible(selection) | AssetSelection.from_coercible(before)
    return condition._replace(params={**condition.params, verb: selection})


def asked_behind_virtual(condition: "AutomationCondition", value: bool) -> "AutomationCondition":
    """The condition with its outermost questions about dependencies asked behind virtual ones, or no longer."""
    if condition.operator not in _ABOUT_DEPS:
        return with_children(condition, lambda child: asked_behind_virtual(child, value))
    rest = {name: one for name, one in condition.params.items() if name != THROUGH_VIRTUAL}
    return condition._replace(params={**rest, THROUGH_VIRTUAL: True} if value else rest)
