"""How a run reaches the store: begun in one transaction, events in batches, finished in one."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from treadle.core.events import Event
from treadle.core.run_states import RunStatus
from treadle.core.runs import Lease, Run
from treadle.plan.plan import Step


class RunLog(Protocol):
    """Where a run is remembered."""

    lease: Lease | None

    def begin(self, run: Run, plan: bytes, events: Sequence[Event]) -> None:
        """Store the run with its plan and first events, and hold it."""
        ...

    def append(self, events: Sequence[Event]) -> None:
        """Write a batch of events, in order."""
        ...

    def finish(self, status: RunStatus, events: Sequence[Event], tags: Mapping[str, str]) -> None:
        """Write the last events and end the run."""
        ...


class StoreRunLog:
    """A run in an instance's store.

    Args:
        instance: offers `begin_run`, `append_run_events`, `finish_run`.
        on_lost: is called when another process holds the run now.
    """

    def __init__(self, instance: Any, on_lost: Callable[[str], None] | None = None) -> None:
        self._instance = instance
        self._on_lost = on_lost
        self.lease: Lease | None = None

    def begin(self, run: Run, plan: bytes, events: Sequence[Event]) -> None:
        """Store the run with its plan and first events, and hold it."""
        self.lease = self._instance.begin_run(run, plan, events)

    def append(self, events: Sequence[Event]) -> None:
        """Write a batch of events; tells `on_lost` where the run is no longer ours."""
        assert self.lease is not None
        written = self._instance.append_run_events(self.lease, events)
        if getattr(written, "stale", False) and self._on_lost is not None:
            self._on_lost("another process holds the run")

    def finish(self, status: RunStatus, events: Sequence[Event], tags: Mapping[str, str]) -> None:
        """Write the last events and end the run."""
        assert self.lease is not None
        self._instance.finish_run(self.lease, status, events, tags)


class StoreSlots:
    """Slots of pools in the store, held by this run's lease.

    Args:
        instance: offers `grant_slots` and `release_slots`.
        lease: the run's.
    """

    def __init__(self, instance: Any, lease: Lease) -> None:
        self._instance = instance
        self._lease = lease
        self._asked: dict[str, float] = {}

    def grant(self, step: Step, attempt: int) -> bool:
        """Take a slot of the step's pool; asks a full pool at most 20 times a second."""
        assert step.pool is not None
        now = time.monotonic()
        if now - self._asked.get(step.pool, -1.0) < 0.05:
            return False
        full = self._instance.grant_slots(self._lease, step.key, attempt, {step.pool: 1})
        if full is None:
            return True
        self._asked[step.pool] = now
        return False

    def release(self, step: Step, attempt: int) -> None:
        """Give the slot back."""
        self._instance.release_slots(self._lease, step.key, attempt)

