"""Frames that DuckDB reads by a name; those of a type that it does not know are refused, with the column's name."""

from typing import TYPE_CHECKING, Any

from treadle.integrations.duckdb.connection import duckdb
from treadle.integrations.python_objects import first_failing, refused_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from duckdb.sqltypes import DuckDBPyType


def register_frame(frame: Any, view: str, label: str, connection: "DuckDBPyConnection") -> None:
    """Let DuckDB read a frame as `view`.

    Args:
        label: the asset that is stored.

    Raises:
        DagsterInvariantViolationError: names the column and its type (code `unsupported-type`).
    """
    try:
        _read(frame, view, connection)
    except (duckdb.NotImplementedException, duckdb.InvalidInputException) as error:
        names = [str(name) for name in frame.columns]
        # The failed statement ended the transaction.
        with duckdb.connect() as apart:
            position = first_failing(names, lambda at: _read(_column(frame, at), "one_column", apart))
        if position is None:
            raise
        kind = str(list(frame.dtypes)[position])
        raise refused_type(names[position], label, kind, "DuckDB") from error


def refuse_nested_spans(frame: Any, label: str) -> None:
    """Refuse a Polars frame with durations inside of lists or structs: DuckDB keeps them, Polars cannot read them again.

    Raises:
        DagsterInvariantViolationError: names the column and its type (code `unsupported-type`).
    """
    for name, kind in frame.schema.items():
        if any(_has_span(part) for part in _parts(kind)):
            raise refused_type(name, label, str(kind), "DuckDB", "Polars could not read the durations again")


def refuse_unreadable_spans(names: list[str], types: "list[DuckDBPyType]") -> None:
    """Refuse a table with intervals inside of lists or structs, at which Polars panics.

    Raises:
        DagsterInvariantViolationError: names the column and its type (code `unsupported-type`).
    """
    for name, kind in zip(names, types, strict=True):
        if kind.id != "interval" and _has_interval(kind):
            raise refused_type(name, "the table", str(kind), "Polars", "load it as pandas.DataFrame")


def _has_span(kind: Any) -> bool:
    return str(kind).partition("(")[0] == "Duration" or any(map(_has_span, _parts(kind)))


def _parts(kind: Any) -> list[Any]:
    inner = getattr(kind, "inner", None)
    return [inner] if inner is not None else [field.dtype for field in getattr(kind, "fields", ())]


def _has_interval(kind: Any) -> bool:
    if kind.id == "interval":
        return True
    parts = kind.children if kind.id in ("list", "array", "map", "struct", "union") else ()
    return any(_has_interval(part) for _, part in parts if not isinstance(part, int))


def _read(frame: Any, view: str, connection: "DuckDBPyConnection") -> None:
    connection.register(view, frame)
    connection.sql(f"from {view} limit 0")


def _column(frame: Any, position: int) -> Any:
    return frame.iloc[:, [position]] if hasattr(frame, "iloc") else frame.select(frame.columns[position])
