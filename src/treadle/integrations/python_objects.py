"""Columns that no table can hold, such as those of Python objects: refused before anything is written, shared by what
stores frames."""

from collections.abc import Callable, Sequence
from typing import Any

import treadle as dg


def label_of(context: dg.OutputContext, place: str) -> str:
    """The asset that is stored, or where an output of an op goes.

    Args:
        place: the table or file.
    """
    return context.asset_key.to_user_string() if context.has_asset_key else place


def refused_column(column: str, label: str, class_name: str, fate: str) -> dg.DagsterInvariantViolationError:
    """The error for a column of Python objects.

    Args:
        label: what is stored, as `label_of` says it.
        class_name: of one of its values.
        fate: what would be left of them.
    """
    return dg.DagsterInvariantViolationError(
        f"Column `{column}` of `{label}` holds Python objects ({class_name}): {fate}.",
        code="unsupported-type",
        hint="Make it text, numbers or dates, or lists or dicts of one shape of these; or give the asset an IO manager "
        "that pickles, such as FilesystemIOManager.",
    )


def refused_type(
    column: str, label: str, kind: str, store: str, said: str = ""
) -> dg.DagsterInvariantViolationError:
    """The error for a column of a type that a store does not know.

    Args:
        label: what is stored, as `label_of` says it.
        kind: the type.
        store: who does not know it.
        said: by the library.
    """
    return dg.DagsterInvariantViolationError(
        f"Column `{column}` of `{label}` is {kind}, which {store} cannot hold{said and ': ' + said}.",
        code="unsupported-type",
        hint="Make it text, numbers of at most 64 bits, times, or lists or dicts of one shape of these; or give the asset "
        "an IO manager that pickles, such as FilesystemIOManager.",
    )


def first_failing(names: Sequence[str], attempt: Callable[[int], object]) -> int | None:
    """The position of the first column with which an attempt fails; None where each alone is fine."""
    for position in range(len(names)):
        try:
            attempt(position)
        except Exception:  # noqa: BLE001 - whatever it is, it is this column's
            return position
    return None


def refuse_objects_of_polars(frame: Any, label: str) -> None:
    """Refuse a Polars frame with a column of the type Object, of which Arrow gets the addresses alone.

    Raises:
        DagsterInvariantViolationError: names the column (code `unsupported-type`).
    """
    for name, kind in frame.schema.items():
        if str(kind) == "Object":  # nested ones do not exist
            held = next((type(value).__name__ for value in frame[name] if value is not None), "Object")
            raise refused_column(name, label, held, "only their addresses would be stored")
