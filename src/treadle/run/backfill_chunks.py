"""What the chunks of an accepted backfill are to make, as the definitions are now."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import attrs
import msgspec

from treadle.core.errors import InvalidSubsetError, did_you_mean
from treadle.core.keys import AssetKey
from treadle.core.partitions.definition import DynamicPartitionsDefinition
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.sets import PartitionSet
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


@attrs.frozen
class RestoredChunk:
    """What a chunk is to make as the definitions are now."""

    chunk: BackfillChunk
    gone: str | None = None
    """What to say of partitions that were deleted since."""
    changed: Mapping[AssetKey, str] = attrs.field(factory=dict)
    """Assets that it can not make any more, each with what changed."""

    @property
    def is_there(self) -> bool:
        """Whether anything of it is left to make."""
        named = self.chunk.asset_keys or self.chunk.job_name is not None
        return bool(named) and (self.chunk.partitions is None or bool(self.chunk.partitions))

    @property
    def what_changed(self) -> str | None:
        """The assets that it can not make any more, in a sentence."""
        if not self.changed:
            return None
        told = "; ".join(f"{key.to_user_string()}: {why}" for key, why in self.changed.items())
        return f"definitions-changed since the backfill was accepted: {told}"


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
                found = self.restored(state)
                if found.is_there:
                    yield found.chunk

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

    def restored(self, chunk: Chunk | ChunkState) -> RestoredChunk:
        """What a chunk is to make as the definitions are now, and what of it is not there any more.

        Raises:
            StoreError: its record can not be read.
            InvalidSubsetError: its job is gone.
        """
        if chunk.of_job is not None:
            job_def = self.job_of_ops()
            ids = self.instance.job_partition_ids(job_def.name)
            read = self._read(job_def.partitions_def, chunk.of_job, ids)
            told = BackfillChunk(asset_keys=(), partitions=read.partitions, job_name=job_def.name)
            return RestoredChunk(told, read.gone)
        if not chunk.target:
            raise StoreError(
                f"corrupt-record: chunk {chunk.number} of backfill {self.backfill_id} can not be read",
                code="corrupt-record",
            )
        return self._of_assets(chunk.target)

    def _of_assets(self, target: Mapping[AssetKey, StoredSet]) -> RestoredChunk:
        catalog = self.code.catalog
        changed = {key: "it is not defined any more" for key in target if key not in catalog.assets}
        read: dict[Any, _Read] = {}
        first: _Read | None = None
        kept: list[AssetKey] = []
        for key in (key for key in catalog.assets if key in target):
            definition = catalog.partitions_def_of(key)
            if (definition is None) != (target[key] == WHOLE):
                changed[key] = (
                    "it has no partitions any more" if definition is None else "it has partitions now"
                )
                continue
            if definition is not None:
                # All assets of a chunk were accepted with the same keys.
                if definition not in read:
                    read[definition] = self._read(definition, target[key], self.instance.partition_ids(key))
                first = first or read[definition]
                if read[definition].changed or not read[definition].is_like(first):
                    changed[key] = "its partitions are other ones now"
                    first = None if first.changed else first
                    continue
            kept.append(key)
        if first is None:
            return RestoredChunk(BackfillChunk(asset_keys=tuple(kept), partitions=None), None, changed)
        whole = frozenset(key for key in kept if catalog.partitions_def_of(key) is None)
        return RestoredChunk(
            BackfillChunk(asset_keys=tuple(kept), partitions=first.partitions, whole=whole),
            first.gone,
            changed,
        )

    def _read(self, definition: Any, accepted: StoredSet, ids: PartitionKeyIds) -> "_Read":
        """What of the partitions that were accepted is in the definition now."""
        space = definition.space(dynamic_partitions_store=self.instance)
        stored = from_stored(space, accepted, ids)
        if not stored.dropped.runs:
            return _Read(stored.partitions)
        if not _is_dynamic(definition) and not stored.partitions:
            return _Read(stored.partitions, changed=True)
        said = "partition-gone: deleted since the backfill was accepted"
        if isinstance(definition, DynamicPartitionsDefinition):
            runs = stored.dropped.runs.get("", ())
            gone = [key for _, key in sorted(ids.keys_within(scope_of("", definition), runs).items())]
            names = gone[:3] + (["…"] if len(gone) > 3 else [])
            said += f": {', '.join(names)}"
        return _Read(stored.partitions, said)


class _Read(NamedTuple):
    partitions: PartitionSet
    gone: str | None = None
    changed: bool = False

    def is_like(self, other: "_Read") -> bool:
        return self is other or list(self.partitions) == list(other.partitions)


def _is_dynamic(definition: Any) -> bool:
    if isinstance(definition, MultiPartitionsDefinition):
        return any(_is_dynamic(each.partitions_def) for each in definition.partitions_defs)
    return isinstance(definition, DynamicPartitionsDefinition)
