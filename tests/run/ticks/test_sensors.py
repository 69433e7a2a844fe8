"""Evaluations of plain sensors (S0-23, S1-38 … S1-41, S2-18, S2-21, S2-D01a, S2-D08, S4-19)."""

import json
import logging

import pytest

import treadle as dg
from treadle.core.errors import (
    InvalidDefinitionError,
    InvalidInvocationError,
    InvalidSubsetError,
    InvariantViolationError,
    UnknownPartitionError,
)
from treadle.run.ticks.evaluate import evaluate_tick

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


names = dg.DynamicPartitionsDefinition(name="names")


@dg.asset
def plain(): ...


@dg.asset
def other(): ...


@dg.asset(partitions_def=names)
def parts(): ...


job = dg.define_asset_job("job", selection=[plain])
parts_job = dg.define_asset_job("parts_job", selection=[parts])


def sensor(function, **arguments):
    return dg.sensor(name="s", **{"job": job, **arguments})(function)


def evaluate(function, sensor_arguments=None, **context):
    return sensor(function, **(sensor_arguments or {})).evaluate_tick(dg.build_sensor_context(**context))


def definitions(*sensors, **arguments):
    return dg.Definitions(
        assets=[plain, other, parts], jobs=[job, parts_job], sensors=list(sensors), **arguments
    )


def keys(result):
    return [request.run_key for request in result.run_requests]


def test_requests_may_be_returned_yielded_listed_or_in_a_result():
    """S1-38"""

    def yields(context):
        yield dg.RunRequest("a", tags={"file": "a.csv"})
        yield dg.RunRequest("b")

    for function in (
        yields,
        lambda context: list(yields(context)),
        lambda context: dg.SensorResult(run_requests=list(yields(context))),
        lambda context: (each for each in yields(context)),
    ):
        result = evaluate(function)
        assert keys(result) == ["a", "b"]
        assert result.run_requests[0].tags == {"file": "a.csv", "dagster/sensor_name": "s"}
        assert (result.skip_message, result.cursor, result.job_name) == (None, None, "job")


def test_the_reason_returned_by_a_generator_is_kept():
    """S1-39: the peer refuses it beside requests."""

    def both(context):
        yield dg.RunRequest("a")
        return dg.SkipReason("two files were empty")

    def none(context):
        for name in ():
            yield dg.RunRequest(name)
        return dg.SkipReason("no file")

    assert (keys(evaluate(both)), evaluate(both).skip_message) == (["a"], "two files were empty")
    assert (keys(evaluate(none)), evaluate(none).skip_message) == ([], "no file")


def test_a_cursor_is_told_and_set():
    """S4-19, S2-21: a JSON cursor of seen files."""
    files = {"a.csv": 1.0, "b.csv": 2.0}

    def watch(context):
        seen = json.loads(context.cursor) if context.cursor else {}
        requests = [dg.RunRequest(f"{name}_{time}") for name, time in files.items() if seen.get(name) != time]
        return dg.SensorResult(run_requests=requests, cursor=json.dumps(files))

    first = evaluate(watch)
    assert keys(first) == ["a.csv_1.0", "b.csv_2.0"]
    second = evaluate(watch, cursor=first.cursor)
    assert (keys(second), second.cursor) == ([], first.cursor)
    files["b.csv"] = 3.0
    assert keys(evaluate(watch, cursor=first.cursor)) == ["b.csv_3.0"]


def test_update_cursor_counts_and_not_beside_a_cursor_in_the_result():
    def updates(context):
        context.update_cursor("5")

    def twice(context):
        context.update_cursor("5")
        return dg.SensorResult(cursor="6")

    assert evaluate(updates, cursor="4").cursor == "5"
    assert evaluate(lambda context: None, cursor="4").cursor == "4"
    with pytest.raises(InvariantViolationError, match="update_cursor"):
        evaluate(twice)


def test_a_failed_evaluation_asks_for_nothing_and_keeps_no_cursor():
    def fails(context):
        context.update_cursor("5")
        context.log.warning("half way")
        yield dg.RunRequest("a")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        evaluate(fails)
    result = evaluate_tick(sensor(fails), dg.build_sensor_context(), raise_on_error=False)
    assert (keys(result), result.cursor, result.error.class_name) == ([], None, "ValueError")
    assert [line.message for line in result.log_lines] == ["half way"]


