"""DuckDB's SQL: names, conditions, and one transaction a write."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC
from functools import cache
from pathlib import PurePath
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any

import treadle as dg
from treadle.integrations.duckdb.connection import DEFAULT_LOCK_TIMEOUT, duckdb, is_file, open_duckdb

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class DuckDBClient(dg.DbClient["DuckDBPyConnection"]):
    """DuckDB's SQL: quoted names, and one transaction a write."""

    def __init__(
        self, connection_config: Mapping[str, Any] | None = None, lock_timeout: float = DEFAULT_LOCK_TIMEOUT
    ) -> None:
        self._connection_config = connection_config
        self._lock_timeout = lock_timeout

    @contextmanager
    def connect(
        self, context: dg.OutputContext | dg.InputContext, table_slice: dg.TableSlice
    ) -> Iterator["DuckDBPyConnection"]:
        """A connection, for reading only where an input is loaded; what is written is committed at the end or not at all."""
        database = table_slice.database or ":memory:"
        is_load = isinstance(context, dg.InputContext)
        with (
            nullcontext() if is_load else _turn_to_write(os.path.abspath(database)),
            open_duckdb(
                database,
                config=self._connection_config,
                read_only=is_load and is_file(database),
                lock_timeout=self._lock_timeout,
            ) as connection,
        ):
            _called[database] = _current_catalog(connection)
            connection.begin()
            try:
                yield connection
            except BaseException:
                with suppress(duckdb.Error):  # the statement that failed may have ended the transaction
                    connection.rollback()
                raise
            connection.commit()

    @staticmethod
    def ensure_schema_exists(
        context: dg.OutputContext, table_slice: dg.TableSlice, connection: "DuckDBPyConnection"
    ) -> None:
        """Create the schema where it is missing."""
        connection.execute(f"create schema if not exists {schema_name(table_slice)}")

    @staticmethod
    def delete_table_slice(
        context: dg.OutputContext, table_slice: dg.TableSlice, connection: "DuckDBPyConnection"
    ) -> None:
        """Remove the partition's rows; an unpartitioned table goes whole, so that its columns may change."""
        if not table_slice.partition_dimensions:
            connection.execute(f"drop table if exists {table_name(table_slice)}")
        elif table_exists(table_slice, connection):
            connection.execute(cleanup_statement(table_slice))

    @staticmethod
    def get_select_statement(table_slice: dg.TableSlice) -> str:
        """The SQL that reads the slice."""
        columns = ", ".join(quoted(column) for column in table_slice.columns) if table_slice.columns else "*"
        where = f" where {where_clause(table_slice)}" if table_slice.partition_dimensions else ""
        return f"select {columns} from {table_name(table_slice)}{where}"


def cleanup_statement(table_slice: dg.TableSlice) -> str:
    """The SQL that deletes the slice's rows."""
    where = f" where {where_clause(table_slice)}" if table_slice.partition_dimensions else ""
    return f"delete from {table_name(table_slice)}{where}"


@cache
def _turn_to_write(database: str) -> AbstractContextManager[bool]:
    """Writes of this process's threads take turns: DuckDB would refuse those that meet in its catalog.

    A thread may write within a write: an IO manager that extends another connects around it.
    """
    return threading.RLock()


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def table_name(table_slice: dg.TableSlice) -> str:
    """The table with its schema, as SQL."""
    return f"{schema_name(table_slice)}.{quoted(table_slice.table)}"


def schema_name(table_slice: dg.TableSlice) -> str:
    """The schema, as SQL; with its database, since a schema may have that one's name (`flights.duckdb`)."""
    if table_slice.database is None:
        return quoted(table_slice.schema)
    return f"{quoted(_catalog_name(table_slice.database))}.{quoted(table_slice.schema)}"


_called: dict[str, str] = {}
"""What DuckDB calls the databases that were opened."""


def _catalog_name(database: str) -> str:
    """What DuckDB calls a database: mostly the stem of its file name, but `main.duckdb` is `main_db`."""
    if database in _called:
        return _called[database]
    if database in ("", ":memory:"):
        return "memory"
    if database.startswith("md:"):
        return database[3:].partition("?")[0]
    return PurePath(database).name.partition(".")[0]


def _current_catalog(connection: "DuckDBPyConnection") -> str:
    return str(connection.execute("select current_database()").fetchall()[0][0])


def folded(name: str) -> str:
    """A name as DuckDB compares it: the case of A to Z makes no other name, that of letters beyond them does."""
    return name.translate(_LOWER)


_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def table_exists(table_slice: dg.TableSlice, connection: "DuckDBPyConnection") -> bool:
    """Whether the table is there, in whatever case it was named by who made it."""
    wanted = (
        _catalog_name(table_slice.database) if table_slice.database else _current_catalog(connection),
        table_slice.schema,
        table_slice.table,
    )
    found = connection.execute(
        "select table_catalog, table_schema, table_name from information_schema.tables "
        "where lower(table_name) = lower(?)",
        [table_slice.table],
    ).fetchall()  # fetching one row leaves the result open, and the connection in use
    return any(list(map(folded, names)) == list(map(folded, wanted)) for names in found)


def where_clause(table_slice: dg.TableSlice) -> str:
    """The condition that a row of the slice meets. What a time in a column means depends on the column's type:

    - TIMESTAMP WITH TIME ZONE is an instant, compared as such.
    - TIMESTAMP, DATE and text such as `2024-01-31` or `2024-01-31 05:00` are wall time in the zone of the
      partitions definition. Where clocks go back, the hour that occurs twice cannot be told apart in such a column:
      partitions that begin or end inside of it are refused when rows are met.
    """
    return " and ".join(_condition(dimension) for dimension in table_slice.partition_dimensions)


def _condition(dimension: dg.TablePartitionDimension) -> str:
    expression, partitions = f"({dimension.partition_expr})", dimension.partitions
    if isinstance(partitions, dg.TimeWindow):
        return _in_window(expression, partitions)
    if not partitions:
        return "false"
    windows = [window for window in partitions if isinstance(window, dg.TimeWindow)]
    if windows:
        return "(" + " or ".join(_in_window(expression, window) for window in windows) + ")"
    return f"cast({expression} as varchar) in ({', '.join(_text(str(key)) for key in partitions)})"


def _in_window(expression: str, window: dg.TimeWindow) -> str:
    instants = [moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+00") for moment in window]
    walls = [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in window]
    by_wall = (
        f"cast({expression} as timestamp) >= timestamp '{walls[0]}' "
        f"and cast({expression} as timestamp) < timestamp '{walls[1]}'"
    )
    if window.start.fold or window.end.fold:
        reason = (
            f"the hour from {walls[0]} occurs twice; its rows need a column of type TIMESTAMP WITH TIME ZONE"
        )
        by_wall = f"cast(error({_text(reason)}) as boolean)"
    # DuckDB knows the type when it binds the query, so only one of the two branches is left in its plan.
    return (
        f"case when typeof({expression}) = 'TIMESTAMP WITH TIME ZONE' "
        f"then cast({expression} as timestamptz) >= timestamptz '{instants[0]}' "
        f"and cast({expression} as timestamptz) < timestamptz '{instants[1]}' "
        f"else {by_wall} end"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
