"""No query that runs may read a whole big table."""

import re

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

BIG = (
    "runs",
    "run_tags",
    "events",
    "asset_events",
    "segments",
    "changes",
    "partition_names",
    "ticks",
    "plans",
)
ALIASES = {
    "r": "runs",
    "e": "events|asset_events",
    "s": "segments|slots",
    "c": "changes|backfill_chunks",
    "p": "plans|pools",
}

MAY_SCAN = {
    "prune_ticks": "ordered by id, ended by its limit; ticks are pruned in the order in which they were made",
    "prune_plans": "a plan is shared by many runs, so there are few",
    "list_assets": "one row an asset",
    "list_leases": "one row a live run; joins runs by id",
    "list_pools": "one row a pool",
}


def scans(query: Query, values: dict) -> list[str]:
    connection = open_store("memory:").database.connection()
    text, arguments = query.bind(values)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", arguments).fetchall()
    found = []
    for *_, detail in plan:
        match = re.match(r"SCAN (\w+)(?! .*USING (?:COVERING )?INDEX)", detail)
        if match and any(name in BIG for name in ALIASES.get(match[1], match[1]).split("|")):
            found.append(detail)
    return found


@pytest.mark.parametrize("name", sorted(load_queries("sqlite")))
def test_a_named_query_reads_by_index(name: str) -> None:
    query = load_queries("sqlite")[name]
    if query.text.startswith("INSERT") or name in MAY_SCAN:
        return
    values = {parameter: 1 for parameter in query.names}
    values.update({parameter: [1, 2] for parameter in query.lists})
    if query.lists:
        values = {word: 1 for word in re.findall(r"(?<!:):([a-z_]+)", query._source)} | {
            each: [1, 2] for each in query.lists
        }
    assert scans(query, values) == []


RUNS = [
    RunsWhere(),
    RunsWhere(job_name="j"),
    RunsWhere(statuses=[RunStatus.QUEUED]),
    RunsWhere(tags={"a": "b"}),
    RunsWhere(run_ids=["r"]),
    RunsWhere(before="r", job_name="j"),
    RunsWhere(plan_id="p"),
]


@pytest.mark.parametrize("where", RUNS, ids=str)
@pytest.mark.parametrize("order", ["id", "updated_at"])
def test_lists_of_runs_read_in_order_or_by_index(where: RunsWhere, order: str) -> None:
    query, values = runs_query("sqlite", where, order, False)
    assert [
        each for each in scans(query, {**values, "limit": 5}) if "USING" not in each and each != "SCAN r"
    ] == []
    text, arguments = query.bind({**values, "limit": 5})
    plan = (
        open_store("memory:")
        .database.connection()
        .execute(f"EXPLAIN QUERY PLAN {text}", arguments)
        .fetchall()
    )
    steps = [each[3] for each in plan]
    # Reading all runs in the order asked for ends at the limit; sorting all of them would not.
    if "SCAN r" in steps:
        assert not any("TEMP B-TREE FOR ORDER BY" in step for step in steps)


@pytest.mark.parametrize(
    "where",
    [
        AssetEventsWhere(type="t"),
        AssetEventsWhere(type="t", asset=1),
        AssetEventsWhere(type="t", asset=1, partition_keys=["a"]),
        AssetEventsWhere(type="t", asset=1, after_id=5),
        AssetEventsWhere(type="t", asset=1, ranges=True),
        AssetEventsWhere(type="t", ids=[1]),
    ],
    ids=str,
)
@pytest.mark.parametrize("ascending", [True, False])
def test_lists_of_asset_events_read_by_index(where: AssetEventsWhere, ascending: bool) -> None:
    query, values = asset_events_query("sqlite", where, ascending)
    assert scans(query, {**values, "limit": 5}) == []


@pytest.mark.parametrize("ascending", [True, False])
def test_lists_of_status_changes_read_by_index(ascending: bool) -> None:
    for where in (StatusEventsWhere(type="t"), StatusEventsWhere(type="t", after_id=4, job_names=["j"])):
        query, values = status_events_query("sqlite", where, ascending)
        assert scans(query, {**values, "limit": 5}) == []
