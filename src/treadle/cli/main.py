"""The entry point: finds the command, turns errors into messages and exit codes."""

import errno
import gc
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import click

from treadle import __version__
from treadle.cli import exit_codes
from treadle.cli.descriptors import kept_descriptors
from treadle.cli.documents import documents_apart
from treadle.cli.exit_guard import guard_exit
from treadle.cli.failing import CommandError, print_error_json, wants_json, writes_lines
from treadle.cli.familiar_forms import in_own_words
from treadle.cli.lazy_group import LazyGroup
from treadle.cli.leaving import leave
from treadle.cli.output import (
    escape_what_streams_lack,
    give_up_output,
    harmless,
    stand_in_for_closed_streams,
)
from treadle.core.errors import BetaWarning, PreviewWarning, SupersessionWarning, TreadleError
from treadle.define.config.secrets import redact

COMMANDS: dict[str, tuple[str, str]] = {
    # name -> ("module:command", one line of help)
    "asset": ("treadle.cli.commands.asset:asset", "List, show, materialize, backfill, observe, wipe assets."),
    "automation": (
        "treadle.cli.commands.automation:automation",
        "What automation conditions would ask for, and why.",
    ),
    "backfill": ("treadle.cli.commands.backfill:backfill", "Materialize a range of partitions."),
    "cache": ("treadle.cli.commands.cache:cache", "Fill the cache of asset factories."),
    "check": ("treadle.cli.commands.checking:check", "Check the definitions or YAML files; nothing runs."),
    "completion": ("treadle.cli.commands.completion:completion", "Print a shell's completion script."),
    "config": ("treadle.cli.commands.config:config", "Show each effective setting and where it comes from."),
    "definitions": ("treadle.cli.commands.definitions:definitions", "Check the definitions."),
    "explain": ("treadle.cli.commands.explain:explain", "What an error code means, and how to mend it."),
    "impact": ("treadle.cli.commands.impact:impact", "What fails or goes stale without these assets."),
    "instance": ("treadle.cli.commands.instance:instance", "Show and migrate the store."),
    "job": ("treadle.cli.commands.job:job", "List and run jobs."),
    "launch": ("treadle.cli.commands.launch:launch", "Run assets or a job."),
    "list": ("treadle.cli.commands.listing:list_things", "List assets, jobs, component types, everything."),
    "logs": ("treadle.cli.commands.runs:logs", "Print a run's events and log lines."),
    "materialize": ("treadle.cli.commands.materialize:materialize", "Materialize assets."),
    "new": ("treadle.cli.commands.project:new", "Start a project in a new folder."),
    "observe": ("treadle.cli.commands.observe:observe", "Observe source assets."),
    "plan": ("treadle.cli.commands.plan:plan", "Show what a run would do, and why; nothing runs."),
    "project": ("treadle.cli.commands.project:project", "Start a project in a new folder."),
    "prune": ("treadle.cli.commands.runs:prune", "Remove old step, engine and log events."),
    "resource": ("treadle.cli.commands.resource:resource", "List resources and who uses them."),
    "run": ("treadle.cli.commands.run_removal:run", "List, show and delete runs."),
    "runs": ("treadle.cli.commands.runs:runs", "List runs, or show one."),
    "scaffold": ("treadle.cli.commands.scaffold:scaffold", "Write a new component, asset or component type."),
    "schedule": ("treadle.cli.commands.instigators:schedule", "List schedules, preview ticks."),
    "sensor": ("treadle.cli.commands.instigators:sensor", "List sensors, evaluate one."),
    "show": ("treadle.cli.commands.asset:show", "Everything about one asset on one screen."),
    "utils": ("treadle.cli.commands.inspecting:utils", "Look into components."),
    "version": ("treadle.cli.commands.version:version", "Print the version."),
    "why": ("treadle.cli.commands.why:why", "Why an asset is stale, or not."),
}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="treadle %(version)s")
def cli() -> None:
    """Treadle, an asset orchestrator: declare the data you want to exist; Treadle plans, runs and remembers it.

    Exit codes: 0 done, 1 a run or check failed, 2 what was asked cannot be done, 3 definitions do not load,
    130 interrupted, 141 the reader of the output left before its end, 143 ended by SIGTERM.
    """


_NO_SUCH_PATH = frozenset({errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR})
_OUTPUT_IS_LOST = frozenset({errno.EBADF, errno.EIO, errno.ENOSPC, errno.EPIPE})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit.

    Args:
        arguments: what follows the program's name; by default the process's own.
    """
    LazyGroup.owns_process = True
    gc.freeze()  # what is imported so far is there to stay as well
    if not sys.warnoptions:
        # Whoever writes the code is told by Python and pytest; whoever runs a command can do nothing about it.
        for kind in (BetaWarning, PreviewWarning, SupersessionWarning):
            warnings.simplefilter("ignore", kind)
    escape_what_streams_lack()
    unguard = guard_exit()
    given = sys.argv[1:] if arguments is None else arguments
    is_for_machines = wants_json(given) and not {"-h", "--help"} & {*given}
    with documents_apart() if is_for_machines else nullcontext(), kept_descriptors():
        code = run_command_line(arguments)
    unguard()
    leave(code)


def run_command_line(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    stand_in_for_closed_streams()
    given = in_own_words(sys.argv[1:] if arguments is None else arguments)
    if any("\0" in each for each in given):
        return _failed(CommandError("An argument has a NUL character."), given)
    try:
        outcome: Any = cli.main(args=given, prog_name="treadle", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.ClickException, click.Abort, KeyboardInterrupt, TreadleError) as error:
        return _failed(error, given)
    except OSError as error:
        if error.errno in _NO_SUCH_PATH and error.filename is not None:
            said = f"{error.strerror}: `{str(error.filename)[:200]}`."
            return _failed(CommandError(said, code="no-target"), given)
        if error.filename is not None or error.errno not in _OUTPUT_IS_LOST:
            return _broken(error, given)
        give_up_output(sys.stdout, error)
        return exit_codes.FAILED
    except Exception as error:  # noqa: BLE001 - machines get their document also of a fault of ours
        return _broken(error, given)
    return outcome if isinstance(outcome, int) else exit_codes.OK


def _failed(error: BaseException, given: Sequence[str]) -> int:
    """Say why the command stops, to people and, where the arguments ask for it, to machines; the exit code."""
    stand_in_for_closed_streams()
    code = exit_codes.USAGE
    if isinstance(error, click.ClickException):
        error.show()
        code = error.exit_code if isinstance(error, CommandError) else exit_codes.USAGE
    elif isinstance(error, TreadleError):
        click.echo(f"Error: {redact(harmless(str(error)))}", err=True)
    else:
        click.echo("Interrupted.", err=True)
        code = exit_codes.INTERRUPTED
    if wants_json(given):
        print_error_json(error, in_a_line=writes_lines(given))
    return code


def _broken(error: Exception, given: Sequence[str]) -> int:
    """An exception that nobody expected: it goes on, or under `--json` is told to machines as well."""
    if not wants_json(given):
        raise error
    traceback.print_exception(error)
    print_error_json(error, in_a_line=writes_lines(given))
    return exit_codes.FAILED


if __name__ == "__main__":
    main()
