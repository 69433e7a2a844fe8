"""Beats for leases from a small process of its own, so that user code that holds the GIL does not lose its lease.

`python -m treadle.store.heartbeat` reads its orders, lines of JSON, from a pipe: it ends when its parent closes that or
is gone. One child beats for all runs of a process, one after the other or side by side: starting it costs 0.3 s. The
store's address comes through the pipe, not the command line, which others see.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import BinaryIO, Final

import msgspec
from msgspec.structs import replace

from treadle.core.runs import Holder, Lease
from treadle.store.errors import StoreError
from treadle.store.liveness import BEAT, liveness, this_process
from treadle.store.opening import open_store
from treadle.store.store import Store

Lines = queue.SimpleQueue[bytes]
"""What came through the pipe; an empty line is its end."""


class Greeting(msgspec.Struct, frozen=True):
    """The child's first line."""

    address: str
    parent: Holder
    beat: float


class Order(msgspec.Struct, frozen=True):
    """Each further line: a lease to keep alive, or one that is so no longer."""

    lease: Lease
    is_over: bool = False


_Key = tuple[str, int]


def _key(lease: Lease) -> _Key:
    return lease.run_id, lease.token


class Heart:
    """Keeps leases of this process alive from a child process, which is started with the first of them.

    Args:
        address: of the store, with its password.
        beat: seconds between beats.
    """

    def __init__(self, address: str, beat: float = BEAT) -> None:
        self._address = address
        self._beat = beat
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._child: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._held: dict[_Key, tuple[Lease, float]] = {}
        self._lost: set[_Key] = set()
        self._heard = b""

    @property
    def pid(self) -> int | None:
        """The child's process id, while it runs."""
        return self._child.pid if self._child is not None else None

    def hold(self, lease: Lease) -> None:
        """Beat for a lease from now on."""
        if self._pid != os.getpid():
            self._forget_parent()
        with self._lock:
            self._held[_key(lease)] = (lease, time.monotonic())
            if self._child is not None and self._child.poll() is None:
                self._send(Order(lease))
            else:
                self._start()

    def release(self, lease: Lease) -> None:
        """Beat for a lease no more; the child waits for the next."""
        with self._lock:
            self._held.pop(_key(lease), None)
            self._lost.discard(_key(lease))
            self._send(Order(lease, is_over=True))

    def lost(self, lease: Lease) -> bool:
        """Whether the child found the lease taken away. Starts a child that was killed anew."""
        with self._lock:
            self._hear()
            is_dead = self._child is None or self._child.poll() is not None
            if self._held and is_dead and time.monotonic() - self._started > self._beat:
                self._start()
            return _key(lease) in self._lost

    def close(self) -> None:
        """End the child."""
        if self._pid != os.getpid():
            self._forget_parent()
        with self._lock:
            child, self._child = self._child, None
            if child is None:
                return
            # Closing does not end it while a forked child of this process holds the pipe open; a line does.
            _write(child, b"\n")
            _close_pipes(child)
            try:
                child.wait(2.0)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _start(self) -> None:
        if self._child is not None:
            _close_pipes(self._child)
        self._started = time.monotonic()
        self._heard = b""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "treadle.store.heartbeat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            start_new_session=True,
        )
        assert self._child.stdout is not None
        os.set_blocking(self._child.stdout.fileno(), False)
        self._send(Greeting(self._address, this_process(), self._beat))
        for lease, since in self._held.values():
            # A counter that went on in a child before this one must not go back.
            beats = int((self._started - since) / self._beat)
            self._send(Order(replace(lease, counter=lease.counter + beats + bool(beats))))

    def _send(self, line: Greeting | Order) -> None:
        if self._child is not None:
            _write(self._child, msgspec.json.encode(line) + b"\n")

    def _hear(self) -> None:
        """Read which leases the child found taken away."""
        if self._child is None or self._child.stdout is None:
            return
        with contextlib.suppress(BlockingIOError):
            self._heard += os.read(self._child.stdout.fileno(), 65536)
        *lines, self._heard = self._heard.split(b"\n")
        self._lost.update(_key(msgspec.json.decode(line, type=Lease)) for line in lines)

    def _forget_parent(self) -> None:
        """In a forked child: the parent's child is not ours, and a thread of the parent may have held the lock."""
        self._lock, self._pid, self._child = threading.Lock(), os.getpid(), None
        self._held, self._lost = {}, set()


def _write(child: "subprocess.Popen[bytes]", line: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):  # it is dead: `Heart.lost` starts another
        assert child.stdin is not None
        child.stdin.write(line)
        child.stdin.flush()


def _close_pipes(child: "subprocess.Popen[bytes]") -> None:
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(BrokenPipeError):
            assert pipe is not None
            pipe.close()


_HEARTS: "Final[weakref.WeakKeyDictionary[Store, Heart]]" = weakref.WeakKeyDictionary()
_HEARTS_LOCK: Final = threading.Lock()


def heart_of(store: Store) -> Heart:
    """The heart of all runs of this process in a store; it ends with the store, or with the process."""
    with _HEARTS_LOCK:
        heart = _HEARTS.get(store)
        if heart is None:
            heart = _HEARTS[store] = Heart(store.database.address)
            store.at_close(heart.close)
            weakref.finalize(store, heart.close)
        return heart


def beat_until_parent_ends(greeting: Greeting, lines: Lines, say: Callable[[bytes], object]) -> None:
    """The child's work: beat for what it is told to until the pipe ends or the parent is gone.

    Children that the parent forked may hold the pipe's other end open, so the parent itself is looked at, too.
    """
    store = open_store(greeting.address, max_connections=1, sweep=False)
    held: dict[_Key, Lease] = {}
    due = time.monotonic()
    try:
        while True:
            try:
                line = lines.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                if liveness(greeting.parent) == "gone":
                    return
                due = time.monotonic() + greeting.beat
                for key, lease in list(held.items()):
                    _beat(store, held, key, lease, say)
                continue
            if not line.strip():
                return
            order = msgspec.json.decode(line, type=Order)
            if order.is_over:
                held.pop(_key(order.lease), None)
            else:
                _beat(store, held, _key(order.lease), order.lease, say)
    finally:
        store.close()


def _beat(
    store: Store, held: dict[_Key, Lease], key: _Key, lease: Lease, say: Callable[[bytes], object]
) -> None:
    held[key] = replace(lease, counter=lease.counter + 1)
    try:
        if not store.extend_lease(lease, lease.counter + 1):
            del held[key]
            say(msgspec.json.encode(lease) + b"\n")
    except StoreError:
        pass  # out of reach for now: the next beat may arrive


def _read_lines(pipe: BinaryIO, lines: Lines) -> None:
    for line in pipe:
        lines.put(line)
    lines.put(b"")


def main() -> int:
    """The child's whole life."""
    line = sys.stdin.buffer.readline()
    if not line.strip():
        return 0
    lines: Lines = queue.SimpleQueue()
    threading.Thread(target=_read_lines, args=(sys.stdin.buffer, lines), daemon=True).start()
    stdout: Final = sys.stdout.fileno()
    with contextlib.suppress(BrokenPipeError):  # the parent is gone
        beat_until_parent_ends(
            msgspec.json.decode(line, type=Greeting), lines, lambda text: os.write(stdout, text)
        )
    os._exit(0)  # the thread may still wait for a line


if __name__ == "__main__":
    sys.exit(main())
