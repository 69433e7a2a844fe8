"""`treadle why`: why an asset is stale, or not."""

from typing import Any

import click

from treadle.cli.locations import TargetOptions, enter_project, one_location, target_options
from treadle.cli.output import harmless, json_option, print_json
from treadle.cli.run_options import partition_of
from treadle.cli.selecting import find_asset
from treadle.core.catalog import Catalog
from treadle.core.keys import AssetKey
from treadle.plan.staleness import Cause, Staleness
from treadle.plan.staleness import why as staleness_of
from treadle.store.instance import Instance


@click.command()
@click.argument("asset")
@target_options
@click.option("--partition", metavar="KEY", help="One partition; `latest` is the last there is.")
@json_option
def why(asset: str, target: TargetOptions, partition: str | None, as_json: bool) -> None:
    """Say why ASSET is stale: its code, its inputs' data or its dependencies changed since it was made.

    For example: treadle why daily_revenue --partition latest
    """
    settings = enter_project()
    catalog = one_location(target, settings).code().catalog
    key = find_asset(catalog, asset)
    with Instance.of_settings(settings, only_looks=True) as instance:
        chosen = partition_of(catalog, [key], instance, partition, None)
        found = staleness_of(catalog, key, instance, chosen if isinstance(chosen, str) else None)
        judged = _what_is_judged(catalog, key, instance) if chosen is None else ""
    if not as_json:
        click.echo(harmless(f"{found}{judged}"))
        return
    print_json(
        {
            "asset": key.to_user_string(),
            "partition": found.partition_key,
            "status": found.status,
            **({"writers": [_writer(each) for each in found.writers]} if found.writers else {}),
            "causes": [_cause(cause) for cause in found.causes],
            "root_causes": [_cause(cause) for cause in found.root_causes],
        }
    )


def _what_is_judged(catalog: Catalog, key: AssetKey, instance: Instance) -> str:
    """Of a partitioned asset, that only what was made last is judged, and how much there is beside it."""
    definition = catalog.partitions_def_of(key)
    made = instance.latest_states([(key, None)]).get((key, None))
    if definition is None or made is None:
        return ""
    keys = made.partition_keys or ()
    names = f" (`{keys[0]}`{'' if len(keys) == 1 else f' and {len(keys) - 1} more'})" if keys else ""
    count = len(instance.materialized_keys(key, definition))
    every = len(definition.space(dynamic_partitions_store=instance).all())
    return f"\n  judged by what was made last{names}; {count} of {every} partitions are made: --partition KEY judges one"


def _writer(found: Staleness) -> dict[str, Any]:
    return {
        "writer": found.writer,
        "status": found.status,
        "causes": [_cause(cause) for cause in found.causes],
    }


def _cause(cause: Cause) -> dict[str, str | None]:
    dependency = cause.dependency.to_user_string() if cause.dependency is not None else None
    return {
        "asset": cause.asset_key.to_user_string(),
        "category": cause.category,
        "dependency": dependency,
        "detail": cause.detail,
    }
