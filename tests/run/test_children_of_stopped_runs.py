"""A run that is stopped ends the processes that its steps started, and nobody else's (I12)."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import asset
from treadle.core.run_states import RunStatus
from treadle.store.instance import Instance

Children = list["subprocess.Popen[bytes]"]


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


@pytest.fixture
def started() -> Iterator[Children]:
    """Processes, which end with the test."""
    made: Children = []
    yield made
    for child in made:
        child.kill()
        child.wait()


def start(started: Children) -> None:
    started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))


def stopped_run(instance: Instance, within: Callable[[], None]) -> None:
    """A run whose step does something, and is then asked to stop."""

    @asset
    def slow(context) -> None:
        within()
        instance.report_run_canceling(context.run)
        time.sleep(2)  # within that the run has looked; in the main thread it is interrupted

    @asset(deps=[slow])
    def after() -> None: ...

    assert run([slow, after], instance).status is RunStatus.CANCELED


def in_a_thread(action: Callable[[], None]) -> None:
    raised: list[BaseException] = []

    def act() -> None:
        try:
            action()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    thread.join()
    for error in raised:
        raise error


def test_what_a_step_started_and_left_ends_with_the_only_run(instance: Instance, started: Children) -> None:
    stopped_run(instance, lambda: start(started))
    assert started[0].wait(30) is not None


def test_a_run_in_a_thread_leaves_the_programs_processes_alone(instance: Instance, started: Children) -> None:
    in_a_thread(lambda: stopped_run(instance, lambda: start(started)))
    assert started[0].poll() is None


def test_so_does_one_beside_which_another_goes_on(instance: Instance, started: Children) -> None:
    may_end, goes_on = threading.Event(), threading.Event()

    @asset
    def other() -> None:
        goes_on.set()
        assert may_end.wait(60)

    thread = threading.Thread(target=run, args=([other], instance))
    thread.start()
    assert goes_on.wait(60)
    stopped_run(instance, lambda: start(started))
    may_end.set()
    thread.join()
    assert started[0].poll() is None


def test_so_does_a_run_within_a_step_of_another(instance: Instance, started: Children) -> None:
    @asset
    def outer() -> None:
        stopped_run(instance, lambda: start(started))

    assert run([outer], instance).success
    assert started[0].poll() is None


def test_workers_of_a_run_in_another_thread_go_on(instance: Instance) -> None:
    """One run is asked to stop; that which has processes is not."""
    done: list[bool] = []

    @asset
    def other() -> None:
        time.sleep(4)

    def start_other() -> None:
        threads.append(threading.Thread(target=lambda: done.append(run([other], instance, "fork").success)))
        threads[0].start()
        time.sleep(1)

    threads: list[threading.Thread] = []
    stopped_run(instance, start_other)
    threads[0].join()
    assert done == [True]
