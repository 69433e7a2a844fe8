from dagster import HourlyPartitionsDefinition

hourly_partition = HourlyPartitionsDefinition(start_date="2024-01-01-00:00")

@dg.asset(
    partitions_def=hourly_partition,
)
def hourly_traffic_data(context: dg.AssetExecutionContext):
    """Fetch traffic data for one hour."""
    hour = context.partition_key  # "2024-11-05-14:00"
    return fetch_traffic_for_hour(hour)
