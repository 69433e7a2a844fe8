"""`treadle instance`: where everything is remembered."""

import click

from treadle.cli.commands.config import config
from treadle.cli.locations import enter_project
from treadle.cli.output import json_option, print_json
from treadle.store.instance import Instance


@click.group()
def instance() -> None:
    """Show and migrate where everything is remembered.

    For example: treadle instance info
    """


@instance.command()
@json_option
@click.pass_context
def info(context: click.Context, as_json: bool) -> None:
    """Show each effective setting and where it comes from.

    For example: treadle instance info --json
    """
    context.invoke(config, as_json=as_json)


@instance.command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring the store to this version. Opening it does that by itself; this says that it did.

    For example: treadle instance migrate
    """
    _tell_of_store(as_json)


@instance.command()
@json_option
def reindex(as_json: bool) -> None:
    """Nothing to do here: the store keeps its indexes itself.

    For example: treadle instance reindex
    """
    _tell_of_store(as_json)


def _tell_of_store(as_json: bool) -> None:
    with Instance.of_settings(enter_project()):
        pass  # opening it brings it up to date
    if as_json:
        print_json({"is_up_to_date": True})
    else:
        click.echo("The store is up to date.")
