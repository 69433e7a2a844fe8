"""Jobs, schedules and sensors as values (S0-22, S0-24, S3-21, S3-22, S4-16, S4-18, B03, B06, B07)."""

from datetime import UTC, datetime, timedelta

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError, TreadleError


@dg.asset(group_name="marts")
def orders(): ...


@dg.asset
def report(orders): ...


def job_of(job, **arguments):
    return dg.Definitions(assets=[orders, report], jobs=[job], **arguments).get_job_def(job.name)


def names(keys):
    return sorted(key.to_user_string() for key in keys)


def test_a_job_without_a_check_that_its_asset_makes_is_refused_at_load():
    spec = dg.AssetCheckSpec("some", asset="counted")

    @dg.asset(check_specs=[spec])
    def counted():
        yield dg.Output(1)
        yield dg.AssetCheckResult(passed=True)

    for selection in (dg.AssetSelection.assets(counted).without_checks(), dg.AssetSelection.checks(spec.key)):
        with pytest.raises(InvalidDefinitionError, match="makes together with") as caught:
            dg.Definitions([counted], jobs=[dg.define_asset_job("part", selection)]).resolve_job_def("part")
        assert caught.value.code == "partial-computation"
    whole = dg.Definitions([counted], jobs=[dg.define_asset_job("whole", [counted])])
    assert whole.resolve_job_def("whole").execute_in_process().success


@pytest.mark.parametrize("target", [orders, [orders, report]])
def test_assets_given_as_the_target_of_a_schedule_or_sensor_are_of_the_definitions(target):
    @dg.schedule(cron_schedule="@daily", target=target)
    def daily(): ...

    @dg.sensor(target=report)
    def watch(): ...

    defs = dg.Definitions(schedules=[daily], sensors=[watch], jobs=[dg.define_asset_job("one", [orders])])

    assert names(defs.resolve_all_asset_keys()) == ["orders", "report"]
    assert defs.resolve_assets_def("orders") == orders
    assert defs.resolve_job_def("one").execute_in_process().success
    assert names(defs.resolve_job_def("__anonymous_asset_job_watch").asset_layer.executable_asset_keys) == [
        "report"
    ]


def test_a_target_that_the_definitions_have_in_another_shape_stays_as_they_have_it():
    @dg.schedule(cron_schedule="@daily", target=[orders])
    def daily(): ...

    grouped = orders.with_attributes(group_names_by_key={orders.key: "other"})
    defs = dg.Definitions([grouped], schedules=[daily])

    assert [spec.group_name for spec in defs.resolve_all_asset_specs()] == ["other"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (None, ["orders", "report"]),
        ("group:marts", ["orders"]),
        (dg.AssetSelection.groups("marts").downstream(), ["orders", "report"]),
        ([report], ["report"]),
        (["orders", "report"], ["orders", "report"]),
        (dg.AssetKey("orders"), ["orders"]),
        (orders, ["orders"]),
    ],
)
def test_a_selection_of_any_form(selection, expected):
    """S4-18, S3-21, S2-D01a"""
    assert names(job_of(dg.define_asset_job("j", selection)).asset_keys) == expected


def test_everything_said_of_a_job_is_in_the_catalog():
    policy = dg.RetryPolicy(max_retries=1)

    @dg.success_hook
    def tell(context): ...

    job = dg.define_asset_job(
        "nightly",
        selection="*",
        config={"ops": {}},
        description="All.",
        tags={"team": "data", "n": 1},
        metadata={"a": 1},
        executor_def=dg.in_process_executor,
        hooks={tell},
        op_retry_policy=policy,
        owners=["team:data"],
        timeout=timedelta(hours=1),
        skip_unchanged=True,
    )
    code = dg.Definitions(assets=[orders, report], jobs=[job]).resolve()
    node = code.catalog.jobs["nightly"]
    assert (node.selection, node.description, node.tags, node.run_tags) == ("*", "All.", job.tags, job.tags)
    assert node.tags == {"team": "data", "n": "1"}
    assert (node.executor, node.hook_names, node.retry_policy) == ("in_process", ("tell",), policy)
    assert (node.timeout, node.skip_unchanged, node.owners) == (3600.0, True, ("team:data",))
    assert code.hooks == {"tell": tell}


def test_run_tags_stand_in_for_tags():
    job = job_of(dg.define_asset_job("j", tags={"a": "1"}, run_tags={"b": "2"}))
    assert (dict(job.tags), dict(job.run_tags)) == ({"a": "1"}, {"b": "2"})


