"""The instance: a store and its home, with the query API that user code and notebooks see."""

import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from treadle.core.errors import ConfigurationError, TreadleError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.pagination import PaginatedResults
from treadle.core.partitions.definition import PartitionsDefinition
from treadle.core.partitions.keys import check_partition_key
from treadle.core.partitions.sets import PartitionSet
from treadle.core.partitions.stored import from_stored, stored_keys, to_stored
from treadle.core.partitions.stored_set import StoredSet
from treadle.core.ports import AssetState, CheckVerdict, MadePiece
from treadle.plan.data_versions import version_of_pieces
from treadle.store.check_verdicts import check_verdicts
from treadle.store.deployment_settings import (
    DEPLOYMENT_FILE,
    DeploymentSettings,
    checked_settings,
    read_deployment_file,
)
from treadle.store.deployment_values import STORE_FILE, acted_on
from treadle.store.instance_assets import AssetQueries
from treadle.store.opening import open_store
from treadle.store.partitions import PartitionKeyIds, job_scope
from treadle.store.records import AssetPartitionStatus
from treadle.store.sets import from_spans
from treadle.store.settings import Settings, deployment_file, process_settings
from treadle.store.store import Store

_MOST_OBSERVED = 1_000
"""Partitions of an asset that is only observed are looked up one by one, up to this many."""


