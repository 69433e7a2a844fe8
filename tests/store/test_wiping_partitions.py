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
    assert list(instance.materialized_keys(pieces.key, definition)) == [third]
    assert instance.get_status_by_partition(pieces.key, [first, third], definition)[first] is None
    found = instance.latest_states([(pieces.key, str(key)) for key in (first, second, third)])
    assert [key for _, key in found] == [str(third)]
    space = definition.space(dynamic_partitions_store=instance)
    assert len(instance.made_pieces(pieces.key, space.all())) == 1
    assert dg.materialize([pieces], partition_key=second, instance=instance).success
    assert list(instance.materialized_keys(pieces.key, definition)) == [second, third]
    assert instance.get_materialized_partitions(pieces.key) == {second, third}


@pytest.mark.parametrize("given", [DAILY, None])
def test_what_was_made_after_a_wipe_stands(store, given) -> None:
    @dg.asset(partitions_def=DAILY)
    def pieces() -> int:
        return 1

    instance = dg.DagsterInstance(store)
    for key in ("2024-01-01", "2024-01-02"):
        dg.materialize([pieces], partition_key=key, instance=instance)
    instance.wipe_asset_partitions(pieces.key, ["2024-01-01", "2024-01-02"], given)
    assert instance.get_latest_materialization_event(pieces.key) is None
    dg.materialize([pieces], partition_key="2024-01-01", instance=instance)
    assert list(instance.materialized_keys(pieces.key, DAILY)) == ["2024-01-01"]
    assert instance.latest_states([(pieces.key, "2024-01-02")]) == {}


@pytest.mark.parametrize("given", [DAILY, None])
def test_of_a_range_only_the_wiped_partitions_are_forgotten(store, given) -> None:
    @dg.asset(partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run())
    def pieces() -> dg.MaterializeResult:
        return dg.MaterializeResult()

    instance = dg.DagsterInstance(store)
    span = {
        "dagster/asset_partition_range_start": "2024-01-01",
        "dagster/asset_partition_range_end": "2024-01-04",
    }
    dg.materialize([pieces], tags=span, instance=instance)
    instance.wipe_asset_partitions(pieces.key, ["2024-01-02", "2024-01-03"], given)
    instance.wipe_asset_partitions(pieces.key, ["2024-01-04"], given)
    assert list(instance.materialized_keys(pieces.key, DAILY)) == ["2024-01-01"]
    assert instance.get_materialized_partitions(pieces.key) == {"2024-01-01"}
    assert [
        key for _, key in instance.latest_states([(pieces.key, f"2024-01-0{n}") for n in range(1, 5)])
    ] == ["2024-01-01"]
    assert instance.get_latest_materialization_event(pieces.key) is not None
    instance.wipe_asset_partitions(pieces.key, ["2024-01-01"], given)
    assert instance.get_latest_materialization_event(pieces.key) is None
