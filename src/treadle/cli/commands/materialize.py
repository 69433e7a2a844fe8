"""`treadle materialize`: make assets, here and now."""

import click

from treadle.cli import exit_codes
from treadle.cli.failing import fail
from treadle.cli.locations import TargetOptions, enter_project, one_location, target_options
from treadle.cli.option_groups import refuse_beside
from treadle.cli.output import json_option, print_json
from treadle.cli.plan_view import show_plan
from treadle.cli.run_options import RunOptions, config_options, partition_of, partition_options
from treadle.cli.running import NOTHING_RAN, executor_of, run_again, run_prepared, show_run_again
from treadle.cli.runs_view import find_run
from treadle.cli.selecting import choose, runnable, select_option
from treadle.run.launch import prepare_run
from treadle.store.instance import Instance

_GOES_ON = "goes on with what that run was asked for"


@click.command()
@target_options
@select_option
@partition_options
@config_options
@click.option("--changed", is_flag=True, help="Leave out what did not change since it was last made.")
@click.option("--strict", is_flag=True, help="Refuse definitions that have warnings.")
@click.option("--dry-run", is_flag=True, help="Show what would run; nothing runs.")
@click.option(
    "--from-failure", metavar="RUN", help="Go on where that run failed; nothing that succeeded runs again."
)
@json_option
def materialize(
    target: TargetOptions,
    select: str | None,
    partition: str | None,
    partition_range: str | None,
    options: RunOptions,
    changed: bool,
    strict: bool,
    dry_run: bool,
    from_failure: str | None,
    as_json: bool,
) -> int:
    """Make assets and evaluate their checks, in order of their dependencies.

    For example: treadle materialize -f definitions.py --select '*' --partition latest
    """
    if from_failure is not None:
        refuse_beside("--from-failure", ("select", "partition", "partition_range", "changed"), _GOES_ON)
    settings = enter_project()
    location = one_location(target, settings)
    code = location.code(strict=strict)
    warnings = sum(problem.severity == "warning" for problem in code.catalog.problems)
    if warnings:
        plural = "" if warnings == 1 else "s"
        click.echo(
            f"{warnings} warning{plural} in the definitions: see `treadle check{target.text}`", err=True
        )
    with Instance.of_settings(settings) as instance:
        executor = executor_of(options, settings, code.executor)
        if from_failure is not None:
            if location.asset_names:
                fail(f"`--from-failure` {_GOES_ON}: assets can not be named beside it.")
            run = find_run(instance, from_failure)
            if dry_run:
                return show_run_again(code, instance, run.run_id, as_json=as_json)
            return run_again(code, instance, run.run_id, executor, target, options, as_json=as_json)
        chosen = choose(code.catalog, select, location.asset_names)
        if chosen is None:
            fail(
                "Nothing says what to materialize.",
                code="invalid-selection",
                hint="name assets with -a, or with --select, where '*' is all of them",
            )
        chosen = runnable(code.catalog, chosen)
        prepared = prepare_run(
            code,
            chosen.asset_keys,
            chosen.check_keys,
            instance,
            partition=partition_of(code.catalog, chosen.asset_keys, instance, partition, partition_range),
            run_config=options.run_config(),
            tags={**chosen.tags, **options.run_tags()},
            skip_unchanged=changed,
            explain=dry_run,
        )
        if dry_run:
            show_plan(prepared.plan, prepared.partitions, as_json=as_json)
            return exit_codes.OK
        if not prepared.plan.steps:
            nothing = "Nothing to do: everything is as it was." if prepared.plan.skipped else "Nothing to do."
            click.echo(nothing, err=as_json)
            if as_json:
                print_json(NOTHING_RAN)
            return exit_codes.OK
        return run_prepared(prepared, instance, executor, target, as_json=as_json)
