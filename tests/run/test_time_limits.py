"""`timeout=` of steps and runs, in every way of execution (T13); and a cancel that comes from elsewhere (I12)."""

import asyncio
import ctypes
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.run.running import executor, run
from treadle import Output, RetryPolicy, asset, define_asset_job, mem_io_manager
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.run.execute import chosen_executor, execute_plan
from treadle.run.executors.in_process import InProcessExecutor
from treadle.run.executors.processes import ProcessExecutor
from treadle.store.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


def failure_of(result: Any, step: str) -> Any:
    return next(
        event.data.error
        for event in result.events
        if event.type is EventType.STEP_FAILURE and event.step_key == step
    )


@asset(timeout=0.5, pool="c", retry_policy=RetryPolicy(max_retries=1))
def blocks_in_c():
    signal.signal(
        signal.SIGTERM, signal.SIG_IGN
    ) if threading.current_thread() is threading.main_thread() else None
    ctypes.PyDLL(None).usleep(3_600_000_000)  # neither lets the GIL go nor returns


@asset(pool="c")
def wants_the_slot():
    return 1


@asset
def beside():
    return 1


@pytest.mark.parametrize("how", ["fork", "spawn", "threads"])
def test_a_step_that_blocks_in_c_is_killed_at_its_timeout(how: str, instance: Instance) -> None:
    """T13: it counts as a failed attempt, its slot is free, and only this step is ended; in threads, too."""
    instance.store.set_pool_limit("c", 1)
    result = run([blocks_in_c, wants_the_slot, beside], instance, how)
    assert result.retry_attempts_for_node("blocks_in_c") == 1
    assert result.get_failed_step_keys() == {"blocks_in_c"}
    assert failure_of(result, "blocks_in_c").cause.class_name == "TimeoutError"
    assert [pool.held for pool in instance.store.pools()] == [0]


@asset(timeout=0.5)
def leaves_a_session_behind():
    child = subprocess.Popen(["sleep", "3600"], start_new_session=True)
    Path(os.environ["TEST_FILE"]).write_text(str(child.pid), encoding="utf-8")
    time.sleep(3600)