def test_a_job_has_the_partitions_that_its_assets_share():
    daily = dg.DailyPartitionsDefinition("2024-01-01")
    a = dg.asset(name="a", partitions_def=daily)(lambda: 1)
    b = dg.asset(name="b", partitions_def=dg.DailyPartitionsDefinition("2024-01-01"))(lambda: 1)
    c = dg.asset(name="c", partitions_def=dg.StaticPartitionsDefinition(["x"]))(lambda: 1)
    plain = dg.asset(name="plain")(lambda: 1)

    def partitions_of(*assets):
        return dg.Definitions(assets=assets, jobs=[dg.define_asset_job("j")]).get_job_def("j").partitions_def

    assert partitions_of(a, b, plain) == daily
    assert partitions_of(a, c) is None


def test_a_selection_that_names_no_asset_is_a_problem_of_its_job():
    defs = dg.Definitions(assets=[orders], jobs=[dg.define_asset_job("j", dg.AssetSelection.assets("ordrs"))])
    (problem,) = defs.problems()
    assert problem.message.startswith("job `j`") and problem.where.startswith(__file__)


@pytest.mark.parametrize("name", ["a-b", "a b", "in", "é"])
def test_job_names_follow_the_rule(name):
    with pytest.raises(InvalidDefinitionError) as caught:
        dg.define_asset_job(name)
    assert caught.value.where.startswith(__file__)


def test_a_schedule_is_named_after_its_job():
    """S3-22"""
    schedule = dg.ScheduleDefinition(job=dg.define_asset_job("sample_job"), cron_schedule="*/5 * * * *")
    assert (schedule.name, schedule.job_name) == ("sample_job_schedule", "sample_job")


def test_a_schedule_lists_its_next_ticks():
    """S2-01, S4-16"""
    schedule = dg.ScheduleDefinition(
        job_name="j", cron_schedule="0 6 * * *", execution_timezone="Asia/Bangkok"
    )
    ticks = schedule.next_ticks(datetime(2026, 1, 1, tzinfo=UTC), 2)
    assert [tick.astimezone(UTC).isoformat() for tick in ticks] == [
        "2026-01-01T23:00:00+00:00",
        "2026-01-02T23:00:00+00:00",
    ]


@pytest.mark.parametrize(
    "cron", ["* * * *", "61 * * * *", "* * * * * *", "", "@every 1s", "0 0 31 2 *", "0 0 30 2 *", [], None]
)
def test_an_impossible_cron_is_refused_when_defined(cron):
    """B06"""
    with pytest.raises(InvalidDefinitionError) as caught:
        dg.ScheduleDefinition(job_name="j", cron_schedule=cron)
    assert caught.value.code == "invalid-cron"


def test_an_unknown_time_zone_is_refused_when_defined():
    """B07, S4-16"""
    with pytest.raises(TreadleError) as caught:
        dg.ScheduleDefinition(job_name="j", cron_schedule="@daily", execution_timezone="Mars/Base")
    assert caught.value.code == "invalid-timezone"


def test_a_job_may_be_named_before_it_is_defined():
    """S0-24"""

    @dg.asset_sensor(asset_key="orders", name="by_name", job="later")
    def by_name(): ...

    @dg.sensor(job=lambda: later)
    def by_reference(): ...

    schedule = dg.ScheduleDefinition("s", job=lambda: later, cron_schedule="@daily")
    later = dg.define_asset_job("later")
    defs = dg.Definitions(
        assets=[orders], jobs=[later], sensors=[by_name, by_reference], schedules=[schedule]
    )
    catalog = defs.resolve().catalog
    assert [node.job_names for node in catalog.sensors.values()] == [("later",), ("later",)]
    assert catalog.schedules["s"].job_name == "later"
    assert catalog.sensors["by_name"].asset_keys == (dg.AssetKey("orders"),)


def test_a_job_that_nobody_defines_is_named_with_the_nearest():
    schedule = dg.ScheduleDefinition(job_name="nightl", cron_schedule="@daily")
    (problem,) = dg.Definitions(
        assets=[orders], jobs=[dg.define_asset_job("nightly")], schedules=[schedule]
    ).problems()
    assert (problem.code, problem.suggestion) == ("unknown-job", "did you mean `nightly`?")


def test_a_target_of_assets_becomes_a_job():
    schedule = dg.ScheduleDefinition("s", target=[orders], cron_schedule="@daily")
    code = dg.Definitions(assets=[orders, report], schedules=[schedule]).resolve()
    assert names(code.jobs["__anonymous_asset_job_s"].asset_keys) == ["orders"]


