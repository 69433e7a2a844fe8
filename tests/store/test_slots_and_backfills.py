"""Pools and backfills: granted all or none, claimed once, conserved."""

import random

import msgspec
import pytest

from tests.store import invariants
from tests.store.making import GONE, NOW, ORDERS, begin, event, finish, ints, made, planned
from treadle.core.events import CheckData, EventType
from treadle.core.keys import AssetKey
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.store import EventWrite, Position, Store, open_store
from treadle.store.backfills import CHUNK_STATES, BackfillStatus
from treadle.store.errors import AlreadyTerminalError, StaleLeaseError, StoreError
from treadle.store.liveness import this_process

OTHER = AssetKey("other")


def test_slots_are_granted_all_or_none(store: Store) -> None:
    """T25"""
    store.set_pool_limit("x", 1)
    store.set_pool_limit("y", 2)
    one, two = begin(store, "one"), begin(store, "two")
    assert store.grant_slots(one, "s", 1, {"x": 1, "y": 1}, NOW) is None
    assert store.grant_slots(two, "s", 1, {"y": 1, "x": 1}, NOW) == "x"
    assert {pool.pool: pool.held for pool in store.pools()} == {"x": 1, "y": 1}
    assert store.grant_slots(two, "s", 1, {"y": 2}, NOW) == "y"
    store.release_slots(one, "s", 1)
    assert store.grant_slots(two, "s", 1, {"y": 2, "x": 1}, NOW) is None


def test_asking_again_takes_no_second_slot(store: Store) -> None:
    """T26, T54: the answer to a grant was lost."""
    store.set_pool_limit("x", 2)
    lease = begin(store, "r")
    for _ in range(3):
        assert store.grant_slots(lease, "s", 1, {"x": 1}, NOW) is None
    assert store.pools()[0].held == 1
    for _ in range(2):
        store.release_slots(lease, "s", 1)
    assert store.pools()[0].held == 0


def test_slots_end_with_their_lease(store: Store) -> None:
    store.set_pool_limit("x", 1)
    for ending in ("finish", "end"):
        lease = begin(store, ending)
        assert store.grant_slots(lease, "s", 1, {"x": 1}, NOW) is None
        assert finish(store, lease) if ending == "finish" else store.end_lease(lease)
        assert store.pools()[0].held == 0
        with pytest.raises(StaleLeaseError):
            store.grant_slots(lease, "s", 2, {"x": 1}, NOW)


def test_a_lowered_limit_takes_nothing_away_and_overshoots_nothing(store: Store) -> None:
    """T24"""
    lease = begin(store, "r")
    for n in range(3):
        assert store.grant_slots(lease, f"s{n}", 1, {"x": 1}, NOW) is None  # unlimited so far
    store.set_pool_limit("x", 2)
    assert store.grant_slots(lease, "s3", 1, {"x": 1}, NOW) == "x"
    assert store.pools()[0].held == 3
    store.release_slots(lease, "s0", 1)
    assert store.grant_slots(lease, "s3", 1, {"x": 1}, NOW) == "x"
    store.set_pool_limit("x", None)
    assert store.grant_slots(lease, "s3", 1, {"x": 1}, NOW) is None


def accept(store: Store, chunks: int = 4) -> None:
    store.backfills.create(
        "b", [{ORDERS: ints((n, n + 1)), OTHER: ints((n, n + 1))} for n in range(chunks)], b"{}", NOW
    )


def claim(store: Store, run_id: str):
    return store.backfills.claim_chunk("b", f"claim-{run_id}", run_id, this_process(), NOW)


def conserved(store: Store, total: int) -> dict[str, int]:
    """I8: every partition is in exactly one state."""
    counts = store.backfills.counts("b").partitions
    assert set(counts) <= set(CHUNK_STATES)
    assert sum(counts.values()) == total
    over = store.backfills.find("b").status not in (BackfillStatus.REQUESTED, BackfillStatus.CANCELING)
    assert over == (not counts.get("pending") and not counts.get("in_flight"))
    return counts


def test_a_backfill_freezes_its_target_and_ends_when_all_chunks_do(store: Store) -> None:
    """I8"""
    accept(store)
    accept(store)  # a repeated request
    backfill = store.backfills.find("b")
    assert backfill.target == {ORDERS: ints((0, 4)), OTHER: ints((0, 4))}
    for n in range(4):
        chunk = claim(store, f"r{n}")
        assert chunk.target == {ORDERS: ints((n, n + 1)), OTHER: ints((n, n + 1))}
        conserved(store, 8)
        assert store.backfills.settle_chunk(chunk, "failed" if n == 2 else "materialized", NOW)
        assert not store.backfills.settle_chunk(chunk, "materialized", NOW)
    assert claim(store, "r9") is None
    assert conserved(store, 8) == {"materialized": 6, "failed": 2}
    assert store.backfills.find("b").status is BackfillStatus.FAILED
    with pytest.raises(AlreadyTerminalError):
        store.backfills.cancel("b", NOW)
    assert {change.subject for change in store.changes_after(Position())} == {"b"}


