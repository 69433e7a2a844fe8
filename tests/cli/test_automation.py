"""`treadle automation preview`: what conditions ask for, and why."""

import json

from tests.cli.conftest import Project

DEFS = """
import treadle as dg

@dg.asset
def raw(): ...

@dg.asset(deps=[raw], automation_condition=dg.AutomationCondition.eager())
def clean(): ...

@dg.asset(
    automation_condition=dg.AutomationCondition.missing(),
    partitions_def=dg.DailyPartitionsDefinition("2026-01-01"),
)
def daily(): ...
"""


def test_it_shows_a_tree_for_what_is_asked_for(project: Project) -> None:
    project.write("defs.py", DEFS)
    done = project.treadle("automation", "preview", "-f", "defs.py", "--at", "2026-01-04T01:00Z")
    assert done.code == 0, done.err
    assert "daily: asked for: 3 partitions" in done.out
    assert "+ missing (3 of 3: 2026-01-01…2026-01-03)" in done.out
    assert "clean" not in done.out
    assert done.last_line == "3 asked for; 1 of 2 conditions ask for nothing (--all shows why)"


def test_a_file_keeps_the_cursor_between_previews(project: Project) -> None:
    project.write("defs.py", DEFS)
    words = (
        "automation",
        "preview",
        "-f",
        "defs.py",
        "--select",
        "clean",
        "--cursor",
        "cursor.json",
        "--json",
    )
    assert json.loads(project.treadle(*words).out)["total_requested"] == 0
    assert project.treadle("materialize", "--select", "raw", "-f", "defs.py").code == 0
    told = json.loads(project.treadle(*words).out)
    assert told["requested"] == {"clean": True}
    assert told["evaluations"][0]["label"] == "eager"
    assert json.loads(project.treadle(*words).out)["total_requested"] == 0


def test_a_file_that_is_no_cursor_is_refused(project: Project) -> None:
    project.write("defs.py", DEFS)
    project.write("cursor.json", "{}")
    done = project.treadle("automation", "preview", "-f", "defs.py", "--cursor", "cursor.json")
    assert done.code == 2 and "no cursor of an automation evaluation" in done.err


def test_a_time_that_does_not_read_is_refused(project: Project) -> None:
    project.write("defs.py", DEFS)
    done = project.treadle("automation", "preview", "-f", "defs.py", "--at", "soon")
    assert done.code == 2 and "2026-01-31T04:00Z" in done.err


def test_a_project_without_conditions_is_told_that_it_has_none(project: Project) -> None:
    project.write("defs.py", "import treadle as dg\n\n@dg.asset\ndef raw(): ...\n")
    done = project.treadle("automation", "preview", "-f", "defs.py")
    assert done.code == 0
    assert done.out.startswith("No asset has an automation condition")
    assert "0 of 0" not in done.out
    project.write("defs.py", DEFS)
    chosen = project.treadle("automation", "preview", "-f", "defs.py", "--select", "raw")
    assert chosen.out == "No selected asset has an automation condition.\n"


def test_the_condition_of_a_job_is_shown_and_not_evaluated(project: Project) -> None:
    condition = "dg.AutomationCondition.any_job_root_assets_match(dg.AutomationCondition.missing())"
    project.write(
        "jobs.py",
        f"import treadle as dg\n\n@dg.asset\ndef raw(): ...\n\n"
        f"daily = dg.define_asset_job('daily', selection='raw', automation_condition={condition})\n",
    )
    assert "any_job_root_assets_match(missing) (kept" in project.treadle("job", "show", "-f", "jobs.py").out
    told = json.loads(project.treadle("job", "show", "-f", "jobs.py", "--json").out)
    assert told["automation_condition"] == "any_job_root_assets_match(missing)"
    assert (
        "No asset has an automation condition"
        in project.treadle("automation", "preview", "-f", "jobs.py").out
    )
    project.write(
        "of_asset.py",
        f"import treadle as dg\n\n@dg.asset(automation_condition={condition})\ndef raw(): ...\n",
    )
    refused = project.treadle("automation", "preview", "-f", "of_asset.py")
    assert refused.code == 2
    assert "a condition of jobs" in refused.err
