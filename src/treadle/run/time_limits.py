"""When an attempt of a step must have ended, and what is raised where it has not."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from treadle.core.errors import UserCodeExecutionError
from treadle.core.seen_errors import cause_of
from treadle.run.failures import step_timeout
from treadle.run.interrupts import alarm


class TimeIsOver(BaseException):
    """The alarm once more, out of user code that caught the error of its timeout."""


class TimeLimit:
    """The end of an attempt's time; it begins now. An attempt that ends later has not succeeded, whatever it caught.

    Args:
        step_key: the step.
        seconds: the step's `timeout=`; None for none.
        run_ends: monotonic time at which the whole run must be over; None for never.
    """

    def __init__(self, step_key: str, seconds: float | None, run_ends: float | None = None) -> None:
        self.step_key = step_key
        self.seconds = seconds
        self.rings = 0
        """How often the alarm rang."""
        own = time.monotonic() + seconds if seconds is not None else None
        self.is_of_run = own is None or (run_ends is not None and run_ends < own)
        self._ends = run_ends if self.is_of_run else own

    def check(self) -> None:
        """Called when user code returned.

        Raises:
            UserCodeExecutionError: it took longer than the step may.
            KeyboardInterrupt: it took longer than the run may.
        """
        if self.rings or (self._ends is not None and time.monotonic() >= self._ends):
            raise self._error()

    @contextmanager
    def alarm(self, not_now: Callable[[], bool]) -> Iterator[None]:
        """Raises out of the block when the time is over, again every second (see `interrupts.alarm`)."""
        rest = self._ends - time.monotonic() if self._ends is not None else None
        with alarm(rest, self._ring, not_now):
            yield

    def explain(self, error: BaseException) -> BaseException:
        """What an attempt raised, in words of its limit; the alarm that rang does not come again."""
        if self.rings:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if isinstance(error, TimeIsOver) or isinstance(cause_of(error), TimeIsOver):
            return self._error()
        return error

    def _ring(self) -> BaseException:
        self.rings += 1
        return TimeIsOver() if self.rings > 1 and not self.is_of_run else self._error()

    def _error(self) -> BaseException:
        if self.is_of_run or self.seconds is None:
            return KeyboardInterrupt()
        error: UserCodeExecutionError = step_timeout(self.step_key, self.seconds)
        error.__cause__ = TimeoutError(f"no end after {self.seconds:g} s")
        return error
