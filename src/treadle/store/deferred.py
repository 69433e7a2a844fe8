"""What is to be written to a store in memory, and is not until somebody looks."""

from collections import deque
from collections.abc import Callable
from typing import Final

MOST_EVENTS: Final = 30_000
"""Events that wait at most; then all are written, as rows take less memory than they do."""


class DeferredWrites:
    """Writes that wait for the next transaction, which they go before, in their order.

    Only for a store that nobody else can open. Whoever calls `settle` holds the lock of the database.
    """

    __slots__ = ("_events", "_is_settling", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._events = 0
        self._is_settling = False

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, action: Callable[[], None], events: int) -> bool:
        """Let a write wait. True where it is time to settle.

        Args:
            action: writes; it opens transactions of its own.
            events: how many it writes.
        """
        self._waiting.append(action)
        self._events += events
        return self._events >= MOST_EVENTS

    def settle(self) -> None:
        """Do what waits. Within one of these writes nothing happens: the others come after it."""
        if self._is_settling:
            return
        self._is_settling = True
        try:
            while self._waiting:
                self._waiting.popleft()()
        finally:
            self._is_settling = False
            if not self._waiting:
                self._events = 0

    def drop(self) -> None:
        """Forget what waits: the store is given up."""
        self._waiting.clear()
        self._events = 0