def test_lines_reach_the_tick_and_pythons_logging(caplog):
    """S1-41"""
    with caplog.at_level(logging.INFO, "treadle.tick"):
        result = evaluate(lambda context: context.log.info("looked at %d files", 3))
    assert [(line.level, line.message) for line in result.log_lines] == [(logging.INFO, "looked at 3 files")]
    assert caplog.messages == ["looked at 3 files"]


@pytest.mark.parametrize("given", [5, "text", {"ops": {}}, [1]])
def test_anything_else_is_refused(given):
    with pytest.raises(InvariantViolationError, match="sensor `s`"):
        evaluate(lambda context: given)


def test_a_result_stands_alone():
    def mixed(context):
        yield dg.SensorResult()
        yield dg.RunRequest()

    with pytest.raises(InvariantViolationError, match="besides"):
        evaluate(mixed)


# --- which job


def test_a_sensor_without_a_job_runs_assets_and_records_events():
    """S1-40; seed 001 has sensors that only tell what they saw."""
    seen = dg.AssetMaterialization("plain", metadata={"rows": 3})
    result = evaluate(lambda context: dg.SensorResult(asset_events=[seen]), {"job": None})
    assert (result.asset_events, result.skip_message) == ([seen], None)

    asks = sensor(lambda context: dg.RunRequest(asset_selection=[plain]), job=None)
    result = asks.evaluate_tick(dg.build_sensor_context(definitions=definitions(asks)))
    assert result.job_of(result.run_requests[0]) == "__ASSET_JOB"

    with pytest.raises(InvariantViolationError) as caught:
        evaluate(lambda context: dg.RunRequest("a"), {"job": None})
    assert caught.value.code == "no-job"
    assert "`asset_selection`" in caught.value.hint


def test_of_several_jobs_a_request_names_one():
    jobs = {"job": None, "jobs": [job, parts_job]}
    assert evaluate(lambda context: dg.RunRequest(job_name="job"), jobs).run_requests[0].job_name == "job"
    with pytest.raises(InvariantViolationError, match="several jobs"):
        evaluate(lambda context: dg.RunRequest(), jobs)
    with pytest.raises(InvariantViolationError) as caught:
        evaluate(lambda context: dg.RunRequest(job_name="jb"), jobs)
    assert "`job`" in caught.value.hint


@pytest.mark.parametrize("target", [[plain], "plain", dg.AssetSelection.assets("plain"), job])
def test_a_target_may_be_assets_or_a_job(target):
    """S2-D01a: the function itself names the asset."""
    one = sensor(lambda context: dg.RunRequest("a"), job=None, target=target)
    defs = definitions(one)
    result = one.evaluate_tick(dg.build_sensor_context(definitions=defs))
    assert [key.to_user_string() for key in defs.resolve().jobs[result.job_name].asset_keys] == ["plain"]


def test_a_late_reference_to_the_job_is_followed_at_the_tick():
    """S0-24"""
    one = sensor(lambda context: dg.RunRequest("a"), job=lambda: later)
    later = dg.define_asset_job("later", selection=[plain])
    assert definitions(one).problems() == []
    assert one.evaluate_tick(dg.build_sensor_context(definitions=definitions(one))).job_name == "later"


def test_a_selection_of_assets_is_what_requests_may_ask_for():
    chosen = {"job": None, "asset_selection": dg.AssetSelection.assets("plain", "other")}

    def ask(*keys):
        one = sensor(
            lambda context: dg.RunRequest(asset_selection=[dg.AssetKey(key) for key in keys] or None),
            **chosen,
        )
        context = dg.build_sensor_context(definitions=definitions(one))
        return [key.to_user_string() for key in one.evaluate_tick(context).run_requests[0].asset_selection]

    assert ask() == ["plain", "other"]
    assert ask("other") == ["other"]
    with pytest.raises(InvalidSubsetError, match="`parts`"):
        ask("parts")


# --- partitions


@pytest.fixture
def instance():
    with dg.Instance.ephemeral() as made:
        made.add_dynamic_partitions("names", ["old"])
        yield made


