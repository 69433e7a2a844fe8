"""Stored values are copied from one IO manager to another (issue 4 §1)."""

from typing import Any

import pytest

from treadle import (
    AssetSelection,
    DailyPartitionsDefinition,
    Definitions,
    InvalidArgumentError,
    IOManager,
    asset,
    materialize,
    migrate_io_storage,
)
from treadle.store.instance import Instance


class Shelf(IOManager):
    """Values by asset and partitions; a call an entry."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def handle_output(self, context: Any, obj: Any) -> None:
        if not context.has_asset_partitions:
            self.values[context.asset_key.to_user_string()] = obj
            return
        keys = context.asset_partition_keys
        for key in keys:
            value = obj[key] if len(keys) > 1 else obj
            self.values[f"{context.asset_key.to_user_string()}/{key}"] = value

    def load_input(self, context: Any) -> Any:
        name = context.asset_key.to_user_string()
        if not context.has_asset_partitions:
            return self.values[name]
        found = {key: self.values[f"{name}/{key}"] for key in context.asset_partition_keys}
        return found if len(found) > 1 else next(iter(found.values()))


@asset(metadata={"m": 1})
def one() -> int:
    return 1


@asset(partitions_def=DailyPartitionsDefinition("2024-01-01", end_date="2024-01-10"))
def days(context: Any) -> str:
    return str(context.partition_key)


@asset
def never() -> int:
    return 1


@asset
def without_value() -> None: ...


@pytest.fixture
def source() -> Shelf:
    return Shelf()


@pytest.fixture
def instance(source: Shelf) -> Any:
    with Instance.ephemeral() as made:
        materialize([one, without_value], resources={"io_manager": source}, instance=made)
        for key in ("2024-01-01", "2024-01-02", "2024-01-05"):
            materialize([days], resources={"io_manager": source}, instance=made, partition_key=key)
        yield made


def definitions(source: Shelf) -> Definitions:
    return Definitions(assets=[one, days, never, without_value], resources={"io_manager": source})


def told(pieces: Any) -> dict[str, Any]:
    return {piece.key.to_user_string(): piece.partition_keys for piece in pieces}


ALL_DAYS = ("2024-01-01", "2024-01-02", "2024-01-05")


@pytest.mark.parametrize("together", [False, True])
def test_what_is_stored_is_copied(together: bool, source: Shelf, instance: Instance) -> None:
    shelf = Shelf()
    result = migrate_io_storage(
        definitions=definitions(source),
        destination_io_manager=shelf,
        instance=instance,
        batch_partitions=together,
    )
    assert shelf.values == source.values
    assert told(result.migrated) == {"one": None, "days": ALL_DAYS}
    assert result.skipped == result.failed == ()


def test_some_of_it_changed_on_the_way(source: Shelf, instance: Instance) -> None:
    shelf = Shelf()
    result = migrate_io_storage(
        definitions=definitions(source),
        destination_io_manager=shelf,
        instance=instance,
        selection=AssetSelection.assets("days"),
        should_skip=lambda key, partition: partition == "2024-01-02",
        transform=lambda value: value.replace("-", ""),
    )
    assert shelf.values == {"days/2024-01-01": "20240101", "days/2024-01-05": "20240105"}
    assert told(result.skipped) == {"days": ("2024-01-02",)}


def test_what_fails_keeps_nothing_else_from_being_copied(source: Shelf, instance: Instance) -> None:
    del source.values["days/2024-01-01"]
    shelf = Shelf()
    result = migrate_io_storage(
        definitions=definitions(source), destination_io_manager=shelf, instance=instance
    )
    assert told(result.failed) == {"days": ("2024-01-01",)}
    assert told(result.migrated) == {"one": None, "days": ALL_DAYS[1:]}


def test_definitions_and_an_instance_are_needed(source: Shelf) -> None:
    with pytest.raises(InvalidArgumentError, match="one of `definitions` and `context`"):
        migrate_io_storage(destination_io_manager=Shelf())
    with pytest.raises(InvalidArgumentError, match="instance"):
        migrate_io_storage(definitions=definitions(source), destination_io_manager=Shelf())
