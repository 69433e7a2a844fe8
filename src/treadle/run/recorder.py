"""Collects a run's events and writes them to the store in batches."""

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

from treadle.core.events import Event, EventType

MAX_BATCH = 256
MAX_WAIT = 0.05
"""Seconds that an event waits for its batch, at most."""
_STARTS: Final = frozenset({EventType.STEP_START, EventType.STEP_RESTARTED})
"""User code comes next, and may end the process."""


class RunRecorder:
    """The events of one run, in order. Safe to use from several threads.

    Args:
        write: writes a batch; None keeps events in memory only.
        keep: whether to keep every event for the result.
        on_event: is called with each event as it happens.
        batch_wait: seconds an event may wait; infinity where only flushes and full batches write.
        write_beside: writes a batch from another thread while a step keeps this one busy (see `writing_beside`).
        put_aside: keeps events that wait where they outlive this process; False where it can not.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Event]], Any] | None,
        *,
        keep: bool = True,
        on_event: Callable[[Event], None] | None = None,
        batch_wait: float = MAX_WAIT,
        write_beside: Callable[[Sequence[Event]], Any] | None = None,
        put_aside: Callable[[Sequence[Event]], bool] | None = None,
    ) -> None:
        self.events: list[Event] = []
        self.write_error: Exception | None = None
        """Why the first batch that could not be written was not."""
        self._write = write
        self._keep = keep
        self._on_event = on_event
        self._pending: list[Event] = []
        self._since = 0.0
        self._written_at = monotonic()
        self._batch_wait = batch_wait
        self._write_beside = write_beside
        self._put_aside = put_aside
        self._aside = 0
        """How many of those that are pending are put aside."""
        self._tell: Callable[[Event], None] | None = None
        self._lock = threading.RLock()
        if write_beside is not None:
            _LIVE.add(self)

    def record(self, event: Event, *, is_written: bool = False) -> None:
        """Take one event; it is written with its batch, unless it is written already."""
        with self._lock:
            if self._keep:
                self.events.append(event)
            if self._on_event is not None:
                self._on_event(event)
            if self._write is not None and not is_written:
                pending = self._pending
                if not pending:
                    self._since = monotonic()
                pending.append(event)
                if len(pending) >= MAX_BATCH or monotonic() - self._since >= self._batch_wait:
                    self.flush()
                elif self._put_aside is not None and event.type in _STARTS:
                    self._save_from_crash(self._put_aside)
            if self._tell is not None:
                self._tell(event)

    def tell_from(self, first: Event, tell: Callable[[Event], None] | None) -> None:
        """Tell users' loggers too: of an event that was taken before, and of all that follow.

        They are told of what is in the batch already: whatever they do, it is not lost.
        """
        if tell is not None:
            with self._lock:
                self._tell = tell
                tell(first)

    def flush(self) -> None:
        """Write what is pending now."""
        with self._lock:
            if self._pending and self._write is not None:
                batch = self._take()
                try:
                    self._write(batch)
                except Exception as error:
                    self.write_error = self.write_error or error
                    raise

    def flush_if_due(self) -> None:
        """Write what is pending if its time has come."""
        if self._pending and monotonic() - self._since >= self._batch_wait:
            self.flush()

    @contextmanager
    def writing_beside(self, look: Callable[[], None] | None = None) -> Iterator[None]:
        """Within the block a thread writes what is due, so that others see the events of a long step in time.

        Not for runs that fork: a process with threads does not fork safely.

        Args:
            look: is called by that thread now and then.
        """
        if self._write_beside is None:
            yield
            return
        over = threading.Event()
        thread = threading.Thread(
            target=self._write_until, args=(over, look), name="treadle-events", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _write_until(self, over: threading.Event, look: Callable[[], None] | None) -> None:
        assert self._write_beside is not None
        while not over.wait(self._batch_wait):
            if look is not None:
                look()
            with self._lock:
                if self._pending and monotonic() - self._since >= self._batch_wait:
                    try:
                        self._write_beside(self._pending)
                    except Exception:  # noqa: BLE001 - the run's own thread writes the same again, and tells what is wrong
                        return
                    self._take()

    def take_pending(self) -> list[Event]:
        """Pending events, for whoever writes them together with something else."""
        with self._lock:
            return self._take()

    def write_at_death(self) -> None:
        """Write what is pending from a thread of its own, while the process ends within another one's call."""
        # That one may hold the lock; it waits for this.
        is_ours = self._lock.acquire(timeout=1.0)
        try:
            if self._pending and self._write_beside is not None:
                self._write_beside(self._pending)
                self._take()
        finally:
            if is_ours:
                self._lock.release()

    def _take(self) -> list[Event]:
        batch, self._pending, self._aside = self._pending, [], 0
        self._written_at = monotonic()
        return batch

    def _save_from_crash(self, put_aside: Callable[[Sequence[Event]], bool]) -> None:
        """Let what is pending survive a crash: in microseconds, or where that is impossible by a write now and then."""
        if put_aside(self._pending[self._aside :]):
            self._aside = len(self._pending)
        elif monotonic() - self._written_at >= self._batch_wait:
            self.flush()


_LIVE: Final["weakref.WeakSet[RunRecorder]"] = weakref.WeakSet()


def write_what_waits() -> None:
    """Write the waiting events of all runs of this process, which is about to end."""
    for recorder in list(_LIVE):
        recorder.write_at_death()
