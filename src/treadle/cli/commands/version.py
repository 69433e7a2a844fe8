"""`treadle version`."""

import click

from treadle import __version__
from treadle.cli.output import json_option, print_json


@click.command()
@json_option
def version(as_json: bool) -> None:
    """Print the version.

    For example: treadle version --json
    """
    if as_json:
        print_json({"version": __version__})
        return
    click.echo(f"treadle {__version__}")
