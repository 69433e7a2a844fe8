"""Staleness where an asset reads several partitions of another: one version stands for them (issue 3 §4)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import executor
from treadle import (
    AllPartitionMapping,
    AssetDep,
    AssetKey,
    DailyPartitionsDefinition,
    DataVersion,
    MultiPartitionsDefinition,
    Output,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    WeeklyPartitionsDefinition,
    asset,
    materialize,
)
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.run_tags import RANGE_END_TAG, RANGE_START_TAG
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.plan.staleness import Staleness, why
from treadle.run.execute import execute_plan
from treadle.store.instance import Instance

DAYS = DailyPartitionsDefinition("2024-01-01", end_date="2024-01-15")
COLORS = StaticPartitionsDefinition(["red", "green", "blue"])
GRID = MultiPartitionsDefinition({"day": DAYS, "color": COLORS})


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


def source(definition: Any, name: str = "source") -> Any:
    @asset(name=name, partitions_def=definition)
    def made() -> None: ...

    return made


def make(
    assets: Any, chosen: str, instance: Instance, first: str | None = None, last: str | None = None
) -> Any:
    tags = {RANGE_START_TAG: first, RANGE_END_TAG: last} if last is not None else {}
    return materialize(
        assets,
        instance=instance,
        selection=[chosen],
        partition_key=first if last is None else None,
        tags=tags,
    )


def status(assets: Any, name: str, instance: Instance, key: str | None = None) -> Staleness:
    return why(build_code(assets=assets).catalog, AssetKey(name), instance, key)


def test_an_asset_that_reads_all_partitions_is_stale_when_one_of_them_is_made_again(
    instance: Instance,
) -> None:
    days = source(DAYS)

    @asset(deps=[days])
    def summary() -> None: ...

    both = [days, summary]
    make(both, "source", instance, "2024-01-01", "2024-01-10")
    make(both, "summary", instance)
    assert status(both, "summary", instance).status == "FRESH"
    make(both, "source", instance, "2024-01-04")
    stale = status(both, "summary", instance)
    assert [(cause.category, cause.dependency) for cause in stale.causes] == [("DATA", AssetKey("source"))]
    assert "`source` has changed since it was read: partition 2024-01-04" in str(stale)
    make(both, "summary", instance)
    assert status(both, "summary", instance).status == "FRESH"
    make(both, "source", instance, "2024-01-11")
    assert "partition 2024-01-11" in str(status(both, "summary", instance))


def test_the_same_data_made_again_leaves_the_reader_fresh(instance: Instance) -> None:
    @asset(partitions_def=DAYS)
    def source(context):
        return Output(1, data_version=DataVersion(f"of {context.partition_key}"))

    @asset(deps=[source])
    def summary() -> None: ...

    both = [source, summary]
    for day in ("2024-01-01", "2024-01-02"):
        make(both, "source", instance, day)
    make(both, "summary", instance)
    make(both, "source", instance, "2024-01-01")
    assert status(both, "summary", instance).status == "FRESH"


def test_days_that_exist_and_are_not_made_change_nothing(instance: Instance) -> None:
    """The first partition's version is its own; that others exist by now is no change of data."""
    one = source(DailyPartitionsDefinition("2024-01-01", end_date="2024-01-02"))
    more = source(DAYS)

    def reader(of: Any) -> Any:
        @asset(deps=[of])
        def summary() -> None: ...

        return summary

    make([one, reader(one)], "source", instance, "2024-01-01")
    make([one, reader(one)], "summary", instance)
    assert status([more, reader(more)], "summary", instance).status == "FRESH"
    make([more, reader(more)], "source", instance, "2024-01-02")
    assert status([more, reader(more)], "summary", instance).status == "STALE"


def test_a_week_is_stale_when_one_of_its_days_is_and_other_weeks_are_not(instance: Instance) -> None:
    days = source(DAYS)

    @asset(
        partitions_def=WeeklyPartitionsDefinition("2024-01-01", end_date="2024-01-15", day_offset=1),
        deps=[days],
    )
    def weekly() -> None: ...

    both = [days, weekly]
    make(both, "source", instance, "2024-01-01", "2024-01-14")
    for week in ("2024-01-01", "2024-01-08"):
        make(both, "weekly", instance, week)
        assert status(both, "weekly", instance, week).status == "FRESH"
    make(both, "source", instance, "2024-01-10")
    assert status(both, "weekly", instance, "2024-01-01").status == "FRESH"
    assert "partition 2024-01-10" in str(status(both, "weekly", instance, "2024-01-08"))


@pytest.mark.parametrize("how", ["range", "keys"])
def test_partitions_made_together_become_stale_one_by_one(how: str, instance: Instance) -> None:
    """A range run records one version for all that it read."""
    days = source(DAYS)

    @asset(partitions_def=DAYS, deps=[days])
    def reader(context) -> None:
        if how == "keys":
            for key in context.partition_keys:
                context.add_asset_metadata({"key": key}, partition_key=key)

    both = [days, reader]
    make(both, "source", instance, "2024-01-01", "2024-01-10")
    make(both, "reader", instance, "2024-01-01", "2024-01-10")
    keys = [f"2024-01-{day:02}" for day in range(1, 11)]
    assert {status(both, "reader", instance, key).status for key in keys} == {"FRESH"}
    make(both, "source", instance, "2024-01-05")
    stale = [key for key in keys if status(both, "reader", instance, key).status == "STALE"]
    assert stale == ["2024-01-05"]
    make(both, "reader", instance, "2024-01-05")
    assert {status(both, "reader", instance, key).status for key in keys} == {"FRESH"}


