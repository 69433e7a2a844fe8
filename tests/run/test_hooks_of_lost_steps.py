"""Failure hooks are called for every step that failed, in every way of execution; once each."""

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import ConfigurableResource, RetryPolicy, RetryRequested, asset, failure_hook, success_hook
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.store.instance import Instance

EVERY = ["in_process", "threads", "asyncio", "fork", "spawn"]


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


@pytest.fixture(autouse=True)
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "lines"
    file.touch()
    monkeypatch.setenv("TEST_FILE", str(file))
    return file


def note(line: str) -> None:
    with open(os.environ["TEST_FILE"], "a", encoding="utf-8") as file:
        file.write(line + "\n")


class Pager(ConfigurableResource):
    number: str

    def page(self, line: str) -> None:
        note(f"{self.number}: {line}")


class Phone(Pager):
    def teardown_after_execution(self, context: Any) -> None:
        note(f"{self.number} hung up")


@failure_hook(required_resource_keys={"pager"})
def pages(context) -> None:
    context.resources.pager.page(f"{context.step_key} {type(context.op_exception).__name__}")


@failure_hook
def is_broken(context) -> None:
    raise ValueError("no mail today")


@success_hook
def cheers(context) -> None:
    note(f"{context.step_key} is fine")


HOOKS = {pages, is_broken, cheers}


@asset(timeout=0.5)
def too_slow() -> None:
    time.sleep(3600)


@asset(timeout=0.5)
async def awaits_too_long() -> None:
    await asyncio.sleep(3600)


@asset(timeout=0.5)
def says_something_else_when_stopped() -> None:
    try:
        time.sleep(3600)
    except BaseException:
        time.sleep(0.1)
    time.sleep(0)


@asset
def is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@asset
def beside() -> int:
    return 1


def hooks_told(result: Any, step: str) -> dict[str, str]:
    """Hook -> the event that tells of it."""
    kinds = (EventType.HOOK_COMPLETED, EventType.HOOK_ERRORED, EventType.HOOK_SKIPPED)
    return {
        getattr(event.data, "name", None) or event.data.description: event.type.name
        for event in result.events
        if event.type in kinds and event.step_key == step
    }


TOLD = {"pages": "HOOK_COMPLETED", "is_broken": "HOOK_ERRORED", "cheers": "HOOK_SKIPPED"}


@pytest.mark.parametrize("how", EVERY)
@pytest.mark.parametrize(
    "slow", [too_slow, awaits_too_long, says_something_else_when_stopped], ids=lambda made: made.op.name
)
def test_a_step_that_timed_out_calls_its_failure_hooks(
    how: str, slow: Any, instance: Instance, lines: Path
) -> None:
    result = run([slow.with_hooks(HOOKS), beside], instance, how, resources={"pager": Pager(number="112")})
    name = slow.op.name
    assert result.status is RunStatus.FAILURE
    assert lines.read_text(encoding="utf-8") == f"112: {name} TimeoutError\n"
    assert hooks_told(result, name) == TOLD


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_a_step_whose_process_died_calls_its_failure_hooks(how: str, instance: Instance, lines: Path) -> None:
    result = run(
        [is_killed.with_hooks(HOOKS), beside], instance, how, resources={"pager": Pager(number="112")}
    )
    assert lines.read_text(encoding="utf-8") == "112: is_killed ChildProcessError\n"
    assert hooks_told(result, "is_killed") == TOLD
    assert result.is_node_success("beside")


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_what_hooks_of_a_dead_process_need_is_closed_again(how: str, instance: Instance, lines: Path) -> None:
    result = run(
        [is_killed.with_hooks({pages}), beside], instance, how, resources={"pager": Phone(number="112")}
    )
    assert result.status is RunStatus.FAILURE
    told = lines.read_text(encoding="utf-8").splitlines()
    assert told[-2:] == ["112: is_killed ChildProcessError", "112 hung up"]


def test_hooks_of_the_job_are_called_once_there_is_no_further_attempt(
    instance: Instance, lines: Path
) -> None:
    @failure_hook
    def tells(context) -> None:
        note(context.step_key)

    @asset(retry_policy=RetryPolicy(max_retries=2))
    def dies() -> None:
        os._exit(3)

    run([dies, beside], instance, "fork", hooks=(tells,))
    assert lines.read_text(encoding="utf-8") == "dies\n"


@pytest.mark.parametrize("how", ["in_process", "fork"])
def test_hooks_are_told_what_the_step_raised_at_its_last_attempt(
    how: str, instance: Instance, lines: Path
) -> None:
    @failure_hook
    def tells(context) -> None:
        note(f"{context.step_key} {context.op_exception!r} from {context.op_exception.__cause__!r}")

    @asset(retry_policy=RetryPolicy(max_retries=1))
    def by_policy() -> None:
        raise ValueError("no")

    @asset
    def by_request() -> None:
        try:
            raise OSError("busy")
        except OSError as busy:
            raise RetryRequested(max_retries=1) from busy

    run([by_policy], instance, how, hooks=(tells,))
    run([by_request], instance, how, hooks=(tells,))
    policy, request = lines.read_text(encoding="utf-8").splitlines()
    assert policy == "by_policy ValueError('no') from None"
    assert request.startswith("by_request RetryRequested(") and request.endswith("from OSError('busy')")


@pytest.mark.parametrize("kill", [True, False])
def test_the_event_of_a_step_whose_process_is_gone_names_the_peers_error(
    kill: bool, instance: Instance
) -> None:
    @asset
    def dies() -> None:
        if kill:
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(3)

    result = run([dies], instance, "fork")
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.error.cls_name == "ChildProcessCrashException"


def test_a_resource_of_a_hook_that_does_not_open_is_told(instance: Instance, lines: Path) -> None:
    class Broken(ConfigurableResource):
        def setup_for_execution(self, context: Any) -> None:
            if Path(os.environ["TEST_FILE"]).read_text(encoding="utf-8"):
                raise OSError("no line")
            note("opened in the step's process")

    @failure_hook(required_resource_keys={"pager"})
    def calls(context) -> None: ...

    @asset
    def dies() -> None:
        os._exit(3)

    result = run([dies.with_hooks({calls})], instance, "fork", resources={"pager": Broken()})
    assert hooks_told(result, "dies") == {"calls": "HOOK_ERRORED"}
