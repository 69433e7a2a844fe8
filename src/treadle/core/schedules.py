"""What schedules and sensors give: run requests, reasons to skip, and results."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from treadle.core.errors import InvariantViolationError, argument_names, unknown_argument, wrong_type
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.names import check_run_tags
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.run_tags import PARTITION_TAG, RANGE_END_TAG, RANGE_START_TAG
from treadle.core.values import NO_ITEMS, NO_MAPPING, Items, TupleValue, set_field


class DefaultScheduleStatus(Enum):
    """Whether a schedule runs from the start, or waits to be switched on."""

    RUNNING = "RUNNING"
    STOPPED = "STOPPED"


class DefaultSensorStatus(Enum):
    """Whether a sensor runs from the start, or waits to be switched on."""

    RUNNING = "RUNNING"
    STOPPED = "STOPPED"


class RunRequest(TupleValue):
    """A run that a schedule or sensor asks for.

    Args:
        run_key: a key for which there is never more than one run.
        run_config: a dictionary, or a `RunConfig`.
        tags: of the run; values that are not text are kept as JSON.
        job_name: which job, where the schedule or sensor has several.
        asset_selection: only these assets of the job.
        stale_assets_only: of those, only the ones that are out of date.
        partition_key: the partition to run.
        asset_check_keys: only these checks.

    Example:
        >>> RunRequest(run_key="2024-01-15", tags={"rows": 3}).tags
        {'rows': '3'}
    """

    __slots__ = (
        "asset_check_keys",
        "asset_graph_subset",
        "asset_selection",
        "job_name",
        "partition_key",
        "run_config",
        "run_key",
        "stale_assets_only",
        "tags",
    )
    run_key: str | None
    run_config: Mapping[str, Any]
    tags: Mapping[str, str]
    job_name: str | None
    asset_selection: Sequence[AssetKey] | None
    stale_assets_only: bool
    partition_key: str | None
    asset_check_keys: Sequence[AssetCheckKey] | None
    asset_graph_subset: Any

    def __init__(
        self,
        run_key: str | None = None,
        run_config: Any = None,
        tags: Mapping[str, Any] | None = None,
        job_name: str | None = None,
        asset_selection: Sequence[Any] | None = None,
        stale_assets_only: bool = False,
        partition_key: str | None = None,
        asset_check_keys: Sequence[AssetCheckKey] | None = None,
        **kwargs: Any,
    ) -> None:
        for name in kwargs:
            if name != "asset_graph_subset":
                raise unknown_argument(name, argument_names(RunRequest.__init__), "RunRequest")
        texts = (("run_key", run_key), ("job_name", job_name), ("partition_key", partition_key))
        for argument, text in texts:
            if text is not None and not isinstance(text, str):
                raise wrong_type(argument, "text", text, "RunRequest")
        if not isinstance(stale_assets_only, bool):
            raise wrong_type("stale_assets_only", "a bool", stale_assets_only, "RunRequest")
        set_field(self, "run_key", run_key)
        set_field(self, "run_config", _config_of(run_config))
        set_field(self, "tags", check_run_tags(tags))
        set_field(self, "job_name", job_name)
        set_field(self, "asset_selection", _keys_of(asset_selection))
        set_field(self, "stale_assets_only", stale_assets_only)
        set_field(self, "partition_key", partition_key)
        set_field(self, "asset_check_keys", _check_keys_of(asset_check_keys))
        set_field(self, "asset_graph_subset", kwargs.get("asset_graph_subset"))

    def with_replaced_attrs(self, **kwargs: Any) -> "RunRequest":
        """The request with some of its attributes changed."""
        return self._replace(**kwargs)

    @property
    def partition_key_range(self) -> PartitionKeyRange | None:
        """The range of partitions that its tags tell of, if they do."""
        start, end = self.tags.get(RANGE_START_TAG), self.tags.get(RANGE_END_TAG)
        return None if start is None or end is None else PartitionKeyRange(start, end)

    @property
    def entity_keys(self) -> Sequence[AssetKey | AssetCheckKey]:
        """The assets and checks that it selects."""
        return [*(self.asset_selection or ()), *(self.asset_check_keys or ())]

    def has_resolved_partition(self) -> bool:
        """Whether its tags tell the partition already."""
        return self.tags.get(PARTITION_TAG) is not None

    def requires_backfill_daemon(self) -> bool:
        """Whether it asks for partitions of several assets, which takes a backfill."""
        return self.asset_graph_subset is not None

    def with_resolved_tags_and_config(
        self,
        target_definition: Any,
        dynamic_partitions_requests: Sequence[Any] = (),
        dynamic_partitions_store: Any = None,
        current_time: Any = None,
    ) -> "RunRequest":
        """The request with the tags of its partition, and with the config that the job has for it.

        Args:
            target_definition: a job that has partitions.
            dynamic_partitions_requests: keys that are about to be added or deleted.
            dynamic_partitions_store: where dynamic keys are kept; usually an instance.
            current_time: the time that counts as now.

        Raises:
            UnknownPartitionError: there is no such partition.
            InvalidInvocationError: the job has no partitions.
        """
        if self.partition_key is None:
            raise InvariantViolationError("this request names no partition")
        return target_definition.resolve_partition_request(  # type: ignore[no-any-return]
            self,
            dynamic_partitions_requests=dynamic_partitions_requests,
            dynamic_partitions_store=dynamic_partitions_store,
            current_time=current_time,
        )


def _config_of(run_config: Any) -> Mapping[str, Any]:
    if run_config is None:
        return NO_MAPPING
    if hasattr(run_config, "to_config_dict"):
        return run_config.to_config_dict()  # type: ignore[no-any-return]
    if not isinstance(run_config, Mapping):
        raise wrong_type("run_config", "a dictionary or a RunConfig", run_config, "RunRequest")
    return dict(run_config) if run_config else NO_MAPPING


def _keys_of(selection: Any) -> Sequence[AssetKey] | None:
    if selection is None:
        return None
    if isinstance(selection, (str, AssetKey)) or not isinstance(selection, Iterable):
        raise wrong_type("asset_selection", "a list of asset keys", selection, "RunRequest")
    return Items(AssetKey.from_coercible_or_definition(item) for item in selection)


def _check_keys_of(keys: Any) -> Sequence[AssetCheckKey] | None:
    if keys is None:
        return None
    if not isinstance(keys, Iterable):
        raise wrong_type("asset_check_keys", "a list of AssetCheckKey", keys, "RunRequest")
    checked: Items[AssetCheckKey] = Items(keys)
    for key in checked:
        if not isinstance(key, AssetCheckKey):
            raise wrong_type("asset_check_keys", "a list of AssetCheckKey", key, "RunRequest")
    return checked


class SkipReason(TupleValue):
    """Why a schedule or sensor asks for nothing this time.

    Args:
        skip_message: for a person.
    """

    __slots__ = ("skip_message",)
    skip_message: str | None

    def __init__(self, skip_message: str | None = None) -> None:
        if skip_message is not None and not isinstance(skip_message, str):
            raise wrong_type("skip_message", "text", skip_message, "SkipReason")
        set_field(self, "skip_message", skip_message)


class SensorResult(TupleValue):
    """All that one evaluation of a sensor gives.

    Args:
        run_requests: the runs it asks for.
        skip_reason: why it asks for none; text or a SkipReason.
        cursor: what its next evaluation is told.
        dynamic_partitions_requests: partitions to add or delete.
        asset_events: materializations, observations and check evaluations to record.

    Raises:
        InvariantViolationError: both runs and a reason to skip.
    """

    __slots__ = (
        "asset_events",
        "automation_condition_evaluations",
        "cursor",
        "dynamic_partitions_requests",
        "run_requests",
        "skip_reason",
    )
    run_requests: Sequence[RunRequest]
    skip_reason: SkipReason | None
    cursor: str | None
    dynamic_partitions_requests: Sequence[Any] | None
    asset_events: Sequence[Any]
    automation_condition_evaluations: Sequence[Any]

    def __init__(
        self,
        run_requests: Iterable[RunRequest] | None = None,
        skip_reason: SkipReason | str | None = None,
        cursor: str | None = None,
        dynamic_partitions_requests: Sequence[Any] | None = None,
        asset_events: Sequence[Any] | None = None,
        **kwargs: Any,
    ) -> None:
        for name in kwargs:
            if name != "automation_condition_evaluations":
                raise unknown_argument(name, argument_names(SensorResult.__init__), "SensorResult")
        requests = NO_ITEMS if run_requests is None else _requests_of(run_requests)
        if isinstance(skip_reason, str):
            skip_reason = SkipReason(skip_reason)
        if skip_reason is not None and not isinstance(skip_reason, SkipReason):
            raise wrong_type("skip_reason", "text or a SkipReason", skip_reason, "SensorResult")
        if requests and skip_reason is not None:
            raise InvariantViolationError(
                "SensorResult: there are runs to ask for and a reason to skip",
                hint="give `run_requests` or `skip_reason`",
            )
        if cursor is not None and not isinstance(cursor, str):
            raise wrong_type("cursor", "text", cursor, "SensorResult")
        set_field(self, "run_requests", requests)
        set_field(self, "skip_reason", skip_reason)
        set_field(self, "cursor", cursor)
        partitions = None if dynamic_partitions_requests is None else Items(dynamic_partitions_requests)
        set_field(self, "dynamic_partitions_requests", partitions)
        set_field(self, "asset_events", Items(asset_events) if asset_events else NO_ITEMS)
        evaluations = kwargs.get("automation_condition_evaluations")
        set_field(self, "automation_condition_evaluations", Items(evaluations) if evaluations else NO_ITEMS)


def _requests_of(run_requests: Any) -> Items[RunRequest]:
    if isinstance(run_requests, RunRequest) or not isinstance(run_requests, Iterable):
        raise wrong_type("run_requests", "a list of RunRequest", run_requests, "SensorResult")
    requests: Items[RunRequest] = Items(run_requests)
    for request in requests:
        if not isinstance(request, RunRequest):
            raise wrong_type("run_requests", "a list of RunRequest", request, "SensorResult")
    return requests
