"""The loggers that run config names, as handlers of the steps' logs."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

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


def handlers_for(
    definitions: Mapping[str, Any], settings: Mapping[str, Any], run_id: str, job_def: Any = None
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
        LoggerHandler(known[name].logger_fn(InitLoggerContext(config, known[name], job_def, run_id)))
        for name, config in settings.items()
    ]
