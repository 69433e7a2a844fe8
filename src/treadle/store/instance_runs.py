"""The instance's questions about runs and their logs."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from treadle.core.errors import InvalidArgumentError, InvariantViolationError, RunNotFoundError
from treadle.core.events import EventType
from treadle.core.run_states import RUN_EVENT_STATUS
from treadle.core.runs import Run
from treadle.store.backfills import Backfill
from treadle.store.event_views import EventLogEntry, EventLogRecord, records_of
from treadle.store.filter import RunsWhere, StatusEventsWhere
from treadle.store.history import NO_LIMIT
from treadle.store.records import (
    EventCursor,
    EventRecordsResult,
    RunRecord,
    RunsFilter,
    RunStatusChangeRecordsFilter,
)
from treadle.store.run_stats import RunStats, StepStats, stats_of_run, stats_of_steps
from treadle.store.store import Store


class RunQueries:
    """What `Instance` knows of runs."""

    store: Store

    def get_run_by_id(self, run_id: str) -> Run | None:
        """A run, or None."""
        return self.store.find_run(run_id)

    def has_run(self, run_id: str) -> bool:
        """Whether there is a run with this id."""
        return self.store.find_run(run_id) is not None

    def get_runs(
        self,
        filters: RunsFilter | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        bucket_by: Any = None,
        ascending: bool = False,
    ) -> Sequence[Run]:
        """Runs by filter, the newest first.

        Args:
            cursor: the id of the last run of the page before.
            limit: the most to give.
        """
        _refuse_buckets(bucket_by)
        where = (filters or RunsFilter()).where(cursor, ascending)
        return [run for _, run in self.store.history.runs(where, limit, ascending=ascending)]

    def get_run_ids(
        self, filters: RunsFilter | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Sequence[str]:
        """The ids of runs by filter, the newest first."""
        return [run.run_id for run in self.get_runs(filters, cursor, limit)]

    def get_runs_count(self, filters: RunsFilter | None = None) -> int:
        """How many runs a filter finds."""
        return self.store.history.count_runs((filters or RunsFilter()).where(None, False))

    def get_run_records(
        self,
        filters: RunsFilter | None = None,
        limit: int | None = None,
        order_by: str | None = None,
        ascending: bool = False,
        cursor: str | None = None,
        bucket_by: Any = None,
    ) -> Sequence[RunRecord]:
        """Runs with their times, the newest first.

        Args:
            order_by: `id` (creation) or `update_timestamp`.
            cursor: the id of the last run of the page before.
        """
        _refuse_buckets(bucket_by)
        order = {None: "id", "id": "id", "create_timestamp": "id", "update_timestamp": "updated_at"}.get(
            order_by
        )
        if order is None:
            raise InvariantViolationError(
                f"runs can not be ordered by {order_by!r}",
                hint="order by id, create_timestamp or update_timestamp",
            )
        where = (filters or RunsFilter()).where(cursor, ascending)
        found = self.store.history.runs(where, limit, order=order, ascending=ascending)
        return [RunRecord.of(storage_id, run) for storage_id, run in found]

    def get_run_record_by_id(self, run_id: str) -> RunRecord | None:
        """A run with its times, or None."""
        records = self.get_run_records(RunsFilter(run_ids=[run_id]))
        return records[0] if records else None

    def get_run_tag_keys(self) -> Sequence[str]:
        """The keys of the tags that runs have."""
        return self.store.history.run_tag_keys()

    def get_run_tags(
        self, tag_keys: Sequence[str], value_prefix: str | None = None, limit: int | None = None
    ) -> Sequence[tuple[str, set[str]]]:
        """The values that runs have for some tags.

        Args:
            tag_keys: the tags.
            value_prefix: only values that begin so.
            limit: the most values to give, of all tags together.

        Raises:
            InvalidArgumentError: a text in place of a sequence; a run's own tags are `get_run_by_id(...).tags`.
        """
        if isinstance(tag_keys, str):
            raise InvalidArgumentError(
                f"`tag_keys` must be a sequence of texts, not {tag_keys!r}.",
                hint="the tags of a run are `instance.get_run_by_id(run_id).tags`",
            )
        found = self.store.history.run_tag_values(tag_keys) if tag_keys else []
        wanted = [(key, value) for key, value in found if value.startswith(value_prefix or "")][:limit]
        values: dict[str, set[str]] = {}
        for key, value in wanted:
            values.setdefault(key, set()).add(value)
        return list(values.items())

    def get_run_group(self, run_id: str) -> tuple[str, Sequence[Run]]:
        """A run and those that went on from each other with it: the id of the first, and all of them, the oldest first.

        Raises:
            RunNotFoundError: there is no such run.
        """
        run = self._require_run(run_id)
        root = run.root_run_id or run.run_id
        later = [each for _, each in self.store.history.runs(RunsWhere(root_run_id=root), ascending=True)]
        first = self.store.find_run(root)
        return root, [*([first] if first is not None else []), *later]

    def get_run_stats(self, run_id: str) -> RunStats:
        """What a run's log adds up to: steps that succeeded and failed, materializations, times.

        Raises:
            RunNotFoundError: there is no such run.
        """
        return stats_of_run(self._require_run(run_id), self.all_logs(run_id))

    def get_run_step_stats(self, run_id: str, step_keys: Sequence[str] | None = None) -> Sequence[StepStats]:
        """What a run's log says of each step: how it ended, when, and how often it was tried.

        Args:
            step_keys: only these steps.

        Raises:
            RunNotFoundError: there is no such run.
        """
        self._require_run(run_id)
        return stats_of_steps(run_id, self.all_logs(run_id), step_keys)

    def get_backfill(self, backfill_id: str) -> Backfill | None:
        """A backfill, or None."""
        return self.store.backfills.find(backfill_id)

    def get_backfills(
        self, filters: None = None, cursor: str | None = None, limit: int | None = None, status: Any = None
    ) -> Sequence[Backfill]:
        """Backfills, the newest first.

        Args:
            filters: not taken.
            cursor: the id of the last backfill of the page before.
            limit: the most to give; 100 where not given.
            status: only those that stand so.

        Raises:
            InvariantViolationError: filters were given.
        """
        if filters is not None:
            raise InvariantViolationError("backfills are listed without filters", hint="give `status=`")
        found = [
            each
            for each in self.store.backfills.list_all(NO_LIMIT)
            if status is None or each.status.value == getattr(status, "value", status)
        ]
        ids = [each.backfill_id for each in found]
        begin = ids.index(cursor) + 1 if cursor in ids else 0
        return found[begin:][: 100 if limit is None else limit]

    def get_backfills_count(self, filters: None = None) -> int:
        """How many backfills there are."""
        return len(self.get_backfills(filters, limit=NO_LIMIT))

    def add_run_tags(self, run_id: str, new_tags: Mapping[str, str]) -> None:
        """Add tags to a run or change them.

        Raises:
            RunNotFoundError: there is no such run.
        """
        self._require_run(run_id)
        self.store.add_run_tags(run_id, new_tags, time.time())

    def _require_run(self, run_id: str) -> Run:
        run = self.store.find_run(run_id)
        if run is None:
            raise RunNotFoundError(f"There is no run {run_id!r}.", hint="`treadle runs` lists them")
        return run

    def delete_run(self, run_id: str) -> None:
        """Delete a run and its log. What it materialized stays."""
        self.store.delete_run(run_id)

    def all_logs(
        self, run_id: str, of_type: EventType | set[EventType] | None = None, limit: int | None = None
    ) -> Sequence[EventLogEntry]:
        """A run's log in order."""
        return [
            record.event_log_entry
            for record in self.get_records_for_run(run_id, of_type=of_type, limit=limit).records
        ]

    def logs_after(
        self,
        run_id: str,
        cursor: int | None = None,
        of_type: EventType | None = None,
        limit: int | None = None,
    ) -> Sequence[EventLogEntry]:
        """A run's log in order, after an entry.

        Args:
            cursor: the number of that entry, from 0.
        """
        after = str(EventCursor(0 if cursor is None else cursor + 1))
        found = self.get_records_for_run(run_id, after, of_type, limit).records
        return [record.event_log_entry for record in found]

    def get_records_for_run(
        self,
        run_id: str,
        cursor: str | None = None,
        of_type: EventType | set[EventType] | None = None,
        limit: int | None = None,
        ascending: bool = True,
    ) -> EventRecordsResult:
        """A run's log as records, page by page.

        Args:
            cursor: where the page before ended.
            of_type: only these types.
        """
        after = EventCursor.parse(cursor).storage_id if cursor else 0
        types = {of_type} if isinstance(of_type, EventType) else of_type
        found = [
            stored
            for stored in self.store.read_events(run_id, after_sequence=after if ascending else 0)
            if types is None or stored.event.type in types
        ]
        if not ascending:
            found = [stored for stored in found if not after or (stored.event.sequence or 0) < after][::-1]
        records: list[EventLogRecord] = []
        for number, stored in enumerate(found):
            if limit is not None and number >= limit:
                break
            after = stored.event.sequence or 0
            records += records_of(stored)
        return EventRecordsResult(records, str(EventCursor(after)), limit is not None and len(found) > limit)

    def fetch_run_status_changes(
        self,
        records_filter: EventType | RunStatusChangeRecordsFilter,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,
    ) -> EventRecordsResult:
        """Changes of runs' status, the newest first, page by page."""
        if isinstance(records_filter, EventType):
            records_filter = RunStatusChangeRecordsFilter(records_filter)
        return self._status_changes(records_filter, limit, cursor, ascending)

    def settled_status_change(self, kind: EventType) -> EventLogRecord | None:
        """The latest change to a status from which a reader can go on: nothing before it can still be committed."""
        found = self.store.history.status_changes(StatusEventsWhere(type=kind.value, settled=True), 1)
        return EventLogRecord(found[0]) if found else None

    def _status_changes(
        self,
        records_filter: RunStatusChangeRecordsFilter,
        limit: int | None,
        cursor: str | None,
        ascending: bool,
    ) -> EventRecordsResult:
        if records_filter.event_type not in RUN_EVENT_STATUS:
            raise InvariantViolationError(
                f"{records_filter.event_type} is no change of a run's status",
                hint="RUN_SUCCESS and RUN_FAILURE are",
            )
        after, before = records_filter.after_storage_id, records_filter.before_storage_id
        place = EventCursor.parse(cursor).storage_id if cursor else None
        if place is not None and ascending:
            after = max(place, after or 0)
        elif place is not None:
            before = min(place, before or place)
        where = StatusEventsWhere(
            type=records_filter.event_type.value,
            job_names=records_filter.job_names,
            after_timestamp=records_filter.after_timestamp,
            before_timestamp=records_filter.before_timestamp,
            after_id=after,
            before_id=before,
            ids=records_filter.storage_ids,
        )
        more = None if limit is None else limit + 1
        found = self.store.history.status_changes(where, more, ascending=ascending)
        page = found if limit is None else found[:limit]
        last = page[-1].storage_id if page else place or 0
        return EventRecordsResult(
            [EventLogRecord(stored) for stored in page], str(EventCursor(last)), len(found) > len(page)
        )


def _refuse_buckets(bucket_by: Any) -> None:
    if bucket_by is not None:
        raise InvariantViolationError(
            "runs can not be listed in buckets", hint="list them with a filter per bucket"
        )
