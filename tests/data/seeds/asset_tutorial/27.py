@dg.schedule(
    name="daily_weather_schedule",
    cron_schedule="0 2 * * *",  # Daily at 2 AM
    job=dg.define_asset_job(
        name="weather_job",
        selection=dg.AssetSelection.groups("weather"),
    ),
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def daily_weather_schedule():
    """Run weather pipeline daily."""
    return dg.RunRequest()
