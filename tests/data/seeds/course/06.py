# assets/sample/assets.py

@dg.asset(
    key=[ASSET_GROUP_LABS, ASSET_PREFIX_TRANSFORMED, "members"],
    group_name=ASSET_GROUP_LABS,
    ins={
        "members": dg.AssetIn(key=[ASSET_GROUP_LABS, ASSET_PREFIX_SOURCE,"members"])
    },
    io_manager_key="s3_test_io_manager"
)
def bookings_transformed_members(context: dg.AssetExecutionContext, members: DataFrame):

    # transform the members dataframe ...

    return dg.Output(value=result)
