"""`treadle job backfill` with a partitioned job of ops: a run a partition, with the config and tags of its partition."""

import json
import signal
from typing import Any

import psutil
import pytest

from tests.cli.conftest import Project
from treadle.store.instance import Instance

LETTERS = """
import pathlib
import treadle as dg

def config_of(key):
    return {"ops": {"spell": {"config": {"text": key * 2}}}}

@dg.static_partitioned_config(["a", "b", "c"], tags_for_partition_key_fn=lambda key: {"letter": key})
def letters(key):
    return config_of(key)

@dg.op(config_schema={"text": str})
def spell(context):
    if context.partition_key == "b" and pathlib.Path("broken").exists():
        raise ValueError("not now")
    context.log.info(f"{context.partition_key} spells {context.op_config['text']}")

@dg.job(config=letters, tags={"team": "words"})
def spelling():
    spell()

@dg.op
def show(context):
    context.log.info(f"{context.partition_key_range.start} to {context.partition_key_range.end}")

@dg.job(partitions_def=dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-05"))
def days():
    show()

@dg.job(partitions_def=dg.DynamicPartitionsDefinition(name="shops"))
def shops():
    show()

@dg.job
def whole():
    show()

defs = dg.Definitions(jobs=[spelling, days, shops, whole])
"""
SLOW = """
import time
import treadle as dg

@dg.op
def wait(context):
    time.sleep(0.3)

@dg.job(partitions_def=dg.StaticPartitionsDefinition([f"p{n}" for n in range(6)]))
def slow():
    wait()
"""


@pytest.fixture
def letters(project: Project) -> Project:
    project.write("defs.py", LETTERS)
    return project


def _backfill(project: Project, job: str, *more: str) -> Any:
    return project.treadle("job", "backfill", "-f", "defs.py", "-j", job, *more)


def _runs(project: Project) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = json.loads(project.treadle("runs", "--json").out)
    return runs[::-1]


def test_each_partition_has_a_run_with_its_config_and_tags(letters: Project) -> None:
    done = _backfill(letters, "spelling", "--partitions", "a,c", "--tags", "why=test")
    assert done.code == 0, done.err
    assert "[2/2] c spelling succeeded" in done.out
    assert done.last_line.endswith("partitions: 2 succeeded")
    runs = _runs(letters)
    assert [run["partition"] for run in runs] == ["a", "c"]
    (listed,) = json.loads(letters.treadle("backfill", "--list", "--json").out)
    assert listed["partitions"] == {"succeeded": 2}
    assert runs[1]["tags"] == {
        "dagster/backfill": listed["backfill_id"],
        "dagster/partition": "c",
        "dagster/partition_set": "spelling_partition_set",
        "letter": "c",
        "team": "words",
        "why": "test",
    }
    assert "c spells cc" in letters.treadle("logs", runs[1]["run_id"]).out


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ((), ["01", "02", "03", "04"]),
        (("--all", "yes"), ["01", "02", "03", "04"]),
        (("--all",), ["01", "02", "03", "04"]),
        (("--from", "2024-01-02", "--to", "2024-01-03"), ["02", "03"]),
        (("--from", "2024-01-03"), ["03", "04"]),
        (("--to", "2024-01-02"), ["01", "02"]),
        (("--partition", "2024-01-04"), ["04"]),
    ],
)
def test_partitions_are_asked_for_one_by_one_in_ranges_or_all(
    letters: Project, given: tuple[str, ...], keys: list[str]
) -> None:
    """An open end of a range is the first or last partition, as at the peer."""
    assert _backfill(letters, "days", *given).code == 0
    assert [run["partition"] for run in _runs(letters)] == [f"2024-01-{key}" for key in keys]


def test_what_can_not_be_backfilled_is_refused_before_anything_is_stored(letters: Project) -> None:
    refused = {
        ("spelling", "--partitions", "a,z"): "z",
        ("days", "--from", "2024-01-03", "--to", "2024-01-02"): "reversed",
        ("whole",): "not partitioned",
        ("shops",): "no partitions yet",
        ("shops", "--from", "north"): "no partitions yet",
    }
    for (job, *more), told in refused.items():
        done = _backfill(letters, job, *more)
        assert done.code == 2, done
        assert told in done.err
    assert json.loads(letters.treadle("backfill", "--list", "--json").out) == []


