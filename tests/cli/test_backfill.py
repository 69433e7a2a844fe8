"""`treadle backfill`: order of need, ranges, several processes, resuming; and the plan behind it."""

import json
import os
import signal
import time
from pathlib import Path

import msgspec
import psutil
import pytest
from msgspec.structs import replace

import treadle as dg
from tests.cli.conftest import Project
from treadle.core.errors import UnknownPartitionError
from treadle.core.keys import AssetKey
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.define.build_catalog import build_code
from treadle.plan.backfill import BackfillPlan, plan_backfill
from treadle.store.liveness import this_process

MIXED = """
import treadle as dg
days = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-03-01")
months = dg.MonthlyPartitionsDefinition(start_date="2024-01-01", end_date="2024-03-01")

@dg.asset(partitions_def=days)
def daily(context): return context.partition_key

@dg.asset(partitions_def=months)
def monthly(daily): return len(daily)

@dg.asset
def total(monthly): return sum(monthly.values())
"""
SLOW = """
import time
import treadle as dg

@dg.asset(partitions_def=dg.StaticPartitionsDefinition([f"p{n}" for n in range(6)]))
def slow(context):
    time.sleep(0.3)
    return context.partition_key
"""
WITH_FAILURE = """
import pathlib
import treadle as dg
days = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-05")

@dg.asset(partitions_def=days)
def raw(context):
    if context.partition_key == "2024-01-02" and not pathlib.Path("mended").exists():
        raise ValueError("bad day")
    return 1

@dg.asset(partitions_def=days)
def sums(context, previous_raw: dict = 0): return 1

@dg.asset
def report(raw): return len(raw)
"""
IN_ONE_GO = """
import pathlib
import treadle as dg

@dg.multi_asset(specs=[
    dg.AssetSpec("z"), dg.AssetSpec("y", partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
])
def both(context):
    if context.partition_key == "a" and not pathlib.Path("mended").exists():
        raise ValueError("bad letter")
    yield dg.MaterializeResult("z")
    yield dg.MaterializeResult("y")

@dg.asset(deps=["z"])
def after(): ...
"""


def _plan(assets: list[object], wanted: list[str], **options: object) -> BackfillPlan:
    catalog = build_code(assets=assets).catalog
    return plan_backfill(catalog, [AssetKey(name) for name in wanted], **options)  # type: ignore[arg-type]


def _told(plan: BackfillPlan) -> list[tuple[str, str]]:
    return [
        (
            "+".join(key.to_user_string() for key in chunk.asset_keys),
            "" if chunk.partitions is None else ",".join(chunk.partitions),
        )
        for chunk in plan.chunks
    ]


def test_every_key_of_the_range_is_made_once(project: Project) -> None:
    """S1-28"""
    project.write("mixed.py", MIXED)
    done = project.treadle(
        "asset", "backfill", "-m", "mixed", "-a", "daily", "--from", "2024-01-30", "--to", "2024-02-02"
    )
    assert done.code == 0, done.err
    assert "[1/4] 2024-01-30 daily materialized" in done.out
    assert done.last_line.endswith("partitions: 4 materialized")
    runs = json.loads(project.treadle("runs", "--json").out)
    assert sorted(run["partition"] for run in runs) == [
        "2024-01-30",
        "2024-01-31",
        "2024-02-01",
        "2024-02-02",
    ]
    assert "4 of 60 materialized" in project.treadle("list", "-m", "mixed").out


def test_days_come_before_months_before_the_total(project: Project) -> None:
    project.write("mixed.py", MIXED)
    done = project.treadle(
        "backfill", "-f", "mixed.py", "--select", "*", "--from", "2024-01-01", "--to", "2024-02-29"
    )
    assert done.code == 0, done.out
    lines = [line for line in done.out.splitlines() if line.startswith("[")]
    names = [next(name for name in ("daily", "monthly", "total") if f" {name} " in line) for line in lines]
    assert names == ["daily"] * 60 + ["monthly"] * 2 + ["total"]
    made = json.loads(project.treadle("list", "-f", "mixed.py", "--json").out)
    assert [each["state"] for each in made] == ["All materialized", "All materialized", "Fresh"]


