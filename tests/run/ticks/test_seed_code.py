"""Schedules and sensors as tutorials write them (S1-36 … S1-41, S3-22, S4-16, S4-17, S4-19)."""

import sys
import types
from datetime import UTC, datetime

import pytest

import treadle as dg
from treadle import (
    AssetSelection,
    RunRequest,
    ScheduleDefinition,
    SensorResult,
    SkipReason,
    define_asset_job,
    schedule,
    sensor,
)
from treadle.core.errors import InvariantViolationError, UnknownPartitionError

list_files_in_bucket = {}


@dg.asset(group_name="weather")
def raw_weather(): ...


@dg.asset
def my_important_data(): ...


@dg.asset(partitions_def=dg.HourlyPartitionsDefinition("2026-01-01-00", fmt="%Y-%m-%d-%H"))
def events(): ...


@dg.schedule(
    name="daily_weather_schedule",
    cron_schedule="0 2 * * *",  # Daily at 2 AM
    job=dg.define_asset_job(
        name="weather_job",
        selection=dg.AssetSelection.groups("weather"),
    ),
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def daily_weather_schedule():
    """Run weather pipeline daily."""
    return dg.RunRequest()


@dg.sensor(
    name="file_sensor",
    minimum_interval_seconds=60,  # Check every minute
)
def file_arrival_sensor(context: dg.SensorEvaluationContext):
    """Trigger when new file arrives."""

    # Check for new files
    files = list_files_in_bucket["s3://my-bucket/incoming/"]

    if not files:
        return dg.SkipReason("No new files")

    # Trigger job for each file
    for file in files:
        yield dg.RunRequest(
            run_key=file,  # Unique key to avoid duplicates
            tags={"file_path": file},
        )


@dg.sensor(
    name="data_freshness_sensor",
    minimum_interval_seconds=300,  # Check every 5 minutes
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def data_freshness_sensor(context: dg.SensorEvaluationContext):
    """Alert if data is stale."""

    asset_key = dg.AssetKey(["my_important_data"])
    last_materialization = context.instance.get_latest_materialization_event(asset_key)

    if not last_materialization:
        return dg.SkipReason("No materialization yet")

    from datetime import datetime, timedelta

    age = datetime.now().timestamp() - last_materialization.timestamp
    max_age = timedelta(hours=limit_hours).total_seconds()

    if age > max_age:
        context.log.error(f"Data is {age / 3600:.1f} hours old!")
        # Trigger rematerialization
        return dg.RunRequest(asset_selection=[asset_key])

    return dg.SkipReason(f"Data is fresh ({age / 3600:.1f} hours)")


limit_hours = 2


# Simple schedule
daily_refresh = ScheduleDefinition(
    job=define_asset_job("daily_refresh", selection=AssetSelection.groups("weather")),
    cron_schedule="0 6 * * *",  # 6 AM daily
    execution_timezone="Asia/Bangkok",
)


# Dynamic schedule
@schedule(
    cron_schedule="0 * * * *",  # Every hour
    job=define_asset_job("hourly_events", selection=[events]),
)
def hourly_events_schedule(context):
    partition_key = context.scheduled_execution_time.strftime("%Y-%m-%d-%H")
    return RunRequest(
        run_key=partition_key,
        partition_key=partition_key,
        tags={"source": "schedule"},
    )


# S3 Sensor - trigger on new files
@sensor(
    job=define_asset_job("process_uploads", selection=[raw_weather]),
    minimum_interval_seconds=60,
)
def s3_file_sensor(context):
    import boto3

    s3 = boto3.client("s3")
    bucket = "my-bucket"
    prefix = "uploads/"

    # Get last processed marker
    cursor = context.cursor or ""

    response = s3.list_objects_v2(
        Bucket=bucket,
        Prefix=prefix,
        StartAfter=cursor,
    )

    new_files = response.get("Contents", [])

    if not new_files:
        return SkipReason("No new files")

    run_requests = []
    for obj in new_files:
        run_requests.append(
            RunRequest(
                run_key=obj["Key"],
                run_config={"ops": {"process_file": {"config": {"file_path": obj["Key"]}}}},
            )
        )

    return SensorResult(
        run_requests=run_requests,
        cursor=new_files[-1]["Key"],  # Update cursor
    )


defs = dg.Definitions(
    assets=[raw_weather, my_important_data, events],
    schedules=[daily_weather_schedule, daily_refresh, hourly_events_schedule],
    sensors=[file_arrival_sensor, data_freshness_sensor, s3_file_sensor],
)


def at(time, one):
    context = dg.build_schedule_context(scheduled_execution_time=time, definitions=defs)
    return one.evaluate_tick(context)


def test_it_all_loads():
    assert defs.problems() == []
    nodes = defs.resolve().catalog.schedules
    assert (nodes["daily_weather_schedule"].default_status, nodes["daily_refresh_schedule"].job_name) == (
        "RUNNING",
        "daily_refresh",
    )


def test_the_daily_schedule_asks_for_its_job():
    result = at(datetime(2026, 1, 2, 2, tzinfo=UTC), daily_weather_schedule)
    assert (len(result.run_requests), result.job_name) == (1, "weather_job")


def test_the_hourly_schedule_asks_for_the_hour_it_names():
    """S4-17: the hour of the tick has only begun, so its partition does not exist yet; the error says which."""
    with pytest.raises(UnknownPartitionError, match="2026-01-02-05"):
        at(datetime(2026, 1, 2, 5, tzinfo=UTC), hourly_events_schedule)
    request = hourly_events_schedule(
        dg.build_schedule_context(scheduled_execution_time=datetime(2026, 1, 2, 5, tzinfo=UTC))
    )
    assert (request.run_key, request.tags) == ("2026-01-02-05", {"source": "schedule"})


def test_the_file_sensor_needs_a_job_or_assets_for_its_runs():
    """S1-39, S1-40: it loads; what it skips is told; what it asks for lacks a job, and the error says so."""
    list_files_in_bucket["s3://my-bucket/incoming/"] = []
    context = dg.build_sensor_context(definitions=defs)
    assert file_arrival_sensor.evaluate_tick(context).skip_message == "No new files"
    list_files_in_bucket["s3://my-bucket/incoming/"] = ["a", "b"]
    assert [request.tags for request in file_arrival_sensor(context)] == [
        {"file_path": "a"},
        {"file_path": "b"},
    ]
    with pytest.raises(InvariantViolationError, match="has no job"):
        file_arrival_sensor.evaluate_tick(context)


def test_the_freshness_sensor_asks_for_its_asset(monkeypatch):
    """S1-41"""
    with dg.Instance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, definitions=defs)
        assert data_freshness_sensor.evaluate_tick(context).skip_message == "No materialization yet"
        dg.materialize([my_important_data], instance=instance)
        assert data_freshness_sensor.evaluate_tick(context).skip_message == "Data is fresh (0.0 hours)"
        monkeypatch.setitem(globals(), "limit_hours", -1)
        result = data_freshness_sensor.evaluate_tick(context)
        (request,) = result.run_requests
        assert request.asset_selection == [dg.AssetKey("my_important_data")]
        assert [line.message for line in result.log_lines] == ["Data is 0.0 hours old!"]


def test_the_s3_sensor_takes_each_file_once(monkeypatch):
    """S4-19"""
    stored = ["uploads/a", "uploads/b"]

    def list_objects_v2(Bucket, Prefix, StartAfter):
        return {"Contents": [{"Key": key} for key in stored if key.startswith(Prefix) and key > StartAfter]}

    fake = types.SimpleNamespace(client=lambda name: types.SimpleNamespace(list_objects_v2=list_objects_v2))
    monkeypatch.setitem(sys.modules, "boto3", fake)
    seen, cursor = [], None
    for added in (None, None, "uploads/c"):
        stored += [added] if added else []
        result = s3_file_sensor.evaluate_tick(dg.build_sensor_context(cursor=cursor, definitions=defs))
        seen += [request.run_key for request in result.run_requests]
        cursor = result.cursor
    assert seen == ["uploads/a", "uploads/b", "uploads/c"]
