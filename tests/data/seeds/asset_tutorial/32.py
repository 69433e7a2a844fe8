@dg.multi_asset(
    outs={
        "customers": dg.AssetOut(),
        "orders": dg.AssetOut(),
        "products": dg.AssetOut(),
    },
)
def extract_from_api():
    """Extract multiple entities from API."""

    api_data = fetch_all_data()

    return (
        api_data["customers"],  # customers asset
        api_data["orders"],     # orders asset
        api_data["products"],   # products asset
    )
