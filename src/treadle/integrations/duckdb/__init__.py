"""DuckDB: a resource that gives connections, and an IO manager that keeps each asset in a table.

Install with `treadle[duckdb]`. Tests: tests/integrations/duckdb.
"""

from treadle.integrations.duckdb.client import DuckDBClient
from treadle.integrations.duckdb.connection import DuckDBLockedError
from treadle.integrations.duckdb.io_manager import (
    DuckDBIOManager,
    DuckDBPandasIOManager,
    DuckDBPolarsIOManager,
    build_duckdb_io_manager,
    duckdb_pandas_io_manager,
    duckdb_polars_io_manager,
)
from treadle.integrations.duckdb.resource import DuckDBResource
from treadle.integrations.duckdb.type_handlers import DuckDBPandasTypeHandler, DuckDBPolarsTypeHandler

__all__ = [
    "DuckDBClient",
    "DuckDBIOManager",
    "DuckDBLockedError",
    "DuckDBPandasIOManager",
    "DuckDBPandasTypeHandler",
    "DuckDBPolarsIOManager",
    "DuckDBPolarsTypeHandler",
    "DuckDBResource",
    "build_duckdb_io_manager",
    "duckdb_pandas_io_manager",
    "duckdb_polars_io_manager",
]
