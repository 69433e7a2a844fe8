"""The sensor that evaluates automation conditions."""

from collections.abc import Mapping
from typing import Any, ClassVar

from treadle.core.automation import AutomationCondition
from treadle.core.errors import wrong_type
from treadle.core.names import check_run_tags
from treadle.core.schedules import DefaultSensorStatus
from treadle.core.selection.unread import selection_or_unread
from treadle.core.ticks import SensorType
from treadle.define.sensors import SensorDefinition
from treadle.define.where import caller_where


class AutomationConditionSensorDefinition(SensorDefinition):
    """Evaluates the automation conditions of some assets and checks, and asks for what they say is due.

    Args:
        name: of the sensor.
        target: the assets and their checks: an AssetSelection, its text, or a list of assets.
        tags: of the sensor.
        run_tags: of the runs that it asks for.
        default_status: whether it is on before anybody switched it.
        minimum_interval_seconds: between two evaluations; 30 where not given.
        emit_backfills: ask for one backfill where a run would have several partitions of several assets.
        use_user_code_server: evaluate where the code is, so that conditions of one's own can be used.
        default_condition: of assets that have none.

    Example:
        >>> from treadle import AutomationConditionSensorDefinition
        >>> AutomationConditionSensorDefinition("marts", target="group:marts").minimum_interval_seconds
        30
    """

    kind: ClassVar[str] = "automation"

    def __init__(
        self,
        name: str,
        *,
        target: Any,
        tags: Mapping[str, str] | None = None,
        run_tags: Mapping[str, Any] | None = None,
        default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        emit_backfills: bool = True,
        use_user_code_server: bool = False,
        default_condition: AutomationCondition | None = None,
    ) -> None:
        if default_condition is not None and not isinstance(default_condition, AutomationCondition):
            raise wrong_type(
                "default_condition",
                "an AutomationCondition",
                default_condition,
                "AutomationConditionSensorDefinition",
            )
        selection = selection_or_unread(target)

        def evaluates_conditions(context: Any) -> None:
            """Has no body: the conditions are evaluated by Treadle."""

        super().__init__(
            name,
            evaluation_fn=evaluates_conditions,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            default_status=default_status,
            tags=tags,
            metadata=metadata,
        )
        self.asset_selection = selection
        self.where = caller_where()
        self.run_tags = check_run_tags(run_tags)
        self.emit_backfills = emit_backfills
        self.use_user_code_server = use_user_code_server
        self.default_condition = default_condition
        self.sensor_type = SensorType.AUTOMATION if use_user_code_server else SensorType.AUTO_MATERIALIZE
