"""Frames of pandas, Polars and Arrow as Arrow tables, and back; each library is imported only when it is met."""

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import treadle as dg
from treadle.integrations.columns import unknown_column
from treadle.integrations.python_objects import first_failing, refuse_objects_of_polars, refused_type

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as error:  # pragma: no cover - depends on what is installed
    raise ImportError(
        "pyarrow is not installed. Install it with `pip install 'treadle[parquet]'`."
    ) from error

from treadle.integrations.parquet.partition_types import (
    columns_without_values,
    counted_schemas,
    have_one_schema,
    merged_schema,
    refuse_inexact,
)  # isort: skip - imports pyarrow

if TYPE_CHECKING:
    import polars as pl

_LOADABLE = "pandas.DataFrame, polars.DataFrame, polars.LazyFrame or pyarrow.Table"


def to_arrow(obj: Any, name: str) -> "pa.Table":
    """A frame as an Arrow table.

    Raises:
        DagsterInvariantViolationError: it is no frame that is known (code `unsupported-type`).
    """
    if isinstance(obj, pa.Table):
        return obj
    if isinstance(obj, pa.RecordBatch):
        return pa.Table.from_batches([obj])
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and isinstance(obj, pandas.DataFrame):
        return _of_pandas(obj, name)
    if polars is not None and isinstance(obj, polars.LazyFrame):
        obj = obj.collect()
    if polars is not None and isinstance(obj, polars.DataFrame):
        refuse_objects_of_polars(obj, name)
        # The oldest layout: not every Arrow kernel, nor every reader of the file, knows views of strings.
        level = polars.CompatLevel.oldest()
        return _converted(
            obj,
            name,
            lambda: obj.to_arrow(compat_level=level),
            lambda at: obj.select(obj.columns[at]).to_arrow(compat_level=level),
        )
    raise dg.DagsterInvariantViolationError(
        f"The Parquet IO manager cannot store a {type(obj).__name__} as `{name}`.",
        code="unsupported-type",
        hint=f"Return a {_LOADABLE}, or give the asset another IO manager.",
    )


def _of_pandas(frame: Any, name: str) -> "pa.Table":
    twins = list(dict.fromkeys(map(str, frame.columns[frame.columns.duplicated()])))
    if twins:
        raise dg.UnfitValueError(
            f"`{name}` has several columns called `{twins[0]}`, and a Parquet file of pandas has each name once.",
            code="unfit-columns",
            hint="Rename all but one of them in the asset.",
        )
    return _converted(
        frame,
        name,
        lambda: pa.Table.from_pandas(frame),
        lambda at: pa.Table.from_pandas(frame.iloc[:, [at]], preserve_index=False),
    )


def _converted(
    frame: Any, name: str, whole: "Callable[[], pa.Table]", column: Callable[[int], object]
) -> "pa.Table":
    """A frame as Arrow has it, or the error that names the column that Arrow has no type for."""
    try:
        return whole()
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        said = "; ".join(str(part) for part in error.args).rstrip(".")
        names = [str(each) for each in frame.columns]
        position = first_failing(names, column)
        where = "" if position is None else f" in column `{names[position]}` ({list(frame.dtypes)[position]})"
        raise dg.DagsterInvariantViolationError(
            f"Arrow has no type for what `{name}` holds{where}: {said}.",
            code="unsupported-type",
            hint="Make the column text, numbers of at most 64 bits, times, or lists or dicts of these; or give the asset "
            "an IO manager that pickles, such as FilesystemIOManager.",
        ) from error


def write_table(table: "pa.Table", file: Any, compression: str, name: str) -> None:
    """Write a Parquet file.

    Args:
        name: what is stored.

    Raises:
        DagsterInvariantViolationError: names the column that Parquet cannot hold (code `unsupported-type`).
    """
    try:
        pq.write_table(table, file, compression=compression)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        one_column = [pa.schema([field]).empty_table() for field in table.schema]
        position = first_failing(table.column_names, lambda at: pq.write_table(one_column[at], io.BytesIO()))
        if position is None:
            raise
        field = table.schema.field(position)
        raise refused_type(field.name, name, str(field.type), "Parquet", str(error).rstrip(".")) from error


