"""Runs, their log and who may write it, on every store."""

import pytest

from tests.store.making import NOW, ORDERS, begin, event, finish, made
from treadle.core.events import ErrorInfo, EventType, FailureData
from treadle.core.run_states import RunStatus
from treadle.core.runs import Holder, Lease, Run
from treadle.store import Position, Store
from treadle.store.errors import AlreadyTerminalError, StaleLeaseError
from treadle.store.liveness import LeaseWatch, this_process

ELSEWHERE = Holder(host="far", boot_id="b", pid_namespace="n", pid=7, process_started=1.0)


def lease_of(store: Store, run_id: str) -> Lease:
    return next(lease for lease in store.list_leases() if lease.run_id == run_id)


def types(store: Store, run_id: str) -> list[str]:
    return [each.event.type.value for each in store.read_events(run_id)]


def test_a_run_keeps_what_was_asked_of_it(store: Store) -> None:
    run = Run(
        run_id="r",
        job_name="nightly",
        tags={"team": "core", "ö": "ü"},
        run_config={"ops": {"a": [1, None, 2.5]}},
        asset_selection=frozenset({ORDERS}),
        step_keys=("a", "b"),
        created_at=NOW,
    )
    store.create_run(run, NOW, plan=b"the plan")
    found = store.find_run("r")
    assert found.tags == run.tags
    assert found.run_config == run.run_config
    assert found.asset_selection == run.asset_selection
    assert found.step_keys == ("a", "b")
    assert found.status is RunStatus.NOT_STARTED
    assert store.find_plan(found.plan_id) == b"the plan"


def test_a_run_that_is_created_twice_is_stored_once(store: Store) -> None:
    for _ in range(2):
        store.create_run(Run(run_id="r", job_name="j", tags={"a": "1"}), NOW)
    assert len(store.changes_after(Position())) == 1


def test_a_run_begins_works_and_ends(store: Store) -> None:
    lease = begin(store, "r")
    assert (lease.attempt, lease.token) == (1, 1)
    assert store.find_run("r").status is RunStatus.STARTED
    appended = store.append_events(
        lease, [event("r", EventType.STEP_START, step_key="s"), made("r")], NOW + 1
    )
    assert appended == (2, 3, False)
    assert finish(store, lease)
    run = store.find_run("r")
    assert (run.status, run.started_at, run.ended_at) == (RunStatus.SUCCESS, NOW, NOW + 10)
    assert types(store, "r") == ["PIPELINE_START", "STEP_START", "ASSET_MATERIALIZATION", "PIPELINE_SUCCESS"]
    assert [each.event.sequence for each in store.read_events("r")] == [1, 2, 3, 4]
    assert store.list_leases() == []


def test_reading_goes_on_after_a_sequence_number(store: Store) -> None:
    lease = begin(store, "r", *[event("r", EventType.LOG, message=f"line {i}") for i in range(10)])
    rest = store.read_events("r", after_sequence=4, limit=3)
    assert [(each.event.sequence, each.event.message) for each in rest] == [
        (5, "line 4"),
        (6, "line 5"),
        (7, "line 6"),
    ]
    finish(store, lease)


def test_terminal_is_final(store: Store) -> None:
    """I1"""
    lease = begin(store, "r")
    finish(store, lease)
    before = store.find_run("r")
    for status in (RunStatus.CANCELED, RunStatus.FAILURE, RunStatus.STARTED, RunStatus.CANCELING):
        with pytest.raises(AlreadyTerminalError):
            store.transition_run("r", status, NOW + 20, revoke=True)
    late = store.append_events(lease, [made("r"), event("r", EventType.STEP_SUCCESS)], NOW + 20)
    assert late.stale
    assert not store.finish_run(lease, RunStatus.FAILURE, [], NOW + 30)
    assert store.find_run("r") == before
    assert [each.stale for each in store.read_events("r")] == [False, False, True, True, True]
    kinds = [change.kind for change in store.changes_after(Position())]
    assert "materialization" not in kinds


def test_the_holder_of_an_old_token_changes_nothing(store: Store) -> None:
    """I2, T04: the first attempt is stopped, a second one runs meanwhile, the first wakes and writes."""
    first = begin(store, "r")
    assert store.end_lease(first)
    second = store.acquire_lease("r", ELSEWHERE, NOW)
    assert (second.attempt, second.token) == (2, 2)
    woken = store.append_events(first, [made("r"), event("r", EventType.RUN_FAILURE)], NOW)
    assert woken.stale
    assert store.find_run("r").status is RunStatus.STARTED
    assert not store.extend_lease(first, 5)
    assert store.extend_lease(second, 5)
    assert not store.append_events(second, [made("r", attempt=2)], NOW).stale
    assert finish(store, second)
    materialized = [change for change in store.changes_after(Position()) if change.kind == "materialization"]
    assert len(materialized) == 1


def test_a_run_has_one_live_attempt(store: Store) -> None:
    lease = begin(store, "r")
    with pytest.raises(StaleLeaseError, match="held by process"):
        store.acquire_lease("r", ELSEWHERE, NOW)
    assert store.acquire_lease("r", lease.holder, NOW) == lease  # the same process asks again
    finish(store, lease)
    with pytest.raises(StaleLeaseError):
        store.acquire_lease("r", ELSEWHERE, NOW)


