"""What is made only together, and what a check's result is of."""

from typing import Any

import pytest

import treadle as dg
from tests.plan.automation.making import names, report

A = dg.AutomationCondition


# --- what is made only together


def together(**conditions: Any) -> Any:
    @dg.multi_asset(
        specs=[dg.AssetSpec(name, automation_condition=one) for name, one in conditions.items()],
        check_specs=[dg.AssetCheckSpec("whole", asset="x", blocking=True)],
    )
    def both() -> None: ...

    return both


def below(name: str, upstream: str, condition: Any) -> Any:
    @dg.asset(name=name, deps=[upstream], automation_condition=condition)
    def compute() -> None: ...

    return compute


def test_what_is_made_only_together_is_asked_for_together(instance: Any) -> None:
    both = together(x=A.missing(), y=None)
    result = dg.evaluate_automation_conditions([both], instance)
    assert names(result) == {"x", "y", "x:whole"}
    assert result.get_requested_partitions(dg.AssetKey("y")) == {None}
    assert result.total_requested == 1  # by a condition


def test_what_is_downstream_of_a_neighbour_sees_that_it_will_be_made(instance: Any) -> None:
    will_be = A.any_deps_match(A.will_be_requested())
    defs = dg.Definitions([together(x=A.missing(), y=None), below("z", "y", will_be)])
    assert "z" in names(dg.evaluate_automation_conditions(defs, instance))


def test_a_neighbour_was_not_requested_by_its_own_condition(instance: Any) -> None:
    defs = dg.Definitions([together(x=A.missing(), y=A.newly_requested())])
    first = dg.evaluate_automation_conditions(defs, instance)
    again = dg.evaluate_automation_conditions(defs, instance, cursor=first.cursor)
    assert not again.get_result(dg.AssetKey("y")).true_subset


def test_a_check_of_the_same_function_will_be_evaluated_too(instance: Any) -> None:
    waits = below("z", "x", A.all_deps_blocking_checks_passed())
    defs = dg.Definitions([together(x=A.missing()), waits])
    assert "z" in names(dg.evaluate_automation_conditions(defs, instance))


def test_the_order_of_definition_does_not_count(instance: Any) -> None:
    @dg.asset(automation_condition=A.missing())
    def first() -> None: ...

    @dg.asset(automation_condition=A.asset_matches("first", A.will_be_requested()))
    def beside() -> None: ...

    for assets in ([first, beside], [beside, first]):
        assert names(dg.evaluate_automation_conditions(assets, instance)) == {"first"}


# --- versions


def test_the_first_code_version_of_an_asset_is_no_change(instance: Any) -> None:
    cursor, asked = None, []
    for version in ("1", None, "1", "2", "2"):

        @dg.asset(code_version=version, automation_condition=A.code_version_changed())
        def table() -> None: ...

        result = dg.evaluate_automation_conditions([table], instance, cursor=cursor)
        cursor = result.cursor
        asked.append(bool(names(result)))
    assert asked == [False, True, False, True, False]


# --- checks of what was made since


def checks_of(asset: Any, passes: bool = True, **options: Any) -> list[Any]:
    def made(name: str, condition: Any) -> Any:
        @dg.asset_check(asset=asset, name=name, automation_condition=condition, **options)
        def check() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=passes)

        return check

    conditions = {"gone": A.missing(), "good": A.check_passed(), "bad": A.check_failed()}
    return [made(name, condition) for name, condition in conditions.items()]


@pytest.mark.parametrize(("passes", "said"), [(True, "orders:good"), (False, "orders:bad")])
def test_a_result_is_of_the_materialization_that_was_checked(instance: Any, passes: bool, said: str) -> None:
    @dg.asset
    def orders() -> None: ...

    checks = checks_of(orders, passes)
    defs = dg.Definitions([orders], asset_checks=checks)
    dg.materialize([orders, *checks], instance=instance)
    first = dg.evaluate_automation_conditions(defs, instance)
    assert names(first) == {said}
    report(instance, "orders")
    then = dg.evaluate_automation_conditions(defs, instance, cursor=first.cursor)
    assert names(then) == {"orders:gone"}
    dg.materialize([orders, *checks], instance=instance, selection=dg.AssetSelection.checks(*checks))
    last = dg.evaluate_automation_conditions(defs, instance, cursor=then.cursor)
    assert names(last) == {said}


def test_a_result_that_its_asset_s_run_gave_before_the_materialization_is_of_it(instance: Any) -> None:
    @dg.asset(check_specs=[dg.AssetCheckSpec("c", asset="orders", automation_condition=A.missing())])
    def orders() -> Any:
        yield dg.AssetCheckResult(check_name="c", passed=True)
        yield dg.Output(None)

    for _ in range(2):
        dg.materialize([orders], instance=instance)
        assert names(dg.evaluate_automation_conditions([orders], instance)) == set()


