@dg.asset
def upstream_asset():
    return [1, 2, 3]

@dg.asset
def downstream_asset(upstream_asset):  # Depends on upstream_asset
    """This asset depends on upstream_asset."""
    data = upstream_asset  # Gets the return value
    return [x * 2 for x in data]
