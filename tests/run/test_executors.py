"""One behaviour, every executor: values, order, failures, retries, limits (issue §3, S1-14, S1-46)."""

import asyncio
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import (
    AssetKey,
    DataVersion,
    Failure,
    Output,
    RetryPolicy,
    RetryRequested,
    asset,
    asyncio_executor,
    execute_job,
    in_process_executor,
    job,
    materialize,
    multiprocess_executor,
    op,
    threaded_executor,
)
from treadle.core.errors import UnmetExecutorRequirementsError
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.run.executors.choose import executor_by_name
from treadle.run.executors.limits import TagLimit
from treadle.run.executors.processes import ProcessExecutor
from treadle.run.io_managers.memory import InMemoryIOManager
from treadle.store.instance import Instance

EVERY = ["in_process", "threads", "asyncio", "fork", "spawn"]


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


@asset
def a():
    return 1


@asset
def b(a):
    return a + 1


@asset
def c(a, b):
    return a + b


@asset
def broken(a):
    raise ValueError("no")


@asset
def below(broken):
    return 1


@pytest.mark.parametrize("how", EVERY)
def test_values_flow_and_bystanders_of_a_failure_run(how: str, instance: Instance) -> None:
    result = run([a, b, c, broken, below], instance, how)
    assert not result.success
    assert result.asset_value("c") == 3
    assert result.get_failed_step_keys() == {"broken"}
    assert result.is_node_untouched("below")
    stored = instance.store.find_run(result.run_id)
    assert stored.status is RunStatus.FAILURE
    assert stored.tags["dagster/failure_reason"] == "STEP_FAILURE"
    log = [item.event for item in instance.store.read_events(result.run_id)]
    assert [event.sequence for event in log] == list(range(1, len(log) + 1))
    failure = next(event for event in log if event.type is EventType.STEP_FAILURE)
    assert failure.data.error.cause.class_name == "ValueError"
    assert "raise ValueError" in failure.data.error.cause.stack


@asset(retry_policy=RetryPolicy(max_retries=2, delay=0.05))
def flaky(context):
    if context.retry_number < 2:
        raise ValueError("not yet")
    return context.retry_number


@pytest.mark.parametrize("how", EVERY)
def test_a_step_is_tried_again_after_its_delay(how: str, instance: Instance) -> None:
    """S1-46, I11."""
    result = run([flaky], instance, how)
    assert result.success
    assert result.asset_value("flaky") == 2
    assert result.retry_attempts_for_node("flaky") == 2
    kinds = [event.type for event in result.events if event.step_key == "flaky"]
    assert kinds.count(EventType.STEP_UP_FOR_RETRY) == 2


@asset
def reads_own_log(context):
    context.log.info("written before it is read")
    lines = [entry.message for entry in context.instance.all_logs(context.run.run_id)]
    return "written before it is read" in lines


@pytest.mark.parametrize("how", EVERY)
def test_user_code_that_asks_the_instance_finds_what_it_just_wrote(how: str, instance: Instance) -> None:
    assert run([reads_own_log], instance, how).asset_value("reads_own_log") is True


@asset(deps=[a])
def versioned():
    return Output(1, data_version=DataVersion("v7"))


@asset
def reads_version(versioned):
    return 1


@pytest.mark.parametrize("how", ["in_process", "fork"])
def test_input_versions_are_those_of_this_run(how: str, instance: Instance) -> None:
    run([a, versioned, reads_version], instance, how)
    state = instance.latest_states([(AssetKey("reads_version"), None)])[AssetKey("reads_version"), None]
    assert state.input_versions == {"versioned": "v7"}


def test_independent_coroutines_run_side_by_side(instance: Instance) -> None:
    order: list[str] = []
    both = asyncio.Barrier

    meeting: list[Any] = []

    def make(name: str) -> Any:
        @asset(name=name)
        async def waits():
            if not meeting:
                meeting.append(both(2))
            await asyncio.wait_for(meeting[0].wait(), 5)
            order.append(name)
            return name

        return waits

    result = run([make("x"), make("y")], instance)
    assert result.success
    assert sorted(order) == ["x", "y"]


def test_coroutines_also_run_where_a_loop_is_running_already() -> None:
    @asset
    async def inner():
        await asyncio.sleep(0)
        return 5

    async def notebook() -> Any:
        return materialize([inner])

    assert asyncio.run(notebook()).asset_value("inner") == 5


def test_an_asynchronous_step_that_takes_too_long_fails(instance: Instance) -> None:
    @asset(timeout=0.05)
    async def endless():
        await asyncio.sleep(60)

    result = run([endless], instance)
    error = next(e for e in result.events if e.type is EventType.STEP_FAILURE).data.error
    assert error.code == "step-timeout"


def test_a_step_in_the_main_thread_that_takes_too_long_fails(instance: Instance) -> None:
    @asset(timeout=0.05)
    def endless():
        time.sleep(60)

    result = run([endless], instance)
    assert result.get_failed_step_keys() == {"endless"}


