"""The state of an instance as automation reads it (`plan.automation.facts.AutomationState`)."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from treadle.core.errors import TreadleError
from treadle.core.events import AssetData, CheckData, EventType, StoredEvent
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.partitions.stored import from_stored
from treadle.core.partitions.stored_set import StoredSet
from treadle.core.run_states import RunStatus
from treadle.plan.automation.facts import Changes, Entity, Facts, Members, Piece, Seen, Wanted
from treadle.store import sets
from treadle.store.assets import AssetEntry
from treadle.store.backfills import target_of
from treadle.store.changes import Position
from treadle.store.check_verdicts import check_key_of, is_of_older, latest_results, materialization_of
from treadle.store.codec import read_event_body
from treadle.store.database import Transaction
from treadle.store.instance import Instance
from treadle.store.names import key_from_text

_MOST_CHANGES: Final = 50_000
"""After so many changes it is cheaper to read everything."""
_PAGE: Final = 5_000
_MANY: Final = 100
"""From so many entities on, all are read with one query."""
_PLANNED: Final = 200
"""So many times that checks of an asset were set out to be evaluated are looked through for the last of each."""
_DYNAMIC: Final = "dynamic:"

Spans = list[tuple[str, int, int]]


class AutomationReader:
    """Reads what conditions ask. Made for one evaluation: what it read once it does not read again.

    Args:
        instance: whose state.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._store = instance.store
        self._targets: dict[str, AbstractSet[Entity]] = {}
        self._tags: dict[str, Mapping[str, str]] = {}
        self._backfills: dict[AssetKey, StoredSet] | None = None
        self._under_way: AbstractSet[Entity] | None = None

    # --- the feed

    def position(self) -> str:
        """The place in the feed of changes up to which everything is seen."""
        return str(self._store.last_position())

    def changes_since(self, position: str) -> Changes | None:
        """What changed after a position; None where that can not be told any more."""
        try:
            place = Position.parse(position)
        except TreadleError:
            return None
        first = self._store.database.read(lambda tx: tx.one("first_change"))
        if first is None and place != Position():
            return None  # all was pruned, maybe also what followed the position
        start = Position() if first is None else Position(first[0], first[1])
        if start > place and (place != Position() or start.number != 1):
            return None  # what followed the position was pruned, or it is of another store
        entities: set[Entity] = set()
        dynamic: set[str] = set()
        wiped: set[AssetKey] = set()
        count = 0
        while True:
            page = self._store.changes_after(place, _PAGE)
            for change in page:
                if change.kind == "run":
                    if change.run_id is not None:
                        entities |= self.targets_of(change.run_id)
                elif change.kind == "partition":
                    dynamic.add(change.subject.removeprefix(_DYNAMIC))
                elif change.kind == "backfill":
                    found = self._store.backfills.find(change.subject)
                    entities |= found.target.keys() if found is not None else set()
                else:
                    key = key_from_text(change.subject)
                    entities.add(key)
                    if change.kind == "check":
                        entities |= self._checks_of_event(change.reference)
                    elif change.kind == "wiped":
                        wiped.add(key)
            if len(page) < _PAGE:
                return Changes(entities, dynamic, wiped)
            place = page[-1].position
            count += len(page)
            if count > _MOST_CHANGES:
                return None

    def _checks_of_event(self, storage_id: int) -> set[Entity]:
        found = self._store.assets.events([storage_id])
        return {key for stored in found if (key := check_key_of(stored)) is not None}

    # --- what is true

    def facts(self, wanted: Sequence[Wanted]) -> Sequence[Facts]:
        """What is true of entities now, in the order asked."""
        assets = [one.key for one in wanted if isinstance(one.key, AssetKey)]
        checks = [one for one in wanted if isinstance(one.key, AssetCheckKey)]
        checked = {one.key.asset_key for one in checks if isinstance(one.key, AssetCheckKey)}
        entries = self._entries([*assets, *(checked.difference(assets) if checked else ())])
        attempts = self._attempts(entries)
        latest = self._latest_checks(checks)
        raised = self._raised([one.key for one in checks if one.space is None], latest)
        made = self._made_last({key: entries[key] for key in checked if key in entries})
        observed = self._observed([one for one in wanted if not one.is_made], entries)
        found = []
        for one in wanted:
            if isinstance(one.key, AssetCheckKey):
                found.append(
                    self._check_facts(
                        one, latest.get(one.key), made.get(one.key.asset_key), raised.get(one.key)
                    )
                )
            else:
                entry = entries.get(one.key)
                tried = attempts.get(entry.storage_id, ()) if entry is not None else ()
                found.append(self._asset_facts(one, entry, tried, observed))
        return found

    def _entries(self, keys: Sequence[AssetKey]) -> dict[AssetKey, AssetEntry]:
        if len(keys) >= _MANY:
            wanted = set(keys)
            entries = self._store.assets.list_all()
            return {entry.key: entry for entry in entries if entry.key in wanted}
        found = [self._store.assets.find(key) for key in keys]
        return {entry.key: entry for entry in found if entry is not None}

    def _attempts(self, entries: Mapping[AssetKey, AssetEntry]) -> dict[int, list[tuple[Any, ...]]]:
        """What runs have set out to make and not made, by asset: slice, lo, hi, generation and the run's status."""

        def read(tx: Transaction) -> dict[int, list[tuple[Any, ...]]]:
            found: dict[int, list[tuple[Any, ...]]] = {}
            if len(entries) >= _MANY:
                for asset, *rest in tx.all("open_attempts"):
                    found.setdefault(asset, []).append(tuple(rest))
                return found
            for entry in entries.values():
                rows = tx.all("attempts_of", asset=entry.storage_id)
                found[entry.storage_id] = [tuple(row[:5]) for row in rows]
            return found

        return self._store.database.read(read)

    def _asset_facts(
        self,
        wanted: Wanted,
        entry: AssetEntry | None,
        attempts: Sequence[tuple[Any, ...]],
        observed: Mapping[int, str | None],
    ) -> Facts:
        key, space, before, is_made = wanted
        assert isinstance(key, AssetKey)
        backfilling = self._backfilled(key, space)
        if entry is None:
            none: Members = False if space is None else space.empty()
            running, failed = self._tried(key, space, attempts)
            return Facts(none, running, failed, backfilling, none, before or Seen())
        if space is not None:
            self.instance.place(key, space.definition)
            entry = self._store.assets.find(key) or entry
        event, observation = entry.last_materialization or 0, entry.last_observation or 0
        version = observed.get(observation) if not is_made else None
        seen = Seen(entry.generation, event, observation, version)
        running, failed = self._tried(key, space, attempts)
        if space is not None:
            made: Members = self._restored(key, space, self._store.assets.materialized_set(key))
            fresh: Members = space.empty()
            if before is not None and before.generation < entry.generation:
                spans = self._store.assets.made_since(key, before.generation)
                fresh = self._restored(key, space, spans)
            return Facts(made, running, failed, backfilling, fresh, seen)
        made = bool(event) or (not is_made and bool(observation))
        fresh = before is not None and (
            event > before.event
            or (
                not is_made
                and observation > before.observation
                and (version is None or version != before.version)
            )
        )
        return Facts(made, running, failed, backfilling, fresh, seen)

    def _tried(
        self, key: AssetKey, space: PartitionSpace | None, attempts: Sequence[tuple[Any, ...]]
    ) -> tuple[Members, Members]:
        """What runs are making, and what failed last."""
        running: Spans = []
        failed: Spans = []
        for name, lo, hi, generation, status in attempts:
            state = RunStatus(status)
            if state.is_terminal and state is not RunStatus.FAILURE:
                continue
            pieces = self._store.assets.not_made_since(key, (name, lo, hi), generation)
            (failed if state.is_terminal else running).extend(pieces)
        if space is None:
            # An event from elsewhere covers a run's attempt; the run is under way all the same.
            return bool(running) or self._is_under_way(key), bool(failed)
        stored = [sets.from_spans(sorted(spans)) for spans in (running, failed)]
        return self._restored(key, space, stored[0]), self._restored(key, space, stored[1])

    def _restored(self, key: AssetKey, space: PartitionSpace, stored: StoredSet) -> PartitionSet:
        if not stored.runs:
            return space.empty()
        return from_stored(space, stored, self.instance.partition_ids(key)).partitions

    def _observed(
        self, wanted: Sequence[Wanted], entries: Mapping[AssetKey, AssetEntry]
    ) -> dict[int, str | None]:
        """The data versions of the last observations of assets that runs do not make, by event."""
        ids = []
        for one in wanted:
            entry = entries.get(one.key) if isinstance(one.key, AssetKey) else None
            if entry is not None and entry.last_observation:
                ids.append(entry.last_observation)
        found = self._store.assets.events(sorted(ids)) if ids else []
        return {stored.storage_id: _version_of(stored) for stored in found}

    # --- checks

    def _latest_checks(self, wanted: Sequence[Wanted]) -> dict[AssetCheckKey, list[StoredEvent]]:
        """The last result of each check; of one with partitions its history, the newest first."""
        plain = [one.key for one in wanted if one.space is None and isinstance(one.key, AssetCheckKey)]
        latest = latest_results(self._store.assets, plain)
        found = {key: [result] for key, result in latest.items()}
        for one in wanted:
            if one.space is not None and isinstance(one.key, AssetCheckKey):
                found[one.key] = self._store.assets.check_history(one.key.asset_key, one.key.name, 10_000)
        return found

    def _raised(
        self,
        keys: Sequence[Entity],
        latest: Mapping[AssetCheckKey, list[StoredEvent]],
    ) -> dict[Entity, tuple[str, float]]:
        """The run and the time of the last evaluation of a check, where that run failed before there was a result."""

        def read(tx: Transaction) -> dict[AssetKey, list[tuple[Any, ...]]]:
            if not keys or tx.one("any_failed_run") is None:
                return {}
            found = {}
            for key in {one.asset_key for one in keys if isinstance(one, AssetCheckKey)}:
                name = self._store.names.find_asset(tx, key)
                if name is not None:
                    found[key] = list(tx.all("planned_checks_of", asset=name, most=_PLANNED))
            return found

        raised: dict[Entity, tuple[str, float]] = {}
        for asset, rows in self._store.database.read(read).items():
            told: set[AssetCheckKey] = set()
            for body, time, run_id, status in rows:
                data = read_event_body(bytes(body)).data
                if not isinstance(data, CheckData):
                    continue
                key = AssetCheckKey(asset, data.name)
                if key in told:
                    continue
                told.add(key)
                history = latest.get(key)
                has_result = bool(history) and history[0].event.run_id == run_id  # type: ignore[index]
                if status == RunStatus.FAILURE.value and not has_result:
                    raised[key] = (run_id, time)
        return raised

    def _made_last(self, entries: Mapping[AssetKey, AssetEntry]) -> dict[AssetKey, StoredEvent]:
        """The last materialization of each asset."""
        ids = sorted(entry.last_materialization for entry in entries.values() if entry.last_materialization)
        found = self._store.assets.events(ids) if ids else ()
        return {stored.event.asset_key: stored for stored in found if stored.event.asset_key is not None}

    def _check_facts(
        self,
        wanted: Wanted,
        history: Sequence[StoredEvent] | None,
        materialized: StoredEvent | None,
        raised: tuple[str, float] | None,
    ) -> Facts:
        """What is true of a check; a result of a materialization that is not the last any more is as none."""
        key, space, before, _ = wanted
        assert isinstance(key, AssetCheckKey)
        under_way = self._is_under_way(key)
        event = history[0].storage_id if history else 0
        seen = Seen(0, event, 0, None)
        if space is None:
            fresh = before is not None and event > before.event
            if raised is not None and not _is_made_since(materialized, *raised):
                return Facts(False, under_way, True, False, False, seen, False)
            made = bool(history) and not _is_of_older(history[0], materialized)  # type: ignore[index]
            passed = made and _passed(history[0])  # type: ignore[index]
            return Facts(made, under_way, False, False, fresh, seen, passed)
        none = space.empty()
        made_set = passed_set = fresh_set = told_set = none
        for stored in history or ():
            told = space.find_keys(stored.event.partition_keys or ())[0] - told_set
            told_set = told_set | told
            if before is not None and stored.storage_id > before.event:
                fresh_set = fresh_set | told
            if told and _is_of_older(stored, materialized):
                told = told - self._made_after(key.asset_key, space, materialization_of(stored))
            made_set = made_set | told
            passed_set = passed_set | told if _passed(stored) else passed_set
        running = space.all() if under_way else none
        return Facts(made_set, running, none, none, fresh_set, seen, passed_set)

    def _made_after(self, key: AssetKey, space: PartitionSpace, event: int) -> PartitionSet:
        """The partitions of an asset whose last materialization came after an event."""
        self.instance.place(key, space.definition)
        later = sorted(
            (one.slice, one.lo, one.hi) for one in self._store.assets.segments_of(key) if one.event_id > event
        )
        return self._restored(key, space, sets.from_spans(later))

    def _is_under_way(self, key: Entity) -> bool:
        """Whether a run that is not over set out to make it and has not yet."""
        if self._under_way is None:
            runs = [row[0] for row in self._store.database.read(lambda tx: tx.all("runs_under_way"))]
            self._under_way = {key for run_id in runs for key in self._left_of(run_id)}
        return key in self._under_way

    def _left_of(self, run_id: str) -> AbstractSet[Entity]:
        ids = self._store.database.read(lambda tx: [row[0] for row in tx.all("made_by_run", run_id=run_id)])
        done: set[Entity] = set()
        for stored in self._store.assets.events(ids):
            key = check_key_of(stored) or stored.event.asset_key
            if key is not None:
                done.add(key)
        return self.targets_of(run_id) - done

    # --- runs and backfills

    def pieces(self, key: AssetKey, space: PartitionSpace | None) -> Sequence[Piece]:
        """What is materialized of an asset, by which runs and in which data versions."""
        found: list[Piece] = []
        segments = self._store.assets.segments_of(key)
        for segment in segments:
            version = segment.data_version or f"event {segment.event_id}"
            if space is None:
                found.append(Piece(True, segment.run_id, version, segment.event_id))
                continue
            stored = StoredSet({segment.slice: ((segment.lo, segment.hi),)})
            members = self._restored(key, space, stored)
            if members:
                found.append(Piece(members, segment.run_id, version, segment.event_id))
        if not segments and space is None:
            last = self._store.assets.latest_observation(key)
            if last is not None:
                version = _version_of(last) or f"event {last.storage_id}"
                found.append(Piece(True, last.event.run_id, version, last.storage_id))
        return found

    def targets_of(self, run_id: str) -> AbstractSet[Entity]:
        """The assets and checks that a run set out to make."""
        found = self._targets.get(run_id)
        if found is None:

            def read(tx: Transaction) -> set[Entity]:
                planned: set[Entity] = set()
                for asset, kind, body in tx.all("planned_of_run", run_id=run_id):
                    key = self._store.names.asset_key(tx, asset)
                    if kind == EventType.ASSET_MATERIALIZATION_PLANNED.value:
                        planned.add(key)
                        continue
                    data = read_event_body(bytes(body)).data
                    if isinstance(data, CheckData):
                        planned.add(AssetCheckKey(key, data.name))
                return planned

            found = self._targets[run_id] = self._store.database.read(read)
        return found

    def tags_of(self, run_id: str) -> Mapping[str, str]:
        """The tags of a run."""
        found = self._tags.get(run_id)
        if found is None:
            run = self._store.find_run(run_id)
            found = self._tags[run_id] = {} if run is None else run.tags
        return found

    def _backfilled(self, key: AssetKey, space: PartitionSpace | None) -> Members:
        if self._backfills is None:
            self._backfills = {}
            for row in self._store.database.read(lambda tx: tx.all("open_backfills")):
                for asset, stored in target_of(bytes(row[2])).items():
                    known = self._backfills.get(asset, sets.EMPTY)
                    self._backfills[asset] = sets.union(known, stored)
        stored = self._backfills.get(key, sets.EMPTY)
        return bool(stored.runs) if space is None else self._restored(key, space, stored)

    def updated_at(self, key: AssetKey) -> float | None:
        """When an asset was last updated, in Unix seconds."""
        last = self._store.assets.latest_materialization(key) or self._store.assets.latest_observation(key)
        return None if last is None else last.event.timestamp

    # --- dynamic partitions

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """The keys of a dynamic definition, in the order added."""
        return self.instance.get_dynamic_partitions(partitions_def_name)

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a key is among them."""
        return self.instance.has_dynamic_partition(partitions_def_name, partition_key)


def _version_of(stored: StoredEvent) -> str | None:
    data = stored.event.data
    return data.data_version if isinstance(data, AssetData) else None


def _passed(stored: StoredEvent) -> bool:
    data = stored.event.data
    return isinstance(data, CheckData) and bool(data.passed)


def _is_of_older(result: StoredEvent, materialized: StoredEvent | None) -> bool:
    return materialized is not None and is_of_older(
        result, materialized.storage_id, materialized.event.run_id
    )


def _is_made_since(materialized: StoredEvent | None, run_id: str, time: float) -> bool:
    """Whether an asset was materialized after a time by another run than that one."""
    if materialized is None or materialized.event.run_id == run_id:
        return False
    return materialized.event.timestamp > time
