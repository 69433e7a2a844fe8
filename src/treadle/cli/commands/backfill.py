"""`treadle backfill`: make many partitions, a run each or a range a run, N at a time."""

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeVar

import attrs
import click
import msgspec

from treadle.cli import exit_codes
from treadle.cli.backfill_view import (
    BackfillReporter,
    backfill_summary,
    latest_backfill,
    partition_counts,
    print_backfills,
    print_chunks,
)
from treadle.cli.failing import fail
from treadle.cli.locations import (
    Location,
    TargetOptions,
    enter_project,
    location_of,
    one_location,
    target_options,
)
from treadle.cli.option_groups import refuse_beside, with_options
from treadle.cli.output import json_option, print_json
from treadle.cli.progress import RunReporter, view_for
from treadle.cli.run_options import (
    RunOptions,
    config_options,
    fail_without_partitions,
    made_one_by_one,
    read_range,
)
from treadle.cli.running import executor_of, exit_code_of, lost_with_process
from treadle.cli.selecting import choose, runnable, select_option
from treadle.core.catalog import Catalog
from treadle.core.keys import AssetKey
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.partitions.sets import PartitionSet
from treadle.core.runs import Holder
from treadle.define.code import CodeOrigin
from treadle.define.job_definition import JobDefinition
from treadle.plan.backfill import BackfillPlan, plan_backfill, plan_job_backfill
from treadle.run.backfill import (
    BackfillWorker,
    accept_backfill,
    find_backfill_body,
    is_made_whole,
    reopen_backfill,
    succeeded_partitions,
)
from treadle.run.backfill_chunks import BackfillBody, BackfillChunks
from treadle.run.launch import PreparedRun, launch, prepare_job, prepare_run
from treadle.run.results import RunResult
from treadle.store.backfills import BackfillStatus
from treadle.store.instance import Instance
from treadle.store.liveness import liveness, this_process
from treadle.store.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])
_POLL = 0.2
_FIXED = (
    *("select", "first", "last", "partition_range", "partitions", "whole_range", "missing"),
    *("config_files", "config_json", "tags"),
)
"""Options that say what a backfill is; it is frozen when it is accepted."""


@attrs.frozen(kw_only=True)
class BackfillRequest:
    """What the user asked for."""

    target: TargetOptions
    options: RunOptions
    first: str | None = None
    last: str | None = None
    partition_range: str | None = None
    partitions: tuple[str, ...] = ()
    whole_range: bool = False
    missing: bool = False
    concurrency: int = 1
    dry_run: bool = False
    as_json: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any], **others: Any) -> Self:
        """The request from the values of `backfill_options`."""
        return cls(**given, **others)

    @property
    def key_range(self) -> PartitionKeyRange | None:
        """From which key to which, or None for all."""
        if self.partition_range is not None:
            if self.first or self.last:
                fail("Give --partition-range, or --from and --to.")
            return read_range(self.partition_range)
        if self.first is None and self.last is None:
            return None
        if self.first is None or self.last is None:
            fail("--from and --to belong together.", hint="one partition alone is --partition KEY")
        return PartitionKeyRange(self.first, self.last)


def backfill_options(command: _Command) -> _Command:
    """Adds the options of a backfill (the fields of `BackfillRequest`)."""
    declared = [
        click.option("--from", "first", metavar="KEY", help="The first partition."),
        click.option("--to", "last", metavar="KEY", help="The last partition."),
        click.option("--partition-range", metavar="A...B", help="The same as --from A --to B."),
        click.option(
            "--partition", "partitions", multiple=True, metavar="KEY", help="One partition; repeatable."
        ),
        click.option(
            "--range", "whole_range", is_flag=True, help="Each range in one run, not a run a partition."
        ),
        click.option("--missing", is_flag=True, help="Leave out partitions that are made already."),
        click.option(
            "--concurrency", type=click.IntRange(1, 256), default=1, show_default=True, help="Runs at a time."
        ),
        click.option("--dry-run", is_flag=True, help="Print the runs and their partitions; nothing runs."),
    ]
    return with_options(command, declared)


