"""What becomes of a backfill whose runs make some of their assets and fail at others."""

import json
import signal
import time

import pytest

from tests.cli.conftest import Project
from treadle.core.events import EventType
from treadle.store.instance import Instance

DAYS = """
import pathlib
import treadle as dg
days = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-04")
MENDED = pathlib.Path("mended")

def fail_once(context):
    if context.partition_key == "2024-01-02" and not MENDED.exists():
        raise ValueError("bad day")
"""
SIDE_BY_SIDE = f"""{DAYS}
@dg.asset(partitions_def=days)
def good(context): return 1

@dg.asset(partitions_def=days)
def bad(context): fail_once(context)

@dg.asset
def of_good(good): return len(good)

@dg.asset
def of_bad(bad): return len(bad)
"""
HELD_UP = f"""{DAYS}
@dg.asset(partitions_def=days)
def orders(context): return 1

@dg.asset_check(asset=orders, blocking=True)
def is_right(): return dg.AssetCheckResult(passed=MENDED.exists())

@dg.asset
def report(orders): return len(orders)
"""
TOGETHER = f"""{DAYS}
@dg.multi_asset(specs=[dg.AssetSpec("one", partitions_def=days), dg.AssetSpec("two", partitions_def=days)])
def both(context):
    yield dg.MaterializeResult("one")
    fail_once(context)
    yield dg.MaterializeResult("two")

@dg.asset(partitions_def=days)
def apart(context): return 1
"""
A_BAD_CHECK = f"""{DAYS}
@dg.asset(partitions_def=days)
def orders(context): return 1

@dg.asset_check(asset=orders)
def is_right():
    if not MENDED.exists(): raise ValueError("no check today")
    return dg.AssetCheckResult(passed=True)

@dg.asset
def report(orders): return len(orders)
"""


def _backfill(project: Project, *arguments: str) -> tuple[int, dict[str, int], list[str]]:
    """Exit code, partitions by state, and the lines of its runs."""
    done = project.treadle("backfill", *arguments)
    (listed,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    lines = [line.split(" in ")[0] for line in done.out.splitlines() if line.startswith("[")]
    return done.code, listed["partitions"], lines


def _resume(project: Project) -> tuple[int, dict[str, int], list[str]]:
    (listed,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    (project.folder / "mended").touch()
    return _backfill(project, "--resume", listed["backfill_id"])


def test_what_a_failed_run_made_counts_as_made_and_is_not_made_again(project: Project) -> None:
    project.write("defs.py", SIDE_BY_SIDE)
    code, counts, lines = _backfill(project, "-f", "defs.py", "--select", "*")
    assert (code, counts) == (1, {"materialized": 6, "failed": 1, "skipped": 1})
    assert lines[-1] == "[4/4] of_good, of_bad skipped", "of_good is made, of_bad is left out"
    (listed,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    left = json.loads(
        project.treadle("backfill", "--resume", listed["backfill_id"], "--dry-run", "--json").out
    )
    assert [chunk["assets"] for chunk in left] == [["bad"], ["of_bad"]]
    code, counts, lines = _resume(project)
    assert (code, counts) == (0, {"materialized": 8})
    assert [line.split("] ")[1] for line in lines] == ["2024-01-02 bad materialized", "of_bad materialized"]


def test_what_a_blocking_check_holds_up_is_not_read_and_made_again(project: Project) -> None:
    project.write("defs.py", HELD_UP)
    code, counts, _ = _backfill(project, "-f", "defs.py", "--select", "*")
    assert (code, counts) == (1, {"failed": 3, "skipped": 1})
    assert _resume(project)[:2] == (0, {"materialized": 4})


def test_what_a_function_makes_together_is_made_again_together(project: Project) -> None:
    project.write("defs.py", TOGETHER)
    code, counts, _ = _backfill(project, "-f", "defs.py", "--select", "*")
    assert (code, counts) == (1, {"materialized": 7, "failed": 2})
    code, counts, lines = _resume(project)
    assert (code, counts) == (0, {"materialized": 9})
    assert [line.split("] ")[1] for line in lines] == ["2024-01-02 one, two materialized"]


def test_a_run_that_made_everything_and_failed_at_a_check_is_tried_again(project: Project) -> None:
    project.write("defs.py", A_BAD_CHECK)
    code, counts, lines = _backfill(project, "-f", "defs.py", "--select", "*")
    assert (code, counts) == (1, {"materialized": 4})
    assert lines[0] == "[1/4] 2024-01-01 orders failed", "its run did not succeed"
    assert lines[-1] == "[4/4] report materialized", "no check that blocks stands against it"
    code, counts, lines = _resume(project)
    assert (code, counts, len(lines)) == (0, {"materialized": 4}, 3)


A_FAILED_CHECK = f"""{DAYS}
@dg.asset(partitions_def=days)
def good(context): return 1

@dg.asset_check(asset=good)
def is_right(): return dg.AssetCheckResult(passed=False)

@dg.asset(partitions_def=days)
def bad(context): fail_once(context)

@dg.asset_check(asset=bad)
def is_there(): return dg.AssetCheckResult(passed=True)
"""


def test_checks_of_what_is_not_made_again_still_count(project: Project) -> None:
    project.write("defs.py", A_FAILED_CHECK)
    assert project.treadle("backfill", "-f", "defs.py", "--select", "*").code == 1
    (project.folder / "mended").touch()
    resumed = json.loads(project.treadle("backfill", "--resume", "latest", "--json").out)
    assert resumed["partitions"] == {"materialized": 6}
    assert resumed["checks"] == {"passed": 3, "failed": 3}


LEFT_OUT = f"""{DAYS}
@dg.multi_asset(
    outs={{"given": dg.AssetOut(is_required=False), "kept": dg.AssetOut(is_required=False)}}, partitions_def=days
)
def maybe(context):
    yield dg.Output(1, "given")

@dg.asset(partitions_def=days)
def after(kept): return kept
"""


def test_what_optional_outputs_leave_out_is_not_counted_as_made(project: Project) -> None:
    project.write("defs.py", LEFT_OUT)
    code, counts, _ = _backfill(project, "-f", "defs.py", "--select", "*")
    assert (code, counts) == (0, {"materialized": 3, "skipped": 6})


SLOW = """
import time
import treadle as dg
parts = dg.StaticPartitionsDefinition(["p"])

@dg.asset(partitions_def=parts)
def quick(): return 1

@dg.asset(partitions_def=parts)
def slow(quick):
    time.sleep(60)
"""


def _has_succeeded(project: Project, step_key: str) -> bool:
    with Instance.at(project.folder / ".treadle") as instance:
        return any(
            stored.event.type is EventType.STEP_SUCCESS and stored.event.step_key == step_key
            for run in instance.get_runs()
            for stored in instance.store.read_events(run.run_id)
        )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_of_a_killed_backfill_what_was_made_is_not_made_again(
    project: Project, number: signal.Signals
) -> None:
    project.write("defs.py", SLOW)
    running = project.start("backfill", "-f", "defs.py", "--select", "*")
    while not _has_succeeded(project, "quick"):
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)
    running.send_signal(number)
    running.communicate(timeout=20)
    (listed,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    left = json.loads(
        project.treadle("backfill", "--resume", listed["backfill_id"], "--dry-run", "--json").out
    )
    assert left == [{"assets": ["slow"], "partitions": ["p"]}]
