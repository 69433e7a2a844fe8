"""`treadle check`: the definitions, or the YAML files of components."""

import importlib
from typing import Any

import click

from treadle.cli.commands.definitions import validate


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
@click.argument("others", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def check(context: click.Context, others: tuple[str, ...]) -> Any:
    """Load the definitions and tell every problem at once (`check defs`, or just `check`), or check only the
    YAML files of components, without building anything (`check yaml`).

    For example: treadle check --strict
    """
    if others[:1] == ("yaml",):
        # what knows components is imported only by those who ask for it
        command: click.Command = importlib.import_module("treadle.cli.commands.yaml_checking").check_yaml
    else:
        command = validate
    given = list(others[1:] if others[:1] in (("yaml",), ("defs",)) else others)
    with command.make_context("check", given, parent=context.parent) as inner:
        return command.invoke(inner)
