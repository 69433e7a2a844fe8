"""What the store tells of an asset, as values."""

import msgspec

from treadle.core.keys import AssetKey
from treadle.core.partitions.stored_set import StoredSet
from treadle.store.database import Row
from treadle.store.names import stored_key


class AssetEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What the store knows of an asset."""

    key: AssetKey
    storage_id: int
    created_at: float
    generation: int
    """Grows with every change of the asset's segments."""
    last_materialization: int | None
    """Storage id of the event."""
    last_observation: int | None
    wiped_at: float | None
    wiped_event: int
    """Events up to this storage id are hidden by a wipe."""


class StatusSets(msgspec.Struct, frozen=True, kw_only=True):
    """The partitions of an asset by status; no partition is in two of them."""

    materialized: StoredSet
    failed: StoredSet
    in_progress: StoredSet


class StoredSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A run of partitions whose truth is one event."""

    slice: str
    lo: int
    hi: int
    event_id: int
    run_id: str
    data_version: str | None = None
    code_version: str | None = None


def entry_of(row: Row) -> AssetEntry:
    return AssetEntry(
        key=stored_key(row[1], row[0]),
        storage_id=row[0],
        created_at=row[2],
        generation=row[3],
        last_materialization=row[5],
        last_observation=row[6],
        wiped_event=row[7],
        wiped_at=row[8],
    )