def test_names_taken_twice_are_told_with_both_places():
    """B03"""

    def make():
        @dg.sensor(job_name="j")
        def watch(): ...

        return watch

    jobs = [dg.define_asset_job("j"), dg.define_asset_job("j", "orders")]
    schedules = [
        dg.ScheduleDefinition("s", job_name="j", cron_schedule=cron) for cron in ("@daily", "@hourly")
    ]
    defs = dg.Definitions(assets=[orders], jobs=jobs, schedules=schedules, sensors=[make(), make()])
    twice = [problem.message for problem in defs.problems() if problem.code == "duplicate-key"]
    assert [message.split("`")[1] for message in twice] == ["j", "s", "watch"]
    assert all(message.count(__file__) == 2 for message in twice)


def test_hooks_take_resources_by_parameter():
    class Channel(dg.ConfigurableResource):
        name: str = "x"

    @dg.failure_hook(name="told", required_resource_keys={"log"})
    def tell(anything, channel: Channel):
        return anything, channel

    assert (tell.name, tell.required_resource_keys) == ("told", {"log", "channel"})
    assert tell.runs_on_failure


def test_executors_can_be_configured():
    two = dg.multiprocess_executor.configured({"max_concurrent": 2})
    assert two.settings()["max_concurrent"] == 2
    assert two.name == "multiprocess" and two is not dg.multiprocess_executor
    with pytest.raises(TreadleError):
        dg.multiprocess_executor.configured({"max_conurrent": 2}).settings()


def test_a_job_tells_which_executor_runs_it():
    @dg.op
    def one(): ...

    @dg.job
    def plain():
        one()

    @dg.job(executor_def=dg.in_process_executor)
    def own():
        one()

    jobs = [plain, own, dg.define_asset_job("of_assets")]
    assert plain.executor_def is dg.multi_or_in_process_executor and not plain.has_specified_executor
    located = dg.Definitions([orders], jobs=jobs, executor=dg.multiprocess_executor)
    found = [located.resolve_job_def(job.name).executor_def.name for job in jobs]
    assert found == ["multiprocess", "in_process", "multiprocess"]
    assert all(located.resolve_job_def(job.name).has_specified_executor for job in jobs)
    unlocated = dg.Definitions([orders], jobs=jobs)
    assert unlocated.resolve_job_def("of_assets").executor_def is dg.multi_or_in_process_executor
    assert [node.executor for node in unlocated.resolve().catalog.jobs.values()] == [None, "in_process", None]


def test_the_resources_of_a_job_have_an_io_manager():
    job = dg.Definitions([orders], jobs=[dg.define_asset_job("j")]).resolve_job_def("j")
    assert dict(job.resource_defs) == {"io_manager": dg.fs_io_manager}
    manager = dg.InMemoryIOManager()
    defs = dg.Definitions([orders], jobs=[dg.define_asset_job("j")], resources={"io_manager": manager})
    assert defs.resolve_job_def("j").resource_defs["io_manager"].source is manager


def test_a_job_of_assets_can_be_resolved_against_a_graph_of_assets():
    graph = dg.Definitions([orders, report], resources={"a": 1}).get_repository_def().asset_graph
    unresolved = dg.define_asset_job("j", selection="orders")
    job = unresolved.resolve(asset_graph=graph, resource_defs={"a": 2, "b": 3})
    assert job.asset_keys == (dg.AssetKey("orders"),)
    assert {key: job.resource_defs[key].source for key in "ab"} == {"a": 1, "b": 3}
    assert unresolved.resolve(graph).executor_def is dg.multi_or_in_process_executor
    named = unresolved.resolve(graph, default_executor_def=dg.in_process_executor)
    assert named.executor_def is dg.in_process_executor
    with pytest.raises(InvalidDefinitionError, match="asset_graph"):
        unresolved.resolve(asset_graph="orders")


def test_what_starts_a_job_of_ops_names_it_with_the_resources_of_its_location():
    @dg.op(required_resource_keys={"greeting"})
    def greet(context):
        return context.resources.greeting

    @dg.job
    def greets():
        greet()

    @dg.sensor(jobs=[greets, dg.define_asset_job("of_assets", selection="*")])
    def watch(): ...

    nightly = dg.ScheduleDefinition(job=greets, cron_schedule="@daily")
    defs = dg.Definitions(
        [orders, report], sensors=[watch], schedules=[nightly], resources={"greeting": "hello"}
    )
    started = [defs.resolve_schedule_def("greets_schedule").job, defs.resolve_sensor_def("watch").jobs[0]]
    assert [job.execute_in_process().output_for_node("greet") for job in started] == ["hello", "hello"]
    assert defs.resolve_sensor_def("watch").job_names == ("greets", "of_assets")
    assert nightly.job is greets, "what was given stays as it is"
