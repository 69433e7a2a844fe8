"""One step after another in this process; steps that are `async def` run side by side."""

import importlib
import threading
import time

from treadle.plan.plan import Step
from treadle.run.captured_output import CapturedStep
from treadle.run.executors.limits import TagLimit, TagLimits
from treadle.run.executors.steps_apart import StepsApart
from treadle.run.failures import StepOutcome
from treadle.run.session import RunSession
from treadle.run.step import StepExecution
from treadle.run.time_limits import TimeLimit


class InProcessExecutor:
    """Executes steps in this thread.

    A synchronous step with `timeout=` is interrupted by an alarm where this is the main thread; code that stays in C
    for longer is not, and in processes it would be killed. In another thread it gets a worker process.

    Args:
        max_concurrent: how many coroutines at once; None for any number.
        tag_limits: how many coroutines that carry a tag.
    """

    def __init__(self, max_concurrent: int | None = None, tag_limits: tuple[TagLimit, ...] = ()) -> None:
        self._max_concurrent = max_concurrent
        self._limits = TagLimits(tag_limits)

    def execute(self, session: RunSession) -> None:
        """Drive the session until it is over or told to stop."""
        apart = None if threading.current_thread() is threading.main_thread() else StepsApart(session, 1)
        try:
            self._execute(session, apart)
        finally:
            if apart is not None:
                apart.close()

    def _execute(self, session: RunSession, apart: StepsApart | None) -> None:
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
                self._execute_async(session, step)
            elif apart is not None and apart.takes(step):
                _wait_for_step(session, apart)
            else:
                session.settle(step, run_here(session, step))

    def _execute_async(self, session: RunSession, step: Step) -> None:
        # asyncio costs 30 ms to import; only programs with asynchronous steps pay it.
        module = importlib.import_module("treadle.run.executors.async_phase")
        module.execute_async_steps(session, step, self._max_concurrent, self._limits)


def _wait_for_step(session: RunSession, apart: StepsApart) -> None:
    while apart.running:
        apart.attend(0.05)
        session.recorder.flush_if_due()
        if session.must_stop_now():
            apart.cancel()


def run_here(session: RunSession, step: Step) -> StepOutcome:
    """One attempt of a step in this thread."""
    execution = StepExecution(session.env, step, session.attempt_of(step))
    seconds = execution.computation.timeout
    interrupts = session.interrupts
    interrupts.interruptible = True
    try:
        with CapturedStep(session.output_folder, session.env, step, execution.attempt, echo=True):
            if seconds is None and session.deadline is None:
                return execution.execute()
            limit = session.limit = execution.limit = TimeLimit(step.key, seconds, session.deadline)
            with limit.alarm(lambda: interrupts.is_shielded):
                return execution.execute()
    except KeyboardInterrupt as error:
        return execution.fail(error)
    except Exception as error:  # noqa: BLE001 - the step failed, whatever it was
        return session.break_off(step, error)
    finally:
        interrupts.interruptible = False
        session.limit = None
