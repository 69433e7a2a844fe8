def create_ingestion_asset(source_name: str, table_name: str):
    """Factory function for ingestion assets."""

    @dg.asset(
        name=f"ingest_{source_name}_{table_name}",
        group_name=source_name,
    )
    def ingestion_asset(
        context: dg.AssetExecutionContext,
        iceberg: IcebergResource,
    ):
        """Ingest data from source."""
        data = fetch_from_source(source_name, table_name)
        iceberg.append_parquet(f"raw.{table_name}", data)
        return len(data)

    return ingestion_asset

# Create multiple assets
assets = [
    create_ingestion_asset("salesforce", "accounts"),
    create_ingestion_asset("salesforce", "opportunities"),
    create_ingestion_asset("stripe", "payments"),
]
