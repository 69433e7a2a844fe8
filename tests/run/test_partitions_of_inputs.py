"""What a step's context tells of the partitions of the assets that it depends on."""

import treadle as dg

DAYS = dg.DailyPartitionsDefinition("2026-01-01")
YESTERDAY = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)


def test_of_a_dependency_that_is_no_argument():
    seen = []

    @dg.asset(partitions_def=DAYS, key_prefix="shop")
    def orders() -> None: ...

    @dg.asset(partitions_def=DAYS, deps=[dg.AssetDep(orders, partition_mapping=YESTERDAY)])
    def report(context: dg.AssetExecutionContext) -> None:
        name = next(iter(context.assets_def.keys_by_input_name))
        seen.append(
            (context.asset_partition_key_for_input(name), context.asset_partition_key_range_for_input(name))
        )

    assert dg.materialize([orders, report], partition_key="2026-01-03").success
    assert seen == [("2026-01-02", dg.PartitionKeyRange("2026-01-02", "2026-01-02"))]


def test_of_the_asset_itself_the_day_before():
    seen = []

    @dg.asset(partitions_def=DAYS, deps=[dg.AssetDep("balance", partition_mapping=YESTERDAY)])
    def balance(context: dg.AssetExecutionContext) -> None:
        seen.append(context.asset_partition_key_for_input("balance"))

    assert dg.materialize([balance], partition_key="2026-01-03").success
    assert seen == ["2026-01-02"]


def test_the_days_of_a_range_of_a_definition_of_several_dimensions():
    cells = dg.MultiPartitionsDefinition(
        {"day": DAYS, "shop": dg.StaticPartitionsDefinition(["a", "b", "c"])}
    )
    seen = []

    @dg.asset(partitions_def=cells)
    def sales(context: dg.AssetExecutionContext) -> None:
        seen.extend(context.partition_keys)

    start, end = "2026-01-01|b", "2026-01-02|c"
    dg.materialize(
        [sales], tags={"dagster/asset_partition_range_start": start, "dagster/asset_partition_range_end": end}
    )
    assert seen == ["2026-01-01|b", "2026-01-01|c", "2026-01-02|b", "2026-01-02|c"]
