"""How frames of pandas and Polars become rows of a DuckDB table and back."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import treadle as dg
from treadle.integrations.columns import unknown_column
from treadle.integrations.duckdb.client import (
    DuckDBClient,
    folded,
    quoted,
    table_exists,
    table_name,
    where_clause,
)
from treadle.integrations.duckdb.column_types import fit_table, refuse_cut_names, refuse_unfit_names
from treadle.integrations.duckdb.connection import duckdb
from treadle.integrations.duckdb.registering import (
    refuse_nested_spans,
    refuse_unreadable_spans,
    register_frame,
)
from treadle.integrations.duckdb.text_of_objects import needs_all_rows_for_types, refuse_objects_as_text
from treadle.integrations.python_objects import label_of, refuse_objects_of_polars

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


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
        label = label_of(context, table_slice.table)
        frame = self._before_writing(obj, label)
        if len(frame.columns):
            self._insert(context, table_slice, frame, connection)
        elif not table_exists(table_slice, connection):
            raise dg.UnfitValueError(
                f"What is stored as `{label}` has no columns, so there can be no table for it.",
                code="unfit-columns",
                hint="Give a frame without rows its columns: `pandas.DataFrame(rows, columns=[...])`.",
            )
        columns = self._columns_of(frame)
        rows = "dagster/partition_row_count" if table_slice.partition_dimensions else "dagster/row_count"
        return {
            rows: len(frame),
            "dagster/table_name": _told_name(table_slice),
            "dagster/storage_kind": "duckdb",
            "dataframe_columns": dg.MetadataValue.table_schema(
                dg.TableSchema(columns=[dg.TableColumn(name=name, type=kind) for name, kind in columns])
            ),
        }

    def _insert(
        self,
        context: dg.OutputContext,
        table_slice: dg.TableSlice,
        frame: Any,
        connection: "DuckDBPyConnection",
    ) -> None:
        label, table = label_of(context, table_slice.table), table_name(table_slice)
        names = [str(name) for name in frame.columns]
        told: Sequence[str] = ()
        refuse_cut_names(names, label)
        self._before_registering(frame, connection)
        register_frame(frame, "treadle_frame", label, connection)
        try:
            refuse_unfit_names(names, "treadle_frame", label, connection)
            self._check_registered(frame, label, connection)
            # Also for a frame without rows, so that it is found, with its columns, by whoever loads it.
            connection.sql(f"create table if not exists {table} as from treadle_frame limit 0")
            if len(frame):
                self._warn_of_rows_outside(context, table_slice, connection)
                told = fit_table("treadle_frame", table, label, connection)
                connection.execute(f"insert into {table} by name from treadle_frame")
        finally:
            with suppress(duckdb.Error):  # a failed statement ends the transaction, and its own error counts
                connection.unregister("treadle_frame")
        for sentence in told:
            context.log.warning(sentence)

    def load_input(
        self, context: dg.InputContext, table_slice: dg.TableSlice, connection: "DuckDBPyConnection"
    ) -> Any:
        """Read the slice as a frame; no partition at all gives a frame without rows."""
        if not table_exists(table_slice, connection):
            if _asks_for_nothing(table_slice):
                return self._without_rows()
            raise dg.ValueNotStoredError(
                f"Nothing is stored for input `{context.name}`: `{table_slice.database}` has no table "
                f"{quoted(table_slice.schema)}.{quoted(table_slice.table)}.",
                hint="Materialize the asset first, with this IO manager.",
            )
        try:
            selected = connection.sql(DuckDBClient.get_select_statement(table_slice))
        except duckdb.BinderException as error:
            known = connection.sql(f"from {table_name(table_slice)} limit 0").columns
            missing = {folded(column): column for column in table_slice.columns or ()}
            for column in missing.keys() - set(map(folded, known)):
                raise unknown_column(missing[column], context.name, known) from error
            raise
        return self._fetch(selected)

    def _warn_of_rows_outside(
        self, context: dg.OutputContext, table_slice: dg.TableSlice, connection: "DuckDBPyConnection"
    ) -> None:
        """Such rows are accepted, but the next run of the partition would not replace them."""
        if not table_slice.partition_dimensions:
            return
        condition = f"coalesce({where_clause(table_slice)}, false)"
        query = f"select count(*) from treadle_frame where not ({condition})"
        try:
            found = connection.execute(query).fetchall()
        except duckdb.BinderException as error:
            raise _no_partition_column(context, table_slice, connection) from error
        if found[0][0]:
            context.log.warning(
                "%d rows of `%s` lie outside the partitions of this run: running it again will add them again.",
                found[0][0],
                table_slice.table,
            )

    def _before_writing(self, obj: Any, label: str) -> Any:
        return obj

    def _before_registering(self, frame: Any, connection: "DuckDBPyConnection") -> None:
        """Set what DuckDB needs to read the frame as it is."""

    def _check_registered(self, frame: Any, label: str, connection: "DuckDBPyConnection") -> None:
        """Refuse what DuckDB reads of the frame, and would not keep."""

    @abstractmethod
    def _without_rows(self) -> Any:
        """A frame without rows and columns."""

    @abstractmethod
    def _columns_of(self, frame: Any) -> Sequence[tuple[str, str]]:
        """Names and types of a frame's columns."""

    @abstractmethod
    def _fetch(self, rows: "DuckDBPyRelation") -> Any:
        """The rows of a query as this handler's type."""


