"""`treadle cache`: what cacheable factories keep between starts."""

import click

from treadle.cli.locations import TargetOptions, enter_project, find_locations, target_options
from treadle.cli.output import json_option, print_json, print_table
from treadle.factories.load import building


@click.group()
def cache() -> None:
    """Fill the cache of asset factories.

    For example: treadle cache build
    """


@cache.command()
@target_options
@json_option
def build(target: TargetOptions, as_json: bool) -> None:
    """Run the slow part of every factory tagged `run_at_build: "true"`, so that no start has to.

    For example: treadle cache build -m shop.definitions
    """
    settings = enter_project()
    with building() as done:
        for location in find_locations(target, settings):
            location.end_if_refused()
    if as_json:
        print_json(
            [
                {
                    "factory": entry.factory,
                    "generator": entry.generator,
                    "file": str(entry.path),
                    "made": entry.was_made,
                    "seconds": round(entry.seconds, 3),
                }
                for entry in done.entries
            ]
        )
        return
    if not done.entries:
        click.echo('No factory is tagged `run_at_build: "true"`.')
    else:
        print_table(
            ("factory", "generator", "", "seconds", "file"),
            [
                (e.factory, e.generator, "made" if e.was_made else "kept", f"{e.seconds:.2f}", str(e.path))
                for e in done.entries
            ],
        )
    for name in done.skipped:
        click.echo(f"not tagged, runs at the first start: {name}", err=True)
