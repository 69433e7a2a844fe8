"""What is wrong with automation conditions and freshness policies is told at load, with file and line."""

from datetime import timedelta
from typing import Any

import pytest

import treadle as dg

A = dg.AutomationCondition


def problems_of(**arguments: Any) -> list[dg.Problem]:
    @dg.asset(**arguments)
    def a() -> None: ...

    @dg.asset
    def b() -> None: ...

    return dg.Definitions([a, b]).problems()


@pytest.mark.parametrize(
    ("arguments", "code", "severity"),
    [
        ({"automation_condition": A.on_cron("0 0 31 2 *")}, "invalid-cron", "error"),
        ({"automation_condition": ~A.cron_tick_passed("every day")}, "invalid-cron", "error"),
        ({"automation_condition": A.on_cron("@daily", "Mars/Crater")}, "invalid-timezone", "error"),
        (
            {"freshness_policy": dg.FreshnessPolicy.cron("61 * * * *", timedelta(hours=1))},
            "invalid-cron",
            "error",
        ),
        (
            {"automation_condition": A.eager().ignore(dg.AssetSelection.assets("nope"))},
            "unknown-asset",
            "warning",
        ),
        (
            {"automation_condition": A.eager().allow(dg.AssetSelection.groups("nope"))},
            "unknown-asset",
            "warning",
        ),
        ({"automation_condition": A.asset_matches("nope", A.missing())}, "unknown-asset", "warning"),
    ],
)
def test_a_condition_that_cannot_mean_anything_is_told_once(
    arguments: dict[str, Any], code: str, severity: str
) -> None:
    (problem,) = problems_of(**arguments)
    assert (problem.code, problem.severity) == (code, severity)
    assert problem.asset_key == dg.AssetKey("a")
    assert problem.where is not None and "test_automation_problems.py:" in problem.where


def test_the_condition_of_a_check_is_looked_at_too() -> None:
    @dg.asset
    def a() -> None: ...

    @dg.asset_check(asset=a, automation_condition=A.on_cron("nonsense"))
    def chk() -> Any: ...

    (problem,) = dg.Definitions([a], asset_checks=[chk]).problems()
    assert problem.code == "invalid-cron" and "check `a:chk`" in problem.message


def test_good_conditions_are_no_problem() -> None:
    condition = A.on_cron("@daily", "Europe/Paris").ignore(dg.AssetSelection.assets("b"))
    assert problems_of(automation_condition=condition) == []
