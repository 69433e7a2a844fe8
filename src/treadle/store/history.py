"""Lists: runs, asset events and changes of runs' status, by filter."""

from collections.abc import Sequence

from treadle.core.events import StoredEvent
from treadle.core.keys import AssetKey
from treadle.core.runs import Run
from treadle.store.assets import Assets
from treadle.store.database import Database, Transaction
from treadle.store.events import event_of
from treadle.store.filter import (
    AssetEventsWhere,
    RunsWhere,
    StatusEventsWhere,
    asset_events_query,
    runs_query,
    status_events_query,
)
from treadle.store.names import Names
from treadle.store.runs import Runs

NO_LIMIT = 2**31 - 1


def _most(limit: int | None) -> int:
    return NO_LIMIT if limit is None else min(limit, NO_LIMIT)


class History:
    """Reads lists. A method is one transaction."""

    def __init__(self, database: Database, names: Names, runs: Runs, assets: Assets) -> None:
        self._database = database
        self._names = names
        self._runs = runs
        self._assets = assets

    def runs(
        self,
        where: RunsWhere | None = None,
        limit: int | None = None,
        *,
        order: str = "id",
        ascending: bool = False,
    ) -> list[tuple[int, Run]]:
        """Runs with their storage ids, the newest first.

        Args:
            order: `id` (when they were created) or `updated_at`.
        """
        query, values = runs_query(self._database.dialect, where or RunsWhere(), order, ascending)
        values["limit"] = _most(limit)
        return self._database.read(lambda tx: self._runs.with_tags(tx, tx.select(query, values)))

    def count_runs(self, where: RunsWhere | None = None) -> int:
        """How many runs a filter finds."""
        query, values = runs_query(self._database.dialect, where or RunsWhere(), "id", False, count=True)
        return int(self._database.read(lambda tx: tx.select(query, values))[0][0])

    def run_tag_keys(self) -> list[str]:
        """The keys of the tags that runs have, in order."""
        return [row[0] for row in self._database.read(lambda tx: tx.all("list_run_tag_keys"))]

    def run_tag_values(self, keys: Sequence[str]) -> list[tuple[str, str]]:
        """Keys and values of tags that runs have, in order."""
        found = self._database.read(lambda tx: tx.all("list_run_tag_values", keys=list(keys)))
        return [(row[0], row[1]) for row in found]

    def asset_id(self, key: AssetKey) -> int | None:
        """The storage id of an asset, for a filter; None where it was never seen."""
        return self._database.read(lambda tx: self._names.find_asset(tx, key))

    def asset_events(
        self, where: AssetEventsWhere, limit: int | None = None, *, ascending: bool = False
    ) -> list[StoredEvent]:
        """Asset events that no wipe hides, the newest first.

        Reading on in ascending order from the last storage id meets every event once. A filter by partition also
        finds the events about several partitions that have it.
        """
        if where.partition_keys is None:
            return self._database.read(lambda tx: self._asset_events(tx, where, limit, ascending))
        return self._database.read(lambda tx: self._of_partitions(tx, where, limit, ascending))

    def status_changes(
        self, where: StatusEventsWhere, limit: int | None = None, *, ascending: bool = False
    ) -> list[StoredEvent]:
        """Changes of runs' status, the newest first."""
        query, values = status_events_query(self._database.dialect, where, ascending)
        values["limit"] = _most(limit)

        def read(tx: Transaction) -> list[StoredEvent]:
            found = []
            for row in tx.select(query, values):
                number, sequence, attempt, producer, n, kind, at, step_key, _, stale, body, run_id = row
                event = event_of(
                    run_id, sequence, attempt, producer, n, kind, at, step_key, None, body, number
                )
                found.append(StoredEvent(event=event, storage_id=number, stale=bool(stale)))
            return found

        return self._database.read(read)

    def _asset_events(
        self, tx: Transaction, where: AssetEventsWhere, limit: int | None, ascending: bool
    ) -> list[StoredEvent]:
        query, values = asset_events_query(tx.dialect, where, ascending)
        values["limit"] = _most(limit)
        return [self._assets.stored_event(tx, row) for row in tx.select(query, values)]

    def _of_partitions(
        self, tx: Transaction, where: AssetEventsWhere, limit: int | None, ascending: bool
    ) -> list[StoredEvent]:
        wanted = set(where.partition_keys or ())
        found = self._asset_events(tx, where, limit, ascending)
        ranges = AssetEventsWhere(
            type=where.type,
            asset=where.asset,
            ranges=True,
            after_timestamp=where.after_timestamp,
            before_timestamp=where.before_timestamp,
            after_id=where.after_id,
            before_id=where.before_id,
            ids=where.ids,
        )
        for stored in self._asset_events(tx, ranges, None, ascending):
            if wanted.intersection(stored.event.partition_keys or ()):
                found.append(stored)
        found.sort(key=lambda stored: stored.storage_id, reverse=not ascending)
        return found[:limit]
