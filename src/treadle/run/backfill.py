"""Backfills: accepted with a frozen target set, then worked off chunk by chunk by any number of processes (I8)."""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping

import attrs
import msgspec

from treadle.core.errors import RunNotFoundError, TreadleError
from treadle.core.keys import AssetKey
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.partitions.stored import to_stored
from treadle.core.partitions.stored_set import WHOLE, StoredSet
from treadle.core.run_states import RunStatus
from treadle.core.seen_errors import told_in_a_line
from treadle.define.code import Code
from treadle.plan.backfill import BackfillChunk, BackfillPlan
from treadle.plan.backfill_units import is_made_beside_others, with_all_made_together
from treadle.plan.plan import Step
from treadle.run.backfill_chunks import BackfillBody, BackfillChunks
from treadle.run.launch import PreparedRun, prepare_job, prepare_run
from treadle.run.partition_tags import partition_from_tags
from treadle.run.results import RunResult
from treadle.store import sets
from treadle.store.backfills import MATERIALIZED, STATE_AFTER, Chunk, ChunkCounts
from treadle.store.errors import StoreError
from treadle.store.instance import Instance
from treadle.store.liveness import this_process
from treadle.store.records import RunsFilter

BACKFILL_TAG = "dagster/backfill"
_POLL = 0.05
"""Seconds between looks at what other processes are doing."""


@attrs.define(kw_only=True)
class ChunkEnd:
    """What became of a chunk."""

    number: int
    chunk: BackfillChunk
    state: str
    """`materialized`, `failed`, `skipped` or `canceled`."""
    reason: str | None = None
    run_id: str
    result: RunResult | None = None


def accept_backfill(instance: Instance, plan: BackfillPlan, body: BackfillBody, backfill_id: str) -> None:
    """Store a backfill; its target set never changes from now on."""
    body.stage_ends = list(plan.stage_ends)
    targets = [_stored_target(instance, chunk) for chunk in plan.chunks]
    counts = [chunk.partition_count for chunk in plan.chunks]
    instance.store.backfills.create(backfill_id, targets, msgspec.json.encode(body), time.time(), counts)


def _stored_target(instance: Instance, chunk: BackfillChunk) -> dict[AssetKey, StoredSet] | StoredSet:
    if chunk.job_name is not None:
        return to_stored(chunk.partitions, instance.job_partition_ids(chunk.job_name))
    if chunk.partitions is None:
        return dict.fromkeys(chunk.asset_keys, WHOLE)
    return {
        key: WHOLE if key in chunk.whole else instance.stored_form(key, chunk.partitions)
        for key in chunk.asset_keys
    }


def find_backfill_body(instance: Instance, backfill_id: str) -> BackfillBody:
    """What was stored with a backfill.

    Raises:
        RunNotFoundError: there is no such backfill.
    """
    found = instance.store.backfills.find(backfill_id)
    if found is None:
        raise RunNotFoundError(
            f"There is no backfill {backfill_id}.", hint="`treadle backfill --list` lists them"
        )
    try:
        return msgspec.json.decode(found.body, type=BackfillBody)
    except (msgspec.MsgspecError, ValueError) as error:
        raise StoreError(
            f"The record of backfill {backfill_id} can not be read: {error}",
            code="corrupt-record",
            hint="start a new backfill for what is missing",
        ) from error


def reopen_backfill(instance: Instance, backfill_id: str) -> ChunkCounts:
    """Make ready to go on: what dead processes held, and what failed or was canceled, is pending again."""
    backfills = instance.store.backfills
    backfills.sweep(backfill_id, time.time())
    backfills.reopen(backfill_id, time.time())
    return backfills.counts(backfill_id)


def succeeded_partitions(instance: Instance, job_name: str, space: PartitionSpace) -> PartitionSet:
    """The partitions of a job for which a run of it succeeded."""
    found = space.empty()
    where = RunsFilter(job_name=job_name, statuses=[RunStatus.SUCCESS])
    keys: list[str] = []
    for run in instance.get_runs(where):
        partition = partition_from_tags(run.tags, None)
        if isinstance(partition, str):
            keys.append(partition)
        elif isinstance(partition, PartitionKeyRange):
            ends = [space.point(key) for key in (partition.start, partition.end)]
            if None not in ends:
                found = found | space.key_range(partition.start, partition.end)
    return found | space.find_keys(keys)[0]


