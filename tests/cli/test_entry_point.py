"""The entry point: names, help, exit codes, completion, and what it does not import."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.cli.conftest import Project
from treadle.cli import lazy_group
from treadle.cli.main import COMMANDS, cli, run_command_line


def test_every_command_says_what_it_is_for() -> None:
    context = click.Context(cli)

    def check(group: lazy_group.LazyGroup | click.Group, path: str) -> None:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None and command.help, f"{path} {name}"
            for parameter in command.params:
                if isinstance(parameter, click.Option):
                    assert parameter.help or parameter.hidden, f"{path} {name} {parameter.name}"
            if isinstance(command, click.Group):
                check(command, f"{path} {name}")

    check(cli, "treadle")


def test_short_verbs_and_long_forms_are_one_command() -> None:
    context = click.Context(cli)
    asset = cli.get_command(context, "asset")
    assert isinstance(asset, click.Group)
    for verb in ("backfill", "impact", "materialize", "observe", "show", "why"):
        assert asset.get_command(context, verb) is cli.get_command(context, verb)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("list", "asset list"),
        ("list assets", "asset list"),
        ("check", "definitions validate"),
        ("check defs", "check"),
    ],
)
def test_words_that_do_more_do_the_same_where_nothing_more_is_said(
    short: str, long: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "defs.py"
    file.write_text("import treadle as dg\n\n@dg.asset\ndef one(): ...\n")
    told = []
    for words in (short, long):
        assert run_command_line([*words.split(), "-f", str(file), "--json"]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]


def test_a_misspelt_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["materialise"]) == 2
    assert "Did you mean `materialize`?" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion_script(shell: str) -> None:
    result = CliRunner().invoke(cli, ["completion", shell])
    assert result.exit_code == 0
    assert "_TREADLE_COMPLETE" in result.output


def test_completion_knows_commands_and_options(project: Project) -> None:
    environment = {
        **project.environment,
        "_TREADLE_COMPLETE": "bash_complete",
        "COMP_WORDS": "treadle mat",
        "COMP_CWORD": "1",
    }
    found = subprocess.run(
        [sys.executable, "-c", "from treadle.cli.main import main; main()"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "materialize" in found.stdout


def test_the_version_costs_no_heavy_import(project: Project) -> None:
    code = (
        "import sys\nfrom treadle.cli.main import run_command_line\nrun_command_line(['--version'])\n"
        "print([name for name in ('pydantic', 'rich', 'asyncio', 'sqlite3', 'yaml', 'msgspec') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env=project.environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.splitlines() == ["treadle 0.1.0", "[]"]


def test_a_run_in_a_pipe_imports_no_rich_and_no_pydantic(project: Project) -> None:
    project.write("one.py", "import treadle as dg\n@dg.asset\ndef one(): return 1\n")
    code = (
        "import sys\nfrom treadle.cli.main import run_command_line\n"
        "code = run_command_line(['materialize', '-f', 'one.py', '-a', 'one'])\n"
        "print(code, [name for name in ('pydantic', 'rich', 'yaml', 'multiprocessing') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=project.environment,
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines()[-1] == "0 []"


def test_the_table_of_commands_is_whole() -> None:
    context = click.Context(cli)
    assert all(isinstance(cli.get_command(context, name), click.Command) for name in COMMANDS)


def test_what_user_code_leaves_in_a_circle_is_still_ended_at_the_exit(project: Project) -> None:
    """What a command's import made is set apart from garbage collection before user code comes, and only that."""
    project.write(
        "one.py",
        "import gc\nimport treadle as dg\n\n\n"
        "class Connection:\n"
        "    def __del__(self): print('closed', flush=True)\n\n\n"
        "kept = Connection()\nkept.itself = kept\nprint('set apart', gc.get_freeze_count() > 1_000, flush=True)\n\n\n"
        "@dg.asset\ndef one(): return 1\n",
    )
    found = subprocess.run(
        [sys.executable, "-c", "from treadle.cli.main import main; main()", "list", "assets", "-f", "one.py"],
        env=project.environment,
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "set apart True" in found.stdout + found.stderr
    assert "closed" in found.stdout + found.stderr
