"""Values that DuckDB would store as their `repr`: those of a column of pandas for which it knows no better type than text."""

from collections.abc import Iterable, Sequence
from numbers import Number
from typing import TYPE_CHECKING, Any

from treadle.integrations.python_objects import refused_column

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection


def refuse_objects_as_text(
    frame: "pd.DataFrame", view: str, label: str, connection: "DuckDBPyConnection"
) -> None:
    """Refuse a frame with values of which DuckDB would keep the `repr` alone.

    Args:
        view: the name under which DuckDB knows the frame.
        label: the asset that is stored.

    Raises:
        DagsterInvariantViolationError: names the column (code `unsupported-type`).
    """
    held = [_objects_in(frame.iloc[:, position]) for position in range(frame.shape[1])]
    if not any(len(values) for values in held):
        return
    types = [str(kind) for kind in connection.sql(f"from {view} limit 0").types]
    for name, values, kind in zip(frame.columns, held, types, strict=True):
        if kind != "VARCHAR" and not kind.startswith("ENUM("):
            continue  # lists, structs, numbers, ...: DuckDB understood every value
        for one in dict.fromkeys(map(type, values)):
            if _is_told_by_repr(one):
                raise refused_column(str(name), label, one.__name__, "only their `repr` would be stored")


def needs_all_rows_for_types(frame: "pd.DataFrame") -> bool:
    """Whether DuckDB, which infers types of Python objects from some rows, would miss those of others.

    It would store 0.4 as 0 where the rows it looked at have whole numbers.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import

    held = [_objects_in(frame.iloc[:, position]) for position in range(frame.shape[1])]
    kinds = {pd.api.types.infer_dtype(values, skipna=True) for values in held if len(values)}
    return not kinds <= {"string", "boolean", "empty"}


def _objects_in(column: "pd.Series[Any]") -> Sequence[Any]:
    """The values, or of a categorical column the categories, where they are Python objects."""
    values: Any = column.cat.categories if hasattr(column, "cat") else column
    return values.to_numpy() if values.dtype == object else ()


def _is_told_by_repr(kind: type) -> bool:
    if issubclass(kind, str | Number) or kind.__name__ in _MISSING:
        return False
    is_array = hasattr(kind, "__array__") and issubclass(kind, Iterable)
    return is_array or kind.__str__ is object.__str__


_MISSING = ("NoneType", "NAType", "NaTType")
