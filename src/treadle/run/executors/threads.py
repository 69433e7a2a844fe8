"""Steps in threads of this process, several side by side."""

import functools
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from treadle.plan.plan import Step
from treadle.run.executors.limits import TagLimit, TagLimits
from treadle.run.executors.steps_apart import StepsApart
from treadle.run.executors.waiting import CANCEL_AGAIN, STUBBORN, WaitingNotice
from treadle.run.failures import StepOutcome
from treadle.run.session import RunSession
from treadle.run.step import StepExecution


class ThreadExecutor:
    """Executes steps in threads. A thread cannot be stopped, so a synchronous step with `timeout=` gets a worker
    process, and so does every one where the run has a timeout; coroutines are cancelled.

    Args:
        max_concurrent: how many side by side.
        tag_limits: how many side by side of those that carry a tag.
    """

    def __init__(self, max_concurrent: int, tag_limits: tuple[TagLimit, ...] = ()) -> None:
        self._max = max(max_concurrent, 1)
        self._limits = TagLimits(tag_limits)

    def execute(self, session: RunSession) -> None:
        """Drive the session until it is over or told to stop; then wait for the steps that are running.

        Unless it is told again: steps that are still running then are given up.
        """
        _ThreadRun(session, self._max, self._limits).execute()


class _ThreadRun:
    """One run in threads."""

    def __init__(self, session: RunSession, most: int, limits: TagLimits) -> None:
        self._session = session
        self._most = most
        self._limits = limits
        self._ended: queue.SimpleQueue[tuple[Step, StepOutcome | BaseException]] = queue.SimpleQueue()
        self._running: dict[str, Step] = {}
        self._executions: dict[str, StepExecution] = {}
        self._cancel_again: dict[str, float] = {}
        """Step -> monotonic time at which its coroutine, where it still runs, is cancelled once more."""
        self._threads = _Threads()
        self._apart = StepsApart(session, most)
        self._functions = WaitingNotice("a thread can not be interrupted. A second Ctrl-C gives up on it.")
        self._coroutines = WaitingNotice(STUBBORN + " A second Ctrl-C gives up on it.", after=1.0)

    def execute(self) -> None:
        session, progress = self._session, self._session.progress
        session.record_skips()
        try:
            while not progress.is_over and (self._all_running() or not session.must_stop()):
                progress.wake(time.monotonic())
                self._start_steps()
                if not self._all_running():
                    if not progress.has_ready and progress.next_restart is None:
                        break
                    session.wait_for_ready()
                    continue
                self._attend()
        finally:
            self._threads.close(wait=not session.interrupts.insists)
            self._apart.close()

    def _is_async(self, step: Step) -> bool:
        return bool(self._session.env.code.ops[step.computation].is_async)

    def _all_running(self) -> list[Step]:
        return [*self._running.values(), *self._apart.running]

    def _start_steps(self) -> None:
        session = self._session
        while len(self._all_running()) < self._most and not session.must_stop():
            step = session.progress.next_ready(self._can_start)
            if step is None:
                return
            if not self._apart.takes(step):
                self._running[step.key] = step
                attempt = session.attempt_of(step)
                self._threads.submit(functools.partial(self._run, step, attempt), busy=len(self._running))

    def _can_start(self, step: Step) -> bool:
        env = self._session.env
        others = [env.computation(other).tags for other in self._all_running()]
        return self._limits.allows(env.computation(step).tags, others) and self._session.can_start(step)

    def _run(self, step: Step, attempt: int) -> None:
        ended: StepOutcome | BaseException
        try:
            execution = self._executions[step.key] = StepExecution(self._session.env, step, attempt)
            ended = execution.execute()
        except BaseException as error:  # noqa: BLE001 - carried to the thread that waits for this step
            ended = error
        self._ended.put((step, ended))

    def _attend(self) -> None:
        session = self._session
        if session.must_stop():
            self._apart.cancel()
            self._cancel_coroutines()
            if session.interrupts.insists:
                self._give_up()
                return
            self._functions.tell(key for key, step in self._running.items() if not self._is_async(step))
            self._coroutines.tell(key for key, step in self._running.items() if self._is_async(step))
        self._apart.attend()
        try:
            step, ended = self._ended.get(timeout=0.01 if self._apart.running else 0.05)
        except queue.Empty:
            session.recorder.flush_if_due()
            if session.poll is not None:
                session.poll()
            return
        del self._running[step.key]
        self._executions.pop(step.key, None)
        session.settle(step, session.break_off(step, ended) if isinstance(ended, BaseException) else ended)

    def _cancel_coroutines(self) -> None:
        now = time.monotonic()
        for key in self._running:
            execution = self._executions.get(key)
            cancel = execution.cancel if execution is not None else None
            if execution is None or cancel is None or now < self._cancel_again.get(key, 0.0):
                continue
            self._cancel_again[key] = now + CANCEL_AGAIN
            with suppress(RuntimeError):  # its loop is closed: it has just ended
                cancel()

    def _give_up(self) -> None:
        """Told to stop a second time: what the threads still do does not belong to the run any more."""
        session = self._session
        for step in self._running.values():
            session.env.gate.shut_out((step.key, session.attempt_of(step)))
        for step in self._running.values():
            error = KeyboardInterrupt("the run was told to stop a second time, and did not wait for the step")
            session.settle(step, session.lose(step, error))
        self._running.clear()


class _Threads:
    """Threads that take one call after another; the end of the process does not wait for them."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, call: Callable[[], None], busy: int) -> None:
        """Let a thread call it.

        Args:
            busy: how many calls are running or waiting now, with this one.
        """
        if len(self._threads) < busy:
            name = f"treadle-step_{len(self._threads)}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._calls.put(call)

    def close(self, wait: bool) -> None:
        """No more calls come."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
