"""Ctrl-C and SIGTERM while a run executes: the run stops cleanly and ends CANCELED."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """Whether the run was told to stop, and by what.

    While `interruptible`, a signal also raises KeyboardInterrupt in the main thread, out of the user's code; inside
    `shielded` blocks it waits until the block ends.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self.reason: str | None = None
        self.interruptible = False
        self._shields = 0
        self._held_back = False
        self._arrivals: int | None = None

    @property
    def requested(self) -> bool:
        """True once the run was told to stop, also by a signal whose handler user code had replaced."""
        if self.reason is None and self._arrivals is not None:
            self._look_for_arrivals(self._arrivals)
        return self.reason is not None

    def request(self, reason: str) -> None:
        """Tell the run to stop."""
        if self.reason is None:
            self.reason = reason

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Handle the signals within the block, where this is the main thread; restore what was before."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before: dict[int, Any] = {}
        number: int
        for number in (signal.SIGINT, signal.SIGTERM):
            current = signal.getsignal(number)
            if number == signal.SIGINT or current is signal.SIG_DFL:
                before[number] = current
                signal.signal(number, self._handle)
        if sys.platform == "win32":
            try:
                yield
            finally:
                self._restore(before)
            return
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        woken = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        self._arrivals = reading
        try:
            yield
        finally:
            _ = self.requested
            self._arrivals = None
            signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
            os.close(reading)
            os.close(writing)
            self._restore(before)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """No KeyboardInterrupt within the block: something is being written."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
            if self._held_back and not self._shields and self._in_main_thread():
                self._held_back = False
                raise KeyboardInterrupt

    @staticmethod
    def _restore(before: dict[int, Any]) -> None:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def _look_for_arrivals(self, descriptor: int) -> None:
        """The interpreter writes each signal's number here before it calls any handler."""
        try:
            numbers = os.read(descriptor, 4096)
        except BlockingIOError:
            return
        for number in numbers:
            if number in (signal.SIGINT, signal.SIGTERM):
                self.signal = self.signal or number
                self.request(f"{signal.Signals(number).name} received")

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.signal = number
        self.request(f"{signal.Signals(number).name} received")
        if self._shields:
            self._held_back = self.interruptible
        elif self.interruptible:
            raise KeyboardInterrupt

    @staticmethod
    def _in_main_thread() -> bool:
        return threading.current_thread() is threading.main_thread()


@contextmanager
def alarm(seconds: float | None, error: BaseException) -> Iterator[None]:
    """Raise `error` in the block once the time is over. Only in a main thread that can have alarms; else no effect.

    Code that does not return to the interpreter (a long C call) is not interrupted.
    """
    usable = (
        seconds is not None
        and sys.platform != "win32"
        and threading.current_thread() is threading.main_thread()
    )
    if not usable or seconds is None:
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise error

    before = signal.signal(signal.SIGALRM, ring)
    rest, _ = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, rest)
        signal.signal(signal.SIGALRM, before)
