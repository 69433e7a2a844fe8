"""Sensors that watch materializations (S0-22, S0-23, S1-34)."""

import json

import pytest

import treadle as dg
from treadle.core.errors import InvalidInvocationError, InvariantViolationError, TreadleError

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


days = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-08")
weeks = dg.WeeklyPartitionsDefinition("2026-01-04", end_date="2026-02-01")


@dg.asset
def plain():
    return dg.MaterializeResult(metadata={"rows": 3})


@dg.asset
def other(): ...


@dg.asset(partitions_def=days, backfill_policy=dg.BackfillPolicy.single_run())
def daily() -> None: ...


@dg.asset(partitions_def=days, deps=[daily])
def daily_too(): ...


@dg.asset(partitions_def=weeks, deps=[daily])
def weekly(): ...


job = dg.define_asset_job("job", selection=[other])
defs = dg.Definitions(assets=[plain, other, daily, daily_too, weekly], jobs=[job])
PLAIN, OTHER, DAILY, DAILY_TOO, WEEKLY = (
    dg.AssetKey(name) for name in ("plain", "other", "daily", "daily_too", "weekly")
)


@pytest.fixture
def instance():
    with dg.Instance.ephemeral() as made:
        yield made


def make(instance, asset, *keys):
    for key in keys or (None,):
        assert dg.materialize([asset], instance=instance, partition_key=key).success


def evaluate(sensor, instance, cursor=None):
    return sensor.evaluate_tick(dg.build_sensor_context(instance, cursor, definitions=defs))


def keys(result):
    return [request.run_key for request in result.run_requests]


def watching(asset, function):
    return dg.asset_sensor(asset, name="s", job=job, default_status=dg.DefaultSensorStatus.STOPPED)(function)


def test_each_new_materialization_gives_one_run_and_none_twice(instance):
    """S0-22: the peer only sees the latest, so two between two ticks would give one run."""
    sensor = watching(plain, lambda context, event: dg.RunRequest(event.run_id))
    assert evaluate(sensor, instance).skip_message.startswith("No new materialization")
    make(instance, plain)
    make(instance, plain)
    first = evaluate(sensor, instance)
    assert keys(first) == [instance.get_latest_materialization_event(PLAIN).run_id]
    assert keys(evaluate(sensor, instance, first.cursor)) == []
    make(instance, plain)
    make(instance, plain)
    second = evaluate(sensor, instance, first.cursor)
    made = [record.run_id for record in instance.fetch_materializations(PLAIN, 2, ascending=False).records]
    assert keys(second) == made[::-1]
    assert keys(evaluate(sensor, instance, second.cursor)) == []


def test_the_cursor_in_the_function_differs_from_event_to_event(instance):
    """Functions written for the peer use `context.cursor` as run key."""
    sensor = watching(daily, lambda context, event: dg.RunRequest(context.cursor))
    make(instance, daily, "2026-01-01")
    first = evaluate(sensor, instance)
    tags = {
        "dagster/asset_partition_range_start": "2026-01-02",
        "dagster/asset_partition_range_end": "2026-01-04",
    }
    assert dg.materialize([daily], instance=instance, tags=tags).success
    second = evaluate(sensor, instance, first.cursor)
    assert len(set(keys(second))) == 3
    assert second.cursor.isdecimal()


def test_the_event_tells_metadata_and_partition(instance):
    """S0-23"""
    make(instance, plain)
    seen = []
    evaluate(
        watching(plain, lambda context, event: seen.append(event.asset_materialization.metadata)), instance
    )
    assert seen[0]["rows"].value == 3
    make(instance, daily, "2026-01-03")
    evaluate(watching(daily, lambda context, event: seen.append(event.dagster_event.partition)), instance)
    assert seen[1] == "2026-01-03"


def test_context_event_and_resources_stand_in_any_order(instance):
    """S0-23, S2-D08: seed 000 writes `context, gcs, asset_event`."""
    make(instance, plain)

    class Bucket(dg.ConfigurableResource):
        name: str = "b"

    def as_seed(context: dg.SensorEvaluationContext, gcs: Bucket, asset_event: dg.EventLogEntry):
        return dg.RunRequest(f"{gcs.name} {type(context).__name__} {asset_event.asset_materialization.label}")

    def turned(asset_event: dg.EventLogEntry, gcs: Bucket, context: dg.SensorEvaluationContext):
        return as_seed(context, gcs, asset_event)

    def unnamed(ctx, gcs: Bucket, e):
        return as_seed(ctx, gcs, e)

    for function in (as_seed, turned, unnamed):
        context = dg.build_sensor_context(instance, resources={"gcs": Bucket()})
        assert keys(watching(plain, function).evaluate_tick(context)) == ["b SensorEvaluationContext plain"]
    for function, given in [
        (lambda asset_event: dg.RunRequest(type(asset_event).__name__), "EventLogEntry"),
        (lambda context: dg.RunRequest(type(context).__name__), "SensorEvaluationContext"),
        (lambda: dg.RunRequest("none"), "none"),
    ]:
        assert keys(evaluate(watching(plain, function), instance)) == [given]


