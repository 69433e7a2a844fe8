from dagster import asset_check, AssetCheckResult

@dg.asset
def my_data():
    """Create some data."""
    return [{"value": x} for x in range(100)]

@asset_check(asset=my_data)
def check_data_not_empty(my_data):
    """Check that data is not empty."""
    if len(my_data) == 0:
        return AssetCheckResult(
            passed=False,
            description="Data is empty!",
        )

    return AssetCheckResult(
        passed=True,
        description=f"Data has {len(my_data)} records",
        metadata={"record_count": len(my_data)},
    )

@asset_check(asset=my_data)
def check_data_values(my_data):
    """Check data values are in expected range."""
    values = [d["value"] for d in my_data]
    min_val = min(values)
    max_val = max(values)

    if min_val < 0 or max_val > 1000:
        return AssetCheckResult(
            passed=False,
            description=f"Values out of range: {min_val} to {max_val}",
        )

    return AssetCheckResult(
        passed=True,
        description="All values in range",
        metadata={"min": min_val, "max": max_val},
    )
