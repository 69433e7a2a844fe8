"""What a tick asks for, printed."""

import logging
from typing import Any

import click

from treadle.cli import exit_codes
from treadle.cli.output import harmless, print_json
from treadle.core.ticks import TickResult

# Lines are printed here, in order; Python's last resort would print warnings a second time.
logging.getLogger("treadle.tick").addHandler(logging.NullHandler())


def print_tick(what: str, name: str, result: TickResult, *, as_json: bool, at: str | None = None) -> int:
    """Print a tick's result; the exit code says whether the evaluation succeeded.

    Args:
        what: `schedule` or `sensor`.
        at: the time of the tick, as text.
    """
    code = exit_codes.OK if result.error is None else exit_codes.FAILED
    if as_json:
        document = {what: name, **({"at": at} if at is not None else {}), **_document(result)}
        print_json(document)
        return code
    for line in result.log_lines:
        click.echo(harmless(f"{logging.getLevelName(line.level)}  {line.message}"), err=True)
    if result.error is not None:
        click.echo(harmless(f"Error: the evaluation failed.\n{result.error.stack.rstrip()}"), err=True)
        return code
    for number, request in enumerate(result.run_requests, 1):
        click.echo(harmless(f"run {number}: job {result.job_of(request)}"))
        for label, value in _parts(request).items():
            click.echo(harmless(f"  {label}: {value}"))
    for event in result.asset_events:
        click.echo(harmless(f"event: {event!r}"))
    for wanted in result.dynamic_partitions_requests:
        click.echo(harmless(f"partitions: {wanted!r}"))
    for reaction in result.dagster_run_reactions:
        click.echo(
            harmless(
                f"told of run {reaction.dagster_run.run_id}" + (", and raised" if reaction.error else "")
            )
        )
    if result.skip_message is not None:
        click.echo(
            harmless(f"skipped: {result.skip_message}" if not result.run_requests else result.skip_message)
        )
    if result.cursor is not None:
        click.echo(harmless(f"cursor: {result.cursor}"))
    return code


def _parts(request: Any) -> dict[str, Any]:
    parts = {
        "run key": request.run_key,
        "partition": request.partition_key,
        "assets": ", ".join(key.to_user_string() for key in request.asset_selection or ()),
        "checks": ", ".join(key.to_user_string() for key in request.asset_check_keys or ()),
        "only stale": "yes" if request.stale_assets_only else None,
        "config": dict(request.run_config),
        "tags": ", ".join(f"{key}={value}" for key, value in request.tags.items()),
    }
    return {label: value for label, value in parts.items() if value}


def _document(result: TickResult) -> dict[str, Any]:
    return {
        "run_requests": [
            {
                "job": result.job_of(request),
                "run_key": request.run_key,
                "partition": request.partition_key,
                "assets": None
                if request.asset_selection is None
                else [key.to_user_string() for key in request.asset_selection],
                "checks": None
                if request.asset_check_keys is None
                else [key.to_user_string() for key in request.asset_check_keys],
                "stale_assets_only": request.stale_assets_only,
                "config": dict(request.run_config),
                "tags": dict(request.tags),
            }
            for request in result.run_requests
        ],
        "skip_message": result.skip_message,
        "cursor": result.cursor,
        "asset_events": [repr(event) for event in result.asset_events],
        "dynamic_partitions_requests": [
            {
                "kind": "add" if type(each).__name__.startswith("Add") else "delete",
                "partitions_def": each.partitions_def_name,
                "keys": list(each.partition_keys),
            }
            for each in result.dynamic_partitions_requests
        ],
        "runs_told_of": [
            {"run": each.dagster_run.run_id, "error": each.error.message if each.error else None}
            for each in result.dagster_run_reactions
        ],
        "log": [
            {"level": logging.getLevelName(line.level), "message": line.message} for line in result.log_lines
        ],
        "error": None
        if result.error is None
        else {"class": result.error.class_name, "message": result.error.message, "code": result.error.code},
    }
