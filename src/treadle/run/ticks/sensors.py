"""A tick of a sensor whose function is called once: a plain one, or one that watches several assets."""

from typing import Any

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError
from treadle.core.run_tags import SENSOR_NAME_TAG
from treadle.core.schedules import SensorResult
from treadle.core.ticks import TickResult
from treadle.define.asset_sensors import MultiAssetSensorDefinition
from treadle.define.context.multi_asset_sensor_context import MultiAssetSensorEvaluationContext
from treadle.define.context.sensor_context import SensorEvaluationContext
from treadle.define.sensors import SensorDefinition
from treadle.run.ticks.outputs import Outputs, check_partition_requests, listed, sort_outputs
from treadle.run.ticks.requests import RequestResolver

NOTHING = "Sensor function returned an empty result"


def evaluate_sensor(sensor: SensorDefinition, context: SensorEvaluationContext) -> TickResult:
    """What an evaluation of a plain sensor asks for."""
    outputs = sort_outputs(listed(sensor.tick_function.call(context)), who_of(sensor))
    cursor = context.cursor
    result = outputs.results[0] if outputs.results else None
    if result is not None and result.cursor is not None:
        if context.cursor_updated:
            raise InvariantViolationError(
                f"{who_of(sensor)} gave a SensorResult with a cursor, and called `context.update_cursor` too.",
                hint="do one of the two",
            )
        cursor = result.cursor
    return sensor_result(sensor, context, outputs, cursor)


def evaluate_multi_asset_sensor(
    sensor: MultiAssetSensorDefinition, context: SensorEvaluationContext
) -> TickResult:
    """What an evaluation of a sensor that watches several assets asks for. Its context keeps the cursor."""
    own = context
    if not isinstance(own, MultiAssetSensorEvaluationContext):
        own = MultiAssetSensorEvaluationContext(
            sensor.monitored_assets,
            instance=context.instance,
            cursor=context.cursor,
            resources=context._given_resources,
            definitions=context._definitions,
            sensor_name=sensor.name,
            last_run_key=context.last_run_key,
            last_tick_completion_time=context.last_tick_completion_time,
            last_sensor_start_time=context.last_sensor_start_time,
            repository_name=context.repository_name,
            now=context.now,
        )
        own.log_lines = context.log_lines
    own.begin()
    own.require(sensor.required_resource_keys, who_of(sensor), context._of_targets)
    try:
        outputs = sort_outputs(listed(sensor.tick_function.call(own)), who_of(sensor))
        refuse_own_cursor(sensor, outputs)
        if (
            own.has_read_records
            and not own.cursor_updated
            and (outputs.requests or any(result.run_requests for result in outputs.results))
        ):
            raise InvalidDefinitionError(
                f"{who_of(sensor)} asks for runs because of materializations, and did not say that it read them.",
                code="cursor-not-moved",
                hint="call `context.advance_cursor(...)` or `context.advance_all_cursors()`; "
                "else the next evaluation is given the same ones again",
            )
        own.update_cursor_after_evaluation()
        return sensor_result(sensor, own, outputs, own.cursor)
    finally:
        own.end()
        if own is not context:
            own.close_resources()


def refuse_own_cursor(sensor: SensorDefinition, outputs: Outputs) -> None:
    """Refuse a cursor that the function sets, where Treadle keeps it.

    Raises:
        InvariantViolationError: the function gave one.
    """
    if any(result.cursor is not None for result in outputs.results):
        raise InvariantViolationError(
            f"{who_of(sensor)} gave a cursor. The cursor of a sensor of this kind moves by itself.",
            hint="leave `cursor` out of the SensorResult",
        )


def sensor_result(
    sensor: SensorDefinition, context: SensorEvaluationContext, outputs: Outputs, cursor: str | None
) -> TickResult:
    """The result of an evaluation, from what the function gave.

    Raises:
        InvariantViolationError: something that cannot be done.
    """
    merged = _merged(outputs)
    who = who_of(sensor)
    check_partition_requests(merged.partition_requests, who)
    names = sensor.job_names
    resolver = RequestResolver(
        who=who,
        tags={SENSOR_NAME_TAG: sensor.name},
        context=context,
        job_names=names,
        own_jobs=sensor.jobs,
        asset_selection=sensor.asset_selection,
        now=context.now,
        partition_requests=merged.partition_requests,
    )
    requests = resolver.resolve(merged.requests)
    message = merged.skip_message or (None if requests else resolver.reason_to_skip)
    did_something = requests or merged.asset_events or merged.partition_requests or outputs.reactions
    if message is None and not did_something and not outputs.skips and not merged.evaluations:
        message = NOTHING
    return TickResult(
        run_requests=requests,
        skip_message=message,
        cursor=cursor,
        job_name=names[0] if len(names) == 1 else None,
        dynamic_partitions_requests=merged.partition_requests,
        asset_events=merged.asset_events,
        dagster_run_reactions=outputs.reactions,
        automation_condition_evaluations=merged.evaluations,
        log_lines=context.log_lines,
    )


def who_of(sensor: SensorDefinition) -> str:
    """How messages call a sensor."""
    return f"sensor `{sensor.name}`"


class _merged:
    """The function's own outputs and those in its SensorResults, together."""

    def __init__(self, outputs: Outputs) -> None:
        results: list[SensorResult] = outputs.results
        self.requests = [
            *outputs.requests,
            *(each for result in results for each in result.run_requests or ()),
        ]
        skips = [
            *outputs.skips,
            *(result.skip_reason for result in results if result.skip_reason is not None),
        ]
        self.skip_message = Outputs(skips=skips).skip_message
        self.partition_requests: list[Any] = [
            each for result in results for each in result.dynamic_partitions_requests or ()
        ]
        self.asset_events: list[Any] = [each for result in results for each in result.asset_events]
        self.evaluations: list[Any] = [
            each for result in results for each in result.automation_condition_evaluations
        ]
