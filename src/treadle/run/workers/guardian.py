"""A tiny process that outlives the run's: when that is killed, it kills the workers' process groups.

It reads `+<group>` and `-<group>` lines from a pipe; the end of the pipe means that the run's process is gone.
"""

import os
import signal
import subprocess
import sys
from typing import Final

SCRIPT: Final = """
import os, signal, sys
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""


class Guardian:
    """Watches over the workers of one run. POSIX only; elsewhere it does nothing."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Called before any worker, so that no worker holds its pipe."""
        if sys.platform == "win32" or self._process is not None:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        """A worker with this process group has started."""
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """That group is gone."""
        self._tell(f"-{group}\n")

    def descriptor(self) -> int | None:
        """The end of the pipe that no worker may keep open."""
        process = self._process
        return process.stdin.fileno() if process is not None and process.stdin is not None else None

    def stop(self) -> None:
        """End it; every worker is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        process.wait(timeout=5)

    def _tell(self, line: str) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            os.write(process.stdin.fileno(), line.encode())
        except BrokenPipeError:
            self._process = None


def kill_group(group: int, number: int = signal.SIGTERM) -> None:
    """Send a signal to all processes of a group; nothing where it is gone."""
    try:
        if sys.platform == "win32":
            os.kill(group, signal.SIGTERM)
        else:
            os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return
