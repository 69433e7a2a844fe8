"""The instance's questions about assets, their events and their partitions."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from treadle.core.asset_events import AssetCheckEvaluation, AssetMaterialization, AssetObservation
from treadle.core.deprecation import deprecated
from treadle.core.errors import InvariantViolationError
from treadle.core.events import AssetData, CheckData, Event, EventType, StoredEvent
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.metadata_entries import metadata_to_wire
from treadle.core.ports import AssetState
from treadle.core.run_states import RUN_EVENT_STATUS, TERMINAL, RunStatus
from treadle.store.assets import AssetEntry
from treadle.store.event_views import (
    CODE_VERSION_TAG,
    DATA_VERSION_TAG,
    EventLogEntry,
    EventLogRecord,
    records_of,
)
from treadle.store.events import ASSET_EVENTS, EventWrite
from treadle.store.filter import AssetEventsWhere
from treadle.store.instance_reports import RunReports
from treadle.store.records import (
    AssetEntryView,
    AssetRecord,
    AssetRecordsFilter,
    EventCursor,
    EventRecordsFilter,
    EventRecordsResult,
    RunsFilter,
    RunStatusChangeRecordsFilter,
)
from treadle.store.storage_views import CheckRecord, EventLogView, RunsView, SchedulesView


class AssetQueries(RunReports):
    """What `Instance` knows of assets."""

    # --- assets

    def get_asset_keys(
        self, prefix: Sequence[str] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Sequence[AssetKey]:
        """The assets that have events, by name.

        Args:
            prefix: the first parts of their keys.
            cursor: the stored text of the last key of the page before (`AssetKey.to_string()`).
        """
        first = tuple(prefix or ())
        keys = [
            entry.key
            for entry in self.store.assets.list_all()
            if tuple(entry.key.path[: len(first)]) == first
        ]
        if cursor is not None:
            keys = [key for key in keys if key.to_string() > cursor]
        return keys[:limit]

    def all_asset_keys(self) -> Sequence[AssetKey]:
        """The keys of all assets that anything was ever told of, in order."""
        return self.get_asset_keys()

    def has_asset_key(self, asset_key: AssetKey) -> bool:
        """Whether an asset has events."""
        return self.store.assets.find(asset_key) is not None

    def get_asset_records(self, asset_keys: Sequence[AssetKey] | None = None) -> Sequence[AssetRecord]:
        """Assets with their latest events; those that have no events are left out."""
        if asset_keys is None:
            entries: list[AssetEntry] = self.store.assets.list_all()
        else:
            found = [self.store.assets.find(key) for key in asset_keys]
            entries = [entry for entry in found if entry is not None]
        ids = {
            number
            for entry in entries
            for number in (entry.last_materialization, entry.last_observation)
            if number
        }
        events = {stored.storage_id: _last(stored) for stored in self.store.assets.events(sorted(ids))}
        return [
            AssetRecord(
                entry.storage_id,
                AssetEntryView(
                    entry.key,
                    events.get(entry.last_materialization or 0),
                    events.get(entry.last_observation or 0),
                ),
            )
            for entry in entries
        ]

    def get_latest_materialization_event(self, asset_key: AssetKey) -> EventLogEntry | None:
        """The latest materialization of an asset, or None."""
        return self.get_latest_materialization_events([asset_key]).get(asset_key)

    def get_latest_materialization_events(
        self, asset_keys: Iterable[AssetKey]
    ) -> Mapping[AssetKey, EventLogEntry]:
        """The latest materialization of each asset; those never materialized are left out."""
        found = {key: self.store.assets.latest_materialization(key) for key in asset_keys}
        return {key: _last(stored).event_log_entry for key, stored in found.items() if stored is not None}

    def get_latest_storage_id_by_partition(
        self,
        asset_key: AssetKey,
        event_type: EventType,
        partitions: set[str] | None = None,
        after_cursor: int | None = None,
    ) -> Mapping[str, int]:
        """The storage id of each partition's latest event.

        Args:
            event_type: ASSET_MATERIALIZATION or ASSET_OBSERVATION.
            partitions: only these.
            after_cursor: only events with a higher storage id.
        """
        wanted = AssetRecordsFilter(
            asset_key,
            asset_partitions=sorted(partitions) if partitions is not None else None,
            after_storage_id=after_cursor,
        )
        records = self._asset_events(event_type, wanted, None, None, ascending=True).records
        return {each.partition_key: each.storage_id for each in records if each.partition_key is not None}

    def get_latest_asset_check_evaluation_record(self, asset_check_key: AssetCheckKey) -> CheckRecord | None:
        """The newest result of a check, or None."""
        return next(
            iter(self.event_log_storage.get_asset_check_execution_history(asset_check_key, limit=1)), None
        )

    def get_latest_data_version_record(
        self,
        key: AssetKey,
        is_source: bool | None = None,
        partition_key: str | None = None,
        before_cursor: int | None = None,
        after_cursor: int | None = None,
    ) -> EventLogRecord | None:
        """The event that says an asset's current data version: its latest materialization, else its latest observation.

        Args:
            key: the asset.
            is_source: True for an asset that is only observed; its materializations are not looked at.
            partition_key: one partition of it.
            before_cursor: only events before this storage id.
            after_cursor: only events after this storage id.
        """
        wanted = AssetRecordsFilter(
            key,
            asset_partitions=None if partition_key is None else [partition_key],
            before_storage_id=before_cursor,
            after_storage_id=after_cursor,
        )
        kinds = [EventType.ASSET_OBSERVATION] if is_source else _SAYING_DATA_VERSIONS
        for kind in kinds:
            found = self._asset_events(kind, wanted, 1, None, ascending=False).records
            if found:
                return found[0]
        return None

    def latest_check_evaluation(self, key: AssetCheckKey) -> AssetCheckEvaluation | None:
        """The last result of a check, or None."""
        stored = self.store.assets.latest_check(key.asset_key, key.name)
        return None if stored is None else _last(stored).event_log_entry.asset_check_evaluation

    def checks_in_progress(self) -> frozenset[AssetCheckKey]:
        """Checks that runs which are not over yet ask for by name."""
        unfinished = [status for status in RunStatus if status not in TERMINAL]
        runs = self.get_runs(RunsFilter(statuses=unfinished))
        return frozenset(key for run in runs for key in run.check_selection or ())

    def get_latest_materialization_code_versions(
        self, asset_keys: Iterable[AssetKey]
    ) -> Mapping[AssetKey, str | None]:
        """The code version of the latest materialization of each asset; None where it has none."""
        keys = list(asset_keys)
        states = self.latest_states((key, None) for key in keys)
        return {key: states[key, None].code_version if (key, None) in states else None for key in keys}

    def latest_states(
        self, requests: Iterable[tuple[AssetKey, str | None]]
    ) -> Mapping[tuple[AssetKey, str | None], AssetState]:
        """The latest state of each (asset, partition key); those never materialized are left out."""
        return self.store.assets.latest_states(requests)

    def wipe_assets(self, asset_keys: Sequence[AssetKey]) -> None:
        """Forget that assets were made; their events stay in the logs of the runs that made them."""
        for key in asset_keys:
            if not isinstance(key, AssetKey):
                raise InvariantViolationError(f"wipe_assets takes asset keys, not {key!r}")
            self.store.wipe_asset(key, time.time())

    # --- the peer's storages

    @property
    def event_log_storage(self) -> EventLogView:
        """Questions about logs, as the peer's storage of events answers them."""
        return EventLogView(self)

    @property
    def run_storage(self) -> RunsView:
        """Questions about runs, as the peer's storage of runs answers them."""
        return RunsView(self)

    @property
    def schedule_storage(self) -> SchedulesView:
        """Questions about schedules and sensors, as the peer's storage of schedules answers them."""
        return SchedulesView()

    def all_instigator_state(self, *_: Any, **__: Any) -> Sequence[Any]:
        """The schedules and sensors that were started or stopped by hand: none, as nothing ticks them yet."""
        return self.schedule_storage.all_instigator_state()

    # --- events

    @deprecated(
        "call `fetch_materializations`, `fetch_observations` or `fetch_run_status_changes`",
        "get_event_records",
    )
    def get_event_records(
        self, event_records_filter: EventRecordsFilter, limit: int | None = None, ascending: bool = False
    ) -> Sequence[EventLogRecord]:
        """Stored events of one type, the newest first.

        Types that only the logs of runs have are read from every run's log, in the order of their times.

        Raises:
            InvariantViolationError: cursors, ids, an asset or partitions with such a type: the logs number their
                events each for itself.
        """
        wanted = event_records_filter
        if wanted.event_type in RUN_EVENT_STATUS:
            changes = RunStatusChangeRecordsFilter(
                wanted.event_type,
                after_timestamp=wanted.after_timestamp,
                before_timestamp=wanted.before_timestamp,
                after_storage_id=wanted.after_cursor,
                before_storage_id=wanted.before_cursor,
                storage_ids=wanted.storage_ids,
            )
            return self._status_changes(changes, limit, None, ascending).records
        if wanted.event_type not in ASSET_EVENTS:
            return self._records_of_all_logs(wanted, limit, ascending)
        narrowed = AssetRecordsFilter(
            wanted.asset_key,  # type: ignore[arg-type]
            wanted.asset_partitions,
            wanted.after_timestamp,
            wanted.before_timestamp,
            wanted.after_cursor,
            wanted.before_cursor,
            wanted.storage_ids,
        )
        return self._asset_events(wanted.event_type, narrowed, limit, None, ascending).records

    def fetch_materializations(
        self,
        records_filter: AssetKey | AssetRecordsFilter,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,
    ) -> EventRecordsResult:
        """Materializations of an asset, the newest first, page by page."""
        return self._fetch(EventType.ASSET_MATERIALIZATION, records_filter, limit, cursor, ascending)

    def fetch_observations(
        self,
        records_filter: AssetKey | AssetRecordsFilter,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,
    ) -> EventRecordsResult:
        """Observations of an asset, the newest first, page by page."""
        return self._fetch(EventType.ASSET_OBSERVATION, records_filter, limit, cursor, ascending)

    def report_runless_asset_event(
        self, asset_event: AssetMaterialization | AssetObservation | AssetCheckEvaluation
    ) -> None:
        """Record that something happened to an asset outside of any run.

        Args:
            asset_event: a materialization, an observation or a check's result.
        """
        self.store.report_asset_events([_write_of(asset_event, time.time())], time.time())

    # --- inside

    def _records_of_all_logs(
        self, wanted: EventRecordsFilter, limit: int | None, ascending: bool
    ) -> Sequence[EventLogRecord]:
        if any(
            one is not None
            for one in (
                wanted.after_cursor,
                wanted.before_cursor,
                wanted.storage_ids,
                wanted.asset_key,
                wanted.asset_partitions,
            )
        ):
            raise InvariantViolationError(
                f"events of type {wanted.event_type} are kept in the logs of runs, so they are found by type and time only",
                hint="read one run's with `instance.get_records_for_run(run_id, cursor=..., of_type=...)`",
            )
        after, before = wanted.after_timestamp, wanted.before_timestamp
        found = [
            record
            for run_id in self.get_run_ids()
            for record in self.get_records_for_run(run_id, of_type=wanted.event_type).records
            if (after is None or record.timestamp > after) and (before is None or record.timestamp < before)
        ]
        found.sort(key=lambda record: record.timestamp, reverse=not ascending)
        return found[:limit]

    def _fetch(
        self,
        kind: EventType,
        records_filter: AssetKey | AssetRecordsFilter,
        limit: int,
        cursor: str | None,
        ascending: bool,
    ) -> EventRecordsResult:
        if isinstance(records_filter, AssetKey):
            records_filter = AssetRecordsFilter(records_filter)
        return self._asset_events(kind, records_filter, limit, cursor, ascending)

    def settled_materialization(self, asset_key: AssetKey) -> EventLogRecord | None:
        """The latest materialization from which a reader can go on: nothing before it can still be committed.

        On PostgreSQL that may be an earlier one than the latest, while other transactions are open.
        """
        asset = self.store.history.asset_id(asset_key)
        if asset is None:
            return None
        where = AssetEventsWhere(type=EventType.ASSET_MATERIALIZATION.value, asset=asset, settled=True)
        found = self.store.history.asset_events(where, 1)
        return _last(found[0]) if found else None

    def _asset_events(
        self,
        kind: EventType,
        wanted: AssetRecordsFilter,
        limit: int | None,
        cursor: str | None,
        ascending: bool,
    ) -> EventRecordsResult:
        place = EventCursor.parse(cursor) if cursor else None
        asset = self.store.history.asset_id(wanted.asset_key) if wanted.asset_key is not None else None
        if wanted.asset_key is not None and asset is None:
            return EventRecordsResult([], cursor or str(EventCursor(0)), False)
        after, before = wanted.after_storage_id, wanted.before_storage_id
        if place is not None:
            # An event of which a part was shown is read again, and the part is dropped.
            again = 1 if place.shown else 0
            if ascending:
                after = max(place.storage_id - again, after or 0)
            else:
                before = min(place.storage_id + again, before or 2**62)
        where = AssetEventsWhere(
            type=kind.value,
            asset=asset,
            partition_keys=wanted.asset_partitions,
            after_timestamp=wanted.after_timestamp,
            before_timestamp=wanted.before_timestamp,
            after_id=after,
            before_id=before,
            ids=wanted.storage_ids,
        )
        events = self.store.history.asset_events(
            where, None if limit is None else limit + 1, ascending=ascending
        )
        only = set(wanted.asset_partitions) if wanted.asset_partitions is not None else None
        return _page(events, only, limit, place, ascending)


