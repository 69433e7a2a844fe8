from dagster import MultiPartitionsDefinition

multi_partition = MultiPartitionsDefinition({
    "date": daily_partition,
    "city": city_partition,
})

@dg.asset(
    partitions_def=multi_partition,
)
def multi_partitioned_data(context: dg.AssetExecutionContext):
    """Process by date AND city."""
    partition_key = context.partition_key
    # partition_key.keys_by_dimension = {"date": "2024-11-05", "city": "london"}

    date = partition_key.keys_by_dimension["date"]
    city = partition_key.keys_by_dimension["city"]

    return fetch_weather(city, date)
