"""What the loggers of ours take as config; apart from them, so that checking run config loads no loggers."""

from typing import Final

from treadle.define.config.schema import Field

LOGGER_SETTINGS: Final = {
    "log_level": Field(str, is_required=False, default_value="INFO", description="the lowest level shown"),
    "name": Field(str, is_required=False, default_value="treadle", description="the logger's name"),
}