def _page(
    events: Sequence[StoredEvent],
    only: set[str] | None,
    limit: int | None,
    place: EventCursor | None,
    ascending: bool,
) -> EventRecordsResult:
    """Records of events, one a partition, up to a limit."""
    records: list[EventLogRecord] = []
    last = place or EventCursor(0)
    for number, stored in enumerate(events):
        found = [record for record in records_of(stored) if only is None or record.partition_key in only]
        if not ascending:
            found.reverse()
        skipped = place.shown if place is not None and place.storage_id == stored.storage_id else 0
        room = len(found) if limit is None else limit - len(records)
        taken = found[skipped : skipped + room]
        records += taken
        if skipped + len(taken) < len(found):
            return EventRecordsResult(
                records, str(EventCursor(stored.storage_id, skipped + len(taken))), True
            )
        last = EventCursor(stored.storage_id)
        if limit is not None and len(records) == limit:
            return EventRecordsResult(records, str(last), number + 1 < len(events))
    return EventRecordsResult(records, str(last), False)


_SAYING_DATA_VERSIONS = (EventType.ASSET_MATERIALIZATION, EventType.ASSET_OBSERVATION)


def _last(stored: StoredEvent) -> EventLogRecord:
    return records_of(stored)[-1]


def _write_of(told: AssetMaterialization | AssetObservation | AssetCheckEvaluation, now: float) -> EventWrite:
    if isinstance(told, AssetCheckEvaluation):
        target = told.target_materialization_data
        data: AssetData | CheckData = CheckData(
            name=told.check_name,
            passed=told.passed,
            severity=told.severity.value,
            blocking=bool(told.blocking),
            description=told.description,
            metadata=metadata_to_wire(told.metadata),
            target_materialization=target.storage_id if target is not None else None,
            target_run_id=target.run_id if target is not None else None,
            target_timestamp=target.timestamp if target is not None else None,
        )
        kind = EventType.ASSET_CHECK_EVALUATION
    elif isinstance(told, AssetMaterialization | AssetObservation):
        made = isinstance(told, AssetMaterialization)
        kind = EventType.ASSET_MATERIALIZATION if made else EventType.ASSET_OBSERVATION
        data = AssetData(
            metadata=metadata_to_wire(told.metadata),
            tags=dict(told.tags),
            description=told.description,
            data_version=told.tags.get(DATA_VERSION_TAG),
            code_version=told.tags.get(CODE_VERSION_TAG),
        )
    else:
        raise InvariantViolationError(
            f"{type(told).__name__} is no event of an asset",
            hint="report an AssetMaterialization, an AssetObservation or an AssetCheckEvaluation",
        )
    keys = (told.partition,) if told.partition is not None else None
    event = Event(
        run_id="",
        type=kind,
        timestamp=now,
        asset_key=told.asset_key,
        partition_keys=keys,
        level=20,
        data=data,
    )
    return EventWrite(event)
