"""Appending events: the log, the run's state, asset events, segments and changes, in one transaction."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from treadle.core.events import (
    WRITER_TAG,
    AssetData,
    CheckData,
    Event,
    EventType,
    FailureData,
    LogData,
    StoredEvent,
)
from treadle.core.keys import AssetKey
from treadle.core.metadata_entries import MAX_EVENT_BYTES
from treadle.core.partitions.stored_set import WHOLE, StoredSet
from treadle.core.run_states import RUN_EVENT_STATUS, TERMINAL, RunStatus, states_before
from treadle.store import segments
from treadle.store.codec import (
    CORRUPT_RECORD,
    UNREADABLE,
    EventBody,
    corrupt,
    decode_event_body,
    encode,
    plain,
)
from treadle.store.database import Row, Transaction
from treadle.store.event_limits import cut_data, cut_text, encode_error
from treadle.store.names import Names
from treadle.store.segments import Overwrite, Segment, SegmentWrites

ASSET_EVENTS: Final[dict[EventType, str]] = {
    EventType.ASSET_MATERIALIZATION: "materialization",
    EventType.ASSET_OBSERVATION: "observation",
    EventType.ASSET_CHECK_EVALUATION: "check",
    EventType.ASSET_FAILED_TO_MATERIALIZE: "failed",
    EventType.ASSET_WIPED: "wiped",
    EventType.ASSET_HEALTH_CHANGED: "health",
    EventType.FRESHNESS_STATE_CHANGE: "freshness",
}
"""Kept for ever; the word is the kind of change that they are."""

_KINDS: Final = frozenset(each.value for each in EventType)
_PLANNED = EventType.ASSET_MATERIALIZATION_PLANNED


class EventWrite(msgspec.Struct, frozen=True):
    """An event to append and, for an asset's, the set of partitions that it is about (None: it has none)."""

    event: Event
    stored_set: StoredSet | None = None


class Appended(NamedTuple):
    """What became of a batch."""

    first_sequence: int
    last_sequence: int
    stale: bool
    """True where any of it came from a writer that no longer holds the run: stop, another attempt has it."""


