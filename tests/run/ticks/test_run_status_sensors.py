"""Sensors that are told of runs."""

import json
from types import SimpleNamespace

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, TreadleError


@dg.asset
def good(): ...


@dg.asset
def bad():
    raise ValueError("boo")


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["eu", "us"]))
def regional(): ...


good_job = dg.define_asset_job("good_job", selection=[good])
bad_job = dg.define_asset_job("bad_job", selection=[bad])
regional_job = dg.define_asset_job("regional_job", selection=[regional])
defs = dg.Definitions(assets=[good, bad, regional], jobs=[good_job, bad_job, regional_job])
START = json.dumps({"record_id": 0})


@pytest.fixture
def instance():
    with dg.Instance.ephemeral() as made:
        yield made


def run(instance, name, **arguments):
    return defs.get_job_def(name).execute_in_process(instance=instance, raise_on_error=False, **arguments)


def evaluate(sensor, instance, cursor=START, **arguments):
    context = dg.build_sensor_context(instance, cursor, **{"definitions": defs, **arguments})
    return sensor.evaluate_tick(context)


def told(result):
    return [reaction.dagster_run.job_name for reaction in result.dagster_run_reactions]


def collecting(found, **arguments):
    @dg.run_status_sensor(dg.DagsterRunStatus.SUCCESS, name="s", **arguments)
    def tell(context):
        found.append((context.dagster_run.job_name, context.partition_key))

    return tell


def test_the_first_evaluation_only_notes_where_it_begins(instance):
    found = []
    sensor = collecting(found)
    run(instance, "good_job")
    first = evaluate(sensor, instance, None)
    assert (found, told(first)) == ([], [])
    assert first.skip_message.startswith("Initiating s")
    run(instance, "regional_job", partition_key="eu")
    second = evaluate(sensor, instance, first.cursor)
    assert found == [("regional_job", "eu")]
    assert told(second) == ["regional_job"]
    third = evaluate(sensor, instance, second.cursor)
    assert (told(third), third.skip_message) == ([], "Sensor function returned an empty result")


def test_each_run_is_told_once_and_only_of_its_status(instance):
    found = []
    sensor = collecting(found)
    for name in ("good_job", "bad_job", "good_job"):
        run(instance, name)
    result = evaluate(sensor, instance)
    assert [name for name, _ in found] == told(result) == ["good_job", "good_job"]


def test_a_failure_sensor_is_told_why(instance):
    seen = []

    @dg.run_failure_sensor
    def on_failure(context: dg.RunFailureSensorContext):
        seen.append(context.dagster_run.job_name)
        seen.append(context.failure_event.message)
        seen.extend(event.step_key for event in context.get_step_failure_events())
        context.log.info("told")

    run(instance, "bad_job")
    run(instance, "good_job")
    result = evaluate(on_failure, instance)
    assert (seen[0], seen[2]) == ("bad_job", "bad")
    assert "bad" in seen[1]
    assert told(result) == ["bad_job"]
    assert [line.message for line in result.log_lines] == ["told"]


def test_a_function_that_raises_for_one_run_keeps_no_other_from_being_told(instance):
    seen = []

    @dg.run_status_sensor(dg.DagsterRunStatus.SUCCESS)
    def fragile(context):
        seen.append(context.dagster_run.job_name)
        if context.dagster_run.job_name == "good_job":
            raise ValueError("down")

    run(instance, "good_job")
    run(instance, "regional_job", partition_key="us")
    result = evaluate(fragile, instance)
    assert seen == ["good_job", "regional_job"]
    first, second = result.dagster_run_reactions
    assert (first.error.message, second.error) == ("down", None)
    assert told(evaluate(fragile, instance, result.cursor)) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["good_job", "regional_job"]),
        ({"monitored_jobs": [good_job]}, ["good_job"]),
        ({"monitored_jobs": ["regional_job"]}, ["regional_job"]),
        ({"monitored_jobs": [bad_job]}, []),
        ({"monitored_jobs": [SimpleNamespace(location_name="l", job_name="elsewhere")]}, ["elsewhere"]),
        ({"monitored_jobs": [SimpleNamespace(location_name="l")]}, ["good_job", "elsewhere", "regional_job"]),
        ({"monitor_all_code_locations": True}, ["good_job", "elsewhere", "regional_job"]),
    ],
)
def test_which_runs_it_is_told_of(instance, arguments, expected):
    elsewhere = dg.Definitions(assets=[good], jobs=[dg.define_asset_job("elsewhere", selection=[good])])
    run(instance, "good_job")
    elsewhere.get_job_def("elsewhere").execute_in_process(instance=instance)
    run(instance, "regional_job", partition_key="us")
    found = []
    evaluate(collecting(found, **arguments), instance)
    assert [name for name, _ in found] == expected


