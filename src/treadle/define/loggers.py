"""Loggers as values: functions that make a `logging.Logger` to which a run's lines go."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Self

import attrs

from treadle.core.errors import InvalidConfigError, InvalidInvocationError
from treadle.define.config.configurable import Configurable
from treadle.define.config.logger_settings import LOGGER_SETTINGS
from treadle.define.config.scalars import NOT_GIVEN
from treadle.define.config.schema import Field, normalize_config_schema, process_config
from treadle.define.parameters import raw_parameters


@attrs.frozen
class InitLoggerContext:
    """What a logger's function receives."""

    logger_config: Any = None
    """Its settings."""
    logger_def: "LoggerDefinition | None" = None
    job_def: Any = None
    run_id: str | None = None


class LoggerDefinition(Configurable):
    """How to make a logger.

    Args:
        logger_fn: from an InitLoggerContext to a `logging.Logger`.
        config_schema: of its settings.
        description: for people.
    """

    logger_fn: Callable[..., logging.Logger]
    description: str | None

    def __init__(
        self,
        logger_fn: Callable[..., logging.Logger],
        config_schema: Any = None,
        description: str | None = None,
    ) -> None:
        self.logger_fn = logger_fn
        self.config_schema = normalize_config_schema(config_schema)
        self.description = description
        self.__name__ = getattr(logger_fn, "__name__", "logger")

    def copy_configured(self, name: str | None, description: str | None, config_schema: Field) -> Self:
        """A copy whose settings are given."""
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied.description = description or self.description
        copied.config_schema = config_schema
        return copied

    def __call__(self, *args: Any, **kwargs: Any) -> logging.Logger:
        """Make the logger directly, as in tests.

        Raises:
            InvalidInvocationError: its context is missing, or something else is given.
            InvalidConfigError: the context's settings do not fit.
        """
        (name,) = (
            (one.name for one in raw_parameters(self.logger_fn)[0]) if self._takes_context() else ("context",)
        )
        if len(args) + len(kwargs) != 1 or (kwargs and name not in kwargs):
            raise InvalidInvocationError(
                f"logger `{self.__name__}` takes its context as `{name}`, and nothing else.",
                hint="make one with `build_init_logger_context(...)`",
            )
        given = args[0] if args else kwargs[name]
        context = given if given is not None else InitLoggerContext()
        settings = context.logger_config
        if self.config_schema is not None:
            subject = f"config of logger `{self.__name__}`"
            settings = process_config(
                self.config_schema, NOT_GIVEN if settings is None else settings, subject
            )
            if settings is NOT_GIVEN:
                raise InvalidConfigError(
                    f"{subject} is missing", hint="`build_init_logger_context(logger_config=...)`"
                )
        return self.logger_fn(attrs.evolve(context, logger_config=settings, logger_def=self))

    def _takes_context(self) -> bool:
        return len(raw_parameters(self.logger_fn)[0]) == 1


def logger(config_schema: Any = None, description: str | None = None) -> Any:
    """Make a function a logger definition.

    Example:
        >>> import logging
        >>> from treadle import logger
        >>> @logger(config_schema={"level": str})
        ... def to_console(context):
        ...     return logging.getLogger("console")
        >>> to_console.description
    """
    if callable(config_schema) and not isinstance(config_schema, type):
        return LoggerDefinition(config_schema, description=config_schema.__doc__)

    def decorate(function: Callable[..., logging.Logger]) -> LoggerDefinition:
        return LoggerDefinition(function, config_schema, description or function.__doc__)

    return decorate


def build_init_logger_context(logger_config: Any = None, job_def: Any = None) -> InitLoggerContext:
    """The context of a logger's function, for tests."""
    return InitLoggerContext(logger_config, None, job_def, None)


class JsonLogFormatter(logging.Formatter):
    """A line as one JSON object: time in UTC, level, message, and everything that the record has.

    Of a run's lines `dagster_meta` says where they come from: run, job, step.
    """

    def format(self, record: logging.LogRecord) -> str:
        exception = record.exc_text
        if not exception and record.exc_info:
            exception = self.formatException(record.exc_info)
        meta = getattr(record, "dagster_meta", None)
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "name": record.name,
            "message": meta["orig_message"] if meta else record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _ALREADY_SAID},
            "exc_info": exception,
            "exc_text": exception,
        }
        if exception:
            line["exception"] = exception
        return json.dumps(line, default=_as_json)


_ALREADY_SAID: Final = {"name", "message", "asctime", "dagster_event", "exc_info", "exc_text"}


def _as_json(value: Any) -> Any:
    names = ("event_type_value", "job_name", "step_key", "message", "pid")
    if hasattr(value, names[0]):
        return {name: getattr(value, name) for name in names}
    return str(value)


def _stream_logger(context: InitLoggerContext, formatter: logging.Formatter) -> logging.Logger:
    settings = context.logger_config or {}
    level = settings.get("log_level", "INFO")
    made = logging.Logger(settings.get("name", "treadle"), level.upper() if isinstance(level, str) else level)
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    made.addHandler(handler)
    return made


def _console(context: InitLoggerContext) -> logging.Logger:
    return _stream_logger(context, logging.Formatter("%(asctime)s %(levelname)s %(message)s"))


def _json_console(context: InitLoggerContext) -> logging.Logger:
    return _stream_logger(context, JsonLogFormatter())


colored_console_logger: Final = LoggerDefinition(_console, LOGGER_SETTINGS, "Lines on the console.")
json_console_logger: Final = LoggerDefinition(
    _json_console, LOGGER_SETTINGS, "Lines on the console, each one JSON object."
)


def default_loggers() -> dict[str, LoggerDefinition]:
    """The loggers of a code location that names none."""
    return {"console": colored_console_logger}


def default_system_loggers(instance: Any = None) -> list[tuple[LoggerDefinition, dict[str, Any]]]:
    """The loggers with their settings, where run config names none; the level is what the deployment's settings say."""
    level = getattr(instance, "python_log_level", None) or "DEBUG"
    return [(colored_console_logger, {"name": "dagster", "log_level": level})]
