"""`treadle job`: list, execute and backfill jobs."""

import importlib
from typing import Any

import click

from treadle.cli.commands.backfill import BackfillRequest, backfill_options, run_backfill
from treadle.cli.failing import fail
from treadle.cli.locations import Location, TargetOptions, enter_project, find_locations, target_options
from treadle.cli.output import harmless, json_option, print_json, print_table
from treadle.cli.run_options import (
    RunOptions,
    config_options,
    fail_without_partitions,
    partition_of,
    partition_of_job,
    partition_options,
)
from treadle.cli.running import executor_of, run_prepared
from treadle.core.errors import did_you_mean
from treadle.core.selection.writers import writers_from_tags
from treadle.define.config.skeleton import config_skeleton
from treadle.define.job_definition import JobDefinition
from treadle.plan.build import plan_assets
from treadle.plan.ops import plan_ops
from treadle.plan.plan import Plan
from treadle.run.launch import prepare_job, prepare_run
from treadle.store.instance import Instance
from treadle.store.settings import Settings


@click.group()
def job() -> None:
    """List and run jobs.

    For example: treadle job list
    """


@job.command("list")
@target_options
@json_option
def list_jobs(target: TargetOptions, as_json: bool) -> None:
    """List the jobs.

    For example: treadle job list -m shop.definitions
    """
    found = [
        (location, node)
        for location in find_locations(target, enter_project())
        for node in location.code().catalog.jobs.values()
    ]
    if as_json:
        print_json(
            [
                {
                    "name": node.name,
                    "location": location.name,
                    "assets": [key.to_user_string() for key in node.asset_keys],
                    "ops": [op.path for op in node.graph.nodes] if node.graph is not None else [],
                    "selection": node.selection,
                    "partitioned": node.partitions_def is not None,
                    "description": node.description,
                    "where": node.where,
                }
                for location, node in found
            ]
        )
        return
    print_table(
        ("job", "assets", "ops", "partitions", "description"),
        [
            (
                node.name,
                len(node.asset_keys) or "",
                len(node.graph.nodes) if node.graph is not None else "",
                "" if node.partitions_def is None else repr(node.partitions_def),
                node.description or "",
            )
            for _, node in found
        ],
        nothing="There are no jobs.",
    )


@job.command("show")
@click.argument("given", metavar="JOB", required=False)
@click.option("-j", "--job", "name", metavar="NAME", help="The job; may be left out where there is only one.")
@target_options
@json_option
def show_job(given: str | None, name: str | None, target: TargetOptions, as_json: bool) -> None:
    """Show what a job runs, in order.

    For example: treadle job show daily_job
    """
    _, definition = _find_job(target, enter_project(), given or name)
    steps = _plan_of(definition).steps
    condition = definition.automation_condition
    if as_json:
        print_json(
            {
                "name": definition.name,
                "description": definition.description,
                "where": definition.where,
                "tags": dict(definition.tags),
                "partitions": None if definition.partitions_def is None else repr(definition.partitions_def),
                "hooks": sorted(hook.name for hook in definition.hooks),
                "executor": getattr(definition.own_executor, "name", None),
                "automation_condition": None if condition is None else str(condition),
                "steps": [
                    {
                        "key": step.key,
                        "assets": [key.to_user_string() for key in step.asset_keys],
                        "after": sorted(set(step.upstream_step_keys)),
                    }
                    for step in steps
                ],
            }
        )
        return
    click.echo(harmless(f"{definition.name}  {definition.where or ''}".rstrip()))
    if definition.description:
        click.echo(harmless(f"  {definition.description}"))
    if definition.partitions_def is not None:
        click.echo(harmless(f"  partitions: {definition.partitions_def!r}"))
    if definition.hooks:
        click.echo(f"  hooks: {', '.join(sorted(hook.name for hook in definition.hooks))}")
    if condition is not None:
        click.echo(harmless(f"  automation condition: {condition} (kept; nothing evaluates it yet)"))
    print_table(
        ("step", "makes", "after"),
        [
            (
                step.key,
                ", ".join(key.to_user_string() for key in step.asset_keys),
                ", ".join(sorted(set(step.upstream_step_keys))),
            )
            for step in steps
        ],
    )


def _plan_of(definition: JobDefinition) -> Plan:
    """What a job runs, whatever the partition."""
    if definition.op_graph is not None:
        return plan_ops(definition.op_graph, definition.name, definition.op_selection)
    return plan_assets(
        definition.code.catalog,
        definition.asset_keys,
        definition.check_keys,
        job_name=definition.name,
        writers=writers_from_tags(definition.run_tags),
    )


