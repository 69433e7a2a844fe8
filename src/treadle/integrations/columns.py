"""Columns that an input's metadata names under `columns`, shared by what loads frames."""

import difflib
from collections.abc import Iterable, Sequence

import treadle as dg


def columns_asked_for(context: dg.InputContext) -> Sequence[str] | None:
    """The names, of which there may be one alone; None: all columns."""
    columns = context.definition_metadata.get("columns")
    if isinstance(columns, str):
        return [columns]
    return list(columns) if columns else None


def unknown_column(column: str, input_name: str, known: Iterable[str]) -> dg.UnfitValueError:
    """The error for a column that nothing stored has.

    Args:
        known: the columns that there are.
    """
    names = list(dict.fromkeys(known))
    by_lower = {name.lower(): name for name in names}
    near = [by_lower[each] for each in difflib.get_close_matches(column.lower(), by_lower)]
    hint = (
        f"Did you mean {' or '.join(f'`{each}`' for each in near)}?"
        if near
        else f"Its columns are: {', '.join(names)}."
    )
    return dg.UnfitValueError(
        f"Input `{input_name}` asks for column `{column}` (metadata `columns`), which what is stored does not have.",
        code="unknown-column",
        hint=hint,
    )
