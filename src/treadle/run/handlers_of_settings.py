"""Handlers that `python_logs` of a deployment's settings ask for: each gets every line and event of every run."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from treadle.core import late
from treadle.core.runs import Run
from treadle.run.users_loggers import LoggerHandler, RunOrigin
from treadle.store.deployment_values import DeploymentConfigError

_KINDS: Final = ("formatters", "filters", "handlers")
_NAME: Final = "dagster"
"""The name that records carry, which formatters and filters of settings know."""


class SettingsHandler(LoggerHandler):
    """Gives the run's lines and events to all handlers of the settings. Made for one run: close it when that is over.

    Args:
        config: `dagster_handler_config`: formatters, filters and handlers, in the words of `logging.config`.

    Raises:
        DeploymentConfigError: it names something else, or a handler that cannot be made (`invalid-setting`).
    """

    def __init__(self, config: Mapping[str, Any], run: Run) -> None:
        logger = logging.Logger(_NAME, logging.DEBUG)
        for handler in _made(config):
            logger.addHandler(handler)
        super().__init__(logger, RunOrigin.of(run))

    def close(self) -> None:
        """Close the files and connections of the handlers."""
        for handler in self.logger.handlers:
            handler.close()
        super().close()


def _made(config: Mapping[str, Any]) -> list[logging.Handler]:
    for name in config:
        if name not in _KINDS:
            raise _refused(f"`{name}` cannot be set there", f"it takes {', '.join(_KINDS)}")
    maker: Any = late.logging_config.DictConfigurator({kind: dict(config.get(kind) or {}) for kind in _KINDS})
    making = {
        "formatters": maker.configure_formatter,
        "filters": maker.configure_filter,
        "handlers": maker.configure_handler,
    }
    for kind, make in making.items():
        for name in maker.config[kind]:
            try:
                made = make(maker.config[kind][name])
            except Exception as error:
                raise _refused(
                    f"`{kind}.{name}` cannot be made: {error.__cause__ or error}",
                    "it is written as for `logging.config.dictConfig`",
                ) from error
            maker.config[kind][name] = made
    return list(maker.config["handlers"].values())


def _refused(why: str, hint: str) -> DeploymentConfigError:
    return DeploymentConfigError(
        f"Setting `python_logs.dagster_handler_config`: {why}.", code="invalid-setting", hint=hint
    )
