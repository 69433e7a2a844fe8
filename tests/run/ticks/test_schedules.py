"""Ticks of schedules (S1-36, S1-39, S1-40, S2-18, S3-22, S4-17)."""

from datetime import UTC, datetime

import pytest

import treadle as dg
from tests.core.partitions.facts import build, load
from treadle.core.errors import (
    InvalidDefinitionError,
    InvalidInvocationError,
    InvariantViolationError,
    ScheduleExecutionError,
    TreadleError,
    UnknownPartitionError,
)
from treadle.run.ticks.evaluate import evaluate_tick

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


FACTS = load("time_partitions")
NOON = datetime(2026, 5, 15, tzinfo=UTC)
daily = dg.DailyPartitionsDefinition("2026-01-01")


@dg.asset
def plain(): ...


@dg.asset(partitions_def=daily)
def parts(): ...


job = dg.define_asset_job("job", selection=[plain])
parts_job = dg.define_asset_job("parts_job", selection=[parts], config={"ops": {"parts": {}}})


def context(**arguments):
    return dg.build_schedule_context(scheduled_execution_time=NOON, **arguments)


def schedule(function, **arguments):
    return dg.schedule("@daily", name="s", **{"job": job, **arguments})(function)


def tick(function, **arguments):
    return schedule(function, **arguments).evaluate_tick(context())


def definitions(**arguments):
    return dg.Definitions(assets=[plain, parts], jobs=[job, parts_job], **arguments)


def keys(result):
    return [request.run_key for request in result.run_requests]


def test_a_function_may_give_a_request_a_list_or_yield_them():
    one = dg.RunRequest("a")
    two = dg.RunRequest("b", tags={"n": 1})

    def yields(context):
        yield one
        yield two

    def yields_lists(context):
        yield [one, two]

    assert keys(tick(lambda context: one)) == ["a"]
    for function in (lambda context: [one, two], yields, yields_lists):
        result = tick(function)
        assert keys(result) == ["a", "b"]
        assert result.run_requests[1].tags == {"n": "1", "dagster/schedule_name": "s"}
        assert (result.skip_message, result.job_name) == (None, "job")


def test_a_skip_reason_counts_however_it_is_given():
    """S1-39: also as the return value of a generator that yielded runs."""

    def returned_by_generator(context):
        yield dg.RunRequest("a")
        return dg.SkipReason("the rest is late")

    def only_returned(context):
        return dg.SkipReason("late")
        yield

    both = tick(returned_by_generator)
    assert (keys(both), both.skip_message) == (["a"], "the rest is late")
    for function in (lambda context: dg.SkipReason("late"), only_returned):
        result = tick(function)
        assert (result.run_requests, result.skip_message) == ([], "late")


@pytest.mark.parametrize("nothing", [None, []])
def test_giving_nothing_skips(nothing):
    assert tick(lambda context: nothing).skip_message == "Schedule function returned an empty result"


@pytest.mark.parametrize("given", [{"ops": {"plain": {}}}, dg.RunConfig(ops={"plain": {}})])
def test_run_config_in_place_of_a_request(given):
    result = tick(lambda context: given, tags={"team": "data"})
    (request,) = result.run_requests
    assert request.run_config["ops"] == {"plain": {}}
    assert request.tags == {"team": "data", "dagster/schedule_name": "s"}


def test_the_context_may_have_any_name_or_be_left_out():
    def other_name(moment):
        return dg.RunRequest(moment.scheduled_execution_time.isoformat())

    assert keys(tick(other_name)) == ["2026-05-15T00:00:00+00:00"]
    assert keys(tick(lambda: dg.RunRequest("x"))) == ["x"]


def test_a_schedule_without_a_function_asks_for_one_run():
    static = dg.ScheduleDefinition(job=job, cron_schedule="@daily", run_config={"ops": {}}, tags={"a": "b"})
    (request,) = static.evaluate_tick(context()).run_requests
    assert request.run_config == {"ops": {}}
    assert request.tags == {"a": "b", "dagster/schedule_name": "job_schedule"}
    computed = dg.ScheduleDefinition(
        job=job,
        cron_schedule="@daily",
        run_config_fn=lambda context: {"ops": {"at": context.scheduled_execution_time.year}},
        tags_fn=lambda context: {"c": "d"},
    )
    (request,) = computed.evaluate_tick(context()).run_requests
    assert request.run_config == {"ops": {"at": 2026}}
    assert request.tags == {"c": "d", "dagster/schedule_name": "job_schedule"}