def test_a_claim_asked_twice_is_one_chunk(store: Store) -> None:
    accept(store)
    assert claim(store, "r0") == claim(store, "r0")
    assert conserved(store, 8) == {"pending": 6, "in_flight": 2}


def test_chunks_that_overlap_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="share partitions"):
        store.backfills.create("b", [{ORDERS: ints((0, 5))}, {ORDERS: ints((4, 6))}], b"", NOW)
    assert store.backfills.find("b") is None


def test_no_chunk_is_claimed_after_a_cancel(store: Store) -> None:
    """T45, T46"""
    accept(store)
    chunk = claim(store, "r0")
    store.backfills.cancel("b", NOW)
    assert claim(store, "r1") is None
    assert conserved(store, 8) == {"canceled": 6, "in_flight": 2}
    assert store.backfills.find("b").status is BackfillStatus.CANCELING
    store.backfills.settle_chunk(chunk, "materialized", NOW)
    assert store.backfills.find("b").status is BackfillStatus.CANCELED


def test_a_canceled_backfill_gives_no_chunk_whatever_is_pending(store: Store) -> None:
    """The guard in the claim itself, should a chunk ever be pending after a cancel."""
    accept(store)
    chunk = claim(store, "r0")
    store.backfills.cancel("b", NOW)
    back = "UPDATE backfill_chunks SET state = 'pending', run_id = NULL, claim = NULL WHERE chunk = 0 RETURNING chunk"
    assert invariants.rows(store, back) == [(chunk.number,)]
    assert claim(store, "r1") is None


def test_a_claim_lost_by_a_canceled_backfill_is_canceled(store: Store) -> None:
    accept(store)
    store.backfills.claim_chunk("b", "lost", "never-started", GONE, NOW)
    store.backfills.cancel("b", NOW)
    assert store.backfills.sweep("b", NOW) == 1
    assert store.backfills.find("b").status is BackfillStatus.CANCELED
    assert {chunk.state for chunk in store.backfills.chunk_states("b")} == {"canceled"}


def test_the_sweep_settles_ended_runs_and_puts_lost_claims_back(store: Store) -> None:
    """T44"""
    accept(store)
    for n, status in enumerate([RunStatus.SUCCESS, RunStatus.FAILURE]):
        claim(store, f"r{n}")
        finish(store, begin(store, f"r{n}"), status)
    store.backfills.claim_chunk("b", "lost", "never-started", GONE, NOW)
    claim(store, "soon")
    assert store.backfills.sweep("b", NOW) == 3
    assert conserved(store, 8) == {"materialized": 2, "failed": 2, "pending": 2, "in_flight": 2}
    assert store.backfills.sweep("b", NOW) == 0


def test_opening_a_store_ends_the_claims_of_processes_that_are_gone(durable: Store, durable_url: str) -> None:
    """A claim of a living process stays, and so does that of a process on another machine."""
    accept(durable)
    durable.backfills.claim_chunk("b", "lost", "never-started", GONE, NOW)
    claim(durable, "alive")
    elsewhere = msgspec.structs.replace(GONE, boot_id="another")
    durable.backfills.claim_chunk("b", "away", "r-away", elsewhere, NOW)
    run = Run(run_id="r-dead", job_name="j")
    durable.backfills.claim_chunk("b", "dead", "r-dead", GONE, NOW)
    durable.begin_run(run, b"plan", GONE, [], NOW)
    assert conserved(durable, 8) == {"in_flight": 8}
    open_store(durable_url, now=NOW).close()
    assert conserved(durable, 8) == {"in_flight": 4, "pending": 2, "failed": 2}
    assert durable.find_run("r-dead").end_reason == "worker-lost"
    assert durable.backfills.sweep_dead(NOW) == 0


def test_only_chunks_whose_turn_has_come_are_given(store: Store) -> None:
    accept(store)
    assert store.backfills.first_open("b") == 0
    first = store.backfills.claim_chunk("b", "one", "r0", this_process(), NOW, before=1)
    assert first is not None and first.number == 0
    assert store.backfills.claim_chunk("b", "two", "r1", this_process(), NOW, before=1) is None
    assert store.backfills.first_open("b") == 0  # in flight: what comes after it waits
    store.backfills.settle_chunk(first, "materialized", NOW)
    assert store.backfills.first_open("b") == 1


def test_a_backfill_is_taken_up_again_where_it_failed(store: Store) -> None:
    """I8: the target stays as it was accepted, and what was made is not made again."""
    accept(store)
    target = store.backfills.find("b").target
    for number, state in enumerate(["materialized", "failed", "skipped", "canceled"]):
        store.backfills.settle_chunk(claim(store, f"r{number}"), state, NOW)
    assert store.backfills.first_open("b") is None
    assert store.backfills.reopen("b", NOW) == 3
    assert conserved(store, 8) == {"materialized": 2, "pending": 6}
    again = store.backfills.find("b")
    assert (again.status, again.ended_at, again.target) == (BackfillStatus.REQUESTED, None, target)
    assert claim(store, "r4").number == 1
    assert store.backfills.reopen("b", NOW) == 0