def test_a_reversed_or_unknown_range_is_refused(project: Project) -> None:
    """S1-28"""
    project.write("mixed.py", MIXED)
    run = ("backfill", "-f", "mixed.py", "-a", "daily", "--from")
    reversed_range = project.treadle(*run, "2024-02-02", "--to", "2024-01-30")
    assert reversed_range.code == 2
    assert "reversed" in reversed_range.err
    unknown = project.treadle(*run, "2023-12-31", "--to", "2024-01-03")
    assert unknown.code == 2
    assert "2023-12-31" in unknown.err
    assert project.treadle(*run, "2024-01-01").code == 2
    assert json.loads(project.treadle("backfill", "--list", "--json").out) == []


def test_a_dry_run_lists_the_keys(project: Project) -> None:
    """S1-28"""
    project.write("mixed.py", MIXED)
    run = (
        "backfill",
        "-f",
        "mixed.py",
        "-a",
        "daily",
        "--partition-range",
        "2024-01-01...2024-01-03",
        "--dry-run",
    )
    assert project.treadle(*run).out.splitlines()[:3] == [f"2024-01-0{day} daily" for day in (1, 2, 3)]
    ranged = project.treadle(*run, "--range")
    assert "2024-01-01...2024-01-03 daily" in ranged.out
    assert "do not say that they take them: `daily`" in ranged.err
    assert project.treadle(*run).err == ""
    assert json.loads(project.treadle("runs", "--json").out) == []


def test_only_missing_partitions_are_made_on_demand(project: Project) -> None:
    project.write("mixed.py", MIXED)
    project.treadle("materialize", "-f", "mixed.py", "-a", "daily", "--partition", "2024-01-02")
    run = (
        "backfill",
        "-f",
        "mixed.py",
        "-a",
        "daily",
        "--from",
        "2024-01-01",
        "--to",
        "2024-01-03",
        "--missing",
    )
    planned = json.loads(project.treadle(*run, "--dry-run", "--json").out)
    assert [chunk["partitions"] for chunk in planned] == [["2024-01-01"], ["2024-01-03"]]
    assert project.treadle(*run).code == 0
    assert "Nothing to do" in project.treadle(*run).out


def test_an_asset_without_partitions_that_is_made_is_not_missing(project: Project) -> None:
    project.write(
        "letters.py",
        "import treadle as dg\n"
        "@dg.asset(partitions_def=dg.StaticPartitionsDefinition(['a', 'b']))\n"
        "def letters(): ...\n"
        "@dg.asset(deps=[letters])\n"
        "def total(): ...\n",
    )
    run = ("backfill", "-f", "letters.py", "--select", "*", "--missing")
    assert project.treadle(*run).last_line.endswith("partitions: 3 materialized")
    assert "Nothing to do" in project.treadle(*run).out
    project.treadle("asset", "wipe", "total", "--yes")
    planned = json.loads(project.treadle(*run, "--dry-run", "--json").out)
    assert [chunk["assets"] for chunk in planned] == [["total"]]


def test_a_function_that_makes_assets_with_and_without_partitions_is_backfilled(project: Project) -> None:
    project.write("in_one_go.py", IN_ONE_GO)
    failed = project.treadle("backfill", "-f", "in_one_go.py", "--select", "*")
    assert failed.code == 1
    assert "1 materialized, 2 failed, 1 skipped" in failed.out
    (project.folder / "mended").touch()
    resumed = project.treadle("backfill", "--resume", "latest")
    assert resumed.code == 0, resumed.out + resumed.err
    assert resumed.last_line.endswith("partitions: 4 materialized")
    listed = json.loads(project.treadle("list", "-f", "in_one_go.py", "--json").out)
    assert [each["state"] for each in listed] == ["Fresh", "All materialized", "Fresh"]


