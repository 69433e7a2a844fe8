"""Real processes and real signals: killed, stopped, racing, holding the GIL."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from tests.store import invariants
from tests.store.making import NOW, ORDERS, begin, event, finish, made
from tests.store.processes import Child
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.store import Position, Store, open_store
from treadle.store.heartbeat import Heart, heart_of
from treadle.store.liveness import LeaseWatch, liveness

HOLDS_SLOT = """
    store = open_store(url)
    lease = begin(store, "held")
    store.set_pool_limit("db", 1)
    store.grant_slots(lease, "step", 1, {"db": 1}, NOW)
    say("held")
    sys.stdin.readline()
    written = store.append_events(lease, [made("held")], NOW)
    say("stale" if written.stale else "written")
    sys.stdin.readline()
"""


def test_a_killed_holder_frees_its_slot_and_run(durable: Store) -> None:
    """T01, T02: pool of one; A holds it, B waits; A is killed; opening the store is all it takes."""
    waiting = begin(durable, "waiting")
    with Child(HOLDS_SLOT, durable.database.address) as holder:
        assert holder.step() == "held"
        assert durable.grant_slots(waiting, "step", 1, {"db": 1}, NOW) == "db"
        assert durable.pool_holders("db") == [("held", "step")]
        assert durable.reap_dead_leases(NOW) == []
        holder.kill()
        started = time.monotonic()
        again = open_store(durable.database.address)
        assert time.monotonic() - started < 5
        assert again.find_run("held").status is RunStatus.FAILURE
        again.close()
    run = durable.find_run("held")
    assert run.end_reason == "worker-lost"
    assert "is gone" in durable.read_events("held")[-1].event.message
    assert durable.grant_slots(waiting, "step", 1, {"db": 1}, NOW) is None


def test_a_stopped_holder_lives_until_another_attempt_and_is_then_stale(durable: Store) -> None:
    """T04: SIGSTOP, attempt 2 runs meanwhile, SIGCONT: the woken one's write changes nothing."""
    with Child(HOLDS_SLOT, durable.database.address) as holder:
        assert holder.step() == "held"
        holder.signal(signal.SIGSTOP)
        assert durable.reap_dead_leases(NOW) == []
        (lease,) = durable.list_leases()
        assert liveness(lease.holder) == "alive"
        assert durable.end_lease(lease)
        second = durable.acquire_lease("held", begin(durable, "other").holder, NOW)
        durable.append_events(second, [made("held", attempt=2)], NOW)
        holder.signal(signal.SIGCONT)
        holder.go()
        assert holder.step() == "stale"
    made_by = [change for change in durable.changes_after(Position()) if change.kind == "materialization"]
    assert len(made_by) == 1
    assert durable.assets.latest_materialization(ORDERS).event.attempt == 2
    assert finish(durable, second)


def test_two_openers_at_once_end_a_dead_run_once(durable: Store) -> None:
    opener = """
        say("ready")
        sys.stdin.readline()
        store = open_store(url)
        say(store.find_run("held").status.value)
    """
    address = durable.database.address
    with Child(HOLDS_SLOT, address) as holder, Child(opener, address) as one, Child(opener, address) as two:
        assert (holder.step(), one.step(), two.step()) == ("held", "ready", "ready")
        holder.kill()
        one.go()
        two.go()
        assert (one.step(), two.step()) == ("FAILURE", "FAILURE")
    ends = [each for each in durable.read_events("held") if each.event.type is EventType.RUN_FAILURE]
    assert len(ends) == 1


def test_two_processes_never_share_a_slot(durable: Store) -> None:
    """Step-level pool limits hold across two processes."""
    worker = """
        store = open_store(url)
        lease = begin(store, sys.argv[2])
        got = 0
        n = 0
        while got < 20:
            n += 1
            time.sleep(0.001)
            if store.grant_slots(lease, f"s{n}", 1, {"db": 1, "api": 2}, NOW) is None:
                got += 1
                store.append_events(lease, [event(sys.argv[2], EventType.LOG, n=n, producer=sys.argv[2])], NOW)
                store.release_slots(lease, f"s{n}", 1)
        finish(store, lease)
        say(got)
    """
    durable.set_pool_limit("db", 1)
    durable.set_pool_limit("api", 3)
    address = durable.database.address
    with Child(worker, address, "a") as one, Child(worker, address, "b") as two:
        held = []
        while one.process.poll() is None or two.process.poll() is None:
            held.append(invariants.broken(durable))
            assert all(not each for each in held)
        assert int(one.step()) > 0
        assert int(two.step()) > 0
    assert [pool.held for pool in durable.pools()] == [0, 0]


