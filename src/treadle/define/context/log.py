"""`context.log`: a standard logger whose lines become events of the run.

`get_dagster_logger` gives a logger that finds the running step by itself, for code that has no context.
"""

import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final

from treadle.core.events import ErrorInfo, LogData
from treadle.core.seen_errors import cause_of, code_of, context_of, members_of, plain_text, traceback_text
from treadle.core.ticks import TickLine
from treadle.define.config.secrets import redact
from treadle.define.context.current import current_step

RecordLine = Callable[[int, str, LogData | None], None]

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class StepLineHandler(logging.Handler):
    """A handler that is told of which step each line is."""

    def handle_line(self, record: logging.LogRecord, step_key: str | None) -> None:
        """Take one line."""
        raise NotImplementedError


def is_of_run(record: logging.LogRecord) -> bool:
    """Whether a user's logger got the record from a run: it must not come to the run again."""
    return hasattr(record, "dagster_meta")


class StepLogger(logging.Logger):
    """A logger bound to one step (or tick): every line is recorded in order, then given to `handlers`.

    Args:
        record_line: receives level number, message and structured fields.
        handlers: the run's loggers (console, JSON, users' own).
        level: lines below this level number are dropped.
        step_key: of the step.

    Raises:
        Nothing: a message whose arguments do not fit its format is recorded as it stands.
    """

    def __init__(
        self,
        record_line: RecordLine,
        handlers: Sequence[logging.Handler] = (),
        level: int = logging.DEBUG,
        name: str = "treadle",
        step_key: str | None = None,
    ) -> None:
        super().__init__(name, level)
        self._step_key = step_key
        self.propagate = False
        self._record_line = record_line
        self.handlers = list(handlers)

    def handle(self, record: logging.LogRecord) -> None:
        """Record the line, then pass it to the handlers."""
        message = redact(_message_of(record))
        self._record_line(record.levelno, message, _data_of(record))
        if self.handlers:
            record.msg, record.args = message, None
            if record.exc_info and record.exc_info[1] is not None:
                # What formatters print, where it is set.
                record.exc_text = redact("".join(traceback.format_exception(record.exc_info[1])).rstrip())
            for handler in self.handlers:
                if isinstance(handler, StepLineHandler):
                    handler.handle_line(record, self._step_key)
                elif record.levelno >= handler.level:
                    handler.handle(record)


def _message_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args!r}"


def _data_of(record: logging.LogRecord) -> LogData | None:
    fields = {name: value for name, value in vars(record).items() if name not in _STANDARD_FIELDS}
    error = None
    if record.exc_info and record.exc_info[1] is not None:
        error = error_info_of(record.exc_info[1])
    if not fields and error is None and record.name == "treadle":
        return None
    name = None if record.name == "treadle" else record.name
    return LogData(logger=name, fields={key: _plain(value) for key, value in fields.items()}, error=error)


def _plain(value: Any) -> Any:
    if isinstance(value, int | float | bool | None):
        return value
    return redact(value if isinstance(value, str) else repr(value))


MOST_CAUSES: Final = 8
"""So many errors one behind the other are told, groups within each other included."""
MOST_MEMBERS: Final = 20
"""So many members of a group are told."""


def error_info_of(error: BaseException, *, depth: int = MOST_CAUSES, most: int = MOST_MEMBERS) -> ErrorInfo:
    """An exception with its traceback text, the chain of its causes and a group's members; secrets are hidden.

    Args:
        depth: the most causes one behind the other, groups within each other included.
        most: of the members of a group; of those of a group in a group a quarter.
    """
    cause, context = cause_of(error), context_of(error)
    return ErrorInfo(
        class_name=type(error).__name__,
        message=redact(plain_text(error)),
        stack=redact(traceback_text(error)),
        cause=error_info_of(cause, depth=depth - 1, most=most) if cause is not None and depth > 0 else None,
        context=error_info_of(context, depth=depth - 1, most=most)
        if context is not None and depth > 0
        else None,
        code=code_of(error),
        members=tuple(
            error_info_of(each, depth=depth - 1, most=most // 4) for each in members_of(error)[:most]
        )
        if depth > 0
        else (),
    )


class ToPythonLogging(logging.Handler):
    """Hands lines to a logger of Python's logging, where the terminal and test tools look for them.

    Args:
        logger: its name.
        only_own: leave out lines of other loggers (`get_dagster_logger`), which get there by themselves.
    """

    def __init__(self, logger: str, *, only_own: bool = False) -> None:
        super().__init__()
        self._logger = logging.getLogger(logger)
        self._only_own = only_own

    def emit(self, record: logging.LogRecord) -> None:
        if not self._only_own or record.name == "treadle":
            self._logger.handle(record)


class ToConsoleIfAlone(ToPythonLogging):
    """Hands lines on, too; where nothing listens there, shows them on stderr."""

    def __init__(self, logger: str) -> None:
        super().__init__(logger, only_own=True)
        self._console = logging.StreamHandler()
        self._console.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
        )

    def emit(self, record: logging.LogRecord) -> None:
        if self._logger.hasHandlers():
            super().emit(record)
        elif record.name == "treadle":
            self._console.handle(record)


def logger_of_tick(keep_line: Callable[[TickLine], None]) -> StepLogger:
    """A logger whose lines are kept with a tick."""

    def keep(level: int, message: str, data: LogData | None) -> None:
        keep_line(TickLine(level, message, data))

    return StepLogger(keep, handlers=[ToPythonLogging("treadle.tick")])


class CurrentStepHandler(logging.Handler):
    """Sends a record to the log of the step that is running, if one is."""

    def emit(self, record: logging.LogRecord) -> None:
        state = current_step.get()
        if state is not None and record.levelno >= state.log.level and not is_of_run(record):
            state.log.handle(record)


_current_step_handler = CurrentStepHandler()


def get_dagster_logger(name: str | None = None) -> logging.Logger:
    """A logger whose lines go to the step that is running; outside a run they go to Python's own logging.

    Args:
        name: kept in the line's fields; by default the builtin one.

    Example:
        >>> log = get_dagster_logger("ingest")
        >>> log.name
        'dagster.builtin.ingest'
    """
    builtin = logging.getLogger("dagster.builtin")
    if _current_step_handler not in builtin.handlers:
        builtin.addHandler(_current_step_handler)
        if builtin.level == logging.NOTSET:
            builtin.setLevel(logging.DEBUG)
    # A child has no handler of its own: its lines come up to the builtin one, once.
    return builtin.getChild(name) if name else builtin
