"""The context of a sensor that watches several assets: what is new of each, and what of it was read."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from treadle.core.asset_cursors import AssetCursor, cursor_text, read_cursors
from treadle.core.errors import InvalidInvocationError, InvariantViolationError, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.partitions.multi_mapping import default_mapping
from treadle.core.selection.asset_selection import AssetSelection
from treadle.define.context.sensor_context import SensorEvaluationContext

if TYPE_CHECKING:
    from treadle.core.ports import InstancePort
    from treadle.define.code import Code

_PAGE = 1_000
Read = set[tuple[int, str | None]]


class MultiAssetSensorEvaluationContext(SensorEvaluationContext):
    """What a `@multi_asset_sensor`'s function may read. `build_multi_asset_sensor_context` makes one for a test.

    A materialization is new until `advance_cursor` or `advance_all_cursors` says that it was read.

    Args:
        monitored_assets: keys, or an AssetSelection.
    """

    maker = "build_multi_asset_sensor_context"

    def __init__(self, monitored_assets: Any, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._monitored = monitored_assets
        self._keys: tuple[AssetKey, ...] | None = None
        self._initial: dict[AssetKey, AssetCursor] | None = None
        self._read: dict[AssetKey, Read] = {}
        self._caught_up: dict[AssetKey, Any] = {}
        self._latest: dict[AssetKey, Any] | None = None
        self.has_read_records = False
        """Whether the function was given any materialization."""

    def begin(self) -> None:
        """What is new is settled when it is first asked for: what comes in later belongs to the next evaluation."""
        super().begin()
        self._latest, self.has_read_records = {}, False

    def end(self) -> None:
        """From here on every question reads what is stored."""
        self._latest = None

    def _latest_record(self, key: AssetKey) -> Any:
        if self._latest is not None and key in self._latest:
            return self._latest[key]
        instance: Any = self.instance
        found = instance.settled_materialization(key)
        if self._latest is not None:
            self._latest[key] = found
        return found

    # --- the assets

    @property
    def asset_keys(self) -> list[AssetKey]:
        """The assets that are watched."""
        if self._keys is None:
            if isinstance(self._monitored, AssetSelection):
                code = self._known_code("watches an AssetSelection")
                chosen = self._monitored.resolve(code.catalog.selectable_graph)
                self._keys = tuple(key for key in code.catalog.assets if key in chosen)
            else:
                self._keys = tuple(AssetKey.from_coercible_or_definition(key) for key in self._monitored)
        return list(self._keys)

    @property
    def assets_defs_by_key(self) -> Mapping[AssetKey, Any]:
        """Each watched asset's definition; None where it is not defined here."""
        code = self._known_code("asks for definitions")
        nodes = code.catalog.assets
        return {
            key: code.assets_defs.get(nodes[key].computation or "") if key in nodes else None
            for key in self.asset_keys
        }

    def _known_code(self, why: str) -> "Code":
        code = self.code
        if code is None:
            raise InvariantViolationError(
                f"this context {why}, and its definitions are not known",
                hint=f"make it with `{self.maker}(definitions=…)`",
            )
        return code

    def _cursor_of(self, key: AssetKey) -> AssetCursor:
        if self._initial is None:
            self._initial = read_cursors(self._cursor, self.asset_keys)
        if key not in self._initial:
            self._refuse_unwatched(key)
        return self._initial[key]

    def _refuse_unwatched(self, key: AssetKey) -> None:
        if key not in self.asset_keys:
            raise InvalidInvocationError(f"asset `{key.to_user_string()}` is not watched by this sensor.")

    def _partitions_def(self, key: AssetKey) -> Any:
        code = self.code
        return None if code is None else code.catalog.partitions_def_of(key)

    # --- what is new

    def latest_materialization_records_by_key(
        self, asset_keys: Sequence[AssetKey] | None = None
    ) -> Mapping[AssetKey, Any]:
        """The latest materialization of each watched asset; None where it is not new.

        Args:
            asset_keys: only these.
        """
        found: dict[AssetKey, Any] = {}
        for key in self.asset_keys if asset_keys is None else asset_keys:
            key = AssetKey.from_coercible_or_definition(key)
            after = self._cursor_of(key).event_id if key in self.asset_keys else None
            latest = self._latest_record(key) if key in self.asset_keys else None
            is_new = latest is not None and latest.storage_id > (after or 0)
            found[key] = latest if is_new else None
            self.has_read_records |= is_new
        return found

    def materialization_records_for_key(self, asset_key: AssetKey, limit: int | None = None) -> Sequence[Any]:
        """The new materializations of one asset, the oldest first.

        Args:
            limit: the most to give.
        """
        key = AssetKey.from_coercible_or_definition(asset_key)
        self._refuse_unwatched(key)
        found = self._records_after(key, self._cursor_of(key).event_id, limit)
        self.has_read_records |= bool(found)
        return found

    def get_trailing_unconsumed_events(self, asset_key: AssetKey) -> Sequence[Any]:
        """Materializations before the cursor that were passed over: of each partition the latest, the oldest first."""
        key = AssetKey.from_coercible_or_definition(asset_key)
        trailing = self._cursor_of(key).trailing
        found = [
            record
            for partition, event_id in trailing.items()
            if (record := self._record(key, event_id, partition)) is not None
        ]
        self.has_read_records |= bool(found)
        return sorted(found, key=lambda record: record.storage_id)

    def latest_materialization_records_by_partition(
        self, asset_key: AssetKey, after_cursor_partition: bool | None = False
    ) -> Mapping[str, Any]:
        """Of each partition the latest materialization that is new or was passed over, the oldest first.

        Args:
            after_cursor_partition: only partitions that come after that of the cursor.

        Raises:
            InvariantViolationError: the asset has no partitions.
        """
        key = AssetKey.from_coercible_or_definition(asset_key)
        cursor = self._cursor_of(key)
        definition = self._partitions_def(key)
        if definition is None and self.code is not None:
            raise InvariantViolationError(f"asset `{key.to_user_string()}` has no partitions.")
        latest: dict[str, Any] = {}
        for record in [
            *self.get_trailing_unconsumed_events(key),
            *self._records_after(key, cursor.event_id, None),
        ]:
            if record.partition_key is not None:
                latest.pop(record.partition_key, None)
                latest[record.partition_key] = record
        if after_cursor_partition and cursor.partition is not None and definition is not None:
            keys = [
                str(each) for each in definition.get_partition_keys(dynamic_partitions_store=self._instance)
            ]
            later = set(keys[keys.index(cursor.partition) + 1 :]) if cursor.partition in keys else set(keys)
            latest = {partition: record for partition, record in latest.items() if partition in later}
        self.has_read_records |= bool(latest)
        return latest

    def latest_materialization_records_by_partition_and_asset(self) -> Mapping[str, Mapping[AssetKey, Any]]:
        """Partition -> asset -> its latest new materialization. All assets must share one partitions definition.

        Raises:
            InvalidInvocationError: they do not.
        """
        definitions = [self._partitions_def(key) for key in self.asset_keys]
        if self.code is not None and any(each is None or each != definitions[0] for each in definitions):
            raise InvalidInvocationError(
                "The watched assets must all be partitioned, by one and the same partitions definition."
            )
        found: dict[str, dict[AssetKey, Any]] = {}
        for key in self.asset_keys:
            for partition, record in self.latest_materialization_records_by_partition(key).items():
                found.setdefault(partition, {})[key] = record
        return found

    def all_partitions_materialized(
        self, asset_key: AssetKey, partitions: Sequence[str] | None = None
    ) -> bool:
        """Whether all partitions of an asset (or these) were ever materialized.

        Raises:
            InvariantViolationError: the asset has no partitions.
        """
        key = AssetKey.from_coercible_or_definition(asset_key)
        wanted: Iterable[str] | None = partitions
        if wanted is None:
            definition = self._partitions_def(key)
            if definition is None:
                raise InvariantViolationError(f"asset `{key.to_user_string()}` has no partitions.")
            wanted = definition.get_partition_keys(dynamic_partitions_store=self._instance)
        made = self.instance.get_materialized_partitions(key)
        return all(str(partition) in made for partition in wanted)

    def get_cursor_partition(self, asset_key: AssetKey | None) -> str | None:
        """The partition of the last materialization of an asset that was read.

        Args:
            asset_key: may be None where one asset is watched.
        """
        if asset_key is None and len(self.asset_keys) == 1:
            asset_key = self.asset_keys[0]
        if asset_key is None:
            raise InvalidInvocationError("Several assets are watched, so say which with `asset_key`.")
        return self._cursor_of(AssetKey.from_coercible_or_definition(asset_key)).partition

    def get_downstream_partition_keys(
        self, partition_key: str, from_asset_key: AssetKey, to_asset_key: AssetKey
    ) -> Sequence[str]:
        """The partitions of one asset that depend on a partition of another.

        Raises:
            InvalidInvocationError: one of the two has no partitions.
        """
        source, target = (
            AssetKey.from_coercible_or_definition(key) for key in (from_asset_key, to_asset_key)
        )
        catalog = self._known_code("maps partitions").catalog
        definitions = []
        for key in (source, target):
            definition = catalog.partitions_def_of(key)
            if definition is None:
                raise InvalidInvocationError(f"asset `{key.to_user_string()}` has no partitions.")
            definitions.append(definition)
        named = next(
            (dep.partition_mapping for dep in catalog.assets[target].spec.deps if dep.asset_key == source),
            None,
        )
        mapping = named or default_mapping(*definitions)
        upstream, downstream = (each.space(dynamic_partitions_store=self._instance) for each in definitions)
        return [str(key) for key in mapping.downstream_of(upstream.of_keys([partition_key]), downstream)]

    # --- what was read

    def advance_cursor(self, materialization_records_by_key: Mapping[AssetKey, Any]) -> None:
        """Say which materializations were read. What was passed over stays new.

        Args:
            materialization_records_by_key: asset -> a record, several of them, or a mapping of partitions to them;
                None: nothing of this asset.
        """
        for given, records in materialization_records_by_key.items():
            key = AssetKey.from_coercible_or_definition(given)
            self._cursor_of(key)
            for record in _records_in(records):
                if not hasattr(record, "storage_id"):
                    raise wrong_type(
                        "materialization_records_by_key", "asset keys to records", record, "advance_cursor"
                    )
                self._read.setdefault(key, set()).add((record.storage_id, record.partition_key))
        self._cursor_updated = True

    def advance_all_cursors(self) -> None:
        """Say that everything that is there now was read."""
        self._caught_up.update((key, self._latest_record(key)) for key in self.asset_keys)
        self._cursor_updated = True

    def update_cursor_after_evaluation(self) -> None:
        """Write what was read into `cursor`, as the tick does after the function has returned."""
        if not self._read and not self._caught_up:
            return
        cursors = {key: self._moved(key) for key in self.asset_keys}
        self._cursor = cursor_text(cursors, self._cursor)
        self._cursor_updated = True
        self._initial, self._read, self._caught_up = None, {}, {}

    def settle(self, result: Any) -> Any:
        """After a direct call `cursor` tells what was read; after a generator's, once it has ended."""
        if isinstance(result, Generator):
            return self._settled_at_the_end(result)
        self.update_cursor_after_evaluation()
        return result

    def _settled_at_the_end(self, results: Iterable[Any]) -> Iterator[Any]:
        yield from results
        self.update_cursor_after_evaluation()

    def _moved(self, key: AssetKey) -> AssetCursor:
        cursor = self._cursor_of(key)
        if key in self._caught_up:
            latest = self._caught_up[key]
            if latest is None or (cursor.event_id is not None and latest.storage_id <= cursor.event_id):
                return AssetCursor(cursor.partition, cursor.event_id, {})
            return AssetCursor(latest.partition_key, latest.storage_id, {})
        read = self._read.get(key, set())
        if not read:
            return cursor
        between = self._records_after(key, cursor.event_id, None, until=max(event_id for event_id, _ in read))
        return cursor.advanced(((each.storage_id, each.partition_key) for each in between), read)

    # --- the store

    def _records_after(
        self, key: AssetKey, after: int | None, limit: int | None, until: int | None = None
    ) -> list[Any]:
        found: list[Any] = []
        place: str = str(after or 0)
        if until is None and self._latest is not None:
            latest = self._latest_record(key)
            until = latest.storage_id if latest is not None else 0
        while True:
            wanted = _PAGE if limit is None else min(_PAGE, limit - len(found))
            if wanted <= 0:
                return found
            page = self.instance.fetch_materializations(key, wanted, cursor=place, ascending=True)
            for record in page.records:
                if until is not None and record.storage_id > until:
                    return found
                found.append(record)
            if not page.records or not page.has_more:
                return found
            place = page.cursor

    def _record(self, key: AssetKey, event_id: int, partition: str) -> Any:
        page = self.instance.fetch_materializations(key, _PAGE, cursor=str(event_id - 1), ascending=True)
        for record in page.records:
            if record.storage_id == event_id and record.partition_key == partition:
                return record
        return None


