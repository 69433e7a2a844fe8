"""Ends the processes that steps started in this process, when their run is stopped (I12)."""

import importlib
import os
import sys
import time
from collections.abc import Collection
from typing import Any

from treadle.store.liveness import process_start


def starting_clock() -> float:
    """Now, on the clock that start times of processes are told in: seconds since boot on Linux, else Unix seconds."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.time()


def end_children(started_after: float, grace: float = 2.0, *, spared: Collection[int] = frozenset()) -> int:
    """End every descendant of this process that began after a time: SIGTERM, then after the grace SIGKILL.

    Args:
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
