"""Writing a file so that a reader finds the whole old one or the whole new one, whatever is killed when."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from typing import IO, Any

from treadle.core.errors import TreadleError


class DiskFullError(TreadleError):
    """No space is left where a value was to be stored; the old value, if any, still stands."""

    default_code = "disk-full"


_PREFIX = ".treadle-tmp-"


@contextlib.contextmanager
def atomic_write(path: str) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path`; on success it takes the place of `path`, on failure it is removed.

    A temporary file that a killed process left is removed by the next write to the same path.

    Raises:
        DiskFullError: the disk is full (code `disk-full`); nothing of the new value is left.
    """
    directory, name = os.path.split(path)
    temporary = os.path.join(directory, f"{_PREFIX}{name[:80]}-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        try:
            file = open(temporary, "xb")  # noqa: SIM115 - closed below, before it is renamed
        except FileNotFoundError:
            os.makedirs(directory, exist_ok=True)
            file = open(temporary, "xb")  # noqa: SIM115
        with file:
            yield file
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise DiskFullError(
                f"The disk is full: `{path}` could not be written, and its old value, if any, still stands.",
                hint="Free some space, then run again from the failed step.",
            ) from error
        raise


def remove_leftovers(directory: str, older_than: float) -> int:
    """Remove temporary files in `directory` last changed before `older_than` (Unix seconds); returns how many."""
    removed = 0
    with contextlib.suppress(FileNotFoundError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.stat().st_mtime < older_than:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(entry.path)
                    removed += 1
    return removed


_FULL = frozenset({28, 122})
"""ENOSPC and EDQUOT."""


def write_whole(path: Any, data: bytes | memoryview) -> None:
    """Write `data` to a `UPath` in one move where the file system can; object stores publish a file when it is closed.

    Raises:
        DiskFullError: as of `atomic_write`.
    """
    if getattr(path, "protocol", "") in ("", "file", "local"):
        with atomic_write(str(path)) as file:
            file.write(data)
    else:
        with path.open("wb") as file:
            file.write(data)
