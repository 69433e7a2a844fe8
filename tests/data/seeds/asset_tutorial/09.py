@dg.asset(
    deps=[dg.AssetKey(["schema", "table_name"])]
)
def asset_with_key_dep():
    """Depend on asset by key."""
    return "data"
