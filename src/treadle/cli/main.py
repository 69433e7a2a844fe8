"""The entry point: finds the command, turns errors into messages and exit codes."""

import errno
import sys
from collections.abc import Sequence
from typing import Any

import click

from treadle import __version__
from treadle.cli import exit_codes
from treadle.cli.lazy_group import LazyGroup
from treadle.cli.leaving import leave
from treadle.cli.output import give_up_output, stand_in_for_closed_streams
from treadle.core.errors import TreadleError

COMMANDS: dict[str, tuple[str, str]] = {
    # name -> ("module:command", one line of help)
    "asset": ("treadle.cli.commands.asset:asset", "List, show, materialize, backfill, observe, wipe assets."),
    "automation": (
        "treadle.cli.commands.automation:automation",
        "What automation conditions would ask for, and why.",
    ),
    "backfill": ("treadle.cli.commands.backfill:backfill", "Materialize a range of partitions."),
    "cache": ("treadle.cli.commands.cache:cache", "Fill the cache of asset factories."),
    "check": ("treadle.cli.commands.definitions:validate", "Check the definitions; nothing runs."),
    "completion": ("treadle.cli.commands.completion:completion", "Print a shell's completion script."),
    "config": ("treadle.cli.commands.config:config", "Show each effective setting and where it comes from."),
    "definitions": ("treadle.cli.commands.definitions:definitions", "Check the definitions."),
    "impact": ("treadle.cli.commands.impact:impact", "What fails or goes stale without these assets."),
    "job": ("treadle.cli.commands.job:job", "List and run jobs."),
    "list": ("treadle.cli.commands.asset:list_assets", "List the assets."),
    "logs": ("treadle.cli.commands.runs:logs", "Print a run's events and log lines."),
    "materialize": ("treadle.cli.commands.materialize:materialize", "Materialize assets."),
    "new": ("treadle.cli.commands.project:new", "Start a project in a new folder."),
    "observe": ("treadle.cli.commands.observe:observe", "Observe source assets."),
    "plan": ("treadle.cli.commands.plan:plan", "Show what a run would do, and why; nothing runs."),
    "project": ("treadle.cli.commands.project:project", "Start a project in a new folder."),
    "prune": ("treadle.cli.commands.runs:prune", "Remove old step, engine and log events."),
    "resource": ("treadle.cli.commands.resource:resource", "List resources and who uses them."),
    "run": ("treadle.cli.commands.runs:run", "List and show runs."),
    "runs": ("treadle.cli.commands.runs:runs", "List runs, or show one."),
    "schedule": ("treadle.cli.commands.instigators:schedule", "List schedules, preview ticks."),
    "sensor": ("treadle.cli.commands.instigators:sensor", "List sensors, evaluate one."),
    "show": ("treadle.cli.commands.asset:show", "Everything about one asset on one screen."),
    "version": ("treadle.cli.commands.version:version", "Print the version."),
    "why": ("treadle.cli.commands.why:why", "Why an asset is stale, or not."),
}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="treadle %(version)s")
def cli() -> None:
    """Treadle, an asset orchestrator: declare the data you want to exist; Treadle plans, runs and remembers it.

    Exit codes: 0 done, 1 a run or check failed, 2 what was asked cannot be done, 3 definitions do not load,
    130 interrupted.
    """


_OUTPUT_IS_LOST = frozenset({errno.EBADF, errno.EIO, errno.ENOSPC, errno.EPIPE})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit.

    Args:
        arguments: what follows the program's name; by default the process's own.
    """
    leave(run_command_line(arguments))


def run_command_line(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    stand_in_for_closed_streams()
    try:
        outcome: Any = cli.main(args=arguments, prog_name="treadle", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return exit_codes.USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return exit_codes.INTERRUPTED
    except TreadleError as error:
        click.echo(f"Error: {error}", err=True)
        return exit_codes.USAGE
    except OSError as error:
        if error.filename is not None or error.errno not in _OUTPUT_IS_LOST:
            raise
        give_up_output(sys.stdout, error)
        return exit_codes.FAILED
    return outcome if isinstance(outcome, int) else exit_codes.OK


if __name__ == "__main__":
    main()
