"""Every command's help has an example, and the example is one that the command line takes."""

import shlex
from collections.abc import Iterator

import click
import pytest

from treadle.cli.main import cli


def _commands(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if path:
        yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _commands(found, (*path, name))


COMMANDS = dict(_commands(cli, ()))


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_help_shows_an_example_that_is_understood(path: tuple[str, ...]) -> None:
    help_text = COMMANDS[path].help or ""
    examples = [line.strip() for line in help_text.splitlines() if "treadle " in line]
    assert examples, f"`treadle {' '.join(path)} --help` has no example"
    example = " ".join(examples).partition("treadle ")[2]
    if "\b" in help_text or "`" in example:
        return  # several lines, or words around it
    command, words = cli, shlex.split(example)
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    command.make_context("treadle", words, resilient_parsing=True)
