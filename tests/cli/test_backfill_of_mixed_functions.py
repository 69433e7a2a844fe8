"""Backfills of a function that makes a partitioned asset and one without partitions: each run makes the latter anew."""

import json

import pytest

from tests.cli.conftest import Project

BOTH = """
import pathlib
import treadle as dg
letters = dg.StaticPartitionsDefinition(["x", "y", "z"])
FAILS, MENDED = pathlib.Path("fails"), pathlib.Path("mended")

@dg.multi_asset(specs=[dg.AssetSpec("p", partitions_def=letters), dg.AssetSpec("u")])
def both(context):
    if FAILS.exists() and not MENDED.exists() and context.partition_key == FAILS.read_text():
        raise ValueError("not this one")
    yield dg.MaterializeResult("p")
    yield dg.MaterializeResult("u")

@dg.asset(deps=["u"])
def below_u() -> None: ...

@dg.asset(deps=[below_u], partitions_def=letters)
def further_down() -> None: ...

@dg.asset(partitions_def=letters)
def apart() -> None: ...
"""
WITH_A_CHECK = f"""{BOTH}
@dg.asset(deps=["p"])
def below_p() -> None: ...

@dg.asset_check(asset="u", blocking=True)
def is_right(): return dg.AssetCheckResult(passed=MENDED.exists())
"""


def backfill(project: Project, *arguments: str) -> tuple[int, dict[str, int], list[str]]:
    """Exit code, partitions by state, and the lines of its runs."""
    done = project.treadle("backfill", *arguments)
    (listed,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    lines = [line.split("] ")[1] for line in done.out.splitlines() if line.startswith("[")]
    return done.code, listed["partitions"], lines


def resume(project: Project) -> tuple[int, dict[str, int], list[str]]:
    (project.folder / "mended").touch()
    return backfill(project, "--resume", "latest")


def status(project: Project, key: str) -> str:
    return json.loads(project.treadle("why", key, "-f", "defs.py", "--json").out)["status"]


@pytest.mark.parametrize("failing", ["x", "y", "z"])
def test_what_reads_the_whole_waits_for_every_run_that_makes_it(project: Project, failing: str) -> None:
    project.write("defs.py", BOTH)
    (project.folder / "fails").write_text(failing)
    code, _, lines = backfill(project, "-f", "defs.py", "--select", "p,u,below_u,further_down")
    assert code == 1
    skipped = [line for line in lines if "skipped" in line]
    assert [line.split(" skipped")[0] for line in skipped] == [
        "below_u",
        *(f"{letter} further_down" for letter in "xyz"),
    ]
    assert "(not every run that makes u succeeded)" in skipped[0]
    code, counts, lines = resume(project)
    assert (code, counts) == (0, {"materialized": 8})
    assert len(lines) == 5, "one of the function, and all below it"
    assert status(project, "below_u") == "FRESH"


def test_what_does_not_read_it_is_made_all_the_same(project: Project) -> None:
    project.write("defs.py", BOTH)
    (project.folder / "fails").write_text("y")
    _, counts, _ = backfill(project, "-f", "defs.py", "--select", "p,u,below_u,apart")
    assert counts == {"materialized": 6, "failed": 1, "skipped": 1}


def test_a_blocking_check_of_one_asset_does_not_count_the_other_as_failed(project: Project) -> None:
    project.write("defs.py", WITH_A_CHECK)
    code, counts, lines = backfill(project, "-f", "defs.py", "--select", "p,u,below_p")
    assert (code, counts) == (1, {"materialized": 3, "failed": 1, "skipped": 1})
    assert "(not every run that makes p succeeded)" in lines[-1], "it is made again together with u"
    assert backfill(project, "--resume", "latest")[:2] == (1, counts), "nothing counts twice"
    assert resume(project)[:2] == (0, {"materialized": 5})
    assert status(project, "below_p") == "FRESH"
