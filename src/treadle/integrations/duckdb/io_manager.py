"""IO managers that keep each asset in a table of a DuckDB database."""

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from pydantic import Field

import treadle as dg
from treadle.integrations.duckdb.client import DuckDBClient, folded
from treadle.integrations.duckdb.connection import DEFAULT_LOCK_TIMEOUT
from treadle.integrations.duckdb.type_handlers import DuckDBPandasTypeHandler, DuckDBPolarsTypeHandler


class DuckDBIOManager(dg.ConfigurableIOManagerFactory[dg.DbIOManager]):
    """Keeps each asset in a table of a DuckDB database, pandas and Polars alike, partitions as rows.

    Args:
        database: the path of the database file, or `md:…`.
        connection_config: DuckDB's own settings.
        schema: the schema of assets that name none (see `DbIOManager`).
        lock_timeout: how long to wait, in seconds, for a file that another process holds.

    Example:
        >>> from treadle import Definitions
        >>> defs = Definitions(resources={"io_manager": DuckDBIOManager(database="warehouse.duckdb")})
    """

    database: str
    connection_config: dict[str, Any] = {}
    schema_: str | None = Field(default=None, alias="schema")
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT

    @staticmethod
    def type_handlers() -> Sequence[dg.DbTypeHandler[Any]]:
        """The handlers of the frame libraries that are installed."""
        handlers: list[dg.DbTypeHandler[Any]] = []
        if find_spec("pandas") is not None:
            handlers.append(DuckDBPandasTypeHandler())
        if find_spec("polars") is not None:
            handlers.append(DuckDBPolarsTypeHandler())
        return handlers

    @staticmethod
    def default_load_type() -> type | None:
        """What a parameter without annotation gets; by default the first handler's first type."""
        return None

    @staticmethod
    def told_table(
        config: Mapping[str, Any], path: Sequence[str], metadata: Mapping[str, Any]
    ) -> Sequence[str | None]:
        """Where an asset is, as far as that is known when code loads: for those that would meet in one table.

        Args:
            config: the manager's fields as they were given.
            path: the parts of the asset's key.
            metadata: of its definition.

        Returns:
            The database, None where it is not known; the schema and the table.
        """
        schema = _told(config.get("schema_"))
        names = dg.DbIOManager.schema_and_table(path, metadata, schema)
        return [_file_of(_told(config.get("database"))), *(folded(str(name)) for name in names)]

    def create_io_manager(self, context: dg.InitResourceContext) -> dg.DbIOManager:
        """The manager that a run uses."""
        return dg.DbIOManager(
            db_client=DuckDBClient(self.connection_config, self.lock_timeout),
            database=self.database,
            schema=self.schema_,
            io_manager_name="DuckDBIOManager",
            type_handlers=self.type_handlers(),
            default_load_type=self.default_load_type(),
        )


class DuckDBPandasIOManager(DuckDBIOManager):
    """`DuckDBIOManager` for pandas alone."""

    @staticmethod
    def type_handlers() -> Sequence[dg.DbTypeHandler[Any]]:
        """pandas."""
        return [DuckDBPandasTypeHandler()]


class DuckDBPolarsIOManager(DuckDBIOManager):
    """`DuckDBIOManager` for Polars alone."""

    @staticmethod
    def type_handlers() -> Sequence[dg.DbTypeHandler[Any]]:
        """Polars."""
        return [DuckDBPolarsTypeHandler()]


def _told(value: Any) -> str | None:
    """A field's value, or the variable that will give it."""
    variable = getattr(value, "env_var_name", None)
    return f"${variable}" if variable else value


def _file_of(database: str | None) -> str | None:
    """A database that several managers may have: not one in memory, which each has for itself."""
    if database is None or database.startswith(":memory:"):
        return None
    return database if database.startswith(("$", "md:")) or "://" in database else os.path.abspath(database)


def build_duckdb_io_manager(
    type_handlers: Sequence[dg.DbTypeHandler[Any]], default_load_type: type | None = None
) -> dg.IOManagerDefinition:
    """An IO manager for DuckDB with type handlers of one's own, configured at run time.

    Args:
        type_handlers: how values become rows and back.
        default_load_type: what a parameter without annotation gets.
    """

    def new_manager(context: dg.InitResourceContext) -> dg.DbIOManager:
        return dg.DbIOManager(
            db_client=DuckDBClient(context.resource_config.get("connection_config")),
            database=context.resource_config["database"],
            schema=context.resource_config.get("schema"),
            io_manager_name="DuckDBIOManager",
            type_handlers=type_handlers,
            default_load_type=default_load_type,
        )

    # What loading looks at
    new_manager.type_handlers = lambda: type_handlers  # type: ignore[attr-defined]
    new_manager.told_table = DuckDBIOManager.told_table  # type: ignore[attr-defined]
    return dg.IOManagerDefinition(
        new_manager,
        config_schema={
            "database": dg.StringSource,
            "connection_config": dg.Field(dict, is_required=False, default_value={}),
            "schema": dg.Field(dg.StringSource, is_required=False),
        },
        description="Keeps each asset in a table of a DuckDB database.",
    )


duckdb_pandas_io_manager = build_duckdb_io_manager([DuckDBPandasTypeHandler()])
duckdb_polars_io_manager = build_duckdb_io_manager([DuckDBPolarsTypeHandler()])
