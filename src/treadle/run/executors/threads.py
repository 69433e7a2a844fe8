"""Steps in threads of this process, several side by side."""

import queue
import time
from concurrent.futures import ThreadPoolExecutor

from treadle.plan.plan import Step
from treadle.run.executors.limits import TagLimit, TagLimits
from treadle.run.executors.steps_apart import StepsApart
from treadle.run.failures import StepOutcome
from treadle.run.session import RunSession
from treadle.run.step import StepExecution


class ThreadExecutor:
    """Executes steps in threads. A thread cannot be stopped, so a synchronous step with `timeout=` gets a worker
    process, and so does every one where the run has a timeout.

    Args:
        max_concurrent: how many side by side.
        tag_limits: how many side by side of those that carry a tag.
    """

    def __init__(self, max_concurrent: int, tag_limits: tuple[TagLimit, ...] = ()) -> None:
        self._max = max(max_concurrent, 1)
        self._limits = TagLimits(tag_limits)

    def execute(self, session: RunSession) -> None:
        """Drive the session until it is over or told to stop; then wait for the steps that are running."""
        _ThreadRun(session, self._max, self._limits).execute()


class _ThreadRun:
    """One run in threads."""

    def __init__(self, session: RunSession, most: int, limits: TagLimits) -> None:
        self._session = session
        self._most = most
        self._limits = limits
        self._ended: queue.SimpleQueue[tuple[Step, StepOutcome | BaseException]] = queue.SimpleQueue()
        self._running: dict[str, Step] = {}
        self._apart = StepsApart(session, most)

    def execute(self) -> None:
        session, progress = self._session, self._session.progress
        session.record_skips()
        try:
            with ThreadPoolExecutor(self._most, thread_name_prefix="treadle-step") as pool:
                while not progress.is_over and (self._all_running() or not session.must_stop):
                    progress.wake(time.monotonic())
                    self._start_steps(pool)
                    if not self._all_running():
                        if not progress.has_ready and progress.next_restart is None:
                            break
                        session.wait_for_ready()
                        continue
                    self._attend()
        finally:
            self._apart.close()

    def _all_running(self) -> list[Step]:
        return [*self._running.values(), *self._apart.running]

    def _start_steps(self, pool: ThreadPoolExecutor) -> None:
        session = self._session
        while len(self._all_running()) < self._most and not session.must_stop:
            step = session.progress.next_ready(self._can_start)
            if step is None:
                return
            if not self._apart.takes(step):
                self._running[step.key] = step
                pool.submit(self._run, step, session.attempt_of(step))

    def _can_start(self, step: Step) -> bool:
        env = self._session.env
        others = [env.computation(other).tags for other in self._all_running()]
        return self._limits.allows(env.computation(step).tags, others) and self._session.can_start(step)

    def _run(self, step: Step, attempt: int) -> None:
        ended: StepOutcome | BaseException
        try:
            ended = StepExecution(self._session.env, step, attempt).execute()
        except BaseException as error:  # noqa: BLE001 - carried to the thread that waits for this step
            ended = error
        self._ended.put((step, ended))

    def _attend(self) -> None:
        session = self._session
        if session.must_stop:
            self._apart.cancel()
        self._apart.attend()
        try:
            step, ended = self._ended.get(timeout=0.01 if self._apart.running else 0.05)
        except queue.Empty:
            session.recorder.flush_if_due()
            if session.poll is not None:
                session.poll()
            return
        del self._running[step.key]
        session.settle(step, session.break_off(step, ended) if isinstance(ended, BaseException) else ended)
