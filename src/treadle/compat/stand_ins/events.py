"""`dagster._core.definitions.events`: what projects take from there beside public names."""

from typing import NamedTuple

from treadle import AssetKey


class AssetKeyPartitionKey(NamedTuple):
    """One partition of an asset, or an asset without partitions.

    Example:
        >>> AssetKeyPartitionKey(AssetKey("orders"), "2026-01-01").partition_key
        '2026-01-01'
    """

    asset_key: AssetKey
    partition_key: str | None = None
