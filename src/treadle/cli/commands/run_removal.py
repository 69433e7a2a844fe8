"""`treadle run delete` and `treadle run wipe`: forget runs."""

import click

from treadle.cli import exit_codes
from treadle.cli.asking import is_confirmed
from treadle.cli.commands.runs import run
from treadle.cli.failing import fail
from treadle.cli.locations import enter_project
from treadle.cli.output import counted, json_option, print_json
from treadle.cli.runs_view import find_run
from treadle.core.run_states import RunStatus
from treadle.store.instance import Instance
from treadle.store.records import RunsFilter

_OVER = RunsFilter(statuses=[status for status in RunStatus if status.is_terminal])


@run.command()
@click.argument("run_id", metavar="RUN")
@click.option("--force", "-f", "--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
def delete(run_id: str, force: bool, as_json: bool) -> int:
    """Forget RUN, its events and logs: an id, its beginning, or `latest`. What it made stays made.

    For example: treadle run delete latest
    """
    with Instance.of_settings(enter_project()) as instance:
        found = find_run(instance, run_id)
        if not found.is_finished:
            fail(f"Run {found.run_id} is not over.", hint="wait for it, or end it first")
        deleted = []
        if force or is_confirmed(f"Forget run {found.run_id}?", as_json=as_json):
            instance.delete_run(found.run_id)
            deleted.append(found.run_id)
    if as_json:
        print_json({"deleted": deleted})
    elif deleted:
        click.echo(f"Deleted run {found.run_id}.")
    return exit_codes.OK


@run.command()
@click.option("--force", "--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
def wipe(force: bool, as_json: bool) -> int:
    """Forget every run that is over. What the runs made stays made.

    For example: treadle run wipe
    """
    with Instance.of_settings(enter_project()) as instance:
        count = instance.get_runs_count()
        over = instance.get_run_ids(_OVER)
        is_meant = force or is_confirmed(f"Forget {len(over)} of {counted(count, 'run')}?", as_json=as_json)
        for run_id in over if is_meant else ():
            instance.delete_run(run_id)
    if as_json:
        print_json({"deleted": list(over) if is_meant else []})
    if as_json or not is_meant:
        return exit_codes.OK
    left = count - len(over)
    click.echo(f"Deleted {counted(len(over), 'run')}." + (f" {left} not over, so kept." if left > 0 else ""))
    return exit_codes.OK
