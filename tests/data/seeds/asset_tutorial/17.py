from dagster import DailyPartitionsDefinition

daily_partition = DailyPartitionsDefinition(start_date="2024-01-01")

@dg.asset(
    partitions_def=daily_partition,
)
def daily_weather_data(context: dg.AssetExecutionContext):
    """Fetch weather data for one day."""

    # Get the partition we're processing
    date = context.partition_key  # "2024-11-05"

    context.log.info(f"Processing date: {date}")

    # Fetch only data for this date
    data = fetch_weather_for_date(date)

    return data
