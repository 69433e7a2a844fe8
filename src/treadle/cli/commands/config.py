"""`treadle config`: each effective setting and its source."""

import click

from treadle.cli.output import json_option, print_json, print_table
from treadle.store.settings import process_settings


@click.command()
@json_option
def config(as_json: bool) -> None:
    """Show each effective setting and where it comes from."""
    settings = list(process_settings().effective())
    if as_json:
        print_json([{"name": found.name, "value": found.value, "source": found.source} for found in settings])
        return
    print_table(
        ("setting", "value", "source"),
        [(found.name, _text(found.value), found.source) for found in settings],
    )


def _text(value: object) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
