"""The file `.env` beside a project: variables for those who set none of their own."""

import importlib
import io
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from treadle.core.errors import ConfigurationError
from treadle.define.config.text_files import read_text_file

DOTENV_FILE: Final = ".env"

_logger = logging.getLogger("treadle.settings")
_told: set[tuple[Path, int]] = set()
"""Lines that this process was told of: the file is read more than once."""


def environment_with_dotenv(project_root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that `.env` beside the project adds; those already set win.

    Lines that are none of `NAME=value` are left out, and told once by a warning in the log `treadle.settings`.

    Raises:
        ConfigurationError: the file can not be read, is not UTF-8, or has a NUL (`config-file-unreadable`).
    """
    path = project_root / DOTENV_FILE
    if not path.is_file():
        return {}
    text = read_text_file(path)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ConfigurationError(
            f"`{path}` can not be read: it has a NUL character in line {line}.",
            code="config-file-unreadable",
            where=str(path),
        )
    # Imported only by those who have such a file.
    readable = io.StringIO(_readable(path, text))
    found = importlib.import_module("dotenv").dotenv_values(stream=readable)
    return {name: value for name, value in found.items() if value is not None and name not in environ}


def _readable(path: Path, text: str) -> str:
    """The text without the lines that mean nothing; each is told once, without what it says: it may be a secret."""
    kept = []
    for part in importlib.import_module("dotenv.parser").parse_stream(io.StringIO(text)):
        if not part.error:
            kept.append(part.original.string)
            continue
        begins = part.original.string
        line = part.original.line + len(begins) - len(begins.lstrip("\r\n"))
        if (path, line) not in _told:
            _told.add((path, line))
            _logger.warning(
                "%s:%d can not be read, and is left out.\n  hint: write NAME=value, close what is quoted, "
                "and begin a comment with #",
                path,
                line,
            )
    return "".join(kept)