def test_a_check_that_raised_was_executed_and_failed(instance: Any) -> None:
    mood = {"asset": "well", "check": "raises"}

    @dg.asset
    def orders() -> None:
        if mood["asset"] == "raises":
            raise ValueError

    def checked(name: str, condition: Any) -> Any:
        @dg.asset_check(asset=orders, name=name, automation_condition=condition)
        def check() -> dg.AssetCheckResult:
            if mood["check"] == "raises":
                raise ValueError
            return dg.AssetCheckResult(passed=True)

        return check

    conditions = {
        "gone": A.missing(),
        "raised": A.execution_failed(),
        "good": A.check_passed(),
        "bad": A.check_failed(),
    }
    checks = [checked(name, condition) for name, condition in conditions.items()]
    defs = dg.Definitions([orders], asset_checks=checks)

    def after_a_run(**now: str) -> set[str]:
        mood.update(now)
        dg.materialize([orders, *checks], instance=instance, raise_on_error=False)
        return {
            name.removeprefix("orders:") for name in names(dg.evaluate_automation_conditions(defs, instance))
        }

    assert after_a_run(check="raises") == {"raised"}
    assert after_a_run(check="well") == {"good"}
    assert after_a_run(check="raises") == {"raised"}, "an earlier result counts no more"
    assert after_a_run(asset="raises") == {"raised"}, "a check that was not reached, too"
    assert after_a_run(asset="well", check="well") == {"good"}
    mood["check"] = "raises"
    only = dg.AssetSelection.checks(*checks)
    dg.materialize([orders, *checks], instance=instance, raise_on_error=False, selection=only)
    assert names(dg.evaluate_automation_conditions(defs, instance)) == {"orders:raised"}
    report(instance, "orders")
    assert names(dg.evaluate_automation_conditions(defs, instance)) == {"orders:gone"}


def test_what_was_made_again_of_a_partitioned_check_is_open(instance: Any) -> None:
    letters = dg.StaticPartitionsDefinition(["a", "b"])

    @dg.asset(partitions_def=letters)
    def orders() -> None: ...

    checks = checks_of(orders, partitions_def=letters)
    for key in "ab":
        dg.materialize([orders, *checks], instance=instance, partition_key=key)
    report(instance, "orders", "a")
    result = dg.evaluate_automation_conditions(dg.Definitions([orders], asset_checks=checks), instance)
    assert result.get_requested_partitions(dg.AssetCheckKey(dg.AssetKey("orders"), "gone")) == {"a"}
    assert result.get_requested_partitions(dg.AssetCheckKey(dg.AssetKey("orders"), "good")) == {"b"}


def test_what_is_downstream_of_a_neighbour_is_asked_again(instance: Any) -> None:
    will_be = A.any_deps_match(A.will_be_requested())
    defs = dg.Definitions([together(x=A.missing(), y=None), below("z", "y", will_be)])
    catalog = defs.resolve().catalog
    report(instance, "x")
    first = dg.evaluate_automation_conditions(catalog, instance)
    calm = dg.evaluate_automation_conditions(catalog, instance, cursor=first.cursor)
    assert names(calm) == set()
    instance.wipe_assets([dg.AssetKey("x")])
    again = dg.evaluate_automation_conditions(catalog, instance, cursor=calm.cursor)
    assert "z" in names(again)


def test_a_check_is_asked_again_when_its_asset_was_made(instance: Any) -> None:
    @dg.asset
    def orders() -> None: ...

    checks = checks_of(orders)
    catalog = dg.Definitions([orders], asset_checks=checks).resolve().catalog
    dg.materialize([orders, *checks], instance=instance)
    first = dg.evaluate_automation_conditions(catalog, instance)
    calm = dg.evaluate_automation_conditions(catalog, instance, cursor=first.cursor)
    report(instance, "orders")
    again = dg.evaluate_automation_conditions(catalog, instance, cursor=calm.cursor)
    assert names(again) == {"orders:gone"}


# --- narrowed questions


@pytest.mark.parametrize(
    ("narrowed", "asked"),
    [
        (
            lambda one: one.allow(dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey("orders"), "bad"))),
            True,
        ),
        (
            lambda one: one.ignore(dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey("orders"), "bad"))),
            False,
        ),
        (lambda one: one.ignore(dg.AssetSelection.assets("orders")), False),
    ],
)
def test_questions_about_checks_can_be_narrowed(instance: Any, narrowed: Any, asked: bool) -> None:
    @dg.asset(automation_condition=narrowed(A.any_checks_match(A.check_failed())))
    def orders() -> None: ...

    @dg.multi_asset_check(specs=[dg.AssetCheckSpec(name, asset="orders") for name in ("good", "bad")])
    def checks() -> Any: ...

    for name in ("good", "bad"):
        told = dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey("orders"), check_name=name, passed=name == "good"
        )
        instance.report_runless_asset_event(told)
    defs = dg.Definitions([orders], asset_checks=[checks])
    assert names(dg.evaluate_automation_conditions(defs, instance)) == ({"orders"} if asked else set())
    assert not defs.problems()


def test_what_is_asked_of_the_upstream_s_upstream_is_not_narrowed(instance: Any) -> None:
    condition = A.any_deps_match(A.any_deps_match(A.missing())).ignore(dg.AssetSelection.assets("a"))
    defs = dg.Definitions([below("b", "a", None), below("c", "b", condition), dg.AssetSpec("a")])
    assert names(dg.evaluate_automation_conditions(defs, instance)) == {"c"}