class _Batch:
    """Rows gathered from one batch before they are sent."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []
        self.asset_writes: list[tuple[EventWrite, int]] = []
        self.planned: list[EventWrite] = []
        self.changes: list[tuple[Any, ...]] = []
        self.segments = SegmentWrites()
        self.stale = False


class Events:
    """The log of each run, and the events of assets."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def append(
        self,
        tx: Transaction,
        run_id: str,
        token: int,
        writes: Sequence[EventWrite],
        now: float,
        *,
        may_repeat: bool,
        any_token: bool = False,
    ) -> Appended:
        """Append a batch of one run's events; those that are stored already are left out.

        Args:
            run_id: whose log.
            token: of the writer's lease; 0 for a writer without one.
            writes: in order.
            may_repeat: look for events that are stored already (after a failed or unanswered attempt).
            any_token: let run events through whatever lease is live (a cancel request).
        """
        repeated_stale = False
        if may_repeat:
            row = tx.one("lock_run", run_id=run_id, count=0)
            writes, repeated_stale = self._without_repeated(tx, int(row[0]) if row else 0, writes)
        row = tx.one("lock_run", run_id=run_id, count=len(writes))
        if row is None:
            raise KeyError(run_id)
        run, last, status, live_token, _ = row
        sequence = last - len(writes)
        state = _RunState(run, RunStatus(status), live_token, token, any_token)
        batch = _Batch()
        batch.stale = repeated_stale
        keys = {write.event.asset_key for write in writes if write.event.asset_key is not None}
        ids = self._names.asset_ids(tx, keys, now) if keys else {}
        for write in writes:
            sequence += 1
            self._take(tx, state, batch, write, sequence, ids, now)
        if batch.events:
            tx.many("add_event", batch.events)
        if batch.planned:
            self._note_attempts(tx, run, batch, ids)
        if batch.asset_writes:
            self._add_asset_events(tx, run, batch, ids, now)
        batch.segments.send(tx)
        if batch.changes:
            tx.many("add_change", [(*change, now) for change in batch.changes])
        return Appended(last - len(writes) + 1, last, batch.stale)

    def append_runless(
        self, tx: Transaction, writes: Sequence[EventWrite], now: float, *, may_repeat: bool
    ) -> list[int]:
        """Append asset events that no run reported; their storage ids."""
        if may_repeat:
            stored = [self.runless_id(tx, write.event) for write in writes]
            known = [number for number in stored if number is not None]
            if known:
                # They were written together or not at all.
                return known
        batch = _Batch()
        batch.asset_writes = [(write, 0) for write in writes]
        ids = self._names.asset_ids(
            tx, {write.event.asset_key for write in writes if write.event.asset_key is not None}, now
        )
        numbers = self._add_asset_events(tx, 0, batch, ids, now)
        batch.segments.send(tx)
        tx.many("add_change", [(*change, now) for change in batch.changes])
        return numbers

    def read(
        self, tx: Transaction, run_id: str, after_sequence: int = 0, limit: int = 1_000_000
    ) -> list[StoredEvent]:
        """A run's events in order, those after a sequence number."""
        row = tx.one("find_run_row", run_id=run_id)
        if row is None:
            return []
        found = tx.all("read_events", run=row[0], after=after_sequence, limit=limit)
        return [self._event(tx, run_id, each) for each in found]

    # --- one event

    def _take(
        self,
        tx: Transaction,
        state: "_RunState",
        batch: _Batch,
        write: EventWrite,
        sequence: int,
        ids: dict[AssetKey, int],
        now: float,
    ) -> None:
        event = write.event
        kind = event.type
        target = RUN_EVENT_STATUS.get(kind)
        moved = False
        if target is not None:
            moved = state.move(tx, event, target, now)
            stale = not moved
        else:
            stale = state.refuses(kind)
        if stale:
            batch.stale = True
        elif kind in ASSET_EVENTS and event.asset_key is not None:
            batch.asset_writes.append((write, sequence))
            return
        elif kind is _PLANNED and event.asset_key is not None:
            batch.planned.append(write)
        if moved and target is not None:
            batch.changes.append(("run", target.value, state.run, sequence))
        batch.events.append(
            (
                state.run,
                sequence,
                event.attempt,
                event.producer,
                event.n,
                kind._value_,
                event.timestamp,
                plain(event.step_key) if event.step_key is not None else None,
                ids[event.asset_key] if event.asset_key is not None else None,
                1 if target is not None else 0,
                1 if stale else 0,
                _body(event),
            )
        )

    def runless_id(self, tx: Transaction, event: Event) -> int | None:
        """The storage id of an event that no run reported, if it is stored already."""
        row = tx.one("find_runless_event", attempt=event.attempt, producer=event.producer, n=event.n)
        return None if row is None else int(row[0])

    def _without_repeated(
        self, tx: Transaction, run: int, writes: Sequence[EventWrite]
    ) -> tuple[list[EventWrite], bool]:
        numbers: dict[tuple[int, str], list[int]] = {}
        for write in writes:
            numbers.setdefault((write.event.attempt, write.event.producer), []).append(write.event.n)
        stored: set[tuple[int, str, int]] = set()
        stale = False
        for (attempt, producer), found in numbers.items():
            rows = tx.all(
                "find_duplicates",
                run=run,
                attempt=attempt,
                producer=producer,
                low=min(found),
                high=max(found),
            )
            wanted = set(found)
            stored.update((attempt, row[0], row[1]) for row in rows)
            stale = stale or any(row[2] and row[1] in wanted for row in rows)
        fresh = []
        for write in writes:
            key = (write.event.attempt, write.event.producer, write.event.n)
            if key not in stored:
                stored.add(key)
                fresh.append(write)
        return fresh, stale

    # --- assets

    def _add_asset_events(
        self, tx: Transaction, run: int, batch: _Batch, ids: dict[AssetKey, int], now: float
    ) -> list[int]:
        writers = {name for write, _ in batch.asset_writes if (name := _writer_of(write.event)) is not None}
        layers = self._names.ids(tx, "writer", writers, now) if writers else {}
        numbers = _reserve_ids(tx, len(batch.asset_writes))
        rows = []
        by_asset: dict[int, list[tuple[EventWrite, int]]] = {}
        for (write, sequence), number in zip(batch.asset_writes, numbers, strict=True):
            event = write.event
            if event.asset_key is None:
                continue
            asset = ids[event.asset_key]
            by_asset.setdefault(asset, []).append((write, number))
            rows.append(_asset_row(number, asset, run, sequence, write))
            subject = self._names.text_of(event.asset_key)
            batch.changes.append((ASSET_EVENTS[event.type], subject, run, number))
        tx.many("add_asset_event", rows)
        self._settle_assets(tx, run, by_asset, batch.segments, layers)
        return numbers

    def _settle_assets(
        self,
        tx: Transaction,
        run: int,
        by_asset: Mapping[int, list[tuple[EventWrite, int]]],
        gathered: SegmentWrites,
        layers: Mapping[str, int],
    ) -> None:
        made = {
            asset: _of_type(by_asset[asset], EventType.ASSET_MATERIALIZATION) for asset in sorted(by_asset)
        }
        seen = {asset: _of_type(by_asset[asset], EventType.ASSET_OBSERVATION) for asset in made}
        generations = segments.lock_assets(
            tx, [(asset, _last_number(made[asset]), _last_number(seen[asset])) for asset in made]
        )
        overwrites = []
        for asset, generation in generations.items():
            pieces = [piece for write, number in made[asset] for piece in _segments(write, number, run)]
            if pieces:
                overwrites.append(Overwrite(asset, pieces, generation))
                gathered.forget_attempts(asset, pieces)
        gathered.overwrite_many(tx, segments.MATERIALIZED, overwrites)
        for name, layer in layers.items():
            for asset, generation in generations.items():
                own = [each for each in made[asset] if _writer_of(each[0].event) == name]
                pieces = [piece for write, number in own for piece in _segments(write, number, run)]
                if pieces:
                    gathered.overwrite(tx, asset, segments.layer_of_writer(layer), pieces, generation)
        unplaced = [
            (asset, plain(key), number, run, *_versions(write.event))
            for asset in generations
            for write, number in made[asset]
            if write.stored_set is None
            for key in write.event.partition_keys or ()
        ]
        if unplaced:
            tx.many("put_unplaced", unplaced)

    def _note_attempts(self, tx: Transaction, run: int, batch: _Batch, ids: dict[AssetKey, int]) -> None:
        by_asset: dict[int, list[Segment]] = {}
        for write in batch.planned:
            if write.event.asset_key is not None:
                by_asset.setdefault(ids[write.event.asset_key], []).extend(_segments(write, 0, run))
        generations = segments.lock_assets(tx, [(asset, None, None) for asset in sorted(by_asset)])
        planned = [
            Overwrite(asset, by_asset[asset], generation)
            for asset, generation in generations.items()
            if by_asset[asset]
        ]
        batch.segments.overwrite_many(tx, segments.ATTEMPT, planned)

    # --- reading

    def _event(self, tx: Transaction, run_id: str, row: Row) -> StoredEvent:
        sequence, attempt, producer, n, kind, at, step_key, asset, stale, body, number = row
        key = self._names.asset_key(tx, asset) if asset is not None else None
        event = event_of(run_id, sequence, attempt, producer, n, kind, at, step_key, key, body, number)
        return StoredEvent(event=event, storage_id=number, stale=bool(stale))


