"""A schedule written on the asset itself (S2-D05)."""

from datetime import UTC, datetime

import treadle as dg

TIME = datetime(2026, 5, 15, 2, tzinfo=UTC)


def evaluated(defs, name, **arguments):
    context = dg.build_schedule_context(scheduled_execution_time=TIME, definitions=defs, **arguments)
    return defs.get_schedule_def(name).evaluate_tick(context)


def test_an_asset_with_a_schedule_has_a_job_and_asks_for_the_last_complete_day():
    @dg.asset(partitions_def=dg.DailyPartitionsDefinition("2026-01-01"), schedule="0 2 * * *")
    def sales(): ...

    defs = dg.Definitions(assets=[sales])
    schedule = defs.get_schedule_def("sales_schedule")
    assert (schedule.cron_schedule, schedule.job_name) == ("0 2 * * *", "sales_job")
    assert [key.to_user_string() for key in defs.get_job_def("sales_job").asset_keys] == ["sales"]
    assert schedule.where.startswith(__file__)
    (request,) = evaluated(defs, "sales_schedule").run_requests
    assert (request.partition_key, request.run_key) == ("2026-05-14", "2026-05-14")
    assert request.tags["dagster/partition_set"] == "sales_job_partition_set"


def test_without_partitions_it_asks_for_one_run_and_else_for_each_key():
    @dg.asset(key_prefix="raw", schedule=["@daily", "0 12 * * *"])
    def plain(): ...

    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["eu", "us"]), schedule="@daily")
    def regional(): ...

    defs = dg.Definitions(assets=[plain, regional])
    (request,) = evaluated(defs, "raw__plain_schedule").run_requests
    assert request.partition_key is None
    requests = evaluated(defs, "regional_schedule").run_requests
    assert [each.partition_key for each in requests] == ["eu", "us"]
    assert requests[0].run_key == "2026-05-15T02:00:00+00:00 eu"


def test_the_schedule_stays_with_copies_and_is_wrong_at_load():
    @dg.asset(schedule="61 * * * *")
    def broken(): ...

    @dg.asset(schedule="@daily")
    def moved(): ...

    renamed = moved.map_asset_specs(lambda spec: spec.replace_attributes(group_name="g"))
    assert dg.Definitions(assets=[renamed]).get_schedule_def("moved_schedule").job_name == "moved_job"
    (problem,) = dg.Definitions(assets=[broken]).problems()
    assert problem.code == "invalid-cron"
    assert "'61'" in problem.message and problem.where.startswith(__file__)
