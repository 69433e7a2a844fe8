"""What is told to an instance from outside of a run's own process, and what a run's log adds up to."""

import pytest

import treadle as dg
from treadle.core.errors import InvariantViolationError, RunNotFoundError
from treadle.core.events import EngineData, EventType
from treadle.core.run_states import RunStatus
from treadle.store.errors import AlreadyTerminalError, Conflict
from treadle.store.instance import Instance
from treadle.store.run_stats import StepStatus


@dg.op
def first() -> int:
    return 1


@dg.op(retry_policy=dg.RetryPolicy(max_retries=1))
def failing(first: int) -> int:
    raise ValueError("no")


@dg.op
def never(failing: int) -> None: ...


@dg.job(tags={"team": "data"})
def shaky() -> None:
    never(failing(first()))


@dg.asset
def orders() -> None: ...


@pytest.fixture
def instance():
    with Instance.ephemeral() as made:
        yield made


def types_of(instance: Instance, run_id: str) -> list[EventType | None]:
    return [entry.dagster_event_type for entry in instance.all_logs(run_id)]


def test_steps_are_told_with_their_attempts_and_ends(instance: Instance) -> None:
    run_id = shaky.execute_in_process(instance=instance, raise_on_error=False).run_id
    good, bad = instance.get_run_step_stats(run_id)[:2]
    assert (good.step_key, good.status, good.attempts) == ("first", StepStatus.SUCCESS, 1)
    assert (bad.step_key, bad.status, bad.attempts) == ("failing", StepStatus.FAILURE, 2)
    assert [good.start_time, good.end_time] == [
        good.attempts_list[0].start_time,
        good.attempts_list[0].end_time,
    ]
    assert len(bad.attempts_list) == 2
    assert bad.start_time == bad.attempts_list[0].start_time <= bad.attempts_list[1].start_time
    assert bad.end_time == bad.attempts_list[1].end_time
    assert bad.partial_attempt_start is None
    assert [each.step_key for each in instance.get_run_step_stats(run_id, ["failing", "other"])] == [
        "failing"
    ]
    assert instance.event_log_storage.get_step_stats_for_run(run_id, ["first"]) == [good]
    with pytest.raises(RunNotFoundError):
        instance.get_run_step_stats("nope")


def test_a_step_that_materializes_is_told_with_its_events(instance: Instance) -> None:
    (step,) = instance.get_run_step_stats(dg.materialize([orders], instance=instance).run_id)
    assert [event.asset_materialization.asset_key.path for event in step.materialization_events] == [
        ("orders",)
    ] or [list(event.asset_materialization.asset_key.path) for event in step.materialization_events] == [
        ["orders"]
    ]


def test_a_run_can_be_stored_without_being_executed(instance: Instance) -> None:
    run = instance.create_run_for_job(shaky, tags={"x": "1"}, run_config={"ops": {}}, op_selection=["first"])
    assert (run.job_name, run.status, run.tags) == ("shaky", RunStatus.NOT_STARTED, {"x": "1"})
    assert (run.run_config, run.op_selection) == ({"ops": {}}, ("first",))
    assert instance.get_run_by_id(run.run_id) == run
    assert instance.all_logs(run.run_id) == []
    begun = instance.create_run_for_job(
        shaky, run_id="mine", status="STARTED", asset_selection={dg.AssetKey("a")}
    )
    assert (begun.run_id, begun.status) == ("mine", RunStatus.STARTED)
    with pytest.raises(Conflict, match="There is a run 'mine' already"):
        instance.create_run_for_job(shaky, run_id="mine")


def test_runs_that_went_on_from_each_other_are_a_group(instance: Instance) -> None:
    root = instance.create_run_for_job(shaky)
    again = instance.create_run_for_job(shaky, root_run_id=root.run_id, parent_run_id=root.run_id)
    instance.create_run_for_job(shaky)
    group = (root.run_id, [root, again])
    assert instance.get_run_group(again.run_id) == group == instance.get_run_group(root.run_id)


def test_an_engine_event_stands_in_the_log_of_its_run(instance: Instance) -> None:
    run = instance.create_run_for_job(shaky)
    told = instance.report_engine_event("started a pod", run, EngineData(metadata={}), step_key="first")
    assert (told.event_type_value, told.message, told.step_key, told.job_name) == (
        "ENGINE_EVENT",
        "started a pod",
        "first",
        "shaky",
    )

    class Data:
        metadata = {"pid": 3}

    instance.report_engine_event(
        "by id", job_name="shaky", run_id=run.run_id, cls=Instance, engine_event_data=Data()
    )
    entries = instance.all_logs(run.run_id)
    assert [(entry.message, entry.step_key, entry.level) for entry in entries] == [
        ("started a pod", "first", 20),
        ("[Instance] by id", None, 20),
    ]
    assert entries[1].get_dagster_event().engine_event_data.metadata == {"pid": dg.MetadataValue.int(3)}
    with pytest.raises(InvariantViolationError, match="which run"):
        instance.report_engine_event("nobody's")
    with pytest.raises(RunNotFoundError):
        instance.report_engine_event("lost", job_name="shaky", run_id="nope")


