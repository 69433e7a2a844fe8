"""Events of a run that wait for their batch, in memory that is a file beside the database: it outlives a process that is
killed.

Keeping them there costs microseconds and no call of the system, a transaction ten times that; so a process that dies at
once after a step's start can be told to have died in it. Who ends its run takes them from here into the store.
"""

import mmap
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from treadle.core import late
from treadle.store.codec import UNREADABLE, decode, encode
from treadle.store.events import EventWrite

SUFFIX: Final = ".waiting"
"""Of the folder, behind the name of the database's file."""
SIZE: Final = 64 * 1024
"""Bytes of a run's file; more events than fit are written to the store."""

_LONGEST_NAME: Final = 100

_left_open: Final[list[mmap.mmap]] = []
"""Those whose descriptors user code has closed: it may have reused the numbers, which closing would close."""


class EventsInFlight:
    """What one run has not written yet. The file is made when there is something to keep.

    Args:
        database: the file of the store.
        run_id: the run.
    """

    def __init__(self, database: Path, run_id: str) -> None:
        self._path = _file_of(database, run_id)
        self._memory: mmap.mmap | None = None
        self._file: tuple[int, int, int] | None = None
        """Descriptor, device and inode."""
        self._end = 0
        self._is_unusable = sys.platform == "win32"

    def put(self, writes: Sequence[EventWrite]) -> bool:
        """Keep these behind what is kept already; False where there is no room for them, or no file can be made."""
        memory = self._memory or self._open()
        if memory is None:
            return False
        data = encode(writes)
        end = self._end + len(data)
        if end + 2 > SIZE:
            return False
        memory[self._end : end + 2] = data + b"\n\0"  # JSON has neither within
        self._end = end + 1
        return True

    def clear(self) -> None:
        """They are in the store."""
        if self._memory is not None and self._end:
            self._memory[0:1] = b"\0"
            self._end = 0

    def remove(self) -> None:
        """The run is over."""
        memory, self._memory = self._memory, None
        self._is_unusable = True
        if memory is None or self._file is None:
            return
        number, device, inode = self._file
        try:
            found = os.fstat(number)
            if (found.st_dev, found.st_ino) != (device, inode):
                raise OSError
        except OSError:
            _left_open.append(memory)
        else:
            memory.close()
            os.close(number)
        _remove(self._path)

    def _open(self) -> mmap.mmap | None:
        if self._is_unusable:
            return None
        try:
            self._path.parent.mkdir(exist_ok=True)
            number = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
            try:
                # All of it now: on a disk that is full then, a page that is missing later would kill the process.
                _ = os.pwrite(number, bytes(SIZE), 0)
                made = os.fstat(number)
                self._memory = mmap.mmap(number, SIZE)
            except BaseException:
                os.close(number)
                raise
        except (OSError, ValueError):
            self._is_unusable = True
            _remove(self._path)
            return None
        self._file = (number, made.st_dev, made.st_ino)
        return self._memory


def left_behind(database: Path | None, run_id: str) -> list[EventWrite]:
    """What a process left that is gone; of a line that was cut short, or damaged, nothing.

    Args:
        database: None for a store that keeps none.
    """
    found: list[EventWrite] = []
    if database is None:
        return found
    try:
        lines = _file_of(database, run_id).read_bytes().partition(b"\0")[0].split(b"\n")
    except OSError:
        return found
    for line in lines:
        with suppress(*UNREADABLE):
            found.extend(write for write in decode(line, list[EventWrite]) if write.event.run_id == run_id)
    return found


def forget_left_behind(database: Path | None, run_id: str) -> None:
    """They are in the store."""
    if database is not None:
        _remove(_file_of(database, run_id))


def _file_of(database: Path, run_id: str) -> Path:
    is_plain = run_id.isascii() and run_id.replace("-", "").isalnum() and len(run_id) <= _LONGEST_NAME
    name = run_id if is_plain else late.hashlib.sha256(run_id.encode("utf-8", "backslashreplace")).hexdigest()
    return database.with_name(database.name + SUFFIX) / name


def _remove(path: Path) -> None:
    """Remove a run's file, and the folder with the last one."""
    with suppress(OSError):
        path.unlink()
        path.parent.rmdir()
