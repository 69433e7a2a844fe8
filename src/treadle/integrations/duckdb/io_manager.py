"""IO managers that keep each asset in a table of a DuckDB database."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pydantic import Field

import treadle as dg
from treadle.integrations.duckdb.connection import DEFAULT_LOCK_TIMEOUT, duckdb, open_duckdb

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


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
        """A connection; what is written through it is committed at the end or not at all."""
        with open_duckdb(
            table_slice.database or ":memory:",
            config=self._connection_config,
            lock_timeout=self._lock_timeout,
        ) as connection:
            connection.begin()
            try:
                yield connection
            except BaseException:
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
            connection.execute(f"delete from {table_name(table_slice)} where {where_clause(table_slice)}")

    @staticmethod
    def get_select_statement(table_slice: dg.TableSlice) -> str:
        """The SQL that reads the slice."""
        columns = ", ".join(quoted(column) for column in table_slice.columns) if table_slice.columns else "*"
        where = f" where {where_clause(table_slice)}" if table_slice.partition_dimensions else ""
        return f"select {columns} from {table_name(table_slice)}{where}"


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


def _catalog_name(database: str) -> str:
    """What DuckDB calls a database that it opened: the stem of its file name."""
    if database in ("", ":memory:"):
        return "memory"
    if database.startswith("md:"):
        return database[3:].partition("?")[0]
    return PurePath(database).name.partition(".")[0]


def table_exists(table_slice: dg.TableSlice, connection: "DuckDBPyConnection") -> bool:
    """Whether the table is there."""
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
        [table_slice.schema, table_slice.table],
    ).fetchone()
    return found is not None


def where_clause(table_slice: dg.TableSlice) -> str:
    """The condition that a row of the slice meets."""
    return " and ".join(_condition(dimension) for dimension in table_slice.partition_dimensions)


def _condition(dimension: dg.TablePartitionDimension) -> str:
    expression, partitions = f"({dimension.partition_expr})", dimension.partitions
    if isinstance(partitions, dg.TimeWindow):
        start, end = (moment.strftime("%Y-%m-%d %H:%M:%S") for moment in (partitions.start, partitions.end))
        return f"{expression} >= timestamp '{start}' and {expression} < timestamp '{end}'"
    if not partitions:
        return "false"
    values = ", ".join("'" + key.replace("'", "''") + "'" for key in partitions)
    return f"cast({expression} as varchar) in ({values})"


class _FrameHandler(dg.DbTypeHandler[Any]):
    """Writes a frame that DuckDB can read by name, and reads one back."""

    def handle_output(
        self,
        context: dg.OutputContext,
        table_slice: dg.TableSlice,
        obj: Any,
        connection: "DuckDBPyConnection",
    ) -> Mapping[str, Any]:
        """Add the frame's rows to the table, which is made where it is missing."""
        frame = self._before_writing(obj)
        connection.register("treadle_frame", frame)
        try:
            connection.execute(
                f"create table if not exists {table_name(table_slice)} as from treadle_frame limit 0"
            )
            connection.execute(f"insert into {table_name(table_slice)} by name from treadle_frame")
        finally:
            with suppress(
                duckdb.TransactionException
            ):  # a failed statement ends the transaction, and its own error counts
                connection.unregister("treadle_frame")
        columns = self._columns_of(frame)
        return {
            "dagster/row_count": len(frame),
            "dataframe_columns": dg.MetadataValue.table_schema(
                dg.TableSchema(columns=[dg.TableColumn(name=name, type=kind) for name, kind in columns])
            ),
        }

    def load_input(
        self, context: dg.InputContext, table_slice: dg.TableSlice, connection: "DuckDBPyConnection"
    ) -> Any:
        """Read the slice as a frame; no partition at all gives a frame without rows."""
        if context.has_asset_partitions and not context.asset_partition_keys:
            statement = DuckDBClient.get_select_statement(table_slice._replace(partition_dimensions=()))
            return self._fetch(connection.sql(f"{statement} limit 0"))
        return self._fetch(connection.sql(DuckDBClient.get_select_statement(table_slice)))

    def _before_writing(self, obj: Any) -> Any:
        return obj

    def _columns_of(self, frame: Any) -> Sequence[tuple[str, str]]:
        raise dg.DagsterInvariantViolationError(f"{type(self).__name__} describes no columns.")

    @abstractmethod
    def _fetch(self, rows: "DuckDBPyRelation") -> Any:
        """The rows of a query as this handler's type."""


class DuckDBPandasTypeHandler(_FrameHandler):
    """pandas DataFrames."""

    @property
    def supported_types(self) -> "Sequence[type[pd.DataFrame]]":
        """`pandas.DataFrame`."""
        import pandas as pd

        return [pd.DataFrame]

    def _fetch(self, rows: "DuckDBPyRelation") -> "pd.DataFrame":
        return rows.df()

    def _columns_of(self, frame: Any) -> Sequence[tuple[str, str]]:
        return [(str(name), str(kind)) for name, kind in frame.dtypes.items()]


class DuckDBPolarsTypeHandler(_FrameHandler):
    """Polars DataFrames; a LazyFrame is collected when it is stored."""

    @property
    def supported_types(self) -> "Sequence[type[pl.DataFrame | pl.LazyFrame]]":
        """`polars.DataFrame` and `polars.LazyFrame`."""
        import polars as pl

        return [pl.DataFrame, pl.LazyFrame]

    def load_input(
        self, context: dg.InputContext, table_slice: dg.TableSlice, connection: "DuckDBPyConnection"
    ) -> "pl.DataFrame | pl.LazyFrame":
        """Read the slice; as a LazyFrame where the parameter is annotated so."""
        frame: pl.DataFrame = super().load_input(context, table_slice, connection)
        wanted = getattr(context.dagster_type, "typing_type", None)
        return frame.lazy() if getattr(wanted, "__name__", "") == "LazyFrame" else frame

    def _before_writing(self, obj: Any) -> "pl.DataFrame":
        frame: pl.DataFrame = obj.collect() if hasattr(obj, "collect") else obj
        return frame

    def _fetch(self, rows: "DuckDBPyRelation") -> "pl.DataFrame":
        import polars as pl

        frame = pl.from_arrow(rows.to_arrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def _columns_of(self, frame: Any) -> Sequence[tuple[str, str]]:
        return [(name, str(kind)) for name, kind in frame.schema.items()]


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

    def create_io_manager(self, context: dg.InitResourceContext) -> dg.DbIOManager:
        """The manager that a run uses."""
        return dg.DbIOManager(
            db_client=DuckDBClient(self.connection_config, self.lock_timeout),
            database=self.database,
            schema=self.schema_,
            io_manager_name=type(self).__name__,
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
            io_manager_name="duckdb_io_manager",
            type_handlers=type_handlers,
            default_load_type=default_load_type,
        )

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
