from dagster import StaticPartitionsDefinition

city_partition = StaticPartitionsDefinition(
    ["london", "new_york", "tokyo", "sydney"]
)

@dg.asset(
    partitions_def=city_partition,
)
def city_weather_data(context: dg.AssetExecutionContext):
    """Fetch weather for one city."""
    city = context.partition_key  # "london"
    return fetch_weather_for_city(city)
