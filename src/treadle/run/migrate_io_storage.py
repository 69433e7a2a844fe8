"""Copies stored values of assets from their IO managers to another one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from treadle.core.deprecation import preview
from treadle.core.errors import InvalidArgumentError
from treadle.core.keys import AssetKey
from treadle.core.partitions.keys import PartitionKeyRange
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.values import TupleValue, set_field
from treadle.define.code import Code
from treadle.define.context.log import StepLogger
from treadle.define.context.op_context import OpExecutionContext
from treadle.define.context.output_context import OutputContext
from treadle.define.context.step_state import KeyList, PartitionView
from treadle.define.definitions import Definitions
from treadle.define.types import resolve_type
from treadle.run.load_asset_value import load_asset_value

Piece = tuple[str, ...] | None
"""Partitions that are copied together; None for an asset without partitions."""


@attrs.frozen
class StoredAsset:
    """An asset, or some of its partitions.

    Args:
        key: the asset.
        partition_keys: None where it has no partitions.
    """

    key: AssetKey
    partition_keys: tuple[str, ...] | None = None


class MigrateIOStorageResult(TupleValue):
    """What came of `migrate_io_storage`.

    Args:
        migrated: copied.
        skipped: left out, as `should_skip` said.
        failed: not copied; why is in the log.
    """

    __slots__ = ("failed", "migrated", "skipped")
    migrated: tuple[StoredAsset, ...]
    skipped: tuple[StoredAsset, ...]
    failed: tuple[StoredAsset, ...]

    def __init__(
        self,
        migrated: Sequence[StoredAsset],
        skipped: Sequence[StoredAsset],
        failed: Sequence[StoredAsset],
    ) -> None:
        set_field(self, "migrated", tuple(migrated))
        set_field(self, "skipped", tuple(skipped))
        set_field(self, "failed", tuple(failed))


@preview()
def migrate_io_storage(
    *,
    definitions: Definitions | None = None,
    destination_io_manager: Any,
    instance: Any = None,
    context: OpExecutionContext | None = None,
    selection: Any = None,
    should_skip: Callable[[AssetKey, str | None], bool] | None = None,
    batch_partitions: bool = False,
    transform: Callable[[Any], Any] | None = None,
) -> MigrateIOStorageResult:
    """Load what is stored of assets with their IO managers, and store it with another. Nothing is recorded or removed.

    What fails is logged and told in the result; the rest is copied all the same.

    Args:
        definitions: the assets with their IO managers; or give `context`.
        destination_io_manager: an IO manager.
        instance: which knows what was materialized.
        context: of a running op, whose code location's assets are meant.
        selection: only these assets.
        should_skip: (asset, partition key or None) -> whether to leave it out.
        batch_partitions: all partitions of an asset in one call of the IO managers.
        transform: what to store in place of each loaded value.

    Raises:
        InvalidArgumentError: neither or both of `definitions` and `context`, or no instance.
    """
    if (definitions is None) == (context is None):
        raise InvalidArgumentError("give one of `definitions` and `context`")
    kept = instance if instance is not None else (context.instance if context is not None else None)
    if kept is None:
        raise InvalidArgumentError("argument `instance` is missing")
    code = definitions.resolve() if definitions is not None else context.job_def.code  # type: ignore[union-attr]
    log = context.log if context is not None else StepLogger(_drop_line)
    migration = _Migration(code, kept, destination_io_manager, transform, log)
    chosen = _chosen(code, selection)
    for key in chosen:
        migration.take(key, should_skip, batch_partitions)
    return MigrateIOStorageResult(
        *(tuple(_joined(pieces)) for pieces in (migration.migrated, migration.skipped, migration.failed))
    )


def _chosen(code: Code, selection: Any) -> list[AssetKey]:
    computations = code.catalog.computations.values()
    with_value = {node.asset_key for each in computations for node in each.outputs if node.stores_value}
    from_code = [key for key in code.catalog.assets if key in with_value]
    if selection is None:
        return from_code
    wanted = AssetSelection.from_coercible(selection).resolve(code.catalog.selectable_graph)
    return [key for key in from_code if key in wanted]


class _Migration:
    """One call of `migrate_io_storage`."""

    def __init__(
        self, code: Code, instance: Any, destination: Any, transform: Callable[[Any], Any] | None, log: Any
    ) -> None:
        self._code = code
        self._instance = instance
        self._destination = destination
        self._transform = transform
        self._log = log
        self.migrated: list[tuple[AssetKey, Piece]] = []
        self.skipped: list[tuple[AssetKey, Piece]] = []
        self.failed: list[tuple[AssetKey, Piece]] = []

    def take(
        self, key: AssetKey, should_skip: Callable[[AssetKey, str | None], bool] | None, together: bool
    ) -> None:
        """Copy what is stored of an asset."""
        todo: list[Piece] = []
        for piece in self._stored(key):
            if should_skip is not None and should_skip(key, piece[0] if piece is not None else None):
                self.skipped.append((key, piece))
            else:
                todo.append(piece)
        for piece in self._merged(key, todo) if together else todo:
            try:
                self._copy(key, piece)
            except Exception:  # noqa: BLE001 - told in the result; the others are copied all the same
                self._log.exception("Could not copy %s", _told(key, piece))
                self.failed.append((key, piece))
            else:
                self.migrated.append((key, piece))

    def _stored(self, key: AssetKey) -> Iterator[Piece]:
        if self._code.catalog.partitions_def_of(key) is None:
            if self._instance.get_latest_materialization_event(key) is not None:
                yield None
            return
        for name in sorted(self._instance.get_materialized_partitions(key)):
            yield (name,)

    def _merged(self, key: AssetKey, pieces: list[Piece]) -> list[Piece]:
        """Partitions next to each other in one piece: a range is loaded by its ends."""
        definition = self._code.catalog.partitions_def_of(key)
        if definition is None or not pieces:
            return pieces
        wanted = {name for piece in pieces for name in piece or ()}
        merged: list[list[str]] = [[]]
        for name in definition.space(None, self._instance).all():
            if name in wanted:
                merged[-1].append(name)
            elif merged[-1]:
                merged.append([])
        return [tuple(names) for names in merged if names]

    def _copy(self, key: AssetKey, piece: Piece) -> None:
        asked: Mapping[str, Any] = {}
        if piece is not None:
            asked = (
                {"partition_key": piece[0]}
                if len(piece) == 1
                else {"partition_key_range": PartitionKeyRange(piece[0], piece[-1])}
            )
        value = load_asset_value(self._code, key, instance=self._instance, **asked)
        if self._transform is not None:
            value = self._transform(value)
        self._destination.handle_output(self._context(key, piece), value)

    def _context(self, key: AssetKey, piece: Piece) -> OutputContext:
        node = self._code.catalog.assets[key]
        op = self._code.ops[node.computation] if node.computation is not None else None
        output = op.outs.get(node.output or "result") if op is not None else None
        view = None
        if piece is not None:
            definition = self._code.catalog.partitions_def_of(key)
            keys = definition.space(None, self._instance).of_keys(list(piece))
            view = PartitionView(definition, KeyList(keys), len(piece) > 1)
        return OutputContext(
            name=node.output or "result",
            asset_key=key,
            asset_spec=node.spec,
            asset_partitions=view,
            run_partitions=view,
            definition_metadata=node.spec.metadata,
            dagster_type=resolve_type(output.dagster_type if output is not None else Any),
            log=self._log,
            instance=self._instance,
        )


def _joined(pieces: Sequence[tuple[AssetKey, Piece]]) -> Iterator[StoredAsset]:
    by_key: dict[AssetKey, list[Piece]] = {}
    for key, piece in pieces:
        by_key.setdefault(key, []).append(piece)
    for key, parts in by_key.items():
        if parts[0] is None:
            yield StoredAsset(key)
        else:
            yield StoredAsset(key, tuple(name for part in parts for name in part or ()))


def _told(key: AssetKey, piece: Piece) -> str:
    return key.to_user_string() if piece is None else f"{', '.join(piece)} of {key.to_user_string()}"


def _drop_line(*_: Any) -> None:
    return None