def test_a_run_is_reported_failed_or_canceled_once(instance: Instance) -> None:
    failed, canceled = (instance.create_run_for_job(shaky) for _ in range(2))
    instance.report_run_failed(failed, "the pod was lost")
    assert instance.get_run_by_id(failed.run_id).is_failure
    assert [entry.message for entry in instance.all_logs(failed.run_id)] == ["the pod was lost"]
    with pytest.raises(AlreadyTerminalError):
        instance.report_run_canceled(failed)
    instance.report_run_canceling(canceled)
    assert instance.get_run_by_id(canceled.run_id).status is RunStatus.CANCELING
    instance.report_run_canceled(canceled)
    assert instance.get_run_by_id(canceled.run_id).status is RunStatus.CANCELED
    assert types_of(instance, canceled.run_id) == [EventType.RUN_CANCELING, EventType.RUN_CANCELED]
    changes = instance.fetch_run_status_changes(EventType.RUN_FAILURE, limit=5).records
    assert [record.run_id for record in changes] == [failed.run_id]


def test_tags_of_runs_are_listed_by_key_with_their_values(instance: Instance) -> None:
    for tags in ({"env": "dev", "team": "a"}, {"env": "prod"}, {"env": "dev"}):
        instance.create_run_for_job(shaky, tags=tags)
    assert instance.get_run_tag_keys() == ["env", "team"] == instance.run_storage.get_run_tag_keys()
    assert instance.get_run_tags(["team", "env"]) == [("env", {"dev", "prod"}), ("team", {"a"})]
    assert instance.get_run_tags(["env"], value_prefix="p") == [("env", {"prod"})]
    assert instance.get_run_tags(["env", "team"], limit=1) == [("env", {"dev"})]
    assert instance.get_run_tags([]) == []
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=r"get_run_by_id|sequence"):
        instance.get_run_tags("a-run-id")
    with pytest.raises(RunNotFoundError):
        instance.add_run_tags("nope", {"a": "b"})


def test_a_log_is_read_on_from_an_entry(instance: Instance) -> None:
    run_id = dg.materialize([orders], instance=instance).run_id
    everything = instance.all_logs(run_id)
    assert instance.logs_after(run_id) == everything
    assert instance.logs_after(run_id, 1, limit=2) == everything[2:4]
    assert instance.logs_after(run_id, len(everything) - 1) == []


def test_the_latest_event_of_each_partition_is_found(instance: Instance) -> None:
    for partition in ("a", "b", "a"):
        instance.report_runless_asset_event(dg.AssetMaterialization("sales", partition=partition))
    key, kind = dg.AssetKey("sales"), EventType.ASSET_MATERIALIZATION
    records = instance.fetch_materializations(key, limit=3).records
    assert instance.get_latest_storage_id_by_partition(key, kind) == {
        "a": records[0].storage_id,
        "b": records[1].storage_id,
    }
    assert list(instance.get_latest_storage_id_by_partition(key, kind, {"b"})) == ["b"]
    after = records[1].storage_id
    assert list(instance.get_latest_storage_id_by_partition(key, kind, after_cursor=after)) == ["a"]


def test_assets_never_made_are_left_out_of_the_latest_events(instance: Instance) -> None:
    dg.materialize([orders], instance=instance)
    found = instance.get_latest_materialization_events([dg.AssetKey("orders"), dg.AssetKey("other")])
    assert list(found) == [dg.AssetKey("orders")]
    assert instance.get_latest_materialization_event(dg.AssetKey("other")) is None


def test_dynamic_partitions_come_page_by_page(instance: Instance) -> None:
    instance.add_dynamic_partitions("regions", ["x", "y", "z"])
    page = instance.get_paginated_dynamic_partitions("regions", 2, True)
    assert (list(page.results), page.has_more) == (["x", "y"], True)
    rest = instance.get_paginated_dynamic_partitions("regions", 2, True, page.cursor)
    assert (list(rest.results), rest.has_more) == (["z"], False)
    assert list(instance.get_paginated_dynamic_partitions("regions", 1, False).results) == ["z"]


def test_no_schedule_or_sensor_was_started_yet(instance: Instance) -> None:
    assert (
        list(instance.all_instigator_state()) == list(instance.schedule_storage.all_instigator_state()) == []
    )
    assert instance.schedule_storage.get_instigator_state("origin", "selector") is None
    assert (list(instance.get_backfills()), instance.get_backfills_count(), instance.get_backfill("x")) == (
        [],
        0,
        None,
    )
    with pytest.raises(InvariantViolationError, match="without filters"):
        instance.get_backfills(object())  # type: ignore[arg-type]
