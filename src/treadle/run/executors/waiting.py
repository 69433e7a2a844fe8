"""Says on stderr what a run that was told to stop still waits for."""

import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

MOST_NAMES: Final = 5
"""Steps that are named; the others are counted."""
CANCEL_AGAIN: Final = 5.0
"""Seconds that a coroutine has to end after it was cancelled; then it is cancelled once more."""
STUBBORN: Final = "it was cancelled, and goes on."
"""Of a coroutine."""


_ending: Final = threading.Event()


def tell_no_more() -> None:
    """The process is about to end: nothing is waited for any more."""
    _ending.set()


class WaitingNotice:
    """One line, once: a person who pressed Ctrl-C sees why nothing seems to happen.

    Args:
        why: what they are waiting for, and what can be done about it; ends the line.
        after: seconds of waiting before it is worth a line.
    """

    def __init__(self, why: str, after: float = 0.0) -> None:
        self._why = why
        self._after = after
        self._since: float | None = None
        self._is_told = False

    def tell(self, steps: Iterable[str]) -> None:
        """The run waits for these steps, now and until the next call."""
        if self._is_told or _ending.is_set():
            return
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        names = list(steps)
        if not names or now - self._since < self._after:
            return
        self._is_told = True
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        line = f"Waiting for {', '.join(names[:MOST_NAMES])}{more}: {self._why}\n"
        with suppress(OSError, ValueError, AttributeError):  # closed, or none
            sys.stderr.write(line)
            sys.stderr.flush()
