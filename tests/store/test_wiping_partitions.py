"""Wiping some partitions of an asset: what counts as materialized afterwards, whatever kind of key."""

import pytest

import treadle as dg

DAILY = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-05")
COLORS = dg.StaticPartitionsDefinition(["red", "green", "blue"])
DEFINITIONS = {
    "multi": dg.MultiPartitionsDefinition({"day": DAILY, "color": COLORS}),
    "daily": DAILY,
    "static": COLORS,
    "dynamic": dg.DynamicPartitionsDefinition(name="regions"),
}


@pytest.mark.parametrize("kind", DEFINITIONS)
@pytest.mark.parametrize("how", ["with definition", "without definition", "as plain text"])
def test_wiped_partitions_are_not_materialized(store, kind: str, how: str) -> None:
    instance = dg.DagsterInstance(store)
    definition = DEFINITIONS[kind]
    instance.add_dynamic_partitions("regions", ["north", "south", "west"])

    @dg.asset(partitions_def=definition)
    def pieces() -> int:
        return 1

    first, second, third = list(definition.get_partition_keys(dynamic_partitions_store=instance))[:3]
    for key in (first, second, third):
        assert dg.materialize([pieces], partition_key=key, instance=instance).success
    given = definition if how == "with definition" else None
    wiped = [str.__str__(first) if how == "as plain text" else first, second]
    instance.wipe_asset_partitions(pieces.key, wiped, given)
    assert instance.get_materialized_partitions(pieces.key) == {third}
    if given is not None:
        assert list(instance.materialized_keys(pieces.key, definition)) == [third]
    assert dg.materialize([pieces], partition_key=second, instance=instance).success
    assert instance.get_materialized_partitions(pieces.key) == {second, third}
