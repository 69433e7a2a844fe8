"""The loggers that run config names, as handlers of the steps' logs."""

import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

from treadle.core.events import Event, EventType, LogData
from treadle.define.config.logger_settings import LEVELS
from treadle.define.config.problems import ConfigErrorReason, ConfigProblem, config_error
from treadle.define.context.current import current_step
from treadle.define.loggers import InitLoggerContext, default_loggers


class LoggerHandler(logging.Handler):
    """Gives each line to a logger, if the line's level is high enough for it.

    Args:
        logger: made by a user's function.
    """

    def __init__(self, logger: logging.Logger) -> None:
        super().__init__(logger.level)
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Give one line on."""
        self._logger.handle(record)


class StderrHandler(logging.StreamHandler[TextIO]):
    """Shows what steps log, from INFO on, to the person who runs a script: on stderr as it was when the run began,
    so that the lines are not also kept as something that the step printed."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setLevel(logging.INFO)
        self.setFormatter(_FORMATTER)

    def show(self, event: Event) -> None:
        """Show a line that a step logged in another process."""
        if event.level < self.level:
            return
        record = logging.LogRecord("treadle", event.level, "", 0, event.message, None, None)
        record.created = event.timestamp
        record.step = event.step_key or ""
        if isinstance(event.data, LogData) and event.data.error is not None:
            record.exc_text = (event.data.error.stack or event.data.error.message).rstrip()
        self.handle(record)


def show_line(handlers: Iterable[logging.Handler], event: Event) -> None:
    """Show, in the run's process, what a worker says that a step logged: the worker's own stderr is caught."""
    if event.type is EventType.LOG:
        for handler in handlers:
            if isinstance(handler, StderrHandler):
                handler.show(event)


def workers_handlers(handlers: Iterable[logging.Handler]) -> list[logging.Handler]:
    """The handlers that stay a worker's own; what it logs is shown by the run's process."""
    return [handler for handler in handlers if not isinstance(handler, StderrHandler)]


class _StepFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, "step"):
            state = current_step.get()
            record.step = state.step_key if state is not None else ""
        return super().format(record)


_FORMATTER: Final = _StepFormatter("%(asctime)s %(levelname)s %(step)s: %(message)s", "%Y-%m-%d %H:%M:%S")


def handlers_for(
    definitions: Mapping[str, Any],
    settings: Mapping[str, Any],
    run_id: str,
    job_def: Any = None,
) -> Sequence[logging.Handler]:
    """A handler for each logger that run config names; none where it names none.

    Args:
        definitions: the code location's loggers.
        settings: logger name -> completed settings.
    """
    if not settings:
        return ()
    known = {**default_loggers(), **definitions}
    return [
        LoggerHandler(_made(name, known[name], InitLoggerContext(config, known[name], job_def, run_id)))
        for name, config in settings.items()
    ]


def _made(name: str, definition: Any, context: InitLoggerContext) -> logging.Logger:
    try:
        made: logging.Logger = definition.logger_fn(context)
    except ValueError as error:
        if not str(error).startswith("Unknown level"):  # what `logging` says to a function of the user's
            raise
        problem = ConfigProblem(
            ("loggers", name, "config"),
            ConfigErrorReason.FAILED_POST_PROCESSING,
            f"{error}; the levels are {', '.join(LEVELS)}",
        )
        raise config_error("run config", [problem], context.logger_config) from error
    return made


def order_handlers(order: Any, settings: Mapping[str, Any]) -> Sequence[logging.Handler]:
    """The handlers of a run: the loggers that its config names, or stderr where its order says so.

    Args:
        order: a RunOrder.
        settings: logger name -> completed settings.
    """
    if not settings and order.shows_log:
        return (StderrHandler(),)
    return handlers_for(order.code.loggers, settings, order.run.run_id, order.job_def)
