"""`treadle list`: assets, or whatever else a project has."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import click

from treadle.cli.commands.asset import list_assets
from treadle.cli.commands.instigators import list_schedules, list_sensors
from treadle.cli.commands.job import list_jobs
from treadle.cli.definition_listing import COLUMNS, list_definitions
from treadle.cli.failing import fail
from treadle.cli.locations import TargetOptions, target_options
from treadle.cli.output import json_option
from treadle.cli.selecting import select_option

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
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="For defs: only those of this file or folder of the defs folder.",
)
@click.option(
    "-c",
    "--columns",
    multiple=True,
    type=click.Choice(COLUMNS),
    help="For defs: what to say of each; repeatable.",
)
@click.option("--package", metavar="MODULE", help="For components: only types of this module or below it.")
@json_option
@click.pass_context
def list_things(
    context: click.Context,
    what: str,
    target: TargetOptions,
    select: str | None,
    assets: str | None,
    path: Path | None,
    columns: tuple[str, ...],
    package: str | None,
    as_json: bool,
) -> Any:
    """List the assets; or `components` (types that YAML may name), `defs` (everything), `envs` (variables of the environment
    that the project uses), `jobs`, `registry-modules` (where types of components are looked for), `schedules`,
    `sensors`, or the `tree` of the defs folder.

    For example: treadle list jobs
    """
    _refuse_options_of_others(what, {"--path": path, "--columns": columns}, "defs")
    _refuse_options_of_others(what, {"--package": package}, "components")
    if what not in ("assets", "defs") and (select or assets):
        fail(f"`treadle list {what}` takes no selection.", hint="`treadle list assets --select ...` does")
    raw = {**attrs.asdict(target), "as_json": as_json}
    if what == "assets":
        return context.invoke(list_assets, select=select or assets, **raw)
    if what == "components":
        return _component_listing().list_components(as_json, package)
    if what == "envs":
        return _component_listing().list_envs(as_json)
    if what == "registry-modules":
        return _component_listing().list_registry_modules(as_json)
    if what == "tree":
        return click.echo(_component_listing().tree_of_project().to_string_representation())
    if what == "defs":
        return list_definitions(target, as_json=as_json, select=select or assets, path=path, columns=columns)
    command = {"jobs": list_jobs, "schedules": list_schedules, "sensors": list_sensors}[what]
    return context.invoke(command, **raw)


def _component_listing() -> Any:
    """What knows components is imported only by those who ask for it."""
    return importlib.import_module("treadle.cli.component_listing")


def _refuse_options_of_others(what: str, given: Mapping[str, Any], owner: str) -> None:
    for option, value in given.items():
        if value and what != owner:
            fail(
                f"`treadle list {what}` takes no {option}.", hint=f"`treadle list {owner} {option} ...` does"
            )
