"""Events of a run that wait for their batch, in memory that is a file beside the database: it outlives a process that is
killed.

Keeping them there costs microseconds, a transaction ten times that; so a process that dies at
once after a step's start can be told to have died in it. Who ends its run takes them from here into the store.

A process makes a file for each run that goes on at once, and uses it again for the next.
"""

import atexit
import mmap
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from treadle.core import late
from treadle.core.runs import Holder, Lease
from treadle.store.codec import UNREADABLE, decode, encode
from treadle.store.events import EventWrite
from treadle.store.liveness import process_start, this_process

SUFFIX: Final = ".waiting"
"""Of the folder, behind the name of the database's file."""
SIZE: Final = 64 * 1024
"""Bytes of a run's file; more events than fit are written to the store."""
KEPT: Final = 3 * 86400.0
"""Seconds for which a file of another boot or machine is left alone."""


@attrs.frozen(eq=False)
class _Region:
    """A file of this process, as memory."""

    path: Path
    pid: int
    memory: mmap.mmap
    file: tuple[int, int, int]
    """Descriptor, device and inode."""

    def is_there(self) -> bool:
        """Whether others find the file."""
        return self._size() is not None

    def is_usable(self) -> bool:
        """Whether it is there as a whole: to touch memory that the file no longer has kills the process (SIGBUS)."""
        return (self._size() or 0) >= SIZE

    def _size(self) -> int | None:
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_size if (found.st_dev, found.st_ino) == self.file[1:] else None

    def close(self) -> None:
        """Remove the file."""
        number = self.file[0]
        try:
            found = os.fstat(number)
            is_own = (found.st_dev, found.st_ino) == self.file[1:]
        except OSError:
            is_own = False
        if is_own:
            self.memory.close()
            os.close(number)
        else:
            # User code closed descriptors, this one too; it may have reused the numbers, which closing would close.
            _left_open.append(self.memory)
        if self.is_there():
            _remove(self.path)


_spare: Final[dict[Path, list[_Region]]] = {}
"""Folder -> regions that no run uses now."""
_left_open: Final[list[mmap.mmap]] = []


class EventsInFlight:
    """What one run has not written yet.

    Args:
        database: the file of the store.
    """

    def __init__(self, database: Path) -> None:
        self._folder = folder_of(database)
        self._region: _Region | None = None
        self._end = 0
        self._is_unusable = sys.platform == "win32"

    def put(self, writes: Sequence[EventWrite]) -> bool:
        """Keep these behind what is kept already; False where there is no room for them, or no file can be made."""
        self._drop_damaged()
        region = self._region or self._take_region()
        if region is None or region.pid != os.getpid():
            return False
        data = encode(writes)
        end = self._end + len(data)
        if end + 2 > SIZE:
            return False
        region.memory[self._end : end + 2] = data + b"\n\0"  # JSON has neither within
        self._end = end + 1
        return True

    def clear(self) -> None:
        """They are in the store."""
        self._drop_damaged()
        if self._region is not None and self._end and self._region.pid == os.getpid():
            self._region.memory[0:1] = b"\0"
            self._end = 0

    def remove(self) -> None:
        """The run is over."""
        self.clear()
        self._is_unusable = True
        region, self._region = self._region, None
        if region is not None and region.pid == os.getpid():
            _spare.setdefault(self._folder, []).append(region)

    def _drop_damaged(self) -> None:
        """Do without a file that somebody removed or cut short while the run uses it."""
        region = self._region
        if region is not None and region.pid == os.getpid() and not region.is_usable():
            self._region, self._end, self._is_unusable = None, 0, True
            region.close()

    def _take_region(self) -> _Region | None:
        if self._is_unusable:
            return None
        spare = _spare.get(self._folder, [])
        while spare:
            region = spare.pop()
            if region.pid != os.getpid():
                continue  # of the process that this one was forked from
            if region.is_usable():
                self._region = region
                return region
            region.close()
        self._region = _make_region(self._folder)
        self._is_unusable = self._region is None
        return self._region


