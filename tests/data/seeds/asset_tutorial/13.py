from phlo.defs.resources import TrinoResource, IcebergResource

@dg.asset
def asset_with_resources(
    trino: TrinoResource,
    iceberg: IcebergResource,
):
    """Asset that uses resources."""

    # Query with Trino
    results = trino.execute("SELECT * FROM iceberg.raw.my_table")

    # Write to Iceberg
    iceberg.append_parquet("silver.processed_table", results)

    return len(results)
