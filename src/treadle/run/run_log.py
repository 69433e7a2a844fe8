"""How a run reaches the store: begun in one transaction, events in batches, finished in one."""

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from treadle.core.catalog import Catalog
from treadle.core.events import Event
from treadle.core.keys import AssetKey
from treadle.core.partitions.stored import stored_keys
from treadle.core.partitions.stored_set import StoredSet
from treadle.core.run_states import RunStatus
from treadle.core.runs import Lease, Run
from treadle.plan.plan import Plan, Step
from treadle.run.slot_waits import HeldSlots
from treadle.store.events import EventWrite
from treadle.store.events_in_flight import EventsInFlight
from treadle.store.instance import Instance
from treadle.store.liveness import LeaseWatch, liveness, this_process
from treadle.store.unfinished_ends import UnfinishedEnd, end_unfinished, remember_end

if TYPE_CHECKING:
    from treadle.store.heartbeat import Heart

SWEEP = 0.5
"""Seconds between looks for dead runs while this one waits for a slot."""


class StoreRunLog:
    """A run in an instance's store.

    Args:
        instance: whose store.
        catalog: tells how the assets of events are partitioned.
        on_lost: is called when another process holds the run now.
    """

    def __init__(
        self, instance: Instance, catalog: Catalog, on_lost: Callable[[str], None] | None = None
    ) -> None:
        self._instance = instance
        self._catalog = catalog
        self._on_lost = on_lost
        self._sets: dict[tuple[AssetKey, tuple[str, ...]], StoredSet | None] = {}
        self._heart: Heart | None = None
        self._in_flight: EventsInFlight | None = None
        self.lease: Lease | None = None

    def require_lease(self) -> Lease:
        """The run's lease; it has begun."""
        assert self.lease is not None
        return self.lease

    def begin(self, run: Run, plan: Plan, events: Sequence[Event]) -> None:
        """Store the run with its plan and first events, and hold it."""
        end_unfinished(self._instance.store)
        now = time.time()
        self.lease = self._instance.store.begin_run(
            run, plan.encoded, this_process(), self._writes(events), now
        )
        self._in_flight = self._instance.store.events_in_flight()
        if self._instance.store.is_shared:
            # Others see no process here, only the lease's counter: it must go on while user code holds the GIL.
            # Importing what starts a process costs 8 ms; runs with a store of their own do without.
            module = importlib.import_module("treadle.store.heartbeat")
            heart: Heart = module.heart_of(self._instance.store)
            heart.hold(self.lease)
            self._heart = heart

    def append(self, events: Sequence[Event]) -> None:
        """Write a batch of events; tells `on_lost` where the run is no longer ours."""
        self._append(events)
        if self._in_flight is not None:
            self._in_flight.clear()

    def put_aside(self, events: Sequence[Event]) -> bool:
        """Keep events that `append` will write, so that they are not lost with this process; False where that is
        impossible."""
        return self._in_flight is not None and self._in_flight.put(self._writes(events))

    def _append(self, events: Sequence[Event]) -> None:
        written = self._instance.store.append_events(self.lease, self._writes(events), time.time())
        if written.stale and self._on_lost is not None:
            self._on_lost("another process holds the run now, or it was ended")

    def finish(self, status: RunStatus, events: Sequence[Event], tags: Mapping[str, str]) -> None:
        """Write the last events and end the run."""
        assert self.lease is not None
        if tags:
            self._instance.add_run_tags(self.lease.run_id, tags)
        self._instance.store.finish_run(self.lease, status, self._writes(events), time.time())
        self._forget_in_flight()

    def finish_later(self, status: RunStatus, events: Sequence[Event], tags: Mapping[str, str]) -> None:
        """The store did not take the end, with or without the events before it: it is tried again now and then."""
        if self.lease is None:
            return
        try:
            writes = self._writes(events)
        except Exception:  # noqa: BLE001 - new partitions need the store; the last event has none
            writes = self._writes(events[-1:])
        remember_end(
            UnfinishedEnd(
                store=self._instance.store,
                lease=self.lease,
                status=status,
                tags=tags,
                writes=writes,
                when_done=self._forget_in_flight,
            )
        )

    def _forget_in_flight(self) -> None:
        if self._in_flight is not None:
            self._in_flight.remove()

    @property
    def helpers(self) -> frozenset[int]:
        """Processes that belong to this log, not to any step."""
        pid = self._heart.pid if self._heart is not None else None
        return frozenset() if pid is None else frozenset({pid})

    def close(self) -> None:
        """Stop beating. Where the run has not finished, whoever looks at its lease ends it."""
        if self._heart is not None and self.lease is not None:
            self._heart.release(self.lease)
            self._heart = None

    def is_canceling(self) -> bool:
        """True where someone asked the run to stop, or took it away."""
        assert self.lease is not None
        if self._heart is not None and self._heart.lost(self.lease):
            return True
        found = self._instance.store.find_run(self.lease.run_id)
        return found is None or found.status in (RunStatus.CANCELING, RunStatus.CANCELED)

    def _writes(self, events: Sequence[Event]) -> list[EventWrite]:
        return [
            EventWrite(event)
            if event.partition_keys is None or event.asset_key is None
            else EventWrite(event, self._stored_set(event.asset_key, event.partition_keys))
            for event in events
        ]

    def _stored_set(self, key: AssetKey, partition_keys: tuple[str, ...]) -> StoredSet | None:
        known = (key, partition_keys)
        if known not in self._sets:
            definition = self._catalog.partitions_def_of(key)
            self._sets[known] = (
                stored_keys(definition, partition_keys, self._instance.partition_ids(key))[0]
                if definition is not None
                else None
            )
        return self._sets[known]


