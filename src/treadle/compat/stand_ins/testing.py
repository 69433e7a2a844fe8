"""`dagster._core.test_utils`: what test suites of projects take from there beside public names."""

import contextlib
import datetime
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from treadle import (
    AssetCheckKey,
    AssetKey,
    ExecuteInProcessResult,
    GraphDefinition,
    InputMapping,
    Instance,
    OpDefinition,
    OutputMapping,
    Run,
    RunsFilter,
    RunStatus,
    clock_at,
)


@contextlib.contextmanager
def environ(values: Mapping[str, str | None]) -> Iterator[None]:
    """Environment variables for a while; None takes one away.

    Example:
        >>> import os
        >>> with environ({"PLACE": "here"}):
        ...     os.environ["PLACE"]
        'here'
        >>> "PLACE" in os.environ
        False
    """
    before = dict(os.environ)
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def freeze_time(new_now: datetime.datetime | float) -> contextlib.AbstractContextManager[None]:
    """Within the block Treadle's clock stands still.

    Args:
        new_now: the time, or seconds since 1970; a time without a zone is UTC.

    Example:
        >>> from treadle import DailyPartitionsDefinition
        >>> with freeze_time(datetime.datetime(2026, 1, 3)):
        ...     DailyPartitionsDefinition("2026-01-01").get_partition_keys()
        ['2026-01-01', '2026-01-02']
    """
    if not isinstance(new_now, datetime.datetime):
        new_now = datetime.datetime.fromtimestamp(new_now, datetime.UTC)
    known = new_now if new_now.tzinfo else new_now.replace(tzinfo=datetime.UTC)
    return clock_at(known)


def today_at_midnight(timezone_name: str = "UTC") -> datetime.datetime:
    """The beginning of today in a time zone."""
    return datetime.datetime.now(ZoneInfo(timezone_name)).replace(hour=0, minute=0, second=0, microsecond=0)


def wrap_op_in_graph_and_execute(
    op_def: OpDefinition,
    resources: Mapping[str, Any] | None = None,
    input_values: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    run_config: Any = None,
    raise_on_error: bool = True,
    do_input_mapping: bool = True,
    logger_defs: Mapping[str, Any] | None = None,
) -> ExecuteInProcessResult:
    """Run one op as a job of its own.

    Args:
        op_def: the op.
        resources: key -> resource.
        input_values: values of its inputs; the others come from the config of the run.
        tags: of the job.
        run_config: a dictionary or a RunConfig.
        raise_on_error: False: look at `result.success`.
        do_input_mapping: False leaves every input to the config of the run.
        logger_defs: of the job.

    Example:
        >>> from treadle import op
        >>> @op
        ... def double(number: int) -> int:
        ...     return 2 * number
        >>> wrap_op_in_graph_and_execute(double, input_values={"number": 2}).output_value()
        4
    """
    given = input_values if do_input_mapping and input_values else {}
    graph = GraphDefinition(
        f"wraps_{op_def.name}",
        node_defs=[op_def],
        input_mappings=[InputMapping(name, op_def.name, name) for name in given],
        output_mappings=[OutputMapping(name, op_def.name, name) for name in op_def.outs],
        tags=tags,
    )
    job = graph.to_job(resource_defs=resources, logger_defs=logger_defs)
    return job.execute_in_process(  # type: ignore[no-any-return]
        run_config=run_config, raise_on_error=raise_on_error, input_values=given
    )


def create_run_for_test(
    instance: Instance,
    job_name: str = "_test_job_",
    run_id: str | None = None,
    run_config: Mapping[str, Any] | None = None,
    resolved_op_selection: Iterable[str] | None = None,
    step_keys_to_execute: Iterable[str] | None = None,
    status: RunStatus | None = None,
    tags: Mapping[str, str] | None = None,
    root_run_id: str | None = None,
    parent_run_id: str | None = None,
    asset_selection: Iterable[AssetKey] | None = None,
    asset_check_selection: Iterable[AssetCheckKey] | None = None,
    op_selection: Iterable[str] | None = None,
    **ignored: object,
) -> Run:
    """Store a run that nothing executes, so that code which looks for runs finds one.

    Args:
        instance: where it is stored.
        job_name: what it is a run of; no job of that name need exist.
        run_id: its id, else a new one.
        run_config: kept with it.
        resolved_op_selection: what `op_selection` comes to; kept where that is not given.
        step_keys_to_execute: the steps it is limited to.
        status: the state it is in; none: not started.
        tags: its tags.
        root_run_id: the first of the runs that it goes on from.
        parent_run_id: the run that it goes on from.
        asset_selection: the assets it is asked for.
        asset_check_selection: the checks it is asked for.
        op_selection: the ops it is asked for.
        ignored: snapshots and origins, which only the peer's storage keeps.

    Example:
        >>> instance = Instance.ephemeral()
        >>> run = create_run_for_test(instance, status=RunStatus.STARTED, tags={"team": "a"})
        >>> [each.run_id == run.run_id for each in instance.get_runs()]
        [True]
    """
    del ignored
    ops = op_selection if op_selection is not None else resolved_op_selection
    now = time.time()
    run = Run(
        job_name=job_name,
        status=status or RunStatus.NOT_STARTED,
        tags=dict(tags or {}),
        run_config=dict(run_config or {}),
        asset_selection=None if asset_selection is None else frozenset(asset_selection),
        check_selection=None if asset_check_selection is None else frozenset(asset_check_selection),
        step_keys=None if step_keys_to_execute is None else tuple(step_keys_to_execute),
        op_selection=None if ops is None else tuple(ops),
        root_run_id=root_run_id,
        parent_run_id=parent_run_id,
        created_at=now,
        updated_at=now,
    )
    if run_id is not None:
        run = msgspec.structs.replace(run, run_id=run_id)
    return instance.store.create_run(run, now)


def poll_for_finished_run(
    instance: Instance,
    run_id: str | None = None,
    timeout: float = 20,
    run_tags: Mapping[str, str] | None = None,
) -> Run:
    """Wait until a run is over, and give it as it is then.

    Args:
        instance: where it is stored.
        run_id: of the run; without it, the newest one with `run_tags`.
        timeout: seconds.
        run_tags: tags that it carries.

    Raises:
        TimeoutError: it is not over in time.

    Example:
        >>> instance = Instance.ephemeral()
        >>> run = create_run_for_test(instance, status=RunStatus.SUCCESS)
        >>> poll_for_finished_run(instance, run.run_id).status is RunStatus.SUCCESS
        True
    """
    until = time.monotonic() + timeout
    wanted = RunsFilter(run_ids=[run_id] if run_id is not None else None, tags=dict(run_tags or {}))
    while True:
        found = instance.get_runs(wanted, limit=1)
        if found and found[0].is_finished:
            return found[0]
        if time.monotonic() > until:
            raise TimeoutError(f"run {run_id or 'with these tags'} was not over after {timeout} s")
        time.sleep(0.05)
