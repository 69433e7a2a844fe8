"""Sensors that watch materializations: of one asset, or of several."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from treadle.core.deprecation import superseded
from treadle.core.errors import InvalidDefinitionError
from treadle.core.keys import AssetKey
from treadle.core.schedules import DefaultSensorStatus
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.ticks import SensorType
from treadle.define.context.multi_asset_sensor_context import MultiAssetSensorEvaluationContext
from treadle.define.context.tick_context import TickContext
from treadle.define.doors import open_door
from treadle.define.sensors import SensorDefinition


class AssetSensorDefinition(SensorDefinition):
    """A sensor that is called for each new materialization of an asset.

    Args:
        name: of the sensor.
        asset_key: the asset, its key, or text.
        job_name: the job, by name.
        asset_materialization_fn: is given the context and the event, in any order.
        minimum_interval_seconds: between two looks.
    """

    kind: ClassVar[str] = "asset"
    sensor_type = SensorType.ASSET
    takes_event: ClassVar[bool] = True

    asset_key: AssetKey

    def __init__(
        self,
        name: str,
        asset_key: Any,
        job_name: str | None,
        asset_materialization_fn: Callable[..., Any],
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        job: Any = None,
        jobs: Sequence[Any] | None = None,
        default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
        required_resource_keys: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.asset_key = AssetKey.from_coercible_or_definition(asset_key)
        super().__init__(
            name,
            evaluation_fn=asset_materialization_fn,
            job_name=job_name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            job=job,
            jobs=jobs,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )

    @property
    def asset_keys(self) -> tuple[AssetKey, ...]:
        """The asset that it watches."""
        return (self.asset_key,)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the decorated function, as in tests.

        With an event it returns what the function returns. Without one the new materializations are looked up in
        the context's instance, and what the function gives for each of them is yielded.
        """
        named = self.tick_function.context or "context"
        context = args[0] if args else kwargs.get(named)
        has_event = len(args) > 1 or self.tick_function.event in kwargs
        if has_event or self.tick_function.event is None or not getattr(context, "has_instance", False):
            return super().__call__(*args, **kwargs)
        resources = {name: value for name, value in kwargs.items() if name != named}
        return open_door("call_asset_sensor")(self, context, resources)


def asset_sensor(
    asset_key: Any,
    *,
    job_name: str | None = None,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    job: Any = None,
    jobs: Sequence[Any] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    required_resource_keys: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], AssetSensorDefinition]:
    """Make a function a sensor that is called for each new materialization of an asset, the oldest first.

    When it is evaluated first, only the latest counts as new. The cursor is the storage id of the last
    materialization that the function was given, and is moved by itself.

    Args:
        asset_key: the asset, its key, or text.
        job: the job, its name, or a function that returns one of these later.

    Example:
        >>> from treadle import RunRequest, asset_sensor
        >>> @asset_sensor("orders", job_name="report")
        ... def new_orders(context, asset_event):
        ...     return RunRequest(run_key=asset_event.run_id)
        >>> new_orders.asset_key.to_user_string()
        'orders'
    """

    def decorate(function: Callable[..., Any]) -> AssetSensorDefinition:
        return AssetSensorDefinition(
            name or function.__name__,
            asset_key,
            job_name,
            function,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description or function.__doc__,
            job=job,
            jobs=jobs,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )

    return decorate


@superseded("most of its uses are automation conditions")
class MultiAssetSensorDefinition(SensorDefinition):
    """A sensor that watches the materializations of several assets, and says itself which of them it has read.

    Args:
        name: of the sensor.
        monitored_assets: keys, or an AssetSelection.
        job_name: the job, by name.
        asset_materialization_fn: is given a `MultiAssetSensorEvaluationContext`.
        request_assets: the assets that run requests may ask for, in place of a job.
    """

    kind: ClassVar[str] = "multi_asset"
    sensor_type = SensorType.MULTI_ASSET
    context_class: ClassVar[type[TickContext]] = MultiAssetSensorEvaluationContext

    def __init__(
        self,
        name: str,
        monitored_assets: Any,
        job_name: str | None,
        asset_materialization_fn: Callable[..., Any],
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        job: Any = None,
        jobs: Sequence[Any] | None = None,
        default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
        request_assets: Any = None,
        required_resource_keys: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.monitored_assets: AssetSelection | tuple[AssetKey, ...] = _monitored(monitored_assets)
        super().__init__(
            name,
            evaluation_fn=asset_materialization_fn,
            job_name=job_name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            job=job,
            jobs=jobs,
            default_status=default_status,
            asset_selection=request_assets,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )

    @property
    def asset_keys(self) -> tuple[AssetKey, ...]:
        """The assets that it watches, where they were given as keys."""
        return () if isinstance(self.monitored_assets, AssetSelection) else self.monitored_assets


def _monitored(given: Any) -> AssetSelection | tuple[AssetKey, ...]:
    if isinstance(given, AssetSelection):
        return given
    if isinstance(given, str | AssetKey) or not isinstance(given, Iterable):
        raise InvalidDefinitionError(
            f"monitored_assets must be a list of asset keys or an AssetSelection, not {given!r}.",
            code="invalid-argument",
        )
    return tuple(AssetKey.from_coercible_or_definition(key) for key in given)


@superseded("most of its uses are automation conditions")
def multi_asset_sensor(
    monitored_assets: Any,
    *,
    job_name: str | None = None,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    job: Any = None,
    jobs: Sequence[Any] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    request_assets: Any = None,
    required_resource_keys: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], MultiAssetSensorDefinition]:
    """Make a function a sensor that watches several assets. `AutomationCondition` does most of this by itself.

    Args:
        monitored_assets: keys, or an AssetSelection.
        job: the job, its name, or a function that returns one of these later.
        request_assets: the assets that run requests may ask for, in place of a job.

    Example:
        >>> from treadle import AssetKey, RunRequest, multi_asset_sensor
        >>> @multi_asset_sensor([AssetKey("orders"), AssetKey("customers")], job_name="report")
        ... def both_are_new(context):
        ...     if all(context.latest_materialization_records_by_key().values()):
        ...         context.advance_all_cursors()
        ...         return RunRequest()
        >>> len(both_are_new.asset_keys)
        2
    """

    def decorate(function: Callable[..., Any]) -> MultiAssetSensorDefinition:
        return MultiAssetSensorDefinition(
            name or function.__name__,
            monitored_assets,
            job_name,
            function,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description or function.__doc__,
            job=job,
            jobs=jobs,
            default_status=default_status,
            request_assets=request_assets,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )

    return decorate