class _RunState:
    """A run's row while a batch is applied to it."""

    __slots__ = ("any_token", "live_token", "run", "status", "token")

    def __init__(self, run: int, status: RunStatus, live_token: int, token: int, any_token: bool) -> None:
        self.run = run
        self.status = status
        self.live_token = live_token
        self.token = token
        self.any_token = any_token

    def refuses(self, kind: EventType) -> bool:
        """Whether an event that is no state change comes from a writer that no longer holds the run."""
        if self.status in TERMINAL or (self.token and self.token != self.live_token):
            return True
        return not self.token and bool(self.live_token) and kind in ASSET_EVENTS

    def move(self, tx: Transaction, event: Event, target: RunStatus, now: float) -> bool:
        """Apply a run event's change of state; False where the guard refused it."""
        over = target in TERMINAL
        failure = event.data if isinstance(event.data, FailureData) else None
        error = failure.error if failure is not None else None
        changed = tx.run(
            "transition_run",
            run=self.run,
            to_status=target.value,
            from_statuses=[status.value for status in states_before(target)],
            now=now,
            started_at=event.timestamp if target is RunStatus.STARTED else None,
            ended_at=event.timestamp if over else None,
            end_reason=failure.failure_reason if failure is not None else None,
            error=encode_error(error) if error is not None else None,
            over=1 if over else 0,
            token=self.token,
            any_token=1 if self.any_token else 0,
        )
        if not changed:
            return False
        self.status = target
        if over and self.live_token:
            tx.run("delete_lease", run=self.run, token=self.live_token)
            self.live_token = 0
        return True


