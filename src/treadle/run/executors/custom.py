"""Executors that users write: what they are given, and how the run goes on around them."""

import time
from collections.abc import Iterable
from typing import Any

from treadle.define.executors import Executor as UsersExecutor
from treadle.plan.plan import Plan, Step
from treadle.run.executors.in_process import run_here
from treadle.run.failures import StepOutcome
from treadle.run.session import RunSession


class PlanContext:
    """A run, as an executor of the user's sees it.

    Args:
        session: the run.
    """

    def __init__(self, session: RunSession) -> None:
        self._session = session

    @property
    def run(self) -> Any:
        """The run as it is stored."""
        return self._session.env.run

    dagster_run = run

    @property
    def job(self) -> Any:
        """The job."""
        return self._session.env.job_def

    @property
    def instance(self) -> Any:
        """The instance that remembers the run."""
        return self._session.env.instance

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self._session.env.plan

    def next_step(self) -> Step | None:
        """The next step that can start; waits for retries and slots; None where all is over, or the run was stopped."""
        session = self._session
        while not session.progress.is_over and not session.must_stop_now():
            session.progress.wake(time.monotonic())
            step = session.progress.next_ready(session.can_start)
            if step is not None:
                return step
            if not session.progress.has_ready and session.progress.next_restart is None:
                return None
            session.wait_for_ready()
        return None

    def execute_step(self, step: Step) -> StepOutcome:
        """Execute one attempt of a step in this process; what depends on it can start then."""
        outcome = run_here(self._session, step)
        self._session.settle(step, outcome)
        return outcome


class CustomExecutor:
    """Lets an executor of the user's drive a run.

    Args:
        executor: what the function decorated with `@executor` returned.
    """

    def __init__(self, executor: UsersExecutor) -> None:
        self._executor = executor

    def execute(self, session: RunSession) -> None:
        """Drive the session until the user's executor returns."""
        session.record_skips()
        answer = self._executor.execute(PlanContext(session), session.env.plan)
        if isinstance(answer, Iterable):
            for _ in answer:
                session.recorder.flush_if_due()