@click.command()
@target_options
@select_option
@backfill_options
@config_options
@click.option(
    "--resume",
    metavar="ID",
    help="Go on with a backfill that was stopped or had failures; `latest` is the last one.",
)
@click.option("--list", "list_all", is_flag=True, help="List backfills and how far each is.")
@click.option("--beside", metavar="JSON", hidden=True, help="With --resume: work along with this process.")
@json_option
def backfill(
    target: TargetOptions,
    select: str | None,
    options: RunOptions,
    resume: str | None,
    list_all: bool,
    beside: str | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Make every partition of a range once, each after what it needs. Without a range: all partitions.

    For example: treadle backfill --select '*' --from 2024-01-01 --to 2024-01-31 --concurrency 2
    """
    settings = enter_project()
    request = BackfillRequest.of(given, target=target, options=options, as_json=as_json)
    if list_all:
        with Instance.of_settings(settings, only_looks=True) as instance:
            print_backfills(instance, as_json)
        return exit_codes.OK
    if resume is not None:
        refuse_beside("--resume", _FIXED, "goes on with what that backfill was asked for")
        parent = msgspec.json.decode(beside, type=Holder) if beside is not None else None
        return _go_on(request, settings, resume, parent)
    location = one_location(target, settings)
    catalog = location.code().catalog
    chosen = choose(catalog, select, location.asset_names)
    if chosen is None:
        fail(
            "Nothing says what to backfill.",
            code="invalid-selection",
            hint="name assets with -a, or with --select, where '*' is all of them",
        )
    return run_backfill(request, location, settings, runnable(catalog, chosen).asset_keys, tags=chosen.tags)


def run_backfill(
    request: BackfillRequest,
    location: Location,
    settings: Settings,
    asset_keys: Sequence[AssetKey],
    *,
    job: JobDefinition | None = None,
    tags: Mapping[str, str] | None = None,
) -> int:
    """Plan a backfill, accept it and work it off; the exit code.

    Args:
        asset_keys: what to make; nothing for a job of ops.
        job: whose config, tags and hooks its runs have.
    """
    code = location.code()
    with Instance.of_settings(settings) as instance:
        plan = _plan(request, code.catalog, instance, asset_keys, job)
        if request.whole_range:
            _warn_of_single_partitions(code.catalog, asset_keys)
        if request.dry_run:
            print_chunks(plan.chunks, request.as_json)
            return exit_codes.OK
        if not plan.chunks:
            return _nothing_to_do(request, location.code().catalog, asset_keys, instance, job)
        all_tags = {**(tags or {}), **request.options.run_tags()}
        _try_first(plan, location, instance, request, all_tags)
        origin = code.origin
        body = BackfillBody(
            stage_ends=[],
            job_name=job.name if job is not None else None,
            tags=all_tags,
            run_config=request.options.run_config(),
            origin=msgspec.structs.asdict(origin) if origin is not None else {},
        )
        backfill_id = uuid.uuid4().hex[:8]
        accept_backfill(instance, plan, body, backfill_id)
        return _work_off(request, location, settings, instance, backfill_id, body)


def _plan(
    request: BackfillRequest,
    catalog: Catalog,
    instance: Instance,
    asset_keys: Sequence[AssetKey],
    job: JobDefinition | None,
) -> BackfillPlan:
    if job is not None and job.is_of_ops:
        name = job.name
        return plan_job_backfill(
            name,
            job.partitions_def,
            key_range=request.key_range,
            keys=request.partitions,
            one_run_a_range=request.whole_range,
            excluded=(lambda space: succeeded_partitions(instance, name, space)) if request.missing else None,
            dynamic=instance,
        )
    return plan_backfill(
        catalog,
        asset_keys,
        key_range=request.key_range,
        keys=request.partitions,
        one_run_a_range=request.whole_range,
        excluded=_made_already(instance) if request.missing else None,
        is_excluded=is_made_whole(instance) if request.missing else lambda key: False,
        dynamic=instance,
    )


def _warn_of_single_partitions(catalog: Catalog, asset_keys: Sequence[AssetKey]) -> None:
    names = [f"`{key.to_user_string()}`" for key in made_one_by_one(catalog, asset_keys)]
    if names:
        click.echo(
            f"Warning: --range gives whole ranges to assets that do not say that they take them: {', '.join(names)}.\n"
            "  hint: code that reads one `context.partition_key` fails then; give such assets "
            "`backfill_policy=BackfillPolicy.single_run()` once they read `partition_keys`, or leave --range out",
            err=True,
        )


def _nothing_to_do(
    request: BackfillRequest,
    catalog: Catalog,
    asset_keys: Sequence[AssetKey],
    instance: Instance,
    job: JobDefinition | None,
) -> int:
    """Says so; an asset or job without any partition is an error."""
    if job is not None and job.is_of_ops and not job.partitions_def.space(None, instance).all():
        fail_without_partitions(f"Job `{job.name}`", job.partitions_def)
    for key in asset_keys:
        definition = catalog.partitions_def_of(key)
        if definition is not None and not definition.space(dynamic_partitions_store=instance).all():
            fail_without_partitions(f"`{key.to_user_string()}`", definition)
    click.echo("Nothing to do: every partition is made already.", err=request.as_json)
    if request.as_json:
        print_json(
            {"backfill_id": None, "status": BackfillStatus.SUCCESS.value, "partitions": {}, "checks": {}}
        )
    return exit_codes.OK


def _try_first(
    plan: BackfillPlan,
    location: Location,
    instance: Instance,
    request: BackfillRequest,
    tags: Mapping[str, str],
) -> None:
    """Plans the first run, so that what can never run is refused before anything is stored."""
    first = plan.chunks[0]
    if first.job_name is not None:
        prepare_job(
            location.code().jobs[first.job_name],
            instance,
            partition=first.run_partition,
            run_config=request.options.run_config(),
            tags=tags,
        )
        return
    prepare_run(
        location.code(),
        first.asset_keys,
        None,
        instance,
        partition=first.run_partition,
        run_config=request.options.run_config(),
        tags=tags,
    )


def _go_on(request: BackfillRequest, settings: Settings, backfill_id: str, parent: Holder | None) -> int:
    """Go on with a backfill, alone or beside the process that began it, and no longer than that lives."""
    if parent is not None and _is_gone(parent):
        return exit_codes.TERMINATED
    with Instance.of_settings(settings) as instance:
        if backfill_id == "latest":
            backfill_id = latest_backfill(instance)
        body = find_backfill_body(instance, backfill_id)
        if request.target.says_where or request.target.location:
            location = one_location(request.target, settings)
        else:
            location = location_of(CodeOrigin(**body.origin))
        if parent is not None:
            reporter = BackfillReporter(
                view_for(sys.stdout), instance, backfill_id, quiet=sys.stdout.isatty()
            )
            return _work(request, location, settings, instance, backfill_id, body, reporter, parent)
        if request.dry_run:
            chunks = BackfillChunks(
                code=location.code(), instance=instance, backfill_id=backfill_id, body=body
            )
            print_chunks(list(chunks.left()), request.as_json)
            return exit_codes.OK
        counts = reopen_backfill(instance, backfill_id)
        if not counts.chunks.get("pending") and not counts.chunks.get("in_flight"):
            click.echo(f"Backfill {backfill_id} is done: nothing is left to make.", err=request.as_json)
            if request.as_json:
                print_json(_as_json(instance, backfill_id, BackfillStatus.SUCCESS))
            return exit_codes.OK
        return _work_off(request, location, settings, instance, backfill_id, body)


def _work_off(
    request: BackfillRequest,
    location: Location,
    settings: Settings,
    instance: Instance,
    backfill_id: str,
    body: BackfillBody,
) -> int:
    """Work a backfill off in this process, or in as many as were asked for; print how it ended."""
    stream = sys.stderr if request.as_json else sys.stdout
    click.echo(f"backfill {backfill_id}", file=stream)
    began = time.time()
    view = view_for(stream, forks=request.options.executor == "processes" and request.concurrency == 1)
    reporter = BackfillReporter(view, instance, backfill_id)
    try:
        if request.concurrency == 1:
            code = _work(request, location, settings, instance, backfill_id, body, reporter)
        else:
            code = _work_in_processes(request, instance, backfill_id, reporter)
    finally:
        view.close()
    return _end(request, instance, backfill_id, code, time.time() - began)


def _work(
    request: BackfillRequest,
    location: Location,
    settings: Settings,
    instance: Instance,
    backfill_id: str,
    body: BackfillBody,
    reporter: BackfillReporter,
    parent: Holder | None = None,
) -> int:
    code = location.code()
    executor = executor_of(request.options, settings, code.executor)
    if executor == "auto" and request.options.executor is None and code.executor is None:
        executor = "in_process"  # runs are small and many; a process a step would cost more than it gives

    def execute(prepared: PreparedRun, run_id: str) -> RunResult:
        steps = RunReporter(reporter.view, quiet=True, label=reporter.label, told_pools=told_pools)
        with lost_with_process(instance, given_up):
            result = launch(prepared, instance, executor=executor, on_event=steps.on_event, run_id=run_id)
        stopped.append(result.ended_by_signal)
        return result

    def given_up(result: RunResult) -> int:
        reporter.view.close()
        again = f"treadle backfill{request.target.text} --resume {backfill_id}"
        click.echo(
            f"{result.status.value} run {result.run_id}, and the process ends\n  go on: {again}", err=True
        )
        return exit_code_of(result)

    stopped: list[int | None] = [None]
    told_pools: set[str] = set()
    worker = BackfillWorker(
        code=code,
        instance=instance,
        backfill_id=backfill_id,
        body=body,
        execute=execute,
        on_start=reporter.on_start,
        on_end=reporter.on_end,
        must_stop=lambda: parent is not None and _is_gone(parent),
    )
    return exit_codes.OK if worker.work() else exit_codes.of_signal(stopped[-1])


def _is_gone(parent: Holder) -> bool:
    """Whether the process that began the backfill is gone; one that took its place as parent is another."""
    return liveness(parent) == "gone"


def _work_in_processes(
    request: BackfillRequest, instance: Instance, backfill_id: str, reporter: BackfillReporter
) -> int:
    """Start processes that claim chunks of the backfill, each for itself, and wait for them."""
    options = request.options
    # Told, not asked for (`getppid`): by the time a worker could ask, its parent may be gone.
    me = msgspec.json.encode(this_process()).decode()
    arguments = [*request.target.arguments(), "--resume", backfill_id, "--beside", me]
    if options.executor:
        arguments += ["--executor", options.executor]
    if options.max_concurrent:
        arguments += ["--max-concurrent", str(options.max_concurrent)]
    command = [sys.executable, "-m", "treadle.cli.main", "backfill", *arguments]
    output = sys.stderr.fileno() if request.as_json else None
    workers = [subprocess.Popen(command, stdout=output) for _ in range(request.concurrency)]
    told: list[int] = []

    def stop(number: int, _frame: Any) -> None:
        told.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        while any(worker.poll() is None for worker in workers):
            time.sleep(_POLL)
            reporter.count()
    except KeyboardInterrupt:
        # Ctrl-C reaches the workers by themselves where they share the terminal; SIGTERM does not.
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
        return exit_codes.of_signal(told[0] if told else None)
    finally:
        signal.signal(signal.SIGTERM, before)
    codes = {worker.returncode for worker in workers}
    stopped = codes & {exit_codes.INTERRUPTED, exit_codes.TERMINATED}
    if codes - stopped - {exit_codes.OK}:
        click.echo("Error: a worker of the backfill failed; what it said stands above.", err=True)
    return max(stopped, default=exit_codes.OK)


def _end(request: BackfillRequest, instance: Instance, backfill_id: str, code: int, seconds: float) -> int:
    """Print how the backfill ended; the exit code."""
    found = instance.store.backfills.find(backfill_id)
    partitions = partition_counts(instance, backfill_id)
    status = found.status if found is not None else BackfillStatus.FAILED
    checks = instance.store.backfills.check_counts(backfill_id)
    click.echo(backfill_summary(backfill_id, status, partitions, checks, seconds), err=request.as_json)
    if status is not BackfillStatus.SUCCESS:
        click.echo(f"  go on from there: treadle backfill --resume {backfill_id}", err=request.as_json)
    if request.as_json:
        print_json(_as_json(instance, backfill_id, status))
    if code != exit_codes.OK:
        return code
    return exit_codes.OK if status is BackfillStatus.SUCCESS else exit_codes.FAILED


def _as_json(instance: Instance, backfill_id: str, status: BackfillStatus) -> dict[str, Any]:
    backfills = instance.store.backfills
    return {
        "backfill_id": backfill_id,
        "status": status.value,
        "partitions": partition_counts(instance, backfill_id),
        "checks": backfills.check_counts(backfill_id),
    }


def _made_already(instance: Instance) -> Callable[[AssetKey, Any], PartitionSet]:
    def made(key: AssetKey, definition: Any) -> PartitionSet:
        if not instance.has_asset_key(key):
            empty: PartitionSet = definition.space(dynamic_partitions_store=instance).empty()
            return empty
        return instance.materialized_keys(key, definition)

    return made
