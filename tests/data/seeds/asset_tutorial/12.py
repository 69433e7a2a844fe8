from phlo.config import get_config

@dg.asset
def optional_upstream():
    return "data"

@dg.asset
def conditional_asset():
    """Conditionally uses upstream asset."""
    config = get_config()

    if config.USE_CACHE:
        # Use upstream asset
        return load_from_cache()
    else:
        # Fetch fresh
        return fetch_fresh_data()
