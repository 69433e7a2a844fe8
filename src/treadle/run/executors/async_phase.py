"""Runs every asynchronous step that is ready side by side, and those that become ready meanwhile."""

import asyncio
import time

from treadle.plan.plan import Step
from treadle.run.async_steps import execute_in_loop
from treadle.run.event_loops import run_to_end
from treadle.run.executors.limits import TagLimits
from treadle.run.executors.waiting import CANCEL_AGAIN, STUBBORN, WaitingNotice
from treadle.run.failures import StepOutcome
from treadle.run.session import RunSession
from treadle.run.step import StepExecution


def execute_async_steps(session: RunSession, first: Step, limit: int | None, tag_limits: TagLimits) -> None:
    """Run `first` and all asynchronous steps that are or become ready, until none of them is running.

    Args:
        limit: how many may run at once; None for any number.
        tag_limits: how many of those that carry a tag.
    """
    session.interrupts.interruptible = True
    try:
        run_to_end(_drive(session, first, limit, tag_limits))
    except KeyboardInterrupt:
        session.interrupts.request("KeyboardInterrupt")
    finally:
        session.interrupts.interruptible = False


async def _drive(session: RunSession, first: Step, limit: int | None, tag_limits: TagLimits) -> None:
    running: dict[asyncio.Task[StepOutcome], Step] = {}

    def begin(step: Step) -> None:
        execution = StepExecution(session.env, step, session.attempt_of(step))
        running[asyncio.create_task(execute_in_loop(execution), name=step.key)] = step

    def is_async(step: Step) -> bool:
        env = session.env
        if not env.code.ops[step.computation].is_async:
            return False
        others = [env.computation(other).tags for other in running.values()]
        return tag_limits.allows(env.computation(step).tags, others) and session.can_start(step)

    begin(first)
    try:
        while running:
            while not session.must_stop() and (limit is None or len(running) < limit):
                step = session.progress.next_ready(is_async)
                if step is None:
                    break
                begin(step)
            done, _ = await asyncio.wait(running, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
            session.recorder.flush_if_due()
            if session.poll is not None:
                session.poll()
            session.progress.wake(time.monotonic())
            if session.must_stop():
                break  # what has ended is settled with the others
            for task in done:
                _settle(session, running.pop(task), task)
    finally:
        await _stop(session, running)


async def _stop(session: RunSession, running: dict[asyncio.Task[StepOutcome], Step]) -> None:
    notice = WaitingNotice(STUBBORN, after=1.0)
    for task in running:
        if not task.cancelling():  # Ctrl-C may have cancelled all that there is in the loop
            task.cancel()
    left, cancel_at = set(running), time.monotonic() + CANCEL_AGAIN
    while left:
        if time.monotonic() >= cancel_at:
            cancel_at = time.monotonic() + CANCEL_AGAIN
            for task in left:
                task.cancel()
        _, left = await asyncio.wait(left, timeout=0.05)
        notice.tell(running[task].key for task in left)
    for task, step in running.items():
        if not task.cancelled():
            _settle(session, step, task)


def _settle(session: RunSession, step: Step, task: asyncio.Task[StepOutcome]) -> None:
    broken = task.exception()
    session.settle(step, task.result() if broken is None else session.break_off(step, broken))
