"""A day's orders and what they brought in. Run it: python orders.py, or treadle materialize -f orders.py."""

import treadle as dg

days = dg.DailyPartitionsDefinition(start_date="2024-01-01")


@dg.asset(partitions_def=days)
def raw_orders(context: dg.AssetExecutionContext) -> list[int]:
    return [10, 20, int(context.partition_key[-2:])]


@dg.asset(partitions_def=days)
def revenue(raw_orders: list[int]) -> int:
    return sum(raw_orders)


@dg.asset_check(asset=revenue)
def revenue_is_positive(revenue: int) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=revenue > 0, metadata={"revenue": revenue})


if __name__ == "__main__":
    result = dg.materialize([raw_orders, revenue, revenue_is_positive], partition_key="2024-01-05")
    print(result)
    print(result.asset_value("revenue"))
