"""`treadle resource`: list resources, and who uses one."""

from collections.abc import Iterable
from typing import Any

import click

from treadle.cli.failing import fail
from treadle.cli.locations import Location, TargetOptions, enter_project, find_locations, target_options
from treadle.cli.output import json_option, print_json, print_table
from treadle.core.errors import did_you_mean


@click.group()
def resource() -> None:
    """List resources and who uses them.

    For example: treadle resource list
    """


@resource.command("list")
@target_options
@json_option
def list_resources(target: TargetOptions, as_json: bool) -> None:
    """List the resources; secret values are never shown.

    For example: treadle resource list -f shop.py
    """
    found = [
        (location, node)
        for location in find_locations(target, enter_project())
        for node in location.code().catalog.resources.values()
    ]
    if as_json:
        print_json(
            [
                {
                    "key": node.key,
                    "type": node.type_name,
                    "location": location.name,
                    "config": dict(node.config),
                    "is_io_manager": node.is_io_manager,
                    "users": len(list(_users(location, node.key))),
                }
                for location, node in found
            ]
        )
        return
    print_table(
        ("resource", "type", "users", "config"),
        [
            (
                node.key,
                node.type_name,
                len(list(_users(location, node.key))),
                ", ".join(f"{name}={value}" for name, value in node.config.items()),
            )
            for location, node in found
        ],
        nothing="There are no resources.",
    )


@resource.command()
@click.argument("key")
@target_options
@json_option
def usage(key: str, target: TargetOptions, as_json: bool) -> None:
    """List what uses the resource KEY: assets, checks, ops, schedules, sensors, other resources; with file and line.

    For example: treadle resource usage warehouse
    """
    locations = find_locations(target, enter_project())
    known = [each for location in locations for each in location.code().catalog.resources]
    rows = [row for location in locations for row in _users(location, key)]
    if not rows and key not in known:
        fail(f"There is no resource `{key}`.", code="unknown-resource", hint=did_you_mean(key, known))
    if as_json:
        print_json([{"kind": kind, "name": name, "where": where} for kind, name, where in rows])
        return
    if not rows:
        click.echo(f"Nothing uses `{key}`.")
        return
    print_table(("kind", "name", "where"), rows, nothing=f"Nothing uses `{key}`.")


def _users(location: Location, key: str) -> Iterable[tuple[str, str, str]]:
    """(kind, name, file:line) of everything that uses a resource."""
    code = location.code()
    catalog = code.catalog
    node = catalog.resources.get(key)
    for name in node.used_by if node is not None else ():
        computation = catalog.computations[name]
        assets = [output.asset_key for output in computation.outputs if output.asset_key is not None]
        checks = [output.check_key for output in computation.outputs if output.check_key is not None]
        where = computation.where or ""
        if not assets and not checks:
            yield "op", name, where
        for asset in assets:
            yield "asset", asset.to_user_string(), where
        for check in checks if not assets else ():
            yield "check", f"{check.asset_key.to_user_string()}:{check.name}", where
    for kind, found in (("schedule", code.schedules), ("sensor", code.sensors)):
        for name, instigator in found.items():
            if key in _resource_keys(instigator):
                yield kind, name, getattr(instigator, "where", None) or ""
    for other in catalog.resources.values():
        if key in other.nested.values():
            yield "resource", other.key, other.where or ""


def _resource_keys(instigator: Any) -> frozenset[str]:
    return frozenset(getattr(instigator, "required_resource_keys", None) or ())
