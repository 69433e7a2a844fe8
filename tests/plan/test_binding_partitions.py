"""Which partitions each step works on and reads, in one run."""

from datetime import UTC, datetime

import pytest

from treadle import (
    AssetDep,
    AssetIn,
    AssetKey,
    AssetSpec,
    DailyPartitionsDefinition,
    Definitions,
    Instance,
    MaterializeResult,
    MonthlyPartitionsDefinition,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    asset,
    asset_check,
    define_asset_job,
    materialize,
    multi_asset,
)
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, UnknownPartitionError
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.plan.partitions import StepPartitions, bind

NOW = datetime(2024, 4, 1, tzinfo=UTC)
DAYS = DailyPartitionsDefinition("2024-01-01")
MONTHS = MonthlyPartitionsDefinition("2024-01-01")


@asset(partitions_def=DAYS)
def daily():
    return 1


@asset(partitions_def=DAYS)
def next_daily(daily):
    return 1


@asset(partitions_def=MONTHS)
def monthly(daily):
    return 1


@asset
def total(daily):
    return 1


def bound(partition, *definitions) -> dict[str, StepPartitions]:
    catalog = build_code(assets=definitions).catalog
    plan = plan_assets(catalog, [key for key, node in catalog.assets.items() if node.computation])
    return bind(catalog, plan, partition, NOW)


def test_a_key_goes_to_every_step_that_is_partitioned_alike() -> None:
    found = bound("2024-02-03", daily, next_daily)
    assert list(found["daily"].own.keys) == ["2024-02-03"]
    assert list(found["next_daily"].inputs["daily"].keys) == ["2024-02-03"]
    assert not found["daily"].own.is_range


def test_a_range_is_one_run() -> None:
    found = bound(PartitionKeyRange("2024-02-01", "2024-02-03"), daily, next_daily)
    assert list(found["next_daily"].own.keys) == ["2024-02-01", "2024-02-02", "2024-02-03"]
    assert found["daily"].own.is_range


def test_an_unpartitioned_asset_reads_all() -> None:
    found = bound("2024-02-03", daily, total)
    assert found["total"].own is None
    assert len(found["total"].inputs["daily"].keys) == 31 + 29 + 31


def test_a_month_reads_its_days() -> None:
    """S4-07."""
    catalog = build_code(assets=[daily, monthly]).catalog
    plan = plan_assets(catalog, [AssetKey("monthly")])
    found = bind(catalog, plan, "2024-02-01", NOW)
    assert len(found["monthly"].inputs["daily"].keys) == 29


def test_an_offset_reads_the_day_before_and_nothing_on_the_first_day() -> None:
    @asset(
        partitions_def=DAYS,
        ins={"daily": AssetIn(partition_mapping=TimeWindowPartitionMapping(start_offset=-1, end_offset=-1))},
    )
    def lagged(daily):
        return 1

    found = bound("2024-02-03", daily, lagged)
    assert list(found["lagged"].inputs["daily"].keys) == ["2024-02-02"]
    assert list(bound("2024-01-01", daily, lagged)["lagged"].inputs["daily"].keys) == []


def test_an_upstream_that_begins_later_is_named_with_what_it_lacks() -> None:
    @asset(partitions_def=DailyPartitionsDefinition("2024-01-05"))
    def later():
        return 1

    @asset(partitions_def=DAYS)
    def eager(later):
        return 1

    catalog = build_code(assets=[later, eager]).catalog
    plan = plan_assets(catalog, [AssetKey("eager")])
    with pytest.raises(
        InvariantViolationError, match=r"`eager` .* reads `later`, and `2024-01-01` of it does not"
    ) as caught:
        bind(catalog, plan, "2024-01-01", NOW)
    assert caught.value.code == "unknown-partition"


def test_one_run_of_a_day_takes_the_month_that_the_day_is_in() -> None:
    found = bound("2024-02-03", daily, monthly)
    assert list(found["daily"].own.keys) == ["2024-02-03"]
    assert list(found["monthly"].own.keys) == ["2024-02-01"]


def test_a_key_that_is_not_in_the_set_names_near_ones() -> None:
    @asset(partitions_def=StaticPartitionsDefinition(["berlin", "paris"]))
    def city():
        return 1

    with pytest.raises(UnknownPartitionError, match="berlin"):
        bound("berln", city)


def test_a_partition_for_a_run_without_partitioned_assets_is_refused() -> None:
    @asset
    def plain():
        return 1

    with pytest.raises(InvariantViolationError, match="nothing in it is partitioned"):
        bound("2024-01-01", plain)


def test_a_check_of_a_partitioned_asset_reads_the_runs_partition() -> None:
    @asset_check(asset=daily)
    def fits(daily): ...

    found = bound("2024-02-03", daily, fits)
    assert list(found["daily_fits"].inputs["daily"].keys) == ["2024-02-03"]


def test_a_reversed_range_is_refused() -> None:
    code = build_code(assets=[daily])
    plan = plan_assets(code.catalog, [AssetKey("daily")])
    with pytest.raises(UnknownPartitionError, match="comes before") as raised:
        bind(code.catalog, plan, PartitionKeyRange("2024-01-03", "2024-01-01"), NOW)
    assert "2024-01-01...2024-01-03" in str(raised.value)


def test_a_run_tagged_with_a_reversed_range_does_not_begin() -> None:
    tags = {
        "dagster/asset_partition_range_start": "2024-01-03",
        "dagster/asset_partition_range_end": "2024-01-01",
    }
    with Instance.ephemeral() as instance:
        with pytest.raises(UnknownPartitionError):
            materialize([daily], tags=tags, instance=instance)
        job = Definitions([daily], jobs=[define_asset_job("j", "*")]).get_job_def("j")
        with pytest.raises(UnknownPartitionError):
            job.execute_in_process(tags=tags, instance=instance)
        assert instance.get_runs() == []


def test_one_step_does_not_make_assets_of_different_partitions_in_one_run() -> None:
    letters, digits = StaticPartitionsDefinition(["a", "b"]), StaticPartitionsDefinition(["1", "2"])

    @multi_asset(
        specs=[AssetSpec("by_letter", partitions_def=letters), AssetSpec("by_digit", partitions_def=digits)],
        can_subset=True,
    )
    def both(context):
        for key in context.selected_asset_keys:
            yield MaterializeResult(asset_key=key)

    catalog = build_code(assets=[both]).catalog
    whole = plan_assets(catalog, [AssetKey("by_letter"), AssetKey("by_digit")])
    with pytest.raises(InvalidDefinitionError, match="`by_digit`") as caught:
        bind(catalog, whole, "a", NOW)
    assert caught.value.code == "partition-mismatch"
    (step,) = bind(catalog, plan_assets(catalog, [AssetKey("by_digit")]), "2", NOW).values()
    assert list(step.own.keys) == ["2"]


def test_partitions_of_what_only_orders_are_known_by_name() -> None:
    @asset(
        partitions_def=DAYS,
        deps=[
            AssetDep("daily", partition_mapping=TimeWindowPartitionMapping(start_offset=-1, end_offset=-1))
        ],
    )
    def late() -> None: ...

    found = bound("2024-02-03", daily, late)
    assert list(found["late"].inputs["daily"].keys) == ["2024-02-02"]