def _records_in(given: Any) -> Iterable[Any]:
    if given is None:
        return ()
    if isinstance(given, Mapping):
        return given.values()
    return given if isinstance(given, list | tuple | set) else (given,)


def build_multi_asset_sensor_context(
    *,
    monitored_assets: Any,
    repository_def: Any = None,
    instance: "InstancePort | None" = None,
    cursor: str | None = None,
    repository_name: str | None = None,
    cursor_from_latest_materializations: bool = False,
    resources: Mapping[str, Any] | None = None,
    definitions: Any = None,
    last_sensor_start_time: float | None = None,
) -> MultiAssetSensorEvaluationContext:
    """A context with which a `@multi_asset_sensor` can be called or evaluated in a test.

    Args:
        monitored_assets: keys, or an AssetSelection.
        repository_def: the repository that the sensor stands in.
        instance: what `context.instance` gives.
        cursor: what the last evaluation left.
        cursor_from_latest_materializations: start as if all that was materialized so far had been read.
        resources: key -> resource definition, resource object or any value.
        definitions: the `Definitions` that the sensor stands in.
        last_sensor_start_time: when it was last switched on, in Unix seconds.

    Raises:
        InvalidInvocationError: a cursor is given twice.
    """
    context = MultiAssetSensorEvaluationContext(
        monitored_assets,
        instance=instance,
        cursor=cursor,
        resources=resources,
        definitions=definitions if repository_def is None else repository_def,
        last_sensor_start_time=last_sensor_start_time,
        repository_name=repository_name,
    )
    if cursor_from_latest_materializations:
        if cursor is not None:
            raise InvalidInvocationError("give one of `cursor` and `cursor_from_latest_materializations`.")
        if instance is None:
            raise InvalidInvocationError(
                "`cursor_from_latest_materializations` needs an `instance` to look into."
            )
        context.advance_all_cursors()
        context.update_cursor_after_evaluation()
        context._cursor_updated = False
    return context
