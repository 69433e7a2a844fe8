@dg.asset
def asset_with_context(context: dg.AssetExecutionContext):
    """Asset that uses context."""

    # Logging
    context.log.info("Starting materialization")
    context.log.warning("This is a warning")
    context.log.error("This is an error")

    # Asset info
    context.log.info(f"Asset key: {context.asset_key}")
    context.log.info(f"Run ID: {context.run_id}")

    # Partition info (if partitioned)
    if context.has_partition_key:
        context.log.info(f"Partition: {context.partition_key}")

    return "data"