def test_a_dry_run_lists_the_runs(letters: Project) -> None:
    told = _backfill(letters, "days", "--from", "2024-01-02", "--to", "2024-01-03", "--dry-run")
    assert told.out.splitlines()[:2] == ["2024-01-02 days", "2024-01-03 days"]
    ranged = _backfill(letters, "days", "--range", "--dry-run")
    assert ranged.out.splitlines()[0] == "2024-01-01...2024-01-04 days"
    assert _runs(letters) == []


def test_a_range_is_one_run_where_that_is_asked_for(letters: Project) -> None:
    assert _backfill(letters, "days", "--range").code == 0
    (run,) = _runs(letters)
    assert "2024-01-01 to 2024-01-04" in letters.treadle("logs", run["run_id"]).out
    different = _backfill(letters, "spelling", "--range")
    assert different.code == 2
    assert "config for each partition" in different.err


def test_a_failed_partition_is_tried_again_when_the_backfill_is_resumed(letters: Project) -> None:
    flag = letters.write("broken", "")
    failed = _backfill(letters, "spelling")
    assert failed.code == 1
    assert failed.out.count("succeeded") == 3, "two lines and the summary"
    (listed,) = json.loads(letters.treadle("backfill", "--list", "--json").out)
    assert (listed["status"], listed["partitions"]) == ("COMPLETED_FAILED", {"succeeded": 2, "failed": 1})
    flag.unlink()
    resumed = letters.treadle("backfill", "--resume", listed["backfill_id"])
    assert resumed.code == 0
    assert resumed.last_line.endswith("partitions: 3 succeeded")
    assert [run["partition"] for run in _runs(letters)] == ["a", "b", "c", "b"]


def test_partitions_of_which_a_run_succeeded_can_be_left_out(letters: Project) -> None:
    letters.write("broken", "")
    assert letters.treadle("job", "execute", "-f", "defs.py", "-j", "spelling", "--partition", "a").code == 0
    assert letters.treadle("job", "execute", "-f", "defs.py", "-j", "spelling", "--partition", "b").code == 1
    missing = _backfill(letters, "spelling", "--missing", "--dry-run")
    assert missing.out.splitlines()[:-1] == ["b spelling", "c spelling"]
    assert _backfill(letters, "days", "--range").code == 0
    assert "Nothing to do" in _backfill(letters, "days", "--missing").out


def test_a_partition_deleted_meanwhile_is_skipped(letters: Project) -> None:
    deleting = LETTERS.replace(
        'context.log.info(f"{context.partition_key_range.start} to {context.partition_key_range.end}")',
        "context.instance.delete_dynamic_partition('shops', 'south')",
    )
    letters.write("defs.py", deleting)
    with Instance.at(letters.folder / ".treadle") as instance:
        instance.add_dynamic_partitions("shops", ["north", "south", "west"])
    done = _backfill(letters, "shops")
    assert done.code == 0
    assert done.last_line.endswith("partitions: 2 succeeded, 1 skipped")
    assert "partition-gone: deleted since the backfill was accepted: south" in done.out


def test_a_job_that_is_gone_fails_its_partitions_with_its_name(letters: Project) -> None:
    letters.write("broken", "")
    _backfill(letters, "spelling")
    (listed,) = json.loads(letters.treadle("backfill", "--list", "--json").out)
    letters.write("defs.py", LETTERS.replace("def spelling", "def speling").replace("[spelling", "[speling"))
    resumed = letters.treadle("backfill", "-f", "defs.py", "--resume", listed["backfill_id"])
    assert resumed.code == 1
    assert "no partitioned job of ops `spelling` any more" in resumed.out


@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_killed_backfill_goes_on_where_it_was_and_runs_no_partition_twice(
    project: Project, concurrency: int
) -> None:
    project.write("slow.py", SLOW)
    process = project.start(
        "job", "backfill", "-f", "slow.py", "-j", "slow", "--concurrency", str(concurrency)
    )
    assert process.stdout is not None
    while "succeeded" not in (line := process.stdout.readline()):
        assert line, process.communicate()
    workers = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    psutil.wait_procs(workers, timeout=30)
    (listed,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    resumed = project.treadle("backfill", "--resume", listed["backfill_id"])
    assert resumed.code == 0, resumed.err
    assert resumed.last_line.endswith("partitions: 6 succeeded")
    succeeded = [run["partition"] for run in _runs(project) if run["status"] == "SUCCESS"]
    assert sorted(succeeded) == [f"p{n}" for n in range(6)]