def test_tags_fn_of_the_decorator_is_for_config_that_the_function_gives():
    def tags(context):
        return {"year": str(context.scheduled_execution_time.year)}

    def request_of(given):
        made = dg.schedule("@daily", job=job, name="s", tags_fn=tags)(lambda context: given)
        (request,) = made.evaluate_tick(context()).run_requests
        return request

    assert request_of({"ops": {}}).tags == {"year": "2026", "dagster/schedule_name": "s"}
    assert request_of(dg.RunRequest()).tags == {"dagster/schedule_name": "s"}
    with pytest.raises(dg.InvalidDefinitionError, match="`tags` and `tags_fn`"):
        dg.schedule("@daily", job=job, name="s", tags={"a": "b"}, tags_fn=tags)(lambda context: None)


def test_should_execute_decides_first():
    never = schedule(lambda context: dg.RunRequest(), should_execute=lambda context: False)
    assert "should_execute" in never.evaluate_tick(context()).skip_message


@pytest.mark.parametrize("part", ["run_config_fn", "tags_fn", "should_execute"])
def test_an_exception_says_in_which_function(part):
    failing = dg.ScheduleDefinition(job=job, cron_schedule="@daily", **{part: lambda context: 1 / 0})
    with pytest.raises(ScheduleExecutionError, match=part) as caught:
        failing.evaluate_tick(context())
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_control_loop_gets_the_error_as_a_value_with_the_lines_logged_so_far():
    def fails(context):
        context.log.info("looking")
        raise ValueError("no")

    result = evaluate_tick(schedule(fails), context(), raise_on_error=False)
    assert result.error.class_name == "ScheduleExecutionError"
    assert result.error.cause.message == "no"
    assert [line.message for line in result.log_lines] == ["looking"]
    assert (result.run_requests, result.skip_message) == ([], None)


def test_several_runs_of_one_tick_need_run_keys():
    with pytest.raises(InvariantViolationError, match="run_key"):
        tick(lambda context: [dg.RunRequest(), dg.RunRequest("b")])


@pytest.mark.parametrize("given", [5, "text", dg.SensorResult()])
def test_anything_else_is_refused(given):
    with pytest.raises(InvariantViolationError, match="schedule `s`"):
        tick(lambda context: given)


def test_a_partition_brings_its_tags_and_the_jobs_config():
    """S4-17"""
    one = schedule(lambda context: dg.RunRequest(partition_key="2026-05-14"), job=parts_job)
    for where in ({"definitions": definitions()}, {"repository_def": definitions().get_repository_def()}):
        (request,) = one.evaluate_tick(context(**where)).run_requests
        assert request.partition_key == "2026-05-14"
        assert request.run_config["ops"] == {"parts": {}}
        assert request.tags == {
            "dagster/partition": "2026-05-14",
            "dagster/partition_set": "parts_job_partition_set",
            "dagster/schedule_name": "s",
        }
    (request,) = one.evaluate_tick(context()).run_requests
    assert request.tags["dagster/partition"] == "2026-05-14"


def test_an_unknown_partition_is_an_error_that_names_it():
    """S4-17"""
    one = schedule(lambda context: dg.RunRequest(partition_key="2026-05-15"), job=parts_job)
    with pytest.raises(UnknownPartitionError, match="2026-05-15"):
        one.evaluate_tick(context(definitions=definitions()))
    none = schedule(lambda context: dg.RunRequest(partition_key="2026-05-14"))
    with pytest.raises(InvalidInvocationError, match="no partitions"):
        none.evaluate_tick(context(definitions=definitions()))


