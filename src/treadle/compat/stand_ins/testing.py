"""`dagster._core.test_utils`: what test suites of projects take from there beside public names."""

import contextlib
import datetime
import os
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from treadle import ExecuteInProcessResult, GraphDefinition, InputMapping, OpDefinition, OutputMapping


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
