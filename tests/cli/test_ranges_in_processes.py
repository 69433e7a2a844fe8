"""Ranges of a function that makes an asset and what reads it, in worker processes."""

from tests.cli.conftest import Project

WITHIN = """
import treadle as dg

DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-04")

@dg.multi_asset(
    specs=[
        dg.AssetSpec("y", partitions_def=DAYS, code_version="1"),
        dg.AssetSpec("z", partitions_def=DAYS, code_version="1", deps=["y"]),
    ],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def both(context):
    yield dg.MaterializeResult("y")
    yield dg.MaterializeResult("z")
"""


def test_a_range_in_worker_processes_is_made_once(project: Project) -> None:
    project.write("within.py", WITHIN)
    run = (
        "materialize", "-f", "within.py", "--select", "*", "--executor", "processes", "--changed",
        "--partition-range", "2024-01-01...2024-01-03",
    )  # fmt: skip
    first = project.process(*run)
    assert first.code == 0, first
    assert "Nothing to do" in project.process(*run).out
