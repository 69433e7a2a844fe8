"""What user code says of assets and checks: materialized, observed, checked; and what steps return."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final, Generic, Self

from treadle.core.data_versions import DataVersion
from treadle.core.errors import wrong_type
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.metadata import MetadataValue
from treadle.core.metadata_entries import event_metadata
from treadle.core.outputs import T, checked_data_version, event_tags, truth
from treadle.core.values import NO_ITEMS, NOT_GIVEN, Items, TupleValue, set_field

DATA_VERSION_TAG: Final = "dagster/data_version"
"""The tag of an event under which the peer keeps the data version."""


class AssetCheckSeverity(Enum):
    """How bad a failed check is: ERROR can block what is downstream, WARN cannot."""

    ERROR = "ERROR"
    WARN = "WARN"


def _event_key(asset_key: Any, owner: str) -> AssetKey:
    """The key an event is about; slashes in text part it."""
    if isinstance(asset_key, str):
        return AssetKey.from_user_string(asset_key)
    if isinstance(asset_key, (AssetKey, list, tuple)):
        return AssetKey.from_coercible(asset_key)
    raise wrong_type("asset_key", "an AssetKey, text or a sequence of texts", asset_key, owner)


def _optional_text(argument: str, text: Any, owner: str) -> str | None:
    if text is not None and not isinstance(text, str):
        raise wrong_type(argument, "text", text, owner)
    return text


class _AssetEvent(TupleValue):
    """What a materialization and an observation have in common."""

    __slots__ = ("asset_key", "description", "metadata", "partition", "tags")
    asset_key: AssetKey
    description: str | None
    metadata: Mapping[str, MetadataValue[Any]]
    partition: str | None
    tags: Mapping[str, str]

    def __init__(
        self,
        asset_key: AssetKey | Sequence[str] | str,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        partition: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        owner = type(self).__name__
        set_field(self, "asset_key", _event_key(asset_key, owner))
        set_field(self, "description", _optional_text("description", description, owner))
        set_field(self, "metadata", event_metadata(metadata))
        set_field(self, "partition", _optional_text("partition", partition, owner))
        set_field(self, "tags", event_tags(tags, owner))

    def with_metadata(self, metadata: Mapping[str, Any] | None) -> Self:
        """A copy with this metadata in place of its own."""
        return self._replace(metadata=metadata)

    @property
    def label(self) -> str:
        """The asset key as text."""
        return self.asset_key.to_user_string()

    @property
    def data_version(self) -> str | None:
        """The data version that its tags hold."""
        return self.tags.get(DATA_VERSION_TAG)


class AssetMaterialization(_AssetEvent):
    """An asset was made.

    Args:
        asset_key: which asset; slashes in text part the key.
        description: for a person.
        metadata: raw values are given their kind.
        partition: which of its partitions.
        tags: text to text.

    Raises:
        InvalidMetadataError: metadata that cannot be stored; names its key.

    Example:
        >>> AssetMaterialization("raw/orders", metadata={"rows": 3}).metadata["rows"]
        IntMetadataValue(value=3)
    """

    __slots__ = ()

    @staticmethod
    def file(
        path: str, description: str | None = None, asset_key: AssetKey | Sequence[str] | str | None = None
    ) -> "AssetMaterialization":
        """A file was made; by default the words of its path are the key.

        Args:
            path: of the file.
            description: for a person.
            asset_key: which asset the file is.
        """
        if not asset_key:
            asset_key = AssetKey.from_db_string(path.lstrip("[")) or AssetKey([])
        return AssetMaterialization(asset_key, description, {"path": MetadataValue.path(path)})


class AssetObservation(_AssetEvent):
    """Something was learned about an asset that was made elsewhere or before.

    Args:
        asset_key: which asset; slashes in text part the key.
        description: for a person.
        metadata: raw values are given their kind.
        partition: which of its partitions.
        tags: text to text.
    """

    __slots__ = ()


class AssetCheckEvaluationTargetMaterializationData(TupleValue):
    """Which materialization a check looked at.

    Args:
        storage_id: of the stored event.
        run_id: the run that made it.
        timestamp: Unix seconds.
    """

    __slots__ = ("run_id", "storage_id", "timestamp")
    storage_id: int
    run_id: str
    timestamp: float

    def __init__(self, storage_id: int, run_id: str, timestamp: float) -> None:
        set_field(self, "storage_id", storage_id)
        set_field(self, "run_id", run_id)
        set_field(self, "timestamp", timestamp)


class AssetCheckEvaluation(TupleValue):
    """A check's result, as it is recorded.

    Args:
        asset_key: the asset that was checked.
        check_name: the check.
        passed: whether it passed.
        metadata: raw values are given their kind.
        target_materialization_data: which materialization it looked at.
        severity: how bad a failure is.
        description: for a person.
        blocking: whether a failure keeps what is downstream from running.
        partition: which partition was checked.
    """

    __slots__ = (
        "asset_key",
        "blocking",
        "check_name",
        "description",
        "metadata",
        "partition",
        "passed",
        "severity",
        "target_materialization_data",
    )
    asset_key: AssetKey
    check_name: str
    passed: bool
    metadata: Mapping[str, MetadataValue[Any]]
    target_materialization_data: AssetCheckEvaluationTargetMaterializationData | None
    severity: AssetCheckSeverity
    description: str | None
    blocking: bool | None
    partition: str | None

    def __init__(
        self,
        asset_key: AssetKey,
        check_name: str,
        passed: bool,
        metadata: Mapping[str, Any] | None = None,
        target_materialization_data: AssetCheckEvaluationTargetMaterializationData | None = None,
        severity: AssetCheckSeverity = AssetCheckSeverity.ERROR,
        description: str | None = None,
        blocking: bool | None = None,
        partition: str | None = None,
    ) -> None:
        owner = "AssetCheckEvaluation"
        if not isinstance(check_name, str):
            raise wrong_type("check_name", "text", check_name, owner)
        set_field(self, "asset_key", _event_key(asset_key, owner))
        set_field(self, "check_name", check_name)
        set_field(self, "passed", truth("passed", passed, owner))
        set_field(self, "metadata", event_metadata(metadata))
        set_field(self, "target_materialization_data", target_materialization_data)
        set_field(self, "severity", _severity(severity, owner))
        set_field(self, "description", _optional_text("description", description, owner))
        set_field(self, "blocking", blocking)
        set_field(self, "partition", _optional_text("partition", partition, owner))

    @property
    def asset_check_key(self) -> AssetCheckKey:
        """The check's key."""
        return AssetCheckKey(self.asset_key, self.check_name)


