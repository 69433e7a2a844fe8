"""Backfills: a frozen target set in chunks, each claimed once (I8)."""

from collections.abc import Mapping, Sequence, Set
from enum import StrEnum
from typing import Any, Final

import msgspec

from treadle.core.events import CheckData
from treadle.core.keys import AssetKey
from treadle.core.partitions.stored_set import StoredSet
from treadle.core.run_states import RunStatus
from treadle.core.runs import Holder
from treadle.store import sets
from treadle.store.changes import Changes
from treadle.store.codec import UNREADABLE, decode, encode, plain, read_event_body, shown_text
from treadle.store.database import Database, Row, Transaction
from treadle.store.errors import AlreadyTerminalError, StoreError
from treadle.store.liveness import liveness
from treadle.store.made_by_run import MadeByRun, made_by_run
from treadle.store.names import key_from_text

Target = Mapping[AssetKey, StoredSet]

_JOB: Final = "job"
"""Where the stored target has the partitions of a job; the keys of assets are JSON lists."""


class BackfillStatus(StrEnum):
    """Where a backfill stands; the stored word is the peer's."""

    REQUESTED = "REQUESTED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    SUCCESS = "COMPLETED_SUCCESS"
    FAILED = "COMPLETED_FAILED"


_ENDS: Final = {BackfillStatus.CANCELED, BackfillStatus.SUCCESS, BackfillStatus.FAILED}
_OPEN: Final = [BackfillStatus.REQUESTED.value, BackfillStatus.CANCELING.value]
MATERIALIZED: Final = "materialized"
CHUNK_STATES: Final = ("pending", "in_flight", MATERIALIZED, "failed", "skipped", "canceled")
_LOST: Final = frozenset({"failed", "skipped", "canceled"})


class Backfill(msgspec.Struct, frozen=True, kw_only=True):
    """A request to materialize a set of partitions, frozen when it was accepted."""

    backfill_id: str
    status: BackfillStatus
    version: int
    created_at: float
    ended_at: float | None
    target: dict[AssetKey, StoredSet]
    of_job: StoredSet | None = None
    """What of the partitions of a job of ops is to be run; None where assets are to be made."""
    body: bytes
    """What its maker stored with it (title, tags, policy, selection)."""
    damaged: bool = False
    """True where the target (it is empty then) or the status can not be read."""


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a backfill that one run makes."""

    backfill_id: str
    number: int
    run_id: str
    claim: str
    target: dict[AssetKey, StoredSet]
    """What is left to make."""
    of_job: StoredSet | None = None
    """The partitions of a job of ops that it runs, in place of the target's assets."""


