"""Which materialization a check looked at, in a run whose store nobody opened."""

import pytest

import treadle as dg


@dg.asset
def first() -> None: ...


@dg.multi_asset(specs=[dg.AssetSpec("second"), dg.AssetSpec("third")])
def several():
    yield dg.MaterializeResult("second")
    yield dg.MaterializeResult("third")


@dg.asset_check(asset="first")
def of_first() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.asset_check(asset="third")
def of_third() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


def targets(result):
    found = {}
    for each in result.get_asset_check_evaluations():
        data = each.target_materialization_data
        found[each.check_name] = (data.storage_id, data.run_id, data.timestamp)
    return found


@pytest.mark.parametrize("opened", [True, False])
def test_the_target_is_told_before_the_store_is_opened_as_it_is_stored_then(opened):
    @dg.asset(deps=["first"])
    def looks(context) -> None:
        if opened:
            context.instance.get_runs()

    result = dg.materialize([first, looks, several, of_first, of_third])
    told = targets(result)
    assert told.keys() == {"of_first", "of_third"}
    instance = result._finished.order.instance
    assert opened or instance.is_untouched
    for name, key in (("of_first", "first"), ("of_third", "third")):
        (record,) = instance.fetch_materializations(dg.AssetKey(key), 1).records
        assert told[name] == (record.storage_id, record.run_id, record.timestamp)


def test_a_check_of_a_partition_looks_at_that_partition():
    days = dg.StaticPartitionsDefinition(["a", "b"])

    @dg.asset(partitions_def=days)
    def daily() -> None: ...

    @dg.asset_check(asset=daily, partitions_def=days)
    def full() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    told = targets(dg.materialize([daily, full], partition_key="b"))
    assert told["full"][0] == 1


def test_a_check_of_what_was_never_made_has_no_target():
    result = dg.materialize([first, of_first], selection=dg.AssetSelection.checks(of_first))
    (evaluation,) = result.get_asset_check_evaluations()
    assert evaluation.target_materialization_data is None
