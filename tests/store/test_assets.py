"""What events make true of assets: latest events, segments, statuses, wiping."""

import pytest

from tests.store.making import NOW, ORDERS, begin, checked, event, finish, ints, made, planned
from treadle.core.events import EventType
from treadle.core.keys import AssetKey
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.store import Position, Store
from treadle.store.errors import Conflict
from treadle.store.filter import AssetEventsWhere, RunsWhere, StatusEventsWhere
from treadle.store.retention import RetentionPolicy

OTHER = AssetKey("other")


def test_the_latest_materialization_wins(store: Store) -> None:
    lease = begin(store, "r")
    store.append_events(
        lease, [made("r", data_version="1"), made("r", data_version="2", code_version="c")], NOW
    )
    latest = store.assets.latest_materialization(ORDERS)
    assert latest.event.data.data_version == "2"
    assert latest.event.run_id == "r"
    state = store.assets.latest_states([(ORDERS, None), (OTHER, None)])
    assert list(state) == [(ORDERS, None)]
    assert (state[ORDERS, None].code_version, state[ORDERS, None].event_id) == ("c", latest.storage_id)
    assert [segment.data_version for segment in store.assets.segments_of(ORDERS)] == ["2"]


def test_a_range_run_writes_one_event_and_one_segment(store: Store) -> None:
    lease = begin(store, "r")
    store.append_events(lease, [made("r", 0, 12_000)], NOW)
    assert store.assets.materialized_set(ORDERS) == ints((0, 12_000))
    assert len(store.assets.segments_of(ORDERS)) == 1
    assert store.assets.status_counts(ORDERS) == (12_000, 0, 0)
    store.append_events(lease, [made("r", 5)], NOW)
    assert [(s.lo, s.hi) for s in store.assets.segments_of(ORDERS)] == [(0, 5), (5, 6), (6, 12_000)]
    assert store.assets.latest_materialization(ORDERS, "p5").event.partition_keys == ("p5",)
    assert len(store.assets.latest_materialization(ORDERS, "p6").event.partition_keys) == 12_000
    assert store.assets.latest_materialization(ORDERS, "p12000") is None
    states = store.assets.latest_states([(ORDERS, "p5"), (ORDERS, "p6"), (ORDERS, "nope")])
    assert states[ORDERS, "p5"].event_id > states[ORDERS, "p6"].event_id
    assert (ORDERS, "nope") not in states


def test_partitions_are_in_progress_then_materialized_or_failed(store: Store) -> None:
    first = begin(store, "a", planned("a", 0, 4))
    assert store.assets.status_counts(ORDERS) == (0, 0, 4)
    store.append_events(first, [made("a", 1)], NOW)
    assert store.assets.status_counts(ORDERS) == (1, 0, 3)
    finish(store, first, RunStatus.FAILURE)
    assert store.assets.status_counts(ORDERS) == (1, 3, 0)
    second = begin(store, "b", planned("b", 3, 5))
    found = store.assets.status_sets(ORDERS)
    assert (found.materialized, found.failed, found.in_progress) == (
        ints((1, 2)),
        ints((0, 1), (2, 3)),
        ints((3, 5)),
    )
    store.append_events(second, [made("b", 3, 5)], NOW)
    finish(store, second)
    assert store.assets.status_counts(ORDERS) == (3, 2, 0)
    third = begin(store, "c", planned("c", 4))
    finish(store, third, RunStatus.CANCELED)
    assert store.assets.status_counts(ORDERS) == (3, 2, 0)


def test_the_status_cache_follows_every_change(store: Store) -> None:
    lease = begin(store, "r")
    store.append_events(lease, [made("r", i) for i in range(0, 400, 2)], NOW)
    assert store.assets.status_counts(ORDERS)[0] == 200
    store.append_events(lease, [made("r", i) for i in range(1, 200, 2)], NOW)
    assert store.assets.status_counts(ORDERS)[0] == 300
    store.wipe_asset(ORDERS, NOW, stored_set=ints((10, 20), (390, 500)), partition_keys=["p10"])
    assert store.assets.status_counts(ORDERS)[0] == 300 - 10 - 5
    again = type(store)(store.database)  # nothing remembered in the process
    assert again.assets.status_counts(ORDERS)[0] == 285
    store.append_events(lease, [made("r", 12)], NOW)
    assert again.assets.status_counts(ORDERS)[0] == 286
    assert store.assets.status_counts(ORDERS)[0] == 286


