"""Every recorded run: same events in the same order, statuses, values, exceptions."""

import itertools
from typing import Any

import pytest

import treadle
from tests.run.recorded import CASES, PLANNED, comparable, is_a, matches, told
from treadle.core.events import EventType
from treadle.store.instance import Instance

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


# Sensors come with a later issue.
# Deviations on purpose: docs/compatibility.d/engine.md
DEVIATIONS = {"partition_range_single_run"}

RUNNABLE = sorted(set(CASES) - DEVIATIONS)


def program(case: dict[str, Any]) -> dict[str, Any]:
    namespace: dict[str, Any] = {"dg": treadle, "__name__": "recorded_program"}
    exec(compile(case["source"], case["id"], "exec"), namespace)
    return namespace


def listed(results: Any) -> list[Any]:
    return results if isinstance(results, list) else [results]


@pytest.mark.parametrize("case_id", RUNNABLE)
def test_a_recorded_program_does_the_same_here(case_id: str, tmp_path: Any) -> None:
    case = CASES[case_id]
    instance = Instance.ephemeral(tempdir=str(tmp_path))
    namespace = program(case)
    if case["raised_without_raise_on_error"] is not None:
        with pytest.raises(BaseException) as caught:
            namespace["run"](instance, False)
        assert is_a(caught.value, case["raised_without_raise_on_error"][0])
        return
    results = listed(namespace["run"](instance, False))
    assert len(results) == len(case["runs"])
    for result, recorded in zip(results, case["runs"], strict=True):
        compare_run(result, recorded, instance)
    if "extra" in case:
        found = namespace["extra"]()
        assert _plain(found) == case["extra"]


def without_path_of_none(ours: Any, recorded: Any) -> Any:
    """A value None is stored like any other here, so its metadata has a path (docs/compatibility.d/engine.md)."""
    if "metadata" not in recorded and set(ours.get("metadata", ())) == {"path"}:
        return {key: value for key, value in ours.items() if key != "metadata"}
    return ours


def hooks_in_order(rows: list[list[Any]]) -> list[list[Any]]:
    """Hooks form a set: which of two of one step is called first is no fact."""
    found: list[list[Any]] = []
    for is_hook, group in itertools.groupby(rows, key=lambda row: str(row[0]).startswith("HOOK_") and row[1]):
        found += sorted(group, key=lambda row: str(row[0])) if is_hook else list(group)
    return found


def compare_run(result: Any, recorded: dict[str, Any], instance: Instance) -> None:
    stored = [item.event for item in instance.store.read_events(result.run_id)]
    ours = hooks_in_order([[*row[:4], comparable(row[4])] for row in told(stored)])
    theirs = hooks_in_order([[*row[:4], comparable(row[4])] for row in recorded["events"]])
    assert [row[:4] for row in ours] == [row[:4] for row in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert matches(other[4] or {}, without_path_of_none(mine[4] or {}, other[4] or {})), (mine, other)
    assert result.success == recorded["success"]
    assert instance.store.find_run(result.run_id).status.value == recorded["status"]
    tags = dict(instance.store.find_run(result.run_id).tags)
    assert matches(recorded["run_tags"], tags), tags
    own = [event.event_type_value for event in result.all_events]
    in_log = [event.type.value for event in stored for _ in event.partition_keys or (None,)]
    assert own == [kind for kind in in_log if kind not in PLANNED and kind != EventType.LOG.value]
    for name, value in recorded["outputs"].items():
        node, _, output = name.rpartition(":")
        if not (isinstance(value, dict) and "repr_type" in value):
            assert result.output_for_node(node, output) == value
    for key, value in recorded["asset_values"].items():
        if not (isinstance(value, dict) and ("repr_type" in value or "error" in value)):
            assert result.asset_value(treadle.AssetKey.from_user_string(key)) == value


@pytest.mark.parametrize("case_id", RUNNABLE)
def test_a_recorded_program_raises_the_same_here(case_id: str, tmp_path: Any) -> None:
    case = CASES[case_id]
    instance = Instance.ephemeral(tempdir=str(tmp_path))
    namespace = program(case)
    if case["raised"] is None:
        namespace["run"](instance, True)
        return
    with pytest.raises(BaseException) as caught:
        namespace["run"](instance, True)
    chain = [caught.value]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    assert len(chain) >= len(case["raised"])
    assert all(map(is_a, chain, case["raised"])), chain


def _plain(found: Any) -> Any:
    if isinstance(found, list | tuple):
        return [_plain(item) for item in found]
    return found


def test_a_range_whose_values_go_to_files_fails_as_recorded_and_says_what_to_do(tmp_path: Any) -> None:
    """`partition_range_single_run`: the same events; in place of the peer's bare CheckError an error with a hint."""
    case = CASES["partition_range_single_run"]
    instance = Instance.ephemeral(tempdir=str(tmp_path))
    namespace = program(case)
    result = namespace["run"](instance, False)
    stored = [item.event for item in instance.store.read_events(result.run_id)]
    recorded = case["runs"][0]
    assert [row[:4] for row in told(stored)] == [row[:4] for row in recorded["events"]]
    assert result.success == recorded["success"]
    assert not instance.get_materialized_partitions(treadle.AssetKey("a"))
    with pytest.raises(treadle.DagsterInvariantViolationError, match="ran on 3 partitions at once") as caught:
        namespace["run"](instance, True)
    assert "run a partition at a time" in caught.value.hint
