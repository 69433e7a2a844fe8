"""The page of the command line is true: its examples run, and no command is missing."""

import re
import shlex
from pathlib import Path

import click
import pytest

from tests.cli.conftest import Project
from treadle.cli.exit_codes import OK
from treadle.cli.main import COMMANDS, cli

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text("utf-8")


def _example_lines() -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S) for line in block.splitlines()]


def test_every_example_runs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in _example_lines():
        words = shlex.split(line)
        if words[0] == "cd":
            monkeypatch.chdir(words[1])
            settings = Path("pyproject.toml")
            settings.write_text(
                settings.read_text().replace("[tool.treadle]", "[tool.treadle]\ncompat = false")
            )
            continue
        done = project.treadle(*words[1:])
        assert done.code == OK, f"{line}\n{done.out}{done.err}"


def test_no_command_and_no_option_is_missing() -> None:
    assert [name for name in COMMANDS if f"treadle {name}" not in PAGE] == []
    materialize = cli.get_command(click.Context(cli), "materialize")
    assert materialize is not None
    options = [
        option for parameter in materialize.params for option in parameter.opts if option.startswith("--")
    ]
    known = {
        "--module-name",
        "--python-file",
        "--working-directory",
        "--workspace",
    }  # told by their short names
    assert [option for option in options if option not in known and option not in PAGE] == []
