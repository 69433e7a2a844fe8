"""Ends the processes that steps started in this process, when their run is stopped and they are nobody else's (I12)."""

import importlib
import os
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final

from treadle.store.liveness import process_start


def starting_clock() -> float:
    """Now, on the clock that start times of processes are told in: seconds since boot on Linux, else Unix seconds."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.time()


class RunsHere:
    """The runs that go on in this process: whose a child is can only be told where there is one."""

    def __init__(self) -> None:
        self._runs: dict[object, tuple[int, bool]] = {}

    @contextmanager
    def one_more(self, run: object) -> Iterator[None]:
        """Within the block a run goes on, in this thread."""
        is_in_main = threading.current_thread() is threading.main_thread()
        self._runs[run] = os.getpid(), is_in_main
        try:
            yield
        finally:
            del self._runs[run]

    def is_all_there_is(self, run: object) -> bool:
        """Whether the run has the main thread, and no other goes on."""
        pid = os.getpid()  # a fork copies this, but those runs go on in its parent
        return self._runs[run][1] and not any(
            one is not run and of == pid for one, (of, _) in list(self._runs.items())
        )


RUNS_HERE: Final = RunsHere()


def end_children_of(
    run: object, started_after: float, grace: float = 2.0, *, spared: Collection[int] = frozenset()
) -> int:
    """End every descendant of this process that began after a time: SIGTERM, then after the grace SIGKILL.

    None where they may be another's: where other runs go on in this process, or the program does other things while
    this run has a thread.

    Args:
        run: which goes on, as `RUNS_HERE` knows it.
        started_after: as `starting_clock` told it; older processes are not the run's.
        grace: seconds.
        spared: ids of processes that are the run's own helpers.

    Returns:
        How many there were.
    """
    psutil = importlib.import_module("psutil")  # 20 ms, and only runs that are stopped need it
    try:
        # Start times are in ticks of the system, so one that began just now may seem a little older.
        found = [
            child
            for child in psutil.Process(os.getpid()).children(recursive=True)
            if child.pid not in spared and (process_start(child.pid) or 0.0) >= started_after - 0.05
        ]
    except psutil.NoSuchProcess:
        return 0
    if not RUNS_HERE.is_all_there_is(
        run
    ):  # asked after they were listed: who started one of these is known by now
        return 0
    for child in found:
        _send(child.terminate, psutil)
    _, alive = psutil.wait_procs(found, timeout=grace)
    for child in alive:
        _send(child.kill, psutil)
    return len(found)


def descendants(pid: int) -> list[Any]:
    """All processes that a process started and those started, as psutil knows them (by id and start time)."""
    psutil = importlib.import_module("psutil")
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def kill_processes(found: Collection[Any]) -> None:
    """SIGKILL to those that are still there."""
    for process in found:
        _send(process.kill, importlib.import_module("psutil"))


def _send(action: object, psutil: object) -> None:
    try:
        action()  # type: ignore[operator]
    except psutil.NoSuchProcess:  # type: ignore[attr-defined]
        return
