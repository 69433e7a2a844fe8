"""What code written for the peer asks an instance's storages: thin views on the instance, which holds the answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from treadle.core.events import EventType
from treadle.core.keys import AssetCheckKey
from treadle.core.runs import Run
from treadle.store.event_views import EventLogEntry, EventLogRecord, records_of
from treadle.store.records import EventRecordsFilter, EventRecordsResult, RunRecord, RunsFilter
from treadle.store.run_stats import RunStats, StepStats

if TYPE_CHECKING:
    from treadle.store.instance_assets import AssetQueries


class EventLogView:
    """`instance.event_log_storage`."""

    def __init__(self, instance: "AssetQueries") -> None:
        self._instance = instance

    def get_asset_check_execution_history(
        self, check_key: AssetCheckKey, limit: int, cursor: int | None = None
    ) -> Sequence[EventLogRecord]:
        """The results of a check, the newest first.

        Args:
            cursor: only results with a lower storage id.
        """
        most = limit if cursor is None else 1_000_000
        found = self._instance.store.assets.check_history(check_key.asset_key, check_key.name, most)
        records = [record for stored in found for record in records_of(stored)]
        return [record for record in records if cursor is None or record.storage_id < cursor][:limit]

    def get_logs_for_run(
        self, run_id: str, of_type: EventType | set[EventType] | None = None, limit: int | None = None
    ) -> Sequence[EventLogEntry]:
        """A run's log in order."""
        return self._instance.all_logs(run_id, of_type, limit)

    def get_records_for_run(
        self,
        run_id: str,
        cursor: str | None = None,
        of_type: EventType | set[EventType] | None = None,
        limit: int | None = None,
        ascending: bool = True,
    ) -> EventRecordsResult:
        """A run's log as records, page by page."""
        return self._instance.get_records_for_run(run_id, cursor, of_type, limit, ascending)

    def get_event_records(
        self, event_records_filter: EventRecordsFilter, limit: int | None = None, ascending: bool = False
    ) -> Sequence[EventLogRecord]:
        """Events by filter, the newest first."""
        return self._instance.get_event_records(event_records_filter, limit, ascending)

    def get_stats_for_run(self, run_id: str) -> RunStats:
        """What the run's log adds up to."""
        return self._instance.get_run_stats(run_id)

    def get_step_stats_for_run(
        self, run_id: str, step_keys: Sequence[str] | None = None
    ) -> Sequence[StepStats]:
        """What the run's log says of each step."""
        return self._instance.get_run_step_stats(run_id, step_keys)


class RunsView:
    """`instance.run_storage`."""

    def __init__(self, instance: "AssetQueries") -> None:
        self._instance = instance

    def get_runs(
        self, filters: RunsFilter | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Sequence[Run]:
        """Runs by filter, the newest first."""
        return self._instance.get_runs(filters, cursor, limit)

    def get_run_ids(
        self, filters: RunsFilter | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Sequence[str]:
        """The ids of runs by filter, the newest first."""
        return self._instance.get_run_ids(filters, cursor, limit)

    def get_runs_count(self, filters: RunsFilter | None = None) -> int:
        """How many runs a filter finds."""
        return self._instance.get_runs_count(filters)

    def get_run_records(
        self, filters: RunsFilter | None = None, limit: int | None = None, order_by: str | None = None
    ) -> Sequence[RunRecord]:
        """Runs with their times, the newest first."""
        return self._instance.get_run_records(filters, limit, order_by)

    def has_run(self, run_id: str) -> bool:
        """Whether there is a run with this id."""
        return self._instance.has_run(run_id)

    def delete_run(self, run_id: str) -> None:
        """Delete a run and its log."""
        self._instance.delete_run(run_id)

    def get_run_tag_keys(self) -> Sequence[str]:
        """The keys of the tags that runs have."""
        return self._instance.get_run_tag_keys()


class SchedulesView:
    """`instance.schedule_storage`: what a control process keeps of schedules and sensors. There is none yet, so it is empty."""

    def all_instigator_state(self, *_: Any, **__: Any) -> Sequence[Any]:
        """The schedules and sensors that were started or stopped by hand: none."""
        return []

    def get_instigator_state(self, origin_id: str, selector_id: str) -> None:
        """Whether a schedule or sensor was started: it never was."""

    def get_ticks(self, origin_id: str, selector_id: str, *_: Any, **__: Any) -> Sequence[Any]:
        """The ticks of a schedule or sensor, the newest first: none."""
        return []