def test_a_direct_call_takes_the_event_too(instance):
    make(instance, plain)
    event = instance.get_latest_materialization_event(PLAIN)
    sensor = watching(plain, lambda context, asset_event: dg.RunRequest(asset_event.run_id))
    context = dg.build_sensor_context(instance)
    assert (
        sensor(context, event).run_key == sensor(context=context, asset_event=event).run_key == event.run_id
    )


def test_the_cursor_is_not_the_functions_to_set(instance):
    make(instance, plain)
    with pytest.raises(InvariantViolationError, match="cursor"):
        evaluate(watching(plain, lambda context, event: dg.SensorResult(cursor="5")), instance)
    with pytest.raises(TreadleError, match="not the cursor") as caught:
        evaluate(watching(plain, lambda context, event: None), instance, "nonsense")
    assert caught.value.code == "invalid-cursor"


# --- several assets


def context_of(instance, *watched, cursor=None):
    return dg.build_multi_asset_sensor_context(
        monitored_assets=list(watched), instance=instance, definitions=defs, cursor=cursor
    )


def ids(records):
    return {
        key if isinstance(key, str) else key.to_user_string(): each and each.storage_id
        for key, each in records.items()
    }


def test_what_is_new_of_each_asset(instance):
    make(instance, plain)
    make(instance, daily, "2026-01-01", "2026-01-03", "2026-01-02", "2026-01-01")
    context = context_of(instance, PLAIN, DAILY, OTHER)
    assert ids(context.latest_materialization_records_by_key()) == {"plain": 1, "daily": 5, "other": None}
    assert ids(context.latest_materialization_records_by_key([PLAIN])) == {"plain": 1}
    assert [each.storage_id for each in context.materialization_records_for_key(DAILY)] == [2, 3, 4, 5]
    assert [each.storage_id for each in context.materialization_records_for_key(DAILY, limit=2)] == [2, 3]
    assert ids(context.latest_materialization_records_by_partition(DAILY)) == {
        "2026-01-03": 3,
        "2026-01-02": 4,
        "2026-01-01": 5,
    }
    assert context.get_cursor_partition(DAILY) is None
    assert list(context.assets_defs_by_key) == context.asset_keys == [PLAIN, DAILY, OTHER]


def test_what_is_passed_over_stays_new(instance):
    make(instance, daily, "2026-01-01", "2026-01-03", "2026-01-02", "2026-01-01")
    context = context_of(instance, DAILY)
    records = context.latest_materialization_records_by_partition(DAILY)
    context.advance_cursor({DAILY: records["2026-01-03"]})
    context.update_cursor_after_evaluation()
    assert json.loads(context.cursor) == {"AssetKey(['daily'])": ["2026-01-03", 2, {"2026-01-01": 1}]}
    again = context_of(instance, DAILY, cursor=context.cursor)
    assert [each.storage_id for each in again.get_trailing_unconsumed_events(DAILY)] == [1]
    assert ids(again.latest_materialization_records_by_partition(DAILY)) == {"2026-01-02": 3, "2026-01-01": 4}
    assert again.get_cursor_partition(DAILY) == "2026-01-03"
    assert ids(again.latest_materialization_records_by_partition(DAILY, after_cursor_partition=True)) == {}
    again.advance_all_cursors()
    again.update_cursor_after_evaluation()
    last = context_of(instance, DAILY, cursor=again.cursor)
    assert ids(last.latest_materialization_records_by_partition(DAILY)) == {}
    assert last.latest_materialization_records_by_key() == {DAILY: None}


