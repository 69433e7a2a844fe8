from dagster import IOManager, io_manager

class IcebergIOManager(IOManager):
    """Custom IO manager for Iceberg tables."""

    def __init__(self, iceberg_resource):
        self.iceberg = iceberg_resource

    def handle_output(self, context, obj):
        """Save asset to Iceberg."""
        table_name = f"raw.{context.asset_key.path[-1]}"
        self.iceberg.append_parquet(table_name, obj)

    def load_input(self, context):
        """Load asset from Iceberg."""
        table_name = f"raw.{context.asset_key.path[-1]}"
        return self.iceberg.read_table(table_name)

@io_manager
def iceberg_io_manager(iceberg: IcebergResource):
    return IcebergIOManager(iceberg)
