"""On PostgreSQL, too, what is asked often reads a few rows by index, however many there are."""

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from treadle.core.run_states import RunStatus
from treadle.store import open_store
from treadle.store.filter import (
    AssetEventsWhere,
    RunsWhere,
    StatusEventsWhere,
    asset_events_query,
    runs_query,
    status_events_query,
)
from treadle.store.queries import Query, load_queries

pytestmark = pytest.mark.services

ROWS = 100_000
ASSETS = 1_000
EVENTS_A_RUN = 20
MOST = 2_000
"""Rows that a page, or what is true of one asset, may touch."""

FILL = f"""
INSERT INTO names (kind, name) SELECT 'asset', '["a' || n || '"]' FROM generate_series(1, {ASSETS}) n;
INSERT INTO names (kind, name) SELECT 'job', 'j' || n FROM generate_series(1, 50) n;
INSERT INTO plans (plan_id, body, created_at) VALUES ('p', '', 0);
INSERT INTO runs (run_id, job, status, plan_id, created_at, updated_at, started_at, ended_at, body)
    SELECT 'r' || n, {ASSETS} + 1 + n % 50, CASE WHEN n % 5000 = 0 THEN 'STARTED' ELSE 'SUCCESS' END, 'p', n, n, n,
    CASE WHEN n % 5000 = 0 THEN NULL ELSE n END, '[]' FROM generate_series(1, {ROWS}) n;
INSERT INTO run_tags (run, key, value) SELECT n, 'dagster/partition', 'p' || n % 5000 FROM generate_series(1, {ROWS}) n;
INSERT INTO events (tx, run, sequence, attempt, producer, n, type, at, status_change, body)
    SELECT n / 10, 1 + n / {EVENTS_A_RUN}, n % {EVENTS_A_RUN}, 1, '', n % {EVENTS_A_RUN},
    CASE n % {EVENTS_A_RUN} WHEN 0 THEN 'PIPELINE_START' WHEN 1 THEN 'PIPELINE_SUCCESS' ELSE 'STEP_START' END, n,
    CASE WHEN n % {EVENTS_A_RUN} < 2 THEN 1 ELSE 0 END, '[]' FROM generate_series(0, {ROWS}) n;
INSERT INTO asset_events (tx, asset, type, run, sequence, attempt, producer, n, at, check_name, partition_key, body)
    SELECT n / 10, 1 + n % {ASSETS}, CASE WHEN n % 10000 < 9000 THEN 'ASSET_MATERIALIZATION' ELSE 'ASSET_CHECK_EVALUATION' END,
    1 + n % {ROWS}, 50, 1, 'w', n, n, CASE WHEN n % 10000 < 9000 THEN NULL ELSE 'c' END, 'p' || n % 997, '[]'
    FROM generate_series(1, {ROWS}) n;
INSERT INTO assets (asset, created_at, generation, last_materialization)
    SELECT n, 0, 100, {ROWS} - {ASSETS} + n FROM generate_series(1, {ASSETS}) n;
INSERT INTO segments (asset, layer, slice, lo, hi, event, run, generation)
    SELECT 1 + n % {ASSETS}, n % 2, '', n, n + 1, n, n, n / {ASSETS} FROM generate_series(1, {ROWS}) n;
INSERT INTO changes (tx, kind, subject, run, at) SELECT n / 10, 'run', 'SUCCESS', n, n FROM generate_series(1, {ROWS}) n;
"""