def ask_for_partition(instance, key, *requests):
    one = sensor(
        lambda context: dg.SensorResult(
            run_requests=[dg.RunRequest(partition_key=key)], dynamic_partitions_requests=requests
        ),
        job=parts_job,
    )
    return one.evaluate_tick(dg.build_sensor_context(instance, definitions=definitions(one)))


def test_a_partition_may_be_added_by_the_same_evaluation(instance):
    add = names.build_add_request(["new"])
    result = ask_for_partition(instance, "new", add)
    assert result.dynamic_partitions_requests == [add]
    assert result.run_requests[0].tags["dagster/partition"] == "new"
    assert instance.get_dynamic_partitions("names") == ["old"]
    assert ask_for_partition(instance, "old").run_requests[0].partition_key == "old"


def test_a_partition_that_is_unknown_or_about_to_go_is_refused(instance):
    with pytest.raises(UnknownPartitionError):
        ask_for_partition(instance, "new")
    with pytest.raises(UnknownPartitionError):
        ask_for_partition(instance, "old", names.build_delete_request(["old"]))
    with pytest.raises(InvariantViolationError, match="`x`"):
        ask_for_partition(
            instance, "old", names.build_add_request(["x"]), names.build_delete_request(["y", "x"])
        )


# --- resources


class Store(dg.ConfigurableResource):
    folder: str = "here"


def test_parameters_may_stand_in_any_order():
    """S2-D08"""

    def first(store: Store, context):
        return dg.RunRequest(f"{store.folder}:{context.cursor}")

    def annotated(store: Store, tick: dg.SensorEvaluationContext):
        return dg.RunRequest(f"{store.folder}:{tick.cursor}")

    for function in (first, annotated):
        result = evaluate(function, resources={"store": Store(folder="there")}, cursor="1")
        assert keys(result) == ["there:1"]


def test_resources_are_opened_when_needed_and_closed_after_the_tick():
    log = []

    @dg.resource
    def opened():
        log.append("open")
        yield 5
        log.append("close")

    def uses(context):
        log.append(context.resources.opened)

    def does_not(context):
        log.append("nothing")

    needs = {"required_resource_keys": {"opened"}}
    evaluate(does_not, resources={"opened": opened})
    assert log == ["nothing"]
    log.clear()
    evaluate(uses, needs, resources={"opened": opened})
    assert log == ["open", 5, "close"]
    log.clear()
    one = sensor(uses, **needs)
    with dg.build_sensor_context(resources={"opened": opened}) as context:
        one.evaluate_tick(context)
        one(context)
        assert log == ["open", 5, 5]
    assert log == ["open", 5, 5, "close"]

    def fails(context):
        log.append(context.resources.opened)
        raise ValueError("no")

    log.clear()
    with pytest.raises(ValueError, match="no"):
        evaluate(fails, needs, resources={"opened": opened})
    assert log == ["open", 5, "close"]


def test_resources_of_the_definitions_are_there_without_being_given():
    one = sensor(
        lambda context: dg.RunRequest(context.resources.store.folder), required_resource_keys={"store"}
    )
    defs = definitions(one, resources={"store": Store(folder="defined")})
    assert keys(one.evaluate_tick(dg.build_sensor_context(definitions=defs))) == ["defined"]
    given = dg.build_sensor_context(definitions=defs, resources={"store": Store(folder="given")})
    assert keys(one.evaluate_tick(given)) == ["given"]
    with pytest.raises(InvalidDefinitionError, match="`store`"):
        one.evaluate_tick(dg.build_sensor_context())


# --- the context and direct calls


def test_what_a_context_tells(instance):
    context = dg.build_sensor_context(
        instance,
        cursor="c",
        sensor_name="s",
        repository_name="r",
        last_sensor_start_time=10.0,
        last_run_key="k",
        last_tick_completion_time=5.0,
    )
    assert (context.cursor, context.sensor_name, context.repository_name) == ("c", "s", "r")
    assert (context.last_run_key, context.last_completion_time) == ("k", 5.0)
    assert context.is_first_tick_since_sensor_start
    assert context.instance is instance
    assert dg.build_sensor_context().repository_def is None
    defs = definitions()
    context = dg.build_sensor_context(definitions=defs)
    assert context.definitions is defs
    assert context.repository_def.has_job("job")
    later = dg.build_sensor_context(last_sensor_start_time=10.0, last_tick_completion_time=11.0)
    assert not later.is_first_tick_since_sensor_start


