"""What a check's result tells of what it looked at, and checks of partitions (issue 4, checks)."""

from typing import Any

import pytest

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
