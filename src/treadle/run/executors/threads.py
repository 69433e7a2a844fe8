"""Steps in threads of this process, several side by side."""

import queue
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from treadle.plan.plan import Step
from treadle.run.executors.limits import TagLimit, TagLimits
from treadle.run.failures import StepOutcome
from treadle.run.session import RunSession
from treadle.run.step import StepExecution


class ThreadExecutor:
    """Executes steps in threads. A thread cannot be stopped: `timeout=` does not end a step that is running here.

    Args:
        max_concurrent: how many side by side.
        tag_limits: how many side by side of those that carry a tag.
    """

    def __init__(self, max_concurrent: int, tag_limits: tuple[TagLimit, ...] = ()) -> None:
        self._max = max(max_concurrent, 1)
        self._limits = TagLimits(tag_limits)

    def execute(self, session: RunSession) -> None:
        """Drive the session until it is over or told to stop; then wait for the steps that are running."""
        ended: queue.SimpleQueue[tuple[Step, StepOutcome]] = queue.SimpleQueue()
        running: dict[str, Step] = {}
        progress = session.progress

        def can_start(step: Step) -> bool:
            tags = session.env.computation(step).tags
            return self._limits.allows(
                tags, [_tags(session, other) for other in running.values()]
            ) and session.can_start(step)

        def run(step: Step, attempt: int) -> None:
            ended.put((step, StepExecution(session.env, step, attempt).execute()))

        session.record_skips()
        with ThreadPoolExecutor(self._max, thread_name_prefix="treadle-step") as pool:
            while not progress.is_over and (running or not session.must_stop):
                progress.wake(time.monotonic())
                while len(running) < self._max and not session.must_stop:
                    step = progress.next_ready(can_start)
                    if step is None:
                        break
                    running[step.key] = step
                    pool.submit(run, step, session.attempt_of(step))
                if not running:
                    if not progress.has_ready and progress.next_restart is None:
                        break
                    session.wait_for_ready()
                    continue
                try:
                    step, outcome = ended.get(timeout=0.05)
                except queue.Empty:
                    session.recorder.flush_if_due()
                    if session.poll is not None:
                        session.poll()
                    continue
                del running[step.key]
                session.settle(step, outcome)


def _tags(session: RunSession, step: Step) -> Any:
    return session.env.computation(step).tags
