"""Frames of pandas, Polars and Arrow as Arrow tables, and back; each library is imported only when it is met."""

import sys
from typing import TYPE_CHECKING, Any

import treadle as dg

try:
    import pyarrow as pa
except ImportError as error:  # pragma: no cover - depends on what is installed
    raise ImportError(
        "pyarrow is not installed. Install it with `pip install 'treadle[parquet]'`."
    ) from error

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
        return pa.Table.from_pandas(obj)
    if polars is not None and isinstance(obj, polars.LazyFrame):
        obj = obj.collect()
    if polars is not None and isinstance(obj, polars.DataFrame):
        return obj.to_arrow()
    raise dg.DagsterInvariantViolationError(
        f"The Parquet IO manager cannot store a {type(obj).__name__} as `{name}`.",
        code="unsupported-type",
        hint=f"Return a {_LOADABLE}, or give the asset another IO manager.",
    )


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
    import polars as pl

    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _class_of(wanted: Any) -> tuple[str, str]:
    """The top package and the name of a class; empty where anything will do."""
    if wanted is None or wanted is Any or not isinstance(wanted, type) or wanted is object:
        return "", ""
    return wanted.__module__.partition(".")[0], wanted.__name__