class Instance(AssetQueries, DeploymentSettings):
    """Everything remembered, as user code may ask for it.

    Args:
        store: where it is kept.
        root: the home folder; None makes a temporary one when it is first asked for.
        deployment: what `get_settings` tells, or the `dagster.yaml` that says so.

    Example:
        >>> with Instance.ephemeral() as instance:
        ...     instance.get_asset_keys()
        []
    """

    def __init__(
        self, store: Store, root: Path | None = None, deployment: Mapping[str, Any] | Path | None = None
    ) -> None:
        self.store = store
        self._root = root
        self._deployment = deployment if deployment is not None else {}
        self._remove_temporary: Callable[[], object] | None = None

    # --- making one

    @classmethod
    def ephemeral(
        cls, tempdir: str | None = None, preload: Any = None, settings: Mapping[str, Any] | None = None
    ) -> Self:
        """One in memory, gone with this object.

        Args:
            tempdir: where outputs are put; a temporary folder where not given.
            preload: accepted and not used.
            settings: what `get_settings` tells.
        """
        return cls(open_store("memory:"), Path(tempdir) if tempdir is not None else None, settings)

    @classmethod
    def local_temp(cls, tempdir: str | None = None, overrides: Mapping[str, Any] | None = None) -> Self:
        """One in a SQLite file of a folder.

        Args:
            tempdir: the folder; a temporary one where not given.
            overrides: what `get_settings` tells.

        Raises:
            ConfigurationError: a setting that there is not.
        """
        told = checked_settings(overrides, "overrides=")
        folder = tempdir if tempdir is not None else tempfile.mkdtemp(prefix="treadle-")
        return cls._at(Path(folder), told)

    @classmethod
    def at(cls, folder: Path) -> Self:
        """The one whose home is a folder.

        Args:
            folder: made if it is not there.
        """
        return cls._at(folder, folder / DEPLOYMENT_FILE)

    @classmethod
    def _at(cls, folder: Path, deployment: Mapping[str, Any] | Path) -> Self:
        folder = folder.absolute()
        told = read_deployment_file(deployment) if isinstance(deployment, Path) else deployment
        values = acted_on(told, str(deployment) if isinstance(deployment, Path) else "overrides=")
        store = open_store(values.get("store_url") or f"sqlite:///{folder / STORE_FILE}")
        store.slots.default_limit = values.get("default_pool_limit")
        return cls(store, folder, told)

    @classmethod
    def from_config(cls, config_dir: str, config_filename: str = DEPLOYMENT_FILE) -> Self:
        """The one of a folder that may hold a `dagster.yaml`: the same as with DAGSTER_HOME set to it.

        Args:
            config_dir: the folder.
            config_filename: the file with the settings; without it there are none.

        Raises:
            ConfigurationError: there is no such folder, or the file can not be read.
        """
        folder = Path(config_dir).absolute()
        if not folder.is_dir():
            raise ConfigurationError(
                f"There is no folder {folder}.", code="invalid-setting", where=str(folder)
            )
        told = read_deployment_file(folder / config_filename)
        home = folder if (folder / "treadle.db").is_file() else folder / "treadle"
        return cls._at(home, told)

    @classmethod
    def get(cls) -> Self:
        """The one of this project: TREADLE_HOME, else $DAGSTER_HOME/treadle, else `.treadle` beside pyproject.toml."""
        return cls.of_settings(process_settings())

    @classmethod
    def of_settings(cls, settings: Settings, *, only_looks: bool = False) -> Self:
        """The one that a project's settings tell of; its pools get the limits that they name.

        Args:
            settings: of `store.settings.load_settings`.
            only_looks: it is read only, so one that can not be written will do.
        """
        store = open_store(settings.store_url, durability=settings.durability, only_looks=only_looks)
        store.slots.default_limit = settings.default_pool_limit
        if settings.pools and not store.is_read_only:
            known = {pool.pool: pool.slot_limit for pool in store.pools()}
            for pool, limit in settings.pools.items():
                if known.get(pool) != limit:
                    store.set_pool_limit(pool, limit)
        return cls(store, settings.home, deployment_file(settings.home, settings.sources.get("home", "")))

    # --- itself

    @property
    def is_ephemeral(self) -> bool:
        """Whether it is gone with this process."""
        return self.store.url == "memory:"

    @property
    def is_persistent(self) -> bool:
        """Whether it outlives this process."""
        return not self.is_ephemeral

    def defer(self, action: Callable[[], None], events: int) -> bool:
        """Let a write wait until somebody looks into the store; False where others could look: do it now."""
        return self.store.database.defer(action, events)

    @property
    def root_directory(self) -> str:
        """The home folder."""
        if self._root is None:
            folder = tempfile.mkdtemp(prefix="treadle-")
            # Not a TemporaryDirectory: that warns where it is not closed, and `materialize` gives nobody the chance.
            self._remove_temporary = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self._root = Path(folder)
        return str(self._root)

    def storage_directory(self) -> str:
        """Where IO managers put outputs by default: `storage` in the home, or where `local_artifact_storage` says."""
        return str((self.artifact_folder() or Path(self.root_directory)) / "storage")

    def compute_log_directory(self) -> str:
        """Where what steps print is kept: `compute_logs` in the home, or where the settings say."""
        return str(self.printed_folder() or Path(self.root_directory) / "compute_logs")

    def dispose(self) -> None:
        """Give up connections and temporary folders."""
        self.store.close()
        if self._remove_temporary is not None:
            self._remove_temporary()
            self._remove_temporary = self._root = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

    def __repr__(self) -> str:
        return f"Instance({self.store.url!r})"

    # --- partitions

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """The keys of a dynamic partitions definition, in the order added."""
        return self.store.partitions.list_dynamic(partitions_def_name)

    def get_paginated_dynamic_partitions(
        self, partitions_def_name: str, limit: int, ascending: bool, cursor: str | None = None
    ) -> PaginatedResults[str]:
        """A page of the keys of a dynamic partitions definition.

        Args:
            ascending: in the order added; False: the newest first.
            cursor: of the page before.
        """
        keys = self.get_dynamic_partitions(partitions_def_name)
        return PaginatedResults.create_from_sequence(keys, limit, ascending, cursor)

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a dynamic partitions definition has a key."""
        return self.store.partitions.has_dynamic(partitions_def_name, partition_key)

    def get_existing_dynamic_partitions(
        self, partitions_def_name: str, partition_keys: Sequence[str]
    ) -> set[str]:
        """Those of some keys that a dynamic partitions definition has."""
        return {key for key in partition_keys if self.has_dynamic_partition(partitions_def_name, key)}

    def add_dynamic_partitions(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None:
        """Add keys to a dynamic partitions definition; those that it has are left as they are.

        Raises:
            InvalidDefinitionError: a key with a control character or `...`; none of the keys is added.
        """
        if isinstance(partition_keys, str) or not all(isinstance(key, str) for key in partition_keys):
            raise TreadleError(
                f"partition_keys must be a sequence of texts, not {partition_keys!r}",
                code="invalid-argument",
                hint=f"add_dynamic_partitions({partitions_def_name!r}, [...])",
            )
        for key in partition_keys:
            check_partition_key(key)
        self.store.partitions.add_dynamic(partitions_def_name, partition_keys, time.time())

    def delete_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> None:
        """Take a key out of a dynamic partitions definition; what was materialized for it stays."""
        self.store.partitions.delete_dynamic(partitions_def_name, partition_key, time.time())

    def get_materialized_partitions(
        self, asset_key: AssetKey, before_cursor: int | None = None, after_cursor: int | None = None
    ) -> set[str]:
        """The keys of the partitions that were materialized.

        Args:
            before_cursor: only by events with a lower storage id.
            after_cursor: only by events with a higher one.
        """
        return self.store.assets.materialized_keys(asset_key, before_cursor, after_cursor)

    def partition_ids(self, asset_key: AssetKey) -> PartitionKeyIds:
        """Stable ids of an asset's partition keys, for `core.partitions.stored`."""
        partitions, now = self.store.partitions, time.time()
        return PartitionKeyIds(partitions, lambda: partitions.static_scope(asset_key, now), now)

    def job_partition_ids(self, job_name: str) -> PartitionKeyIds:
        """Stable ids of the partition keys of a job of ops, for `core.partitions.stored`."""
        return PartitionKeyIds(self.store.partitions, lambda: job_scope(job_name), time.time())

    def materialized_keys(self, key: AssetKey, partitions_def: PartitionsDefinition[Any]) -> PartitionSet:
        """The set of partitions that are materialized."""
        self.place(key, partitions_def)
        return self._restored(key, partitions_def, self.store.assets.materialized_set(key))

    def latest_state_of_writer(
        self, key: AssetKey, writer: str, partitions: PartitionSet | None
    ) -> AssetState | None:
        """The latest materialization by one of an asset's writers, of some partitions or (None) of any."""
        stored = None if partitions is None else self.stored_form(key, partitions)
        return self.store.assets.latest_state_of_writer(key, writer, stored)

    def stored_form(self, key: AssetKey, partitions: PartitionSet) -> StoredSet:
        """Some partitions of an asset as the store keeps them."""
        return to_stored(partitions, self.partition_ids(key))

    def made_pieces(self, key: AssetKey, partitions: PartitionSet) -> Sequence[MadePiece]:
        """What of some partitions of an asset is materialized, by which events.

        Of an asset that is only observed: each partition's latest observation, where there are no more than 1,000.
        """
        self.place(key, partitions.partitions_def)
        entry = self.store.assets.find(key)
        if entry is None:
            return []
        if entry.last_materialization is None and len(partitions) <= _MOST_OBSERVED:
            states = self.store.assets.latest_states((key, str(each)) for each in partitions)
            return [
                MadePiece(
                    slice=text or "", lo=0, hi=1, event_id=state.event_id, data_version=state.data_version
                )
                for (_, text), state in sorted(states.items(), key=lambda item: item[0][1] or "")
            ]
        return self.store.assets.made_pieces(key, self.stored_form(key, partitions))

    def version_of_partitions(self, key: AssetKey, partitions: PartitionSet) -> str:
        """One data version for some partitions of an asset that are read together."""
        return version_of_pieces(self.made_pieces(key, partitions))

    def partitions_of_pieces(
        self, key: AssetKey, partitions_def: PartitionsDefinition[Any], pieces: Sequence[MadePiece]
    ) -> PartitionSet:
        """The partitions that pieces of `made_pieces` cover."""
        covered = from_spans((piece.slice, piece.lo, piece.hi) for piece in pieces)
        return self._restored(key, partitions_def, covered)

    def check_verdicts(
        self, requests: Iterable[tuple[AssetCheckKey, PartitionSet | None]]
    ) -> Mapping[AssetCheckKey, CheckVerdict]:
        """How each check stands on its asset, or on some of its partitions, as they are now."""
        return check_verdicts(self, requests)

    def get_status_by_partition(
        self, asset_key: AssetKey, partition_keys: Sequence[str], partitions_def: PartitionsDefinition[Any]
    ) -> Mapping[str, AssetPartitionStatus | None]:
        """The status of partitions; None where a partition was never tried."""
        self.place(asset_key, partitions_def)
        found = self.store.assets.status_sets(asset_key)
        by_status = [
            (AssetPartitionStatus.IN_PROGRESS, self._restored(asset_key, partitions_def, found.in_progress)),
            (AssetPartitionStatus.FAILED, self._restored(asset_key, partitions_def, found.failed)),
            (
                AssetPartitionStatus.MATERIALIZED,
                self._restored(asset_key, partitions_def, found.materialized),
            ),
        ]
        return {
            key: next((status for status, members in by_status if key in members), None)
            for key in partition_keys
        }

    def wipe_asset_partitions(
        self,
        asset_key: AssetKey,
        partition_keys: Sequence[str],
        partitions_def: PartitionsDefinition[Any] | None = None,
    ) -> None:
        """Forget that some partitions of an asset were made.

        Args:
            partitions_def: the asset's, if it is at hand.
        """
        taken: StoredSet | None = None
        if partitions_def is not None:
            self.place(asset_key, partitions_def)
            taken, _ = stored_keys(partitions_def, partition_keys, self.partition_ids(asset_key))
        self.store.wipe_asset(asset_key, time.time(), stored_set=taken, partition_keys=partition_keys)

    def _restored(
        self, key: AssetKey, partitions_def: PartitionsDefinition[Any], stored: StoredSet
    ) -> PartitionSet:
        space = partitions_def.space(dynamic_partitions_store=self)
        return from_stored(space, stored, self.partition_ids(key)).partitions

    def place(self, key: AssetKey, partitions_def: PartitionsDefinition[Any]) -> None:
        """Find out where partitions lie that were reported by key alone."""
        while unplaced := self.store.assets.unplaced_keys(key):
            ids = self.partition_ids(key)
            self.store.assets.place(
                key, {text: stored_keys(partitions_def, [text], ids)[0] for text in unplaced}
            )
