"""What a condition remembers when the definitions around it change."""

from typing import Any

import pytest

import treadle as dg
from treadle.plan.automation.cursor import AutomationCursor

A = dg.AutomationCondition
LETTERS = dg.StaticPartitionsDefinition(["a", "b"])
DAYS = dg.DailyPartitionsDefinition("2024-08-10", end_date="2024-08-12")
HOURS = dg.HourlyPartitionsDefinition("2024-08-10-00:00", end_date="2024-08-10-02:00")
GRID = dg.MultiPartitionsDefinition({"day": DAYS, "letter": LETTERS})
ASKED_ONCE = A.missing().newly_true().since_last_handled()


def asset(condition: Any, partitions_def: Any = None) -> Any:
    @dg.asset(name="table", partitions_def=partitions_def, automation_condition=condition)
    def compute() -> None: ...

    return compute


def play(instance: Any, history: list[Any], through_text: bool) -> list[set[Any]]:
    cursor, asked = None, []
    for assets in history:
        result = dg.evaluate_automation_conditions(assets, instance, cursor=cursor)
        cursor = AutomationCursor.of_text(result.cursor.to_text()) if through_text else result.cursor
        asked.append(result.get_requested_partitions(dg.AssetKey("table")))
    return asked


@pytest.mark.parametrize("through_text", [False, True])
@pytest.mark.parametrize(
    ("before", "after"),
    [(None, LETTERS), (LETTERS, None), (LETTERS, DAYS), (DAYS, GRID), (DAYS, HOURS)],
)
def test_partitions_of_another_kind_begin_anew(
    instance: Any, before: Any, after: Any, through_text: bool
) -> None:
    history = [[asset(ASKED_ONCE, before)], [asset(ASKED_ONCE, after)], [asset(ASKED_ONCE, after)]]
    assert play(instance, history, through_text) == [set(), set(), set()]
    first = A.initial_evaluation()
    asked = play(
        instance, [[asset(first, before)], [asset(first, after)], [asset(first, after)]], through_text
    )
    assert [bool(keys) for keys in asked] == [True, True, False]


@pytest.mark.parametrize("through_text", [False, True])
def test_partitions_of_the_same_kind_keep_what_still_maps(instance: Any, through_text: bool) -> None:
    longer = dg.StaticPartitionsDefinition(["b", "c"])
    gone = A.missing().newly_true()
    history = [[asset(gone, LETTERS)], [asset(gone, longer)]]
    assert play(instance, history, through_text) == [{"a", "b"}, {"c"}]


@pytest.mark.parametrize("through_text", [False, True])
def test_an_asset_that_comes_back_is_remembered(instance: Any, through_text: bool) -> None:
    table = asset(A.missing().newly_true())
    other = dg.AssetSpec("other")
    history = [[table, other], [other], [other], [table, other]]
    assert play(instance, history, through_text) == [{None}, set(), set(), set()]


@pytest.mark.parametrize("through_text", [False, True])
def test_an_update_while_the_asset_was_gone_is_new_when_it_comes_back(
    instance: Any, through_text: bool
) -> None:
    table, other = asset(A.newly_updated()), dg.AssetSpec("other")
    assert play(instance, [[table]], through_text) == [set()]
    first = dg.evaluate_automation_conditions([table], instance)
    without = dg.evaluate_automation_conditions([other], instance, cursor=first.cursor)
    instance.report_runless_asset_event(dg.AssetMaterialization("table"))
    cursor = without.cursor.to_text() if through_text else without.cursor
    again = dg.evaluate_automation_conditions([table], instance, cursor=cursor)
    assert again.total_requested == 1