def test_the_instance_is_there_to_ask(instance):
    """S1-41"""
    dg.materialize([plain], instance=instance)

    def stale(context):
        made = context.instance.get_latest_materialization_event(dg.AssetKey("plain"))
        return dg.RunRequest(str(made.timestamp > 0))

    assert keys(evaluate(stale, instance=instance)) == ["True"]


def test_a_direct_call_gives_what_the_function_gives():
    one = sensor(lambda context: dg.RunRequest(context.cursor))
    assert one(dg.build_sensor_context(cursor="a")) == dg.RunRequest("a")
    assert sensor(lambda: dg.SkipReason("x"))() == dg.SkipReason("x")
    for args, kwargs in [((), {}), ((dg.build_sensor_context(), 2), {}), ((), {"wrong": 1})]:
        with pytest.raises(InvalidInvocationError):
            one(*args, **kwargs)


def test_a_run_key_stands_for_one_run():
    """S1-38"""
    result = evaluate(
        lambda context: [dg.RunRequest("a"), dg.RunRequest("b"), dg.RunRequest("a"), dg.RunRequest()]
    )
    assert [request.run_key for request in result.new_requests({"b"})] == ["a", None]


def test_what_a_sensor_watches_and_nobody_defines_is_a_warning():
    @dg.asset_sensor("plane", job=job)
    def on_asset(context): ...

    @dg.run_failure_sensor(monitored_jobs=[dg.define_asset_job("jobb")])
    def on_failure(context): ...

    problems = definitions(on_asset, on_failure).problems()
    assert [(each.code, each.severity) for each in problems] == [
        ("unknown-asset", "warning"),
        ("unknown-job", "warning"),
    ]
    assert ["plain" in problems[0].suggestion, "job" in problems[1].suggestion] == [True, True]


def test_a_context_may_be_used_for_several_evaluations():
    def counts(context):
        context.log.info("at %s", context.cursor)
        if context.cursor == "1":
            return dg.SensorResult(cursor="2")
        context.update_cursor("1")
        return None

    one, context = sensor(counts), dg.build_sensor_context()
    first, second = one.evaluate_tick(context), one.evaluate_tick(context)
    assert (first.cursor, second.cursor) == ("1", "2")
    assert [[line.message for line in each.log_lines] for each in (first, second)] == [["at None"], ["at 1"]]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"asset_selection": ["orders"]}, {"jobs": ["one", "two"]}],
    ids=["none", "assets", "two"],
)
def test_a_sensor_without_the_one_job_says_so(arguments):
    watch = dg.SensorDefinition("watch", evaluation_fn=lambda: None, **arguments)
    for name in ("job", "job_name"):
        with pytest.raises(dg.DagsterInvalidDefinitionError, match="watch"):
            getattr(watch, name)


def test_a_job_that_is_known_by_name_only_has_a_name_and_is_no_object():
    watch = dg.SensorDefinition("watch", evaluation_fn=lambda: None, job_name="later")
    assert watch.job_name == "later"
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="by name"):
        watch.job


def test_a_resource_that_a_direct_call_lacks_is_an_error_of_the_definition():
    @dg.sensor(job_name="later")
    def watch(place: dg.ResourceParam[str]):
        return dg.RunRequest(run_key=place)

    for arguments in ((), (dg.build_sensor_context(),)):
        with pytest.raises(dg.DagsterInvalidDefinitionError, match="`watch` needs the resource `place`"):
            watch(*arguments)
    assert watch(place="here").run_key == "here"


def test_a_direct_call_names_the_argument_that_it_lacks():
    @dg.sensor(job_name="later")
    def watch(_world):
        return dg.RunRequest()

    with pytest.raises(dg.DagsterInvalidInvocationError, match="'_world'"):
        watch(world=None)


def test_a_context_cannot_start_at_the_latest_without_an_instance():
    with pytest.raises(dg.DagsterInvalidInvocationError, match="instance"):
        dg.build_multi_asset_sensor_context(
            monitored_assets=[dg.AssetKey("orders")], cursor_from_latest_materializations=True
        )