def test_what_needs_a_failed_partition_is_skipped_and_a_resumed_backfill_makes_it(project: Project) -> None:
    project.write("failing.py", WITH_FAILURE)
    failed = project.treadle("backfill", "-f", "failing.py", "--select", "raw,report")
    assert failed.code == 1
    assert "ValueError: bad day" in failed.out
    assert "3 materialized, 1 failed, 1 skipped" in failed.out
    (project.folder / "mended").touch()
    (listed,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    assert not listed["partitions"].get("in_flight"), "nobody works on it any more"
    backfill_id = listed["backfill_id"]
    resumed = project.treadle("backfill", "--resume", backfill_id)
    assert resumed.code == 0, resumed.out + resumed.err
    assert resumed.last_line.endswith("partitions: 5 materialized")
    assert [line.split()[0] for line in resumed.out.splitlines() if line.startswith("[")] == [
        "[2/5]",
        "[5/5]",
    ]
    assert "nothing is left" in project.treadle("backfill", "--resume", "latest").out


def test_several_processes_share_a_backfill_and_make_each_partition_once(project: Project) -> None:
    """I8"""
    project.write("slow.py", SLOW)
    done = project.process("backfill", "-f", "slow.py", "-a", "slow", "--concurrency", "2")
    assert done.code == 0, done.err
    assert done.last_line.endswith("partitions: 6 materialized")
    runs = json.loads(project.treadle("runs", "--json").out)
    assert sorted(run["partition"] for run in runs) == [f"p{n}" for n in range(6)]


def test_processes_wait_for_all_that_a_later_run_needs(project: Project) -> None:
    project.write(
        "order.py",
        "import time\nimport treadle as dg\n"
        "@dg.asset(partitions_def=dg.StaticPartitionsDefinition(['quick', 'slow']))\n"
        "def part(context):\n    time.sleep(1.5 if context.partition_key == 'slow' else 0)\n    return 1\n"
        "@dg.asset\ndef total(part): return sum(part.values())\n",
    )
    done = project.process("backfill", "-f", "order.py", "--select", "*", "--concurrency", "2")
    assert done.code == 0, done.out
    assert done.last_line.endswith("partitions: 3 materialized")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_backfill_can_be_resumed(project: Project, end: signal.Signals) -> None:
    project.write("slow.py", SLOW)
    process = project.start("backfill", "-f", "slow.py", "-a", "slow")
    assert process.stdout is not None
    while "materialized" not in (line := process.stdout.readline()):
        assert line, process.communicate()
    time.sleep(0.1)
    process.send_signal(end)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == (130 if end == signal.SIGINT else -9)
    if end == signal.SIGINT:
        assert "treadle backfill --resume" in out
    (listed,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    assert not listed["partitions"].get("in_flight"), "nobody works on it any more"
    backfill_id = listed["backfill_id"]
    resumed = project.treadle("backfill", "--resume", backfill_id)
    assert resumed.code == 0, resumed.err
    assert resumed.last_line.endswith("partitions: 6 materialized")


def test_assets_of_one_definition_share_a_run_unless_a_mapping_shifts_the_partitions() -> None:
    days = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-04")
    shift = dg.TimeWindowPartitionMapping(start_offset=-1)

    @dg.asset(partitions_def=days)
    def a() -> None: ...

    @dg.asset(partitions_def=days, deps=[a])
    def b() -> None: ...

    @dg.asset(partitions_def=days, deps=[dg.AssetDep(b, partition_mapping=shift)])
    def c() -> None: ...

    plan = _plan([a, b, c], ["a", "b", "c"])
    assert _told(plan)[:3] == [("a+b", f"2024-01-0{day}") for day in (1, 2, 3)]
    assert _told(plan)[3:] == [("c", f"2024-01-0{day}") for day in (1, 2, 3)]
    assert plan.stage_ends == (3, 6)


def test_an_asset_that_reads_its_own_past_is_made_in_order() -> None:
    days = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-04")
    shift = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    @dg.asset(partitions_def=days, deps=[dg.AssetDep("running", partition_mapping=shift)])
    def running() -> None: ...

    assert _plan([running], ["running"]).stage_ends == (1, 2, 3)


def test_backfill_policies_size_the_runs() -> None:
    days = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-06")

    @dg.asset(partitions_def=days, backfill_policy=dg.BackfillPolicy.multi_run(2))
    def pairs() -> None: ...

    @dg.asset(partitions_def=days, backfill_policy=dg.BackfillPolicy.single_run())
    def whole() -> None: ...

    assert [len(keys.split(",")) for _, keys in _told(_plan([pairs], ["pairs"]))] == [2, 2, 1]
    assert len(_plan([whole], ["whole"]).chunks) == 1
    assert len(_plan([pairs], ["pairs"], one_run_a_range=True).chunks) == 1


def test_a_key_that_no_definition_has_is_refused() -> None:
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
    def letters() -> None: ...

    with pytest.raises(UnknownPartitionError, match="'c'"):
        _plan([letters], ["letters"], keys=["c"])
    with pytest.raises(UnknownPartitionError, match="reversed"):
        _plan([letters], ["letters"], key_range=PartitionKeyRange("b", "a"))


def test_a_range_that_is_reversed_in_one_dimension_names_it() -> None:
    sides = {"x": dg.StaticPartitionsDefinition(["a", "b"]), "y": dg.StaticPartitionsDefinition(["a", "b"])}

    @dg.asset(partitions_def=dg.MultiPartitionsDefinition(sides))
    def grid() -> None: ...

    with pytest.raises(UnknownPartitionError, match="reversed in `y`"):
        _plan([grid], ["grid"], key_range=PartitionKeyRange("a|b", "b|a"))


def test_the_parent_that_is_gone_stops_its_workers(project: Project) -> None:
    project.write("slow.py", SLOW.replace("0.3", "0.6"))
    parent = project.start("backfill", "-f", "slow.py", "-a", "slow", "--concurrency", "2")
    assert parent.stdout is not None
    while "materialized" not in (line := parent.stdout.readline()):
        assert line, parent.communicate()
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()  # ends when the last worker has
    counts = json.loads(project.treadle("backfill", "--list", "--json").out)[0]["partitions"]
    assert counts.get("pending", 0) > 0
    assert "in_flight" not in counts
    assert Path(project.folder / ".treadle").is_dir()


def test_a_worker_whose_parent_was_gone_before_it_looked_makes_nothing(project: Project) -> None:
    project.write("slow.py", SLOW)
    stopped = project.start("backfill", "-f", "slow.py", "-a", "slow")
    assert stopped.stdout is not None
    backfill_id = stopped.stdout.readline().split()[1]
    gone = msgspec.json.encode(replace(this_process(), pid=stopped.pid, process_started=1.0)).decode()
    stopped.kill()
    stopped.communicate()
    before = json.loads(project.treadle("backfill", "--list", "--json").out)[0]["partitions"]
    worker = project.process("backfill", "-f", "slow.py", "--resume", backfill_id, "--beside", gone)
    assert worker.code != 0
    assert json.loads(project.treadle("backfill", "--list", "--json").out)[0]["partitions"] == before


def test_workers_that_were_just_starting_when_their_parent_died_make_nothing_more(project: Project) -> None:
    project.write("slow.py", SLOW)
    parent = project.start("backfill", "-f", "slow.py", "-a", "slow", "--concurrency", "2")
    assert parent.stdout is not None
    parent.stdout.readline()
    while not (workers := psutil.Process(parent.pid).children()):
        pass
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    psutil.wait_procs(workers, timeout=30)
    counts = json.loads(project.treadle("backfill", "--list", "--json").out)[0]["partitions"]
    assert set(counts) <= {"pending"}


def test_windows_of_one_key_are_refused_before_a_backfill_is_accepted(project: Project) -> None:
    project.write(
        "lossy.py",
        "import treadle as dg\n"
        "quarters = dg.TimeWindowPartitionsDefinition(\n"
        "    start='2024-01-01', end='2024-01-03', fmt='%Y-%m-%d', cron_schedule='0 */6 * * *')\n"
        "@dg.asset(partitions_def=quarters)\ndef lossy(): ...\n"
        "@dg.op\ndef work(): ...\n@dg.job(partitions_def=quarters)\ndef quarterly(): work()\n",
    )
    for command in (("backfill", "--select", "*"), ("job", "backfill", "-j", "quarterly")):
        options = ("--from", "2024-01-01", "--to", "2024-01-02")
        refused = project.treadle(*command, "-f", "lossy.py", *options)
        assert refused.code == 2
        assert "are both partition `2024-01-01`" in refused.err
        assert "hint: give the partitions definition a `fmt` that tells windows apart" in refused.err
        assert "lossy-partition-keys" in refused.err
    assert "no backfills" in project.treadle("backfill", "-f", "lossy.py", "--list").err
