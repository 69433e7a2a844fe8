"""A time without a zone, given as "now", is wall time in the zone of the partitions that are asked for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import treadle as dg

CENTRAL = dg.DailyPartitionsDefinition("2024-01-01", timezone="US/Central")
BERLIN = dg.DailyPartitionsDefinition("2024-01-01", timezone="Europe/Berlin")
BY_REGION = dg.MultiPartitionsDefinition({"day": CENTRAL, "region": dg.StaticPartitionsDefinition(["eu"])})
MIDNIGHT = datetime(2024, 3, 5)
LATE = datetime(2024, 3, 4, 23, 30)

CASES = pytest.mark.parametrize(
    ("partitions", "now", "last"),
    [
        (CENTRAL, MIDNIGHT, "2024-03-04"),
        (CENTRAL, LATE, "2024-03-03"),
        (BERLIN, MIDNIGHT, "2024-03-04"),
        (BERLIN, LATE, "2024-03-03"),
        (BY_REGION, MIDNIGHT, "2024-03-04|eu"),
        (dg.HourlyPartitionsDefinition("2024-03-01-00:00", timezone="US/Central"), LATE, "2024-03-04-22:00"),
        (dg.DailyPartitionsDefinition("2024-01-01"), MIDNIGHT, "2024-03-04"),
    ],
)


@CASES
def test_keys_at_a_naive_time(partitions, now, last):
    assert partitions.get_partition_keys(current_time=now)[-1] == last
    with dg.partition_loading_context(now):
        assert partitions.get_partition_keys()[-1] == last


@CASES
def test_a_partitioned_job_is_scheduled_at_a_naive_time(partitions, now, last):
    part = dg.asset(name="part", partitions_def=partitions)(lambda: None)
    schedule = dg.build_schedule_from_partitioned_job(dg.define_asset_job("parts", [part]))
    defs = dg.Definitions(assets=[part], schedules=[schedule])
    context = dg.build_schedule_context(scheduled_execution_time=now, definitions=defs)
    requests = defs.get_schedule_def("parts_schedule").evaluate_tick(context).run_requests
    assert [request.partition_key for request in requests] == [last]


@CASES
def test_conditions_are_asked_at_a_naive_time(partitions, now, last):
    part = dg.asset(
        name="part",
        partitions_def=partitions,
        automation_condition=dg.AutomationCondition.in_latest_time_window(),
    )(lambda: None)
    with dg.Instance.ephemeral() as instance:
        result = dg.evaluate_automation_conditions([part], instance, evaluation_time=now)
    assert result.get_requested_partitions(part.key) == {last}


@pytest.mark.parametrize("first_zone", [None, ZoneInfo("Europe/Berlin")])
def test_the_next_window_comes_at_midnight_of_the_partitions(first_zone):
    """Also where the tick before had a zone: what it knew of the partitions is not taken for the naive time."""
    part = dg.asset(
        name="part",
        partitions_def=BERLIN,
        automation_condition=dg.AutomationCondition.in_latest_time_window(),
    )(lambda: None)
    defs = dg.Definitions(assets=[part])
    cursor, found = None, []
    with dg.Instance.ephemeral() as instance:
        for index in range(5):
            now = LATE + timedelta(minutes=15 * index)
            if index == 0:
                now = now.replace(tzinfo=first_zone)
            result = dg.evaluate_automation_conditions(defs, instance, evaluation_time=now, cursor=cursor)
            cursor = result.cursor
            found.append(result.get_requested_partitions(part.key))
    assert found == [{"2024-03-03"}] * 2 + [{"2024-03-04"}] * 3


def test_config_of_a_partition_at_a_naive_time():
    @dg.daily_partitioned_config(start_date="2024-01-01", timezone="US/Central")
    def of_a_day(start, end):
        return {}

    assert of_a_day.get_partition_keys(current_time=MIDNIGHT)[-1] == "2024-03-04"


def test_a_request_is_checked_at_the_naive_time_of_its_tick():
    part = dg.asset(name="part", partitions_def=CENTRAL)(lambda: None)
    job = dg.define_asset_job("parts", [part])

    def evaluate(key):
        @dg.schedule(cron_schedule="@daily", job=job, execution_timezone="US/Central")
        def nightly(context):
            return dg.RunRequest(partition_key=key)

        defs = dg.Definitions(assets=[part], schedules=[nightly])
        return nightly.evaluate_tick(
            dg.build_schedule_context(scheduled_execution_time=MIDNIGHT, definitions=defs)
        )

    assert [request.partition_key for request in evaluate("2024-03-04").run_requests] == ["2024-03-04"]
    with pytest.raises(dg.DagsterUnknownPartitionError, match="2024-03-05"):
        evaluate("2024-03-05")
