"""A signal that reaches a child of a run's process is not a signal to the run (T13, I12)."""

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import RetryPolicy, asset
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.run.executors.processes import ProcessExecutor
from treadle.store.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


@asset(timeout=0.3, retry_policy=RetryPolicy(max_retries=1))
def slow():
    time.sleep(3600)


@asset
def quick():
    time.sleep(1.0)
    return 1


@asset(deps=[quick])
def later():
    return 2


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_a_step_that_takes_too_long_leaves_the_others_alone(how: str, instance: Instance) -> None:
    """T13: with the signals of the run's process handled, as on the command line."""
    result = run([slow, quick, later], instance, how, handle_signals=True)
    assert result.status is RunStatus.FAILURE
    assert result.get_failed_step_keys() == {"slow"}
    assert result.retry_attempts_for_node("slow") == 1
    assert result.asset_value("later") == 2


@asset(retry_policy=RetryPolicy(max_retries=1))
def terminates_itself(context):
    if context.retry_number == 0:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(3600)
    return "again"


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_a_worker_that_gets_sigterm_from_elsewhere_loses_only_its_attempt(
    how: str, instance: Instance
) -> None:
    result = run([terminates_itself, quick], instance, how)
    assert result.success
    assert result.asset_value("terminates_itself") == "again"
    (retried,) = [event for event in result.events if event.type is EventType.STEP_UP_FOR_RETRY]
    assert "SIGTERM" in retried.data.error.cause.message


@asset
def ends_its_own_child():
    child = os.fork()
    if child == 0:
        signal.raise_signal(signal.SIGTERM)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status)


def test_sigterm_to_a_forked_child_of_a_step_ends_that_child_only(instance: Instance) -> None:
    result = run([ends_its_own_child, quick], instance)
    assert result.success
    assert result.asset_value("ends_its_own_child") == signal.SIGTERM


def test_a_step_that_ends_at_its_timeout_does_not_use_up_the_grace(instance: Instance) -> None:
    """T13: nor does one that ends late, with a result of its own."""
    result = run([slow, swallows_the_signal, later, quick], instance, ProcessExecutor(4, grace=3600))
    assert result.get_failed_step_keys() == {"slow", "swallows_the_signal"}
    assert result.asset_value("later") == 2


@asset(timeout=0.3)
def swallows_the_signal():
    with contextlib.suppress(KeyboardInterrupt):
        time.sleep(3600)
    return 1


@asset(timeout=0.2)
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(0.01)


@asset
def soon():
    time.sleep(0.6)


@asset(deps=[soon])
def after_soon():
    return 1


def test_other_steps_go_on_while_one_is_being_ended(instance: Instance) -> None:
    result = run([stubborn, soon, after_soon], instance, ProcessExecutor(2, grace=6.0))
    assert result.get_failed_step_keys() == {"stubborn"}
    ends = [
        event.step_key
        for event in result.events
        if event.type in (EventType.STEP_SUCCESS, EventType.STEP_FAILURE)
    ]
    assert ends == ["soon", "after_soon", "stubborn"]
