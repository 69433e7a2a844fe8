@dg.observable_source_asset
def external_api_data(context: dg.AssetExecutionContext):
    """Track external API without ingesting."""

    # Check external source
    last_updated = get_api_last_updated_time()

    return dg.ObserveResult(
        metadata={
            "last_updated": last_updated.isoformat(),
            "record_count": get_api_record_count(),
        }
    )
