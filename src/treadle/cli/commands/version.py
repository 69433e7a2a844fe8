"""`treadle version`."""

import click

from treadle import __version__


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"treadle {__version__}")
