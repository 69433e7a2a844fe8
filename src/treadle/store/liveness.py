"""Whether the process that holds a lease still lives.

On the same boot and pid namespace that is a fact: the process with that pid and start time is there, or it is gone.
Elsewhere only a heartbeat counter tells, and only an observer that saw it stand still for TTL of its own monotonic
time may say so: wall clocks jump, and other machines' clocks are not ours.
"""

import os
import platform
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final, Literal

from treadle.core.runs import Holder, Lease

TTL: Final = 10.0
"""Seconds without a beat after which an observer elsewhere may end a lease."""

BEAT: Final = 2.0
"""Seconds between beats."""

Liveness = Literal["alive", "gone", "elsewhere"]


def this_process() -> Holder:
    """The identity of the calling process; another one after a fork."""
    return _holder(os.getpid())


def liveness(holder: Holder) -> Liveness:
    """Whether the holder lives, as far as this process can know."""
    boot_id, namespace = _machine()
    if holder.boot_id != boot_id or holder.pid_namespace != namespace:
        return "elsewhere"
    started = process_start(holder.pid)
    if started is None or abs(started - holder.process_started) > 0.02:
        return "gone"
    return "alive"


def process_start(pid: int) -> float | None:
    """When a process started, on a clock that does not jump while the machine is up; None where it is gone.

    On Linux that is seconds since boot, elsewhere what the system tells. A process that has exited and waits for its
    parent to notice counts as gone.
    """
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = stat[stat.rindex(b")") + 2 :].split()
        if fields[0] in (b"Z", b"X"):
            return None
        return int(fields[19]) / _ticks_per_second()
    return _start_by_psutil(pid)


class LeaseWatch:
    """An observer of leases that are held elsewhere.

    Args:
        ttl: seconds that a counter may stand still.

    Example:
        >>> watch = LeaseWatch(ttl=10)
        >>> watch.observe([], monotonic=0.0)
        []
    """

    def __init__(self, ttl: float = TTL) -> None:
        self._ttl = ttl
        self._seen: dict[tuple[str, int], tuple[int, float]] = {}
        self._last: float | None = None

    def observe(self, leases: Iterable[Lease], monotonic: float) -> list[Lease]:
        """Look at all leases now; those whose counter stood still for TTL while this observer watched."""
        if self._last is not None and monotonic - self._last > self._ttl / 2:
            # This observer itself stood still (suspended, stopped): what it did not see proves nothing.
            self._seen.clear()
        self._last = monotonic
        now: dict[tuple[str, int], tuple[int, float]] = {}
        dead = []
        for lease in leases:
            key = (lease.run_id, lease.token)
            before = self._seen.get(key)
            if before is None or before[0] != lease.counter:
                now[key] = (lease.counter, monotonic)
                continue
            now[key] = before
            if monotonic - before[1] >= self._ttl:
                dead.append(lease)
        self._seen = now
        return dead


@cache
def _holder(pid: int) -> Holder:
    boot_id, namespace = _machine()
    return Holder(
        host=_host(),
        boot_id=boot_id,
        pid_namespace=namespace,
        pid=pid,
        process_started=process_start(pid) or 0.0,
    )


@cache
def _machine() -> tuple[str, str]:
    if sys.platform == "linux":
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return boot_id, os.readlink("/proc/self/ns/pid")
    return _boot_by_psutil(), ""


@cache
def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else platform.node()


@cache
def _ticks_per_second() -> int:
    return os.sysconf("SC_CLK_TCK")


def _start_by_psutil(pid: int) -> float | None:
    import psutil  # noqa: PLC0415 - 40 ms, and Linux does without it

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.NoSuchProcess:
        return None


def _boot_by_psutil() -> str:
    import psutil  # noqa: PLC0415 - 40 ms, and Linux does without it

    return f"{_host()}@{psutil.boot_time():.0f}"