@pytest.fixture(scope="module")
def filled(postgres_server: str) -> Iterator[Any]:
    """A connection to a database with many rows. A server of its own need not be asked for: names do not clash."""
    import psycopg

    name = f"plans_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    url = urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    open_store(url).close()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.prepare_threshold = None
            connection.execute("SET search_path = treadle")
            connection.execute(FILL)
            connection.execute("ANALYZE")
            yield connection
    finally:
        with psycopg.connect(postgres_server, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def literal(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(value)


def touched(connection: Any, query: Query, values: dict[str, Any], mode: str) -> tuple[float, list[str]]:
    """Rows that were read, also those that a filter then left out; and the tables that were read from end to end."""
    text, arguments = query.bind(values)
    connection.execute("DEALLOCATE ALL")
    connection.execute(f"SET plan_cache_mode = {mode}")
    connection.execute(f"PREPARE q AS {text}")
    given = f"({', '.join(map(literal, arguments))})" if arguments else ""
    found = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE q{given}").fetchone()[0]
    nodes, rows, whole = [(found if isinstance(found, list) else json.loads(found))[0]["Plan"]], 0.0, []
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if "Scan" in node["Node Type"]:
            each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            each += node.get("Rows Removed by Index Recheck", 0)
            rows += each * node["Actual Loops"]
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"]:
            whole.append(node["Relation Name"])
    return rows, whole


BIG = {"runs", "run_tags", "events", "asset_events", "segments", "changes"}
MATERIALIZED = "ASSET_MATERIALIZATION"
NAMED = {
    "get_asset": {"asset": 7},
    "get_asset_events": {"ids": [5, 70_000, 99_000]},
    "latest_of_partition": {"asset": 7, "type": MATERIALIZED, "partition_key": "p5", "wiped": 0},
    "sets_of_asset": {"asset": 7, "type": MATERIALIZED, "after": 0, "limit": 1000},
    "latest_of_asset": {"asset": 7, "type": MATERIALIZED, "wiped": 0, "before": 99_000, "limit": 100},
    "latest_of_check": {"asset": 7, "check_name": "c", "wiped": 0, "limit": 1},
    "partition_keys_of": {"asset": 7, "type": MATERIALIZED, "after": 0, "before": 2**62},
    "wiped_keys_of": {"asset": 7, "wiped": 0},
    "wiped_sets_of": {"asset": 7, "wiped": 0},
    "segments_since": {"asset": 7, "generation": -1},
    "list_segments": {"asset": 7, "layer": 0},
    "overlapping_segments": {"asset": 7, "layer": 0, "slice": "", "lo": 50_000, "hi": 50_010},
    "attempts_of": {"asset": 7},
    "get_run": {"run_id": "r500"},
    "find_run_row": {"run_id": "r500"},
    "read_events": {"run": 500, "after": 0, "limit": 1_000_000},
    "last_event_time": {"run": 500},
    "changes_after": {"tx": 9_999, "position": 99_995, "limit": 100},
    "last_change": {},
    "find_duplicates": {"run": 500, "attempt": 1, "producer": "", "low": 0, "high": 50},
    "list_leases": {},
}
LISTS = {
    "runs page": runs_query("postgres", RunsWhere(), "id", False),
    "runs page of a job": runs_query("postgres", RunsWhere(job_name="j3"), "id", False),
    "runs that go on": runs_query("postgres", RunsWhere(statuses=[RunStatus.STARTED]), "id", False),
    "runs of a partition": runs_query("postgres", RunsWhere(tags={"dagster/partition": "p77"}), "id", False),
    "next runs page": runs_query("postgres", RunsWhere(before="r50000"), "id", False),
    "runs by update": runs_query("postgres", RunsWhere(), "updated_at", False),
    "events of an asset": asset_events_query("postgres", AssetEventsWhere(type=MATERIALIZED, asset=7), False),
    "events of a partition": asset_events_query(
        "postgres", AssetEventsWhere(type=MATERIALIZED, asset=7, partition_keys=["p5"]), False
    ),
    "next events of an asset": asset_events_query(
        "postgres", AssetEventsWhere(type=MATERIALIZED, asset=7, after_id=90_000), True
    ),
    "next events": asset_events_query("postgres", AssetEventsWhere(type=MATERIALIZED, after_id=90_000), True),
    "next events of an asset, after one that is gone": asset_events_query(
        "postgres", AssetEventsWhere(type=MATERIALIZED, asset=7, after_id=ROWS + 5), True
    ),
    "next status changes, after one that is gone": status_events_query(
        "postgres", StatusEventsWhere(type="PIPELINE_SUCCESS", after_id=ROWS + 5), True
    ),
    "status changes": status_events_query("postgres", StatusEventsWhere(type="PIPELINE_SUCCESS"), False),
    "next status changes": status_events_query(
        "postgres", StatusEventsWhere(type="PIPELINE_SUCCESS", after_id=90_000), True
    ),
}


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("name", NAMED)
def test_a_named_query_touches_few_rows(filled: Any, name: str, mode: str) -> None:
    rows, whole = touched(filled, load_queries("postgres")[name], NAMED[name], mode)
    assert not BIG.intersection(whole), whole
    assert rows <= MOST


@pytest.mark.parametrize("name", LISTS)
def test_a_page_touches_few_rows(filled: Any, name: str) -> None:
    """Pages are planned anew for their values each time: a plan for any status would suit none."""
    query, values = LISTS[name]
    rows, whole = touched(filled, query, {**values, "limit": 20}, "force_custom_plan")
    assert not BIG.intersection(whole), whole
    assert rows <= MOST