@job.command()
@click.option("-j", "--job", "name", metavar="NAME", help="The job; may be left out where there is only one.")
@target_options
@partition_options
@click.option(
    "--op-selection",
    metavar="OPS",
    help="Only these ops of a job of ops: names with commas; `*x` is x and all before it, `x+` the next one too.",
)
@config_options
@json_option
def execute(
    name: str | None,
    target: TargetOptions,
    partition: str | None,
    partition_range: str | None,
    op_selection: str | None,
    options: RunOptions,
    as_json: bool,
) -> int:
    """Run a job, here and now.

    For example: treadle job execute -j daily_job --partition latest
    """
    settings = enter_project()
    _, definition = _find_job(target, settings, name)
    code = definition.code
    with Instance.of_settings(settings) as instance:
        if definition.is_of_ops:
            prepared = prepare_job(
                definition,
                instance,
                partition=partition_of_job(definition, instance, partition, partition_range),
                run_config=options.run_config(),
                tags=options.run_tags(),
                op_selection=op_selection.split(",") if op_selection is not None else None,
            )
        elif op_selection is not None:
            fail(
                f"Job `{definition.name}` is one of assets.", hint="use `treadle asset materialize --select`"
            )
        else:
            prepared = prepare_run(
                code,
                definition.asset_keys,
                definition.check_keys,
                instance,
                job_def=definition,
                partition=partition_of(
                    code.catalog, definition.asset_keys, instance, partition, partition_range
                ),
                run_config=options.run_config(),
                tags=options.run_tags(),
                is_subset=False,
            )
        executor = executor_of(options, settings, definition.own_executor or code.executor)
        return run_prepared(prepared, instance, executor, target, as_json=as_json)


@job.command("backfill")
@click.option("-j", "--job", "name", metavar="NAME", help="The job; may be left out where there is only one.")
@target_options
@backfill_options
@config_options
@json_option
def backfill_job(
    name: str | None, target: TargetOptions, options: RunOptions, as_json: bool, **given: Any
) -> int:
    """Run a job for a range of partitions, a run each; of a job of assets each after what it needs.

    Without --to the range goes to the last partition, without --from it begins at the first.

    For example: treadle job backfill -j nightly --from 2024-01-01 --to 2024-01-31
    """
    settings = enter_project()
    location, definition = _find_job(target, settings, name)
    given |= _open_end(definition, settings, given["first"], given["last"])
    request = BackfillRequest.of(given, target=target, options=options, as_json=as_json)
    return run_backfill(request, location, settings, definition.asset_keys, job=definition)


def _open_end(
    definition: JobDefinition, settings: Settings, first: str | None, last: str | None
) -> dict[str, str]:
    """The end of a range that was not given: the job's first or last partition."""
    if definition.partitions_def is None or (first is None) == (last is None):
        return {}
    with Instance.of_settings(settings) as instance:
        everything = definition.partitions_def.space(None, instance).all()
    if not everything:
        fail_without_partitions(f"Job `{definition.name}`", definition.partitions_def)
    return {"first": str(everything.first_key)} if first is None else {"last": str(everything.last_key)}


@job.command("scaffold-config")
@click.argument("given", metavar="JOB", required=False)
@click.option("-j", "--job", "name", metavar="NAME", help="The job; may be left out where there is only one.")
@click.option("--print-only-required", "required_only", is_flag=True, help="Leave out what has a default.")
@target_options
@json_option
def scaffold_config(
    given: str | None, name: str | None, required_only: bool, target: TargetOptions, as_json: bool
) -> None:
    """Print run config that names every field of a job's ops and resources: defaults, or empty values to fill in.

    For example: treadle job scaffold-config daily_job > daily.yaml
    """
    _, definition = _find_job(target, enter_project(), given or name)
    skeleton = config_skeleton(definition, required_only=required_only)
    if as_json:
        print_json(skeleton)
        return
    # PyYAML is imported only by those who write it.
    text = importlib.import_module("yaml").safe_dump(skeleton, sort_keys=False, allow_unicode=True)
    click.echo(harmless(text.rstrip()))


def _find_job(target: TargetOptions, settings: Settings, name: str | None) -> tuple[Location, JobDefinition]:
    """The job of that name in any code location; without a name that of `-a`, or the only one there is."""
    locations = find_locations(target, settings)
    found = [(location, definition) for location in locations for definition in location.code().jobs.values()]
    known = [definition.name for _, definition in found]
    name = name or next((each for location in locations for each in location.asset_names), None)
    named = [each for each in found if name is None or each[1].name == name]
    if name is None and not known:
        fail(
            "There are no jobs in these definitions.",
            code="unknown-job",
            hint="`@job` or `define_asset_job` makes one",
        )
    if name is None and len(known) > 1:
        fail(
            f"There are several jobs: {', '.join(known)}.", code="unknown-job", hint="say which with -j NAME"
        )
    if not named:
        fail(
            f"There is no job `{name}`.",
            code="unknown-job",
            hint=did_you_mean(str(name), known) or "`treadle job list` shows them",
        )
    if len(named) > 1:
        fail(
            f"Several code locations have a job `{name}`.",
            code="unknown-job",
            hint="say which with --location NAME",
        )
    return named[0]
