"""A tick of a sensor that is called for each new materialization of one asset."""

from collections.abc import Iterator, Mapping
from typing import Any

from treadle.core.errors import TreadleError
from treadle.core.schedules import SkipReason
from treadle.core.ticks import TickResult
from treadle.define.asset_sensors import AssetSensorDefinition
from treadle.define.context.sensor_context import SensorEvaluationContext
from treadle.run.ticks.outputs import Outputs, listed, sort_outputs
from treadle.run.ticks.sensors import refuse_own_cursor, sensor_result, who_of
from treadle.store.event_views import EventLogRecord
from treadle.store.history import NO_LIMIT
from treadle.store.records import AssetRecordsFilter

MOST_AT_ONCE = 1_000
"""Materializations that one evaluation is given; the next goes on from there."""


def evaluate_asset_sensor(sensor: AssetSensorDefinition, context: SensorEvaluationContext) -> TickResult:
    """Call the function for each materialization since the cursor, the oldest first; at first for the latest only.

    While it is called, `context.cursor` tells the materialization before: different for each.
    """
    outputs = Outputs()
    records = _new_records(sensor, context)
    if not records:
        return TickResult(
            skip_message=_nothing_new(sensor),
            cursor=context.cursor,
            job_name=next(iter(sensor.job_names), None),
            log_lines=context.log_lines,
        )
    before = context.cursor
    for number, record in enumerate(records):
        context._cursor = before
        given = sort_outputs(
            listed(sensor.tick_function.call(context, record.event_log_entry)), who_of(sensor)
        )
        refuse_own_cursor(sensor, given)
        for name in ("requests", "skips", "reactions", "results"):
            getattr(outputs, name).extend(getattr(given, name))
        is_part = number + 1 < len(records) and records[number + 1].storage_id == record.storage_id
        # Several partitions may have been made by one event: the cursor tells these apart while they are read.
        before = f"{record.storage_id}:{record.partition_key}" if is_part else str(record.storage_id)
    context.update_cursor(str(records[-1].storage_id))
    return sensor_result(sensor, context, outputs, context.cursor)


def call_for_what_is_new(
    sensor: AssetSensorDefinition, context: SensorEvaluationContext, resources: Mapping[str, Any]
) -> Iterator[Any]:
    """Call the function directly, for each materialization since the context's cursor, which is moved.

    Args:
        resources: those given by name.
    """
    records = _new_records(sensor, context)
    if not records:
        yield SkipReason(_nothing_new(sensor))
        return
    for record in records:
        arguments = (context, record.event_log_entry)
        yield from listed(
            sensor.tick_function.invoke("sensor", SensorEvaluationContext, arguments, resources)
        )
    context.update_cursor(str(records[-1].storage_id))


def _nothing_new(sensor: AssetSensorDefinition) -> str:
    return f"No new materialization events found for asset key {sensor.asset_key}"


def _new_records(sensor: AssetSensorDefinition, context: SensorEvaluationContext) -> list[EventLogRecord]:
    key = sensor.asset_key
    instance: Any = context.instance
    if not context.cursor:
        latest = instance.settled_materialization(key)
        if latest is None:
            return []
        only = AssetRecordsFilter(key, storage_ids=[latest.storage_id])
        return list(instance.fetch_materializations(only, NO_LIMIT - 1, ascending=True).records)
    try:
        after = int(context.cursor.partition(":")[0])
    except ValueError:
        raise TreadleError(
            f"{who_of(sensor)}: {context.cursor!r} is not the cursor of an asset sensor.",
            code="invalid-cursor",
            hint="it is the storage id of a materialization; set it back to start from the latest one",
        ) from None
    return _whole_events(sensor, context, after)


def _whole_events(
    sensor: AssetSensorDefinition, context: SensorEvaluationContext, after: int
) -> list[EventLogRecord]:
    """Records after a storage id, never only some of an event's partitions."""
    found: list[EventLogRecord] = []
    place = str(after)
    while True:
        page = context.instance.fetch_materializations(
            sensor.asset_key, MOST_AT_ONCE, cursor=place, ascending=True
        )
        for record in page.records:
            is_same_event = bool(found) and record.storage_id == found[-1].storage_id
            if len(found) >= MOST_AT_ONCE and not is_same_event:
                return found
            found.append(record)
        if not page.has_more or not page.records:
            return found
        place = page.cursor
