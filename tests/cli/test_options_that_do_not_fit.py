"""Options beside `--from-failure` and `--resume`: honoured, or refused before anything runs (issue 3 §3, B17)."""

import json
import re

import pytest

from tests.cli.conftest import Project

CODE = """
import os
import treadle as dg

def note(text):
    with open("ran", "a") as file:
        file.write(f"{text} ")

class Numbers(dg.Config):
    n: int = 1

@dg.asset
def a(config: Numbers):
    if os.environ.get("FAIL"):
        raise RuntimeError("down")
    note(f"a{config.n}")

@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["x", "y", "z"]))
def p(context):
    if os.environ.get("FAIL") and context.partition_key != "x":
        raise RuntimeError("down")
    note(context.partition_key)
"""


@pytest.fixture
def failed_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> str:
    project.write("d.py", CODE)
    monkeypatch.setenv("FAIL", "1")
    run_id = re.search(r"FAILURE run (\S+)", project.treadle("materialize", "-f", "d.py", "-s", "a").out)
    monkeypatch.delenv("FAIL")
    assert run_id is not None
    return run_id.group(1)


@pytest.fixture
def failed_backfill(project: Project, monkeypatch: pytest.MonkeyPatch) -> str:
    project.write("d.py", CODE)
    monkeypatch.setenv("FAIL", "1")
    project.treadle("backfill", "-f", "d.py", "-s", "p")
    monkeypatch.delenv("FAIL")
    (found,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    ran(project)
    return str(found["backfill_id"])


def ran(project: Project) -> str:
    """What ran since the last question."""
    path = project.folder / "ran"
    text = path.read_text() if path.exists() else ""
    path.write_text("")
    return text


def test_a_dry_run_of_what_is_left_of_a_run_runs_nothing(project: Project, failed_run: str) -> None:
    shown = project.treadle("materialize", "-f", "d.py", "--from-failure", failed_run, "--dry-run")
    assert (shown.code, shown.out.split()[:3], ran(project)) == (0, ["1", "step", "a"], "")
    told = project.treadle("materialize", "-f", "d.py", "--from-failure", failed_run, "--dry-run", "--json")
    assert [step["key"] for step in json.loads(told.out)["steps"]] == ["a"]
    assert ran(project) == ""


def test_a_dry_run_of_what_is_left_of_a_backfill_runs_nothing(project: Project, failed_backfill: str) -> None:
    shown = project.treadle("backfill", "-f", "d.py", "--resume", failed_backfill, "--dry-run")
    assert (shown.code, shown.out.splitlines()[:2]) == (0, ["y p", "z p"])
    assert "2 runs, 2 partitions; nothing was run" in shown.out
    assert ran(project) == ""
    assert project.treadle("backfill", "-f", "d.py", "--resume", failed_backfill).code == 0
    assert ran(project) == "y z "
    again = project.treadle("backfill", "-f", "d.py", "--resume", failed_backfill, "--dry-run", "--json")
    assert json.loads(again.out) == []


@pytest.mark.parametrize(
    "beside",
    [["-s", "nope"], ["-a", "a"], ["--partition", "x"], ["--partition-range", "x...y"], ["--changed"]],
    ids=lambda beside: beside[0],
)
def test_what_a_run_is_for_can_not_be_said_beside_from_failure(
    project: Project, failed_run: str, beside: list[str]
) -> None:
    refused = project.treadle("materialize", "-f", "d.py", "--from-failure", failed_run, *beside)
    assert (refused.code, ran(project)) == (2, "")
    assert "goes on with what that run was asked for" in refused.err


def test_config_and_tags_beside_from_failure_count(project: Project, failed_run: str) -> None:
    config = json.dumps({"ops": {"a": {"config": {"n": 5}}}})
    given = ["--config-json", config, "--tags", "why=mended"]
    done = project.treadle("materialize", "-f", "d.py", "--from-failure", failed_run, *given)
    assert (done.code, ran(project)) == (0, "a5 ")
    newest = json.loads(project.treadle("runs", "--json").out)[0]
    assert newest["tags"]["why"] == "mended"


def test_bad_config_beside_from_failure_is_refused(project: Project, failed_run: str) -> None:
    refused = project.treadle(
        "materialize", "-f", "d.py", "--from-failure", failed_run, "--config-json", '{"nonsense": 1}'
    )
    assert (refused.code == 0, ran(project)) == (False, "")


@pytest.mark.parametrize(
    "beside",
    [["--from", "x"], ["--partition", "x"], ["--missing"], ["--range"], ["-s", "p"], ["--tags", "a=b"]],
    ids=lambda beside: beside[0],
)
def test_what_a_backfill_is_can_not_be_said_beside_resume(
    project: Project, failed_backfill: str, beside: list[str]
) -> None:
    refused = project.treadle("backfill", "-f", "d.py", "--resume", failed_backfill, *beside)
    assert (refused.code, ran(project)) == (2, "")
    assert "goes on with what that backfill was asked for" in refused.err


def test_nothing_to_do_is_one_document_for_machines(project: Project) -> None:
    project.write("d.py", "import treadle as dg\n@dg.asset(code_version='1')\ndef a(): return 1\n")
    command = ["materialize", "-f", "d.py", "-s", "a", "--changed", "--json"]
    first = json.loads(project.treadle(*command).out)
    second = project.treadle(*command)
    assert json.loads(second.out).keys() == first.keys()
    assert (json.loads(second.out)["run_id"], second.code) == (None, 0)
    assert "Nothing to do" in second.err


def test_a_partitioned_asset_is_not_unchanged_without_a_partition(project: Project) -> None:
    """A scheduled `--changed` that names no partition must not look as if all were made."""
    project.write("d.py", CODE)
    project.treadle("materialize", "-f", "d.py", "-s", "p", "--partition", "x")
    for command in ("materialize", "plan"):
        refused = project.treadle(command, "-f", "d.py", "-s", "p", "--changed")
        assert refused.code == 2
        assert "`p` is partitioned, and no partition was given" in refused.err


def test_why_says_what_of_a_partitioned_asset_it_judges(project: Project) -> None:
    project.write("d.py", CODE)
    project.treadle("materialize", "-f", "d.py", "-s", "p", "--partition", "y")
    told = project.treadle("why", "-f", "d.py", "p").out
    assert "judged by what was made last (`y`); 1 of 3 partitions are made" in told
