"""The store against a model of dictionaries: memory and SQLite must answer as it does, whatever is done in what order."""

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from tests.store import invariants
from tests.store.making import NOW, ORDERS, event, ints, made, planned
from treadle.core.events import EventType
from treadle.core.partitions.stored_set import StoredSet
from treadle.core.run_states import RUN_STATES, STATUS_EVENT, TERMINAL, RunStatus, states_before
from treadle.core.runs import Holder, Lease, Run
from treadle.store import Store, open_store, sets
from treadle.store.errors import AlreadyTerminalError, StaleLeaseError
from treadle.store.segments import Segment, carve, without_overlap

PLACES = 12
HOLDER = Holder(host="far", boot_id="b", pid_namespace="n", pid=1, process_started=1.0)
spans = st.tuples(st.integers(0, PLACES - 1), st.integers(1, 5)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


class ModelRun:
    """What the model keeps of a run."""

    def __init__(self) -> None:
        self.status = RunStatus.NOT_STARTED
        self.token = 0
        self.live = 0
        self.log: list[tuple[str, bool]] = []
        self.slots: set[str] = set()


class StoreMachine(RuleBasedStateMachine):
    """Runs are created, leased, moved, written to, ended and reopened; partitions made and wiped; slots granted."""

    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.file_url = f"sqlite:///{Path(self.folder.name)}/t.db"
        self.stores: list[Store] = [open_store("memory:"), open_store(self.file_url)]
        for store in self.stores:
            store.set_pool_limit("pool", 2)
        self.runs: dict[str, ModelRun] = {}
        self.truth: dict[int, str] = {}
        self.count = 0

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        self.folder.cleanup()

    def all(self, question):
        answers = [question(store) for store in self.stores]
        assert answers[0] == answers[1]
        return answers[0]

    def outcome(self, action):
        def ask(store: Store):
            try:
                return action(store)
            except (StaleLeaseError, AlreadyTerminalError) as error:
                return type(error).__name__

        return self.all(ask)

    @rule(target=leases)
    def create(self):
        run_id = f"r{len(self.runs)}"
        self.runs[run_id] = ModelRun()
        self.all(lambda store: store.create_run(Run(run_id=run_id, job_name="j"), NOW).run_id)
        return Lease(run_id=run_id, attempt=0, token=0, holder=HOLDER)

    @rule(target=leases, lease=leases)
    def acquire(self, lease: Lease):
        run = self.runs[lease.run_id]
        found = self.outcome(lambda store: store.acquire_lease(lease.run_id, HOLDER, NOW))
        if run.status in TERMINAL:
            assert found == "StaleLeaseError"
            return multiple()
        if not run.live:
            run.token += 1
            run.live = run.token
        assert (found.token, found.attempt) == (run.live, run.live)
        return found

    @rule(lease=leases)
    def end(self, lease: Lease):
        run = self.runs[lease.run_id]
        ended = self.all(lambda store: store.end_lease(lease))
        assert ended == bool(lease.token and run.live == lease.token)
        if ended:
            run.live = 0
            run.slots.clear()

    @rule(
        lease=leases,
        status=st.sampled_from([s for s in RunStatus if s in STATUS_EVENT]),
        revoke=st.booleans(),
    )
    def move(self, lease: Lease, status: RunStatus, revoke: bool):
        run = self.runs[lease.run_id]
        bearer = lease if lease.token else None
        found = self.outcome(
            lambda store: store.transition_run(
                lease.run_id, status, NOW, lease=bearer, revoke=revoke and bearer is None
            )
        )
        held = 0 if revoke and bearer is None else run.live
        allowed = run.status in states_before(status) and (
            status is RunStatus.CANCELING or held == lease.token
        )
        if not allowed:
            assert found in ("StaleLeaseError", "AlreadyTerminalError")
            return
        assert found is None
        run.status = status
        run.log.append((STATUS_EVENT[status].value, False))
        if (revoke and bearer is None) or status in TERMINAL:
            run.live = 0
            run.slots.clear()

    @rule(lease=leases, span=spans, again=st.booleans())
    def write(self, lease: Lease, span: tuple[int, int], again: bool):
        run = self.runs[lease.run_id]
        bearer = lease if lease.token else None
        batch = [planned(lease.run_id, *span), event(lease.run_id, EventType.LOG), made(lease.run_id, *span)]
        for _ in range(2 if again else 1):
            stale = self.all(lambda store: store.append_events(bearer, batch, NOW).stale)
        over = run.status in TERMINAL or (lease.token and lease.token != run.live)
        refused = bool(over or (not lease.token and run.live))
        assert stale == refused
        run.log += [
            (batch[0].event.type.value, bool(over)),
            ("LOG", bool(over)),
            (batch[2].event.type.value, refused),
        ]
        if not refused:
            self.truth.update(dict.fromkeys(range(*span), lease.run_id))

    @rule(lease=leases, step=st.sampled_from("ab"))
    def grant(self, lease: Lease, step: str):
        run = self.runs[lease.run_id]
        found = self.outcome(lambda store: store.grant_slots(lease, step, 1, {"pool": 1}, NOW))
        held = sum(len(each.slots) for each in self.runs.values())
        if not lease.token or lease.token != run.live:
            assert found == "StaleLeaseError"
            return
        if step in run.slots:
            assert found is None
        elif held >= 2:
            assert found == "pool"
        else:
            assert found is None
            run.slots.add(step)

    @rule(lease=leases, step=st.sampled_from("ab"))
    def release(self, lease: Lease, step: str):
        self.all(lambda store: store.release_slots(lease, step, 1))
        run = self.runs[lease.run_id]
        if lease.token and lease.token == run.live:
            run.slots.discard(step)

    @rule(span=spans)
    def wipe(self, span: tuple[int, int]):
        self.all(lambda store: store.wipe_asset(ORDERS, NOW, stored_set=ints(span), partition_keys=["x"]))
        for place in range(*span):
            self.truth.pop(place, None)

    @rule()
    def wipe_all(self):
        self.all(lambda store: store.wipe_asset(ORDERS, NOW))
        self.truth.clear()

    @rule()
    def reopen(self):
        self.stores[1].close()
        self.stores[1] = open_store(self.file_url)

    @rule(lease=consumes(leases))
    def forget(self, lease: Lease):
        pass

    @invariant()
    def answers_agree_with_the_model(self):
        for run_id, run in self.runs.items():
            assert self.all(lambda store, run_id=run_id: store.find_run(run_id).status) is run.status
            log = self.all(
                lambda store, run_id=run_id: [
                    (e.event.type.value, e.stale) for e in store.read_events(run_id)
                ]
            )
            assert log == run.log
        held = self.all(lambda store: store.pools()[0].held)
        assert held == sum(len(run.slots) for run in self.runs.values())
        made_by = self.all(
            lambda store: {
                place: segment.run_id
                for segment in store.assets.segments_of(ORDERS)
                for place in range(segment.lo, segment.hi)
            }
        )
        assert made_by == self.truth
        covered = self.all(lambda store: store.assets.materialized_set(ORDERS))
        assert {place for lo, hi in covered.runs.get("", ()) for place in range(lo, hi)} == set(self.truth)
        for store in self.stores:
            assert invariants.broken(store) == {}


StoreMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
test_the_store_agrees_with_a_model = StoreMachine.TestCase


@pytest.mark.parametrize("status", list(RunStatus))
def test_terminal_states_have_no_way_out(status: RunStatus) -> None:
    assert status.is_terminal == (not RUN_STATES[status].next) == (status in TERMINAL)


segments = st.lists(spans, max_size=8).map(
    lambda found: [Segment("", lo, hi, number, 0) for number, (lo, hi) in enumerate(found, 1)]
)


def painted(pieces) -> dict[int, int]:
    """Which event each place shows when the pieces are painted in order."""
    return {place: piece.event for piece in pieces for place in range(piece.lo, piece.hi)}


@given(segments)
def test_cutting_overlaps_is_painting_in_order(items: list[Segment]) -> None:
    cut = without_overlap(items)
    assert painted(cut) == painted(items)
    assert all(one.hi <= other.lo for one, other in pairwise(cut))


@given(segments, segments)
def test_carving_leaves_what_is_not_painted_over(olds: list[Segment], news: list[Segment]) -> None:
    olds, news = without_overlap(olds), without_overlap(news)
    stored = [(old.lo, old.hi, old.event, 0, None, None, 1) for old in olds]
    gone, rests = carve(stored, news)
    table = {row[0]: row for row in stored if row[0] not in gone}
    table.update({row[0]: row for row in rests})
    table.update({new.lo: (new.lo, new.hi, 100 + new.event, 0, None, None, 2) for new in news})
    shown = {place: row[2] for row in table.values() for place in range(row[0], row[1])}
    assert sum(row[1] - row[0] for row in table.values()) == len(shown)
    assert shown == {**painted(olds), **{place: 100 + number for place, number in painted(news).items()}}


places = st.sets(st.tuples(st.sampled_from(["", "b"]), st.integers(0, 15)))


def stored(members: set[tuple[str, int]]) -> StoredSet:
    return sets.from_spans((name, place, place + 1) for name, place in sorted(members))


def members(found: StoredSet) -> set[tuple[str, int]]:
    return {(name, place) for name, runs in found.runs.items() for lo, hi in runs for place in range(lo, hi)}


@given(places, places)
def test_sets_are_those_of_python(one: set, other: set) -> None:
    left, right = stored(one), stored(other)
    assert members(sets.union(left, right)) == one | other
    assert members(sets.difference(left, right)) == one - other
    assert members(sets.intersection(left, right)) == one & other
    assert sets.size(left) == len(one)
    assert sets.union(left, right) == sets.union(right, left) or set(left.runs) != set(right.runs)
