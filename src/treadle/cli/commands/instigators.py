"""`treadle schedule` and `treadle sensor`: list them, when a schedule would tick, and what a tick would ask for."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import click

from treadle.cli.definition_listing import sensor_nodes
from treadle.cli.failing import fail
from treadle.cli.locations import TargetOptions, enter_project, find_locations, target_options
from treadle.cli.option_groups import read_time
from treadle.cli.output import json_option, print_json, print_table
from treadle.cli.tick_view import print_tick
from treadle.core.calendar import clock
from treadle.core.calendar.cron import Cron
from treadle.core.errors import did_you_mean
from treadle.define.context.schedule_context import ScheduleEvaluationContext
from treadle.define.context.sensor_context import SensorEvaluationContext
from treadle.define.default_automation import DEFAULT_SENSOR_NAME, sensors_with_default
from treadle.run.ticks.evaluate import evaluate_tick
from treadle.store.instance import Instance


@click.group()
def schedule() -> None:
    """List schedules, and see what their ticks ask for.

    For example: treadle schedule list
    """


@click.group()
def sensor() -> None:
    """List sensors, and see what they ask for.

    For example: treadle sensor list
    """


def _choosing_options(command: Any) -> Any:
    for option in (
        click.option("--name", "only_names", is_flag=True, help="Print the names only."),
        click.option("--stopped", "start", flag_value="STOPPED", help="Only those that start as stopped."),
        click.option("--running", "start", flag_value="RUNNING", help="Only those that start as running."),
    ):
        command = option(command)
    return command


def _print_names(found: Sequence[Any]) -> None:
    for node in found:
        click.echo(node.name)


@schedule.command("list")
@target_options
@_choosing_options
@json_option
def list_schedules(target: TargetOptions, only_names: bool, start: str | None, as_json: bool) -> None:
    """List the schedules.

    For example: treadle schedule list --json
    """
    found = [node for _, node in _schedules(target) if start in (None, node.default_status)]
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
    if only_names:
        _print_names(found)
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
@click.option(
    "--at",
    metavar="TIME",
    help="Evaluate the tick of this time, in the schedule's zone (or `next`), and print what it asks for.",
)
@json_option
def preview(name: str | None, target: TargetOptions, count: int, at: str | None, as_json: bool) -> int:
    """Print the next ticks of the schedule NAME; it may be left out where there is only one.

    With --at, evaluate one tick instead. Nothing is started and nothing is recorded.

    For example: treadle schedule preview nightly --count 3
    """
    settings = enter_project()
    known = {
        node.name: (location, node)
        for location in find_locations(target, settings)
        for node in location.code().catalog.schedules.values()
    }
    name = _chosen(name, list(known), "schedule")
    location, node = known[name]
    cron = Cron(node.cron_schedule, node.execution_timezone)
    if at is not None:
        when = _time_of(at, cron)
        with Instance.of_settings(settings, only_looks=True) as instance:
            code = location.code()
            context = ScheduleEvaluationContext(when, instance, definitions=code)
            result = evaluate_tick(code.schedules[name], context, raise_on_error=False)
        return print_tick("schedule", name, result, as_json=as_json, at=when.isoformat())
    ticks = [tick.isoformat() for tick in islice(cron.ticks_from(clock.now()), count)]
    if as_json:
        print_json({"schedule": name, "timezone": cron.timezone, "ticks": ticks})
        return 0
    for tick in ticks:
        click.echo(tick)
    return 0


@sensor.command("list")
@target_options
@_choosing_options
@json_option
def list_sensors(target: TargetOptions, only_names: bool, start: str | None, as_json: bool) -> None:
    """List the sensors.

    For example: treadle sensor list --json
    """
    found = [
        node
        for location in find_locations(target, enter_project())
        for node in sensor_nodes(location.code())
        if start in (None, node.default_status)
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
    if only_names:
        _print_names(found)
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


@sensor.command("preview")
@click.argument("name", required=False)
@target_options
@click.option("--cursor", metavar="TEXT", help="What the sensor is told that its last evaluation left.")
@click.option(
    "--last-run-key", "--last_run_key", metavar="TEXT", help="The key of the last run that it asked for."
)
@click.option("--since", type=float, metavar="SECONDS", help="When it was last evaluated, in Unix seconds.")
@json_option
def preview_sensor(
    name: str | None,
    target: TargetOptions,
    cursor: str | None,
    last_run_key: str | None,
    since: float | None,
    as_json: bool,
) -> int:
    """Evaluate the sensor NAME once and print what it asks for. Nothing is started and nothing is recorded.

    For example: treadle sensor preview new_files
    """
    settings = enter_project()
    known = {
        sensor_name: (location, found)
        for location in find_locations(target, settings)
        for sensor_name, found in sensors_with_default(location.code()).items()
    }
    written = [each for each in known if each != DEFAULT_SENSOR_NAME] or list(known)
    name = _chosen(name, written if name is None else list(known), "sensor")
    location, definition = known[name]
    with Instance.of_settings(settings, only_looks=True) as instance:
        context = SensorEvaluationContext(
            instance,
            cursor,
            definitions=location.code(),
            sensor_name=name,
            last_run_key=last_run_key,
            last_tick_completion_time=since,
        )
        result = evaluate_tick(definition, context, raise_on_error=False)
    return print_tick("sensor", name, result, as_json=as_json)


def _chosen(name: str | None, known: list[str], what: str) -> str:
    """The one that is meant. Ends the command where that is not clear."""
    if name is None and len(known) == 1:
        return known[0]
    if name is None:
        fail(
            f"There are no {what}s." if not known else f"There are several: {', '.join(known)}.",
            code="not-found",
        )
    if name not in known:
        fail(f"There is no {what} `{name}`.", code="not-found", hint=did_you_mean(name, known))
    return name


def _time_of(text: str, cron: Cron) -> datetime:
    """A time as the user wrote it; without an offset it is in the schedule's zone."""
    if text == "next":
        return cron.next_tick(clock.now())
    return read_time("--at", text, cron.zone)


def _schedules(target: TargetOptions) -> list[tuple[str, Any]]:
    return [
        (location.name, node)
        for location in find_locations(target, enter_project())
        for node in location.code().catalog.schedules.values()
    ]


def _cron_text(cron: str | tuple[str, ...]) -> str:
    return cron if isinstance(cron, str) else "; ".join(cron)


_OF_THE_CONTROL_PROCESS = {
    schedule: ("start", "stop", "restart", "logs", "wipe", "debug"),
    sensor: ("start", "stop", "cursor"),
}


def _say_not_yet(group: click.Group, name: str) -> None:
    @group.command(
        name,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        help="Needs the control process, which this version does not have.\n\n"
        f"In its place, for example: treadle {group.name} preview",
        short_help="Not in this version: needs the control process.",
    )
    @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
    def refuse(rest: tuple[str, ...]) -> None:
        fail(
            f"`treadle {group.name} {name}` comes with the control process, which this version does not have: "
            f"no {group.name} ticks by itself yet.",
            code="needs-control-process",
            hint=f"`treadle {group.name} preview` evaluates one tick; docs/compatibility.md lists what is missing",
        )


for _group, _names in _OF_THE_CONTROL_PROCESS.items():
    for _name in _names:
        _say_not_yet(_group, _name)