def test_a_wiped_asset_is_as_if_new_but_nothing_is_lost(store: Store) -> None:
    lease = begin(store, "r", made("r", 1), made("r", asset=OTHER), checked("r", "c", True))
    store.wipe_asset(ORDERS, NOW)
    assert store.assets.find(ORDERS) is None
    assert store.assets.latest_materialization(ORDERS) is None
    assert store.assets.latest_materialization(ORDERS, "p1") is None
    assert store.assets.latest_check(ORDERS, "c") is None
    assert store.assets.status_counts(ORDERS) == (0, 0, 0)
    assert [entry.key for entry in store.assets.list_all()] == [OTHER]
    where = AssetEventsWhere(type="ASSET_MATERIALIZATION", asset=store.history.asset_id(ORDERS))
    assert store.history.asset_events(where) == []
    assert len(store.read_events("r")) == 4
    store.append_events(lease, [made("r", 7)], NOW)
    assert store.assets.materialized_set(ORDERS) == ints((7, 8))
    assert len(store.history.asset_events(where)) == 1


def test_events_without_a_run(store: Store) -> None:
    ids = store.report_asset_events([made(""), made("", 4), checked("", "c", False)], NOW)
    assert ids == sorted(ids)
    assert store.assets.latest_materialization(ORDERS).event.run_id == ""
    assert store.assets.latest_check(ORDERS, "c").event.data.passed is False
    assert [change.kind for change in store.changes_after(Position())] == [
        "materialization",
        "materialization",
        "check",
    ]


def test_check_results_have_a_history(store: Store) -> None:
    begin(store, "r", *[checked("r", "c", i % 2 == 0) for i in range(5)], checked("r", "d", False))
    assert store.assets.latest_check(ORDERS, "c").event.data.passed is True
    assert [each.event.data.passed for each in store.assets.check_history(ORDERS, "c", 3)] == [
        True,
        False,
        True,
    ]
    assert store.assets.latest_check(ORDERS, "none") is None


def test_asset_events_are_listed_by_filter(store: Store) -> None:
    writes = [
        made("r", 0),
        made("r", 1),
        made("r", 1, 4),
        event("r", EventType.ASSET_OBSERVATION, asset_key=ORDERS),
    ]
    begin(store, "r", *writes, made("r", asset=OTHER))
    asset = store.history.asset_id(ORDERS)

    def listed(limit=None, ascending=False, **where):
        found = store.history.asset_events(
            AssetEventsWhere(type="ASSET_MATERIALIZATION", **where), limit, ascending=ascending
        )
        return [each.event.partition_keys and each.event.partition_keys[0] for each in found]

    assert listed(asset=asset) == ["p1", "p1", "p0"]
    assert listed(asset=asset, ascending=True) == ["p0", "p1", "p1"]
    assert listed() == [None, "p1", "p1", "p0"]
    assert listed(asset=asset, partition_keys=["p3"]) == ["p1"]
    assert listed(asset=asset, partition_keys=["p1"]) == ["p1", "p1"]
    assert listed(asset=asset, partition_keys=["p1"], limit=1) == ["p1"]
    first = store.history.asset_events(
        AssetEventsWhere(type="ASSET_MATERIALIZATION", asset=asset), 1, ascending=True
    )[0]
    assert listed(asset=asset, after_id=first.storage_id, ascending=True) == ["p1", "p1"]
    assert listed(asset=asset, before_id=first.storage_id) == []
    assert listed(asset=asset, ids=[first.storage_id]) == ["p0"]
    assert listed(after_timestamp=NOW) == []


def test_runs_are_listed_by_filter(store: Store) -> None:
    for i in range(6):
        lease = begin(store, f"r{i}", job=f"job{i % 2}", tags={"n": str(i), "even": str(i % 2 == 0)})
        if i < 4:
            finish(store, lease, RunStatus.SUCCESS if i % 2 else RunStatus.FAILURE)

    def listed(limit=None, ascending=False, **where):
        return [run.run_id for _, run in store.history.runs(RunsWhere(**where), limit, ascending=ascending)]

    assert listed(2) == ["r5", "r4"]
    assert listed(2, ascending=True) == ["r0", "r1"]
    assert listed(2, before="r4") == ["r3", "r2"]
    assert listed(job_name="job1") == ["r5", "r3", "r1"]
    assert listed(statuses=[RunStatus.STARTED, RunStatus.FAILURE]) == ["r5", "r4", "r2", "r0"]
    assert listed(tags={"even": "True", "n": ["0", "1", "2"]}) == ["r2", "r0"]
    assert listed(run_ids=["r1", "zz"]) == ["r1"]
    assert listed(job_name="nope") == []
    assert listed(statuses=[]) == []
    assert store.history.count_runs(RunsWhere(job_name="job0")) == 3
    ends = store.history.status_changes(StatusEventsWhere(type="PIPELINE_SUCCESS"), ascending=True)
    assert [each.event.run_id for each in ends] == ["r1", "r3"]
    rest = StatusEventsWhere(type="PIPELINE_SUCCESS", after_id=ends[0].storage_id, job_names=["job1"])
    assert [each.event.run_id for each in store.history.status_changes(rest, ascending=True)] == ["r3"]


