"""A tick of a sensor that evaluates automation conditions."""

from collections.abc import Iterable, Sequence
from typing import Any

from treadle.core.calendar import clock
from treadle.core.errors import InvariantViolationError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.run_tags import SENSOR_NAME_TAG
from treadle.core.schedules import RunRequest
from treadle.core.ticks import TickResult
from treadle.define.automation_sensors import AutomationConditionSensorDefinition
from treadle.define.context.sensor_context import SensorEvaluationContext
from treadle.plan.automation.context import EntitySubset
from treadle.plan.automation.cursor import AutomationCursor
from treadle.plan.automation.evaluate import Outcome
from treadle.plan.automation.results import result_of
from treadle.plan.automation.scope import moved
from treadle.run.automation import evaluate_catalog, selected_entities
from treadle.store.instance import Instance

AUTOMATION_TAG = "dagster/from_automation_condition"


def evaluate_automation_sensor(
    sensor: AutomationConditionSensorDefinition, context: SensorEvaluationContext
) -> TickResult:
    """What the conditions of a sensor's assets and checks ask for.

    A process that evaluates again and again keeps the cursor of the last result instead: see `run.automation`.
    """
    code = context.code
    if code is None:
        raise InvariantViolationError(
            f"sensor `{sensor.name}` is asked without the definitions whose conditions it evaluates",
            hint="make the context with `build_sensor_context(instance=..., definitions=...)`",
        )
    instance: Any = context.instance
    assert isinstance(instance, Instance)
    cursor = AutomationCursor.of_text(context.cursor) if context.cursor else None
    outcome = evaluate_catalog(
        code.catalog,
        instance,
        (context.now or clock.now()).timestamp(),
        cursor,
        selected_entities(code.catalog, sensor.asset_selection),
        sensor.default_condition,
    )
    result = result_of(outcome)
    tags = {**sensor.run_tags, AUTOMATION_TAG: "true", SENSOR_NAME_TAG: sensor.name}
    keys = outcome.tick.network.keys
    by_condition = {keys[index] for index in outcome.tick.requested}
    # A check that comes with its asset is not named: a run that names checks leaves out the asset's others.
    requested = [
        one for one in result.requested_subsets if isinstance(one.key, AssetKey) or one.key in by_condition
    ]
    in_order = sensor.emit_backfills and _reads_another_run(outcome)
    requests = run_requests(requested, tags, sensor.emit_backfills, in_order)
    return TickResult(
        run_requests=requests,
        skip_message=None if requests else "No asset or check is due",
        cursor=result.cursor.to_text(),
        automation_condition_evaluations=result.results,
        log_lines=context.log_lines,
    )


def _reads_another_run(outcome: Outcome) -> bool:
    """Whether a partition that is asked for reads another one that is, as by an offset: runs of a tick have no order."""
    tick = outcome.tick
    network = tick.network
    for index, members in tick.requested.items():
        for link in network.links_of(index):
            asked = tick.requested.get(link.upstream)
            if not asked or link.mapping is None or not network.have_one_run(link.upstream, index):
                continue
            scope, upstream = tick.scope(index), tick.scope(link.upstream)
            own = scope.restored(members)
            read = link.up(own, upstream) & upstream.restored(asked)
            if read - moved(own, read.space):
                return True
    return False


def run_requests(
    requested: Sequence[EntitySubset],
    tags: dict[str, str],
    emit_backfills: bool = True,
    in_order: bool = False,
) -> list[RunRequest]:
    """The runs that make what is asked for: as few as can be, no partition twice.

    Args:
        requested: what is asked for.
        tags: of each run.
        emit_backfills: where an asset is asked for in several partitions, ask for all of that in one backfill: a request
            whose `asset_graph_subset` is a dictionary of asset key to partition set.
        in_order: ask for one backfill in any case, since what is asked for reads other partitions of it.
    """
    found: list[RunRequest] = []
    whole = [one for one in requested if not one.is_partitioned]
    parts = [one for one in requested if one.is_partitioned]
    if in_order or (emit_backfills and any(one.size > 1 for one in parts)):
        subset = {one.key: one.get_internal_value() for one in requested}
        return [_request(requested, tags, asset_graph_subset=subset)]
    if whole:
        found.append(_request(whole, tags))
    together: dict[tuple[Any, str], list[EntitySubset]] = {}
    for one in parts:
        for key in one.partition_keys():
            together.setdefault((one.partitions_def, str(key)), []).append(one)
    found += [_request(ones, tags, partition_key=key) for (_, key), ones in together.items()]
    return found


def _request(ones: Iterable[EntitySubset], tags: dict[str, str], **fields: Any) -> RunRequest:
    keys = [one.key for one in ones]
    checks = [key for key in keys if isinstance(key, AssetCheckKey)]
    return RunRequest(
        asset_selection=[key for key in keys if isinstance(key, AssetKey)],
        asset_check_keys=checks or None,
        tags=tags,
        **fields,
    )
