"""Every command answers machines; what asks first never hangs or guesses where nobody can answer."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from tests.cli.conftest import Outcome, Project
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


def assert_nobody_could_answer(done: Outcome, *, as_json: bool) -> None:
    assert done.code == 2, done
    assert "standard input is at its end. Nothing was changed." in done.err
    assert "--yes" in done.err
    if as_json:
        assert "--yes" in json.loads(done.out)["error"]["hint"]


@pytest.mark.parametrize("stdin", [io.StringIO(), None], ids=["empty", "closed"])
@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_where_nobody_can_answer_the_hint_is_yes(
    made_twice: Project, command: list[str], stdin: io.StringIO | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert_nobody_could_answer(made_twice.treadle(*command), as_json=False)
    assert_nobody_could_answer(made_twice.treadle(*command, "--json"), as_json=True)
    assert len(json.loads(made_twice.treadle("runs", "--json").out)) == 2


@pytest.mark.parametrize("redirected", ["< /dev/null", "<&-"])
def test_a_shell_that_gives_nothing_to_read_is_nobody(made_twice: Project, redirected: str) -> None:
    done = subprocess.run(
        f"{sys.executable} -m treadle.cli.main run wipe --json {redirected}",
        shell=True,
        cwd=made_twice.folder,
        env=made_twice.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert_nobody_could_answer(Outcome(done.returncode, done.stdout, done.stderr), as_json=True)


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_no_is_no(made_twice: Project, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\nn\n"))
    told, as_json = made_twice.treadle(*command), made_twice.treadle(*command, "--json")
    assert (told.code, as_json.code) == (0, 0)
    assert "Nothing was changed." in told.out
    assert "Nothing was changed." in as_json.err
    assert not any(json.loads(as_json.out).values())
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
