"""`treadle launch`: run assets or a job; the form that people know from `dg launch`."""

import click

from treadle.cli.commands.job import execute
from treadle.cli.commands.materialize import materialize
from treadle.cli.failing import fail


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.option("--assets", metavar="SELECTION", help="The assets to run; all options of `materialize` hold.")
@click.option("-j", "--job", metavar="NAME", help="The job to run; all options of `job execute` hold.")
@click.argument("others", nargs=-1, type=click.UNPROCESSED, metavar="[OPTION]...")
@click.pass_context
def launch(context: click.Context, assets: str | None, job: str | None, others: tuple[str, ...]) -> object:
    """Run assets or a job, here and now.

    For example: treadle launch --assets '*' --partition latest
    """
    if (assets is None) == (job is None):
        fail("Say what to run.", hint="give --assets SELECTION or --job NAME")
    command, chosen = (materialize, ("--select", assets)) if assets is not None else (execute, ("--job", job))
    given = [str(part) for part in (*chosen, *others)]
    with command.make_context("launch", given, parent=context.parent) as inner:
        return command.invoke(inner)
