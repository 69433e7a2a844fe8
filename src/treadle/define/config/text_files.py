"""The text of files that people write for Treadle: settings, config, workspaces."""

from pathlib import Path

from treadle.core.errors import ConfigurationError


def read_text_file(path: Path) -> str:
    """The text of a file.

    Raises:
        ConfigurationError: it can not be read, or is not UTF-8 (`config-file-unreadable`).
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        why = f"it is not text in UTF-8 (byte {error.start})"
    except OSError as error:
        why = error.strerror or str(error)
    except ValueError as error:  # a NUL in its name
        why = str(error)
    raise ConfigurationError(
        f"`{path}` can not be read: {why}.", code="config-file-unreadable", where=str(path)
    )