def test_it_may_ask_for_runs_of_its_request_job(instance):
    @dg.run_status_sensor(dg.DagsterRunStatus.SUCCESS, request_job=bad_job)
    def follow(context):
        if context.dagster_run.job_name == "bad_job":
            return dg.SkipReason("not of its own runs")
        return dg.RunRequest(context.dagster_run.run_id, tags={"after": context.dagster_run.job_name})

    done = run(instance, "good_job")
    result = evaluate(follow, instance)
    (request,) = result.run_requests
    assert (request.run_key, result.job_of(request)) == (done.run_id, "bad_job")
    assert request.tags == {"after": "good_job", "dagster/sensor_name": "follow"}

    @dg.run_status_sensor(dg.DagsterRunStatus.SUCCESS)
    def no_job(context):
        return dg.RunRequest()

    with pytest.raises(InvariantViolationError, match="has no job"):
        evaluate(no_job, instance)

    @dg.run_status_sensor(dg.DagsterRunStatus.SUCCESS)
    def sets_cursor(context):
        return dg.SensorResult(cursor="5")

    with pytest.raises(InvariantViolationError, match="cursor"):
        evaluate(sets_cursor, instance)


class Channel(dg.ConfigurableResource):
    name: str = "c"


def test_resources_in_evaluations_and_direct_calls(instance):
    seen = []

    @dg.run_status_sensor(dg.DagsterRunStatus.SUCCESS)
    def tell(context, channel: Channel):
        seen.append(channel.name)

    done = run(instance, "good_job")
    evaluate(tell, instance, resources={"channel": Channel(name="tick")})
    stored = instance.get_run_by_id(done.run_id)
    event = instance.all_logs(done.run_id, of_type=dg.DagsterEventType.RUN_SUCCESS)[0].dagster_event
    direct = dg.build_run_status_sensor_context(
        "tell", event, instance, stored, resources={"channel": Channel(name="call")}
    )
    tell(direct)
    tell(direct, channel=Channel(name="by name"))
    assert seen == ["tick", "call", "by name"]


def test_a_direct_call_of_a_failure_sensor(instance):
    seen = []

    @dg.run_failure_sensor(name="f")
    def on_failure(context):
        seen.append((type(context).__name__, context.failure_event.event_type_value))

    failed = run(instance, "bad_job")
    event = instance.all_logs(failed.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)[0].dagster_event
    stored = instance.get_run_by_id(failed.run_id)
    context = dg.build_run_status_sensor_context("f", event, instance, stored)
    on_failure(context)
    on_failure(context=context.for_run_failure())
    assert seen == [("RunFailureSensorContext", "PIPELINE_FAILURE")] * 2
    with pytest.raises(InvalidDefinitionError, match="RunStatusSensorContext"):
        on_failure(5)


def test_the_cursor_of_the_peer_is_understood_and_nonsense_is_not(instance):
    found = []
    run(instance, "good_job")
    peers = '{"__class__": "RunStatusSensorCursor", "record_id": 0, "record_timestamp": null}'
    evaluate(collecting(found), instance, peers)
    assert len(found) == 1
    with pytest.raises(TreadleError) as caught:
        evaluate(collecting(found), instance, "x")
    assert caught.value.code == "invalid-cursor"


def test_what_is_refused_and_what_is_deprecated():
    def tell(context): ...

    for wrong in (5, dg.DagsterRunStatus.NOT_STARTED):
        with pytest.raises(InvalidDefinitionError):
            dg.run_status_sensor(wrong)(tell)
    with pytest.raises(InvalidDefinitionError):
        dg.run_status_sensor(dg.DagsterRunStatus.SUCCESS, monitored_jobs=[5])(tell)
    with pytest.warns(DeprecationWarning, match="monitored_jobs"):
        old = dg.run_status_sensor(dg.DagsterRunStatus.SUCCESS, job_selection=[good_job])(tell)
    assert [one.job_name for one in old.monitored_jobs] == ["good_job"]
