@dg.asset
def asset_a():
    return "A"

@dg.asset
def asset_b():
    return "B"

@dg.asset
def asset_c(asset_a, asset_b):  # Depends on both
    """Combines data from A and B."""
    return f"{asset_a} + {asset_b}"