def test_a_schedule_without_a_job_runs_assets_and_says_what_lacks_otherwise():
    """S1-40"""
    with_assets = schedule(lambda context: dg.RunRequest(asset_selection=[plain]), job=None)
    defs = definitions(schedules=[with_assets])
    (request,) = with_assets.evaluate_tick(context(definitions=defs)).run_requests
    assert (request.job_name, request.asset_selection) == ("__ASSET_JOB", [dg.AssetKey("plain")])
    without = schedule(lambda context: dg.RunRequest(), job=None)
    with pytest.raises(InvariantViolationError) as caught:
        without.evaluate_tick(context(definitions=definitions(schedules=[without])))
    assert caught.value.code == "no-job"
    assert "asset_selection" in caught.value.hint


@pytest.mark.parametrize(
    ("request_", "meant"),
    [
        (dg.RunRequest(job_name="parts_jb"), "parts_job"),
        (dg.RunRequest(asset_selection=["plan"]), "plain"),
    ],
)
def test_names_that_nobody_defines_get_a_suggestion(request_, meant):
    with pytest.raises(TreadleError) as caught:
        schedule(lambda context: request_).evaluate_tick(context(definitions=definitions()))
    assert meant in caught.value.hint


class Api(dg.ConfigurableResource):
    url: str = "x"


def asks_api(context, api: Api):
    return dg.RunRequest(api.url)


def test_resources_are_parameters_from_the_context_or_the_definitions():
    one = schedule(asks_api)
    assert keys(one.evaluate_tick(context(resources={"api": Api(url="given")}))) == ["given"]
    defs = definitions(schedules=[one], resources={"api": Api(url="defined")})
    assert keys(one.evaluate_tick(context(definitions=defs))) == ["defined"]
    with pytest.raises(InvalidDefinitionError, match="`api`"):
        one.evaluate_tick(context())
    (problem,) = definitions(schedules=[one]).problems()
    assert (problem.code, "`api`" in problem.message) == ("unknown-resource", True)


def test_a_direct_call_takes_resources_by_name_or_from_the_context():
    one = schedule(asks_api)
    assert one(context(), api=Api(url="a")).run_key == "a"
    assert one(context(resources={"api": Api(url="b")})).run_key == "b"
    assert one(context=context(resources={"api": Api(url="c")})).run_key == "c"
    with pytest.raises(InvalidDefinitionError):
        one(context())
    for args, kwargs in [((), {}), ((context(), context()), {}), ((), {"contxt": context()})]:
        with pytest.raises(InvalidInvocationError):
            one(*args, **kwargs)
    with pytest.raises(InvalidDefinitionError, match="ScheduleEvaluationContext"):
        one(5)
    with pytest.raises(InvalidInvocationError, match="decorates no function"):
        dg.ScheduleDefinition(job=job, cron_schedule="@daily")()


def test_what_a_context_was_not_given_is_an_error_that_says_how():
    bare = dg.build_schedule_context()
    for name in ("instance", "scheduled_execution_time", "repository_def"):
        with pytest.raises(InvariantViolationError, match=name) as caught:
            getattr(bare, name)
        assert "build_schedule_context(" in caught.value.hint
    with pytest.raises(AttributeError):
        _ = bare.resources.nothing
    with pytest.raises(InvalidDefinitionError):
        dg.build_schedule_context(instance=3)


def test_ticks_over_several_crons_and_a_change_of_the_clock():
    """S2-01"""
    both = dg.ScheduleDefinition(
        job_name="j",
        cron_schedule=["0 18 * * 1", "1 0 1 1 *"],
        execution_timezone="Europe/Berlin",
    )
    ticks = both.next_ticks(datetime(2026, 12, 27, tzinfo=UTC), 3)
    assert [tick.isoformat() for tick in ticks] == [
        "2026-12-28T18:00:00+01:00",
        "2027-01-01T00:01:00+01:00",
        "2027-01-04T18:00:00+01:00",
    ]
    two_hourly = dg.ScheduleDefinition(job_name="j", cron_schedule="0 */2 * * *")
    assert [tick.hour for tick in two_hourly.next_ticks(datetime(2026, 1, 1, 1, tzinfo=UTC), 3)] == [2, 4, 6]


