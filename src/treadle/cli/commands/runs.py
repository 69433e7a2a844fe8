"""`treadle runs`, `run`, `logs`, `prune`: what ran, what it said, and forgetting old history."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

import click

from treadle.cli import exit_codes
from treadle.cli.error_view import causes_of, error_as_json, error_line, error_text, root_error
from treadle.cli.failing import fail
from treadle.cli.locations import enter_project
from treadle.cli.option_groups import with_options
from treadle.cli.output import harmless, json_option, print_json, print_json_line, print_table
from treadle.cli.progress import duration_text, state_word
from treadle.cli.runs_view import (
    RUN_HEADINGS,
    event_as_json,
    event_details,
    event_line,
    find_run,
    job_text,
    partition_of_run,
    run_as_json,
    run_row,
    time_text,
    took_text,
)
from treadle.cli.step_output import OutputTail, StepOutputs
from treadle.core.events import CheckData, ErrorInfo, Event, EventType, StoredEvent
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.run.slot_waits import awaited_pool
from treadle.store.changes import Position
from treadle.store.instance import Instance
from treadle.store.records import RunsFilter
from treadle.store.retention import RetentionPolicy

_POLL = 0.2
"""Seconds between looks at the store while following."""

_PRINTED = 20
"""The level of what steps print."""


_Command = TypeVar("_Command", bound=Callable[..., Any])


def _listing_options(command: _Command) -> _Command:
    """Which runs a list has, and whether it goes on."""
    states = click.Choice([status.value for status in RunStatus], case_sensitive=False)
    declared = [
        click.option("--status", type=states, help="Only runs in this state."),
        click.option("--job", metavar="NAME", help="Only runs of this job."),
        click.option(
            "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The most to list."
        ),
        click.option("--follow", is_flag=True, help="Go on printing runs as they change, until Ctrl-C."),
    ]
    return with_options(command, declared)


@click.command()
@click.argument("run_id", required=False, metavar="[RUN]")
@_listing_options
@json_option
def runs(
    run_id: str | None, status: str | None, job: str | None, limit: int, follow: bool, as_json: bool
) -> None:
    """List runs, the newest first, or show RUN: an id, its beginning, or `latest`. With --follow --json an object a line.

    For example: treadle runs --status failure --limit 5
    """
    with Instance.of_settings(enter_project(), only_looks=True) as instance:
        if run_id is not None:
            _show(instance, find_run(instance, run_id), as_json)
            return
        position = instance.store.last_position()
        wanted = RunsFilter(statuses=[RunStatus(status)] if status else None, job_name=job)
        found = instance.get_runs(wanted, limit=limit)
        if follow:
            _print_found(found, as_json)
            _follow_runs(instance, position, job, status, as_json)
        elif as_json:
            print_json([run_as_json(each) for each in found])
        else:
            print_table(RUN_HEADINGS, [run_row(each) for each in found], nothing="There are no runs.")


def _print_found(found: Sequence[Run], as_json: bool) -> None:
    """The runs before any change; under `--json` an object a line, as what follows has no end."""
    if as_json:
        for each in found:
            print_json_line({**run_as_json(each), "changed_at": None})
    elif found:
        print_table(RUN_HEADINGS, [run_row(each) for each in found])


def _follow_runs(
    instance: Instance, position: Position, job: str | None, status: str | None, as_json: bool
) -> NoReturn:
    """Print each change of a run after a position of the change feed, until the process is stopped."""
    while True:
        changes = instance.store.changes_after(position)
        for change in changes:
            position = change.position
            each = instance.get_run_by_id(change.run_id) if change.kind == "run" and change.run_id else None
            if each is None or job not in (None, each.job_name) or status not in (None, change.subject):
                continue
            if as_json:
                print_json_line({**run_as_json(each), "status": change.subject, "changed_at": change.at})
            else:
                click.echo(_change_line(each, change.subject, change.at))
        if not changes:
            time.sleep(_POLL)


@click.group()
def run() -> None:
    """List and show runs.

    For example: treadle run list
    """


@run.command("list")
@_listing_options
@json_option
@click.pass_context
def list_runs(
    context: click.Context, status: str | None, job: str | None, limit: int, follow: bool, as_json: bool
) -> None:
    """List runs, the newest first. With --follow --json an object a line.

    For example: treadle run list --follow
    """
    context.invoke(runs, run_id=None, status=status, job=job, limit=limit, follow=follow, as_json=as_json)


@run.command("show")
@click.argument("run_id", metavar="RUN")
@json_option
def show_run(run_id: str, as_json: bool) -> None:
    """Show RUN: an id, its beginning, or `latest`.

    For example: treadle run show latest
    """
    with Instance.of_settings(enter_project(), only_looks=True) as instance:
        _show(instance, find_run(instance, run_id), as_json)


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run is over.")
@click.option("--step", metavar="NAME", help="Only what this step said.")
@click.option(
    "--level",
    type=click.Choice(["debug", "info", "warning", "error", "critical"]),
    default="debug",
    help="Leave out what is less than this.",
)
@json_option
def logs(run_id: str, follow: bool, step: str | None, level: str, as_json: bool) -> int:
    """Print the events, log lines and output of RUN: an id, its beginning, or `latest`. With --json one object a line.

    For example: treadle logs latest --follow
    """
    least = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}[level]
    with Instance.of_settings(enter_project(), only_looks=True) as instance:
        found = find_run(instance, run_id)
        outputs = StepOutputs()
        after = 0
        while True:
            current = instance.get_run_by_id(found.run_id)
            over = current is None or current.is_finished
            for stored in instance.store.read_events(found.run_id, after):
                event = stored.event
                after = max(after, event.sequence or after)
                if step is not None and event.step_key != step:
                    continue
                if least <= _PRINTED:
                    outputs.begin(event)
                    if event.type in _STEP_ENDS:
                        _print_output(outputs.rest(event.step_key or ""), as_json)
                if event.level >= least:
                    _print_event(stored, as_json)
            if over or not follow:
                _print_output(outputs.all_rest(), as_json)
                return exit_codes.OK
            _print_output(outputs.new(), as_json)
            time.sleep(_POLL)


@click.command()
@click.option(
    "--older-than",
    type=click.FloatRange(min=0),
    metavar="DAYS",
    help="In place of the setting `retention_days`.",
)
@json_option
def prune(older_than: float | None, as_json: bool) -> None:
    """Remove step, engine and log events of runs that are over. Runs and events of assets are always kept.

    For example: treadle prune --older-than 30
    """
    settings = enter_project()
    days = older_than if older_than is not None else settings.retention_days
    if days is None:
        fail("The setting `retention_days` keeps everything.", hint="say how much with --older-than DAYS")
    with Instance.of_settings(settings) as instance:
        pruned = instance.store.prune(time.time(), RetentionPolicy(step_events=days))
    if as_json:
        print_json(
            {"events": pruned.events, "runs": pruned.runs, "changes": pruned.changes, "plans": pruned.plans}
        )
        return
    click.echo(
        f"Removed {pruned.events} events of {pruned.runs} runs, and {pruned.changes} rows of the change feed."
    )


def _show(instance: Instance, found: Run, as_json: bool) -> None:
    # What a process said that no longer held the run is in the log, and changed nothing.
    events = [stored.event for stored in instance.store.read_events(found.run_id) if not stored.stale]
    steps = list(_steps(events, found))
    checks = [event for event in events if event.type is EventType.ASSET_CHECK_EVALUATION]
    if as_json:
        told = run_as_json(found)
        told["steps"] = [
            {"step": row[0], "state": row[1], "started_at": row[2], "seconds": row[3]} for row in steps
        ]
        told["error"] = error_text(found.error) if found.error is not None else None
        told["error_details"] = error_as_json(found.error) if found.error is not None else None
        print_json(told)
        return
    rows = [
        ("run", found.run_id),
        ("state", state_word(found.status)),
        ("target", job_text(found)),
        ("partition", partition_of_run(found)),
        ("started", time_text(found.started_at)),
        ("took", took_text(found)),
        ("reason", found.end_reason or ""),
        *_error_rows(found.error),
        ("goes on from", found.parent_run_id or ""),
        ("tags", ", ".join(f"{key}={value}" for key, value in sorted(found.tags.items()))),
    ]
    for name, value in rows:
        if value:
            click.echo(harmless(f"{name:<13}" + (" " if len(name) > 12 else "") + value))
    if steps:
        click.echo("")
        print_table(
            ("step", "state", "started", "took"),
            [
                (key, state, time_text(began), "" if took is None else duration_text(took))
                for key, state, began, took in steps
            ],
        )
    if checks:
        click.echo("")
        print_table(("check", "asset", "result"), [_check_row(event) for event in checks])


def _error_rows(error: ErrorInfo | None) -> Iterable[tuple[str, str]]:
    """What failed the run, the members of a group, and what caused it."""
    found = root_error(error)
    if found is None:
        return
    for name, each in (("error", found), *causes_of(found)):
        yield name, error_line(each)
        for member in each.members:
            yield "", f"- {error_line(member)}"
            for word, cause in causes_of(member):
                yield "", f"  {word} {error_line(cause)}"


_STEP_WORDS = {
    EventType.STEP_START: "Running",
    EventType.STEP_RESTARTED: "Running",
    EventType.STEP_UP_FOR_RETRY: "Waiting to try again",
    EventType.STEP_SUCCESS: "Succeeded",
    EventType.STEP_FAILURE: "Failed",
    EventType.STEP_SKIPPED: "Skipped",
}


_STEP_ENDS = frozenset({EventType.STEP_SUCCESS, EventType.STEP_FAILURE, EventType.STEP_UP_FOR_RETRY})
_OPEN = frozenset({"Running", "Waiting to try again"})
_WAITS = "Waiting for pool"


def _steps(events: Iterable[Event], found: Run) -> Iterable[tuple[str, str, float | None, float | None]]:
    """Step, its state in words, when it began, seconds it took."""
    began: dict[str, float] = {}
    states: dict[str, tuple[str, float]] = {}
    for event in events:
        if event.step_key is None:
            continue
        pool = awaited_pool(event)
        if pool is not None:
            states[event.step_key] = (f"{_WAITS} `{pool}`", event.timestamp)
        if event.type not in _STEP_WORDS:
            continue
        if event.type is EventType.STEP_START:
            began.setdefault(event.step_key, event.timestamp)
        states[event.step_key] = (_STEP_WORDS[event.type], event.timestamp)
    for key, (state, at) in states.items():
        start = began.get(key)
        is_open = state in _OPEN or state.startswith(_WAITS)
        if is_open and found.is_finished:
            state = _unended_word(found)
        yield key, state, start, None if start is None or is_open else at - start


def _unended_word(found: Run) -> str:
    """The state of a step that had no end when its run had."""
    if found.status is RunStatus.CANCELED:
        return "Canceled"
    return "Lost" if found.end_reason == "worker-lost" else "Failed"


def _check_row(event: Event) -> tuple[str, str, str]:
    data = event.data
    asset = event.asset_key.to_user_string() if event.asset_key is not None else ""
    if not isinstance(data, CheckData):
        return "", asset, ""
    result = "Passed" if data.passed else ("Warned" if data.severity == "WARN" else "Failed")
    return data.name, asset, result + (f": {data.description}" if data.description else "")


def _change_line(found: Run, status: str, at: float) -> str:
    try:
        word = state_word(RunStatus(status))
    except ValueError:
        word = status
    parts = (time_text(at), found.run_id, word, job_text(found), partition_of_run(found))
    return harmless("  ".join(part for part in parts if part))


def _print_output(lines: Iterable[tuple[str, OutputTail, str]], as_json: bool) -> None:
    for step_key, tail, line in lines:
        if as_json:
            stream = "stderr" if tail.path.suffix == ".err" else "stdout"
            told = {"type": "OUTPUT", "step_key": step_key, "stream": stream, "message": line}
            print_json_line(told)
        else:
            click.echo(harmless(f"{step_key} | {line}"))


def _print_event(stored: StoredEvent, as_json: bool) -> None:
    event = stored.event
    if as_json:
        told = event_as_json(event, stored.storage_id)
        if stored.stale:
            told["stale"] = True
        print_json_line(told)
        return
    click.echo(event_line(event) + (" (stale: another process held the run)" if stored.stale else ""))
    details = event_details(event)
    if details:
        click.echo(details)
