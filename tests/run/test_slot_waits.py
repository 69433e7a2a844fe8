"""A step that waits for a pool says so: once a wait, in the log of its run."""

from pathlib import Path
from typing import Any

import pytest

from tests.run.running import run
from tests.store.making import NOW, begin
from treadle import asset
from treadle.core.events import Event, EventType
from treadle.run import slot_waits
from treadle.store.instance import Instance


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(slot_waits, "PATIENCE", 0.0)
    with Instance.at(tmp_path / "home") as made:
        made.store.set_pool_limit("api", 1)
        yield made


@asset(pool="api")
def orders():
    return 1


@asset(pool="api")
def items():
    return 1


async def _later(context):
    return 1


waiting_coroutine = asset(pool="api", name="waiting_coroutine")(_later)


def _waits(instance: Instance, run_id: str) -> list[Event]:
    events = [stored.event for stored in instance.store.read_events(run_id)]
    return [event for event in events if slot_waits.awaited_pool(event) is not None]


@pytest.mark.parametrize("how", ["in_process", "threads", "fork"])
@pytest.mark.parametrize("waiting", [orders, waiting_coroutine])
def test_a_step_that_waits_for_another_run_says_so_once(how: str, waiting: Any, instance: Instance) -> None:
    store = instance.store
    other = begin(store, "other")
    assert store.grant_slots(other, "their_step", 1, {"api": 1}, NOW) is None
    told: list[str] = []

    def on_event(event: Event) -> None:
        if event.type is EventType.ENGINE_EVENT:
            told.append(event.message)
            store.release_slots(other, "their_step", 1)

    result = run([waiting], instance, how, on_event=on_event)
    assert result.success
    (event,) = _waits(instance, result.run_id)
    name = waiting.key.to_user_string()
    assert event.step_key == name
    assert event.message == f"Step {name} waits for pool `api` (1 of 1 held by run other)"
    assert told == [event.message]


@pytest.mark.parametrize("how", ["threads", "fork"])
def test_steps_that_wait_for_each_other_within_a_run_say_nothing(how: str, instance: Instance) -> None:
    result = run([orders, items], instance, how)
    assert result.success
    assert _waits(instance, result.run_id) == []


def test_a_pool_that_lets_nobody_in_is_told(instance: Instance) -> None:
    instance.store.set_pool_limit("api", 0)

    def on_event(event: Event) -> None:
        if event.type is EventType.ENGINE_EVENT:
            instance.store.set_pool_limit("api", 1)

    result = run([orders], instance, on_event=on_event)
    (event,) = _waits(instance, result.run_id)
    assert event.message == "Step orders waits for pool `api` (its limit is 0)"