def is_lazy(wanted: Any) -> bool:
    """Whether a parameter is annotated as a Polars LazyFrame."""
    return _class_of(wanted) == ("polars", "LazyFrame")


def scan_files(paths: Mapping[str, str], columns: Sequence[str] | None, name: str) -> "pl.LazyFrame":
    """Parquet files under each other, of which nothing but the footers is read yet.

    Args:
        paths: of local files, by partition.
        columns: all that will be read; every column where it is None.
        name: of the input.

    Raises:
        UnfitValueError: types of partitions do not go together (code `column-types-differ`), or none has a column that
            is asked for (code `unknown-column`).
    """
    import polars as pl  # noqa: PLC0415 - slow to import

    if not paths:
        return pl.LazyFrame()
    footers = {key: pq.read_metadata(path) for key, path in paths.items()}
    refuse_unknown_columns(columns, [footer.schema for footer in footers.values()], name)
    schemas = {key: footer.schema.to_arrow_schema().remove_metadata() for key, footer in footers.items()}
    if have_one_schema(list(schemas.values())):
        frame = pl.scan_parquet(list(paths.values()), glob=False, hive_partitioning=False)
        return frame.select(columns) if columns is not None else frame
    if columns is not None:  # others may have whatever types they like
        schemas = {
            key: pa.schema([field for field in schema if field.name in columns])
            for key, schema in schemas.items()
        }
    empty = {key: columns_without_values(footer) for key, footer in footers.items()}
    merged = merged_schema(counted_schemas(schemas, empty), name)
    refuse_inexact(footers, merged, name)
    types = _polars_frame(merged.empty_table()).schema
    frame = pl.concat([_scan(path, schemas[key], empty[key], types) for key, path in paths.items()])
    return frame.select(columns) if columns is not None else frame


def refuse_unknown_columns(
    columns: Sequence[str] | None, schemas: "Sequence[pq.ParquetSchema]", name: str
) -> None:
    """Refuse columns that none of the files has; Arrow would leave them out.

    Args:
        columns: that are asked for; `a.b` is field `b` of the structs in column `a`.
        schemas: of the files.
        name: of the input.

    Raises:
        UnfitValueError: names the column (code `unknown-column`).
    """
    if not columns or not schemas:
        return
    known = {column: None for schema in schemas for column in schema.to_arrow_schema().names}
    paths = [schema.column(position).path for schema in schemas for position in range(len(schema))]
    for column in columns:
        if column not in known and not any(f"{path}.".startswith(f"{column}.") for path in paths):
            raise unknown_column(column, name, known)


def _scan(path: str, schema: "pa.Schema", empty: Sequence[str], types: Mapping[str, Any]) -> "pl.LazyFrame":
    """One file, with the columns that all have together."""
    import polars as pl  # noqa: PLC0415 - slow to import

    scan = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    held = scan.collect_schema()
    changed = [
        pl.lit(None, dtype=kind).alias(name)
        if name in empty or name not in schema.names
        else pl.col(name).cast(kind)
        for name, kind in types.items()
        if held.get(name) != kind
    ]
    return scan.with_columns(changed).select(list(types))


def from_arrow(table: "pa.Table", wanted: Any, name: str) -> Any:
    """An Arrow table as the type that a parameter is annotated with; pandas where it has no annotation.

    Raises:
        DagsterInvariantViolationError: the annotation is no frame that is known (code `unsupported-type`).
    """
    module, class_name = _class_of(wanted)
    if module == "pyarrow":
        return table
    if module == "polars":
        frame = _polars_frame(table)
        return frame.lazy() if class_name == "LazyFrame" else frame
    if module in ("", "pandas"):
        return table.to_pandas()
    raise dg.DagsterInvariantViolationError(
        f"The Parquet IO manager cannot load input `{name}` as {class_name}.",
        code="unsupported-type",
        hint=f"Annotate the parameter as {_LOADABLE}.",
    )


def _polars_frame(table: "pa.Table") -> "pl.DataFrame":
    import polars as pl  # noqa: PLC0415 - slow to import

    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _class_of(wanted: Any) -> tuple[str, str]:
    """The top package and the name of a class; empty where anything will do."""
    if wanted is None or wanted is Any or not isinstance(wanted, type) or wanted is object:
        return "", ""
    return wanted.__module__.partition(".")[0], wanted.__name__
