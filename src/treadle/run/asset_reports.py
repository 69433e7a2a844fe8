"""Records what became of assets: materializations and observations, with versions and partitions."""

from collections.abc import Iterator, Mapping
from typing import Any

from treadle.core.asset_events import (
    DATA_VERSION_TAG,
    AssetCheckEvaluation,
    AssetMaterialization,
    AssetObservation,
)
from treadle.core.catalog import OutputNode
from treadle.core.errors import InvariantViolationError
from treadle.core.events import (
    WRITER_TAG,
    WRITER_VERSION_TAG,
    AssetData,
    CheckData,
    EventType,
    ExpectationData,
)
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.metadata_entries import event_metadata, metadata_to_wire
from treadle.core.outputs import ExpectationResult
from treadle.plan.data_versions import derived_data_version
from treadle.run.attempt import StepAttempt
from treadle.run.event_maker import INFO
from treadle.run.partition_tags import dimension_tags, plain_keys
from treadle.store.records import AssetRecordsFilter

USER_PROVIDED_TAG = "dagster/data_version_is_user_provided"


class AssetReporter:
    """Records asset events of one attempt of a step.

    Args:
        execution: the attempt.
        versions: is filled with (asset, partition key, data version) of what was made.
    """

    def __init__(self, execution: StepAttempt, versions: list[tuple[AssetKey, str | None, str]]) -> None:
        self._execution = execution
        self._versions = versions
        own = execution.partitions.own
        self._dimension_tags = dimension_tags(own.keys) if own is not None else {}
        self._partition_keys: tuple[str, ...] | None = plain_keys(own.keys) if own is not None else None

    def materialized(
        self,
        node: OutputNode,
        metadata: Mapping[str, Any],
        added: Mapping[str, Any],
        data_version: str | None,
        tags: Mapping[str, str] | None,
    ) -> None:
        """The asset of an output was made.

        Args:
            metadata: that user code gave.
            added: by the IO manager.
            data_version: given by user code, if any.
        """
        execution = self._execution
        env, key = execution.env, node.asset_key
        assert key is not None
        writer = execution.computation.writer
        spec = env.catalog.assets[key].spec_of(writer)
        given = data_version or execution.state.data_versions.get(node.name)
        code_version = spec.code_version or env.run.run_id
        inputs = self._execution.input_versions_of(key)
        config_version = env.config_version_of(execution.step)
        version = given or derived_data_version(code_version, inputs, config_version)
        all_tags = dict(tags) if tags else {}
        if writer is not None:
            all_tags[WRITER_TAG] = writer
            version = self._version_of_all_writers(key, writer, version, all_tags)
        if given is not None:
            all_tags[USER_PROVIDED_TAG] = "true"
        if self._dimension_tags and self._keys_of(key) is not None:
            all_tags.update(self._dimension_tags)
        self._note_version(key, version)
        base = {**metadata, **added} if added else metadata
        groups = list(self._groups(key))
        for keys, extra in groups:
            shown = {**base, **self._execution.state.as_metadata(extra)} if extra else base
            data = AssetData(
                metadata=metadata_to_wire(shown) if shown else {},
                tags=all_tags,
                data_version=version,
                code_version=code_version,
                config_version=config_version,
                input_versions=inputs if len(groups) == 1 else execution.input_versions_of(key, keys),
            )
            execution.tell(
                EventType.ASSET_MATERIALIZATION,
                data,
                f"Materialized {key.to_user_string()}",
                level=INFO,
                asset_key=key,
                partition_keys=keys,
            )

    def observed(
        self,
        node: OutputNode,
        data_version: str | None,
        metadata: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """An asset was looked at."""
        assert node.asset_key is not None
        self._tell_observed(node.asset_key, self._keys_of(node.asset_key), data_version, metadata, tags)

    def observed_by_partition(self, node: OutputNode, versions: Mapping[str, Any]) -> None:
        """Partitions of an asset were looked at, each with its version."""
        assert node.asset_key is not None
        for key, version in versions.items():
            self._tell_observed(node.asset_key, (key,), getattr(version, "value", version), None, None)

    def keys_of_check(self, check: AssetCheckKey) -> tuple[str, ...] | None:
        """The partitions that a check looks at; None where it and its asset have none."""
        execution = self._execution
        own = execution.partitions.own_of_check(execution.env.catalog, check)
        return None if own is None else self._partition_keys

    def materialization_of(self, key: AssetKey, keys: tuple[str, ...] | None) -> dict[str, Any]:
        """Which materialization a check looks at: the latest, of its partition where it has one. For `CheckData`."""
        env = self._execution.env
        only = keys[0] if keys is not None and len(keys) == 1 else None
        own = env.all_materializations
        if own is not None:
            made = own.latest(key, only)
            return {} if made is None else _target(made.storage_id, made.event.run_id, made.event.timestamp)
        self._execution.flush()  # this run may have made it
        wanted = AssetRecordsFilter(key, None if only is None else [only])
        records = env.instance.fetch_materializations(wanted, limit=1).records
        if not records:
            return {}
        found = records[0]
        return _target(found.storage_id, found.run_id, found.timestamp)

    def report(self, event: Any) -> None:
        """Record an event that user code made itself."""
        tell = self._execution.tell
        if isinstance(event, AssetMaterialization | AssetObservation):
            made = isinstance(event, AssetMaterialization)
            tags = dict(event.tags or {})
            tell(
                EventType.ASSET_MATERIALIZATION if made else EventType.ASSET_OBSERVATION,
                AssetData(
                    metadata=metadata_to_wire(event_metadata(event.metadata)) if event.metadata else {},
                    tags=tags,
                    description=event.description,
                    data_version=tags.get(DATA_VERSION_TAG),
                ),
                f"{'Materialized' if made else 'Observed'} {event.asset_key.to_user_string()}",
                level=INFO,
                asset_key=event.asset_key,
                partition_keys=(event.partition,) if event.partition is not None else None,
            )
            return
        if isinstance(event, AssetCheckEvaluation):
            tell(
                EventType.ASSET_CHECK_EVALUATION,
                CheckData(
                    name=event.check_name,
                    passed=event.passed,
                    severity=event.severity.value,
                    blocking=bool(event.blocking),
                    description=event.description,
                    metadata=metadata_to_wire(event.metadata) if event.metadata else {},
                ),
                f"Check {event.check_name} {'passed' if event.passed else 'failed'}",
                asset_key=event.asset_key,
                partition_keys=(event.partition,) if event.partition is not None else None,
            )
            return
        if not isinstance(event, ExpectationResult):
            raise InvariantViolationError(
                f"A step cannot record a value of type {type(event).__name__} as an event.",
                code="output-mismatch",
            )
        tell(
            EventType.STEP_EXPECTATION_RESULT,
            ExpectationData(
                success=event.success,
                label=event.label,
                description=event.description,
                metadata=metadata_to_wire(event_metadata(event.metadata)) if event.metadata else {},
            ),
            f"Expectation {event.label or ''} {'holds' if event.success else 'does not hold'}",
        )

    def _tell_observed(
        self,
        key: AssetKey,
        keys: tuple[str, ...] | None,
        data_version: str | None,
        metadata: Mapping[str, Any] | None,
        tags: Mapping[str, str] | None,
    ) -> None:
        if data_version is not None:
            for partition in keys or (None,):
                self._versions.append((key, partition, data_version))
                self._execution.env.versions.set(key, partition, data_version)
        self._execution.tell(
            EventType.ASSET_OBSERVATION,
            AssetData(
                metadata=metadata_to_wire(event_metadata(metadata)) if metadata else {},
                tags=dict(tags) if tags else {},
                data_version=data_version,
            ),
            f"Observed {key.to_user_string()}",
            level=INFO,
            asset_key=key,
            partition_keys=keys,
        )

    def _version_of_all_writers(self, key: AssetKey, writer: str, version: str, tags: dict[str, str]) -> str:
        """The asset's data version: what follows from what each of its writers wrote last."""
        env = self._execution.env
        own = self._execution.partitions.own_of_asset(env.catalog, key)
        keys, place = own.keys if own is not None else None, _only(self._keys_of(key))
        found = {writer: version}
        for other in env.catalog.assets[key].writers:
            if other.name == writer:
                continue
            known = env.versions.known.get((_key_of_writer(key, other.name), place))
            if known is None and env.all_materializations is None:
                state = env.instance.latest_state_of_writer(key, other.name, keys)
                known = state.writer_version if state is not None else None
            if known is not None:
                found[other.name] = known
        tags[WRITER_VERSION_TAG] = version
        self._versions.append((_key_of_writer(key, writer), place, version))
        env.versions.set(_key_of_writer(key, writer), place, version)
        return version if len(found) == 1 else derived_data_version("", found)

    def _keys_of(self, key: AssetKey) -> tuple[str, ...] | None:
        """The partitions of an asset that this step makes; None where it has none, though others of the step may."""
        execution = self._execution
        if (
            self._partition_keys is None
            or execution.partitions.own_of_asset(execution.env.catalog, key) is None
        ):
            return None
        return self._partition_keys

    def _note_version(self, key: AssetKey, version: str) -> None:
        for partition in self._keys_of(key) or (None,):
            self._versions.append((key, partition, version))
            self._execution.env.versions.set(key, partition, version)

    def _groups(self, key: AssetKey) -> Iterator[tuple[tuple[str, ...] | None, Mapping[str, Any]]]:
        """The partitions, those with metadata of their own apart, and what was added to each group."""
        added = self._execution.state.asset_metadata
        common = added.get((key, None), {}) if added else {}
        keys = self._keys_of(key)
        if keys is None:
            # What was added for a partition of the step is of the whole asset, where that has no partitions.
            for partition in self._partition_keys or () if added else ():
                common = {**common, **added.get((key, partition), {})}
            yield None, common
            return
        apart = [partition for partition in keys if added and (key, partition) in added]
        rest = tuple(partition for partition in keys if partition not in set(apart)) if apart else keys
        if rest:
            yield rest, common
        for partition in apart:
            yield (partition,), {**common, **added[key, partition]}


def _target(storage_id: int, run_id: str, timestamp: float) -> dict[str, Any]:
    return {
        "target_materialization": storage_id,
        "target_run_id": run_id,
        "target_timestamp": timestamp,
    }


def _key_of_writer(key: AssetKey, writer: str) -> AssetKey:
    """Stands for a writer among the versions that a run made."""
    return AssetKey((*key.parts_tuple, f"writer:{writer}"))


def _only(keys: tuple[str, ...] | None) -> str | None:
    """The partition, or several as one text."""
    return None if keys is None else "\n".join(keys)