def is_made_whole(instance: Instance) -> Callable[[AssetKey], bool]:
    """Whether an asset without partitions is made, as `why` sees it."""

    def is_made(key: AssetKey) -> bool:
        state = instance.latest_states([(key, None)]).get((key, None))
        return state is not None and state.is_made(by_partition=False)

    return is_made


@attrs.define(eq=False, kw_only=True)
class BackfillWorker:
    """Claims chunks of one backfill and runs them, one after the other, until none is left.

    Args:
        execute: runs a prepared run under a run id and gives its result.
        on_end: is called with each chunk that is settled.
        must_stop: is asked before each claim.
    """

    code: Code
    instance: Instance
    backfill_id: str
    body: BackfillBody
    execute: Callable[[PreparedRun, str], RunResult]
    on_start: Callable[[int, BackfillChunk, str], None] = lambda number, chunk, run_id: None
    on_end: Callable[[ChunkEnd], None] = lambda end: None
    must_stop: Callable[[], bool] = lambda: False
    _lost: tuple[int, Mapping[AssetKey, StoredSet]] = (-1, {})
    _chunks: BackfillChunks = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._chunks = BackfillChunks(
            code=self.code, instance=self.instance, backfill_id=self.backfill_id, body=self.body
        )

    def work(self) -> bool:
        """Work until every chunk is settled; False where it was told to stop before."""
        backfills = self.instance.store.backfills
        while not self.must_stop():
            first = backfills.first_open(self.backfill_id)
            if first is None:
                return True
            stage = next(at for at, end in enumerate(self.body.stage_ends) if first < end)
            chunk = backfills.claim_chunk(
                self.backfill_id,
                str(uuid.uuid4()),
                str(uuid.uuid4()),
                this_process(),
                time.time(),
                before=self.body.stage_ends[stage],
            )
            if chunk is None:
                # Others hold what is left of this stage: wait for them, and look whether they live.
                time.sleep(_POLL)
                backfills.sweep(self.backfill_id, time.time())
                continue
            if not self._run(chunk, stage):
                return False
        return False

    def _run(self, chunk: Chunk, stage: int) -> bool:
        """Runs and settles a chunk; False where the run was interrupted."""
        accepted = BackfillChunk(
            asset_keys=tuple(chunk.target),
            partitions=None,
            job_name=self.body.job_name if chunk.of_job is not None else None,
        )
        end = ChunkEnd(number=chunk.number, chunk=accepted, state="failed", run_id=chunk.run_id)
        try:
            self._make(chunk, stage, end)
        except TreadleError as error:
            end.reason = error.message
        except KeyboardInterrupt:
            end.state = "canceled"
        except Exception as error:  # noqa: BLE001 - it is told as the chunk's reason
            # Whatever went wrong with this chunk, the others are still to be made.
            end.reason = told_in_a_line(error)
        self.instance.store.backfills.settle_chunk(chunk, end.state, time.time(), end.reason)
        self.on_end(end)
        return end.state != "canceled"

    def _make(self, chunk: Chunk, stage: int, end: ChunkEnd) -> None:
        """Runs what of a chunk can be made; `end` says what became of it."""
        found = self._chunks.restored(chunk)
        end.reason = found.what_changed or found.gone
        end.chunk = attrs.evolve(end.chunk, partitions=found.chunk.partitions)
        if not found.changed:
            end.chunk = found.chunk
        self.on_start(chunk.number, end.chunk, chunk.run_id)
        if not found.is_there:
            end.state = "failed" if found.changed else "skipped"
            return
        prepared = self._prepare(found.chunk)
        unmade = self._unmade_parents(prepared, stage)
        if unmade:
            said = self._told_of(unmade, found.chunk)
            end.reason = said if end.reason is None else f"{end.reason}; {said}"
            rest = tuple(key for key in found.chunk.asset_keys if key not in unmade)
            if not rest:
                end.state = "failed" if found.changed else "skipped"
                return
            prepared = self._prepare(attrs.evolve(found.chunk, asset_keys=rest))
        end.result = self.execute(prepared, chunk.run_id)
        end.state = STATE_AFTER.get(end.result.status, "failed")
        if end.state == MATERIALIZED and (found.changed or unmade):
            end.state = "failed" if found.changed else "skipped"

    def _prepare(self, told: BackfillChunk) -> PreparedRun:
        job_def = self.code.jobs.get(self.body.job_name) if self.body.job_name else None
        tags = {**self.body.tags, BACKFILL_TAG: self.backfill_id}
        if told.job_name is not None:
            return prepare_job(
                self._chunks.job_of_ops(),
                self.instance,
                partition=told.run_partition,
                run_config=self.body.run_config,
                tags=tags,
            )
        return prepare_run(
            self.code,
            with_all_made_together(self.code.catalog, told.asset_keys),
            None,
            self.instance,
            job_def=job_def,
            partition=told.run_partition,
            run_config=self.body.run_config,
            tags=tags,
        )

    def _unmade_parents(self, prepared: PreparedRun, stage: int) -> Mapping[AssetKey, AssetKey]:
        """What can not be made, as it would read what earlier stages were to make and did not: key -> what of that."""
        if stage == 0:
            return {}
        if self._lost[0] != stage:
            self._lost = (stage, self._lost_so_far())
        found: dict[AssetKey, AssetKey] = {}
        if not self._lost[1]:
            return found
        parents_of = self.code.catalog.parents_of
        for step in prepared.plan.steps:
            read = {parent for key in step.asset_keys for parent in parents_of(key)}
            missing = next(
                (key for key in self._lost[1] if key in read and self._reads_lost(prepared, step, key)), None
            )
            if missing is None:
                missing = next((found[key] for key in read if key in found), None)
            if missing is not None:
                found.update(dict.fromkeys(step.asset_keys, missing))
        return found

    def _reads_lost(self, prepared: PreparedRun, step: Step, parent: AssetKey) -> bool:
        """Whether a step reads partitions of a parent that earlier stages were to make and did not."""
        bound = prepared.partitions.get(step.key)
        read = bound.parents.get(parent) if bound is not None else None
        if read is None and any(parent in each.asset_keys for each in prepared.plan.steps):
            return False  # this run makes it
        needed = WHOLE if read is None else self.instance.stored_form(parent, read.keys)
        return bool(sets.size(sets.intersection(self._lost[1][parent], needed)))

    def _lost_so_far(self) -> Mapping[AssetKey, StoredSet]:
        """What earlier stages were to make and did not; with assets without partitions that would be made along, and so
        will be anew when the backfill goes on, whichever run made them last."""
        found: dict[AssetKey, StoredSet] = {}
        catalog = self.code.catalog
        for each in self.instance.store.backfills.chunk_states(self.backfill_id):
            for key, stored in each.lost.items():
                found[key] = sets.union(found.get(key, sets.EMPTY), stored)
            known = [key for key in each.lost if key in catalog.assets]
            along = (key for key in with_all_made_together(catalog, known) if key not in each.lost)
            found.update(dict.fromkeys(along, WHOLE))
        return found

    def _told_of(self, unmade: Mapping[AssetKey, AssetKey], told: BackfillChunk) -> str:
        """Why assets of a chunk are left out."""
        missing = tuple(dict.fromkeys(unmade.values()))
        shared = [key for key in missing if is_made_beside_others(self.code.catalog, key)]
        reasons = [f"not every run that makes {_names(shared)} succeeded"] if shared else []
        gone = [key for key in missing if key not in shared]
        if gone:
            reasons.insert(0, f"{_names(gone)} {'was' if len(gone) == 1 else 'were'} not made")
        reason = " and ".join(reasons)
        if set(told.asset_keys) <= unmade.keys():
            return reason
        return f"without {_names(key for key in told.asset_keys if key in unmade)}, as {reason}"


def _names(keys: Iterable[AssetKey]) -> str:
    return ", ".join(key.to_user_string() for key in keys)
