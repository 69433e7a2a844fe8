"""`treadle observe`: look at observable source assets."""

import click

from treadle.cli.failing import fail
from treadle.cli.locations import TargetOptions, enter_project, one_location, target_options
from treadle.cli.output import json_option
from treadle.cli.run_options import RunOptions, config_options, partition_of, partition_options
from treadle.cli.running import executor_of, run_prepared
from treadle.cli.selecting import Chosen, choose, select_option
from treadle.run.launch import prepare_run
from treadle.store.instance import Instance


@click.command()
@target_options
@select_option
@partition_options
@config_options
@json_option
def observe(
    target: TargetOptions,
    select: str | None,
    partition: str | None,
    partition_range: str | None,
    options: RunOptions,
    as_json: bool,
) -> int:
    """Observe source assets: ask each for its current data version. Without a selection, all that can be observed.

    For example: treadle observe --select 'kind:s3'
    """
    settings = enter_project()
    location = one_location(target, settings)
    code = location.code()
    catalog = code.catalog
    chosen = choose(catalog, select, location.asset_names) or Chosen(asset_keys=tuple(catalog.assets))
    keys = [key for key in chosen.asset_keys if catalog.assets[key].kind == "observable"]
    if not keys:
        fail(
            "Nothing that was selected can be observed.",
            code="invalid-selection",
            hint="`@observable_source_asset` makes such assets",
        )
    with Instance.of_settings(settings) as instance:
        prepared = prepare_run(
            code,
            keys,
            (),
            instance,
            partition=partition_of(catalog, keys, instance, partition, partition_range),
            run_config=options.run_config(),
            tags=options.run_tags(),
        )
        return run_prepared(
            prepared, instance, executor_of(options, settings, code.executor), target, as_json=as_json
        )