def test_runs_for_the_partitions_that_all_assets_have(instance):
    @dg.multi_asset_sensor([DAILY, DAILY_TOO], job=dg.define_asset_job("weekly_job", [weekly, daily]))
    def both(context):
        for partition, records in context.latest_materialization_records_by_partition_and_asset().items():
            if set(records) == set(context.asset_keys):
                context.advance_cursor(records)
                yield dg.RunRequest(partition)

    cursor = None
    asked = []
    for made in (
        (daily, "2026-01-01"),
        (daily, "2026-01-02"),
        (daily_too, "2026-01-02"),
        (daily_too, "2026-01-01"),
    ):
        make(instance, *made)
        context = context_of(instance, DAILY, DAILY_TOO, cursor=cursor)
        result = both.evaluate_tick(context)
        cursor = result.cursor
        asked.append(keys(result))
    assert asked == [[], [], ["2026-01-02"], ["2026-01-01"]]


def test_partitions_downstream_and_whether_all_are_made(instance):
    make(instance, daily, "2026-01-01")
    context = context_of(instance, PLAIN, DAILY)
    assert context.get_downstream_partition_keys("2026-01-05", DAILY, WEEKLY) == ["2026-01-04"]
    assert context.get_downstream_partition_keys("2026-01-05", DAILY, DAILY_TOO) == ["2026-01-05"]
    assert context.all_partitions_materialized(DAILY, ["2026-01-01"])
    assert not context.all_partitions_materialized(DAILY)
    with pytest.raises(InvalidInvocationError, match="no partitions"):
        context.get_downstream_partition_keys("2026-01-05", DAILY, PLAIN)
    for ask in (context.all_partitions_materialized, context.latest_materialization_records_by_partition):
        with pytest.raises(InvariantViolationError, match="no partitions"):
            ask(PLAIN)
    with pytest.raises(InvalidInvocationError, match="not watched"):
        context.materialization_records_for_key(OTHER)
    with pytest.raises(InvalidInvocationError, match="one and the same"):
        context.latest_materialization_records_by_partition_and_asset()


def test_acting_on_materializations_without_saying_that_they_were_read_is_refused(instance):
    make(instance, plain)

    @dg.multi_asset_sensor([PLAIN], job=job)
    def forgets(context):
        assert context.latest_materialization_records_by_key()[PLAIN]
        return dg.RunRequest()

    with pytest.raises(dg.DagsterInvalidDefinitionError) as caught:
        evaluate(forgets, instance)
    assert caught.value.code == "cursor-not-moved"


def test_a_selection_is_watched_and_the_cursor_is_kept(instance):
    @dg.multi_asset_sensor(
        dg.AssetSelection.assets(plain, other), request_assets=dg.AssetSelection.assets(daily_too)
    )
    def any_new(context):
        new = [key for key, record in context.latest_materialization_records_by_key().items() if record]
        context.advance_all_cursors()
        return dg.SensorResult(
            run_requests=[dg.RunRequest(key.to_user_string(), partition_key="2026-01-01") for key in new]
        )

    defs_with = dg.Definitions.merge(defs, dg.Definitions(sensors=[any_new]))
    make(instance, plain)
    first = any_new.evaluate_tick(dg.build_sensor_context(instance, definitions=defs_with))
    assert keys(first) == ["plain"]
    assert first.run_requests[0].asset_selection == [DAILY_TOO]
    make(instance, other)
    second = any_new.evaluate_tick(dg.build_sensor_context(instance, first.cursor, definitions=defs_with))
    assert keys(second) == ["other"]


def test_what_comes_in_while_the_function_runs_belongs_to_the_next_evaluation(instance):
    """`advance_all_cursors` must not swallow what the function never saw."""

    @dg.multi_asset_sensor([PLAIN], job=job)
    def slow(context):
        new = context.latest_materialization_records_by_key()[PLAIN]
        make(instance, plain)
        context.advance_all_cursors()
        return dg.RunRequest(str(new.storage_id))

    make(instance, plain)
    first = evaluate(slow, instance)
    assert keys(first) == ["1"]
    assert keys(evaluate(slow, instance, first.cursor)) == ["2"]


def test_a_context_may_start_from_what_is_there(instance):
    make(instance, plain)
    context = dg.build_multi_asset_sensor_context(
        monitored_assets=[PLAIN],
        instance=instance,
        definitions=defs,
        cursor_from_latest_materializations=True,
    )
    assert context.latest_materialization_records_by_key() == {PLAIN: None}
    assert not context.cursor_updated
    with pytest.raises(InvariantViolationError, match="definitions"):
        _ = dg.build_multi_asset_sensor_context(monitored_assets=dg.AssetSelection.all()).asset_keys
