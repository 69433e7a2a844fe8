"""A run of assets that are all partitioned needs a partition: who asks for one without is told, and is not stopped."""

import logging
from datetime import UTC, datetime

import pytest

import treadle as dg
from treadle.core.ticks import TickResult

DAYS = dg.DailyPartitionsDefinition("2024-01-01")


@dg.asset(partitions_def=DAYS)
def orders() -> None: ...


@dg.asset
def customers() -> None: ...


DAILY = dg.define_asset_job("daily", selection=[orders])
MIXED = dg.define_asset_job("mixed", selection=[orders, customers])


def _defs(*schedules: dg.ScheduleDefinition, sensors: tuple[dg.SensorDefinition, ...] = ()) -> dg.Definitions:
    return dg.Definitions(
        assets=[orders, customers], jobs=[DAILY, MIXED], schedules=schedules, sensors=sensors
    )


def _codes(schedule: dg.ScheduleDefinition) -> list[tuple[str, str]]:
    return [(each.code, each.severity) for each in _defs(schedule).problems()]


def _tick(schedule: dg.ScheduleDefinition) -> TickResult:
    code = _defs(schedule).resolve()
    now = datetime(2024, 3, 1, tzinfo=UTC)
    with dg.build_schedule_context(definitions=code, scheduled_execution_time=now) as context:
        return code.schedules[schedule.name].evaluate_tick(context)


def _warned(result: TickResult) -> bool:
    assert len(result.run_requests) == 1
    told = [line for line in result.log_lines if line.level == logging.WARNING]
    assert all("without a partition" in line.message for line in told)
    return bool(told)


def test_a_schedule_of_a_partitioned_job_that_says_no_partition_is_a_warning_and_loads() -> None:
    schedule = dg.ScheduleDefinition(job=DAILY, cron_schedule="@daily")
    assert _codes(schedule) == [("schedule-without-partition", "warning")]
    assert _warned(_tick(schedule))
    by_assets = dg.ScheduleDefinition("by_assets", target=[orders], cron_schedule="@daily")
    assert _codes(by_assets) == [("schedule-without-partition", "warning")]


@pytest.mark.parametrize(
    "schedule",
    [
        dg.build_schedule_from_partitioned_job(DAILY),
        dg.ScheduleDefinition(job=MIXED, cron_schedule="@daily"),
        dg.ScheduleDefinition(job=DAILY, cron_schedule="@daily", tags={"dagster/partition": "2024-01-01"}),
        dg.ScheduleDefinition(
            job=DAILY,
            cron_schedule="@daily",
            tags={
                "dagster/asset_partition_range_start": "2024-01-01",
                "dagster/asset_partition_range_end": "2024-01-02",
            },
        ),
    ],
    ids=["of_partitions", "mixed", "tag", "range"],
)
def test_a_schedule_whose_runs_have_something_to_make_is_none(schedule: dg.ScheduleDefinition) -> None:
    assert _codes(schedule) == []
    assert not _warned(_tick(schedule))


@pytest.mark.parametrize(
    ("asked", "warned"),
    [
        (dg.RunRequest(), True),
        (dg.RunRequest(partition_key="2024-01-01"), False),
        (dg.RunRequest(tags={"dagster/partition": "2024-01-01"}), False),
    ],
)
def test_a_function_is_told_at_its_tick(asked: dg.RunRequest, warned: bool) -> None:
    @dg.schedule("@daily", job=DAILY)
    def every_day(context):
        return asked

    assert _codes(every_day) == []
    assert _warned(_tick(every_day)) is warned


def test_a_sensor_is_told_for_the_assets_that_it_asks_for() -> None:
    @dg.sensor(job=MIXED)
    def some(context):
        return dg.RunRequest(asset_selection=[orders.key])

    defs = _defs(sensors=(some,))
    with dg.DagsterInstance.ephemeral() as instance:
        result = some.evaluate_tick(dg.build_sensor_context(instance, definitions=defs))
    assert _warned(result)
