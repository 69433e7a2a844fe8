@dg.asset
def asset_with_metadata(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Asset that returns metadata."""

    data = fetch_data()

    return dg.MaterializeResult(
        metadata={
            "num_records": len(data),
            "preview": dg.MetadataValue.md(data.head().to_markdown()),
            "row_count": dg.MetadataValue.int(len(data)),
            "schema": dg.MetadataValue.json({"columns": list(data.columns)}),
        }
    )