def test_a_naive_time_is_in_the_zone_of_the_schedule():
    """S2-01: Monday 18:00, every 2 hours, 1 January 00:01."""
    monday = dg.ScheduleDefinition(job_name="j", cron_schedule="0 18 * * 1", execution_timezone="Asia/Tokyo")
    assert [tick.isoformat() for tick in monday.next_ticks(datetime(2026, 11, 21), 3)] == [
        "2026-11-23T18:00:00+09:00",
        "2026-11-30T18:00:00+09:00",
        "2026-12-07T18:00:00+09:00",
    ]
    on_the_hour = dg.ScheduleDefinition(
        job_name="j", cron_schedule="0 */2 * * *", execution_timezone="Asia/Tokyo"
    )
    assert [tick.hour for tick in on_the_hour.next_ticks(datetime(2026, 11, 21, 2), 2)] == [4, 6]
    yearly = dg.ScheduleDefinition(job_name="j", cron_schedule="1 0 1 1 *")
    assert [tick.isoformat() for tick in yearly.next_ticks(datetime(2026, 11, 21), 2)] == [
        "2027-01-01T00:01:00+00:00",
        "2028-01-01T00:01:00+00:00",
    ]


# --- build_schedule_from_partitioned_job


@pytest.mark.parametrize("in_definitions", [False, True])
@pytest.mark.parametrize(
    "fact", FACTS["schedule_from_partitioned_job"], ids=lambda fact: fact["scheduled_time"]
)
def test_a_schedule_of_a_partitioned_job(fact, in_definitions):
    definition = build(fact["definition"])
    where = {}
    arguments = dict(fact["kwargs"])
    if isinstance(definition, dg.StaticPartitionsDefinition):
        arguments["cron_schedule"] = fact["result"]["cron_schedule"]
    if in_definitions:
        # The partitions are those of the asset, known once it stands in Definitions.
        one = dg.asset(name="one", partitions_def=definition)(lambda: None)
        j = dg.define_asset_job("j", selection=[one])
        built = dg.build_schedule_from_partitioned_job(j, **arguments)
        defs = dg.Definitions(assets=[one], schedules=[built])
        built = defs.get_schedule_def("j_schedule")
        where = {"definitions": defs}
    else:
        j = dg.define_asset_job("j", partitions_def=definition)
        built = dg.build_schedule_from_partitioned_job(j, **arguments)
    expected = fact["result"]
    assert (built.name, built.cron_schedule, built.execution_timezone) == (
        expected["schedule_name"],
        expected["cron_schedule"],
        expected["execution_timezone"],
    )
    time = datetime.fromisoformat(fact["scheduled_time"].replace("Z", "+00:00"))
    result = built.evaluate_tick(dg.build_schedule_context(scheduled_execution_time=time, **where))
    assert (result.run_requests == []) == expected["skip"]
    found = [
        {"run_key": each.run_key, "partition_key": each.partition_key, "tags": dict(each.tags)}
        for each in result.run_requests
    ]
    assert found == expected["requests"]


def test_a_time_dimension_asks_for_its_last_key_with_each_of_the_others():
    grid = dg.MultiPartitionsDefinition({"day": daily, "region": dg.StaticPartitionsDefinition(["eu", "us"])})
    built = dg.build_schedule_from_partitioned_job(
        dg.define_asset_job("grid", partitions_def=grid), hour_of_day=3
    )
    result = built.evaluate_tick(context())
    assert built.cron_schedule == "0 3 * * *"
    assert keys(result) == ["2026-05-14|eu", "2026-05-14|us"]
    assert result.run_requests[0].tags["dagster/partition/region"] == "eu"


def test_partitions_that_are_no_times_need_a_cron_and_run_all():
    static = dg.define_asset_job("regions", partitions_def=dg.StaticPartitionsDefinition(["eu", "us"]))
    built = dg.build_schedule_from_partitioned_job(static, cron_schedule="@weekly", tags={"a": "b"})
    result = built.evaluate_tick(context())
    assert keys(result) == ["eu", "us"]
    assert result.run_requests[0].tags["a"] == "b"
    instance = dg.Instance.ephemeral()
    instance.add_dynamic_partitions("names", ["x"])
    dynamic = dg.define_asset_job("names", partitions_def=dg.DynamicPartitionsDefinition(name="names"))
    built = dg.build_schedule_from_partitioned_job(dynamic, cron_schedule="@weekly")
    assert keys(built.evaluate_tick(context(instance=instance))) == ["x"]


