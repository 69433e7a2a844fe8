"""How commands fail: one JSON document for machines, hints on lines of their own, values a person can read."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome, Project
from treadle.cli import output
from treadle.core.errors import CODES

GRAPH = """
import treadle as dg
@dg.asset
def orders(): return 1
@dg.asset
def broken(orders): raise ValueError("no")
"""
WRONG = "import treadle as dg\n@dg.asset\ndef a(b): ...\n@dg.asset\ndef c(d): ...\n"


def _error(failed: Outcome) -> dict[str, object]:
    """The one document on standard output."""
    document = json.loads(failed.out)
    assert set(document) == {"error"}
    error: dict[str, object] = document["error"]
    assert {"code", "message", "hint", "where", "problems"} <= set(error)
    assert error["code"] in CODES
    assert error["message"]
    return error


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code", "hint"),
    [
        (["show", "ordrs", "-f", "graph.py"], 2, "unknown-asset", "did you mean `orders`?"),
        (["materialize", "-f", "graph.py"], 2, "invalid-selection", "name assets with -a"),
        (["plan", "-f", "graph.py", "--select", "orders and ("], 2, "invalid-selection", None),
        (["list", "-f", "nothing.py"], 2, "no-target", "paths are relative to"),
        (["list", "-w", "nothing.yaml"], 2, "config-file-unreadable", None),
        (["runs", "deadbeef"], 2, "not-found", None),
        (["list", "--bogus"], 2, "invalid-option", None),
        (["materialise"], 2, "invalid-option", None),
        (["runs", "--limit", "many"], 2, "invalid-option", None),
        (["job", "execute", "-f", "graph.py", "-j", "nope"], 2, "unknown-job", "`treadle job list`"),
        (["resource", "usage", "db", "-f", "graph.py"], 2, "unknown-resource", None),
        (["new", "no-name"], 2, "invalid-name", "letters, digits"),
        (["asset", "wipe", "-f", "graph.py"], 2, "invalid-selection", "--all"),
        (["backfill", "--resume", "nope"], 2, "not-found", None),
    ],
)
def test_a_command_that_fails_under_json_prints_one_document(
    project: Project, arguments: list[str], exit_code: int, code: str, hint: str | None
) -> None:
    project.write("graph.py", GRAPH)
    plain = project.treadle(*arguments)
    failed = project.treadle(*arguments, "--json")
    assert (plain.code, failed.code) == (exit_code, exit_code)
    assert plain.out == ""
    error = _error(failed)
    assert error["code"] == code
    assert hint is None or hint in str(error["hint"])
    assert str(error["message"]).splitlines()[0] in failed.err


def test_definitions_that_do_not_load_are_told_to_machines_problem_by_problem(project: Project) -> None:
    path = project.write("wrong.py", WRONG)
    failed = project.treadle("list", "-f", "wrong.py", "--json")
    assert failed.code == 3
    problems = _error(failed)["problems"]
    assert isinstance(problems, list)
    assert [(each["code"], each["where"]) for each in problems] == [
        ("unknown-input", f"{path}:3"),
        ("unknown-input", f"{path}:5"),
    ]
    checked = json.loads(project.treadle("check", "-f", "wrong.py", "--json").out)
    assert [{key: value for key, value in each.items() if key != "location"} for each in checked] == problems


def test_code_that_can_not_be_imported_is_told_with_its_traceback(project: Project) -> None:
    path = project.write("boom.py", "def inner():\n    return 1 / 0\n\ninner()\n")
    failed = project.treadle("check", "-f", "boom.py", "--json")
    assert failed.code == 3
    error = _error(failed)
    assert error["code"] == "load-failed"
    assert f'File "{path}", line 2, in inner' in str(error["traceback"])


def test_a_run_that_fails_is_an_answer_and_no_error(project: Project) -> None:
    project.write("graph.py", GRAPH)
    failed = project.treadle("materialize", "-f", "graph.py", "--select", "*", "--json")
    assert failed.code == 1
    assert json.loads(failed.out)["status"] == "FAILURE"


def test_json_after_two_dashes_is_no_option(project: Project) -> None:
    project.write("graph.py", GRAPH)
    assert project.treadle("show", "-f", "graph.py", "--", "--json").out == ""


def test_several_hints_stand_on_a_line_each(project: Project) -> None:
    project.write(
        "days.py",
        "import treadle as dg\n"
        "@dg.asset(partitions_def=dg.StaticPartitionsDefinition(['north', 'south']))\ndef area(context): ...\n",
    )
    failed = project.treadle("materialize", "-f", "days.py", "-a", "area", "--partition", "sout")
    assert "  hint: the latest is `south`\n  hint: Did you mean 'south'?\n" in failed.err


def test_a_new_project_and_a_wipe_are_told_as_json(project: Project) -> None:
    made = json.loads(project.treadle("new", "shop", "--json").out)
    assert made["folder"] == str(project.folder / "shop")
    assert "shop/definitions.py" in made["files"]
    assert (
        json.loads(project.treadle("project", "scaffold", "--name", "other", "--json").out)["name"] == "other"
    )
    project.write("graph.py", GRAPH)
    wiped = project.treadle("asset", "wipe", "orders", "-f", "graph.py", "--yes", "--json")
    assert json.loads(wiped.out) == {"assets": ["orders"], "partitions": None}


def test_settings_are_printed_as_people_write_them(project: Project) -> None:
    project.write("treadle.toml", "compat = false\n[pools]\napi = 2\ndb = 4\n")
    shown = {row.split()[0]: row for row in project.treadle("config").out.splitlines()}
    assert "api 2, db 4" in shown["pools"]
    assert shown["compat"].split()[1] == "no"
    assert shown["retention_days"].split()[1] == "30"
    assert shown["code_locations"].split()[1] == "–"
    found = {each["name"]: each["value"] for each in json.loads(project.treadle("config", "--json").out)}
    assert found["pools"] == {"api": 2, "db": 4}


@pytest.mark.parametrize("below", ["", "deeper/home"])
def test_a_home_that_is_a_file_is_told_as_such(
    project: Project, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    project.write("graph.py", GRAPH)
    file = project.write("taken", "text")
    monkeypatch.setitem(os.environ, "TREADLE_HOME", str(Path(file, below)))
    failed = project.treadle("list", "-f", "graph.py")
    assert failed.code == 2
    assert f"{file} is a file" in failed.err
    assert "a home is a folder" in failed.err
    assert "write access" not in failed.err
    assert file.read_text() == "text"


@pytest.mark.parametrize("command", ["materialize", "backfill"])
def test_an_asset_whose_dynamic_partitions_are_empty_says_how_to_add_some(
    project: Project, command: str
) -> None:
    project.write(
        "dynamic.py",
        "import treadle as dg\n"
        "@dg.asset(partitions_def=dg.DynamicPartitionsDefinition(name='colors'))\ndef tint(context): ...\n",
    )
    failed = project.treadle(command, "-f", "dynamic.py", "-a", "tint", "--partition", "red")
    assert failed.code == 2
    assert "`treadle.Instance.get().add_dynamic_partitions('colors', [...])`" in failed.err
    everything = ["--partition", "latest"] if command == "materialize" else []
    failed = project.treadle(command, "-f", "dynamic.py", "-a", "tint", *everything)
    assert failed.code == 2
    assert "add_dynamic_partitions('colors'" in failed.err


def test_a_backfill_says_how_its_checks_went(project: Project) -> None:
    project.write(
        "checked.py",
        "import treadle as dg\n"
        "days = dg.StaticPartitionsDefinition(['a', 'b', 'c'])\n"
        "@dg.asset(partitions_def=days, check_specs=[dg.AssetCheckSpec('big', asset='made')])\n"
        "def made(context):\n"
        "    severity = dg.AssetCheckSeverity.WARN if context.partition_key == 'b' else dg.AssetCheckSeverity.ERROR\n"
        "    return dg.MaterializeResult(check_results=[\n"
        "        dg.AssetCheckResult(passed=context.partition_key == 'a', check_name='big', severity=severity)])\n",
    )
    done = project.treadle("backfill", "-f", "checked.py", "-a", "made")
    assert "3 materialized; checks: 1 passed, 1 warned, 1 failed" in done.out.splitlines()[-1]
    again = project.treadle("backfill", "-f", "checked.py", "-a", "made", "--json")
    assert json.loads(again.out)["checks"] == {"passed": 1, "warned": 1, "failed": 1}


def test_lists_without_rows_say_so(project: Project) -> None:
    project.write("graph.py", GRAPH)
    for arguments in (["sensor", "list"], ["schedule", "list"], ["resource", "list"]):
        listed = project.treadle(*arguments, "-f", "graph.py")
        assert (listed.code, listed.out, listed.err) == (0, "", f"There are no {arguments[0]}s.\n")
    assert project.treadle("runs").err == "There are no runs.\n"


def test_a_table_gives_way_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "_terminal_width", lambda: 40)
    rows = [("285d88dd-c416-4ad3-9406-f81635c53eb5", "Succeeded", "raw_orders, daily_revenue")]
    output.print_table(("run", "state", "target"), rows)
    heading, line = capsys.readouterr().out.splitlines()
    assert max(len(heading), len(line)) <= 40
    assert line.startswith("285d88dd")
    assert "Succeeded" in line
    monkeypatch.setattr(output, "_terminal_width", lambda: None)
    output.print_table(("run", "state", "target"), rows)
    assert (
        "285d88dd-c416-4ad3-9406-f81635c53eb5  Succeeded  raw_orders, daily_revenue"
        in capsys.readouterr().out
    )


def test_counts_are_said_as_people_say_them(project: Project) -> None:
    project.write("graph.py", GRAPH)
    assert "2 assets, 0 checks, 0 jobs" in project.treadle("check", "-f", "graph.py").out
    project.write("one.py", "import treadle as dg\n@dg.asset\ndef one(): ...\n")
    assert "1 asset, 0 checks" in project.treadle("check", "-f", "one.py").out
