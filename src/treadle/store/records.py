"""What the instance's query API takes and gives: filters, records, pages."""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NamedTuple, Self

import attrs

from treadle.core.asset_events import AssetMaterialization
from treadle.core.errors import TreadleError
from treadle.core.events import EventType
from treadle.core.keys import AssetKey
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.store.event_views import EventLogRecord
from treadle.store.filter import RunsWhere


class AssetPartitionStatus(Enum):
    """Where a partition of an asset stands."""

    MATERIALIZED = "MATERIALIZED"
    IN_PROGRESS = "IN_PROGRESS"
    FAILED = "FAILED"


def _seconds(time: datetime | float | None) -> float | None:
    """Unix seconds of a time; a time without a zone is UTC."""
    if isinstance(time, datetime):
        return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp()
    return time


def _list(values: Any) -> Any:
    return values if values is None or isinstance(values, str) else tuple(values)


def _tags(tags: Mapping[str, str | Sequence[str]] | None) -> dict[str, str | Sequence[str]]:
    return dict(tags or {})


@attrs.frozen
class RunsFilter:
    """Which runs to list; what is None does not narrow.

    Args:
        run_ids: only these.
        job_name: of this job.
        statuses: in one of these.
        tags: with all of these tags; a sequence of values means one of them.
        snapshot_id: of this plan.
        updated_after, updated_before, created_after, created_before: a time; without a zone it is UTC.
        exclude_subruns: leave out the runs that others started.

    Example:
        >>> RunsFilter(job_name="nightly").job_name
        'nightly'
    """

    run_ids: Sequence[str] | None = attrs.field(default=None, converter=_list)
    job_name: str | None = None
    statuses: Sequence[RunStatus] | None = attrs.field(default=None, converter=_list)
    tags: Mapping[str, str | Sequence[str]] = attrs.field(default=None, converter=_tags)
    snapshot_id: str | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    exclude_subruns: bool | None = None

    def where(self, cursor: str | None, ascending: bool) -> RunsWhere:
        """The same as the store takes it, from a run id on."""
        return RunsWhere(
            run_ids=self.run_ids,
            job_name=self.job_name,
            statuses=self.statuses or None,
            tags=self.tags,
            plan_id=self.snapshot_id,
            updated_after=_seconds(self.updated_after),
            updated_before=_seconds(self.updated_before),
            created_after=_seconds(self.created_after),
            created_before=_seconds(self.created_before),
            without_parent=bool(self.exclude_subruns),
            before=None if ascending else cursor,
            after=cursor if ascending else None,
        )


@attrs.frozen
class RunRecord:
    """A run with its times."""

    storage_id: int
    dagster_run: Run
    create_timestamp: datetime
    update_timestamp: datetime
    start_time: float | None = None
    end_time: float | None = None

    @classmethod
    def of(cls, storage_id: int, run: Run) -> Self:
        """The record of a stored run."""
        return cls(
            storage_id=storage_id,
            dagster_run=run,
            create_timestamp=datetime.fromtimestamp(run.created_at, UTC),
            update_timestamp=datetime.fromtimestamp(run.updated_at, UTC),
            start_time=run.started_at,
            end_time=run.ended_at,
        )


@attrs.frozen
class EventRecordsFilter:
    """Which events to list.

    Args:
        event_type: one type.
        asset_key: about this asset.
        asset_partitions: about one of these partitions.
        after_cursor, before_cursor: a storage id; both ends are left out.
        after_timestamp, before_timestamp: Unix seconds; both ends are left out.
        storage_ids: only these.
    """

    event_type: EventType
    asset_key: AssetKey | None = None
    asset_partitions: Sequence[str] | None = attrs.field(default=None, converter=_list)
    after_cursor: int | None = None
    before_cursor: int | None = None
    after_timestamp: float | None = attrs.field(default=None, converter=_seconds)
    before_timestamp: float | None = attrs.field(default=None, converter=_seconds)
    storage_ids: Sequence[int] | None = attrs.field(default=None, converter=_list)


@attrs.frozen
class AssetRecordsFilter:
    """Which events of an asset to list. Ends are left out; times are Unix seconds."""

    asset_key: AssetKey
    asset_partitions: Sequence[str] | None = attrs.field(default=None, converter=_list)
    after_timestamp: float | None = attrs.field(default=None, converter=_seconds)
    before_timestamp: float | None = attrs.field(default=None, converter=_seconds)
    after_storage_id: int | None = None
    before_storage_id: int | None = None
    storage_ids: Sequence[int] | None = attrs.field(default=None, converter=_list)


@attrs.frozen
class RunStatusChangeRecordsFilter:
    """Which changes of runs' status to list. Ends are left out; times are Unix seconds."""

    event_type: EventType
    after_timestamp: float | None = attrs.field(default=None, converter=_seconds)
    before_timestamp: float | None = attrs.field(default=None, converter=_seconds)
    after_storage_id: int | None = None
    before_storage_id: int | None = None
    storage_ids: Sequence[int] | None = attrs.field(default=None, converter=_list)
    job_names: Sequence[str] | None = attrs.field(default=None, converter=_list)


class RunShardedEventsCursor(NamedTuple):
    """Where events of one run end, for stores that keep each run's apart; ours keeps all together and takes the id."""

    id: int
    run_updated_after: datetime


@attrs.frozen
class EventRecordsResult:
    """A page of records. `cursor` is for the next page, whether or not there is more now."""

    records: Sequence[EventLogRecord]
    cursor: str
    has_more: bool


class AssetEntryView(NamedTuple):
    """What is known of an asset."""

    asset_key: AssetKey
    last_materialization_record: EventLogRecord | None
    last_observation_record: EventLogRecord | None
    asset_details: Any = None

    @property
    def last_materialization(self) -> Any:
        """The log entry of the last materialization."""
        record = self.last_materialization_record
        return None if record is None else record.event_log_entry

    @property
    def last_materialization_event(self) -> AssetMaterialization | None:
        """The last materialization."""
        record = self.last_materialization_record
        return None if record is None else record.event_log_entry.asset_materialization

    @property
    def last_materialization_storage_id(self) -> int | None:
        """The storage id of the last materialization."""
        record = self.last_materialization_record
        return None if record is None else record.storage_id

    @property
    def last_run_id(self) -> str | None:
        """The run that made it last."""
        record = self.last_materialization_record
        return None if record is None else record.run_id


class AssetRecord(NamedTuple):
    """An asset with its storage id."""

    storage_id: int
    asset_entry: AssetEntryView


class EventCursor(NamedTuple):
    """A place in a list of records: after a stored event, or within one that is about several partitions."""

    storage_id: int
    shown: int = 0
    """How many partitions of the event at `storage_id` were shown; 0: all."""

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"e:{self.storage_id}:{self.shown}".encode()).decode()

    @classmethod
    def parse(cls, text: str) -> "EventCursor":
        """A cursor from its text; a plain storage id does, too.

        Raises:
            TreadleError: `invalid-cursor`.
        """
        if text.isdecimal():
            return cls(int(text))
        try:
            kind, storage_id, shown = base64.urlsafe_b64decode(text.encode()).decode().split(":")
            if kind == "e":
                return cls(int(storage_id), int(shown))
        except ValueError:
            pass
        raise TreadleError(
            f"{text!r} is not a cursor of this list",
            code="invalid-cursor",
            hint="pass back the cursor that an earlier page gave, unchanged",
        )
