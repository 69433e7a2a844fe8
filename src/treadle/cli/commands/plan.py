"""`treadle plan`: what a run would do, and why."""

import click

from treadle.cli.locations import TargetOptions, enter_project, one_location, target_options
from treadle.cli.output import json_option
from treadle.cli.plan_view import show_plan
from treadle.cli.run_options import partition_of, partition_options
from treadle.cli.selecting import Chosen, choose, runnable, select_option
from treadle.run.launch import prepare_run
from treadle.store.instance import Instance


@click.command()
@target_options
@select_option
@partition_options
@click.option("--changed", is_flag=True, help="Leave out what did not change since it was last made.")
@click.option("--strict", is_flag=True, help="Refuse definitions that have warnings.")
@json_option
def plan(
    target: TargetOptions,
    select: str | None,
    partition: str | None,
    partition_range: str | None,
    changed: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Show the steps of a run, in order, each with its reason. Nothing runs.

    For example: treadle plan --select '+daily_revenue' --partition latest
    """
    settings = enter_project()
    location = one_location(target, settings)
    code = location.code(strict=strict)
    catalog = code.catalog
    chosen = choose(catalog, select, location.asset_names) or Chosen(
        asset_keys=tuple(catalog.assets), check_keys=tuple(catalog.checks)
    )
    chosen = runnable(catalog, chosen)
    with Instance.of_settings(settings, only_looks=True) as instance:
        prepared = prepare_run(
            code,
            chosen.asset_keys,
            chosen.check_keys,
            instance,
            partition=partition_of(catalog, chosen.asset_keys, instance, partition, partition_range),
            tags=chosen.tags,
            skip_unchanged=changed,
            explain=True,
        )
    show_plan(prepared.plan, prepared.partitions, as_json=as_json)
