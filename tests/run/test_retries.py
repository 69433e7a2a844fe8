"""Attempts are counted exactly (I11, T14): policies, requests of user code and crashes; and inputs that fan in."""

import os
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.run.running import executor, run
from treadle import AssetIn, AssetKey, Backoff, Failure, Jitter, RetryPolicy, RetryRequested, asset
from treadle.core.events import EventType
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.plan.plan import FanIn, FromStep, StepInput, decode_plan
from treadle.run.execute import execute_plan
from treadle.store.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every start of a step's code leaves a line here, whatever becomes of its process."""
    file = tmp_path / "starts"
    monkeypatch.setenv("TEST_FILE", str(file))
    return file


def note() -> None:
    descriptor = os.open(os.environ["TEST_FILE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, b"started\n")
    os.close(descriptor)


def count(starts: Path) -> int:
    return len(starts.read_text(encoding="utf-8").splitlines())


def of_type(result: Any, kind: EventType) -> int:
    return sum(event.type is kind for event in result.events)


@asset(retry_policy=RetryPolicy(max_retries=3))
def raises():
    note()
    raise ValueError("always")


@asset(retry_policy=RetryPolicy(max_retries=3))
def is_killed():
    note()
    os.kill(os.getpid(), signal.SIGKILL)


@asset(retry_policy=RetryPolicy(max_retries=3))
def exits():
    note()
    os._exit(3)


@asset(retry_policy=RetryPolicy(max_retries=3, delay=0.01, backoff=Backoff.EXPONENTIAL, jitter=Jitter.FULL))
def raises_after_a_pause():
    note()
    raise Failure("always")


@asset
def asks_again():
    note()
    raise RetryRequested(max_retries=3, seconds_to_wait=0.01)


@asset(retry_policy=RetryPolicy(max_retries=1))
def asks_more_often_than_its_policy():
    note()
    raise RetryRequested(max_retries=3)


@pytest.mark.parametrize(
    "made",
    [raises, is_killed, exits, raises_after_a_pause, asks_again, asks_more_often_than_its_policy],
    ids=lambda made: made.__name__,
)
def test_a_step_that_always_fails_starts_as_often_as_its_retries_allow(
    made: Any, instance: Instance, starts: Path
) -> None:
    """T14: `max_retries=3` is exactly four starts, crashes included."""
    result = run([made], instance, "fork")
    assert not result.success
    assert count(starts) == 4
    assert result.retry_attempts_for_node(made.key.to_user_string()) == 3
    assert of_type(result, EventType.STEP_UP_FOR_RETRY) == 3
    assert of_type(result, EventType.STEP_RESTARTED) == 3
    assert of_type(result, EventType.STEP_FAILURE) == 1


@pytest.mark.parametrize("how", ["in_process", "threads", "fork"])
def test_it_ends_with_the_attempt_that_succeeds(how: str, instance: Instance, starts: Path) -> None:
    @asset
    def third_time(context):
        note()
        if context.retry_number < 2:
            raise RetryRequested(max_retries=5)
        return context.retry_number

    result = run([third_time], instance, how)
    assert result.success
    assert count(starts) == 3
    assert result.asset_value("third_time") == 2


def test_a_failure_that_allows_no_retries_starts_once(instance: Instance, starts: Path) -> None:
    @asset(retry_policy=RetryPolicy(max_retries=3))
    def final():
        note()
        raise Failure("for good", allow_retries=False)

    assert not run([final], instance).success
    assert count(starts) == 1


def test_a_crash_and_an_error_use_up_the_same_retries(instance: Instance, starts: Path) -> None:
    @asset(retry_policy=RetryPolicy(max_retries=2))
    def mixed(context):
        note()
        if context.retry_number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        raise ValueError("not the crash")

    assert not run([mixed], instance, "fork").success
    assert count(starts) == 3


# Fan-in


@asset
def one():
    return 1


@asset
def two():
    return 2


@pytest.mark.parametrize("how", ["in_process", "fork"])
def test_an_input_that_fans_in_is_a_list_in_order(how: str, instance: Instance) -> None:
    """A plan may give one input several sources; the plan survives being stored."""

    @asset(ins={"values": AssetIn("one")})
    def total(values):
        return values

    code = build_code(assets=[one, two, total], resources={})
    plan = plan_assets(code.catalog, [AssetKey("one"), AssetKey("two"), AssetKey("total")])
    source = FanIn(sources=(FromStep(step_key="two"), FromStep(step_key="one")))
    steps = [
        msgspec.structs.replace(
            step,
            inputs=(StepInput(name="values", source=source),),
            after=(("one", "result"), ("two", "result")),
        )
        if step.key == "total"
        else step
        for step in plan.steps
    ]
    steps.sort(key=lambda step: step.key == "total")
    plan = decode_plan(msgspec.structs.replace(plan, steps=tuple(steps)).encoded)
    result = execute_plan(code, plan, instance=instance, executor=executor(how), capture_values=True)
    assert result.success
    assert result.asset_value("total") == [2, 1]