def event_of(
    run_id: str,
    sequence: int,
    attempt: int,
    producer: str,
    n: int,
    kind: str,
    at: float,
    step_key: str | None,
    key: AssetKey | None,
    body: bytes,
    number: int,
) -> Event:
    """An event from its columns; of one that is damaged, what its columns tell, and an error in place of the rest."""
    try:
        rest = decode_event_body(body)
        known = EventType(kind)
    except UNREADABLE as error:
        said = corrupt(f"event {number} ({kind})", error)
        text = f"{CORRUPT_RECORD}: {said.message}"
        rest = EventBody(message=text, level=logging.ERROR, data=LogData(error=said))
        known = EventType(kind) if kind in _KINDS else EventType.ENGINE_EVENT
    return Event(
        run_id=run_id,
        type=known,
        timestamp=at,
        attempt=attempt,
        producer=producer,
        n=n,
        sequence=sequence or None,
        job_name=rest.job_name,
        step_key=step_key,
        asset_key=key,
        partition_keys=rest.partition_keys,
        level=rest.level,
        message=rest.message,
        data=rest.data,
        pid=rest.pid,
    )


def _body(event: Event) -> bytes:
    message, data = event.message, event.data
    body = encode(EventBody(message, event.level, data, event.pid, event.partition_keys, event.job_name))
    if len(body) <= MAX_EVENT_BYTES:
        return body
    message, data = cut_text(message), cut_data(data)
    return encode(EventBody(message, event.level, data, event.pid, event.partition_keys, event.job_name))


def _reserve_ids(tx: Transaction, count: int) -> list[int]:
    """That many storage ids, ascending. A database with one writer tells the first."""
    numbers = sorted(row[0] for row in tx.all("reserve_asset_event_ids", count=count))
    return numbers if len(numbers) == count else list(range(numbers[0], numbers[0] + count))


def _asset_row(number: int, asset: int, run: int, sequence: int, write: EventWrite) -> tuple[Any, ...]:
    event = write.event
    keys = event.partition_keys
    return (
        number,
        asset,
        event.type.value,
        run,
        sequence,
        event.attempt,
        event.producer,
        event.n,
        event.timestamp,
        plain(event.step_key) if event.step_key is not None else None,
        event.data.name if isinstance(event.data, CheckData) else None,
        plain(keys[0]) if keys is not None and len(keys) == 1 else None,
        encode(write.stored_set) if keys is not None and len(keys) > 1 else None,
        _body(event),
    )


def _segments(write: EventWrite, number: int, run: int) -> Iterable[Segment]:
    versions = _versions(write.event)
    stored = write.stored_set
    if stored is None:
        stored = WHOLE if write.event.partition_keys is None else StoredSet({})
    return [
        Segment(name, lo, hi, number, run, *versions) for name, runs in stored.runs.items() for lo, hi in runs
    ]


def _writer_of(event: Event) -> str | None:
    data = event.data
    return data.tags.get(WRITER_TAG) if isinstance(data, AssetData) and data.tags else None


def _of_type(writes: list[tuple[EventWrite, int]], kind: EventType) -> list[tuple[EventWrite, int]]:
    return [each for each in writes if each[0].event.type is kind]


def _last_number(writes: list[tuple[EventWrite, int]]) -> int | None:
    return writes[-1][1] if writes else None


def _versions(event: Event) -> tuple[str | None, str | None]:
    data = event.data
    return (data.data_version, data.code_version) if isinstance(data, AssetData) else (None, None)
