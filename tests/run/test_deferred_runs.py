"""Runs in a store in memory are written when someone looks: what is found then is what a file would hold."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import treadle as dg
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.store import deferred
from treadle.store.changes import Position
from treadle.store.instance import Instance


@pytest.fixture(params=["memory", "file"])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Instance]:
    made = Instance.ephemeral() if request.param == "memory" else Instance.at(tmp_path / "home")
    with made:
        yield made


@dg.asset
def first() -> int:
    return 1


@dg.asset
def second(first: int) -> int:
    return first + 1


@dg.asset
def broken() -> None:
    raise ValueError("no")


def is_waiting(instance: Instance) -> bool:
    return bool(instance.store.database._deferred)


def stored_kinds(instance: Instance, run_id: str) -> list[EventType]:
    stored = instance.store.read_events(run_id)
    assert [each.event.sequence for each in stored] == list(range(1, len(stored) + 1))
    return [each.event.type for each in stored if each.event.type is not EventType.LOGS_CAPTURED]


def test_a_run_in_memory_waits_until_someone_looks() -> None:
    with Instance.ephemeral() as instance:
        result = dg.materialize([first, second], instance=instance)
        assert is_waiting(instance)
        assert instance.get_run_by_id(result.run_id).status is RunStatus.SUCCESS
        assert not is_waiting(instance)
        assert instance.get_latest_materialization_event(dg.AssetKey("second")).run_id == result.run_id


def test_what_is_stored_of_two_runs_is_the_same_in_memory_and_in_a_file(tmp_path: Path) -> None:
    found = []
    for made in (Instance.ephemeral(), Instance.at(tmp_path / "home")):
        with made as instance:
            runs = [
                dg.materialize([first, second], instance=instance),
                dg.materialize([first, broken], instance=instance, raise_on_error=False),
            ]
            kinds = [stored_kinds(instance, run.run_id) for run in runs]
            changes = [(each.kind, each.subject) for each in instance.store.changes_after(Position())]
            states = [instance.get_run_by_id(run.run_id).status for run in runs]
            entries = [(e.key, e.last_materialization) for e in instance.store.assets.list_all()]
            found.append((kinds, changes, states, entries))
    assert found[0] == found[1]
    assert found[0][2] == [RunStatus.SUCCESS, RunStatus.FAILURE]


def test_a_step_finds_what_the_steps_before_it_made(instance: Instance) -> None:
    seen = []

    @dg.asset(deps=[second])
    def looks(context: dg.AssetExecutionContext) -> None:
        for key in ("first", "second"):
            seen.append(context.instance.get_latest_materialization_event(dg.AssetKey(key)).run_id)

    result = dg.materialize([first, second, looks], instance=instance)
    assert seen == [result.run_id] * 2
    assert stored_kinds(instance, result.run_id)[-1] is EventType.RUN_SUCCESS


def test_a_run_within_a_run_is_stored_after_what_came_before_it(instance: Instance) -> None:
    inner: list[Any] = []

    @dg.asset(deps=[first])
    def outer(context: dg.AssetExecutionContext) -> None:
        inner.append(dg.materialize([second, first], instance=context.instance))

    result = dg.materialize([first, outer], instance=instance)
    made = instance.fetch_materializations(dg.AssetKey("first"), limit=10, ascending=True).records
    assert [record.run_id for record in made] == [result.run_id, inner[0].run_id]
    for run in (result, inner[0]):
        assert instance.get_run_by_id(run.run_id).status is RunStatus.SUCCESS
        assert stored_kinds(instance, run.run_id)[-1] is EventType.RUN_SUCCESS


def test_a_run_within_a_run_that_was_given_no_store_is_kept_too() -> None:
    found = []

    @dg.asset
    def outer(context: dg.AssetExecutionContext) -> None:
        dg.materialize([first], instance=context.instance)
        found.append(context.instance.get_runs_count())

    dg.materialize([outer])
    assert found == [2]


def test_a_run_that_a_step_ends_in_the_store_stays_ended(instance: Instance) -> None:
    @dg.asset
    def ends(context: dg.AssetExecutionContext) -> None:
        context.instance.store.transition_run(context.run.run_id, RunStatus.CANCELED, 0.0, revoke=True)

    result = dg.materialize([ends], instance=instance, raise_on_error=False)
    assert instance.get_run_by_id(result.run_id).status is RunStatus.CANCELED


def test_a_second_run_reads_the_versions_that_the_first_one_made(instance: Instance) -> None:
    made = dg.materialize([first], instance=instance)
    result = dg.materialize([first, second], instance=instance, selection=[second])
    version = made.asset_materializations_for_node("first")[0].tags["dagster/data_version"]
    inputs = result.asset_materializations_for_node("second")[0].tags
    assert inputs["dagster/input_data_version/first"] == version


def test_only_so_many_events_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deferred, "MOST_EVENTS", 30)
    with Instance.ephemeral() as instance:
        dg.materialize([first], instance=instance)
        assert is_waiting(instance)
        for _ in range(3):
            dg.materialize([first, second], instance=instance)
        waiting = instance.store.database._deferred._events
        assert waiting < 30
        assert instance.get_runs_count() == 4


def test_what_waits_is_dropped_with_its_store() -> None:
    instance = Instance.ephemeral()
    dg.materialize([first], instance=instance)
    instance.dispose()
    assert not is_waiting(instance)


def test_an_instance_that_nobody_has_looked_into_still_answers_for_its_runs() -> None:
    found = []

    @dg.asset
    def asks(context: dg.AssetExecutionContext) -> None:
        found.append((context.instance.has_run(context.run.run_id), context.instance.has_run("other")))

    dg.materialize([asks])
    assert found == [(True, False)]


@pytest.mark.parametrize("_", range(30))
def test_a_thread_that_polls_a_run_sees_it_end(_: int) -> None:
    @dg.asset
    def orders() -> int:
        return 1

    instance = dg.Instance.ephemeral()
    raised: list[BaseException] = []

    def run() -> None:
        try:
            dg.materialize([orders], instance=instance)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        found = instance.get_runs()
        if found and found[0].is_finished:
            break
    thread.join()
    assert raised == []
    (finished,) = instance.get_runs()
    assert finished.is_success
    assert instance.get_latest_materialization_event(orders.key) is not None


def test_threads_that_look_for_the_first_time_find_one_store() -> None:
    instance = dg.Instance.ephemeral()
    dg.materialize([dg.asset(name="orders")(lambda: 1)], instance=instance)
    together = threading.Barrier(8)
    seen: list[tuple[int, int]] = []

    def look() -> None:
        together.wait()
        seen.append((id(instance.store), len(instance.get_runs())))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {(id(instance.store), 1)}
