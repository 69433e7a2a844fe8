import dagster as dg
from oso_dagster.factories import early_resources_asset_factory

@early_resources_asset_factory()
def my_asset_factory(
    global_config: DagsterConfig,
):
    @dg.asset
    def my_asset(context: dg.AssetExecutionContext):
        # Use the global_config resource to create the asset
        some_value = global_config.some_setting

        ...

    return AssetFactoryResponse(
        assets=assets
    )
