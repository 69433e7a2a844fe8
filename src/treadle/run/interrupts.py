"""Ctrl-C and SIGTERM while a run executes: the run stops cleanly and ends CANCELED."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from treadle.core.errors import ExecutionInterruptedError


class Interrupts:
    """Whether the run was told to stop, and by what.

    While `interruptible`, a signal also raises KeyboardInterrupt in the main thread, out of the user's code; inside
    `shielded` blocks it waits until the block ends.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self.reason: str | None = None
        self.insists = False
        """True once a signal came although the run had been told to stop a while before: nobody wants to wait."""
        self.interruptible = False
        self._told_at = 0.0
        self._insisted_at: float | None = None
        self._handled = self._arrived = self._noted = 0
        """Signals whose handler was called, that arrived (both count the same ones), and that something followed from."""
        self._shields: dict[int, int] = {}
        """Thread -> how many shielded blocks it is in."""
        self._is_installed = False
        self._ours = self._ours_to_arrive = 0
        """Signals that this object sent itself."""
        self._held_back = False
        self._arrivals: int | None = None
        self._woken = -1
        """What the program reads the numbers of signals from, if it does (an event loop)."""
        self._of_program: set[int] = set()
        """Signals that the program has a handler of its own for: they end the run, and what else is its affair."""

    @property
    def requested(self) -> bool:
        """True once the run was told to stop, also by a signal whose handler user code had replaced."""
        if self.reason is None and self._arrivals is not None:
            self._look_for_arrivals(self._arrivals)
        return self.reason is not None

    def request(self, reason: str) -> None:
        """Tell the run to stop."""
        if self.reason is None:
            self._told_at = time.monotonic()
            self.reason = reason

    def look(self) -> None:
        """See, from any thread, whether signals came that the main thread has not had the time to handle."""
        if self._arrivals is not None:
            self._look_for_arrivals(self._arrivals)

    def is_defied(self, patience: float) -> bool:
        """True where a signal came again, and that many seconds later what it should end has not ended."""
        return self._insisted_at is not None and time.monotonic() - self._insisted_at >= patience

    @property
    def is_main_shielded(self) -> bool:
        """True where the main thread is writing something."""
        return bool(self._shields.get(threading.main_thread().ident or 0))

    @property
    def is_shielded(self) -> bool:
        """True where the calling thread is writing something."""
        return bool(self._shields.get(threading.get_ident()))

    def interrupt_main_thread(self) -> None:
        """From another thread: raise KeyboardInterrupt in the main one, out of user code, also out of a call that waits.

        Nothing where signals are not handled here, or user code has its own handler of SIGINT.
        """
        if self._is_installed and sys.platform != "win32" and signal.getsignal(signal.SIGINT) == self._handle:
            self._ours += 1
            self._ours_to_arrive += 1
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

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
            elif not isinstance(getattr(current, "__self__", None), Interrupts):
                self._of_program.add(number)
        self._is_installed = True
        _installed.append(self)
        if sys.platform == "win32":
            try:
                yield
            finally:
                self._restore(before)
            return
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        self._woken = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        self._arrivals = reading
        try:
            yield
        finally:
            signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
            self.look()
            self._arrivals = None
            for number in (reading, writing):
                with suppress(OSError):  # user code closed it
                    os.close(number)
            self._restore(before)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """No KeyboardInterrupt within the block: something is being written."""
        thread = threading.get_ident()
        depth = self._shields[thread] = self._shields.get(thread, 0) + 1
        try:
            yield
        finally:
            self._shields[thread] = depth - 1
            if self._held_back and depth == 1 and self._in_main_thread():
                self._held_back = False
                raise KeyboardInterrupt

    def forget(self) -> None:
        """In a forked child: signals to it are its own affair, and must not reach the run through the shared pipe."""
        self._arrivals, self._woken = None, -1
        self.interruptible = False
        if sys.platform != "win32":
            signal.set_wakeup_fd(-1)
        if self._is_installed:
            self._is_installed = False
            for number, default in (
                (signal.SIGINT, signal.default_int_handler),
                (signal.SIGTERM, signal.SIG_DFL),
            ):
                if signal.getsignal(number) == self._handle:
                    signal.signal(number, default)

    def _restore(self, before: dict[int, Any]) -> None:
        self._is_installed = False
        if self in _installed:
            _installed.remove(self)
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def _look_for_arrivals(self, descriptor: int) -> None:
        """The interpreter writes each signal's number here before it calls any handler."""
        try:
            numbers = os.read(descriptor, 4096)
        except OSError:
            return
        for number in numbers:
            if number == signal.SIGINT and self._ours_to_arrive:
                self._ours_to_arrive -= 1
                continue
            if self._woken >= 0:
                with suppress(OSError):
                    os.write(self._woken, bytes([number]))
            if number in (signal.SIGINT, signal.SIGTERM):
                self._arrived += 1
                if self._arrived > self._noted:
                    self._note(number)

    def _note(self, number: int) -> None:
        self._noted += 1
        if number not in self._of_program:
            self.signal = self.signal or number
        now = time.monotonic()
        if self.reason is not None and now - self._told_at >= _APART:
            self.insists = True
            self._insisted_at = now if self._insisted_at is None else self._insisted_at
        self.request(f"{signal.Signals(number).name} received")

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._ours and number == signal.SIGINT:
            self._ours -= 1
        else:
            self._handled += 1
            if self._handled > self._noted:
                self._note(number)
        if self.is_shielded:
            self._held_back = self.interruptible
        elif self.interruptible:
            raise KeyboardInterrupt

    @staticmethod
    def _in_main_thread() -> bool:
        return threading.current_thread() is threading.main_thread()


_APART = 0.3
"""Seconds between two signals that are not one keystroke, delivered twice."""

_installed: list[Interrupts] = []
"""Those that handle this process's signals now, the innermost last."""


def _forget_all() -> None:
    while _installed:
        _installed.pop().forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


@contextmanager
def raise_execution_interrupts() -> Iterator[None]:
    """Within the block SIGINT and SIGTERM raise `ExecutionInterruptedError` at once, where this is the main thread.

    Inside a step they stop the run anyway; this is for code that executes something by itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        raise ExecutionInterruptedError(f"{signal.Signals(number).name} received")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


_AGAIN = 1.0
"""Seconds until an alarm comes again, for code that caught it."""


@contextmanager
def alarm(
    seconds: float | None, make_error: Callable[[], BaseException], not_now: Callable[[], bool] = bool
) -> Iterator[None]:
    """Raise an error in the block once the time is over, and again every second that the block goes on.

    Only in a main thread that can have alarms; else no effect.

    Code that does not return to the interpreter (a long C call) is not interrupted.

    Args:
        seconds: None for never.
        make_error: gives what is raised, each time.
        not_now: True while the block does what must not be interrupted; the alarm rings again a moment later.
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
        if not_now():
            signal.setitimer(signal.ITIMER_REAL, 0.01, _AGAIN)
            return
        raise make_error()

    began = time.monotonic()
    before = signal.signal(signal.SIGALRM, ring)
    rest, interval = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if rest:  # what was to ring meanwhile rings now
            signal.setitimer(signal.ITIMER_REAL, max(rest - (time.monotonic() - began), 1e-3), interval)
