"""`any_downstream_conditions` says whose conditions it found, and `without` keeps a name."""

from typing import Any

import treadle as dg
from treadle import AutomationCondition as A


def _asset(name: str, condition: A, deps: list[str]) -> Any:
    @dg.asset(name=name, automation_condition=condition, deps=deps)
    def made() -> None: ...

    return made


def test_a_result_names_the_assets_downstream_above_the_condition_that_they_share() -> None:
    assets = [
        _asset("raw", A.any_downstream_conditions(), []),
        _asset("lazy", A.any_downstream_conditions(), ["raw"]),
        _asset("b", A.in_progress(), ["lazy"]),
        _asset("c", A.missing(), ["lazy"]),
        _asset("d", A.in_progress(), ["raw"]),
    ]
    result = dg.evaluate_automation_conditions(assets, instance=dg.Instance.ephemeral())
    found = result.get_result("raw").child_results
    assert {part.condition.name for part in found} == {"b, d", "c"}
    by_name = {part.condition.name: part for part in found}
    assert by_name["b, d"].child_results[0].condition == A.in_progress()
    assert by_name["c"].child_results[0].condition == A.missing()
    assert by_name["c"].true_subset.size == 1 and by_name["b, d"].true_subset.size == 0
    assert "b, d" in str(by_name["b, d"].condition)


def test_a_condition_keeps_its_name_when_a_part_is_left_out() -> None:
    a, b, c = A.missing(), A.in_progress(), A.newly_updated()
    assert (a & b & c).with_label("mine").without(a) == (b & c).with_label("mine")
