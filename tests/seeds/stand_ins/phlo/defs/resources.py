"""Resources of the project with the calls that the tutorial makes, both over one DuckDB file."""

from collections.abc import Sequence

import duckdb
import pandas as pd
from dagster import ConfigurableResource


class TrinoResource(ConfigurableResource):
    """Runs SQL; `iceberg.<schema>.<table>` are the tables that `IcebergResource` writes."""

    file: str

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.file}' as iceberg")
            return connection.execute(sql).fetchall()


class IcebergResource(ConfigurableResource):
    """Tables to which rows are appended."""

    file: str

    def append_parquet(self, table: str, data: Sequence[object]) -> None:
        rows = pd.DataFrame(data)
        rows.columns = [str(column) for column in rows.columns]
        with duckdb.connect(self.file) as connection:
            connection.register("rows", rows)
            connection.execute(f"create schema if not exists {table.partition('.')[0]}")
            connection.execute(f"create table if not exists {table} as from rows limit 0")
            connection.execute(f"insert into {table} from rows")

    def read_table(self, table: str) -> pd.DataFrame:
        with duckdb.connect(self.file) as connection:
            return connection.execute(f"from {table}").df()
