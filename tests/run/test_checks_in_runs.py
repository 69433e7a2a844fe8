"""What a check's result tells of what it looked at, and checks of partitions (issue 4, checks)."""

from typing import Any

import pytest

import treadle
from tests.run.running import run
from treadle import (
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSpec,
    AssetKey,
    AssetSelection,
    StaticPartitionsDefinition,
    asset,
    asset_check,
    materialize,
)
from treadle.store.instance import Instance

LETTERS = StaticPartitionsDefinition(["x", "y"])


@pytest.fixture
def instance(tmp_path: Any) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


@asset
def table() -> int:
    return 1


@asset_check(asset=table)
def is_right(table: int) -> AssetCheckResult:
    return AssetCheckResult(passed=True)


@asset(partitions_def=LETTERS)
def letters(context: Any) -> str:
    return str(context.partition_key)


@asset_check(asset=letters, partitions_def=LETTERS)
def is_x(context: Any, letters: str) -> AssetCheckResult:
    return AssetCheckResult(passed=letters == "x", metadata={"partition": context.partition_key})


@pytest.mark.parametrize("how", ["in_process", "threads", "fork"])
def test_a_result_names_the_materialization_that_was_checked(how: str, instance: Instance) -> None:
    @asset(check_specs=[AssetCheckSpec("inline", asset="own")])
    def own() -> Any:
        from treadle import MaterializeResult

        return MaterializeResult(check_results=[AssetCheckResult(passed=True)])

    run([table, own], instance)
    result = run([table, own, is_right], instance, how)
    latest = {
        key.to_user_string(): instance.fetch_materializations(key, limit=1).records[0]
        for key in (table.key, own.key)
    }
    for check in [instance.latest_check_evaluation(AssetCheckKey(own.key, "inline"))]:
        target = check.target_materialization_data
        assert (target.storage_id, target.run_id) == (latest["own"].storage_id, result.run_id)
    later = materialize([table, is_right], selection=AssetSelection.checks(is_right), instance=instance)
    target = later.get_asset_check_evaluations()[0].target_materialization_data
    assert (target.storage_id, target.run_id) == (latest["table"].storage_id, result.run_id)
    assert target.timestamp == latest["table"].timestamp


def test_a_check_before_any_materialization_has_no_target(instance: Instance) -> None:
    @asset_check(asset="elsewhere")
    def never() -> AssetCheckResult:
        return AssetCheckResult(passed=True)

    result = materialize([never], instance=instance)
    assert result.get_asset_check_evaluations()[0].target_materialization_data is None


def test_a_check_of_partitions_looks_at_its_own(instance: Instance) -> None:
    for key in ("x", "y"):
        assert materialize([letters], partition_key=key, instance=instance).success
    for key in ("x", "y"):
        result = materialize(
            [letters, is_x], selection=AssetSelection.checks(is_x), partition_key=key, instance=instance
        )
        check = result.get_asset_check_evaluations()[0]
        assert (check.partition, check.passed, check.metadata["partition"].value) == (key, key == "x", key)
        made = instance.fetch_materializations(AssetKey("letters"), limit=2, ascending=True).records
        assert check.target_materialization_data.storage_id == made["xy".index(key)].storage_id


def _returns_a_bare_result() -> Any:
    return treadle.MaterializeResult()


def _yields_a_bare_result() -> Any:
    yield treadle.MaterializeResult()


def _yields_an_output() -> Any:
    yield treadle.Output(1)


@pytest.mark.parametrize("body", [_returns_a_bare_result, _yields_a_bare_result, _yields_an_output])
def test_a_declared_check_without_a_result_fails_the_step_and_what_is_downstream_waits(body: Any) -> None:
    checked = asset(name="b2", check_specs=[AssetCheckSpec("q", asset="b2", blocking=True)])(body)
    made: list[int] = []

    @asset(deps=["b2"])
    def after() -> None:
        made.append(1)

    with pytest.raises(treadle.DagsterStepOutputNotFoundError, match="ended without check `q`"):
        materialize([checked, after])
    assert not made


@pytest.mark.parametrize(
    ("can_subset", "blocking", "succeeds"),
    [(False, False, False), (True, False, True), (True, True, False)],
)
def test_a_step_of_two_checks_may_leave_one_out_only_if_it_can_subset_and_nothing_waits_for_it(
    can_subset: bool, blocking: bool, succeeds: bool
) -> None:
    specs = [AssetCheckSpec("p", asset="table"), AssetCheckSpec("q", asset="table", blocking=blocking)]

    @treadle.multi_asset_check(specs=specs, can_subset=can_subset)
    def two() -> Any:
        yield AssetCheckResult(passed=True, check_name="p")

    assert materialize([table, two], raise_on_error=False).success is succeeds


def test_a_check_that_was_not_asked_for_needs_no_result() -> None:
    specs = [
        AssetCheckSpec("p", asset="table"),
        AssetCheckSpec("q", asset="table", blocking=True),
    ]

    @treadle.multi_asset_check(specs=specs, can_subset=True)
    def two() -> Any:
        yield AssetCheckResult(passed=True, check_name="p")

    only_p = AssetSelection.checks(AssetCheckKey(AssetKey("table"), "p"))
    assert materialize(
        [table, two], selection=AssetSelection.assets("table").without_checks() | only_p
    ).success


def test_the_check_of_an_asset_that_was_left_out_needs_no_result() -> None:
    @treadle.multi_asset(
        specs=[treadle.AssetSpec("here"), treadle.AssetSpec("gone", skippable=True)],
        check_specs=[AssetCheckSpec("q", asset="gone")],
    )
    def several() -> Any:
        yield treadle.MaterializeResult("here")

    assert materialize([several]).success
