"""`treadle schedule` and `treadle sensor`: list them, and when a schedule would tick."""

from itertools import islice
from typing import Any

import click

from treadle.cli.failing import fail
from treadle.cli.locations import TargetOptions, enter_project, find_locations, target_options
from treadle.cli.output import json_option, print_json, print_table
from treadle.core.calendar import clock
from treadle.core.calendar.cron import Cron
from treadle.core.errors import did_you_mean


@click.group()
def schedule() -> None:
    """List schedules."""


@click.group()
def sensor() -> None:
    """List sensors."""


@schedule.command("list")
@target_options
@json_option
def list_schedules(target: TargetOptions, as_json: bool) -> None:
    """List the schedules."""
    found = [node for _, node in _schedules(target)]
    if as_json:
        print_json(
            [
                {
                    "name": node.name,
                    "cron": node.cron_schedule,
                    "timezone": node.execution_timezone or "UTC",
                    "job": node.job_name,
                    "default_status": node.default_status,
                    "where": node.where,
                }
                for node in found
            ]
        )
        return
    print_table(
        ("schedule", "cron", "time zone", "job", "starts as"),
        [
            (
                node.name,
                _cron_text(node.cron_schedule),
                node.execution_timezone or "UTC",
                node.job_name or "",
                node.default_status.capitalize(),
            )
            for node in found
        ],
        nothing="There are no schedules.",
    )


@schedule.command()
@click.argument("name", required=False)
@target_options
@click.option("--count", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many ticks.")
@json_option
def preview(name: str | None, target: TargetOptions, count: int, as_json: bool) -> None:
    """Print the next ticks of the schedule NAME; it may be left out where there is only one."""
    known = {node.name: node for _, node in _schedules(target)}
    if name is None:
        if len(known) != 1:
            message = f"There are several: {', '.join(known)}." if known else "There are no schedules."
            fail(
                message, code="not-found", hint="name one: `treadle schedule preview NAME`" if known else None
            )
        name = next(iter(known))
    if name not in known:
        fail(f"There is no schedule `{name}`.", code="not-found", hint=did_you_mean(name, known))
    node = known[name]
    cron = Cron(node.cron_schedule, node.execution_timezone)
    ticks = [tick.isoformat() for tick in islice(cron.ticks_from(clock.now()), count)]
    if as_json:
        print_json({"schedule": name, "timezone": cron.timezone, "ticks": ticks})
        return
    for tick in ticks:
        click.echo(tick)


@sensor.command("list")
@target_options
@json_option
def list_sensors(target: TargetOptions, as_json: bool) -> None:
    """List the sensors."""
    found = [
        node
        for location in find_locations(target, enter_project())
        for node in location.code().catalog.sensors.values()
    ]
    if as_json:
        print_json(
            [
                {
                    "name": node.name,
                    "kind": node.kind,
                    "jobs": list(node.job_names),
                    "assets": [key.to_user_string() for key in node.asset_keys],
                    "minimum_interval_seconds": node.minimum_interval_seconds,
                    "default_status": node.default_status,
                    "where": node.where,
                }
                for node in found
            ]
        )
        return
    print_table(
        ("sensor", "kind", "targets", "starts as"),
        [
            (
                node.name,
                node.kind,
                ", ".join([*node.job_names, *(key.to_user_string() for key in node.asset_keys)]),
                node.default_status.capitalize(),
            )
            for node in found
        ],
        nothing="There are no sensors.",
    )


def _schedules(target: TargetOptions) -> list[tuple[str, Any]]:
    return [
        (location.name, node)
        for location in find_locations(target, enter_project())
        for node in location.code().catalog.schedules.values()
    ]


def _cron_text(cron: str | tuple[str, ...]) -> str:
    return cron if isinstance(cron, str) else "; ".join(cron)