def test_dynamic_partitions_keep_their_ids_and_order(store: Store) -> None:
    dynamic = store.partitions
    assert dynamic.add_dynamic("colors", ["red", "blue", "red"], NOW) == ["red", "blue"]
    assert dynamic.add_dynamic("colors", ["blue", "green"], NOW) == ["green"]
    assert dynamic.list_dynamic("colors") == ["red", "blue", "green"]
    assert dynamic.delete_dynamic("colors", "red", NOW)
    assert not dynamic.delete_dynamic("colors", "red", NOW)
    assert not dynamic.has_dynamic("colors", "red")
    assert dynamic.has_dynamic("colors", "blue")
    dynamic.add_dynamic("colors", ["red", "pink"], NOW)
    assert dynamic.list_dynamic("colors") == ["blue", "green", "red", "pink"]
    ids = dynamic.known_ids("dynamic:colors")
    assert ids == {key: ids["red"] + n for n, key in enumerate(["red", "blue", "green", "pink"])}
    assert dynamic.list_dynamic("other") == []
    kinds = {(change.kind, change.subject) for change in store.changes_after(Position())}
    assert kinds == {("partition", "dynamic:colors")}


def test_static_keys_get_stable_ids(store: Store) -> None:
    scope = store.partitions.static_scope(ORDERS, NOW)
    found = store.partitions.ids(scope, ["b", "a"], NOW)
    first = found["b"]
    assert found == {"b": first, "a": first + 1}
    assert store.partitions.ids(scope, ["c", "a"], NOW) == {"c": first + 2, "a": first + 1}
    (other,) = store.partitions.ids(store.partitions.static_scope(OTHER, NOW), ["c"], NOW).values()
    assert other not in range(first, first + 3), "ids of two scopes are never the same"


def test_a_renamed_asset_keeps_its_history(store: Store) -> None:
    """T64"""
    lease = begin(store, "r", made("r", 3))
    new = AssetKey("renamed")
    assert store.rename_asset(ORDERS, new)
    assert store.assets.materialized_set(new) == ints((3, 4))
    assert store.assets.find(ORDERS) is None
    store.append_events(lease, [made("r", 4, asset=new)], NOW)
    assert store.assets.materialized_set(new) == ints((3, 5))
    assert not store.rename_asset(ORDERS, OTHER)
    store.append_events(lease, [made("r", asset=OTHER)], NOW)
    with pytest.raises(Conflict):
        store.rename_asset(new, OTHER)


def test_pruning_gives_space_back(durable: Store) -> None:
    """T58"""
    if durable.database.dialect == "postgres":
        pytest.skip("autovacuum's work")
    lease = begin(durable, "r", *[event("r", EventType.LOG, message="x" * 500) for _ in range(5000)])
    finish(durable, lease)

    def pages() -> int:
        return durable.database.connection().execute("PRAGMA page_count").fetchone()[0]

    before = pages()
    durable.prune(NOW + 40 * 86_400.0, RetentionPolicy())
    assert pages() < before / 4


def test_pruning_lets_history_go_and_never_state(store: Store) -> None:
    """T58"""
    day = 86_400.0
    old = begin(store, "old", *[event("old", EventType.LOG) for _ in range(50)], made("old", 1))
    finish(store, old)
    store.append_events(begin(store, "open"), [event("open", EventType.LOG)], NOW)
    store.create_run(Run(run_id="fresh", job_name="j"), NOW + 39 * day)
    middle = store.changes_after(Position())[1].position
    store.database.write(lambda tx: store.changes.save_cursor(tx, "reader", middle, None, NOW))
    pruned = store.prune(NOW + 40 * day, RetentionPolicy())
    assert (pruned.runs, pruned.events) == (1, 52)
    assert store.changes_after(Position())[0].position > middle
    assert pruned.changes == 2
    assert [each.event.type.value for each in store.read_events("old")] == ["ASSET_MATERIALIZATION"]
    assert len(store.read_events("open")) == 2
    assert store.find_run("old").status is RunStatus.SUCCESS
    assert store.assets.latest_materialization(ORDERS, "p1").event.run_id == "old"
    assert store.assets.materialized_set(ORDERS) == ints((1, 2))
    again = store.prune(NOW + 40 * day, RetentionPolicy())
    assert (again.runs, again.events, again.changes) == (0, 0, 0)
    store.database.write(lambda tx: store.changes.drop_cursor(tx, "reader"))
    assert store.prune(NOW + 40 * day, RetentionPolicy()).changes > 0
    kept = store.prune(
        NOW + 400 * day, RetentionPolicy(step_events=None, changes=None, ticks=None, plans=None)
    )
    assert (kept.events, kept.changes) == (0, 0)
    assert store.find_plan(store.find_run("open").plan_id) == b"plan"
