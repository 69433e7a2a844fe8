"""Every command answers machines; what asks first never hangs or guesses where nobody can answer."""

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from tests.cli.conftest import Project
from treadle.cli.main import cli


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def test_every_command_but_completion_takes_json() -> None:
    without = {
        name
        for name, command in commands(cli)
        if not command.context_settings.get("ignore_unknown_options")  # such a command hands its options on
        and all("--json" not in option.opts for option in command.params)
    }
    assert without == {"completion"}


def test_runs_that_are_deleted_are_named(made_twice: Project) -> None:
    first, second = (run["run_id"] for run in json.loads(made_twice.treadle("runs", "--json").out))
    assert json.loads(made_twice.treadle("run", "delete", first, "--yes", "--json").out) == {
        "deleted": [first]
    }
    assert json.loads(made_twice.treadle("run", "wipe", "--yes", "--json").out) == {"deleted": [second]}
    assert json.loads(made_twice.treadle("run", "wipe", "--yes", "--json").out) == {"deleted": []}


def test_a_store_and_what_is_scaffolded_are_told_as_json(project: Project) -> None:
    assert json.loads(project.treadle("instance", "migrate", "--json").out) == {"is_up_to_date": True}
    made = json.loads(project.treadle("scaffold", "project", "shop", "--json").out)
    assert (made["name"], made["folder"]) == ("shop", "shop") and "pyproject.toml" in made["files"]


ASKING = [
    ["asset", "wipe", "first", "-f", "two.py"],
    ["run", "delete", "latest"],
    ["run", "wipe"],
]


@pytest.mark.parametrize("redirected", ["< /dev/null", "<&-"])
@pytest.mark.parametrize("command", ASKING, ids=" ".join)
@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["", "json"])
def test_where_nobody_can_answer_the_hint_is_yes(
    made_twice: Project, command: list[str], redirected: str, as_json: list[str]
) -> None:
    line = " ".join([sys.executable, "-m", "treadle.cli.main", *command, *as_json, redirected])
    done = subprocess.run(
        line,
        shell=True,
        cwd=made_twice.folder,
        env=made_twice.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "standard input is at its end. Nothing was changed." in done.stderr
    assert "--yes" in done.stderr
    if as_json:
        assert "--yes" in json.loads(done.stdout)["error"]["hint"]
    assert len(json.loads(made_twice.treadle("runs", "--json").out)) == 2


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_no_is_no(made_twice: Project, command: list[str]) -> None:
    for as_json in ([], ["--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "treadle.cli.main", *command, *as_json],
            input="n\n",
            cwd=made_twice.folder,
            env=made_twice.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0
        assert "Nothing was changed." in (done.stderr if as_json else done.stdout)
        if as_json:
            assert not any(json.loads(done.stdout).values())
    assert len(json.loads(made_twice.treadle("runs", "--json").out)) == 2


def test_what_is_written_into_the_defs_folder_is_told_as_json(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.treadle("scaffold", "project", "shop")
    monkeypatch.chdir(project.folder / "shop")
    made = json.loads(project.treadle("scaffold", "defs", "asset", "orders.py", "--json").out)
    assert made["made"].endswith("orders.py") and made["is_loaded"] is True
    written = json.loads(project.treadle("scaffold", "component", "SalesTable", "--json").out)
    assert written["type"] == "shop.components.sales_table.SalesTable"
