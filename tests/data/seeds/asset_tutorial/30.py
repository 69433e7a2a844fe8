@dg.sensor(
    name="data_freshness_sensor",
    minimum_interval_seconds=300,  # Check every 5 minutes
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def data_freshness_sensor(context: dg.SensorEvaluationContext):
    """Alert if data is stale."""

    asset_key = dg.AssetKey(["my_important_data"])
    last_materialization = context.instance.get_latest_materialization_event(asset_key)

    if not last_materialization:
        return dg.SkipReason("No materialization yet")

    from datetime import datetime, timedelta
    age = datetime.now().timestamp() - last_materialization.timestamp
    max_age = timedelta(hours=2).total_seconds()

    if age > max_age:
        context.log.error(f"Data is {age/3600:.1f} hours old!")
        # Trigger rematerialization
        return dg.RunRequest(asset_selection=[asset_key])

    return dg.SkipReason(f"Data is fresh ({age/3600:.1f} hours)")
