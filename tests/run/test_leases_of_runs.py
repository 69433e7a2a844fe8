"""A run on PostgreSQL keeps its lease by a heartbeat process, however long user code holds the GIL (T01, I3)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from treadle.core.run_states import RunStatus
from treadle.store import Store, open_store
from treadle.store.instance import Instance
from treadle.store.liveness import LeaseWatch

ROOT = Path(__file__).parents[2]
TTL = 1.0

SCRIPT = """
import ctypes, sys, time
from pathlib import Path
from tests.run.running import run
from treadle import asset
from treadle.store import heartbeat, open_store
from treadle.store.instance import Instance

heartbeat.Heart.__init__.__defaults__ = (0.1,)  # seconds between beats
ready, seconds = Path(sys.argv[2]), int(sys.argv[3])

@asset
def holds_the_gil():
    ready.write_text("now")
    ctypes.PyDLL(None).usleep(seconds * 1_000_000)  # called without letting the GIL go

result = run([holds_the_gil], Instance(open_store(sys.argv[1]), ready.parent))
print(result.status.value)
"""


class RunElsewhere:
    """A run in a process of its own."""

    def __init__(self, url: str, folder: Path, seconds: int) -> None:
        self.ready = folder / "ready"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, url, str(self.ready), str(seconds)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            start_new_session=True,
        )

    def end(self) -> None:
        for process in psutil.Process(self.process.pid).children(recursive=True):
            process.kill()
        self.process.kill()
        self.process.communicate(timeout=60)


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    made = open_store(postgres_url)
    yield made
    made.close()


@pytest.fixture
def start(postgres_url: str, tmp_path: Path) -> Iterator[Callable[[int], RunElsewhere]]:
    begun: list[RunElsewhere] = []

    def start_one(seconds: int) -> RunElsewhere:
        begun.append(RunElsewhere(postgres_url, tmp_path, seconds))
        wait_until(begun[-1].ready.exists)
        return begun[-1]

    yield start_one
    for each in begun:
        if each.process.poll() is None:
            each.end()


def wait_until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found


@pytest.mark.services
def test_a_run_that_holds_the_gil_for_three_times_the_limit_keeps_its_lease(
    store: Store, start: Callable[[int], RunElsewhere]
) -> None:
    busy = start(4)
    wait_until(lambda: store.list_leases()[0].counter > 0)
    watch = LeaseWatch(ttl=TTL)
    counters: set[int] = set()
    looked = time.monotonic()
    while time.monotonic() < looked + 3 * TTL:
        leases = store.list_leases()
        assert watch.observe(leases, time.monotonic()) == []
        counters.update(lease.counter for lease in leases)
        time.sleep(0.05)
    assert len(counters) > 3
    output, _ = busy.process.communicate(timeout=60)
    assert output.strip() == "SUCCESS"
    assert store.list_leases() == []
    (run,) = Instance(store).get_runs()
    assert run.status is RunStatus.SUCCESS


@pytest.mark.services
def test_a_killed_run_is_ended_at_once_here_and_after_the_limit_elsewhere(
    store: Store, start: Callable[[int], RunElsewhere], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = start(60)
    wait_until(lambda: store.list_leases()[0].counter > 0)
    os.kill(dead.process.pid, signal.SIGKILL)
    dead.process.communicate(timeout=60)  # its heartbeat has ended, too: it would hold stdout open
    watch = LeaseWatch(ttl=TTL)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("treadle.store.liveness._machine", lambda: ("another boot", "ns"))
        assert store.reap_dead_leases(time.time()) == []
        still = wait_until(lambda: _stands_still(store))
        first = time.monotonic()
        assert watch.observe(still, first) == []
        assert watch.observe(still, first + TTL / 2) == []
        assert watch.observe(still, first + TTL) == still
    (reaped,) = store.reap_dead_leases(time.time())
    assert reaped.run_id == still[0].run_id
    (run,) = Instance(store).get_runs()
    assert (run.status, run.end_reason) == (RunStatus.FAILURE, "worker-lost")


def _stands_still(store: Store) -> Any:
    before = store.list_leases()
    time.sleep(0.5)
    return before if store.list_leases() == before else None


def test_runs_on_other_stores_start_no_process(tmp_path: Path) -> None:
    from tests.run.running import run
    from treadle import asset

    children: list[int] = []

    @asset
    def looks():
        children.extend(process.pid for process in psutil.Process().children())

    with Instance.at(tmp_path / "home") as instance:
        assert run([looks], instance).success
    assert children == []