class ChunkState(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a part of a backfill."""

    number: int
    state: str
    partitions: int
    run_id: str | None
    target: dict[AssetKey, StoredSet]
    """What is left to make, or was where it is materialized."""
    lost: dict[AssetKey, StoredSet]
    """What it was to make and did not."""
    of_job: StoredSet | None = None
    reason: str | None


class ChunkCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Chunks and partitions by state (`CHUNK_STATES`)."""

    chunks: dict[str, int]
    partitions: dict[str, int]


class Backfills:
    """The tables of backfills and chunks. A method is one transaction."""

    def __init__(self, database: Database, changes: Changes) -> None:
        self._database = database
        self._changes = changes

    def create(
        self,
        backfill_id: str,
        chunks: Sequence[Target | StoredSet],
        body: bytes,
        now: float,
        counts: Sequence[int] | None = None,
    ) -> None:
        """Accept a backfill. A repeated request is stored once.

        Args:
            chunks: disjoint parts; together they are the target. Of a job of ops, which has no assets, each is
                a set of the job's partitions.
            body: what to keep with it.
            counts: how many partitions each chunk holds; without it stored units count, seconds for time windows.

        Raises:
            StoreError: two chunks overlap.
        """
        parts = [_by_text(chunk) for chunk in chunks]
        target: dict[str, StoredSet] = {}
        for part in parts:
            for key, stored in part.items():
                both = sets.union(target.get(key, sets.EMPTY), stored)
                if sets.size(both) != sets.size(target.get(key, sets.EMPTY)) + sets.size(stored):
                    raise StoreError(f"two chunks of backfill {backfill_id} share partitions of {key}")
                target[key] = both
        rows = [
            (
                backfill_id,
                number,
                sum(sets.size(stored) for stored in part.values()) if counts is None else counts[number],
                now,
                encode(part),
            )
            for number, part in enumerate(parts)
        ]

        def create(tx: Transaction) -> None:
            values = {"backfill_id": backfill_id, "target": encode(target), "body": body, "now": now}
            if tx.run("add_backfill", **values):
                tx.many("add_chunk", rows)
                self._changes.note(tx, "backfill", backfill_id, now)

        self._database.write(create)

    def find(self, backfill_id: str) -> Backfill | None:
        """A backfill, or None."""
        row = self._database.read(lambda tx: tx.one("get_backfill", backfill_id=backfill_id))
        return None if row is None else _backfill(row)

    def list_all(self, limit: int = 100) -> list[Backfill]:
        """Backfills, the newest first."""
        return [
            _backfill(row) for row in self._database.read(lambda tx: tx.all("list_backfills", limit=limit))
        ]

    def claim_chunk(
        self, backfill_id: str, claim: str, run_id: str, holder: Holder, now: float, before: int = 2**31 - 1
    ) -> Chunk | None:
        """Take the next pending chunk for a run; None where there is none (any more).

        Args:
            claim: an id of this request that the caller made: asking again with it gives the same chunk.
            run_id: of the run that will make it.
            holder: the process that will start the run; if it is gone before the run exists, the chunk goes back.
            before: take none from this number on: its turn has not come.
        """

        def take(tx: Transaction) -> Chunk | None:
            mine = tx.one("claimed_chunk", backfill_id=backfill_id, claim=claim)
            if mine is None:
                row = tx.one("lock_backfill", backfill_id=backfill_id)
                found = tx.one("next_chunk", backfill_id=backfill_id, before=before)
                if row is None or found is None:
                    return None
                taken = tx.run(
                    "claim_chunk",
                    backfill_id=backfill_id,
                    chunk=found[0],
                    run_id=run_id,
                    claim=claim,
                    holder=encode(holder),
                    version=row[1],
                    now=now,
                )
                mine = tx.one("claimed_chunk", backfill_id=backfill_id, claim=claim) if taken else None
            if mine is None:
                return None
            target, of_job = _parts_of(mine[2])
            return Chunk(
                backfill_id=backfill_id,
                number=mine[0],
                run_id=mine[1],
                claim=claim,
                target=_left_of(target, _made_of(mine[3])),
                of_job=of_job,
            )

        return self._database.write(take)

    def settle_chunk(self, chunk: Chunk, state: str, now: float, reason: str | None = None) -> bool:
        """Say what became of a chunk (`materialized`, `failed`, `skipped`, `canceled`); the last one ends the backfill.

        Returns:
            False where it was settled before, or belongs to another run.
        """
        return self._database.write(
            lambda tx: self._settle(tx, chunk.backfill_id, chunk.number, chunk.run_id, state, now, reason)
        )

    def sweep(self, backfill_id: str, now: float) -> int:
        """Settle chunks whose run is over, and put back those whose claimant died before there was a run."""

        def sweep(tx: Transaction) -> int:
            changed = 0
            row = tx.one("lock_backfill", backfill_id=backfill_id)
            canceled = row is not None and row[0] != BackfillStatus.REQUESTED.value
            for number, run_id, claim, holder, status in tx.all("chunks_in_flight", backfill_id=backfill_id):
                if status is None and canceled:
                    if _is_gone(holder):
                        changed += self._settle(tx, backfill_id, number, run_id, "canceled", now, None)
                elif status is None:
                    if _is_gone(holder):
                        changed += tx.run(
                            "put_chunk_back", backfill_id=backfill_id, chunk=number, claim=claim, now=now
                        )
                elif RunStatus(status).is_terminal:
                    state = STATE_AFTER[RunStatus(status)]
                    changed += self._settle(tx, backfill_id, number, run_id, state, now, None)
            return changed

        return self._database.write(sweep)

    def sweep_dead(self, now: float) -> int:
        """Sweep every backfill in which a process held a chunk that is known to be gone; writes nothing where none is."""
        rows = self._database.read(lambda tx: tx.all("claims_in_flight"))
        dead = {
            backfill_id
            for backfill_id, holder, status in rows
            if (status is None or RunStatus(status).is_terminal) and _is_gone(holder)
        }
        return sum(self.sweep(backfill_id, now) for backfill_id in sorted(dead))

    def cancel(self, backfill_id: str, now: float) -> None:
        """Start no further chunk. Chunks in flight end first; then the backfill is canceled.

        Raises:
            AlreadyTerminalError: the backfill is over.
        """

        def cancel(tx: Transaction) -> None:
            row = tx.one("lock_backfill", backfill_id=backfill_id)
            moved = tx.run(
                "move_backfill",
                backfill_id=backfill_id,
                to_status=BackfillStatus.CANCELING.value,
                from_statuses=_OPEN,
                over=0,
                now=now,
            )
            if not moved:
                status = row[0] if row is not None else "unknown"
                raise AlreadyTerminalError(f"backfill {backfill_id} is over ({status})")
            tx.run("cancel_chunks", backfill_id=backfill_id, now=now)
            self._changes.note(tx, "backfill", backfill_id, now)
            self._end_if_done(tx, backfill_id, now)

        self._database.write(cancel)

    def reopen(self, backfill_id: str, now: float) -> int:
        """Make chunks pending again that failed, were skipped or canceled: a resumed backfill tries them anew.

        Returns:
            How many chunks.
        """

        def reopen(tx: Transaction) -> int:
            tx.one("lock_backfill", backfill_id=backfill_id)
            count = tx.run("reopen_chunks", backfill_id=backfill_id, now=now)
            if count:
                tx.run("reopen_backfill", backfill_id=backfill_id, now=now)
                self._changes.note(tx, "backfill", backfill_id, now)
            return count

        return self._database.write(reopen)

    def first_open(self, backfill_id: str) -> int | None:
        """The lowest number of a chunk that is pending or in flight; None where all are settled."""
        row = self._database.read(lambda tx: tx.one("first_open_chunk", backfill_id=backfill_id))
        return None if row is None else row[0]

    def chunk_states(self, backfill_id: str) -> list[ChunkState]:
        """Every chunk with its state and run, in order."""
        rows = self._database.read(lambda tx: tx.all("list_chunks", backfill_id=backfill_id))
        return [_chunk_state(row) for row in rows]

    def counts(self, backfill_id: str) -> ChunkCounts:
        """How many chunks and partitions are in each state."""
        rows = self._database.read(lambda tx: tx.all("count_chunks", backfill_id=backfill_id))
        partitions = {MATERIALIZED: sum(int(row[3]) for row in rows)}
        for state, _, planned, made in rows:
            # A run that ended well may have left out what an optional output would have made.
            word = "skipped" if state == MATERIALIZED else shown_text(state)
            partitions[word] = partitions.get(word, 0) + int(planned - made)
        return ChunkCounts(
            chunks={shown_text(row[0]): int(row[1]) for row in rows},
            partitions={state: count for state, count in partitions.items() if count},
        )

    def check_counts(self, backfill_id: str) -> dict[str, int]:
        """How many checks passed, `warned` or `failed`, by the last result of each for its partitions that a run of the
        backfill gave; states without any are left out."""
        counts = dict.fromkeys(("passed", "warned", "failed"), 0)
        rows = self._database.read(lambda tx: tx.all("checks_of_backfill", backfill_id=backfill_id))
        last = {tuple(places): body for *places, body in rows}
        for body in last.values():
            data = read_event_body(bytes(body)).data
            if isinstance(data, CheckData) and data.passed is not None:
                counts["passed" if data.passed else "warned" if data.severity == "WARN" else "failed"] += 1
        return {state: count for state, count in counts.items() if count}

    # --- inside

    def _settle(
        self,
        tx: Transaction,
        backfill_id: str,
        number: int,
        run_id: str,
        state: str,
        now: float,
        reason: str | None,
    ) -> bool:
        tx.one("lock_backfill", backfill_id=backfill_id)
        self._note_made(tx, backfill_id, number, run_id, state)
        settled = tx.run(
            "settle_chunk",
            backfill_id=backfill_id,
            chunk=number,
            run_id=run_id,
            state=state,
            reason=reason,
            now=now,
        )
        if settled:
            self._changes.note(tx, "backfill", backfill_id, now)
            self._end_if_done(tx, backfill_id, now)
        return bool(settled)

    def _note_made(self, tx: Transaction, backfill_id: str, number: int, run_id: str, state: str) -> None:
        """Keep which assets of a chunk were made, however its run ended."""
        row = tx.one("chunk_to_settle", backfill_id=backfill_id, chunk=number, run_id=run_id)
        if row is None:
            return
        target, of_job = _parts_of(row[0])
        before, partitions, counted, run = _made_of(row[1]), row[2], row[3], row[4]
        if before >= target.keys():  # all of it was tried again
            before, counted = frozenset(), 0
        none: frozenset[str] = frozenset()
        outcome = made_by_run(tx, run) if run is not None and target else MadeByRun(none, none, none)
        texts = {key: plain(key.to_string()) for key in target.keys() - before}
        done = {key for key, text in texts.items() if state == MATERIALIZED or text in outcome.done}
        fine = {key for key, text in texts.items() if key in done or text in outcome.counted}
        made = sum(texts[key] not in outcome.unmade for key in fine)
        # What counted and is made anew must not count twice.
        counted = min(counted, partitions * len(before) // max(len(target), 1))
        if of_job is not None:
            made = int(state == MATERIALIZED)
        tx.run(
            "note_made",
            backfill_id=backfill_id,
            chunk=number,
            made=None if state == MATERIALIZED else encode(sorted(key.to_string() for key in before | done)),
            partitions=counted + partitions * made // max(len(target), 1),
        )

    def _end_if_done(self, tx: Transaction, backfill_id: str, now: float) -> None:
        counts = {row[0]: row[1] for row in tx.all("count_chunks", backfill_id=backfill_id)}
        if counts.get("pending") or counts.get("in_flight"):
            return
        row = tx.one("lock_backfill", backfill_id=backfill_id)
        canceled = counts.get("canceled") or (row is not None and row[0] == BackfillStatus.CANCELING.value)
        if canceled:
            status = BackfillStatus.CANCELED
        else:
            status = BackfillStatus.FAILED if counts.get("failed") else BackfillStatus.SUCCESS
        tx.run(
            "move_backfill",
            backfill_id=backfill_id,
            to_status=status.value,
            from_statuses=_OPEN,
            over=1,
            now=now,
        )


STATE_AFTER: Final = {
    RunStatus.SUCCESS: MATERIALIZED,
    RunStatus.FAILURE: "failed",
    RunStatus.CANCELED: "canceled",
}
"""How a run ended -> what became of its chunk."""


def _is_gone(holder: Any) -> bool:
    try:
        return liveness(decode(bytes(holder), Holder)) == "gone"
    except UNREADABLE:
        return False  # who holds it is not known, so nobody may take it


def _by_text(chunk: Target | StoredSet) -> dict[str, StoredSet]:
    if isinstance(chunk, StoredSet):
        return {_JOB: chunk}
    return {key.to_string(): stored for key, stored in chunk.items()}


def target_of(body: Any) -> dict[AssetKey, StoredSet]:
    """The stored target's assets; none where it is of a job of ops, or where the record is damaged."""
    return _parts_of(body)[0]


def _parts_of(body: Any) -> tuple[dict[AssetKey, StoredSet], StoredSet | None]:
    """The stored target: its assets, or else the partitions of a job of ops; neither where the record is damaged."""
    try:
        parts = decode(bytes(body), dict[str, StoredSet])
        of_job = parts.pop(_JOB, None)
        return {key_from_text(text): stored for text, stored in parts.items()}, of_job
    except UNREADABLE:
        return {}, None


def _made_of(body: Any) -> frozenset[AssetKey]:
    """The assets of a chunk that are made already; none where the record is damaged, so that they are made again."""
    if body is None:
        return frozenset()
    try:
        return frozenset(key_from_text(text) for text in decode(bytes(body), list[str]))
    except UNREADABLE:
        return frozenset()


def _left_of(target: dict[AssetKey, StoredSet], made: Set[AssetKey]) -> dict[AssetKey, StoredSet]:
    """What of a target a run is to make: all of it where all was made and the run failed for another reason."""
    return {key: stored for key, stored in target.items() if key not in made} or target


def _chunk_state(row: Row) -> ChunkState:
    target, of_job = _parts_of(row[4])
    made = _made_of(row[5])
    is_lost = row[1] in _LOST
    return ChunkState(
        number=row[0],
        state=row[1],
        partitions=row[2],
        run_id=row[3],
        target=_left_of(target, made),
        lost={key: stored for key, stored in target.items() if is_lost and key not in made},
        of_job=of_job,
        reason=row[6],
    )


_STATUSES: Final = frozenset(each.value for each in BackfillStatus)


def _backfill(row: Row) -> Backfill:
    target, of_job = _parts_of(row[5])
    return Backfill(
        backfill_id=row[0],
        status=BackfillStatus(row[1]) if row[1] in _STATUSES else BackfillStatus.FAILED,
        version=row[2],
        created_at=row[3],
        ended_at=row[4],
        target=target,
        of_job=of_job,
        body=row[6].encode() if isinstance(row[6], str) else bytes(row[6]),
        damaged=(not target and of_job is None and row[5] != encode({})) or row[1] not in _STATUSES,
    )
