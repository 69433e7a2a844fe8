"""`treadle run delete` and `treadle run wipe`: forget runs."""

import click

from treadle.cli import exit_codes
from treadle.cli.commands.runs import run
from treadle.cli.failing import fail
from treadle.cli.locations import enter_project
from treadle.cli.runs_view import find_run
from treadle.store.instance import Instance

_PAGE = 500


@run.command()
@click.argument("run_id", metavar="RUN")
@click.option("--force", "-f", "--yes", "-y", is_flag=True, help="Do not ask.")
def delete(run_id: str, force: bool) -> int:
    """Forget RUN, its events and logs: an id, its beginning, or `latest`. What it made stays made."""
    with Instance.of_settings(enter_project()) as instance:
        found = find_run(instance, run_id)
        if not found.is_finished:
            fail(f"Run {found.run_id} is not over.", hint="wait for it, or end it first")
        if not force and not click.confirm(f"Forget run {found.run_id}?"):
            click.echo("Nothing was changed.")
            return exit_codes.OK
        instance.delete_run(found.run_id)
    click.echo(f"Deleted run {found.run_id}.")
    return exit_codes.OK


@run.command()
@click.option("--force", "--yes", "-y", is_flag=True, help="Do not ask.")
def wipe(force: bool) -> int:
    """Forget every run that is over. What the runs made stays made."""
    with Instance.of_settings(enter_project()) as instance:
        count = instance.get_runs_count()
        if not force and not click.confirm(f"Forget all of {count} runs?"):
            click.echo("Nothing was changed.")
            return exit_codes.OK
        removed = 0
        cursor: str | None = None
        while page := instance.get_runs(cursor=cursor, limit=_PAGE):
            cursor = page[-1].run_id
            for each in page:
                if each.is_finished:
                    instance.delete_run(each.run_id)
                    removed += 1
    left = count - removed
    click.echo(f"Deleted {removed} runs." + (f" {left} are not over, and stay." if left > 0 else ""))
    return exit_codes.OK
