@dg.asset(
    name="configured_asset",
    description="This asset has configuration",
    compute_kind="python",
    group_name="my_group",
    tags={"owner": "data_team", "priority": "high"},
)
def configured_asset(context: dg.AssetExecutionContext):
    """Asset with configuration."""
    return "data"