class DuckDBPandasTypeHandler(_FrameHandler):
    """pandas DataFrames."""

    @property
    def supported_types(self) -> "Sequence[type[pd.DataFrame]]":
        """`pandas.DataFrame`."""
        import pandas as pd  # noqa: PLC0415 - slow to import

        return [pd.DataFrame]

    def _before_registering(self, frame: Any, connection: "DuckDBPyConnection") -> None:
        if needs_all_rows_for_types(frame):
            connection.execute(f"set pandas_analyze_sample = {len(frame)}")

    def _check_registered(self, frame: Any, label: str, connection: "DuckDBPyConnection") -> None:
        refuse_objects_as_text(frame, "treadle_frame", label, connection)

    def _without_rows(self) -> "pd.DataFrame":
        import pandas as pd  # noqa: PLC0415 - slow to import

        return pd.DataFrame()

    def _fetch(self, rows: "DuckDBPyRelation") -> "pd.DataFrame":
        frame: pd.DataFrame = rows.df()
        return frame

    def _columns_of(self, frame: Any) -> Sequence[tuple[str, str]]:
        return [(str(name), str(kind)) for name, kind in frame.dtypes.items()]


class DuckDBPolarsTypeHandler(_FrameHandler):
    """Polars DataFrames; a LazyFrame is collected when it is stored."""

    @property
    def supported_types(self) -> "Sequence[type[pl.DataFrame | pl.LazyFrame]]":
        """`polars.DataFrame` and `polars.LazyFrame`."""
        import polars as pl  # noqa: PLC0415 - slow to import

        return [pl.DataFrame, pl.LazyFrame]

    def load_input(
        self, context: dg.InputContext, table_slice: dg.TableSlice, connection: "DuckDBPyConnection"
    ) -> "pl.DataFrame | pl.LazyFrame":
        """Read the slice; as a LazyFrame where the parameter is annotated so."""
        frame: pl.DataFrame = super().load_input(context, table_slice, connection)
        wanted = getattr(context.dagster_type, "typing_type", None)
        return frame.lazy() if getattr(wanted, "__name__", "") == "LazyFrame" else frame

    def _before_writing(self, obj: Any, label: str) -> "pl.DataFrame":
        frame: pl.DataFrame = obj.collect() if hasattr(obj, "collect") else obj
        refuse_objects_of_polars(frame, label)
        refuse_nested_spans(frame, label)
        return frame

    def _without_rows(self) -> "pl.DataFrame":
        import polars as pl  # noqa: PLC0415 - slow to import

        return pl.DataFrame()

    def _fetch(self, rows: "DuckDBPyRelation") -> "pl.DataFrame":
        import polars as pl  # noqa: PLC0415 - slow to import

        refuse_unreadable_spans(rows.columns, rows.types)
        # Polars takes no INTERVAL from Arrow; what it stores as one is a Duration.
        spans = [name for name, kind in zip(rows.columns, rows.types, strict=True) if kind == "INTERVAL"]
        if spans:
            numbers = ", ".join(f"epoch_us({quoted(name)}) AS {quoted(name)}" for name in spans)
            rows = rows.select(f"* REPLACE ({numbers})")
        frame = pl.from_arrow(rows.to_arrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame.with_columns(pl.col(name).cast(pl.Duration("us")) for name in spans) if spans else frame

    def _columns_of(self, frame: Any) -> Sequence[tuple[str, str]]:
        return [(name, str(kind)) for name, kind in frame.schema.items()]


def _asks_for_nothing(table_slice: dg.TableSlice) -> bool:
    """Whether no partition is asked for, as by the first one of an asset that reads its own previous one."""
    return any(
        not dimension.partitions and not isinstance(dimension.partitions, dg.TimeWindow)
        for dimension in table_slice.partition_dimensions
    )


def _no_partition_column(
    context: dg.OutputContext, table_slice: dg.TableSlice, connection: "DuckDBPyConnection"
) -> dg.DagsterInvariantViolationError:
    expressions = " and ".join(f"`{each.partition_expr}`" for each in table_slice.partition_dimensions)
    columns = ", ".join(connection.sql("from treadle_frame limit 0").columns)
    return dg.DagsterInvariantViolationError(
        f"`partition_expr` ({expressions}) says nothing of what `{label_of(context, table_slice.table)}` gives.",
        code="missing-partition-expr",
        hint=f"Name a column of the frame, or an SQL expression over these: {columns}.",
    )


def _told_name(table_slice: dg.TableSlice) -> str:
    parts = (table_slice.database, table_slice.schema, table_slice.table)
    return ".".join(part for part in parts if part is not None)
