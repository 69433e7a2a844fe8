"""A backfill outlives the deletion of partitions that it was to make, and errors of one chunk."""

import json

import pytest

import treadle as dg
from tests.cli.conftest import Project
from treadle.core.errors import InvariantViolationError
from treadle.store.instance import Instance

SHRINKING = """
import treadle as dg

regions = dg.DynamicPartitionsDefinition(name="regions")

@dg.asset(partitions_def=regions)
def sales(context):
    if context.partition_key == "a" and context.instance.has_dynamic_partition("regions", "b"):
        context.instance.delete_dynamic_partition("regions", "b")
    return context.partition_key

@dg.asset(partitions_def=regions)
def report(sales): return sales
"""

RANGES = """
import treadle as dg

regions = dg.DynamicPartitionsDefinition(name="regions")

@dg.asset(partitions_def=regions, backfill_policy=dg.BackfillPolicy.multi_run(2))
def sales(context):
    if "a" in context.partition_keys:
        context.instance.delete_dynamic_partition("regions", "c")
    return dg.MaterializeResult()
"""


def _open(project: Project) -> Instance:
    return Instance.at(project.folder / ".treadle")


def _chunks(project: Project) -> tuple[str, list[tuple[str, str | None]], str]:
    with _open(project) as instance:
        (found,) = instance.store.backfills.list_all()
        chunks = instance.store.backfills.chunk_states(found.backfill_id)
        return found.backfill_id, [(each.state, each.reason) for each in chunks], found.status.name


@pytest.fixture
def shrinking(project: Project) -> Project:
    project.write("shrinking.py", SHRINKING)
    with _open(project) as instance:
        instance.add_dynamic_partitions("regions", ["a", "b", "c"])
    return project


def test_a_partition_deleted_meanwhile_is_skipped_and_the_others_are_made(shrinking: Project) -> None:
    done = shrinking.treadle("backfill", "-f", "shrinking.py", "-a", "sales")
    assert done.code == 0, done
    backfill_id, chunks, status = _chunks(shrinking)
    gone = "partition-gone: deleted since the backfill was accepted: b"
    assert chunks == [("materialized", None), ("skipped", gone), ("materialized", None)]
    assert status == "SUCCESS"
    assert gone in done.out
    again = shrinking.treadle("backfill", "--resume", backfill_id)
    assert again.code == 0, again
    assert _chunks(shrinking) == (backfill_id, chunks, status)
    with _open(shrinking) as instance:
        instance.add_dynamic_partitions("regions", ["b"])
    assert shrinking.treadle("backfill", "--resume", backfill_id).code == 0
    listed = json.loads(shrinking.treadle("backfill", "--list", "--json").out)
    assert listed[0]["status"] == "COMPLETED_SUCCESS"


def test_of_a_range_what_is_left_is_made_and_what_was_deleted_is_named(project: Project) -> None:
    """T48"""
    project.write("ranges.py", RANGES)
    with _open(project) as instance:
        instance.add_dynamic_partitions("regions", ["a", "b", "c", "d"])
    done = project.treadle("backfill", "-f", "ranges.py", "--select", "*")
    assert done.code == 0, done
    gone = "partition-gone: deleted since the backfill was accepted: c"
    assert _chunks(project)[1] == [("materialized", None), ("materialized", gone)]
    assert gone in done.out
    with _open(project) as instance:
        assert instance.get_materialized_partitions(dg.AssetKey("sales")) == {"a", "b", "d"}


def test_an_error_of_one_chunk_leaves_none_in_flight(
    shrinking: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, number: int, chunk: object, run_id: str) -> None:
        if number == 1:
            raise RuntimeError("no screen")

    monkeypatch.setattr("treadle.cli.backfill_view.BackfillReporter.on_start", broken)
    with _open(shrinking) as instance:
        instance.delete_dynamic_partition("regions", "b")
        instance.add_dynamic_partitions("regions", ["d"])
    done = shrinking.treadle("backfill", "-f", "shrinking.py", "-a", "sales")
    assert done.code == 1, done
    assert _chunks(shrinking)[1:] == (
        [("materialized", None), ("failed", "RuntimeError: no screen"), ("materialized", None)],
        "FAILED",
    )


def test_an_empty_set_has_no_first_and_no_last_key() -> None:
    empty = dg.StaticPartitionsDefinition(["a"]).empty_subset()
    with pytest.raises(InvariantViolationError, match="no first key"):
        _ = empty.first_key
    with pytest.raises(InvariantViolationError, match="no last key"):
        _ = empty.last_key
