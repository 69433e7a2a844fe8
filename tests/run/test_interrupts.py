"""A run that is told to stop ends CANCELED, whatever user code makes of the signal (T20, I12)."""

import asyncio
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import RetryPolicy, asset, failure_hook, materialize
from treadle.core.run_states import RunStatus
from treadle.store.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


@asset
def swallows() -> None:
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        return


@asset
def handles() -> None:
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.raise_signal(signal.SIGINT)


@asset(retry_policy=RetryPolicy(max_retries=3))
def raises_another() -> None:
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        raise ValueError("while stopping")


@asset
async def awaits() -> None:
    signal.raise_signal(signal.SIGINT)
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    "stubborn", [swallows, handles, raises_another, awaits], ids=lambda made: made.__name__
)
def test_whatever_user_code_does_with_ctrl_c_the_run_is_canceled(stubborn: Any, instance: Instance) -> None:
    @asset(deps=[stubborn])
    def after() -> None: ...

    result = run([stubborn, after], instance)
    assert result.status is RunStatus.CANCELED
    assert result.is_node_untouched("after")
    assert result.retry_attempts_for_node(stubborn.key.to_user_string()) == 0
    assert instance.store.find_run(result.run_id).status is RunStatus.CANCELED


def test_ctrl_c_cancels_coroutines_in_threads(instance: Instance) -> None:
    @asset
    async def waits() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(3600)

    assert run([waits], instance, "threads").status is RunStatus.CANCELED


def test_a_second_ctrl_c_does_not_wait_for_threads(instance: Instance) -> None:
    """Nothing can end them: the run is over, and what they still say is not of it."""
    over = threading.Event()
    threads: list[threading.Thread] = []

    @asset
    def stubborn(context) -> int:
        threads.append(threading.current_thread())
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        over.wait()
        context.log.info("too late")
        print("too late, too")
        return 1

    result = run([stubborn], instance, "threads")
    told = len(result.events)
    assert result.status is RunStatus.CANCELED
    assert result.get_failed_step_keys() == {"stubborn"}
    over.set()
    threads[0].join()
    assert len(result.events) == told
    assert list(Path(instance.storage_directory()).rglob("stubborn")) == []
    assert instance.store.find_run(result.run_id).status is RunStatus.CANCELED


def test_materialize_ends_with_the_interrupt_after_the_run_is_stored(instance: Instance) -> None:
    alarms: list[str] = []

    @failure_hook
    def alarm(context) -> None:
        alarms.append(context.step_key)

    @asset
    def plain() -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        materialize([plain.with_hooks({alarm})], instance=instance)
    (stored,) = instance.get_runs()
    assert stored.status is RunStatus.CANCELED
    assert alarms == []


def test_handlers_are_as_they_were_after_a_run() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    @asset
    def plain() -> None: ...

    materialize([plain])
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.fixture
def handlers_restored() -> Any:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


@asset
def terminated() -> None:
    signal.raise_signal(signal.SIGTERM)
    time.sleep(0.1)


@asset(deps=[terminated])
def after_that() -> None: ...


@pytest.mark.usefixtures("handlers_restored")
def test_a_program_with_a_handler_of_its_own_goes_on_after_its_run_is_canceled(instance: Instance) -> None:
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    result = materialize([terminated, after_that], instance=instance, raise_on_error=False)
    assert (result.success, heard) == (False, [signal.SIGTERM])
    assert instance.get_run_by_id(result.run_id).status is RunStatus.CANCELED


@pytest.mark.usefixtures("handlers_restored")
def test_an_event_loop_hears_of_a_signal_that_came_during_a_run(instance: Instance) -> None:
    """As servers listen: `loop.add_signal_handler` reads numbers from a descriptor of its own."""

    async def serve() -> bool:
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        result = materialize([terminated, after_that], instance=instance, raise_on_error=False)
        await asyncio.wait_for(stopped.wait(), 5)
        return result.success

    assert asyncio.run(serve()) is False


@pytest.mark.usefixtures("handlers_restored")
def test_a_repeating_timer_of_the_program_goes_on_after_a_step_with_a_timeout(instance: Instance) -> None:
    @asset(timeout=30)
    def quick() -> None: ...

    rung: list[int] = []
    signal.signal(signal.SIGALRM, lambda number, _frame: rung.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    materialize([quick], instance=instance)
    rung.clear()
    deadline = time.monotonic() + 5
    while len(rung) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(rung) >= 2
