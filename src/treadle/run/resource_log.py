"""What resources log: lines of the step that uses them, or of the run while they open and close."""

import logging

from treadle.core.events import EventType, LogData
from treadle.define.context.current import current_step
from treadle.define.context.log import StepLogger
from treadle.run.environment import RunEnvironment


class ResourceLogger(StepLogger):
    """The log of a run's resources.

    Args:
        env: of the process that opens them.
        step_key: the step for which they are opened; None for the whole run.
    """

    def __init__(self, env: RunEnvironment, step_key: str | None = None) -> None:
        super().__init__(self._record_outside, env.log_handlers, env.python_logs.least, step_key=step_key)
        self._env = env

    def handle(self, record: logging.LogRecord) -> None:
        """Record the line as one of the running step, if there is one."""
        state = current_step.get()
        if state is not None and isinstance(state.log, StepLogger):
            state.log.handle(record)
        else:
            super().handle(record)

    def _record_outside(self, level: int, message: str, data: LogData | None) -> None:
        env = self._env
        env.record(env.maker.make(EventType.LOG, self._step_key, data, message, level=level))
