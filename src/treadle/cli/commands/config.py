"""`treadle config`: each effective setting and its source."""

from collections.abc import Mapping

import click

from treadle.cli.output import json_option, print_json, print_table
from treadle.store.settings import process_settings


@click.command()
@json_option
def config(as_json: bool) -> None:
    """Show each effective setting and where it comes from.

    For example: treadle config --json
    """
    settings = list(process_settings().effective())
    if as_json:
        print_json([{"name": found.name, "value": found.value, "source": found.source} for found in settings])
        return
    print_table(
        ("setting", "value", "source"),
        [(found.name, _text(found.value), found.source) for found in settings],
    )


def _text(value: object) -> str:
    """A value as people read it: `api 2, db 4` for a table, `–` for nothing."""
    if value is None or value == {} or value == [] or value == ():
        return "–"
    match value:
        case True | False:
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case Mapping():
            return ", ".join(f"{name} {_text(each)}" for name, each in value.items())
        case list() | tuple():
            return "; ".join(_text(each) for each in value)
        case _:
            return str(value)
