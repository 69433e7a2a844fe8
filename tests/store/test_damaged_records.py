"""A record that can not be read hides nothing but itself (B29)."""

import sqlite3
from pathlib import Path

import pytest

import treadle as dg
from tests.store import invariants
from tests.store.making import NOW, ORDERS, begin, finish, ints, made
from treadle.core.run_states import RunStatus
from treadle.run.backfill import find_backfill_body
from treadle.run.reexecution import plan_of_run, unfinished_steps
from treadle.store import Store
from treadle.store.errors import StoreError

OTHER = dg.AssetKey("other")


def damage(store: Store, table: str, column: str, key: str, value: object) -> None:
    literal = "'\\x00'" if store.database.dialect == "postgres" else "x'00'"
    where = f"{key} = '{value}'" if isinstance(value, str) else f"{key} = {value}"
    assert invariants.rows(store, f"UPDATE {table} SET {column} = {literal} WHERE {where} RETURNING 1")


@pytest.fixture
def two_runs(store: Store) -> Store:
    finish(store, begin(store, "a", made("a")))
    finish(store, begin(store, "b", made("b", asset=OTHER)), RunStatus.FAILURE)
    return store


def test_a_damaged_asset_event_stands_in_lists_as_corrupt(two_runs: Store) -> None:
    instance = dg.DagsterInstance(two_runs)
    damage(two_runs, "asset_events", "body", "id", 1)
    shown = instance.get_latest_materialization_events([ORDERS, OTHER])
    assert shown[ORDERS].message.startswith("corrupt-record: event 1 ")
    assert shown[ORDERS].asset_materialization.asset_key == ORDERS
    assert shown[OTHER].message == ""
    states = instance.latest_states([(ORDERS, None), (OTHER, None)])
    assert "event 1 " in states[ORDERS, None].problem
    assert states[OTHER, None].problem is None
    assert len(instance.get_asset_records()) == 2
    assert [each.event.asset_key for each in two_runs.read_events("b") if each.event.asset_key] == [OTHER]


def test_a_damaged_run_event_stands_in_the_log_as_corrupt(two_runs: Store) -> None:
    log = two_runs.read_events("a")
    damage(two_runs, "events", "body", "id", log[-1].storage_id)
    again = two_runs.read_events("a")
    assert [each.event.type for each in again] == [each.event.type for each in log]
    assert again[-1].event.data.error.code == "corrupt-record"
    assert again[:-1] == log[:-1]


@pytest.mark.parametrize("column", ["body", "error"])
def test_a_damaged_run_is_listed_as_corrupt_and_is_not_run_again(two_runs: Store, column: str) -> None:
    instance = dg.DagsterInstance(two_runs)
    damage(two_runs, "runs", column, "run_id", "b")
    found = {run.run_id: run for run in instance.get_runs()}
    assert found["b"].status is RunStatus.FAILURE
    assert (found["b"].end_reason, found["b"].error.code) == ("corrupt-record", "corrupt-record")
    assert "run b" in found["b"].error.message
    assert found["a"].end_reason is None
    with pytest.raises(StoreError, match="run b") as raised:
        unfinished_steps(instance, "b")
    assert raised.value.code == "corrupt-record"


def test_a_damaged_plan_says_so(two_runs: Store) -> None:
    run = two_runs.find_run("a")
    damage(two_runs, "plans", "body", "plan_id", run.plan_id)
    with pytest.raises(StoreError) as raised:
        plan_of_run(dg.DagsterInstance(two_runs), run)
    assert raised.value.code == "corrupt-record"


def test_a_damaged_backfill_is_listed_beside_the_others(store: Store) -> None:
    for name in ("x", "y"):
        store.backfills.create(name, [{ORDERS: ints((0, 1))}], b"{}", NOW)
    damage(store, "backfills", "target", "backfill_id", "x")
    damage(store, "backfills", "body", "backfill_id", "x")
    assert {each.backfill_id: each.damaged for each in store.backfills.list_all()} == {"x": True, "y": False}
    with pytest.raises(StoreError) as raised:
        find_backfill_body(dg.DagsterInstance(store), "x")
    assert raised.value.code == "corrupt-record"


@dg.asset
def side() -> int:
    return 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE asset_events SET body = x'00' WHERE id = 3",
        "UPDATE events SET body = x'7b' WHERE id = 2",
        "UPDATE events SET type = 'NO_SUCH_TYPE' WHERE id = 2",
        "UPDATE runs SET body = x'6e6f', status = 'LOST' WHERE id = 2",
        "UPDATE events SET body = '[' || replace(hex(zeroblob(50000)), '00', '[') WHERE id = 2",
    ],
)
def test_assets_are_made_beside_a_damaged_record(tmp_path: Path, statement: str) -> None:
    with dg.Instance.at(tmp_path) as instance:
        for _ in range(3):
            dg.materialize([side], instance=instance)
    with sqlite3.connect(tmp_path / "treadle.db") as connection:
        assert connection.execute(statement).rowcount == 1
    connection.close()
    with dg.Instance.at(tmp_path) as instance:
        assert len(instance.fetch_materializations(side.key, limit=10).records) == 3
        runs = instance.get_runs()
        lines = [event.message for run in runs for event in instance.all_logs(run.run_id)]
        said = sum("corrupt-record" in line for line in lines)
        assert said + sum(run.end_reason == "corrupt-record" for run in runs) == 1
        assert dg.materialize([side], instance=instance).success


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE names SET name = x'ff00' WHERE kind = 'job'",
        "UPDATE run_tags SET value = x'ff00'",
        "UPDATE backfills SET status = 'garbage'",
        "UPDATE backfill_chunks SET state = x'ff00' WHERE chunk = 0",
    ],
)
def test_columns_of_text_that_hold_something_else_are_listed(tmp_path: Path, statement: str) -> None:
    with dg.Instance.at(tmp_path) as instance:
        dg.materialize([side], instance=instance, tags={"a": "b"})
        instance.store.backfills.create("x", [{ORDERS: ints((0, 1))}], b"{}", NOW)
    with sqlite3.connect(tmp_path / "treadle.db") as connection:
        assert connection.execute(statement).rowcount >= 1
    connection.close()
    with dg.Instance.at(tmp_path) as instance:
        (run,) = instance.get_runs()
        assert all(isinstance(text, str) for text in (run.job_name, *run.tags.values()))
        (found,) = instance.store.backfills.list_all()
        assert found.damaged is ("garbage" in statement)
        assert all(isinstance(state, str) for state in instance.store.backfills.counts("x").chunks)


def test_an_asset_whose_name_is_damaged_hides_no_other(tmp_path: Path) -> None:
    with dg.Instance.at(tmp_path) as instance:
        dg.materialize([side], instance=instance)
    with sqlite3.connect(tmp_path / "treadle.db") as connection:
        connection.execute("UPDATE names SET name = 'garbage' WHERE kind = 'asset'")
    connection.close()
    with dg.Instance.at(tmp_path) as instance:
        dg.materialize([side], instance=instance)
        keys = [key.to_user_string() for key in instance.get_asset_keys()]
        assert "side" in keys and sum("corrupt-record" in key for key in keys) == 1
        assert len([each for run in instance.get_runs() for each in instance.all_logs(run.run_id)]) > 10