@pytest.mark.parametrize(
    ("partitions", "arguments"),
    [
        (dg.StaticPartitionsDefinition(["a"]), {}),
        (dg.StaticPartitionsDefinition(["a"]), {"cron_schedule": "@daily", "hour_of_day": 3}),
        (daily, {"cron_schedule": "@daily"}),
        (daily, {"execution_timezone": "UTC"}),
        (daily, {"day_of_week": 3}),
    ],
)
def test_arguments_that_do_not_fit_the_partitions_are_refused(partitions, arguments):
    with pytest.raises(InvalidDefinitionError):
        dg.build_schedule_from_partitioned_job(
            dg.define_asset_job("j", partitions_def=partitions), **arguments
        )


def test_a_job_without_partitions_is_a_problem_of_its_schedule():
    built = dg.build_schedule_from_partitioned_job(job)
    (problem,) = dg.Definitions(assets=[plain], schedules=[built]).problems()
    assert "no partitions" in problem.message and problem.where.startswith(__file__)


def test_a_copy_may_have_another_job_or_other_metadata():
    one = schedule(lambda context: dg.RunRequest())
    assert one.with_updated_job(parts_job).job_name == "parts_job"
    assert one.with_attributes(metadata={"a": 1}).metadata == {"a": dg.MetadataValue.int(1)}
    assert (one.job_name, one.metadata) == ("job", {})


def test_an_empty_config_is_as_none_beside_a_function():
    by_config = dg.ScheduleDefinition(
        "hourly", cron_schedule="@hourly", job_name="load", run_config={}, run_config_fn=lambda _: {"ops": {}}
    )
    assert by_config.evaluate_tick(dg.build_schedule_context()).run_requests[0].run_config == {"ops": {}}
    by_function = dg.ScheduleDefinition(
        "hourly", cron_schedule="@hourly", job_name="load", run_config={}, execution_fn=lambda _: []
    )
    assert by_function.evaluate_tick(dg.build_schedule_context()).run_requests == []
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="`run_config` and `run_config_fn`"):
        dg.ScheduleDefinition(
            "hourly", cron_schedule="@hourly", job_name="load", run_config={"a": 1}, run_config_fn=dict
        )


def test_metadata_of_schedules_and_sensors_is_of_its_kind():
    made = schedule(lambda context: dg.RunRequest()).with_attributes(metadata={"team": "a"})
    watch = dg.SensorDefinition("watch", evaluation_fn=lambda: None, metadata={"team": "a"})
    assert made.metadata == watch.metadata == {"team": dg.MetadataValue.text("a")}
    with pytest.raises(dg.DagsterInvalidMetadata):
        dg.SensorDefinition("watch", evaluation_fn=lambda: None, metadata={"team": object()})


@pytest.mark.parametrize("cron", ["*/90 * * * *", "0 */25 * * *", ["@daily", "0 0 1 */13 *"]])
def test_an_interval_longer_than_its_field_is_told(cron):
    with pytest.warns(UserWarning, match="interval"):
        dg.ScheduleDefinition(job_name="load", cron_schedule=cron)


@pytest.mark.parametrize("cron", ["*/59 * * * *", "0 0 * * */7", "0 0 */31 * *"])
def test_an_interval_as_long_as_its_field_is_nothing_to_tell(cron):
    dg.ScheduleDefinition(job_name="load", cron_schedule=cron)


def test_a_schedule_whose_job_is_not_resolved_tells_what_it_was_given():
    @dg.asset(partitions_def=dg.DailyPartitionsDefinition("2026-01-01"))
    def dated(): ...

    running = dg.DefaultScheduleStatus.RUNNING
    built = dg.build_schedule_from_partitioned_job(
        dg.define_asset_job("dated_job", [dated]), metadata={"team": "a"}, default_status=running
    )
    assert (built.metadata, built.default_status) == ({"team": "a"}, running)
    changed = built.with_metadata({**built.metadata, "rank": 4})
    resolved = dg.Definitions(assets=[dated], schedules=[changed]).get_schedule_def("dated_job_schedule")
    assert {name: each.value for name, each in resolved.metadata.items()} == {"team": "a", "rank": 4}
    assert built.metadata == {"team": "a"}
