"""A tick of a sensor that is told of runs that came to a status."""

import json
from collections.abc import Iterator
from typing import Any

from treadle.core.errors import TreadleError
from treadle.core.names import IMPLICIT_JOB_NAME
from treadle.core.run_states import STATUS_EVENT
from treadle.core.runs import Run
from treadle.core.ticks import RunReaction, TickResult
from treadle.define.context.log import error_info_of
from treadle.define.context.run_status_context import RunStatusSensorContext
from treadle.define.context.sensor_context import SensorEvaluationContext
from treadle.define.run_status_sensors import MonitoredJob, RunStatusSensorDefinition
from treadle.run.ticks.outputs import Outputs, listed, sort_outputs
from treadle.run.ticks.sensors import refuse_own_cursor, sensor_result, who_of
from treadle.store.records import RunStatusChangeRecordsFilter

MOST_AT_ONCE = 100
"""Runs that one evaluation looks at; the next goes on from there."""


def evaluate_run_status_sensor(
    sensor: RunStatusSensorDefinition, context: SensorEvaluationContext
) -> TickResult:
    """Call the function for each run that came to the status since the cursor, the oldest first.

    The first evaluation only notes where it begins: earlier runs are not told of. A function that raises for one run
    does not keep the others from being told: its error stands in that run's reaction.
    """
    instance: Any = context.instance
    if context.cursor is None:
        newest = instance.settled_status_change(STATUS_EVENT[sensor.run_status])
        start = newest.storage_id if newest is not None else 0
        context.update_cursor(_text(start))
        message = f"Initiating {sensor.name}. It is told of runs from here on."
        return TickResult(skip_message=message, cursor=context.cursor, log_lines=context.log_lines)
    after = _position(sensor, context.cursor)
    page = instance.fetch_run_status_changes(_filter(sensor, after), MOST_AT_ONCE, ascending=True)
    outputs = Outputs()
    for record in page.records:
        run = instance.get_run_by_id(record.run_id)
        if run is not None and _is_monitored(sensor, context, run):
            _tell(sensor, context, run, record, outputs)
        after = record.storage_id
    context.update_cursor(_text(after))
    return sensor_result(sensor, context, outputs, context.cursor)


def _tell(
    sensor: RunStatusSensorDefinition,
    context: SensorEvaluationContext,
    run: Run,
    record: Any,
    outputs: Outputs,
) -> None:
    own = RunStatusSensorContext(
        sensor.name,
        run,
        record.event_log_entry.dagster_event,
        context.instance,
        context._given_resources,
        context._definitions,
    )
    own.log_lines = context.log_lines
    own = own.for_run_failure() if sensor.for_failure else own
    own._opened = context.resources if sensor.required_resource_keys else None
    try:
        given = listed(sensor.tick_function.call(own))
    except Exception as error:
        own.log.exception("%s raised for run %s", who_of(sensor), run.run_id)
        outputs.reactions.append(RunReaction(run, error_info_of(error), sensor.run_status))
        return
    sorted_outputs = sort_outputs(given, who_of(sensor))
    refuse_own_cursor(sensor, sorted_outputs)
    outputs.requests += sorted_outputs.requests
    outputs.skips += sorted_outputs.skips
    outputs.results += sorted_outputs.results
    outputs.reactions += sorted_outputs.reactions
    if not (
        sorted_outputs.requests or sorted_outputs.skips or sorted_outputs.results or sorted_outputs.reactions
    ):
        outputs.reactions.append(RunReaction(run, None, sensor.run_status))


def _is_monitored(sensor: RunStatusSensorDefinition, context: SensorEvaluationContext, run: Run) -> bool:
    if sensor.monitor_all_code_locations:
        return True
    code = context.code
    if sensor.monitored_jobs:
        return any(_matches(one, run) for one in sensor.monitored_jobs)
    return code is None or _is_of(code, run)


def _matches(monitored: MonitoredJob, run: Run) -> bool:
    """By the job's name. A run does not tell its code location, so one that is named without a job matches all runs:
    better told of one too many than never."""
    return monitored.job_name is None or monitored.job_name == run.job_name


def _is_of(code: Any, run: Run) -> bool:
    return run.job_name in code.jobs or run.job_name == IMPLICIT_JOB_NAME


def _filter(sensor: RunStatusSensorDefinition, after: int) -> RunStatusChangeRecordsFilter:
    return RunStatusChangeRecordsFilter(STATUS_EVENT[sensor.run_status], after_storage_id=after)


def _text(position: int) -> str:
    return json.dumps({"record_id": position})


def _position(sensor: RunStatusSensorDefinition, cursor: str) -> int:
    for part in _candidates(cursor):
        if isinstance(part, int) and not isinstance(part, bool):
            return part
    raise TreadleError(
        f"{who_of(sensor)}: {cursor!r} is not the cursor of a run status sensor.",
        code="invalid-cursor",
        hint="set it back to start from the runs that end from now on",
    )


def _candidates(cursor: str) -> Iterator[Any]:
    try:
        stored = json.loads(cursor)
    except ValueError:
        return
    yield stored.get("record_id") if isinstance(stored, dict) else stored
