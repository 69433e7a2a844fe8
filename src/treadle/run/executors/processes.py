"""Steps in worker processes, several side by side."""

import time
from typing import Any

from treadle.plan.plan import Step
from treadle.run.executors.limits import TagLimit, TagLimits
from treadle.run.executors.process_steps import ProcessSteps
from treadle.run.session import RunSession
from treadle.run.workers.pool import GRACE


class ProcessExecutor:
    """Executes steps in worker processes.

    Args:
        max_concurrent: how many side by side.
        tag_limits: how many side by side of those that carry a tag.
        start: `fork` or `spawn`; None forks where that is safe.
        grace: seconds between SIGTERM and SIGKILL.
    """

    opens_resources = True

    def __init__(
        self,
        max_concurrent: int,
        tag_limits: tuple[TagLimit, ...] = (),
        start: str | None = None,
        grace: float = GRACE,
    ) -> None:
        self._max = max(max_concurrent, 1)
        self._limits = TagLimits(tag_limits)
        self._start = start
        self._grace = grace

    def execute(self, session: RunSession) -> None:
        """Drive the session until it is over or told to stop."""
        _ProcessRun(session, self._max, self._limits, self._start, self._grace).execute()


class _ProcessRun:
    """One run in processes."""

    def __init__(
        self, session: RunSession, most: int, limits: TagLimits, start: str | None, grace: float
    ) -> None:
        self._session = session
        self._limits = limits
        steps = [entry.step for entry in session.progress.steps.values()]
        self._steps = ProcessSteps(session, steps, most, start, grace)

    def execute(self) -> None:
        session, steps = self._session, self._steps
        progress = session.progress
        session.record_skips()
        try:
            while not progress.is_over and not session.must_stop():
                progress.wake(time.monotonic())
                self._start_steps()
                if not steps.running and not progress.has_ready and progress.next_restart is None:
                    break
                steps.attend(self._patience())
                session.recorder.flush_if_due()
                if session.poll is not None:
                    session.poll()
            if session.must_stop():
                steps.cancel()
        except BaseException:
            steps.abandon()
            raise
        finally:
            steps.close()

    def _start_steps(self) -> None:
        while self._steps.has_room:
            step = self._session.progress.next_ready(self._can_start)
            if step is None:
                return
            self._steps.start(step)

    def _can_start(self, step: Step) -> bool:
        tags = self._session.env.computation(step).tags
        if not self._limits.allows(tags, [self._tags_of(other) for other in self._steps.running]):
            return False
        return self._session.can_start(step)

    def _tags_of(self, step: Step) -> Any:
        return self._session.env.computation(step).tags

    def _patience(self) -> float:
        session = self._session
        if session.progress.has_ready and not self._steps.running:
            return 0.02
        now = time.monotonic()
        ends = (session.progress.next_restart, session.deadline)
        return max(min([0.05, *(end - now for end in ends if end is not None)]), 0.0)
