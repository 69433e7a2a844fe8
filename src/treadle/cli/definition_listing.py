"""What `treadle list defs` prints: everything that is defined, at a path or in a selection where one is given."""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from treadle.cli.failing import fail
from treadle.cli.locations import Location, TargetOptions, enter_project, find_locations
from treadle.cli.output import counted, print_json, print_table
from treadle.cli.selecting import choose
from treadle.core.catalog import Catalog, SensorNode, WriterNode
from treadle.core.errors import TreadleError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.define.code import Code
from treadle.define.default_automation import DEFAULT_SENSOR_NAME, sensors_with_default
from treadle.define.target_job import ANONYMOUS_JOB

COLUMNS: Final = ("key", "group", "deps", "kinds", "description", "tags", "cron")


def list_definitions(
    target: TargetOptions, *, as_json: bool, select: str | None, path: Path | None, columns: Sequence[str]
) -> None:
    """Print them.

    Args:
        target: where they are.
        as_json: True: as JSON.
        select: a selection: only its assets and checks.
        path: of a file or folder in the defs folder: only what lies there.
        columns: what to say of each; all where nothing is named.
    """
    rows: list[dict[str, Any]] = []
    for location in _locations(target, path):
        code = location.code()
        rows.extend(_selected_rows(code.catalog, select) if select else _rows(code))
    if as_json:
        print_json(
            [{name: value for name, value in row.items() if name not in ("key", "cron")} for row in rows]
        )
        return
    nothing = "There are no definitions." if select is None else f"Nothing matches `{select}`."
    if columns:
        shown = [name for name in COLUMNS if name in columns and name != "key"]
        cells = [(row["kind"], row["key"], *(_text(row.get(name)) for name in shown)) for row in rows]
        print_table(("kind", "key", *shown), cells, nothing=nothing)
        return
    print_table(
        ("kind", "name", "about", "description"),
        [(row["kind"], row["key"], row["about"], row["description"] or "") for row in rows],
        nothing=nothing,
    )


def _locations(target: TargetOptions, path: Path | None) -> list[Location]:
    settings = enter_project()
    if path is None:
        return find_locations(target, settings)
    if not path.exists():
        fail(f"There is no {path}.", code="not-found", hint=f"paths are relative to {Path.cwd()}")
    tree = importlib.import_module("treadle.cli.component_listing").tree_of_project()
    try:
        defs = tree.build_defs(path.resolve())
    except TreadleError as error:
        fail(error.message, code=error.code, hint=error.hint)
    return [Location(name=str(path), definitions=defs)]


def sensor_nodes(code: Code) -> list[SensorNode]:
    """All sensors, with the one that evaluates conditions for which no sensor was written."""
    found = list(code.catalog.sensors.values())
    default = sensors_with_default(code).get(DEFAULT_SENSOR_NAME)
    if default is None or DEFAULT_SENSOR_NAME in code.catalog.sensors:
        return found
    keys = tuple(sorted(default.asset_selection.resolve(code.catalog.selectable_graph)))
    with_condition = [key for key in keys if code.catalog.assets[key].spec.automation_condition is not None]
    node = SensorNode(
        name=DEFAULT_SENSOR_NAME,
        kind="automation",
        asset_keys=tuple(with_condition),
        minimum_interval_seconds=default.minimum_interval_seconds,
        default_status=default.default_status.value,
    )
    return [node, *found]


def _rows(code: Code) -> Iterator[dict[str, Any]]:
    catalog = code.catalog
    yield from _asset_rows(catalog, catalog.assets)
    yield from _check_rows(catalog, catalog.checks)
    for job in catalog.jobs.values():
        if not job.name.startswith(ANONYMOUS_JOB):  # its schedule or sensor is listed itself
            about = counted(len(job.asset_keys), "asset")
            yield _row("job", job.name, about, job.description, tags=dict(job.tags))
    for schedule in catalog.schedules.values():
        cron = schedule.cron_schedule
        text = cron if isinstance(cron, str) else "; ".join(cron)
        yield _row("schedule", schedule.name, text, None, cron=text, tags=dict(schedule.tags))
    for sensor in sensor_nodes(code):
        yield _row("sensor", sensor.name, sensor.kind, None, tags=dict(sensor.tags))
    for name in catalog.resources:
        yield _row("resource", str(name), "", None)


def _selected_rows(catalog: Catalog, select: str) -> Iterator[dict[str, Any]]:
    chosen = choose(catalog, select, ())
    if chosen is None:
        return
    keys = set(chosen.asset_keys)
    checks = {key for key in catalog.checks if key.asset_key in keys} | set(chosen.check_keys)
    yield from _asset_rows(catalog, chosen.asset_keys)
    yield from _check_rows(catalog, (key for key in catalog.checks if key in checks))


def _asset_rows(catalog: Catalog, keys: Iterable[AssetKey]) -> Iterator[dict[str, Any]]:
    for key in keys:
        node = catalog.assets[key]
        spec = node.spec
        group = spec.group_name or "default"
        yield _row(
            "asset",
            key.to_user_string(),
            "; ".join([group, *_writers_text(node.writers)]),
            spec.description,
            group=group,
            deps=[dep.asset_key.to_user_string() for dep in spec.deps],
            kinds=sorted(spec.kinds),
            tags={name: value for name, value in spec.tags.items() if not name.startswith("dagster/kind/")},
        )


def _check_rows(catalog: Catalog, keys: Iterable[AssetCheckKey]) -> Iterator[dict[str, Any]]:
    for key in keys:
        spec = catalog.checks[key].spec
        asset = key.asset_key.to_user_string()
        deps = [asset, *(dep.asset_key.to_user_string() for dep in spec.additional_deps)]
        yield {
            **_row("asset check", key.name, asset, spec.description, deps=deps),
            "key": f"{asset}:{key.name}",
        }


def _row(kind: str, name: str, about: str, description: str | None, **others: Any) -> dict[str, Any]:
    return {"kind": kind, "name": name, "about": about, "description": description, "key": name, **others}


def _writers_text(writers: Sequence[WriterNode]) -> list[str]:
    return [f"written by {', '.join(each.name for each in writers)}"] if writers else []


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={each}" if each else name for name, each in value.items())
    return value if isinstance(value, str) else ", ".join(value or ())
