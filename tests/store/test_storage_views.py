"""Code that asks the peer's storages gets its answers from the instance."""

import pytest

from treadle import (
    AssetCheckKey,
    AssetCheckResult,
    AssetKey,
    DagsterRun,
    Instance,
    asset,
    asset_check,
    instance_for_test,
    materialize,
)
from treadle.core.errors import InvalidInvocationError
from treadle.core.run_states import RunStatus


@asset
def orders(): ...


@asset_check(asset=orders)
def positive():
    return AssetCheckResult(passed=True, metadata={"rows": 3})


@asset
def broken():
    raise ValueError("no")


def test_a_checks_history_is_in_the_event_log_newest_first():
    with Instance.ephemeral() as instance:
        ids = [materialize([orders, positive], instance=instance).run_id for _ in range(3)]
        key = AssetCheckKey(AssetKey("orders"), "positive")
        log = instance.event_log_storage
        history = log.get_asset_check_execution_history(key, limit=2)
        assert [record.event_log_entry.run_id for record in history] == [ids[2], ids[1]]
        assert (history[0].run_id, history[0].status.value, history[0].key) == (ids[2], "SUCCEEDED", key)
        assert history[0].evaluation.metadata["rows"].value == 3 and history[0].partition is None
        older = log.get_asset_check_execution_history(key, limit=5, cursor=history[-1].storage_id)
        assert [record.event_log_entry.run_id for record in older] == [ids[0]]
        assert log.get_logs_for_run(ids[0])[0].run_id == ids[0]


def test_a_checks_newest_result_is_told_by_its_key():
    with Instance.ephemeral() as instance:
        key, other = (AssetCheckKey(AssetKey("orders"), name) for name in ("positive", "never"))
        log = instance.event_log_storage
        assert log.get_latest_asset_check_execution_by_key([key, other]) == {}
        assert instance.get_latest_asset_check_evaluation_record(key) is None
        newest = [materialize([orders, positive], instance=instance).run_id for _ in range(2)][-1]
        found = log.get_latest_asset_check_execution_by_key([key, other])
        assert {each: record.run_id for each, record in found.items()} == {key: newest}
        record = instance.get_latest_asset_check_evaluation_record(key)
        assert record is not None and (record.run_id, record.status.value) == (newest, "SUCCEEDED")
        assert record.event.dagster_event.event_specific_data.passed


def test_runs_are_in_the_run_storage_with_their_numbers():
    with Instance.ephemeral() as instance:
        good = materialize([orders, positive], instance=instance).run_id
        bad = materialize([broken], instance=instance, raise_on_error=False).run_id
        assert [run.run_id for run in instance.run_storage.get_runs()] == [bad, good]
        assert instance.run_storage.get_runs_count() == 2 and instance.run_storage.has_run(good)
        stats = instance.get_run_stats(good)
        assert (stats.steps_succeeded, stats.steps_failed, stats.materializations) == (2, 0, 1)
        assert stats.start_time <= stats.end_time
        assert instance.get_run_stats(bad).steps_failed == 1
        assert instance.event_log_storage.get_stats_for_run(bad) == instance.get_run_stats(bad)
        assert list(instance.get_backfills()) == []


def test_a_run_that_is_made_by_hand_gets_an_id():
    first, second = DagsterRun(job_name="x"), DagsterRun(job_name="x")
    assert len(first.run_id) == 36 and first.run_id != second.run_id and first.status is RunStatus.NOT_STARTED


def test_the_limit_of_a_pool_is_set_and_lifted():
    with instance_for_test() as instance:
        log = instance.event_log_storage
        unknown = log.get_concurrency_info("api")
        assert (unknown.slot_count, unknown.limit, unknown.using_default_limit) == (0, None, True)
        log.set_concurrency_slots("api", 1)
        assert log.get_concurrency_keys() == {"api"}

        seen = []

        @asset(pool="api")
        def fetched(context):
            found = context.instance.event_log_storage.get_concurrency_info("api")
            seen.append(
                (found.slot_count, found.active_slot_count, found.active_run_ids == {context.run.run_id})
            )

        assert materialize([fetched], instance=instance).success
        assert seen == [(1, 1, True)]
        assert log.get_concurrency_info("api").active_slot_count == 0
        log.delete_concurrency_limit("api")
        assert log.get_concurrency_keys() == set()
        with pytest.raises(InvalidInvocationError):
            log.set_concurrency_slots("api", -1)
