"""Schedules and sensors of jobs of ops (S0-24, S0-25, S2-D16)."""

from datetime import UTC, datetime

import pytest

import treadle as dg

TIME = datetime(2026, 1, 3, tzinfo=UTC)


@dg.op
def clean(context):
    context.log.info(context.run.tags.get("dagster/partition", "all"))


@dg.graph
def cleaning():
    clean()


@dg.job(name="passport_scores_clean_up_job")
def clean_up_job():
    clean()


@dg.asset
def scores(): ...


def test_an_asset_sensor_written_before_its_job_asks_for_it_by_name_and_by_reference():
    """S0-24: the job stands further down in the factory."""

    @dg.asset_sensor("scores", name="by_name", job="passport_scores_clean_up_job")
    def by_name(context, asset_event):
        return dg.RunRequest(asset_event.run_id)

    @dg.asset_sensor("scores", name="by_reference", job=lambda: clean_up_job)
    def by_reference(context, asset_event):
        return dg.RunRequest(asset_event.run_id)

    defs = dg.Definitions(assets=[scores], jobs=[clean_up_job], sensors=[by_name, by_reference])
    assert defs.problems() == []
    with dg.Instance.ephemeral() as instance:
        made = dg.materialize([scores], instance=instance)
        for sensor in (by_name, by_reference):
            result = sensor.evaluate_tick(dg.build_sensor_context(instance, definitions=defs))
            (request,) = result.run_requests
            assert (request.run_key, result.job_of(request)) == (made.run_id, clean_up_job.name)
            assert (
                defs.get_job_def(result.job_of(request))
                .execute_in_process(run_config=request.run_config)
                .success
            )


@pytest.mark.filterwarnings("ignore:a graph as the job")
def test_a_graph_is_a_job_for_several_schedules_and_sensors():
    hourly = dg.ScheduleDefinition("hourly", job=cleaning, cron_schedule="@hourly")
    daily = dg.ScheduleDefinition("daily", target=cleaning, cron_schedule="@daily")

    @dg.sensor(job=cleaning)
    def watch(context):
        return dg.RunRequest("a")

    defs = dg.Definitions(jobs=[hourly.job], schedules=[hourly, daily], sensors=[watch])
    assert defs.problems() == []
    assert isinstance(watch.job, dg.JobDefinition)
    assert {each.job_name for each in (hourly, daily, watch)} == {"cleaning"}
    context = dg.build_sensor_context(definitions=defs)
    assert watch.evaluate_tick(context).job_name == "cleaning"


def test_a_graph_in_place_of_a_job_says_what_to_write():
    with pytest.warns(DeprecationWarning, match="to_job"):
        dg.SensorDefinition("watch", evaluation_fn=lambda: None, jobs=[cleaning])


def test_a_partitioned_job_of_ops_runs_with_the_config_of_the_tick():
    @dg.daily_partitioned_config("2026-01-01")
    def by_day(start, end):
        return {"ops": {"load": {"config": {"day": f"{start:%a}"}}}}

    seen = []

    @dg.op(config_schema={"day": str})
    def load(context):
        seen.append((context.op_config["day"], context.partition_key))

    @dg.job(config=by_day)
    def by_day_job():
        load()

    schedule = dg.build_schedule_from_partitioned_job(by_day_job)
    (request,) = schedule.evaluate_tick(dg.build_schedule_context(scheduled_execution_time=TIME)).run_requests
    assert request.tags["dagster/partition_set"] == "by_day_job_partition_set"
    by_day_job.execute_in_process(run_config=request.run_config, tags=request.tags)
    by_day_job.execute_in_process(partition_key="2026-01-02")
    assert seen == [("Fri", "2026-01-02")] * 2