def test_writers_race_and_every_event_is_kept(durable: Store) -> None:
    """I9: four processes write one asset's partitions and their own logs at once."""
    writer = """
        store = open_store(url)
        me = sys.argv[2]
        lease = begin(store, me)
        base = int(me) * 100
        for n in range(0, 100, 10):
            store.append_events(lease, [made(me, base + n + i, n=n + i, producer="w") for i in range(10)], NOW)
        assert finish(store, lease)
        say("done")
    """
    address = durable.database.address
    children = [Child(writer, address, str(n)) for n in range(4)]
    for child in children:
        with child:
            assert child.step() == "done"
    assert durable.assets.status_counts(ORDERS) == (400, 0, 0)
    assert (
        len(
            {
                change.reference
                for change in durable.changes_after(Position(), 9999)
                if change.kind == "materialization"
            }
        )
        == 400
    )


def test_a_store_survives_kill_9_at_any_moment(durable_url: str) -> None:
    """Two writers on one store, killed at random moments: what was acknowledged is there, nothing is locked."""
    writer = """
        store = open_store(url)
        me = sys.argv[2]
        lease = begin(store, me)
        for n in range(100000):
            store.append_events(lease, [made(me, n % 50, n=n, producer="w"), event(me, EventType.LOG)], NOW)
            say(n)
    """
    url = durable_url
    dice = random.Random(7)
    for loop in range(6):
        with Child(writer, url, f"a{loop}") as one, Child(writer, url, f"b{loop}") as two:
            last = {}
            for child, name in ((one, f"a{loop}"), (two, f"b{loop}")):
                for _ in range(dice.randrange(1, 12)):
                    last[name] = int(child.step())
            one.process.kill()
            two.process.kill()
            one.process.wait()
            two.process.wait()
        store = open_store(url)
        if url.startswith("sqlite"):
            assert invariants.rows(store, "PRAGMA integrity_check") == [("ok",)]
        assert invariants.broken(store) == {}
        for name, acknowledged in last.items():
            stored = {
                e.event.n for e in store.read_events(name) if e.event.type is EventType.ASSET_MATERIALIZATION
            }
            assert set(range(acknowledged + 1)) <= stored
            assert store.find_run(name).end_reason == "worker-lost"
        store.close()


def test_a_held_gil_loses_no_lease(durable: Store) -> None:
    """The heartbeat child beats while its parent holds the GIL; an observer elsewhere sees the counter move."""
    holder = """
        import re
        from treadle.store.heartbeat import Heart
        store = open_store(url)
        lease = begin(store, "busy")
        heart = Heart(url, beat=0.05)
        heart.hold(lease)
        while store.list_leases()[0].counter == 0:
            time.sleep(0.01)
        say("beating")
        re.match(r"(a+)+$", "a" * 26 + "b")  # seconds in C, without letting go
        say("free")
        sys.stdin.readline()
    """
    watch = LeaseWatch(ttl=1.0)
    with Child(holder, durable.database.address) as child:
        assert child.step() == "beating"
        counters = set()
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            (lease,) = durable.list_leases()
            counters.add(lease.counter)
            assert watch.observe([lease], time.monotonic()) == []
            time.sleep(0.05)
        assert len(counters) > 3
        child.kill()
        # The heart ends with its parent, and the counter stands still.
        deadline = time.monotonic() + 20
        while not watch.observe(durable.list_leases(), time.monotonic()):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def heart(durable: Store) -> Iterator[Heart]:
    made = Heart(durable.database.address, beat=0.05)
    yield made
    made.close()


def counters(store: Store) -> dict[str, int]:
    return {lease.run_id: lease.counter for lease in store.list_leases()}


def wait_until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def beats_on(store: Store, run_id: str) -> bool:
    """Waits until a lease's counter has moved; it must never go back."""
    before = counters(store)[run_id]
    return wait_until(lambda: counters(store)[run_id] > before)


