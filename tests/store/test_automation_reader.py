"""What automation reads, on every store: what is true, what changed since, and when that can not be told."""

import pytest

import treadle as dg
from tests.store.making import begin, checked, event, finish, made, planned
from treadle.core.events import CheckData, EventType
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.run_states import RunStatus
from treadle.plan.automation.facts import Facts, Seen, Wanted
from treadle.store import Store
from treadle.store.automation import AutomationReader
from treadle.store.instance import Instance
from treadle.store.retention import RetentionPolicy

A, B = AssetKey("a"), AssetKey("b")
CHECK = AssetCheckKey(A, "chk")
LATER = 4_000_000_000.0


def facts(store: Store, key: AssetKey | AssetCheckKey, before: Seen | None = None) -> Facts:
    (found,) = AutomationReader(Instance(store)).facts([Wanted(key, None, before, True)])
    return found


def test_runs_and_failures_are_seen(store: Store) -> None:
    assert facts(store, A)[:2] == (False, False)
    lease = begin(store, "r1", planned("r1", asset=A))
    assert facts(store, A).running is True
    finish(store, lease, RunStatus.FAILURE)
    assert facts(store, A)[1:3] == (False, True)
    lease = begin(store, "r2", planned("r2", asset=A), made("r2", asset=A))
    found = facts(store, A)
    assert (found.made, found.running, found.failed) == (True, False, False)
    finish(store, lease)


def test_what_is_new_is_told_once(store: Store) -> None:
    lease = begin(store, "r1", planned("r1", asset=A), made("r1", asset=A))
    first = facts(store, A)
    assert first.fresh is False
    assert facts(store, A, Seen()).fresh is True
    assert facts(store, A, first.seen).fresh is False
    finish(store, lease)


def test_a_check_has_passed_or_failed_or_is_being_evaluated(store: Store) -> None:
    plan = event(
        "r1", EventType.ASSET_CHECK_EVALUATION_PLANNED, asset_key=A, data=CheckData(name="chk", passed=False)
    )
    lease = begin(store, "r1", plan)
    assert facts(store, CHECK).running is True
    store.append_events(lease, [checked("r1", "chk", True, A)], LATER)
    found = facts(store, CHECK)
    assert (found.made, found.running, found.passed) == (True, False, True)
    finish(store, lease)


def test_the_feed_names_what_a_run_was_about(store: Store) -> None:
    reader = AutomationReader(Instance(store))
    start = reader.position()
    lease = begin(store, "r1", planned("r1", asset=A))
    finish(store, lease)
    Instance(store).report_runless_asset_event(dg.AssetMaterialization(B))
    Instance(store).add_dynamic_partitions("colours", ["red"])
    Instance(store).wipe_assets([B])
    changes = AutomationReader(Instance(store)).changes_since(start)
    assert changes is not None
    assert set(changes.entities) == {A, B}
    assert (set(changes.dynamic), set(changes.wiped)) == ({"colours"}, {B})


def test_a_position_whose_followers_were_pruned_is_told(store: Store) -> None:
    instance = Instance(store)
    instance.report_runless_asset_event(dg.AssetMaterialization(A))
    early = AutomationReader(instance).position()
    for _ in range(3):
        instance.report_runless_asset_event(dg.AssetMaterialization(A))
    assert AutomationReader(instance).changes_since(early) is not None
    store.prune(LATER, RetentionPolicy(changes=1.0))
    assert AutomationReader(instance).changes_since(early) is None
    instance.report_runless_asset_event(dg.AssetMaterialization(B))
    assert AutomationReader(instance).changes_since(early) is None
    assert AutomationReader(instance).changes_since("nonsense") is None


@pytest.mark.parametrize("count", [3, 150])
def test_many_are_read_as_few(store: Store, count: int) -> None:
    instance = Instance(store)
    keys = [AssetKey(f"n{n}") for n in range(count)]
    for key in keys[::2]:
        instance.report_runless_asset_event(dg.AssetMaterialization(key))
    begin(store, "r1", planned("r1", asset=keys[1]))
    found = AutomationReader(instance).facts([Wanted(key, None, None, True) for key in keys])
    assert [one.made for one in found] == [n % 2 == 0 for n in range(count)]
    assert [one.running for one in found] == [n == 1 for n in range(count)]
