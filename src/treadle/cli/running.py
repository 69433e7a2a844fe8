"""Runs something that was prepared, tells of it while it goes on, and gives the exit code."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click
import msgspec

from treadle.cli import exit_codes
from treadle.cli.descriptors import take_back_terminal
from treadle.cli.error_view import error_as_json, error_text, hint_of
from treadle.cli.exit_guard import ended_by, exit_now
from treadle.cli.locations import TargetOptions
from treadle.cli.output import harmless, print_json, stand_in_for_closed_streams
from treadle.cli.plan_view import show_plan
from treadle.cli.progress import RunReporter, View, view_for
from treadle.cli.run_options import RunOptions
from treadle.core.errors import TreadleError
from treadle.core.run_states import RunStatus
from treadle.define.code import Code
from treadle.define.config.run_config import run_config_dict
from treadle.plan.partitions import bind
from treadle.run.engine import FinishedRun
from treadle.run.execute import AutoExecutor, chosen_executor, reexecute
from treadle.run.executors.choose import executor_by_name
from treadle.run.executors.in_process import InProcessExecutor
from treadle.run.executors.waiting import tell_no_more
from treadle.run.giving_up import ends_process
from treadle.run.launch import PreparedRun, launch
from treadle.run.partition_tags import partition_from_tags
from treadle.run.recorder import write_what_waits
from treadle.run.reexecution import ReexecutionOptions, take_up
from treadle.run.results import RunResult
from treadle.run.run_limits import run_timeout
from treadle.store.instance import Instance
from treadle.store.liveness import this_process
from treadle.store.settings import Settings


def executor_of(options: RunOptions, settings: Settings, definition: Any) -> AutoExecutor:
    """The executor that options and settings ask for; `auto` leaves it to the definitions and the plan.

    Args:
        definition: the job's or code location's own executor, which wins over the setting.
    """
    most = options.max_concurrent or settings.max_concurrent
    kind = options.executor
    if (
        kind is None
        and options.max_concurrent is None
        and (settings.max_concurrent is None or definition is not None)
    ):
        return "auto"
    if kind == "in-process" or (kind is None and most == 1):
        return InProcessExecutor()
    names = {"threads": "threaded", "processes": "multiprocess", "asyncio": "asyncio", None: "multiprocess"}
    made: AutoExecutor = executor_by_name(names[kind], {"max_concurrent": most} if most else {})
    return made


def run_prepared(
    prepared: PreparedRun, instance: Instance, executor: AutoExecutor, target: TargetOptions, *, as_json: bool
) -> int:
    """Execute a prepared run, print its progress and how it ended; the exit code.

    Args:
        target: for the command that goes on from a failure.
    """
    stream = sys.stderr if as_json else sys.stdout
    if executor == "auto":
        executor = _chosen_by_plan(prepared)
    view = view_for(stream, forks=_forks(executor))
    reporter = RunReporter(view, step_count=len(prepared.plan.steps), places=_places(prepared.code))

    def told(result: RunResult) -> int:
        view.close()
        return report_end(reporter, result, target, as_json=as_json)

    try:
        with lost_with_process(instance, told):
            result = launch(
                prepared, instance, executor=executor, on_event=reporter.on_event, on_wait=reporter.tick
            )
    finally:
        view.close()
    return report_end(reporter, result, target, as_json=as_json)


def run_again(
    code: Code,
    instance: Instance,
    run_id: str,
    executor: AutoExecutor,
    target: TargetOptions,
    options: RunOptions,
    *,
    as_json: bool,
) -> int:
    """Go on where an earlier run failed, and print as `run_prepared` does; the exit code.

    Args:
        options: config in place of the earlier run's, and tags beside its own.
    """
    which = ReexecutionOptions.from_failure(run_id, instance)
    stream = sys.stderr if as_json else sys.stdout
    view = view_for(stream, forks=_forks(executor))
    reporter = RunReporter(view, step_count=len(which.step_selection))

    def told(result: RunResult) -> int:
        view.close()
        return report_end(reporter, result, target, as_json=as_json)

    try:
        with lost_with_process(instance, told):
            result = reexecute(
                code,
                instance,
                which,
                run_config=options.run_config(),
                tags=options.run_tags(),
                executor=executor,
                on_event=reporter.on_event,
                on_wait=reporter.tick,
                on_changed=lambda steps: _tell_changed(view, steps),
            )
    finally:
        view.close()
    return report_end(reporter, result, target, as_json=as_json)


def show_run_again(code: Code, instance: Instance, run_id: str, *, as_json: bool) -> int:
    """Print what `run_again` would run; the exit code."""
    code, _, earlier = take_up(code, instance, ReexecutionOptions.from_failure(run_id, instance))
    left = set(earlier.step_keys)
    plan = msgspec.structs.replace(
        earlier.plan, steps=tuple(step for step in earlier.plan.steps if step.key in left), skipped=()
    )
    partition = partition_from_tags(earlier.parent.tags, None)
    show_plan(plan, bind(code.catalog, plan, partition, None, instance), as_json=as_json)
    return exit_codes.OK


def _tell_changed(view: View, steps: Sequence[str]) -> None:
    names = ", ".join(f"`{key}`" for key in steps[:5]) + (
        f" and {len(steps) - 5} more" if len(steps) > 5 else ""
    )
    view.line(harmless(f"The code of {names} changed since that run: what is left is planned anew."))


@contextmanager
def lost_with_process(instance: Instance, told: Callable[[RunResult], int]) -> Iterator[None]:
    """Within the block, a call of `os._exit` ends the runs that this process holds as `worker-lost`, with all that
    they did before; and a step that can not be stopped ends with the process.

    Args:
        told: prints how such a step's run ended, and gives the exit code.
    """

    def end(what: str) -> Iterator[str]:
        me = this_process()
        tell_no_more()  # the run that is ended here sees it, in its own thread
        try:
            write_what_waits()
            for lease in instance.store.list_leases():
                said = f"was ended by {what}"
                if lease.holder == me and instance.store.reap_lease(lease, time.time(), said=said):
                    yield f"FAILURE run {lease.run_id} (worker-lost)"
                    yield f"  what happened: treadle logs {lease.run_id}"
        except TreadleError:
            return  # the next command that opens the store ends them

    def give_up(finished: FinishedRun) -> None:
        code = exit_codes.FAILED
        try:
            time.sleep(0.1)  # what the step printed is shown a moment later
            take_back_terminal()
            code = told(RunResult(finished))
            for line in end("a step of a run within it that could not be stopped"):
                click.echo(line, err=True)
            sys.stdout.flush()
        finally:
            exit_now(code)

    with ended_by(end), ends_process(give_up):
        yield


def _places(code: Code) -> dict[str, str]:
    """Where each step is defined."""
    return {name: made.where for name, made in code.catalog.computations.items() if made.where}


def _chosen_by_plan(prepared: PreparedRun) -> AutoExecutor:
    """The executor that the job or the code location names, else the one that suits the plan."""
    job_def = prepared.job_def
    config = run_config_dict(prepared.run_config) if prepared.run_config is not None else {}
    timeout = run_timeout(
        {key: str(value) for key, value in prepared.tags.items()},
        job_def.timeout if job_def is not None else None,
    )
    return chosen_executor(prepared.code, prepared.plan, job_def, config, timeout)


def _forks(executor: AutoExecutor) -> bool:
    """Whether the executor may fork processes."""
    return isinstance(executor, str) or bool(getattr(executor, "opens_resources", False))


def report_end(reporter: RunReporter, result: RunResult, target: TargetOptions, *, as_json: bool) -> int:
    """The last lines of a run, and its exit code."""
    stand_in_for_closed_streams()
    click.echo(reporter.summary(result.run_id, result.status), err=as_json)
    if result.status is not RunStatus.SUCCESS:
        unstored = result.store_error
        if unstored is not None:
            click.echo(f"  {harmless(str(unstored))}", err=as_json)
        click.echo(f"  what happened: treadle logs {result.run_id}", err=as_json)
        again = f"treadle materialize{target.text} --from-failure {result.run_id}"
        click.echo(f"  go on from there: {again}", err=as_json)
    if as_json:
        print_json(result_as_json(reporter, result))
    return exit_code_of(result)


def exit_code_of(result: RunResult) -> int:
    """What a run's state means for the shell."""
    if result.status is RunStatus.CANCELED:
        return exit_codes.of_signal(result.ended_by_signal)
    return exit_codes.OK if result.status is RunStatus.SUCCESS else exit_codes.FAILED


NOTHING_RAN: Final[Mapping[str, Any]] = {
    "run_id": None,
    "status": RunStatus.SUCCESS.value,
    "assets": [],
    "failed_steps": [],
    "step_errors": {},
    "checks": {"passed": 0, "warned": 0, "failed": 0},
}
"""`result_as_json` of a run that was not needed."""


def result_as_json(reporter: RunReporter, result: RunResult) -> dict[str, Any]:
    """A run's result for machines."""
    own = reporter.own_error
    why = {"code": own.code, "message": error_text(own), "hint": hint_of(own)} if own is not None else None
    return {
        "run_id": result.run_id,
        "status": result.status.value,
        **({"error": why} if why is not None else {}),
        "assets": sorted(key.to_user_string() for key in result.metadata_by_asset),
        "failed_steps": sorted(result.get_failed_step_keys()),
        "step_errors": {key: error_as_json(error) for key, error in sorted(reporter.step_errors.items())},
        "checks": {
            "passed": reporter.checks_passed,
            "warned": reporter.checks_warned,
            "failed": reporter.checks_failed,
        },
    }
