"""What is true of assets now: latest events, materialized partitions, their status, wiping."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence

from treadle.core.events import WRITER_VERSION_TAG, AssetData, Event, EventType, LogData, StoredEvent
from treadle.core.keys import AssetKey
from treadle.core.partitions.stored_set import WHOLE, StoredSet
from treadle.core.ports import AssetState, MadePiece
from treadle.core.run_states import RunStatus
from treadle.store import segments, sets
from treadle.store.asset_entries import AssetEntry as AssetEntry
from treadle.store.asset_entries import StatusSets, StoredSegment, entry_of
from treadle.store.codec import UNREADABLE, decode_set, encode, plain
from treadle.store.database import Database, Row, Transaction
from treadle.store.events import EventWrite, event_of
from treadle.store.names import Names
from treadle.store.segments import Segment
from treadle.store.wiping import WIPE, forget_keys, forget_set, settle_latest, wiped_keys

_MATERIALIZED = EventType.ASSET_MATERIALIZATION.value
_OBSERVED = EventType.ASSET_OBSERVATION.value
_WORTH_CACHING = 64
"""Segments that a reader must have folded before it stores what came of it."""


class Assets:
    """Reads (and wipes) what events made true. A read is one transaction.

    Args:
        database: where.
        names: of the same store.
    """

    def __init__(self, database: Database, names: Names) -> None:
        self._database = database
        self._names = names
        self._sets: dict[int, tuple[int, StoredSet]] = {}

    # --- entries and events

    def find(self, key: AssetKey) -> AssetEntry | None:
        """An asset that has events, or None."""
        return self._database.read(lambda tx: self._entry(tx, key))

    def list_all(self) -> list[AssetEntry]:
        """Every asset that has events, by name."""
        return self._database.read(lambda tx: [entry_of(row) for row in tx.all("list_assets")])

    def events(self, ids: Sequence[int]) -> list[StoredEvent]:
        """Asset events by storage id, in order."""
        return self._database.read(lambda tx: self.events_in(tx, ids))

    def events_in(self, tx: Transaction, ids: Sequence[int]) -> list[StoredEvent]:
        """The same, in an open transaction."""
        found: list[StoredEvent] = []
        for start in range(0, len(ids), 500):
            rows = tx.all("get_asset_events", ids=ids[start : start + 500])
            found += [self.stored_event(tx, row) for row in rows]
        return found

    def stored_event(self, tx: Transaction, row: Row) -> StoredEvent:
        """An event from the columns of `get_asset_events`."""
        number, asset, kind, run_id, sequence, attempt, producer, n, at, step_key, body = row
        key = self._names.asset_key(tx, asset)
        event = event_of(run_id or "", sequence, attempt, producer, n, kind, at, step_key, key, body, number)
        return StoredEvent(event=event, storage_id=number)

    def latest_materialization(self, key: AssetKey, partition_key: str | None = None) -> StoredEvent | None:
        """The latest materialization of an asset, or of one of its partitions."""
        return self._latest(key, EventType.ASSET_MATERIALIZATION, partition_key)

    def latest_observation(self, key: AssetKey, partition_key: str | None = None) -> StoredEvent | None:
        """The latest observation of an asset, or of one of its partitions."""
        return self._latest(key, EventType.ASSET_OBSERVATION, partition_key)

    def latest_check(self, key: AssetKey, check_name: str) -> StoredEvent | None:
        """The latest result of a check."""
        found = self.check_history(key, check_name, 1)
        return found[0] if found else None

    def check_history(self, key: AssetKey, check_name: str, limit: int = 100) -> list[StoredEvent]:
        """A check's results, the newest first."""

        def read(tx: Transaction) -> list[StoredEvent]:
            entry = self._entry(tx, key)
            if entry is None:
                return []
            rows = tx.all(
                "latest_of_check",
                asset=entry.storage_id,
                check_name=check_name,
                wiped=entry.wiped_event,
                limit=limit,
            )
            return self.events_in(tx, [row[0] for row in rows])[::-1]

        return self._database.read(read)

    def latest_states(
        self, requests: Iterable[tuple[AssetKey, str | None]]
    ) -> dict[tuple[AssetKey, str | None], AssetState]:
        """The latest materialization of each (asset, partition key), or observation where it was never materialized;
        those without either are left out."""

        def read(tx: Transaction) -> dict[tuple[AssetKey, str | None], AssetState]:
            wanted: dict[int, list[tuple[AssetKey, str | None]]] = {}
            ranges: dict[AssetKey, list[StoredEvent]] = {}
            observed: dict[AssetKey, list[StoredEvent]] = {}
            wipes: dict[AssetKey, dict[str, int]] = {}
            for key, partition in requests:
                found = self._latest_id(tx, key, _MATERIALIZED, partition, ranges, wipes)
                if found is None:
                    found = self._latest_id(tx, key, _OBSERVED, partition, observed, wipes)
                if found is not None:
                    wanted.setdefault(found, []).append((key, partition))
            states: dict[tuple[AssetKey, str | None], AssetState] = {}
            for stored in self.events_in(tx, sorted(wanted)):
                for request in wanted[stored.storage_id]:
                    states[request] = _state(stored)
            return states

        return self._database.read(read)

    def latest_state_of_writer(
        self, key: AssetKey, writer: str, stored: StoredSet | None
    ) -> AssetState | None:
        """The latest materialization by one of an asset's writers, within a set of partitions or (None) anywhere."""

        def read(tx: Transaction) -> AssetState | None:
            asset, name = self._names.find_asset(tx, key), self._names.find(tx, "writer", writer)
            if asset is None or name is None:
                return None
            layer = segments.layer_of_writer(name)
            if stored is None:
                row = tx.one("latest_event_of_layer", asset=asset, layer=layer)
                event = row[0] if row is not None else None
            else:
                event = max((each.event for each in segments.within(tx, asset, layer, stored)), default=None)
            return None if event is None else _state(self.events_in(tx, [event])[0])

        return self._database.read(read)

    # --- partitions

    def materialized_set(self, key: AssetKey) -> StoredSet:
        """The partitions that are materialized (`{"": ((0, 1),)}` for an asset without partitions)."""
        fresh: list[tuple[int, int, StoredSet]] = []

        def read(tx: Transaction) -> StoredSet:
            fresh.clear()
            asset = self._names.find_asset(tx, key)
            row = tx.one("get_asset", asset=asset) if asset is not None else None
            if asset is None or row is None:
                return sets.EMPTY
            found, folded = self._materialized(tx, asset, row[3], row[4])
            self._sets[asset] = (row[3], found)
            if folded >= _WORTH_CACHING:
                fresh.append((asset, row[3], found))
            return found

        found = self._database.read(read)
        for asset, generation, stored in fresh:
            self._store_cache(asset, generation, stored)
        return found

    def status_sets(self, key: AssetKey) -> StatusSets:
        """The partitions by status: what a run is working on, what failed last, what else is materialized."""
        materialized = self.materialized_set(key)

        def read(tx: Transaction) -> StatusSets:
            asset = self._names.find_asset(tx, key)
            if asset is None:
                return StatusSets(materialized=sets.EMPTY, failed=sets.EMPTY, in_progress=sets.EMPTY)
            failed: list[tuple[str, int, int]] = []
            running: list[tuple[str, int, int]] = []
            for name, lo, hi, generation, status, _ in tx.all("attempts_of", asset=asset):
                state = RunStatus(status)
                if state.is_terminal and state is not RunStatus.FAILURE:
                    continue
                pieces = _not_since(tx, asset, name, lo, hi, generation)
                (failed if state.is_terminal else running).extend(pieces)
            failed_set, running_set = sets.from_spans(failed), sets.from_spans(running)
            rest = sets.difference(sets.difference(materialized, failed_set), running_set)
            return StatusSets(materialized=rest, failed=failed_set, in_progress=running_set)

        return self._database.read(read)

    def status_counts(self, key: AssetKey) -> tuple[int, int, int]:
        """How many partitions are materialized, failed and in progress."""
        found = self.status_sets(key)
        return sets.size(found.materialized), sets.size(found.failed), sets.size(found.in_progress)

    def made_since(self, key: AssetKey, generation: int) -> StoredSet:
        """The partitions that were materialized by events after a generation of the asset."""

        def read(tx: Transaction) -> StoredSet:
            asset = self._names.find_asset(tx, key)
            if asset is None:
                return sets.EMPTY
            return sets.from_spans(tx.all("segments_since", asset=asset, generation=generation))

        return self._database.read(read)

    def not_made_since(
        self, key: AssetKey, place: tuple[str, int, int], generation: int
    ) -> list[tuple[str, int, int]]:
        """The parts of an attempt (slice, lo, hi) that no later materialization covers."""

        def read(tx: Transaction) -> list[tuple[str, int, int]]:
            asset = self._names.find_asset(tx, key)
            return [] if asset is None else _not_since(tx, asset, *place, generation)

        return self._database.read(read)

    def latest_checks(self) -> list[StoredEvent]:
        """The latest result of every check."""

        def read(tx: Transaction) -> list[StoredEvent]:
            return self.events_in(tx, [row[2] for row in tx.all("latest_checks")])

        return self._database.read(read)

    def segments_of(self, key: AssetKey) -> list[StoredSegment]:
        """Every run of partitions with the event that made it and its versions."""

        def read(tx: Transaction) -> list[StoredSegment]:
            asset = self._names.find_asset(tx, key)
            if asset is None:
                return []
            rows = tx.all("list_segments", asset=asset, layer=segments.MATERIALIZED)
            return [
                StoredSegment(
                    slice=row[0],
                    lo=row[1],
                    hi=row[2],
                    event_id=row[3],
                    run_id=row[4] or "",
                    data_version=row[5],
                    code_version=row[6],
                )
                for row in rows
            ]

        return self._database.read(read)

    def made_pieces(self, key: AssetKey, stored: StoredSet) -> list[MadePiece]:
        """What of a set is materialized, by which events; in order of slice and place."""

        def read(tx: Transaction) -> list[MadePiece]:
            asset = self._names.find_asset(tx, key)
            if asset is None:
                return []
            return [
                MadePiece(
                    slice=found.slice,
                    lo=found.lo,
                    hi=found.hi,
                    event_id=found.event,
                    data_version=found.data_version,
                )
                for found in segments.within(tx, asset, segments.MATERIALIZED, stored)
            ]

        return self._database.read(read)

    def unplaced_keys(self, key: AssetKey, limit: int = 10_000) -> list[str]:
        """Keys that were materialized by events that did not say which partitions they are (see `place`)."""
        return self._database.read(
            lambda tx: [row[0] for row in self._unplaced(tx, self._names.find_asset(tx, key), limit)]
        )

    def place(self, key: AssetKey, places: Mapping[str, StoredSet]) -> None:
        """Say where partition keys lie that were materialized by key alone. Later events on these places stand.

        Args:
            places: partition key to its set; an empty one: the definition no longer has the key.
        """

        def place(tx: Transaction) -> None:
            asset = self._names.find_asset(tx, key)
            if asset is None:
                return
            row = tx.one("lock_asset", asset=asset, materialization=None, observation=None)
            for text, event, run, *versions in self._unplaced(tx, asset, 10_000):
                if row is None or text not in places:
                    continue
                if run == WIPE:
                    forget_set(tx, asset, places[text], event, int(versions[0]))
                    tx.run("note_removal", asset=asset)
                    tx.run("delete_unplaced", asset=asset, partition_key=text, event=event)
                    continue
                pieces = [
                    Segment(name, lo, hi, event, run, *versions)
                    for name, spans in places[text].runs.items()
                    for lo, hi in spans
                    if not any(
                        old[2] > event
                        for old in tx.all(
                            "overlapping_segments",
                            asset=asset,
                            layer=segments.MATERIALIZED,
                            slice=name,
                            lo=lo,
                            hi=hi,
                        )
                    )
                ]
                if pieces:
                    segments.overwrite(tx, asset, segments.MATERIALIZED, pieces, row[0])
                tx.run("delete_unplaced", asset=asset, partition_key=text, event=event)

        self._database.write(place)

    def materialized_keys(
        self, key: AssetKey, before_id: int | None = None, after_id: int | None = None
    ) -> set[str]:
        """The texts of all partition keys that were ever materialized and not wiped since, whatever defines them.

        Args:
            before_id: only events with a lower storage id count.
            after_id: only events with a higher one.
        """

        def read(tx: Transaction) -> set[str]:
            entry = self._entry(tx, key)
            if entry is None:
                return set()
            asset = entry.storage_id
            after = max(entry.wiped_event, after_id or 0)
            before = before_id if before_id is not None else 2**62
            span = {"asset": asset, "type": _MATERIALIZED, "after": after}
            found = {row[0]: 0 for row in tx.all("partition_keys_of", before=before, **span)}
            rows = tx.all("sets_of_asset", limit=2**31 - 1, **span)
            for stored in self.events_in(tx, [row[0] for row in rows if row[0] < before]):
                for text in stored.event.partition_keys or ():
                    found[text] = stored.storage_id
            for text, wiped in wiped_keys(tx, asset, entry.wiped_event, self.events_in).items():
                if text in found and found[text] < wiped:
                    row = tx.one(
                        "latest_of_partition", asset=asset, type=_MATERIALIZED, partition_key=text, wiped=wiped
                    )  # fmt: skip
                    if row is None or row[0] >= before:
                        del found[text]
            return set(found)

        return self._database.read(read)

    # --- wiping

    def wipe(self, tx: Transaction, key: AssetKey, wiped_event: int, now: float) -> None:
        """Hide everything that came before the event that says the asset is wiped; nothing is lost."""
        asset = self._names.find_asset(tx, key)
        if asset is not None:
            tx.run("wipe_asset", asset=asset, event=wiped_event, now=now)
            tx.run("delete_segments_of", asset=asset)
            tx.run("delete_unplaced_of", asset=asset)
            tx.run("delete_status_cache", asset=asset)

    def wipe_partitions(
        self, tx: Transaction, key: AssetKey, keys: Sequence[str], stored: StoredSet | None, wiped_event: int
    ) -> None:
        """Make some partitions unmaterialized; their events stay in the history.

        Args:
            stored: where they lie; None: whoever has the definition will say (see `place`).
        """
        asset = self._names.find_asset(tx, key)
        row = tx.one("get_asset", asset=asset) if asset is not None else None
        if asset is None or row is None:
            return
        if stored is None:
            forget_keys(tx, asset, keys, wiped_event)
        else:
            tx.run("note_removal", asset=asset)
            for layer in segments.layers_of(tx, asset):
                segments.remove(tx, asset, layer, stored)
        settle_latest(tx, asset, row[7], {_MATERIALIZED: row[5], _OBSERVED: row[6]}, self.events_in)

    # --- inside

    def _entry(self, tx: Transaction, key: AssetKey) -> AssetEntry | None:
        asset = self._names.find_asset(tx, key)
        row = tx.one("get_asset", asset=asset) if asset is not None else None
        return entry_of(row) if row is not None and row[9] else None

    def _unplaced(self, tx: Transaction, asset: int | None, limit: int) -> list[Row]:
        return [] if asset is None else tx.all("list_unplaced", asset=asset, limit=limit)

    def _latest(self, key: AssetKey, kind: EventType, partition_key: str | None) -> StoredEvent | None:
        def read(tx: Transaction) -> StoredEvent | None:
            found = self._latest_id(tx, key, kind.value, partition_key, {}, {})
            return None if found is None else self.events_in(tx, [found])[0]

        return self._database.read(read)

    def _latest_id(
        self,
        tx: Transaction,
        key: AssetKey,
        kind: str,
        partition_key: str | None,
        ranges: dict[AssetKey, list[StoredEvent]],
        wipes: dict[AssetKey, dict[str, int]],
    ) -> int | None:
        entry = self._entry(tx, key)
        if entry is None:
            return None
        if partition_key is None:
            return entry.last_materialization if kind == _MATERIALIZED else entry.last_observation
        if key not in wipes:
            wipes[key] = wiped_keys(tx, entry.storage_id, entry.wiped_event, self.events_in)
        wiped = max(entry.wiped_event, wipes[key].get(partition_key, 0))
        row = tx.one(
            "latest_of_partition",
            asset=entry.storage_id,
            type=kind,
            partition_key=plain(partition_key),
            wiped=wiped,
        )
        latest = int(row[0]) if row is not None else None
        if key not in ranges:
            rows = tx.all(
                "sets_of_asset", asset=entry.storage_id, type=kind, after=entry.wiped_event, limit=1000
            )
            ranges[key] = self.events_in(tx, [each[0] for each in rows])[::-1]
        for stored in ranges[key]:
            if stored.storage_id < max(latest or 0, wiped):
                break
            if partition_key in (stored.event.partition_keys or ()):
                return stored.storage_id
        return latest

    def _materialized(
        self, tx: Transaction, asset: int, generation: int, removed: int
    ) -> tuple[StoredSet, int]:
        """The set, and how many segments had to be folded for it."""
        known = self._sets.get(asset)
        if known is None or known[0] < removed:
            cached = tx.one("get_status_cache", asset=asset)
            known = None
            if cached is not None and removed <= cached[0] <= generation:
                # A damaged cache is no loss: the segments say it all.
                with contextlib.suppress(*UNREADABLE):
                    known = (cached[0], decode_set(bytes(cached[1])))
        if known is not None and known[0] == generation:
            return known[1], 0
        since, base = known if known is not None else (-1, sets.EMPTY)
        rows = tx.all("segments_since", asset=asset, generation=since)
        return sets.union(base, sets.from_spans(rows)), len(rows)

    def _store_cache(self, asset: int, generation: int, stored: StoredSet) -> None:
        body = encode(stored)
        self._database.write(
            lambda tx: tx.run("put_status_cache", asset=asset, generation=generation, materialized=body)
        )


