"""A tick of a sensor that evaluates automation conditions."""

from datetime import UTC, datetime
from typing import Any

import pytest

import treadle as dg

A = dg.AutomationCondition
NOW = datetime(2026, 1, 4, 1, 0, tzinfo=UTC)
DAYS = dg.DailyPartitionsDefinition("2026-01-01")


@dg.asset(automation_condition=A.missing())
def whole() -> None: ...


@dg.asset(deps=[whole], automation_condition=A.missing())
def below() -> None: ...


@dg.asset(partitions_def=DAYS, automation_condition=A.missing() & A.in_latest_time_window())
def daily() -> None: ...


@dg.asset(partitions_def=DAYS)
def quiet() -> None: ...


@dg.asset_check(asset=whole, automation_condition=A.missing())
def chk() -> Any: ...


def tick(sensor: Any, instance: Any, cursor: str | None = None, assets: Any = None) -> Any:
    defs = dg.Definitions(assets or [whole, below, daily, quiet], asset_checks=[chk], sensors=[sensor])
    context = dg.build_sensor_context(instance=instance, cursor=cursor, definitions=defs)
    context.now = NOW
    return sensor.evaluate_tick(context)


@pytest.fixture
def instance() -> Any:
    with dg.Instance.ephemeral() as made:
        yield made


def test_it_asks_for_as_few_runs_as_can_be(instance: Any) -> None:
    sensor = dg.AutomationConditionSensorDefinition("auto", target="*", run_tags={"team": "x"})
    result = tick(sensor, instance)
    together, by_day = result.run_requests
    assert {key.to_user_string() for key in together.asset_selection} == {"whole", "below"}
    assert [key.name for key in together.asset_check_keys] == ["chk"]
    assert by_day.partition_key == "2026-01-03" and by_day.asset_selection == [dg.AssetKey("daily")]
    assert together.tags["team"] == "x" and together.tags["dagster/sensor_name"] == "auto"
    assert [
        found.key for found in result.automation_condition_evaluations if found.true_subset.is_empty
    ] == []


def test_its_cursor_is_text_that_the_next_tick_takes(instance: Any) -> None:
    @dg.asset(automation_condition=A.missing().newly_true())
    def once() -> None: ...

    sensor = dg.AutomationConditionSensorDefinition("auto", target="once")
    first = tick(sensor, instance, assets=[once, whole])
    assert len(first.run_requests) == 1
    second = tick(sensor, instance, first.cursor, assets=[once, whole])
    assert list(second.run_requests) == [] and second.skip_message


def test_only_its_target_is_evaluated_and_the_default_condition_fills_in(instance: Any) -> None:
    default = A.in_latest_time_window()
    sensor = dg.AutomationConditionSensorDefinition("auto", target="quiet", default_condition=default)
    (request,) = tick(sensor, instance).run_requests
    assert request.asset_selection == [dg.AssetKey("quiet")] and request.partition_key == "2026-01-03"


def test_several_partitions_are_one_backfill_unless_told_otherwise(instance: Any) -> None:
    for emit, count in ((True, 1), (False, 3)):
        sensor = dg.AutomationConditionSensorDefinition(
            "auto", target="quiet", default_condition=A.missing(), emit_backfills=emit
        )
        requests = tick(sensor, instance).run_requests
        assert len(requests) == count
        if emit:
            assert len(requests[0].asset_graph_subset[dg.AssetKey("quiet")]) == 3


def test_an_asset_of_other_partitions_is_asked_for_when_its_upstream_was_made(instance: Any) -> None:
    @dg.asset(deps=[daily], automation_condition=A.any_deps_updated())
    def summary() -> None: ...

    sensor = dg.AutomationConditionSensorDefinition("auto", target="*")
    first = tick(sensor, instance, assets=[daily, summary, whole])
    asked = [(request.partition_key, request.asset_selection) for request in first.run_requests]
    assert ("2026-01-03", [dg.AssetKey("daily")]) in asked
    assert not any(dg.AssetKey("summary") in keys for _, keys in asked)
    instance.report_runless_asset_event(dg.AssetMaterialization("daily", partition="2026-01-03"))
    second = tick(sensor, instance, first.cursor, assets=[daily, summary, whole])
    assert [key for one in second.run_requests for key in one.asset_selection].count(
        dg.AssetKey("summary")
    ) == 1


@pytest.mark.parametrize("offset", [0, -1])
def test_what_reads_another_partition_of_the_same_tick_is_one_backfill(instance: Any, offset: int) -> None:
    """Two runs could be made in any order; a backfill makes the upstream first."""
    mapping = dg.TimeWindowPartitionMapping(start_offset=offset, end_offset=offset)
    days = DAYS.get_partition_keys(current_time=NOW)

    @dg.asset(partitions_def=DAYS, automation_condition=A.missing())
    def read() -> None: ...

    dep = dg.AssetDep(read, partition_mapping=mapping)

    @dg.asset(partitions_def=DAYS, deps=[dep], automation_condition=A.any_deps_updated())
    def reader() -> None: ...

    for day in days[:1] + days[2:]:
        instance.report_runless_asset_event(dg.AssetMaterialization("read", partition=day))
    sensor = dg.AutomationConditionSensorDefinition("auto", target=dg.AssetSelection.assets("read", "reader"))
    first = tick(sensor, instance, assets=[read, reader, whole])
    (request,) = first.run_requests
    if offset:
        asked = {key.to_user_string(): list(part) for key, part in request.asset_graph_subset.items()}
        assert asked == {"read": [days[1]], "reader": [days[2]]}
    else:
        assert request.partition_key == days[1] and len(request.asset_selection) == 2
