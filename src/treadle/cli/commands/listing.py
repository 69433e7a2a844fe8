"""`treadle list`: assets, or whatever else a project has."""

import importlib
from collections.abc import Sequence
from typing import Any

import attrs
import click

from treadle.cli.commands.asset import list_assets
from treadle.cli.commands.instigators import list_schedules, list_sensors
from treadle.cli.commands.job import list_jobs
from treadle.cli.failing import fail
from treadle.cli.locations import TargetOptions, enter_project, find_locations, target_options
from treadle.cli.output import counted, json_option, print_json, print_table
from treadle.cli.selecting import select_option
from treadle.core.catalog import WriterNode

_KINDS = (
    "assets",
    "components",
    "defs",
    "envs",
    "jobs",
    "registry-modules",
    "schedules",
    "sensors",
    "tree",
)


@click.command()
@click.argument("what", type=click.Choice(_KINDS), default="assets")
@target_options
@select_option
@click.option("--assets", metavar="SELECTION", help="The same as --select.")
@json_option
@click.pass_context
def list_things(
    context: click.Context,
    what: str,
    target: TargetOptions,
    select: str | None,
    assets: str | None,
    as_json: bool,
) -> Any:
    """List the assets; or `components` (types that YAML may name), `defs` (everything), `envs` (variables of the environment
    that the project uses), `jobs`, `registry-modules` (where types of components are looked for), `schedules`,
    `sensors`, or the `tree` of the defs folder.

    For example: treadle list jobs
    """
    if what != "assets" and (select or assets):
        fail(f"`treadle list {what}` takes no selection.", hint="`treadle list assets --select ...` does")
    raw = {**attrs.asdict(target), "as_json": as_json}
    if what == "assets":
        return context.invoke(list_assets, select=select or assets, **raw)
    if what == "components":
        return _component_listing().list_components(as_json)
    if what == "envs":
        return _component_listing().list_envs(as_json)
    if what == "registry-modules":
        return _component_listing().list_registry_modules(as_json)
    if what == "tree":
        return click.echo(_component_listing().tree_of_project().to_string_representation())
    if what == "defs":
        return _definitions(target, as_json)
    command = {"jobs": list_jobs, "schedules": list_schedules, "sensors": list_sensors}[what]
    return context.invoke(command, **raw)


def _component_listing() -> Any:
    """What knows components is imported only by those who ask for it."""
    return importlib.import_module("treadle.cli.component_listing")


def _writers_text(writers: Sequence[WriterNode]) -> list[str]:
    return [f"written by {', '.join(each.name for each in writers)}"] if writers else []


def _definitions(target: TargetOptions, as_json: bool) -> None:
    rows: list[dict[str, Any]] = []
    for location in find_locations(target, enter_project()):
        catalog = location.code().catalog
        for key, node in catalog.assets.items():
            rows.append(
                {
                    "kind": "asset",
                    "name": key.to_user_string(),
                    "about": "; ".join([node.spec.group_name or "default", *_writers_text(node.writers)]),
                    "description": node.spec.description,
                }
            )
        for check in catalog.checks:
            rows.append(
                {
                    "kind": "asset check",
                    "name": check.name,
                    "about": check.asset_key.to_user_string(),
                    "description": None,
                }
            )
        for job in catalog.jobs.values():
            rows.append(
                {
                    "kind": "job",
                    "name": job.name,
                    "about": counted(len(job.asset_keys), "asset"),
                    "description": job.description,
                }
            )
        for schedule in catalog.schedules.values():
            cron = schedule.cron_schedule
            rows.append(
                {
                    "kind": "schedule",
                    "name": schedule.name,
                    "about": cron if isinstance(cron, str) else "; ".join(cron),
                    "description": None,
                }
            )
        for sensor in catalog.sensors.values():
            rows.append({"kind": "sensor", "name": sensor.name, "about": sensor.kind, "description": None})
        for name in catalog.resources:
            rows.append({"kind": "resource", "name": str(name), "about": "", "description": None})
    if as_json:
        print_json(rows)
        return
    print_table(
        ("kind", "name", "about", "description"),
        [(row["kind"], row["name"], row["about"], row["description"] or "") for row in rows],
    )
