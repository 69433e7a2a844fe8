"""Data versions: what tells one state of an asset's data from another, and from what it was made."""

from collections.abc import Mapping
from typing import Any

from treadle.core.deprecation import beta
from treadle.core.errors import wrong_type
from treadle.core.keys import AssetKey
from treadle.core.names import check_storable
from treadle.core.values import TupleValue, set_field


class DataVersion(TupleValue):
    """Names one state of an asset's data: equal versions mean equal data.

    Args:
        value: any text without NUL.

    Raises:
        InvalidArgumentError: it is no text, or one that no store keeps.
    """

    __slots__ = ("value",)
    value: str

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise wrong_type("value", "text", value, "DataVersion")
        set_field(self, "value", check_storable("value", value, "DataVersion"))


DEFAULT_DATA_VERSION = DataVersion("INITIAL")
"""What an asset that was never versioned has."""


@beta()
class DataVersionsByPartition(TupleValue):
    """The data version of each partition that was observed.

    Args:
        data_versions_by_partition: partition key to a version, or its text.
    """

    __slots__ = ("data_versions_by_partition",)
    data_versions_by_partition: Mapping[str, DataVersion]

    def __init__(self, data_versions_by_partition: Mapping[str, str | DataVersion]) -> None:
        if not isinstance(data_versions_by_partition, Mapping):
            raise wrong_type("data_versions_by_partition", "a mapping", data_versions_by_partition)
        checked = {
            key: version if isinstance(version, DataVersion) else DataVersion(version)
            for key, version in data_versions_by_partition.items()
        }
        set_field(self, "data_versions_by_partition", checked)


class DataProvenance(TupleValue):
    """From what a state of an asset's data was made.

    Args:
        code_version: of the code that made it.
        input_data_versions: upstream key to the version that was read.
        input_storage_ids: upstream key to the stored event that was read, where there is one.
        is_user_provided: whether the data version was given rather than computed.
    """

    __slots__ = ("code_version", "input_data_versions", "input_storage_ids", "is_user_provided")
    code_version: str
    input_data_versions: Mapping[AssetKey, DataVersion]
    input_storage_ids: Mapping[AssetKey, int | None]
    is_user_provided: bool

    def __init__(
        self,
        code_version: str,
        input_data_versions: Mapping[AssetKey, DataVersion],
        input_storage_ids: Mapping[AssetKey, int | None],
        is_user_provided: bool,
    ) -> None:
        set_field(self, "code_version", code_version)
        set_field(self, "input_data_versions", dict(input_data_versions))
        set_field(self, "input_storage_ids", dict(input_storage_ids))
        set_field(self, "is_user_provided", is_user_provided)

    def has_input_asset(self, key: Any) -> bool:
        """Whether that asset was read."""
        return AssetKey.from_coercible_or_definition(key) in self.input_data_versions
