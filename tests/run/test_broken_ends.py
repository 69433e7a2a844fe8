"""Runs whose steps or events can not be brought to their end in the ordinary way: they end all the same."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from treadle import AssetKey, AssetSpec, DataVersion, MaterializeResult, asset, materialize
from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError
from treadle.core.events import Event, EventType
from treadle.core.run_states import RunStatus
from treadle.store.errors import StoreError
from treadle.store.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.local_temp(str(tmp_path / "home")) as made:
        yield made


@asset
def one() -> int:
    return 1


@asset
async def later() -> int:
    return 1


@asset
def below(one) -> int:
    return one


@pytest.mark.parametrize("how", ["in_process", "threads", "asyncio", "fork"])
@pytest.mark.parametrize("made", [one, later])
def test_a_step_that_raises_out_of_the_engine_fails_and_the_run_ends(
    how: str, made: Any, instance: Instance
) -> None:
    def raises_once(event: Event) -> None:
        if event.type is EventType.STEP_SUCCESS and not raised:
            raised.append(event)
            raise OSError("nobody listens")

    raised: list[Event] = []
    done = run([made], instance, how, on_event=raises_once)
    assert done.status is RunStatus.FAILURE
    assert instance.get_run_by_id(done.run_id).status is RunStatus.FAILURE


@pytest.mark.parametrize("how", ["in_process", "threads", "asyncio"])
@pytest.mark.parametrize("made", [one, later])
def test_a_step_that_raises_even_while_it_fails_ends_the_run(how: str, made: Any, instance: Instance) -> None:
    def raises_twice(event: Event) -> None:
        if event.type in (EventType.STEP_SUCCESS, EventType.STEP_FAILURE) and len(raised) < 2:
            raised.append(event)
            raise OSError("nobody listens")

    raised: list[Event] = []
    done = run([made], instance, how, on_event=raises_twice)
    assert len(raised) == 2
    assert done.get_failed_step_keys() == {made.op.name}
    assert instance.get_run_by_id(done.run_id).status is RunStatus.FAILURE


def break_store(instance: Instance, monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> None:
    """From the end of the first step on, that many writes fail."""
    append, failed = type(instance.store).append_events, []

    def breaks(self: Any, lease: Any, events: Any, now: float) -> Any:
        if (any(write.event.type is EventType.STEP_SUCCESS for write in events) or failed) and len(
            failed
        ) < times:
            if threading.current_thread().name != "treadle-events":
                failed.append(1)  # what that thread can not write, the run's own writes again
            raise error
        return append(self, lease, events, now)

    monkeypatch.setattr(type(instance.store), "append_events", breaks)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (StoreError("no room", code="disk-full"), "disk-full"),
        (StoreError("broken", code="store-error"), "store-error"),
        (ValueError("odd"), "store-error"),
    ],
)
@pytest.mark.parametrize("how", ["in_process", "threads", "asyncio"])
def test_a_write_that_fails_ends_the_run_as_failed_with_its_reason(
    how: str, error: Exception, reason: str, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_store(instance, monkeypatch, error, 1)
    done = run([one, below], instance, how)
    assert done.status is RunStatus.FAILURE
    stored = instance.get_run_by_id(done.run_id)
    assert (stored.status, stored.end_reason) == (RunStatus.FAILURE, reason)
    with pytest.raises(StoreError):
        done.raise_if_failed()


def test_where_not_even_the_end_can_be_stored_the_log_says_so(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    break_store(instance, monkeypatch, StoreError("no room", code="disk-full"), 99)
    done = run([one], instance)
    assert done.status is RunStatus.FAILURE
    assert "could not be stored: no room" in caplog.text


def test_a_failed_write_that_user_code_swallows_still_fails_the_run(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asset
    def swallows(context) -> None:
        append = type(instance.store).append_events
        with monkeypatch.context() as patch:

            def full(*_: Any) -> None:
                raise StoreError("no room", code="disk-full")

            patch.setattr(type(instance.store), "append_events", full)
            for _ in range(3):
                try:
                    for number in range(300):
                        context.log.info(str(number))
                except StoreError:
                    pass
        assert type(instance.store).append_events is append

    done = run([swallows], instance)
    stored = instance.get_run_by_id(done.run_id)
    assert (stored.status, stored.end_reason) == (RunStatus.FAILURE, "disk-full")


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
def test_a_data_version_that_no_store_keeps_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentError, match="DataVersion"):
        DataVersion(text)


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
def test_definitions_with_text_that_no_store_keeps_are_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentError, match="code_version"):
        asset(name="a", code_version=text)(lambda: None)
    with pytest.raises(InvalidArgumentError, match="code_version"):
        AssetSpec("a", code_version=text)
    with pytest.raises(InvalidArgumentError):
        AssetKey(text)


@pytest.mark.parametrize("tags", [{"a": "\ud800"}, {"a\0": "b"}])
def test_a_run_with_tags_that_no_store_keeps_does_not_begin(tags: dict[str, str], instance: Instance) -> None:
    with pytest.raises(InvalidDefinitionError, match="tag"):
        materialize([one], instance=instance, tags=tags)
    assert instance.get_runs() == []


@pytest.mark.parametrize("how", ["in_process", "threads", "fork"])
def test_a_data_version_that_no_store_keeps_fails_its_step_only(how: str, instance: Instance) -> None:
    @asset
    def bad() -> MaterializeResult:
        return MaterializeResult(data_version=DataVersion("\ud800"))

    done = run([bad, one], instance, how)
    assert done.get_failed_step_keys() == {"bad"}
    assert instance.get_run_by_id(done.run_id).end_reason == "STEP_FAILURE"
