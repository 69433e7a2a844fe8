"""A sensor that runs freshness checks again when what they said may no longer hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from treadle.core.calendar.clock import now as clock_now
from treadle.core.deprecation import superseded
from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.core.keys import AssetCheckKey
from treadle.core.metadata import TimestampMetadataValue
from treadle.core.schedules import DefaultSensorStatus, RunRequest, SkipReason
from treadle.core.selection.asset_selection import AssetSelection
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.checks.freshness import FRESH_UNTIL
from treadle.define.sensors import SensorDefinition


@superseded("a `FreshnessPolicy` needs no sensor")
def build_sensor_for_freshness_checks(
    *,
    freshness_checks: Sequence[AssetChecksDefinition],
    minimum_interval_seconds: int | None = None,
    name: str = "freshness_checks_sensor",
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    tags: Mapping[str, Any] | None = None,
) -> SensorDefinition:
    """A sensor that runs a freshness check that never ran, or that passed and may be overdue by now.

    A check that failed is left alone: the asset's next materialization runs it.

    Args:
        freshness_checks: what the `build_…_freshness_checks` functions gave.
        minimum_interval_seconds: between two looks; 30 where not given.
        name: of the sensor.
        default_status: whether it runs from the start.
        tags: of the sensor.

    Raises:
        InvalidDefinitionError: something that is no check, or a check given twice.
    """
    if not isinstance(freshness_checks, Sequence):
        raise wrong_type("freshness_checks", "a list of checks", freshness_checks)
    keys: list[AssetCheckKey] = []
    for definition in freshness_checks:
        if not isinstance(definition, AssetChecksDefinition):
            raise wrong_type("freshness_checks", "a list of checks", definition)
        keys += [spec.key for spec in definition.check_specs]
    twice = sorted({key.to_user_string() for key in keys if keys.count(key) > 1})
    if twice:
        raise InvalidDefinitionError(f"check `{twice[0]}` is given twice.", code="invalid-argument")

    def evaluate(context: Any) -> Any:
        now = clock_now().timestamp()
        running = context.instance.checks_in_progress()
        due = [
            key
            for key in keys
            if key not in running and _is_due(context.instance.latest_check_evaluation(key), now)
        ]
        if not due:
            return SkipReason(
                "Every freshness check holds still, runs now, or failed and waits for its asset."
            )
        return RunRequest(asset_check_keys=due)

    evaluate.__name__ = name
    evaluate.__doc__ = "Runs freshness checks that never ran or may be overdue."
    return SensorDefinition(
        name,
        evaluation_fn=evaluate,
        minimum_interval_seconds=minimum_interval_seconds,
        description=evaluate.__doc__,
        default_status=default_status,
        asset_selection=AssetSelection.checks(*freshness_checks),
        tags=tags,
    )


def _is_due(evaluation: Any, now: float) -> bool:
    """Whether a check is to be run, given its last result."""
    if evaluation is None:
        return True
    until = evaluation.metadata.get(FRESH_UNTIL)
    return bool(evaluation.passed and isinstance(until, TimestampMetadataValue) and until.value <= now)
