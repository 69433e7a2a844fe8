from phlo.config import get_config

@dg.asset
def configured_asset(context: dg.AssetExecutionContext):
    """Asset that uses config."""
    config = get_config()

    context.log.info(f"Using API: {config.API_BASE_URL}")
    context.log.info(f"Batch size: {config.BATCH_SIZE}")

    # Use configuration
    return fetch_data(
        url=config.API_BASE_URL,
        batch_size=config.BATCH_SIZE,
    )
