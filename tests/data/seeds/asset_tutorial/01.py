import dagster as dg

@dg.asset
def my_first_asset():
    """A simple asset that returns data."""
    return [1, 2, 3, 4, 5]
