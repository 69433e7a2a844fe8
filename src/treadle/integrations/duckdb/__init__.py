"""DuckDB: a resource that gives connections, and an IO manager that keeps each asset in a table.

Install with `treadle[duckdb]`. Tests: tests/integrations/duckdb.
"""

from treadle.integrations.duckdb.io_manager import (
    DuckDBIOManager,
    DuckDBPandasIOManager,
    DuckDBPandasTypeHandler,
    DuckDBPolarsIOManager,
    DuckDBPolarsTypeHandler,
    build_duckdb_io_manager,
    duckdb_pandas_io_manager,
)
from treadle.integrations.duckdb.resource import DuckDBResource

__all__ = [
    "DuckDBIOManager",
    "DuckDBPandasIOManager",
    "DuckDBPandasTypeHandler",
    "DuckDBPolarsIOManager",
    "DuckDBPolarsTypeHandler",
    "DuckDBResource",
    "build_duckdb_io_manager",
    "duckdb_pandas_io_manager",
]