def test_a_partition_that_reads_the_day_before_is_judged_by_that_day(instance: Instance) -> None:
    days = source(DAYS)
    mapping = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    @asset(
        partitions_def=DailyPartitionsDefinition("2024-01-02", end_date="2024-01-15"),
        deps=[AssetDep(days, partition_mapping=mapping)],
    )
    def reader() -> None: ...

    both = [days, reader]
    make(both, "source", instance, "2024-01-01", "2024-01-05")
    make(both, "reader", instance, "2024-01-03")
    make(both, "source", instance, "2024-01-03")
    assert status(both, "reader", instance, "2024-01-03").status == "FRESH"
    make(both, "source", instance, "2024-01-02")
    assert status(both, "reader", instance, "2024-01-03").status == "STALE"


def test_two_dimensions(instance: Instance) -> None:
    grid = source(GRID)

    @asset(deps=[grid])
    def whole() -> None: ...

    @asset(partitions_def=COLORS, deps=[grid])
    def by_color() -> None: ...

    three = [grid, whole, by_color]
    for key in ("red|2024-01-01", "red|2024-01-02", "blue|2024-01-01"):
        make(three, "source", instance, key)
    make(three, "whole", instance)
    for color in ("red", "blue"):
        make(three, "by_color", instance, color)
    make(three, "source", instance, "red|2024-01-02")
    assert "partition red|2024-01-02" in str(status(three, "whole", instance))
    assert status(three, "by_color", instance, "red").status == "STALE"
    assert status(three, "by_color", instance, "blue").status == "FRESH"


def test_every_partition_of_a_static_definition(instance: Instance) -> None:
    colors = source(COLORS)

    @asset(partitions_def=DAYS, deps=[AssetDep(colors, partition_mapping=AllPartitionMapping())])
    def reader() -> None: ...

    both = [colors, reader]
    make(both, "source", instance, "red")
    make(both, "reader", instance, "2024-01-01")
    assert status(both, "reader", instance, "2024-01-01").status == "FRESH"
    make(both, "source", instance, "blue")
    assert "partition blue" in str(status(both, "reader", instance, "2024-01-01"))


def test_changed_makes_what_reads_a_partition_that_was_made_again(instance: Instance) -> None:
    """`--changed` sees the same as `why`."""
    days = source(DAYS)

    @asset(deps=[days])
    def summary() -> None: ...

    both = [days, summary]

    def changed() -> list[tuple[str, str]]:
        result = materialize(both, selection=["summary"], instance=instance, skip_unchanged=True)
        return [(step.key, step.reason.code) for step in result.plan.steps]

    make(both, "source", instance, "2024-01-01", "2024-01-03")
    assert changed() == [("summary", "never-materialized")]
    assert changed() == []
    make(both, "source", instance, "2024-01-02")
    assert changed() == [("summary", "data-version-changed")]
    assert changed() == []


def test_changed_over_a_range_runs_where_one_of_its_partitions_asks_for_it(instance: Instance) -> None:
    days = source(DAYS)

    @asset(partitions_def=DAYS, deps=[days])
    def reader() -> None: ...

    both = [days, reader]
    catalog = build_code(assets=both).catalog

    def reason(first: str, last: str) -> str:
        wanted = PartitionKeyRange(first, last)
        plan = plan_assets(catalog, [AssetKey("reader")], state=instance, partition=wanted)
        return plan.steps[0].reason.code

    make(both, "source", instance, "2024-01-01", "2024-01-05")
    make(both, "reader", instance, "2024-01-01", "2024-01-04")
    assert reason("2024-01-01", "2024-01-04") == "asked-for"
    assert reason("2024-01-01", "2024-01-05") == "never-materialized"
    make(both, "source", instance, "2024-01-02")
    assert reason("2024-01-01", "2024-01-04") == "data-version-changed"
    assert reason("2024-01-03", "2024-01-04") == "asked-for"


@asset(partitions_def=DAYS)
def upper() -> None: ...


@asset(deps=[upper])
def lower() -> None: ...


@pytest.mark.parametrize("how", ["in_process", "threads", "fork", "spawn"])
def test_every_executor_records_the_version(how: str, instance: Instance) -> None:
    code = build_code(assets=[upper, lower])
    make([upper, lower], "upper", instance, "2024-01-01", "2024-01-05")
    plan = plan_assets(code.catalog, [AssetKey("lower")], job_name="test")
    assert execute_plan(code, plan, instance=instance, executor=executor(how)).success
    assert status([upper, lower], "lower", instance).status == "FRESH"
    make([upper, lower], "upper", instance, "2024-01-02")
    assert status([upper, lower], "lower", instance).status == "STALE"


def test_what_a_run_makes_and_reads_itself_is_fresh(instance: Instance) -> None:
    run_of_both = [upper, lower]
    result = materialize(
        run_of_both, instance=instance, tags={RANGE_START_TAG: "2024-01-01", RANGE_END_TAG: "2024-01-03"}
    )
    assert result.success
    assert status(run_of_both, "lower", instance).status == "FRESH"


def test_partitions_made_at_once_are_read_at_the_cost_of_one_segment(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cost is what the gaps cost: one piece for 457 hours."""
    from treadle import HourlyPartitionsDefinition

    hours = source(HourlyPartitionsDefinition("1920-01-01-00:00", end_date="2024-01-01-00:00"))

    @asset(deps=[hours])
    def summary() -> None: ...

    both = [hours, summary]
    make(both, "source", instance, "1990-01-01-00:00", "1990-01-20-00:00")
    pieces: list[int] = []
    real: Callable[..., Any] = Instance.made_pieces

    def counted(self: Instance, *arguments: Any) -> Any:
        found = real(self, *arguments)
        pieces.append(len(found))
        return found

    monkeypatch.setattr(Instance, "made_pieces", counted)
    make(both, "summary", instance)
    assert status(both, "summary", instance).status == "FRESH"
    assert pieces == [1, 1]