def test_the_whole_tree_of_a_step_is_ended_at_its_timeout(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T13: also what left the step's session."""
    file = tmp_path / "pid"
    monkeypatch.setenv("TEST_FILE", str(file))
    assert not run([leaves_a_session_behind], instance, "fork").success
    wait_until(lambda: not alive(int(file.read_text(encoding="utf-8"))))


@asset(timeout=0.3)
def sleeps():
    time.sleep(3600)


def test_in_process_an_alarm_ends_the_step(instance: Instance) -> None:
    result = run([sleeps, beside], instance)
    assert failure_of(result, "sleeps").cause.class_name == "TimeoutError"
    assert result.is_node_success("beside")


@asset(timeout=0.3)
def tries_again():
    for _ in range(3):
        try:
            time.sleep(1)
        except Exception:
            continue
    return "done"


@asset(timeout=0.3)
def catches_for_ever():
    while True:
        try:
            time.sleep(60)
        except Exception:
            continue


@asset(timeout=0.3)
def catches_everything():
    with suppress(BaseException):
        time.sleep(60)
    return "done"


@asset(timeout=0.3)
def yields_late():
    with suppress(BaseException):
        time.sleep(60)
    yield Output(1)


@asset(timeout=0.3)
async def catches_its_cancellation():
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    return "done"


@asset(timeout=0.3)
async def blocks_its_loop():
    time.sleep(0.5)
    return "done"


_STUBBORN = [
    tries_again,
    catches_for_ever,
    catches_everything,
    yields_late,
    catches_its_cancellation,
    blocks_its_loop,
]


@pytest.mark.parametrize("stubborn", _STUBBORN, ids=lambda made: made.key.to_user_string())
def test_a_step_that_catches_the_error_of_its_timeout_has_still_failed(
    stubborn: Any, instance: Instance
) -> None:
    """What it returns too late is not stored; the alarm comes again while it goes on."""
    name = stubborn.key.to_user_string()
    result = run([stubborn, beside], instance)
    assert failure_of(result, name).code == "step-timeout"
    assert result.get_failed_step_keys() == {name}
    assert result.status is RunStatus.FAILURE
    assert instance.get_latest_materialization_event(stubborn.key) is None
    assert result.is_node_success("beside")


def test_a_step_in_a_thread_that_returns_too_late_has_failed(instance: Instance) -> None:
    """Where nothing could end it, because what it needs cannot be in another process."""

    @asset(timeout=0.2)
    def late() -> int:
        time.sleep(0.4)
        return 1

    result = run([late], instance, "threads", resources={"io_manager": mem_io_manager})
    assert failure_of(result, "late").code == "step-timeout"


@pytest.mark.parametrize("how", ["in_process", "threads", "asyncio"])
@pytest.mark.parametrize("kind", ["plain", "async"])
def test_a_run_whose_last_step_returns_too_late_has_failed(how: str, kind: str, instance: Instance) -> None:
    """Whatever user code catches, or blocks."""

    @asset
    def plain() -> int:
        with suppress(BaseException):
            time.sleep(0.5)
        return 1

    @asset
    async def blocking() -> int:
        time.sleep(0.5)
        return 1

    made = plain if kind == "plain" else blocking
    result = run([made], instance, how, timeout=0.2, resources={"io_manager": mem_io_manager})
    assert result.status is RunStatus.FAILURE
    stored = instance.get_run_by_id(result.run_id)
    assert stored.tags["dagster/failure_reason"] == "RUN_TIMEOUT"


@pytest.mark.parametrize("how", ["in_process", "asyncio"])
def test_in_process_in_another_thread_the_step_gets_a_process(how: str, instance: Instance) -> None:
    """There are no alarms outside of the main thread."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(run([sleeps, beside], instance, how)))
    thread.start()
    thread.join()
    assert failure_of(results[0], "sleeps").cause.class_name == "TimeoutError"
    assert results[0].is_node_success("beside")


@asset(timeout=60)
def quick():
    return 1


def test_a_limit_that_cannot_hold_is_told(instance: Instance) -> None:
    """Values in this process's memory cannot be in another one: the step runs, and the log says what is missing."""
    result = run([quick], instance, "threads", resources={"io_manager": mem_io_manager})
    assert result.success
    assert any("limits of steps do not hold" in event.message for event in result.events)


def test_what_needs_killing_gets_processes(instance: Instance) -> None:
    """The command line and `execute_job` choose so; in-memory IO managers and `async def` stay in process."""

    @asset(timeout=5)
    async def waits(): ...

    def chosen(made: Any, timeout: float | None = None, **resources: Any) -> type:
        code = build_code(assets=[made], resources=resources)
        plan = plan_assets(code.catalog, [made.key])
        return type(chosen_executor(code, plan, None, {}, timeout))

    assert chosen(beside) is InProcessExecutor
    assert chosen(quick) is ProcessExecutor
    assert chosen(beside, 10.0) is ProcessExecutor
    assert chosen(waits) is InProcessExecutor
    assert chosen(quick, io_manager=mem_io_manager) is InProcessExecutor


@asset
def blocks_for_ever():
    ctypes.PyDLL(None).usleep(3_600_000_000)


@pytest.mark.parametrize("how", ["fork", "threads"])
def test_a_run_that_blocks_in_c_is_ended_at_its_timeout(how: str, instance: Instance) -> None:
    """T13: "run timeout likewise"."""
    result = run([blocks_for_ever], instance, how, timeout=0.5)
    assert result.status is RunStatus.FAILURE
    stored = instance.get_run_by_id(result.run_id)
    assert stored.tags["dagster/failure_reason"] == "RUN_TIMEOUT"


@asset
async def awaits_for_ever():
    await asyncio.sleep(3600)


@asset
async def yields_for_ever():
    await asyncio.sleep(3600)
    yield Output(1)


@asset
def returns_a_coroutine():
    return asyncio.sleep(3600)


@pytest.mark.parametrize("how", ["in_process", "threads", "asyncio", "fork"])
def test_coroutines_are_ended_at_the_runs_timeout(how: str, instance: Instance) -> None:
    result = run([awaits_for_ever, yields_for_ever, returns_a_coroutine], instance, how, timeout=0.5)
    assert result.status is RunStatus.FAILURE
    stored = instance.get_run_by_id(result.run_id)
    assert stored.tags["dagster/failure_reason"] == "RUN_TIMEOUT"


def test_coroutines_in_threads_are_told_of_a_cancel_from_elsewhere(instance: Instance) -> None:
    said: list[str] = []

    @asset(retry_policy=RetryPolicy(max_retries=2))
    async def slow(context) -> None:
        context.instance.store.transition_run(context.run_id, RunStatus.CANCELING, time.time())
        try:
            await asyncio.sleep(3600)
        finally:
            said.append("cleaned up")

    result = run([slow], instance, "threads")
    assert result.status is RunStatus.CANCELED
    assert said == ["cleaned up"]


@pytest.mark.parametrize("by", ["job", "tag"])
def test_a_runs_timeout_comes_from_its_job_or_its_tag(by: str, instance: Instance) -> None:
    code = build_code(
        assets=[blocks_for_ever],
        jobs=[define_asset_job("limited", [blocks_for_ever], timeout=0.5 if by == "job" else None)],
    )
    plan = plan_assets(code.catalog, [blocks_for_ever.key], job_name="limited")
    result = execute_plan(
        code,
        plan,
        instance=instance,
        job_def=code.jobs["limited"],
        tags={"dagster/max_runtime": "0.5"} if by == "tag" else {},
        executor=executor("fork"),
    )
    assert result.status is RunStatus.FAILURE
    assert "timeout of 0.5 s" in str(result.events[-1].data.error.message)


# Cancelling from elsewhere


@asset
def waits_for_the_cancel(context) -> None:
    def cancel() -> None:
        context.instance.store.transition_run(context.run_id, RunStatus.CANCELING, time.time())

    thread = threading.Thread(target=cancel)
    thread.start()
    thread.join()
    time.sleep(3600)


def test_a_cancel_from_elsewhere_interrupts_a_step_in_process(instance: Instance) -> None:
    """I12: seen within a second, out of a call that waits; not as if someone had pressed Ctrl-C here."""
    result = run([waits_for_the_cancel, beside], instance)
    assert result.status is RunStatus.CANCELED
    assert instance.store.find_run(result.run_id).status is RunStatus.CANCELED


def test_a_cancel_ends_a_step_that_runs_apart_from_its_thread(instance: Instance) -> None:
    @asset(timeout=3000)
    def slow(context) -> None:
        context.instance.store.transition_run(context.run_id, RunStatus.CANCELING, time.time())
        time.sleep(3600)

    assert run([slow], instance, "threads").status is RunStatus.CANCELED


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(condition: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@asset(timeout=1e-5)
def hardly_begins():
    time.sleep(60)


@pytest.mark.parametrize("how", ["fork", "spawn", "threads"])
def test_a_step_that_is_killed_before_it_could_say_so_has_begun_and_failed(
    how: str, instance: Instance
) -> None:
    result = run([hardly_begins], instance, how)
    told = [event.type for event in result.events if event.step_key == "hardly_begins"]
    assert told.count(EventType.STEP_START) == 1
    assert told.index(EventType.STEP_START) < told.index(EventType.STEP_FAILURE)


class SlowToLoad:
    """Takes its time to come into another process."""

    def __reduce__(self) -> Any:
        return load_slowly, ()


def load_slowly() -> SlowToLoad:
    time.sleep(1)
    return SlowToLoad()


@asset(timeout=0.8)
def at_once():
    return 1


def test_the_start_of_an_interpreter_is_not_the_steps_time(instance: Instance) -> None:
    assert run([at_once], instance, "spawn", resources={"slow": SlowToLoad()}).success
