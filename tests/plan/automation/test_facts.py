"""The recorded scenarios hold; where we mean to differ, the difference is written down here and in docs/compatibility.d."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plan.automation.playing import play

FACTS = Path(__file__).parents[2] / "data" / "facts" / "automation.json"
CASES = {case["id"]: case for case in json.loads(FACTS.read_text(encoding="utf-8"))["cases"]}

A, B, C = {"a": [None]}, {"b": [None]}, {"c": [None]}
MEANT: dict[str, dict[int, Any]] = {
    # A tick of a cron counts once: in the first evaluation at or after it.
    "cron_tick_passed": {3: {}, 7: {}},
    # What was materialized after a failure has not failed any more.
    "execution_in_progress": {11: C},
    # `replace` replaces only the condition that is named.
    "replace_by_label": {1: {}, 3: B | C, 8: {}, 10: B | C},
}
"""Case -> number of the step -> what we ask for."""


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_recorded_scenario_asks_for_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACTS_FAIL", raising=False)
    meant = dict(MEANT.get(name, {}))
    for number, found, recorded in play(CASES[name]):
        if number in meant:
            assert found == meant.pop(number) != recorded, number
        else:
            assert found == recorded, number
    assert not meant


def test_the_table_is_whole() -> None:
    assert len(CASES) > 70
    assert set(MEANT) < set(CASES)