def test_a_run_that_takes_too_long_fails_with_its_reason(instance: Instance) -> None:
    @asset
    def endless():
        time.sleep(60)

    result = run([endless], instance, timeout=0.1)
    assert result.status is RunStatus.FAILURE
    assert instance.store.find_run(result.run_id).tags["dagster/failure_reason"] == "RUN_TIMEOUT"


def test_threads_run_side_by_side(instance: Instance) -> None:
    barrier = threading.Barrier(2, timeout=5)

    def make(name: str) -> Any:
        @asset(name=name)
        def waits() -> None:
            barrier.wait()

        return waits

    assert run([make("x"), make("y")], instance, "threads").success


@asset(op_tags={"api": "maps"})
def first() -> None:
    _alone_in(os.environ["TEST_FOLDER"])


@asset(op_tags={"api": "maps"})
def second() -> None:
    _alone_in(os.environ["TEST_FOLDER"])


def _alone_in(folder: str) -> None:
    marker = Path(folder) / "busy"
    marker.mkdir()
    time.sleep(0.1)
    marker.rmdir()


def test_a_tag_limit_keeps_steps_apart(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_FOLDER", str(tmp_path))
    limited = ProcessExecutor(2, (TagLimit("api", 1),), start="fork")
    assert run([first, second], instance, limited).success


@asset(pool="db")
def pooled_one() -> None:
    _alone_in(os.environ["TEST_FOLDER"])


@asset(pool="db")
def pooled_two() -> None:
    _alone_in(os.environ["TEST_FOLDER"])


def test_a_pool_keeps_steps_apart_and_is_free_afterwards(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_FOLDER", str(tmp_path))
    instance.store.set_pool_limit("db", 1)
    assert run([pooled_one, pooled_two], instance, "fork").success
    assert instance.store.pool_holders("db") == []


def test_a_slot_is_free_while_its_step_waits_for_a_retry(instance: Instance) -> None:
    """T16."""
    held: list[Any] = []

    @asset(pool="db", retry_policy=RetryPolicy(max_retries=1, delay=0.2))
    def fails_once(context) -> None:
        if context.retry_number == 0:
            raise ValueError("once")

    @asset(pool="db")
    def other() -> None:
        held.append(instance.store.pool_holders("db"))

    instance.store.set_pool_limit("db", 1)
    assert run([fails_once, other], instance).success
    assert [[step for _, step in holders] for holders in held] == [["other"]]


def test_values_in_memory_do_not_reach_other_processes(instance: Instance) -> None:
    with pytest.raises(UnmetExecutorRequirementsError, match="memory of one process"):
        run([a, b], instance, "fork", resources={"io_manager": InMemoryIOManager()}).raise_if_failed()


def test_a_failure_that_allows_no_retries_ends_the_step(instance: Instance) -> None:
    @asset(retry_policy=RetryPolicy(max_retries=3))
    def stops():
        raise Failure("for good", allow_retries=False)

    assert run([stops], instance).retry_attempts_for_node("stops") == 0


@pytest.mark.parametrize(
    "settings",
    [{"max_concurrent": 2}, {"tag_concurrency_limits": [{"key": "api", "value": "maps", "limit": 2}]}],
)
def test_the_asyncio_executor_runs_as_many_coroutines_as_it_is_told(
    settings: dict[str, Any], instance: Instance
) -> None:
    running: list[int] = [0]
    most: list[int] = []

    def make(name: str) -> Any:
        @asset(name=name, op_tags={"api": "maps"})
        async def counts() -> None:
            running[0] += 1
            most.append(running[0])
            await asyncio.sleep(0)
            running[0] -= 1

        return counts

    chosen = executor_by_name("asyncio", asyncio_executor.configured(settings).settings())
    assert run([make(name) for name in "abcde"], instance, chosen).success
    assert max(most) == 2


@pytest.mark.parametrize(
    ("definition", "settings"),
    [
        (in_process_executor, {"retries": {"disabled": {}}}),
        (threaded_executor, {"retries": {"disabled": {}}}),
        (multiprocess_executor, {"retries": {"disabled": {}}}),
        (None, {"in_process": {"retries": {"disabled": {}}}}),
    ],
)
@pytest.mark.parametrize("asked", [ValueError("no"), RetryRequested(max_retries=2)])
def test_an_executor_may_disable_retries(
    definition: Any, settings: dict[str, Any], asked: Exception, instance: Instance
) -> None:
    @op(retry_policy=RetryPolicy(max_retries=2))
    def fails() -> None:
        raise asked

    @job(executor_def=definition)
    def failing() -> None:
        fails()

    result = execute_job(failing, instance, run_config={"execution": {"config": settings}})
    kinds = [event.type for event in result.events if event.step_key == "fails"]
    assert kinds.count(EventType.STEP_FAILURE) == 1 and EventType.STEP_UP_FOR_RETRY not in kinds
