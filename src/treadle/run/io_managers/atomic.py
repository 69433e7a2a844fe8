"""Writing a file so that a reader finds the whole old one or the whole new one, whatever is killed when."""

import contextlib
import errno
import functools
import hashlib
import itertools
import os
import time
from collections.abc import Iterator
from typing import IO, Any

from treadle.core.errors import TreadleError
from treadle.run.io_managers.paths import TEMPORARY_PREFIX
from treadle.store.liveness import process_start, this_process

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ABANDONED_AFTER = 3600.0
"""Seconds without a change after which a temporary file is nobody's, whoever wrote it."""


class DiskFullError(TreadleError):
    """No space is left where a value was to be stored; the old value, if any, still stands."""

    default_code = "disk-full"


class PathTakenError(TreadleError):
    """A file stands where a folder is needed, or the reverse."""

    default_code = "path-taken"


@contextlib.contextmanager
def atomic_write(path: str) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path`; on success it takes the place of `path`, on failure it is removed.

    What a killed process left beside it is removed by the first write of each later process into that folder.

    Raises:
        DiskFullError: no room for the file (code `disk-full`); nothing of the new value is left.
        PathTakenError: a file stands where its folder must be, or a folder at `path` (code `path-taken`).
    """
    directory = os.path.dirname(path)
    temporary = os.path.join(directory, _temporary_name())
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
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise DiskFullError(
                f"No space is left for `{path}` ({error.strerror}); its old value, if any, still stands.",
                hint="Free some space, then run again from the failed step.",
            ) from error
        if isinstance(error, NotADirectoryError | FileExistsError | IsADirectoryError):
            raise PathTakenError(
                f"Nothing can be stored at `{path}`: a file stands where a folder is needed, or the reverse."
            ) from error
        raise
    _sweep_once(directory, os.getpid())


def write_whole(path: Any, data: bytes | memoryview) -> None:
    """Write `data` to a `UPath` in one move where the file system can; object stores publish a file when it is closed.

    Args:
        path: where to.
        data: the whole new content.

    Raises:
        DiskFullError: as of `atomic_write`.
    """
    if path.protocol in ("", "file", "local"):
        with atomic_write(path.path) as file:
            file.write(data)
    else:
        with path.open("wb") as file:
            file.write(data)


def remove_leftovers(directory: str, now: float) -> int:
    """Remove temporary files that nobody writes any more; how many.

    Those of a dead process of this machine go at once, others when they have not changed for an hour.

    Args:
        directory: the folder; those below it are not looked at.
        now: Unix seconds.
    """
    removed = 0
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if not entry.name.startswith(TEMPORARY_PREFIX):
                continue
            with contextlib.suppress(OSError):
                if _writer_is_dead(entry.name) or entry.stat().st_mtime < now - _ABANDONED_AFTER:
                    os.unlink(entry.path)
                    removed += 1
    return removed


_numbers = itertools.count()


def _temporary_name() -> str:
    pid = os.getpid()
    return f"{TEMPORARY_PREFIX}{_machine()}-{pid}-{this_process().process_started:.2f}-{next(_numbers)}"


def _writer_is_dead(name: str) -> bool:
    machine, _, rest = name.removeprefix(TEMPORARY_PREFIX).partition("-")
    pid, _, rest = rest.partition("-")
    started = rest.partition("-")[0]
    if machine != _machine() or not pid.isdecimal():
        return False
    found = process_start(int(pid))
    return found is None or f"{found:.2f}" != started


@functools.cache
def _machine() -> str:
    """This boot and pid namespace, in short: only there a pid means the same process."""
    me = this_process()
    return hashlib.sha256(f"{me.boot_id} {me.pid_namespace}".encode()).hexdigest()[:12]


@functools.lru_cache(maxsize=65_536)
def _sweep_once(directory: str, pid: int) -> None:
    remove_leftovers(directory, time.time())