def _not_since(
    tx: Transaction, asset: int, name: str, lo: int, hi: int, generation: int
) -> list[tuple[str, int, int]]:
    """The parts of an attempt that no later materialization covers."""
    found = tx.all("overlapping_segments", asset=asset, layer=segments.MATERIALIZED, slice=name, lo=lo, hi=hi)
    later = sorted((row[0], row[1]) for row in found if row[6] > generation)
    rest = sets.difference(StoredSet({name: ((lo, hi),)}), StoredSet({name: tuple(later)}))
    return [(name, start, end) for start, end in rest.runs.get(name, ())]


def _state(stored: StoredEvent) -> AssetState:
    event = stored.event
    data = event.data if isinstance(event.data, AssetData) else AssetData()
    return AssetState(
        event_id=stored.storage_id,
        timestamp=event.timestamp,
        run_id=event.run_id,
        code_version=data.code_version,
        data_version=data.data_version,
        config_version=data.config_version,
        input_versions=data.input_versions,
        writer_version=data.tags.get(WRITER_VERSION_TAG) if data.tags else None,
        problem=event.data.error.message
        if isinstance(event.data, LogData) and event.data.error is not None
        else None,
        partition_keys=event.partition_keys,
        is_observation=event.type is EventType.ASSET_OBSERVATION,
    )


def wiped_write(key: AssetKey, now: float, partition_keys: tuple[str, ...] | None) -> EventWrite:
    """The event that says an asset, or some of its partitions, was wiped."""
    event = Event(
        run_id="",
        type=EventType.ASSET_WIPED,
        timestamp=now,
        asset_key=key,
        partition_keys=partition_keys,
        data=AssetData(),
    )
    return EventWrite(event, WHOLE if partition_keys is None else None)
