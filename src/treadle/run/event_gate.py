"""What the events of a run's steps go through, and what keeps out those of attempts that the run gave up."""

import threading
from collections.abc import Callable

from treadle.core.events import Event


class EventGate:
    """Gives events on, in order, until the attempt that they come from is shut out. Safe to use from several threads.

    Args:
        record: takes each event.
        flush: writes what is pending.
    """

    def __init__(self, record: Callable[[Event], None], flush: Callable[[], None]) -> None:
        self._record = record
        self._flush = flush
        self._shut_out: set[tuple[str, int]] = set()
        self._lock = threading.RLock()

    def record(self, event: Event, attempt: tuple[str, int] | None = None) -> None:
        """Give an event on.

        Args:
            attempt: of which step it is, and of which attempt; None: of the run itself.
        """
        with self._lock:
            if attempt not in self._shut_out:
                self._record(event)

    def flush(self, attempt: tuple[str, int] | None = None) -> None:
        """Have what is pending written, before user code reads the store."""
        with self._lock:
            if attempt not in self._shut_out:
                self._flush()

    def shut_out(self, attempt: tuple[str, int]) -> None:
        """From now on nothing of this attempt comes through: its code goes on, and the run has ended without it."""
        with self._lock:
            self._shut_out.add(attempt)

    def is_shut_to(self, attempt: tuple[str, int]) -> bool:
        """Whether the run gave this attempt up."""
        return attempt in self._shut_out
