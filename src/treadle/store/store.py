"""The store: everything remembered, behind one façade over a small class per table family.

A method here is one transaction. The clock is an argument; only `open_store` reads it.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from treadle.core.events import Event, EventData, FailureData, StoredEvent
from treadle.core.keys import AssetKey
from treadle.core.partitions.stored_set import StoredSet
from treadle.core.run_states import STATUS_EVENT, TERMINAL, RunStatus
from treadle.core.runs import Holder, Lease, Run
from treadle.store.assets import Assets, wiped_write
from treadle.store.backfills import Backfills
from treadle.store.changes import Change, Changes, Position
from treadle.store.database import Database, Transaction
from treadle.store.errors import AlreadyTerminalError, Conflict, StaleLeaseError
from treadle.store.events import Appended, Events, EventWrite
from treadle.store.events_in_flight import (
    EventsInFlight,
    close_spare,
    files_of_the_gone,
    forget_left_behind,
    left_behind,
    old_files_of_others,
)
from treadle.store.history import History
from treadle.store.leases import Leases
from treadle.store.liveness import liveness
from treadle.store.names import Names
from treadle.store.partitions import Partitions
from treadle.store.retention import Pruned, Retention, RetentionPolicy
from treadle.store.runs import Runs
from treadle.store.slots import PoolUse, Slots

T = TypeVar("T")


class Store:
    """One home of state.

    Args:
        database: where it is kept; migrated already.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.names = Names()
        self.runs = Runs(self.names)
        self.leases = Leases()
        self.slots = Slots()
        self.events = Events(self.names)
        self.changes = Changes()
        self.assets = Assets(database, self.names)
        self.partitions = Partitions(database, self.names, self.changes)
        self.backfills = Backfills(database, self.changes)
        self.history = History(database, self.names, self.runs, self.assets)
        self.retention = Retention(database)
        self._at_close: list[Callable[[], None]] = []

    @property
    def is_read_only(self) -> bool:
        """Whether it was opened to look only, and could not be written."""
        return self.database.is_read_only

    @property
    def url(self) -> str:
        """The URL that opens this store again."""
        return self.database.url

    @property
    def is_shared(self) -> bool:
        """Whether other machines may use it, and judge the leases of processes here."""
        return self.database.dialect == "postgres"

    def at_close(self, action: Callable[[], None]) -> None:
        """Do something when this store is closed."""
        self._at_close.append(action)

    def close(self) -> None:
        """Give up the connections."""
        for action in self._at_close:
            action()
        if self.database.path is not None:
            close_spare(self.database.path)
        self.database.close()

    # --- runs

    def create_run(
        self, run: Run, now: float, *, plan: bytes | None = None, deadline: float | None = None
    ) -> Run:
        """Store a run and its plan in one transaction; a repeated request stores it once.

        Args:
            run: with the status it begins in.
            plan: the encoded plan, kept once however many runs share it.
            deadline: Unix seconds by which the run must have moved on.
        """
        run = _with_plan(run, plan)

        def create(tx: Transaction) -> None:
            self._create(tx, run, plan, now, deadline)

        self.database.write(create)
        return run

    def begin_run(
        self,
        run: Run,
        plan: bytes | None,
        holder: Holder,
        events: Sequence[EventWrite],
        now: float,
    ) -> Lease:
        """Store a run and its plan, hold it, and append its first events, in one transaction.

        Run events among them change the run's state (RUN_START: it is running).

        Raises:
            StaleLeaseError: the run exists and another process holds it.
        """
        run = _with_plan(run, plan)

        def begin(tx: Transaction, may_repeat: bool) -> Lease:
            self._create(tx, run, plan, now, None)
            lease = self.leases.acquire(tx, run.run_id, holder, now)
            if events:
                self.events.append(tx, run.run_id, lease.token, events, now, may_repeat=may_repeat)
            return lease

        return self._write_once(begin)

    def finish_run(self, lease: Lease, status: RunStatus, events: Sequence[EventWrite], now: float) -> bool:
        """Append a run's last events, end it and give up the lease and its slots, in one transaction.

        Args:
            status: a terminal one; its run event is added where the events lack it.

        Returns:
            False where this lease no longer held the run: nothing changed but the log, and the caller must stop.
        """
        kind = STATUS_EVENT[status]
        if not any(write.event.type is kind for write in events):
            events = [
                *events,
                EventWrite(
                    _run_event(lease.run_id, lease.attempt, status, now, f"finish-{status.value}", None)
                ),
            ]
        return not self.append_events(lease, events, now).stale

    def transition_run(
        self,
        run_id: str,
        status: RunStatus,
        now: float,
        *,
        lease: Lease | None = None,
        data: EventData | None = None,
        message: str = "",
        revoke: bool = False,
    ) -> None:
        """Move a run to another state, with the event that says so.

        Args:
            lease: of the caller, where it holds the run.
            data: of the event, e.g. why it failed.
            revoke: end whatever lease is live first (a forced cancel).

        Raises:
            AlreadyTerminalError: the run is over.
            StaleLeaseError: another process holds the run.
        """
        token = lease.token if lease is not None else 0
        attempt = lease.attempt if lease is not None else 0
        producer = f"control-{os.urandom(8).hex()}"
        event = _run_event(run_id, attempt, status, now, producer, data, message)

        def move(tx: Transaction, may_repeat: bool) -> bool:
            live = self.leases.find(tx, run_id) if revoke else None
            if live is not None:
                self.leases.end(tx, live)
            asked = status is RunStatus.CANCELING
            done = self.events.append(
                tx, run_id, token, [EventWrite(event)], now, may_repeat=may_repeat, any_token=asked
            )
            if done.stale:
                raise _Refused(self.runs.find(tx, run_id))
            return True

        try:
            self._write_once(move)
        except _Refused as refused:
            raise refused.explain(run_id, status) from None

    def find_run(self, run_id: str) -> Run | None:
        """A run, or None."""
        found = self.database.read(lambda tx: self.runs.find(tx, run_id))
        return None if found is None else found[1]

    def note_waiting(self, run_id: str, waiting_for: str | None, deadline: float | None, now: float) -> None:
        """Say what a run that is not over waits for, and by when (Unix seconds) it must have moved on."""
        self.database.write(lambda tx: self.runs.note_waiting(tx, run_id, waiting_for, deadline, now))

    def add_run_tags(self, run_id: str, tags: Mapping[str, str], now: float) -> None:
        """Add tags to a run or change them."""
        self.database.write(lambda tx: self.runs.add_tags(tx, run_id, tags, now))

    def delete_run(self, run_id: str) -> bool:
        """Delete a run with its log, tags and lease; what it materialized stays. False where there is none."""
        return self.database.write(lambda tx: tx.run("delete_run", run_id=run_id)) == 1

    def find_plan(self, plan_id: str) -> bytes | None:
        """An encoded plan, or None."""
        row = self.database.read(lambda tx: tx.one("find_plan", plan_id=plan_id))
        return None if row is None else bytes(row[0])

    # --- leases and slots

    def acquire_lease(self, run_id: str, holder: Holder, now: float) -> Lease:
        """Begin a new attempt of a run.

        Raises:
            StaleLeaseError: another process holds it, or it is over.
        """
        return self.database.write(lambda tx: self.leases.acquire(tx, run_id, holder, now))

    def extend_lease(self, lease: Lease, counter: int) -> bool:
        """Beat; False where the lease is no longer live."""
        return self.database.write(lambda tx: self.leases.extend(tx, lease, counter))

    def end_lease(self, lease: Lease) -> bool:
        """Give a run up without ending it, and free its slots."""
        return self.database.write(lambda tx: self.leases.end(tx, lease))

    def list_leases(self) -> list[Lease]:
        """Every live lease."""
        return self.database.read(self.leases.list_all)

    def reap_lease(
        self, lease: Lease, now: float, reason: str = "worker-lost", said: str | None = None
    ) -> bool:
        """End the lease of a process that is dead and the run with it; slots are freed. What it had not written yet
        is, as far as it was left behind.

        Args:
            said: what is known of its death; else that it is gone.

        Returns:
            False where it had ended, or beat since it was read.
        """

        left = left_behind(self.database.path, lease.run_id, lease.holder)

        def reap(tx: Transaction, may_repeat: bool) -> bool:
            live = self.leases.find(tx, lease.run_id) if left else None
            if live is not None and (live.token, live.counter) == (lease.token, lease.counter):
                self.events.append(tx, lease.run_id, lease.token, left, now, may_repeat=True)
            if not self.leases.end(tx, lease, counter=lease.counter) and not may_repeat:
                return False
            found = self.runs.find(tx, lease.run_id)
            if found is None:
                return False
            canceling = found[1].status is RunStatus.CANCELING
            status = RunStatus.CANCELED if canceling else RunStatus.FAILURE
            last = tx.one("last_event_time", run=found[0])
            ago = f"; its last event came {now - last[0]:.0f} s before" if last is not None else ""
            who = f"process {lease.holder.pid} on {lease.holder.host}, which held the run,"
            message = f"{who} {said or f'is gone{ago}'}"
            data = FailureData(failure_reason=reason, description=message)
            event = _run_event(
                lease.run_id, lease.attempt, status, now, f"reaper-{lease.token}", data, message
            )
            self.events.append(tx, lease.run_id, 0, [EventWrite(event)], now, may_repeat=may_repeat)
            return True

        return self._write_once(reap)

    def reap_dead_leases(self, now: float) -> list[Lease]:
        """End every lease whose process is known to be gone. Never waits, and leaves those held elsewhere alone."""
        path = self.database.path
        gone, old = files_of_the_gone(path), old_files_of_others(path, now)
        leases = self.list_leases()
        dead = [lease for lease in leases if liveness(lease.holder) == "gone"]
        reaped = [lease for lease in dead if self.reap_lease(lease, now)]
        forget_left_behind(gone, ())
        forget_left_behind(old, leases)
        return reaped

    def set_pool_limit(self, pool: str, limit: int | None) -> None:
        """Limit a pool, or lift its limit."""
        self.database.write(lambda tx: self.slots.set_limit(tx, pool, limit))

    def pools(self) -> list[PoolUse]:
        """Every pool with its limit and use."""
        return self.database.read(self.slots.pools)

    def forget_cached_status(self, key: AssetKey) -> None:
        """Let go of the partitions that are kept folded together; the next question folds what is recorded again."""

        def write(tx: Transaction) -> None:
            asset = self.names.find_asset(tx, key)
            if asset is not None:
                tx.run("delete_status_cache", asset=asset)

        self.database.write(write)

    def grant_slots(
        self, lease: Lease, step_key: str, attempt: int, wants: Mapping[str, int], now: float
    ) -> str | None:
        """Grant a step all the slots it wants or none; None where granted, else the pool that is full."""
        return self.database.write(lambda tx: self.slots.grant(tx, lease, step_key, attempt, wants, now))

    def release_slots(self, lease: Lease, step_key: str, attempt: int) -> None:
        """Give a step's slots back."""
        self.database.write(lambda tx: self.slots.release(tx, lease, step_key, attempt))

    def pool_holders(self, pool: str) -> list[tuple[str, str]]:
        """Who holds a pool's slots: (run id, step key), the longest holder first."""
        return self.database.read(lambda tx: self.slots.holders(tx, pool))

    # --- events and changes

    def append_events(self, lease: Lease | None, writes: Sequence[EventWrite], now: float) -> Appended:
        """Append a batch of one run's events; run events among them change its state.

        A batch that was stored already is stored once. What a writer sends that no longer holds the run is kept in
        the log, flagged stale, and changes nothing.

        Args:
            lease: of the writer; None for one that holds no lease.
            writes: in order, each with its dedup key (attempt, producer, n).
        """
        if not writes:
            return Appended(0, 0, False)
        run_id = writes[0].event.run_id
        token = lease.token if lease is not None else 0
        return self._write_once(
            lambda tx, may_repeat: self.events.append(tx, run_id, token, writes, now, may_repeat=may_repeat)
        )

    def events_in_flight(self) -> EventsInFlight | None:
        """Where a run of this process keeps what waits to be written; None in a database that is no file."""
        path = self.database.path
        return None if path is None else EventsInFlight(path)

    def report_asset_events(self, writes: Sequence[EventWrite], now: float) -> list[int]:
        """Append asset events that no run reported; their storage ids."""
        if not writes:
            return []
        named = [
            msgspec.structs.replace(write, event=_with_producer(write.event, os.urandom(8).hex(), index))
            for index, write in enumerate(writes)
        ]
        return self._write_once(
            lambda tx, may_repeat: self.events.append_runless(tx, named, now, may_repeat=may_repeat)
        )

    def read_events(self, run_id: str, after_sequence: int = 0, limit: int = 1_000_000) -> list[StoredEvent]:
        """A run's events in order, those after a sequence number."""
        return self.database.read(lambda tx: self.events.read(tx, run_id, after_sequence, limit))

    def wipe_asset(
        self,
        key: AssetKey,
        now: float,
        *,
        stored_set: StoredSet | None = None,
        partition_keys: Sequence[str] | None = None,
    ) -> None:
        """Forget that an asset, or some of its partitions, was made. Its events stay in the log, hidden.

        Args:
            stored_set: where the partitions lie, where that is known.
            partition_keys: their keys; None: all of the asset.
        """
        keys = tuple(partition_keys) if partition_keys is not None else None
        write = wiped_write(key, now, keys)
        write = msgspec.structs.replace(write, event=_with_producer(write.event, os.urandom(8).hex(), 0))

        def wipe(tx: Transaction, may_repeat: bool) -> None:
            if may_repeat and self.events.runless_id(tx, write.event) is not None:
                return  # done before; what came since is not wiped
            ids = self.events.append_runless(tx, [write], now, may_repeat=False)
            if keys is not None:
                self.assets.wipe_partitions(tx, key, keys, stored_set, ids[0])
            elif ids:
                self.assets.wipe(tx, key, ids[0], now)

        self._write_once(wipe)

    def rename_asset(self, key: AssetKey, new_key: AssetKey) -> bool:
        """Give an asset another key; history, partitions and cursors follow.

        Returns:
            False where there is no such asset.

        Raises:
            Conflict: an asset with the new key has events of its own.
        """
        old, new = self.names.text_of(key), self.names.text_of(new_key)
        renamed = self.database.write(lambda tx: tx.run("rename", kind="asset", name=old, new_name=new))
        self.names.forget()
        return renamed == 1

    def prune(self, now: float, policy: RetentionPolicy) -> Pruned:
        """Delete the history that a policy lets go of; state is never lost."""
        return self.retention.prune(now, policy)

    def changes_after(self, position: Position, limit: int = 1000) -> list[Change]:
        """What changed after a position, oldest first."""
        return self.database.read(lambda tx: self.changes.after(tx, position, limit))

    def last_position(self) -> Position:
        """The position from which a new follower begins."""
        return self.database.read(self.changes.last)

    # --- inside

    def _create(
        self, tx: Transaction, run: Run, plan: bytes | None, now: float, deadline: float | None
    ) -> None:
        if plan is not None:
            tx.run("add_plan", plan_id=run.plan_id, body=plan, now=now)
        self.runs.create(tx, run, now, deadline)

    def _write_once(self, action: Callable[[Transaction, bool], T]) -> T:
        """Write without looking for repeated events; only where one turns out to be stored, look."""
        tried = False

        def attempt(tx: Transaction) -> T:
            nonlocal tried
            may_repeat, tried = tried, True
            return action(tx, may_repeat)

        try:
            return self.database.write(attempt)
        except Conflict:
            return self.database.write(lambda tx: action(tx, True))


