"""Steps with a time limit, in worker processes beside an executor that could not end them itself."""

import importlib
from typing import TYPE_CHECKING

from treadle.core.errors import UnmetExecutorRequirementsError
from treadle.core.events import EventType, LogData
from treadle.plan.plan import Step
from treadle.run.event_maker import WARNING
from treadle.run.session import RunSession

if TYPE_CHECKING:
    from treadle.run.executors.process_steps import ProcessSteps


class StepsApart:
    """Takes the synchronous steps that have a time limit, or all where the run has one.

    Where they cannot be in another process (an in-memory IO manager, code that does not travel), the log says so and
    their limit does not end them.

    Args:
        session: the run.
        most: how many at once.
    """

    def __init__(self, session: RunSession, most: int) -> None:
        self._session = session
        self._most = most
        self._steps: ProcessSteps | None = None
        self._cannot = False

    @property
    def running(self) -> list[Step]:
        """The steps that are in workers now."""
        return self._steps.running if self._steps is not None else []

    def takes(self, step: Step) -> bool:
        """Starts a step that belongs here; False leaves it to the executor."""
        if self._cannot or not self._is_limited(step):
            return False
        if self._steps is None:
            self._steps = self._open(step)
        if self._steps is None:
            return False
        self._steps.start(step)
        return True

    def attend(self, patience: float = 0.0) -> None:
        """See `ProcessSteps.attend`."""
        if self.running and self._steps is not None:
            self._steps.attend(patience)

    def cancel(self) -> None:
        """Stop every step with all that it started."""
        if self.running and self._steps is not None:
            self._steps.cancel()

    def close(self) -> None:
        """End the workers."""
        steps, self._steps = self._steps, None
        if steps is not None:
            if steps.running:
                steps.abandon()
            steps.close()

    def _is_limited(self, step: Step) -> bool:
        env = self._session.env
        limited = env.computation(step).timeout is not None or self._session.deadline is not None
        return limited and not env.code.ops[step.computation].is_async

    def _open(self, step: Step) -> "ProcessSteps | None":
        entries = self._session.progress.steps.values()
        steps = [entry.step for entry in entries if self._is_limited(entry.step)]
        # Importing what starts processes costs 20 ms; runs without limits do without.
        module = importlib.import_module("treadle.run.executors.process_steps")
        try:
            opened: ProcessSteps = module.ProcessSteps(self._session, steps, self._most, None)
        except UnmetExecutorRequirementsError as error:
            self._cannot = True
            env = self._session.env
            said = f"Time limits of steps do not hold in this run: {error.message}"
            env.record(env.maker.make(EventType.LOG, step.key, LogData(), said, level=WARNING))
            return None
        return opened