def test_a_heart_says_which_lease_was_taken_away(durable: Store, heart: Heart) -> None:
    taken, kept = begin(durable, "taken"), begin(durable, "kept")
    heart.hold(taken)
    heart.hold(kept)
    durable.end_lease(taken)
    wait_until(lambda: heart.lost(taken))
    assert not heart.lost(kept) and beats_on(durable, "kept")


def test_one_child_beats_for_one_run_after_the_other(durable: Store, heart: Heart) -> None:
    first, second = begin(durable, "first"), begin(durable, "second")
    heart.hold(first)
    child = heart.pid
    assert beats_on(durable, "first")
    heart.release(first)
    heart.hold(second)
    assert beats_on(durable, "second") and heart.pid == child
    stands = counters(durable)["first"]
    assert beats_on(durable, "second") and counters(durable)["first"] == stands


def test_a_killed_heart_is_started_anew_and_no_counter_goes_back(durable: Store, heart: Heart) -> None:
    lease = begin(durable, "r")
    heart.hold(lease)
    assert beats_on(durable, "r")
    child = heart.pid
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: not heart.lost(lease) and heart.pid != child)
    assert beats_on(durable, "r") and not heart.lost(lease)


def test_the_heart_of_a_store_ends_with_it(durable_url: str) -> None:
    with contextlib.closing(open_store(durable_url)) as store:
        heart = heart_of(store)
        assert heart_of(store) is heart
        heart.hold(begin(store, "r"))
        child = psutil.Process(heart.pid)
        assert child.is_running()
    assert not child.is_running()


@pytest.mark.services
def test_a_reader_pages_past_a_slow_writer_and_skips_nothing(postgres_url: str) -> None:
    """T39, I9: the writer with the lower ids commits last; a reader pages between."""
    store = open_store(postgres_url)
    slow = """
        store = open_store(url)
        lease = begin(store, "slow")
        def write(tx):
            store.events.append(tx, "slow", lease.token, [made("slow", n) for n in range(5)], NOW, may_repeat=False)
            say("written")
            sys.stdin.readline()
        store.database.write(write)
        say("committed")
        sys.stdin.readline()
    """
    from treadle.store.filter import AssetEventsWhere

    where = {"type": "ASSET_MATERIALIZATION"}
    with Child(slow, postgres_url) as child:
        assert child.step() == "written"
        store.report_asset_events([made("", 77, asset=type(ORDERS)("fast"))], NOW)
        first = store.changes_after(Position())
        seen = store.history.asset_events(AssetEventsWhere(**where), ascending=True)
        cursor = seen[-1].storage_id if seen else 0
        assert [change.kind for change in first if change.kind == "materialization"] == []
        child.go()
        assert child.step() == "committed"
        rest = store.changes_after(first[-1].position)
        seen += store.history.asset_events(AssetEventsWhere(**where, after_id=cursor), ascending=True)
    kinds = [change.kind for change in [*first, *rest]]
    assert kinds.count("materialization") == 6
    assert len({stored.storage_id for stored in seen}) == len(seen) == 6
    store.close()


@pytest.mark.services
def test_writes_survive_a_cut_connection(postgres_url: str) -> None:
    """T26, T53, T54: every backend is terminated, also between a write and its commit; the write is done once."""
    store = open_store(postgres_url)
    lease = begin(store, "r")
    store.set_pool_limit("db", 1)

    def cut() -> None:
        import psycopg

        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'treadle'"
            )

    for n in range(3):
        cut()
        assert store.grant_slots(lease, f"s{n}", 1, {"db": 1}, NOW) is None
        cut()
        store.release_slots(lease, f"s{n}", 1)
    tries = []

    def write(tx):
        done = store.events.append(
            tx, "r", lease.token, [event("r", EventType.LOG, n=5, producer="p")], NOW, may_repeat=bool(tries)
        )
        tries.append(done)
        if len(tries) == 1:
            cut()
        return done

    store.database.write(write)
    assert len(tries) == 2
    assert [each.event.n for each in store.read_events("r") if each.event.producer == "p"] == [5]
    assert finish(store, lease)
    assert invariants.broken(store) == {}
    store.close()
