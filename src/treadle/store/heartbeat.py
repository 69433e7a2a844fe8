"""Beats for leases from a small process of its own, so that user code that holds the GIL does not lose its lease.

`python -m treadle.store.heartbeat` reads its orders (one line of JSON) and then waits on the same pipe: it ends when
its parent closes it or is gone. The store's address comes through the pipe, not the command line, which others see.
"""

import contextlib
import os
import select
import subprocess
import sys
from types import TracebackType
from typing import BinaryIO, Final, Self

import msgspec

from treadle.core.runs import Holder, Lease
from treadle.store.errors import StoreError
from treadle.store.liveness import BEAT, liveness, this_process
from treadle.store.opening import open_store

LEASE_LOST: Final = 3
"""Exit code: the lease is no longer live."""


class Orders(msgspec.Struct, frozen=True):
    """What the child is told."""

    address: str
    lease: Lease
    parent: Holder
    beat: float


class Heartbeat:
    """Keeps a lease alive from a child process while the block runs.

    Args:
        address: of the store, with its password.
        lease: to keep.
        beat: seconds between beats.
    """

    def __init__(self, address: str, lease: Lease, beat: float = BEAT) -> None:
        self._orders = Orders(address, lease, this_process(), beat)
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the child."""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "treadle.store.heartbeat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            start_new_session=True,
        )
        pipe = self._child.stdin
        if pipe is not None:
            pipe.write(msgspec.json.encode(self._orders) + b"\n")
            pipe.flush()

    @property
    def pid(self) -> int | None:
        """The child's process id, while it runs."""
        return self._child.pid if self._child is not None else None

    def lost(self) -> bool:
        """Whether the child found the lease taken away."""
        return self._child is not None and self._child.poll() == LEASE_LOST

    def stop(self) -> None:
        """End the child."""
        if self._child is not None:
            if self._child.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    # Closing does not end it while a forked child of this process holds the pipe open; a line does.
                    self._child.stdin.write(b"\n")
                    self._child.stdin.flush()
                with contextlib.suppress(BrokenPipeError):
                    self._child.stdin.close()
            try:
                self._child.wait(2.0)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
            self._child = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def beat_until_parent_ends(orders: Orders, pipe: BinaryIO) -> int:
    """Beat until the pipe closes or the parent is gone; the exit code.

    Children that the parent forked may hold the pipe's other end open, so the parent itself is looked at, too.
    """
    store = open_store(orders.address, max_connections=1, sweep=False)
    counter = orders.lease.counter
    try:
        while True:
            counter += 1
            try:
                if not store.extend_lease(orders.lease, counter):
                    return LEASE_LOST
            except StoreError:
                pass  # out of reach for now: the next beat may arrive
            readable, _, _ = select.select([pipe], [], [], orders.beat)
            if readable or liveness(orders.parent) == "gone":
                return 0
    finally:
        store.close()


def main() -> int:
    """The child's whole life."""
    pipe = sys.stdin.buffer
    line = pipe.readline()
    return beat_until_parent_ends(msgspec.json.decode(line, type=Orders), pipe) if line else 0


if __name__ == "__main__":
    sys.exit(main())
