"""The way in: one evaluation of a schedule or sensor of any kind."""

from collections.abc import Callable
from typing import Any, Final

from treadle.core.errors import InvariantViolationError
from treadle.core.ticks import TickResult
from treadle.define.context.log import error_info_of
from treadle.define.context.tick_context import TickContext
from treadle.define.instigators import resources_of_targets
from treadle.run.ticks.asset_events import evaluate_asset_sensor
from treadle.run.ticks.automation import evaluate_automation_sensor
from treadle.run.ticks.run_status import evaluate_run_status_sensor
from treadle.run.ticks.schedules import evaluate_schedule
from treadle.run.ticks.sensors import evaluate_multi_asset_sensor, evaluate_sensor

EVALUATORS: Final[dict[str, Callable[[Any, Any], TickResult]]] = {
    "schedule": evaluate_schedule,
    "standard": evaluate_sensor,
    "asset": evaluate_asset_sensor,
    "multi_asset": evaluate_multi_asset_sensor,
    "run_status": evaluate_run_status_sensor,
    "automation": evaluate_automation_sensor,
}
"""Kind of schedule or sensor -> what evaluates it."""


def evaluate_tick(definition: Any, context: TickContext, *, raise_on_error: bool = True) -> TickResult:
    """What one tick of a schedule or one evaluation of a sensor asks for. Writes nothing.

    Args:
        definition: the schedule or sensor.
        context: with the instance, the cursor and the definitions around it.
        raise_on_error: False: what goes wrong stands in the result's `error`, and nothing else of it counts.

    Raises:
        Exception: what a sensor's function raised.
        ScheduleExecutionError: a schedule's function raised; the cause is chained.
        InvariantViolationError: it gave something that cannot be done.
    """
    try:
        evaluate = EVALUATORS.get(definition.kind)
        if evaluate is None:
            raise InvariantViolationError(f"sensors of kind {definition.kind!r} cannot be evaluated here.")
        what = "schedule" if definition.kind == "schedule" else "sensor"
        if definition.required_resource_keys:
            code = context.code
            of_targets = {} if code is None else resources_of_targets(code, definition)
            context.require(definition.required_resource_keys, f"{what} `{definition.name}`", of_targets)
        context.log_lines = []
        context.begin()
        return evaluate(definition, context)
    except Exception as error:
        if raise_on_error:
            raise
        return TickResult(error=error_info_of(error), log_lines=context.log_lines)
    finally:
        context.end()
        context.close_after_tick()