def _severity(severity: Any, owner: str) -> AssetCheckSeverity:
    if not isinstance(severity, AssetCheckSeverity):
        raise wrong_type("severity", "AssetCheckSeverity.ERROR or AssetCheckSeverity.WARN", severity, owner)
    return severity


class AssetCheckResult(TupleValue):
    """What a check function returns.

    Args:
        passed: whether the check passed.
        asset_key: the asset, where the function checks several.
        check_name: the check, where the function runs several.
        metadata: raw values are given their kind.
        severity: how bad a failure is.
        description: for a person.

    Example:
        >>> AssetCheckResult(passed=False, severity=AssetCheckSeverity.WARN).passed
        False
    """

    __slots__ = ("asset_key", "check_name", "description", "metadata", "passed", "severity")
    passed: bool
    asset_key: AssetKey | None
    check_name: str | None
    metadata: Mapping[str, MetadataValue[Any]]
    severity: AssetCheckSeverity
    description: str | None

    def __init__(
        self,
        *,
        passed: bool,
        asset_key: Any = None,
        check_name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        severity: AssetCheckSeverity = AssetCheckSeverity.ERROR,
        description: str | None = None,
    ) -> None:
        owner = "AssetCheckResult"
        set_field(self, "passed", truth("passed", passed, owner))
        set_field(
            self, "asset_key", None if asset_key is None else AssetKey.from_coercible_or_definition(asset_key)
        )
        set_field(self, "check_name", _optional_text("check_name", check_name, owner))
        set_field(self, "metadata", event_metadata(metadata))
        set_field(self, "severity", _severity(severity, owner))
        set_field(self, "description", _optional_text("description", description, owner))

    def with_metadata(self, metadata: Mapping[str, Any] | None) -> Self:
        """A copy with this metadata in place of its own."""
        return self._replace(metadata=metadata)


class AssetResult(TupleValue):
    """What a function returns for an asset. Metadata is kept as it was given, but checked at once."""

    __slots__ = ("asset_key", "check_results", "data_version", "metadata", "tags")
    asset_key: AssetKey | None
    metadata: Mapping[str, Any] | None
    check_results: Sequence[AssetCheckResult]
    data_version: DataVersion | None
    tags: Mapping[str, str] | None

    def __init__(
        self,
        asset_key: Any = None,
        metadata: Mapping[str, Any] | None = None,
        check_results: Sequence[AssetCheckResult] | None = None,
        data_version: DataVersion | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        owner = type(self).__name__
        event_metadata(metadata)
        results: Items[AssetCheckResult] = NO_ITEMS if check_results is None else Items(check_results)
        for result in results:
            if not isinstance(result, AssetCheckResult):
                raise wrong_type("check_results", "a list of AssetCheckResult", result, owner)
        set_field(
            self, "asset_key", None if asset_key is None else AssetKey.from_coercible_or_definition(asset_key)
        )
        set_field(self, "metadata", None if metadata is None else dict(metadata))
        set_field(self, "check_results", results)
        set_field(self, "data_version", checked_data_version(data_version, owner))
        set_field(self, "tags", None if tags is None else event_tags(tags, owner))

    def check_result_named(self, check_name: str) -> AssetCheckResult:
        """The result of the check of that name.

        Raises:
            KeyError: there is none.
        """
        for result in self.check_results:
            if result.check_name == check_name:
                return result
        raise KeyError(check_name)


class MaterializeResult(AssetResult, Generic[T]):
    """What a function returns for an asset that it made.

    Args:
        asset_key: which asset, where the function makes several.
        metadata: raw values; what cannot be stored is refused at once.
        check_results: of the checks that the function runs itself.
        data_version: of the data; by default computed.
        tags: text to text.
        value: what the IO manager stores; without it nothing is handed to one.

    Raises:
        InvalidMetadataError: metadata that cannot be stored; names its key.
    """

    __slots__ = ("value",)
    value: T | Any

    def __init__(
        self,
        asset_key: Any = None,
        metadata: Mapping[str, Any] | None = None,
        check_results: Sequence[AssetCheckResult] | None = None,
        data_version: DataVersion | None = None,
        tags: Mapping[str, str] | None = None,
        value: T | Any = NOT_GIVEN,
    ) -> None:
        super().__init__(asset_key, metadata, check_results, data_version, tags)
        set_field(self, "value", value)


class ObserveResult(AssetResult):
    """What a function returns for an asset that it looked at.

    Args:
        asset_key: which asset, where the function looks at several.
        metadata: raw values; what cannot be stored is refused at once.
        check_results: of the checks that the function runs itself.
        data_version: of the data that it saw.
        tags: text to text.
    """

    __slots__ = ()
