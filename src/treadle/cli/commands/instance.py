"""`treadle instance`: where everything is remembered."""

import click

from treadle.cli.commands.config import config
from treadle.cli.locations import enter_project
from treadle.cli.output import json_option
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
def migrate() -> None:
    """Bring the store to this version. Opening it does that by itself; this says that it did.

    For example: treadle instance migrate
    """
    with Instance.of_settings(enter_project()):
        click.echo("The store is up to date.")


@instance.command()
def reindex() -> None:
    """Nothing to do here: the store keeps its indexes itself.

    For example: treadle instance reindex
    """
    with Instance.of_settings(enter_project()):
        click.echo("The store is up to date.")
