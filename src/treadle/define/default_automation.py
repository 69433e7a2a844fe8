"""The sensor of automation conditions that no sensor was written for: the peer's repositories name it among theirs."""

from typing import Any, Final

from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.asset_selection import AssetSelection
from treadle.define.automation_sensors import AutomationConditionSensorDefinition
from treadle.define.code import Code

DEFAULT_SENSOR_NAME: Final = "default_automation_condition_sensor"


def sensors_with_default(code: Code) -> dict[str, Any]:
    """Name to sensor: the default one first, where there are conditions that no other evaluates."""
    selection = _left_over(code)
    if selection is None or DEFAULT_SENSOR_NAME in code.sensors:
        return dict(code.sensors)
    default = AutomationConditionSensorDefinition(DEFAULT_SENSOR_NAME, target=selection)
    return {default.name: default, **code.sensors}


def _left_over(code: Code) -> AssetSelection | None:
    """What has no automation sensor of its own; None where none of it has a condition."""
    assets = {
        key
        for key, node in code.catalog.assets.items()
        if node.spec.automation_condition is not None and node.computation is not None
    }
    checks = {key for key, node in code.catalog.checks.items() if node.spec.automation_condition is not None}
    if not assets and not checks:
        return None
    covered_assets, covered_checks = _covered(code)
    if assets <= covered_assets and checks <= covered_checks:
        return None
    selection = AssetSelection.all(include_sources=not assets <= AssetSelection.all().resolve(_graph(code)))
    if checks:
        selection = selection | AssetSelection.all_asset_checks()
    covered = sorted(assets & covered_assets)
    return selection - AssetSelection.assets(*covered) if covered else selection


def _covered(code: Code) -> tuple[set[AssetKey], set[AssetCheckKey]]:
    assets: set[AssetKey] = set()
    checks: set[AssetCheckKey] = set()
    for sensor in code.sensors.values():
        selection = (
            sensor.asset_selection if isinstance(sensor, AutomationConditionSensorDefinition) else None
        )
        if selection is not None:
            assets |= selection.resolve(_graph(code))
            checks |= selection.resolve_checks(_graph(code))
    return assets, checks


def _graph(code: Code) -> Any:
    return code.catalog.selectable_graph
