"""What the chunks of an accepted backfill are to make, as the definitions are now."""

from collections.abc import Iterator
from typing import Any

import attrs
import msgspec

from treadle.core.errors import InvalidSubsetError, did_you_mean
from treadle.core.keys import AssetKey
from treadle.core.partitions.definition import DynamicPartitionsDefinition
from treadle.core.partitions.stored import from_stored, scope_of
from treadle.core.partitions.stored_set import WHOLE, StoredSet
from treadle.define.code import Code
from treadle.define.job_definition import JobDefinition
from treadle.plan.backfill import BackfillChunk
from treadle.store.backfills import Chunk, ChunkState
from treadle.store.errors import StoreError
from treadle.store.instance import Instance
from treadle.store.partitions import PartitionKeyIds


class BackfillBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is kept with a backfill besides its target: all that a worker needs to go on."""

    stage_ends: list[int]
    job_name: str | None = None
    tags: dict[str, str] = {}
    run_config: dict[str, Any] | None = None
    origin: dict[str, str | None] = {}
    """How the definitions are loaded (the fields of a CodeOrigin)."""


@attrs.frozen(kw_only=True)
class BackfillChunks:
    """Reads the chunks of one backfill.

    Args:
        code: the definitions as they are now.
        body: what was stored with the backfill.
    """

    code: Code
    instance: Instance
    backfill_id: str
    body: BackfillBody

    def left(self) -> Iterator[BackfillChunk]:
        """What is not made yet, in order: also what failed, was skipped or canceled, which is tried anew."""
        for state in self.instance.store.backfills.chunk_states(self.backfill_id):
            if state.state != "materialized":
                told, gone = self.restored(state)
                if gone is None or told.partitions:
                    yield told

    def job_of_ops(self) -> JobDefinition:
        """The job of ops that is backfilled, as it is now.

        Raises:
            InvalidSubsetError: it is gone.
        """
        name = str(self.body.job_name)
        job_def = self.code.jobs.get(name)
        if job_def is None or not job_def.is_of_ops or job_def.partitions_def is None:
            raise InvalidSubsetError(
                f"There is no partitioned job of ops `{name}` any more.",
                code="unknown-job",
                hint=did_you_mean(name, self.code.jobs) or "start a new backfill of what it is now",
            )
        found: JobDefinition = job_def
        return found

    def restored(self, chunk: Chunk | ChunkState) -> tuple[BackfillChunk, str | None]:
        """What a chunk is to make as the definitions are now, and what of it is gone.

        Raises:
            StoreError: its record can not be read.
        """
        if chunk.of_job is not None:
            job_def = self.job_of_ops()
            job_ids = self.instance.job_partition_ids(job_def.name)
            return self._still_there((), job_def.partitions_def, chunk.of_job, job_ids, job_def.name)
        if not chunk.target:
            raise StoreError(
                f"corrupt-record: chunk {chunk.number} of backfill {self.backfill_id} can not be read",
                code="corrupt-record",
            )
        keys = tuple(key for key in self.code.catalog.assets if key in chunk.target)
        definition = self.code.catalog.partitions_def_of(keys[0]) if keys else None
        if definition is None:
            told = BackfillChunk(asset_keys=keys, partitions=None)
            changed = [key.to_user_string() for key, stored in chunk.target.items() if stored != WHOLE]
            if not keys or changed:
                names = ", ".join(changed) or ", ".join(key.to_user_string() for key in chunk.target)
                raise InvalidSubsetError(
                    f"definitions-changed: {names} {'has no partitions' if keys else 'is not defined'} any more",
                    code="definitions-changed",
                    hint="start a new backfill of what is there now",
                )
            return told, None
        return self._still_there(
            keys, definition, chunk.target[keys[0]], self.instance.partition_ids(keys[0])
        )

    def _still_there(
        self,
        keys: tuple[AssetKey, ...],
        definition: Any,
        accepted: StoredSet,
        ids: PartitionKeyIds,
        job_name: str | None = None,
    ) -> tuple[BackfillChunk, str | None]:
        """What of the partitions that were accepted is in the definition now, and what to say of the rest."""
        space = definition.space(dynamic_partitions_store=self.instance)
        stored = from_stored(space, accepted, ids)
        told = BackfillChunk(asset_keys=keys, partitions=stored.partitions, job_name=job_name)
        if not stored.dropped.runs:
            return told, None
        said = "partition-gone: deleted since the backfill was accepted"
        if isinstance(definition, DynamicPartitionsDefinition):
            runs = stored.dropped.runs.get("", ())
            gone = [key for _, key in sorted(ids.keys_within(scope_of("", definition), runs).items())]
            names = gone[:3] + (["…"] if len(gone) > 3 else [])
            said += f": {', '.join(names)}"
        return told, said
