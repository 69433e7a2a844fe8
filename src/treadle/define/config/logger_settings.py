"""What the loggers of ours take as config; apart from them, so that checking run config loads no loggers."""

import logging
from typing import Any, Final

from treadle.core.errors import near_names
from treadle.define.config.environment import EnvVar
from treadle.define.config.problems import ConfigErrorReason, ConfigProblems, Path
from treadle.define.config.scalars import INVALID, ConfigType, read_env_vars, shown
from treadle.define.config.schema import Field

LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class LogLevel(ConfigType):
    """The name of a level of `logging`, in upper or lower case."""

    type_name = f"one of {', '.join(LEVELS)}"

    def resolve(self, value: Any, path: Path, problems: ConfigProblems) -> Any:
        if isinstance(value, EnvVar):
            value = read_env_vars(value, path, problems)
            if value is INVALID:
                return INVALID
        levels = logging.getLevelNamesMapping()
        if isinstance(value, str) and value.upper() in levels:
            return value
        near = near_names(value.upper(), LEVELS) if isinstance(value, str) else []
        hint = f"; did you mean `{near[0]}`?" if near else ""
        problems.report(
            path,
            ConfigErrorReason.RUNTIME_TYPE_MISMATCH,
            f"expected {self.type_name}, got {shown(value, path)}{hint}",
        )
        return INVALID


LOGGER_SETTINGS: Final = {
    "log_level": Field(
        LogLevel(), is_required=False, default_value="INFO", description="the lowest level shown"
    ),
    "name": Field(str, is_required=False, default_value="treadle", description="the logger's name"),
}
