"""The loggers that run config names, as handlers of the steps' logs; and loggers of Python whose lines are the run's."""

import logging
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

import attrs

from treadle.core.errors import ConfigurationError
from treadle.core.events import Event, EventType, LogData
from treadle.core.runs import Run
from treadle.define.config.logger_settings import LEVELS
from treadle.define.config.problems import ConfigErrorReason, ConfigProblem, config_error
from treadle.define.context.current import current_step
from treadle.define.context.log import CurrentStepHandler
from treadle.define.loggers import InitLoggerContext, colored_console_logger, default_loggers
from treadle.run.handlers_of_settings import SettingsHandler
from treadle.run.users_loggers import LoggerHandler, RunOrigin
from treadle.store.deployment_settings import DeploymentSettings


class ConsoleHandler(logging.Handler):
    """Gives each line to our console logger, if the line's level is high enough for it.

    Args:
        logger: made by `colored_console_logger`.
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
    run: Run,
    job_def: Any = None,
    python_logs: "PythonLogs | None" = None,
) -> Sequence[logging.Handler]:
    """A handler for each logger that run config names, and one for all that the deployment's settings name.

    Args:
        definitions: the code location's loggers.
        settings: logger name -> completed settings.
    """
    asked = python_logs.handlers if python_logs is not None else None
    told = [SettingsHandler(asked, run)] if asked else []
    if not settings:
        return told
    known = {**default_loggers(), **definitions}
    origin = RunOrigin.of(run)
    handlers: list[logging.Handler] = [*told]
    for name, config in settings.items():
        made = _made(name, known[name], InitLoggerContext(config, known[name], job_def, run.run_id))
        is_console = known[name].logger_fn is colored_console_logger.logger_fn
        handlers.append(ConsoleHandler(made) if is_console else LoggerHandler(made, origin))
    return handlers


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


def order_handlers(
    order: Any, settings: Mapping[str, Any], python_logs: "PythonLogs"
) -> Sequence[logging.Handler]:
    """The handlers of a run: the loggers that its config names, or stderr where its order says so.

    Args:
        order: a RunOrder.
        settings: logger name -> completed settings.
    """
    made = handlers_for(order.code.loggers, settings, order.run, order.job_def, python_logs)
    return (StderrHandler(), *made) if not settings and order.shows_log else made


@attrs.frozen
class PythonLogs:
    """What the settings of a deployment ask for under `python_logs`."""

    loggers: tuple[str, ...] = ()
    """Loggers of Python whose lines in steps are lines of the run."""
    level: int | None = None
    """The least level of lines that are kept; None keeps what each logger lets through."""
    handlers: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    """`dagster_handler_config`: what gets every line and event, see `SettingsHandler`."""

    @property
    def least(self) -> int:
        """The level of the steps' own logs."""
        return logging.DEBUG if self.level is None else self.level

    def take(self) -> None:
        """A step begins: take the loggers' lines. Several steps may run at once."""
        if self.loggers:
            _taken.begin(self)

    def release(self) -> None:
        """The step is over."""
        if self.loggers:
            _taken.end(self)


NO_PYTHON_LOGS: Final = PythonLogs()


def python_logs_of(instance: Any) -> PythonLogs:
    """What the settings of an instance ask for.

    Raises:
        ConfigurationError: the level is none (`invalid-setting`).
    """
    if not isinstance(instance, DeploymentSettings):
        return NO_PYTHON_LOGS
    told, names = instance.python_log_level, tuple(instance.managed_python_loggers)
    handlers = instance.python_log_handlers
    if told is None and not names and not handlers:
        return NO_PYTHON_LOGS
    level = None if told is None else logging.getLevelName(told.upper())
    if isinstance(level, str):
        raise ConfigurationError(
            f"Setting `python_logs.python_log_level` is {told!r}, which is no level.",
            code="invalid-setting",
            hint=f"one of {', '.join(LEVELS)}",
        )
    return PythonLogs(names, level, handlers)


class _ManagedLines(CurrentStepHandler):
    """Sends lines of a managed logger to the step that is running."""

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_ALREADY_TAKEN) and not hasattr(record, _TAKEN):
            vars(record)[_TAKEN] = True
            super().emit(record)


_ALREADY_TAKEN: Final = ("treadle", "dagster.builtin")
"""Loggers whose lines come to the step by themselves."""
_TAKEN: Final = "_treadle_taken"
"""On records that reached the step: a logger and one above it may both be managed."""


class _Taken:
    """How many steps want each logger, and the level that it had."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handler = _ManagedLines()
        self._wanted: dict[str, int] = {}
        self._levels: dict[str, int] = {}

    def begin(self, wanted: PythonLogs) -> None:
        with self._lock:
            for name in wanted.loggers:
                self._wanted[name] = self._wanted.get(name, 0) + 1
                if self._wanted[name] > 1:
                    continue
                logger = logging.getLogger(name)
                self._levels[name] = logger.level
                logger.addHandler(self._handler)
                if wanted.level is not None:
                    logger.setLevel(wanted.level)

    def end(self, wanted: PythonLogs) -> None:
        with self._lock:
            for name in wanted.loggers:
                self._wanted[name] -= 1
                if self._wanted[name] == 0:
                    logger = logging.getLogger(name)
                    logger.removeHandler(self._handler)
                    logger.setLevel(self._levels.pop(name))


_taken = _Taken()