def test_a_batch_sent_twice_is_stored_once(store: Store) -> None:
    """T54: the answer to a commit was lost, so the writer sends the same events again."""
    lease = begin(store, "r")
    batch = [event("r", EventType.STEP_START), made("r", 3), made("r", 4), event("r", EventType.STEP_SUCCESS)]
    store.append_events(lease, batch, NOW)
    assert not store.append_events(lease, batch, NOW).stale
    store.append_events(lease, [*batch, event("r", EventType.LOG)], NOW)
    assert types(store, "r") == [
        "PIPELINE_START",
        "STEP_START",
        "ASSET_MATERIALIZATION",
        "ASSET_MATERIALIZATION",
        "STEP_SUCCESS",
        "LOG",
    ]
    for _ in range(2):
        assert finish(store, lease)
    assert types(store, "r").count("PIPELINE_SUCCESS") == 1


def test_a_cancel_is_asked_without_the_lease_and_done_with_it(store: Store) -> None:
    lease = begin(store, "r")
    with pytest.raises(StaleLeaseError):
        store.transition_run("r", RunStatus.CANCELED, NOW)
    store.transition_run("r", RunStatus.CANCELING, NOW)
    assert store.find_run("r").status is RunStatus.CANCELING
    assert finish(store, lease, RunStatus.CANCELED)
    assert store.find_run("r").status is RunStatus.CANCELED


def test_a_forced_cancel_revokes_the_lease_and_stays(store: Store) -> None:
    """T17"""
    lease = begin(store, "r")
    store.set_pool_limit("db", 1)
    store.grant_slots(lease, "s", 1, {"db": 1}, NOW)
    store.transition_run("r", RunStatus.CANCELED, NOW, revoke=True)
    assert store.pools()[0].held == 0
    assert store.append_events(lease, [event("r", EventType.STEP_SUCCESS)], NOW).stale
    assert not finish(store, lease)
    assert store.find_run("r").status is RunStatus.CANCELED


def test_a_failure_keeps_its_reason_and_error(store: Store) -> None:
    lease = begin(store, "r")
    error = ErrorInfo(
        class_name="ValueError", message="no", cause=ErrorInfo(class_name="KeyError", message="'x'")
    )
    data = FailureData(error=error, failure_reason="step-failure")
    store.finish_run(lease, RunStatus.FAILURE, [event("r", EventType.RUN_FAILURE, data=data)], NOW)
    run = store.find_run("r")
    assert (run.end_reason, run.error) == ("step-failure", error)


def test_poison_text_is_stored_and_breaks_nothing(store: Store) -> None:
    """T60"""
    poison = "a\0b \ud800 \x1b[31m {0} %s \u202e"
    lease = begin(
        store, "r", event("r", EventType.LOG, message=poison, step_key="s\0\ud800"), tags={"k\0": poison}
    )
    finish(store, lease)
    first = store.read_events("r")[0].event
    assert "\\ud800" in first.message
    assert first.message.startswith("a\0b")
    assert types(store, "r") == ["LOG", "PIPELINE_START", "PIPELINE_SUCCESS"]
    assert len(store.find_run("r").tags) == 1


def test_the_watch_ends_only_what_it_saw_stand_still(store: Store) -> None:
    begin(store, "there")
    store.end_lease(lease_of(store, "there"))
    far = store.acquire_lease("there", ELSEWHERE, NOW)
    watch = LeaseWatch(ttl=10)
    for moment in range(0, 9, 3):
        assert watch.observe([lease_of(store, "there")], moment) == []
    store.extend_lease(far, 1)
    for moment in (9, 12, 15, 18):
        assert watch.observe([lease_of(store, "there")], moment) == []
    dead = watch.observe([lease_of(store, "there")], 20)
    assert [lease.run_id for lease in dead] == ["there"]
    store.extend_lease(far, 2)
    assert not store.reap_lease(dead[0], NOW)  # it beat after all
    assert store.reap_lease(lease_of(store, "there"), NOW)
    assert store.find_run("there").end_reason == "worker-lost"


def test_a_watch_that_slept_itself_proves_nothing(store: Store) -> None:
    lease = begin(store, "r")
    watch = LeaseWatch(ttl=10)
    watch.observe([lease], 0)
    assert watch.observe([lease], 1000) == []
    assert watch.observe([lease], 1004) == []


def test_opening_leaves_living_and_foreign_holders_alone(store: Store) -> None:
    begin(store, "mine")
    begin(store, "far")
    store.end_lease(lease_of(store, "far"))
    store.acquire_lease("far", ELSEWHERE, NOW)
    assert store.reap_dead_leases(NOW) == []
    assert len(store.list_leases()) == 2


def test_a_reused_pid_is_not_taken_for_ours(store: Store) -> None:
    """T03"""
    me = this_process()
    begin(store, "r")
    store.end_lease(lease_of(store, "r"))
    before = Holder(
        **{**{f: getattr(me, f) for f in me.__struct_fields__}, "process_started": me.process_started - 5}
    )
    store.acquire_lease("r", before, NOW)
    assert [lease.run_id for lease in store.reap_dead_leases(NOW)] == ["r"]
    run = store.find_run("r")
    assert (run.status, run.end_reason) == (RunStatus.FAILURE, "worker-lost")