def _make_region(folder: Path) -> _Region | None:
    path = folder / f"{_name_of(this_process())}.{os.urandom(4).hex()}"
    try:
        folder.mkdir(exist_ok=True)
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o644)
        try:
            # All of it now: on a disk that is full then, a page that is missing later would kill the process.
            _ = os.pwrite(number, bytes(SIZE), 0)
            made = os.fstat(number)
            return _Region(path, os.getpid(), mmap.mmap(number, SIZE), (number, made.st_dev, made.st_ino))
        except BaseException:
            os.close(number)
            raise
    except (OSError, ValueError):
        _remove(path)
        return None


def close_spare(database: Path) -> None:
    """Remove the files of this process that no run uses."""
    _close(_spare.get(folder_of(database), []))


def _close(spare: list[_Region]) -> None:
    while spare:
        region = spare.pop()
        if region.pid == os.getpid():
            region.close()


def left_behind(database: Path | None, run_id: str, holder: Holder) -> list[EventWrite]:
    """What a process left of a run; of a line that was cut short, or damaged, nothing.

    Args:
        database: None for a store that keeps none.
        holder: the process, which is gone.
    """
    found: list[EventWrite] = []
    for path in _files(database):
        if not path.name.startswith(_name_of(holder) + "."):
            continue
        with suppress(OSError):
            for line in path.read_bytes().partition(b"\0")[0].split(b"\n"):
                with suppress(*UNREADABLE):
                    found.extend(
                        write for write in decode(line, list[EventWrite]) if write.event.run_id == run_id
                    )
    return found


def files_of_the_gone(database: Path | None) -> list[Path]:
    """The files of processes that are gone now. Who lists them before it looks whose runs to end, and ends those, may
    remove these: a process that dies in between is not among them."""
    machine = _name_of(this_process()).split(".")[0]
    return [path for path in _files(database) if _is_gone(path, machine)]


def old_files_of_others(database: Path | None, now: float) -> list[Path]:
    """Files of other boots and machines, that of whose processes nothing can be known here, from days ago."""
    machine = _name_of(this_process()).split(".")[0]
    return [
        path
        for path in _files(database)
        if path.name.split(".")[0] != machine and _time_of(path, now) < now - KEPT
    ]


def forget_left_behind(files: Sequence[Path], leases: Sequence[Lease]) -> None:
    """Remove files, but those of a process that still holds a run.

    Args:
        leases: those that are live.
    """
    holders = {_name_of(lease.holder) for lease in leases}
    for path in files:
        if path.name.rpartition(".")[0] not in holders:
            _remove(path)


def _is_gone(path: Path, machine: str) -> bool:
    of, pid, started, *_ = [*path.name.split("."), "", ""]
    if of != machine or not pid.isdigit() or not started.isdigit():
        return False
    now = process_start(int(pid))
    return now is None or abs(now * 100 - int(started)) > 2


def _time_of(path: Path, otherwise: float) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return otherwise


@atexit.register
def _close_all() -> None:
    for spare in list(_spare.values()):
        _close(spare)


def folder_of(database: Path) -> Path:
    """Where the waiting events of a store's runs are: beside the file itself, whichever link it is opened by."""
    return Path(os.path.realpath(database) + SUFFIX)


def _files(database: Path | None) -> Iterator[Path]:
    if database is not None:
        with suppress(OSError):
            yield from [folder_of(database) / name for name in os.listdir(folder_of(database))]


def _name_of(holder: Holder) -> str:
    machine = f"{holder.host} {holder.boot_id} {holder.pid_namespace}".encode("utf-8", "backslashreplace")
    digest = late.hashlib.sha256(machine).hexdigest()[:12]
    return f"{digest}.{holder.pid}.{round(holder.process_started * 100)}"


def _remove(path: Path) -> None:
    """Remove a file, and the folder with the last one."""
    with suppress(OSError):
        path.unlink()
        path.parent.rmdir()
