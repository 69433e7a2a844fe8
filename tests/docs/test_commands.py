"""Commands that pages show in a shell block or name in their text have the options that there are; nothing is run."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from tests.docs.test_code_blocks import PAGES, ROOT
from treadle.cli.main import cli

SHELL = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```$", re.S | re.M)
NAMED = re.compile(r"`(treadle [^`\n]+)`")
NOT_THERE = {"treadle dev", "treadle COMMAND -h"}
"""A page says of the first that it is not there; the second stands for any command."""


def shown() -> Iterator[tuple[str, str]]:
    """(page, command line) of each command."""
    for page in PAGES:
        for block in SHELL.findall(page.read_text("utf-8")):
            for line in block.splitlines():
                command = line.removeprefix("$ ")
                if command.startswith("treadle "):
                    yield page.relative_to(ROOT).as_posix(), command


def parse(command: click.Command, words: list[str], parent: click.Context | None) -> None:
    """Read the words as the command would, down to the innermost one."""
    context = command.make_context(words[0], words[1:], parent)
    if isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        inner = command.get_command(context, rest[0])
        assert inner is not None, f"no command {rest[0]}"
        parse(inner, rest, context)


@pytest.mark.parametrize(("page", "line"), sorted(set(shown())))
def test_a_command_on_a_page_can_be_given(page: str, line: str) -> None:
    parse(cli, shlex.split(line, comments=True), None)


def is_known(line: str) -> bool:
    """Whether the command and its options are there; text may leave out what they are given."""
    try:
        parse(cli, shlex.split(line), None)
    except (click.NoSuchOption, AssertionError):
        return False
    except (click.MissingParameter, click.BadOptionUsage, click.exceptions.Exit):
        pass
    return True


def test_a_command_that_is_named_in_a_text_is_there() -> None:
    named = {
        (page.relative_to(ROOT).as_posix(), line)
        for page in PAGES
        for line in NAMED.findall(page.read_text("utf-8"))
    }
    assert len(named) > 50
    assert [each for each in sorted(named) if each[1] not in NOT_THERE and not is_known(each[1])] == []
    assert not is_known("treadle job backfill --partitons a") and not is_known("treadle lst")


def test_a_wrong_option_is_seen() -> None:
    with pytest.raises(click.UsageError):
        parse(cli, ["treadle", "list", "--selection", "x"], None)