class _Refused(Exception):
    def __init__(self, found: tuple[int, Run] | None) -> None:
        self.found = found

    def explain(self, run_id: str, status: RunStatus) -> Exception:
        if self.found is not None and self.found[1].status in TERMINAL:
            return AlreadyTerminalError(
                f"run {run_id} is over ({self.found[1].status}) and can not become {status}"
            )
        return StaleLeaseError(f"run {run_id} can not become {status} by a process that does not hold it")


def plan_id_of(plan: bytes) -> str:
    """The id of an encoded plan: its content's hash."""
    return hashlib.blake2b(plan, digest_size=16).hexdigest()


def _with_plan(run: Run, plan: bytes | None) -> Run:
    if plan is None or run.plan_id is not None:
        return run
    return msgspec.structs.replace(run, plan_id=plan_id_of(plan))


def _with_producer(event: Event, producer: str, n: int) -> Event:
    return msgspec.structs.replace(event, producer=producer, n=n)


def _run_event(
    run_id: str,
    attempt: int,
    status: RunStatus,
    now: float,
    producer: str,
    data: EventData | None,
    message: str = "",
) -> Event:
    return Event(
        run_id=run_id,
        type=STATUS_EVENT[status],
        timestamp=now,
        attempt=attempt,
        producer=producer,
        level=20,
        message=message,
        data=data,
    )
