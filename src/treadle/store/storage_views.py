"""What code written for the peer asks an instance's storages: thin views on the instance, which holds the answers."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from treadle.core.errors import InvalidInvocationError
from treadle.core.keys import AssetCheckKey
from treadle.store.event_views import EventLogRecord, records_of
from treadle.store.history import NO_LIMIT

if TYPE_CHECKING:
    from treadle.store.instance_assets import AssetQueries


class CheckRecordStatus(Enum):
    """How an execution of a check went."""

    PLANNED = "PLANNED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class CheckRecord:
    """One result of a check, as the peer's storage tells it.

    Args:
        record: the event.
    """

    def __init__(self, record: EventLogRecord) -> None:
        self.event_log_entry = self.event = record.event_log_entry
        self.id = self.storage_id = record.storage_id
        self.run_id = self.event.run_id
        self.create_timestamp = record.timestamp
        evaluation = self.event.asset_check_evaluation
        assert evaluation is not None
        self.evaluation = evaluation
        self.key = AssetCheckKey(evaluation.asset_key, evaluation.check_name)
        self.partition = evaluation.partition
        self.status = CheckRecordStatus.SUCCEEDED if evaluation.passed else CheckRecordStatus.FAILED


@attrs.frozen(kw_only=True)
class PoolInfo:
    """How much of a pool is held. Steps that wait for it are told in the logs of their runs only."""

    concurrency_key: str
    limit: int | None
    """None: there is none."""
    using_default_limit: bool
    active_slot_count: int
    active_run_ids: frozenset[str]

    @property
    def slot_count(self) -> int:
        """The limit, 0 where there is none."""
        return self.limit or 0


class EventLogView:
    """`instance.event_log_storage`: what it has not itself are methods of the instance, by the storage's names."""

    def __init__(self, instance: "AssetQueries") -> None:
        self._instance = instance
        self.get_logs_for_run = instance.all_logs
        self.get_records_for_run = instance.get_records_for_run
        self.get_event_records = instance.get_event_records
        self.get_stats_for_run = instance.get_run_stats
        self.get_step_stats_for_run = instance.get_run_step_stats

    def get_asset_check_execution_history(
        self, check_key: AssetCheckKey, limit: int, cursor: int | None = None
    ) -> Sequence[CheckRecord]:
        """The results of a check, the newest first.

        Args:
            cursor: only results with a lower storage id.
        """
        most = limit if cursor is None else NO_LIMIT
        found = self._instance.store.assets.check_history(check_key.asset_key, check_key.name, most)
        records = [record for stored in found for record in records_of(stored)]
        chosen = [record for record in records if cursor is None or record.storage_id < cursor]
        return [CheckRecord(record) for record in chosen[:limit]]

    def get_latest_asset_check_execution_by_key(
        self, check_keys: Sequence[AssetCheckKey]
    ) -> Mapping[AssetCheckKey, CheckRecord]:
        """The newest result of each check that has one."""
        found = {key: self.get_asset_check_execution_history(key, limit=1) for key in check_keys}
        return {key: records[0] for key, records in found.items() if records}

    def get_concurrency_keys(self) -> set[str]:
        """The pools that have a limit of their own."""
        return {use.pool for use in self._instance.store.pools() if use.slot_limit is not None}

    def get_concurrency_info(self, concurrency_key: str) -> PoolInfo:
        """The limit of a pool, and what is held of it."""
        store = self._instance.store
        own = {use.pool: use for use in store.pools()}.get(concurrency_key)
        limit = own.slot_limit if own is not None else None
        return PoolInfo(
            concurrency_key=concurrency_key,
            limit=limit if limit is not None else store.slots.default_limit,
            using_default_limit=limit is None,
            active_slot_count=own.held if own is not None else 0,
            active_run_ids=frozenset(run_id for run_id, _ in store.pool_holders(concurrency_key)),
        )

    def set_concurrency_slots(self, concurrency_key: str, num: int) -> None:
        """Let at most so many steps hold a pool at once, in all runs.

        Raises:
            InvalidInvocationError: a negative number.
        """
        if num < 0:
            raise InvalidInvocationError(
                f"A pool cannot have {num} slots.",
                hint="0 lets no step have it; `delete_concurrency_limit` lifts it",
            )
        self._instance.store.set_pool_limit(concurrency_key, num)

    def delete_concurrency_limit(self, concurrency_key: str) -> None:
        """Lift the limit of a pool."""
        self._instance.store.set_pool_limit(concurrency_key, None)


class RunsView:
    """`instance.run_storage`: methods of the instance."""

    def __init__(self, instance: "AssetQueries") -> None:
        self.get_runs = instance.get_runs
        self.get_run_ids = instance.get_run_ids
        self.get_runs_count = instance.get_runs_count
        self.get_run_records = instance.get_run_records
        self.has_run = instance.has_run
        self.delete_run = instance.delete_run
        self.get_run_tag_keys = instance.get_run_tag_keys


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
