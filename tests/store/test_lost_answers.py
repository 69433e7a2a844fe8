"""T54: the answer to a COMMIT is lost, for every kind of write: it is sent again and counts once."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.store import invariants
from tests.store.making import NOW, ORDERS, begin, checked, event, finish, ints, made, planned
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.store import Store, open_store
from treadle.store.liveness import this_process

Write = Callable[[Store, dict[str, Any]], Any]

BATCH = [event("r", EventType.LOG), made("r", 2), checked("r", "c", True)]
FIRST = planned("n", 0, 3)
REPORT = [made("", 5), made("")]


def claim(store: Store, _: dict[str, Any]) -> Any:
    return store.backfills.claim_chunk("b", "claim", "run-of-chunk", this_process(), NOW)


WRITES: dict[str, Write] = {
    "create": lambda s, k: s.create_run(Run(run_id="n", job_name="j", tags={"a": "b"}), NOW, plan=b"p"),
    "begin": lambda s, k: begin(s, "n", FIRST).token,
    "append": lambda s, k: s.append_events(k["lease"], BATCH, NOW).stale,
    "finish": lambda s, k: finish(s, k["lease"]),
    "fail": lambda s, k: finish(s, k["lease"], RunStatus.FAILURE),
    "cancel": lambda s, k: s.transition_run("r", RunStatus.CANCELING, NOW),
    "force": lambda s, k: s.transition_run("r", RunStatus.CANCELED, NOW, revoke=True),
    "acquire": lambda s, k: s.acquire_lease("queued", this_process(), NOW).token,
    "beat": lambda s, k: s.extend_lease(k["lease"], 7),
    "reap": lambda s, k: s.reap_lease(k["lease"], NOW),
    "grant": lambda s, k: s.grant_slots(k["lease"], "s2", 1, {"x": 1, "y": 1}, NOW),
    "release": lambda s, k: s.release_slots(k["lease"], "s", 1),
    "report": lambda s, k: len(s.report_asset_events(REPORT, NOW)),
    "wipe": lambda s, k: s.wipe_asset(ORDERS, NOW),
    "wipe some": lambda s, k: s.wipe_asset(ORDERS, NOW, stored_set=ints((0, 1)), partition_keys=["p0"]),
    "add keys": lambda s, k: [s.partitions.add_dynamic("d", ["b", "c"], NOW), None][1],
    "delete key": lambda s, k: [s.partitions.delete_dynamic("d", "a", NOW), None][1],
    "backfill": lambda s, k: s.backfills.create("b2", [{ORDERS: ints((0, 9))}], b"", NOW),
    "claim": lambda s, k: claim(s, k).number,
    "tags": lambda s, k: s.add_run_tags("r", {"x": "y"}, NOW),
    "prune": lambda s, k: [s.prune(NOW + 9e6, k["policy"]), None][1],
}

TABLES = {
    "runs": "run_id, status, attempt, token, live_token, last_sequence",
    "run_tags": "key, value",
    "leases": "attempt, token, counter",
    "slots": "step_key, pool, amount",
    "events": "run, sequence, type, stale",
    "asset_events": "type, run, sequence, partition_key",
    "segments": "layer, slice, lo, hi",
    "unplaced": "partition_key",
    "partition_names": "scope, id, key",
    "changes": "kind, subject, run",
    "backfills": "backfill_id, status",
    "backfill_chunks": "backfill_id, chunk, state, run_id",
    "plans": "plan_id",
}


def settled(store: Store) -> dict[str, Any]:
    from treadle.store.retention import RetentionPolicy

    store.set_pool_limit("x", 2)
    lease = begin(store, "r", made("r", 0))
    store.grant_slots(lease, "s", 1, {"x": 1}, NOW)
    store.create_run(Run(run_id="queued", job_name="j"), NOW)
    store.partitions.add_dynamic("d", ["a"], NOW)
    store.backfills.create("b", [{ORDERS: ints((0, 1))}, {ORDERS: ints((1, 2))}], b"", NOW)
    return {"lease": lease, "policy": RetentionPolicy()}


def picture(store: Store) -> dict[str, list]:
    return {
        table: sorted(map(repr, invariants.rows(store, f"SELECT {columns} FROM {table}")))
        for table, columns in TABLES.items()
    }


def lose_answers(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every transaction's first answer is lost after the database committed it."""
    database = store.database
    real = database._once
    lost: list[int] = []
    pending = {"lose": True}

    if database.dialect == "sqlite":
        import sqlite3

        error: Exception = sqlite3.OperationalError("lost")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    else:
        import psycopg

        error = psycopg.OperationalError("lost")

    def once(begin: str, action: Any) -> Any:
        result = real(begin, action)
        if "READ" in begin or (begin == "BEGIN" and database.dialect == "sqlite"):
            return result
        pending["lose"] = not pending["lose"]
        if not pending["lose"]:
            lost.append(1)
            raise error
        return result

    monkeypatch.setattr(database, "_once", once)
    return lost


@pytest.mark.parametrize("name", WRITES)
def test_a_write_whose_answer_is_lost_counts_once(
    name: str, durable: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = open_store("memory:")
    expected = WRITES[name](plain, settled(plain))
    known = settled(durable)
    lost = lose_answers(durable, monkeypatch)
    found = WRITES[name](durable, known)
    monkeypatch.undo()
    assert lost
    assert picture(durable) == picture(plain)
    assert found == expected
