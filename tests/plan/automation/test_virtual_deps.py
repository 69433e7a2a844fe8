"""Questions about dependencies that are asked of what is behind virtual assets."""

from collections.abc import Sequence
from typing import Any

import pytest

import treadle as dg
from tests.plan.automation.making import report

A = dg.AutomationCondition
DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-05")
LEAF = dg.AssetKey("leaf")


def a_view_of_a_view(condition: Any, partitions: Any = None) -> dg.Definitions:
    """base → view → view_of_view → leaf, the two in the middle virtual."""

    @dg.asset(partitions_def=partitions)
    def base() -> None: ...

    @dg.asset(deps=[base], is_virtual=True, partitions_def=partitions)
    def view() -> None: ...

    @dg.asset(deps=[view], is_virtual=True, partitions_def=partitions)
    def view_of_view() -> None: ...

    @dg.asset(deps=[view_of_view], automation_condition=condition, partitions_def=partitions)
    def leaf() -> None: ...

    return dg.Definitions(assets=[base, view, view_of_view, leaf])


def asked_after(
    instance: Any, defs: dg.Definitions, updates: Sequence[str], partition: Any = None
) -> list[set[Any]]:
    """What is asked of the leaf at first, and after each update."""
    result = dg.evaluate_automation_conditions(defs, instance)
    found = [set(result.get_requested_partitions(LEAF))]
    for key in updates:
        report(instance, key, partition)
        result = dg.evaluate_automation_conditions(defs, instance, cursor=result.cursor)
        found.append(set(result.get_requested_partitions(LEAF)))
    return found


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (A.any_deps_updated(), [set(), {None}, set(), {None}]),
        (A.all_deps_match(A.newly_updated()), [set(), {None}, set(), {None}]),
        (A.any_deps_missing(), [{None}, set(), set(), set()]),
    ],
)
def test_what_is_behind_a_virtual_asset_counts_and_the_asset_itself_does_not(
    instance: Any, condition: Any, expected: Any
) -> None:
    defs = a_view_of_a_view(condition.resolve_through_virtual())
    assert asked_after(instance, defs, ["base", "view_of_view", "base"]) == expected


def test_without_it_the_virtual_asset_counts(instance: Any) -> None:
    defs = a_view_of_a_view(A.any_deps_updated())
    assert asked_after(instance, defs, ["base", "view_of_view"]) == [set(), set(), {None}]


def test_it_can_be_taken_back() -> None:
    there_and_back = A.eager().resolve_through_virtual().resolve_through_virtual(False)
    assert there_and_back == A.eager() != A.eager().resolve_through_virtual()


def test_partitions_map_to_what_is_behind(instance: Any) -> None:
    defs = a_view_of_a_view(A.any_deps_updated().resolve_through_virtual(), DAYS)
    assert asked_after(instance, defs, ["base"], "2026-01-02") == [set(), {"2026-01-02"}]


def test_a_selection_is_of_what_is_behind(instance: Any) -> None:
    ignores_base = A.any_deps_missing().ignore(dg.AssetSelection.assets("base")).resolve_through_virtual()
    assert asked_after(instance, a_view_of_a_view(ignores_base), []) == [set()]
    ignores_view = A.any_deps_missing().ignore(dg.AssetSelection.assets("view_of_view"))
    defs = a_view_of_a_view(ignores_view.resolve_through_virtual())
    assert asked_after(instance, defs, []) == [{None}]


def test_nothing_is_behind_a_virtual_asset_without_dependencies(instance: Any) -> None:
    @dg.asset(is_virtual=True)
    def view() -> None: ...

    @dg.asset(deps=[view], automation_condition=A.any_deps_missing().resolve_through_virtual())
    def leaf() -> None: ...

    assert asked_after(instance, dg.Definitions(assets=[view, leaf]), ["view"]) == [set(), set()]


def test_a_question_within_a_question_stays_as_it_is() -> None:
    nested = A.any_deps_match(A.any_deps_match(A.missing())).resolve_through_virtual()
    assert nested.name == "ANY_DEPS_MATCH(resolves_virtual_deps=True)"
    assert nested.children[0].name == "ANY_DEPS_MATCH"
    assert nested.title == "any_deps_match(resolves_virtual_deps)"


def test_the_explanation_names_what_was_asked(instance: Any) -> None:
    condition = A.any_deps_match(A.missing()).resolve_through_virtual()
    result = dg.evaluate_automation_conditions(a_view_of_a_view(condition), instance).get_result(LEAF)
    assert [child.key for child in result.child_results] == [dg.AssetKey("base")]
