"""The manager of `dagster_snowflake_pandas` that the page configures: a table an asset, in DuckDB files named by the account."""

import duckdb
import pandas as pd
from dagster import ConfigurableIOManager, InputContext, OutputContext
from pydantic import Field


class SnowflakePandasIOManager(ConfigurableIOManager):
    """Keeps frames in `<database>.<schema>.<asset>`."""

    account: str
    user: str
    password: str
    database: str
    schema_: str = Field(alias="schema")
    warehouse: str

    def _table(self, context: InputContext | OutputContext) -> str:
        return f'"{self.schema_}"."{context.asset_key.path[-1]}"'

    def handle_output(self, context: OutputContext, obj: pd.DataFrame) -> None:
        with duckdb.connect(f"{self.database}.duckdb") as connection:
            connection.register("rows", obj)
            connection.execute(f'create schema if not exists "{self.schema_}"')
            connection.execute(f"create or replace table {self._table(context)} as from rows")

    def load_input(self, context: InputContext) -> pd.DataFrame:
        with duckdb.connect(f"{self.database}.duckdb") as connection:
            return connection.execute(f"from {self._table(context)}").df()
