"""`treadle impact`: what fails or goes stale without some assets."""

import click

from treadle.cli.locations import TargetOptions, enter_project, one_location, target_options
from treadle.cli.output import harmless, json_option, print_json
from treadle.cli.selecting import find_asset
from treadle.plan.impact import impact_of


@click.command()
@click.argument("assets", nargs=-1, required=True, metavar="ASSET...")
@target_options
@json_option
def impact(assets: tuple[str, ...], target: TargetOptions, as_json: bool) -> None:
    """Count and name what depends on ASSET: assets that would fail or go stale, checks, jobs, schedules, sensors.

    For example: treadle impact raw_orders
    """
    catalog = one_location(target, enter_project()).code().catalog
    found = impact_of(catalog, [find_asset(catalog, name) for name in assets])
    if not as_json:
        click.echo(harmless(str(found)))
        return
    print_json(
        {
            "assets": [key.to_user_string() for key in found.asset_keys],
            "writers": list(found.writers),
            "failing_assets": [key.to_user_string() for key in found.failing_assets],
            "stale_assets": [key.to_user_string() for key in found.stale_assets],
            "checks": [f"{key.asset_key.to_user_string()}:{key.name}" for key in found.checks],
            "jobs": list(found.jobs),
            "schedules": list(found.schedules),
            "sensors": list(found.sensors),
        }
    )
