"""Warnings about old names of arguments, at the user's own line: Python hides those of other people's files."""

import os
import sys
import warnings
from typing import Any, Final

from treadle.core.errors import InvalidDefinitionError

_OWN_FOLDER: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def warn_of_old_name(message: str) -> None:
    """A DeprecationWarning at the line of the nearest caller outside Treadle, through however many of our functions."""
    level = 1
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OWN_FOLDER):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, DeprecationWarning, stacklevel=level)


def renamed(old_name: str, old: Any, name: str, value: Any) -> Any:
    """The value of an argument that may be given under its old name, with one warning.

    Raises:
        InvalidDefinitionError: both are given.
    """
    if old is None:
        return value
    if value is not None:
        raise InvalidDefinitionError(f"give one of `{name}` and `{old_name}`.", code="invalid-argument")
    warn_of_old_name(f"`{old_name}` is deprecated; use `{name}`")
    return old