def half_made(store: Store, run_id: str, done: dict[str, AssetKey], *others: EventWrite) -> None:
    """A run that set out to make both assets and failed after the steps that are `done`."""
    steps = [planned(run_id, asset=ORDERS, step_key="orders"), planned(run_id, asset=OTHER, step_key="other")]
    ended = [event(run_id, EventType.STEP_SUCCESS, step_key=key) for key in done]
    written = [made(run_id, asset=key, step_key=step) for step, key in done.items()]
    finish(store, begin(store, run_id, *steps, *written, *ended, *others), RunStatus.FAILURE)


def test_of_a_chunk_whose_run_failed_what_was_made_is_kept(store: Store) -> None:
    accept(store, 2)
    claim(store, "r0")
    half_made(store, "r0", {"orders": ORDERS})
    assert store.backfills.sweep("b", NOW) == 1
    assert conserved(store, 4) == {"materialized": 1, "failed": 1, "pending": 2}
    first, _ = store.backfills.chunk_states("b")
    assert set(first.target) == set(first.lost) == {OTHER}
    store.backfills.reopen("b", NOW)
    assert conserved(store, 4) == {"materialized": 1, "pending": 3}
    again = claim(store, "r1")
    assert set(again.target) == {OTHER}
    half_made(store, "r1", {"other": OTHER})
    assert store.backfills.settle_chunk(again, "failed", NOW)
    assert conserved(store, 4) == {"materialized": 2, "pending": 2}
    first, _ = store.backfills.chunk_states("b")
    assert not first.lost, "all is made, and the run failed for another reason"
    store.backfills.reopen("b", NOW)
    all_again = claim(store, "r2")
    assert set(all_again.target) == {ORDERS, OTHER}
    finish(store, begin(store, "r2"))
    assert store.backfills.settle_chunk(all_again, "materialized", NOW)
    assert conserved(store, 4) == {"materialized": 2, "pending": 2}


@pytest.mark.parametrize(("passed", "is_kept"), [(True, True), (False, False), (None, False)])
def test_what_a_blocking_check_holds_up_counts_as_not_made(
    store: Store, passed: bool | None, is_kept: bool
) -> None:
    accept(store, 1)
    claim(store, "r0")
    intent = CheckData(name="good", blocking=True)
    told = [event("r0", EventType.ASSET_CHECK_EVALUATION_PLANNED, asset_key=ORDERS, data=intent)]
    if passed is not None:
        result = CheckData(name="good", blocking=True, passed=passed)
        told.append(event("r0", EventType.ASSET_CHECK_EVALUATION, asset_key=ORDERS, data=result))
    half_made(store, "r0", {"orders": ORDERS}, *told)
    store.backfills.sweep("b", NOW)
    (chunk,) = store.backfills.chunk_states("b")
    assert (ORDERS not in chunk.lost) == is_kept


def test_the_maker_of_a_backfill_says_how_many_partitions_a_chunk_holds(store: Store) -> None:
    day = 86_400
    store.backfills.create(
        "b", [{ORDERS: ints((0, day))}, {ORDERS: ints((day, 3 * day))}], b"{}", NOW, [1, 2]
    )
    assert store.backfills.counts("b").partitions == {"pending": 3}


def test_a_waiting_run_says_for_what(store: Store) -> None:
    """I4"""
    store.create_run(Run(run_id="r", job_name="j"), NOW, deadline=NOW + 60)
    assert store.find_run("r").deadline == NOW + 60
    store.note_waiting("r", "pool db held by run x", None, NOW)
    assert (store.find_run("r").waiting_for, store.find_run("r").deadline) == ("pool db held by run x", None)
    lease = store.acquire_lease("r", this_process(), NOW)
    store.transition_run("r", RunStatus.STARTED, NOW, lease=lease)
    assert store.find_run("r").waiting_for is None


def test_a_retry_number_is_used_once(store: Store) -> None:
    """I11: two retriers of one run."""
    store.create_run(Run(run_id="a", job_name="j"), NOW)
    store.create_run(Run(run_id="b", job_name="j", parent_run_id="a", retry_number=1), NOW)
    with pytest.raises(Exception, match=r"stored already|UNIQUE|unique"):
        store.create_run(Run(run_id="c", job_name="j", parent_run_id="a", retry_number=1), NOW)
    store.create_run(
        Run(run_id="d", job_name="j", parent_run_id="a"), NOW
    )  # re-executions by hand are not counted
    assert store.find_run("c") is None


@pytest.mark.parametrize("seed", range(3))
def test_many_claims_in_any_order_conserve_partitions(store: Store, seed: int) -> None:
    accept(store, 12)
    dice = random.Random(seed)
    held = []
    for n in range(60):
        move = dice.choice(["claim", "settle", "settle"])
        if move == "claim":
            chunk = claim(store, f"r{n}")
            held += [chunk] if chunk else []
        elif held:
            chunk = held.pop(dice.randrange(len(held)))
            store.backfills.settle_chunk(chunk, dice.choice(["materialized", "failed", "skipped"]), NOW)
        conserved(store, 24)
    assert len({chunk.number for chunk in held}) == len(held)
