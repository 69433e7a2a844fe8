@dg.sensor(
    name="file_sensor",
    minimum_interval_seconds=60,  # Check every minute
)
def file_arrival_sensor(context: dg.SensorEvaluationContext):
    """Trigger when new file arrives."""

    # Check for new files
    files = list_files_in_bucket("s3://my-bucket/incoming/")

    if not files:
        return dg.SkipReason("No new files")

    # Trigger job for each file
    for file in files:
        yield dg.RunRequest(
            run_key=file,  # Unique key to avoid duplicates
            tags={"file_path": file},
        )
