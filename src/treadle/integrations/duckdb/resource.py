"""`DuckDBResource`: connections to a DuckDB file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import treadle as dg
from treadle.integrations.duckdb.connection import DEFAULT_LOCK_TIMEOUT, open_duckdb

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class DuckDBResource(dg.ConfigurableResource[Any]):
    """Gives connections to a DuckDB database; each is closed when its `with` block ends.

    Args:
        database: a path, `:memory:` or `md:…`.
        connection_config: DuckDB's own settings.
        read_only: open for reading only; readers of several processes coexist.
        lock_timeout: how long to wait, in seconds, for a file that another process holds.

    Example:
        >>> warehouse = DuckDBResource(database=":memory:")
        >>> with warehouse.get_connection() as connection:
        ...     connection.execute("select 41 + 1").fetchone()
        (42,)
    """

    database: str
    connection_config: dict[str, Any] = {}
    read_only: bool = False
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT

    @contextmanager
    def get_connection(self) -> Iterator["DuckDBPyConnection"]:
        """A connection, closed at the end of the block."""
        with open_duckdb(
            self.database,
            config=self.connection_config,
            read_only=self.read_only,
            lock_timeout=self.lock_timeout,
        ) as connection:
            yield connection
