"""The worker processes of one run: started as they are needed, kept warm, ended with everything they started."""

import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Collection, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any

import attrs

from treadle.run.children import descendants, kill_processes
from treadle.run.workers.channel import Channel
from treadle.run.workers.fork_guard import StartMethod
from treadle.run.workers.guardian import Guardian, kill_group
from treadle.run.workers.spawning import SpawnedStart
from treadle.run.workers.worker import Worker, WorkerSetup, leave

GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL."""
EXIT_WAIT = 2.0
"""Seconds that an idle worker may take to end."""


class WorkerHandle:
    """A worker process as the run's process sees it."""

    def __init__(self, pid: int, channel: Channel, producer: str) -> None:
        self.pid = pid
        self.channel = channel
        self.producer = producer
        self.status: int | None = None
        """Its wait status, once it is gone."""

    def is_gone(self) -> bool:
        """True once the process has ended; reaps it."""
        if self.status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = self.pid, 0
            if pid:
                self.status = status
        return self.status is not None

    def wait_gone(self, seconds: float) -> bool:
        """Wait for its end for at most that long."""
        end = time.monotonic() + seconds
        pause = 0.001
        while not self.is_gone():
            if time.monotonic() >= end:
                return False
            time.sleep(pause)
            pause = min(pause * 2, 0.05)
        return True

    def how_it_ended(self) -> str:
        """`killed by SIGKILL`, `exited with status 3`."""
        status = self.status or 0
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return f"was killed by {signal.Signals(number).name}"
        return f"exited with status {os.WEXITSTATUS(status)}"


@attrs.frozen(eq=False)
class StoppingWorker:
    """A worker that was told to end, with all that it had started."""

    worker: WorkerHandle
    strays: list[Any]
    deadline: float
    """Monotonic time after which it is killed."""


class WorkerPool:
    """Starts and ends the workers of one run.

    Args:
        setup: what each worker gets.
        method: `fork` or `spawn`.
    """

    def __init__(self, setup: WorkerSetup, method: StartMethod) -> None:
        self._setup = setup
        self._guardian = Guardian()
        self._spawned = SpawnedStart(setup) if method == "spawn" else None
        self._started = 0
        self.workers: list[WorkerHandle] = []

    def start(self) -> WorkerHandle:
        """Start one more worker."""
        if not self.workers:
            self._guardian.start()
        self._started += 1
        producer = f"w{self._started}"
        handle = self._fork(producer) if self._spawned is None else self._spawn(self._spawned, producer)
        self.workers.append(handle)
        self._guardian.watch(handle.pid)
        return handle

    def kill(self, worker: WorkerHandle, grace: float = GRACE) -> None:
        """End a worker and all that it started: SIGTERM, then after the grace SIGKILL."""
        self._end([worker], grace)

    def begin_kill(self, worker: WorkerHandle, grace: float = GRACE) -> StoppingWorker:
        """Tell a worker to end (SIGTERM to its group) and do not wait; `end_kill` follows."""
        # What made a session of its own is no longer in the worker's process group.
        strays = [] if worker.is_gone() else descendants(worker.pid)
        if grace > 0 and not worker.is_gone():
            kill_group(worker.pid, signal.SIGTERM)
        return StoppingWorker(worker, strays, time.monotonic() + grace)

    def end_kill(self, stopping: StoppingWorker) -> None:
        """Kill what is left of it and of all that it had started."""
        self.bury(stopping.worker)
        kill_processes(stopping.strays)

    def bury(self, worker: WorkerHandle) -> None:
        """Forget a worker; whatever is left of its process group is killed."""
        if sys.platform != "win32":
            kill_group(worker.pid, signal.SIGKILL)
        worker.wait_gone(EXIT_WAIT)
        self._guardian.forget(worker.pid)
        worker.channel.close()
        if worker in self.workers:
            self.workers.remove(worker)

    def stop(self) -> None:
        """End every worker: idle ones are asked and given a moment, then killed with all that they started."""
        for worker in self.workers:
            try:
                worker.channel.send("exit")
            except (BrokenPipeError, OSError):
                continue
        end = time.monotonic() + EXIT_WAIT
        for worker in list(self.workers):
            worker.wait_gone(max(end - time.monotonic(), 0.0))
            self.bury(worker)
        self._guardian.stop()
        if self._spawned is not None:
            self._spawned.close()

    def kill_all(
        self, grace: float = GRACE, on_wait: Callable[[Collection[WorkerHandle]], bool] | None = None
    ) -> None:
        """End every worker at once, each with its whole tree.

        Args:
            grace: seconds between SIGTERM and SIGKILL.
            on_wait: is called with those that have not ended yet, again and again; True to kill them now.
        """
        self._end(list(self.workers), grace, on_wait)

    def _end(
        self,
        workers: Sequence[WorkerHandle],
        grace: float,
        on_wait: Callable[[Collection[WorkerHandle]], bool] | None = None,
    ) -> None:
        stopping = [self.begin_kill(worker, grace) for worker in workers]
        while stopping:
            for item in list(stopping):
                if item.worker.is_gone() or time.monotonic() >= item.deadline:
                    self.end_kill(item)
                    stopping.remove(item)
            if not stopping:
                return
            if on_wait is not None and on_wait([item.worker for item in stopping]):
                stopping = [attrs.evolve(item, deadline=0.0) for item in stopping]
            else:
                stopping[0].worker.wait_gone(0.02)

    def _fork(self, producer: str) -> WorkerHandle:
        ours, theirs = Pipe(duplex=True)
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            # From 3.12 on Python warns of threads that the fork guard has looked at.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            self._be_worker(Channel(theirs), [ours], producer)
        theirs.close()
        _own_group(pid)
        return WorkerHandle(pid, Channel(ours), producer)

    def _be_worker(self, channel: Channel, others: Sequence[Any], producer: str) -> None:
        """The forked child's life; never returns."""
        try:
            os.setsid()
            for connection in others:
                connection.close()
            for worker in self.workers:
                worker.channel.close()
            descriptor = self._guardian.descriptor()
            if descriptor is not None:
                os.close(descriptor)
            Worker(self._setup, channel, producer).serve()
        except BaseException:  # noqa: BLE001 - nothing may return into the code that was forked
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            os._exit(70)
        leave()

    def _spawn(self, spawned: SpawnedStart, producer: str) -> WorkerHandle:
        pid, channel = spawned.start(producer)
        return WorkerHandle(pid, channel, producer)


def wait_for(channels: Sequence[Channel], seconds: float) -> list[Channel]:
    """The channels that have a message, or whose other end is gone; waits at most that long."""
    if not channels:
        time.sleep(seconds)
        return []
    ready = {id(item) for item in wait([channel.connection for channel in channels], seconds)}
    return [channel for channel in channels if id(channel.connection) in ready]


def _own_group(pid: int) -> None:
    """A new session of the child's is its own group; until it has made it, signals to it are lost. Wait for that."""
    for _ in range(1000):
        try:
            if os.getpgid(pid) == pid:
                return
        except ProcessLookupError:
            return
        time.sleep(0.0005)