class StoreSlots:
    """Slots of pools in the store, held by this run's lease.

    Args:
        instance: whose store.
        lease: the run's.
    """

    def __init__(self, instance: Instance, lease: Lease) -> None:
        self._instance = instance
        self._lease = lease
        self._asked: dict[str, float] = {}
        self._swept = -SWEEP
        self._watch = LeaseWatch() if instance.store.is_shared else None

    def grant(self, step: Step, attempt: int) -> bool:
        """Take a slot of the step's pool; asks a pool that others fill at most 20 times a second."""
        assert step.pool is not None
        now = time.monotonic()
        if now - self._asked.get(step.pool, -1.0) < 0.05:
            return False
        store = self._instance.store
        full = store.grant_slots(self._lease, step.key, attempt, {step.pool: 1}, time.time())
        if full is not None and now - self._swept >= SWEEP:
            self._swept = now
            if self._free_slots_of_the_dead(now):
                full = store.grant_slots(self._lease, step.key, attempt, {step.pool: 1}, time.time())
        if full is None:
            return True
        self._asked[step.pool] = now
        return False

    def held(self, pool: str) -> HeldSlots | None:
        """See `slot_waits.Held`."""
        store = self._instance.store
        used = next((each for each in store.pools() if each.pool == pool), None)
        limit = (
            used.slot_limit if used is not None and used.slot_limit is not None else store.slots.default_limit
        )
        holders = dict.fromkeys(run_id for run_id, _ in store.pool_holders(pool))
        others = tuple(run_id for run_id in holders if run_id != self._lease.run_id)
        if used is None or limit is None or (holders and not others):
            return None
        return HeldSlots(limit=limit, held=used.held, other_runs=others)

    def _free_slots_of_the_dead(self, now: float) -> bool:
        """End the runs whose processes are gone: nobody else may be there to do it. True where there were any."""
        store = self._instance.store
        reaped = end_unfinished(store)
        reaped = bool(store.reap_dead_leases(time.time())) or reaped
        if self._watch is not None:
            elsewhere = [lease for lease in store.list_leases() if liveness(lease.holder) == "elsewhere"]
            for lease in self._watch.observe(elsewhere, now):
                reaped = store.reap_lease(lease, time.time()) or reaped
        return reaped

    def release(self, step: Step, attempt: int) -> None:
        """Give the slot back."""
        if step.pool is not None:
            self._asked.pop(step.pool, None)
        self._instance.store.release_slots(self._lease, step.key, attempt)
