"""Asynchronous steps side by side, at most so many; the others one after another."""

import time

from treadle.run.executors.async_phase import execute_async_steps
from treadle.run.executors.in_process import run_here
from treadle.run.session import RunSession


class AsyncioExecutor:
    """Executes steps in this thread; coroutines side by side.

    Args:
        max_concurrent: how many coroutines at once; None for any number.
    """

    def __init__(self, max_concurrent: int | None = None) -> None:
        self._max = max_concurrent

    def execute(self, session: RunSession) -> None:
        """Drive the session until it is over or told to stop."""
        progress = session.progress
        session.record_skips()
        while not progress.is_over and not session.must_stop_now():
            progress.wake(time.monotonic())
            step = progress.next_ready(session.can_start)
            if step is None:
                if not progress.has_ready and progress.next_restart is None:
                    break
                session.wait_for_ready()
            elif session.env.code.ops[step.computation].is_async:
                execute_async_steps(session, step, self._max)
            else:
                session.settle(step, run_here(session, step))
