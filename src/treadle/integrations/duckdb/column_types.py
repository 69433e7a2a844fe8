"""A frame's columns against those of the table that it goes to: values are stored as they were given, or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import treadle as dg
from treadle.integrations.duckdb.client import folded, quoted
from treadle.integrations.duckdb.connection import duckdb

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from duckdb.sqltypes import DuckDBPyType

_NUMBERS = {
    *("tinyint", "smallint", "integer", "bigint", "hugeint", "bignum", "float", "double", "decimal"),
    *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
}
_KINDS = {
    **dict.fromkeys(_NUMBERS, "number"),
    **dict.fromkeys(("varchar", "enum"), "text"),
    **dict.fromkeys(("date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"), "wall time"),
}
_NESTED = ("list", "array", "map", "struct")
_DAY, _TIME, _ZONE = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", r"(Z|[+-]\d{2}(:?\d{2})?)"
_WRITTEN = {
    "date": _DAY,
    "time": _TIME,
    "timestamp": f"{_DAY}([ T]{_TIME})?",
    "timestamp with time zone": f"{_DAY}[ T]{_TIME} ?{_ZONE}",
}
"""How text of a time may be written (ISO 8601, with a space in place of the T as in RFC 3339) to say no more and no less
than such a column keeps."""


@dataclass(frozen=True)
class _Difference:
    """A column whose type in the frame is not the one in the table."""

    column: str
    given: "DuckDBPyType"
    held: "DuckDBPyType"

    @property
    def keeps_kind(self) -> bool:
        return _keeps_kind(self.given, self.held)

    def lost(self, through: str, back: str) -> str:
        """The condition of a value that is another one after a cast and the cast back."""
        name = quoted(self.column)
        return f"try_cast(try_cast({name} as {through}) as {back}) is distinct from {name}"

    @property
    def unfit(self) -> str:
        """The condition of a value of the frame that the table's column cannot hold as it is."""
        if not self.keeps_kind:
            return f"{quoted(self.column)} is not null"
        pattern = _WRITTEN.get(self.held.id) if self.given.id == "varchar" else None
        if pattern is not None:
            name = quoted(self.column)
            fits = f"try_cast({name} as {self.held}) is not null and regexp_full_match({name}, '{pattern}')"
            return f"{name} is not null and not ({fits})"
        return self.lost(str(self.held), str(self.given))


def refuse_cut_names(names: Sequence[str], label: str) -> None:
    """Refuse names with a NUL, where DuckDB would end them and Arrow ends the process's work on the frame.

    Args:
        names: of the frame's columns.
        label: the asset that is stored.

    Raises:
        UnfitValueError: names the column (code `unfit-columns`).
    """
    for name in names:
        if "\x00" in name:
            raise dg.UnfitValueError(
                f"Column {name!r} of `{label}` has a NUL in its name, where DuckDB would cut it.",
                code="unfit-columns",
                hint="Rename the column in the asset.",
            )


def refuse_unfit_names(names: Sequence[str], view: str, label: str, connection: "DuckDBPyConnection") -> None:
    """Refuse names that DuckDB would change: it takes no empty ones, and none twice, whatever their case.

    Args:
        names: of the frame's columns.
        view: the name under which DuckDB knows the frame.
        label: the asset that is stored.

    Raises:
        UnfitValueError: names the column (code `unfit-columns`).
    """
    if all(names) and len(set(map(folded, names))) == len(names):
        return
    for name, known in zip(names, connection.sql(f"from {view} limit 0").columns, strict=True):
        if name == known:
            continue
        twins = [repr(other) for other in names if folded(other) == folded(name)]
        why = (
            f"DuckDB takes {' and '.join(twins)} for one name"
            if len(twins) > 1
            else "DuckDB has no such name"
        )
        raise dg.UnfitValueError(
            f"Column {name!r} of `{label}` would be stored as {known!r}: {why}.",
            code="unfit-columns",
            hint="Rename the column in the asset; case alone makes no other name.",
        )


def fit_table(view: str, table: str, label: str, connection: "DuckDBPyConnection") -> Sequence[str]:
    """Make a table able to hold a frame's values as they are.

    Columns that it has not are added. A column of another type stays where every value survives the cast to it and
    back; it gets a wider type where no value that it holds changes by that; or the frame is refused.

    Args:
        view: the name under which DuckDB knows the frame.
        table: the table, as SQL.
        label: the asset that is stored.

    Returns:
        What was changed, a sentence each.

    Raises:
        UnfitValueError: names the column, its types and a value (code `column-types-differ`).
    """
    there = dict(_columns(table, connection))
    known = {folded(name): name for name in there}
    told = []
    differences = []
    for name, given in _columns(view, connection):
        if folded(name) not in known:
            connection.execute(f"alter table {table} add column {quoted(name)} {given}")
            told.append(f"`{label}` has a new column `{name}` ({_short(given)}), empty in other partitions.")
        elif str(there[known[folded(name)]]) != str(given):
            differences.append(_Difference(name, given, there[known[folded(name)]]))
    for difference in _unfit(differences, view, connection):
        wider = _wider(difference, view, table, connection)
        if wider is None:
            raise _refused(difference, view, label, connection)
        name = quoted(difference.column)
        # Of the rows that stay every value can be cast; those that this transaction deleted are still looked at.
        change = f"alter column {name} set data type {wider} using try_cast({name} as {wider})"
        try:
            connection.execute(f"alter table {table} {change}")
        except duckdb.Error as error:  # an index or a constraint needs the column as it is
            raise _refused(difference, "", label, connection) from error
        told.append(
            f"Column `{difference.column}` of `{label}` was {_short(difference.held)} and is now "
            f"{_short(wider)}, so that it holds what this run gives ({_short(difference.given)})."
        )
    return told


def _columns(source: str, connection: "DuckDBPyConnection") -> Iterator[tuple[str, "DuckDBPyType"]]:
    rows = connection.sql(f"from {source} limit 0")
    return zip(rows.columns, rows.types, strict=True)


def _unfit(
    differences: Sequence[_Difference], view: str, connection: "DuckDBPyConnection"
) -> Sequence[_Difference]:
    """Those with a value that the table's column cannot hold as it is."""
    counts = _counts([difference.unfit for difference in differences], view, connection)
    return [difference for difference, count in zip(differences, counts, strict=True) if count]


def _wider(difference: _Difference, view: str, table: str, connection: "DuckDBPyConnection") -> str | None:
    """A type that holds what the table's column has and what the frame has; None where there is none."""
    given, held = str(difference.given), str(difference.held)
    (values,) = _counts([f"{quoted(difference.column)} is not null"], table, connection)
    if not values:
        return given
    if not difference.keeps_kind or _kind(difference.given) != _kind(difference.held):
        return None
    for wider in _candidates(difference, connection):
        counts = [
            *_counts([difference.lost(wider, given)], view, connection),
            *_counts([difference.lost(wider, held)], table, connection),
        ]
        if not any(counts):
            return wider
    return None


def _candidates(difference: _Difference, connection: "DuckDBPyConnection") -> Sequence[str]:
    given, held = str(difference.given), str(difference.held)
    both = f"select null::{given} as x union all select null::{held}"
    union = str(connection.sql(f"select x from ({both}) limit 0").types[0])
    if difference.given.id == "enum":
        return [given, union]
    if "DECIMAL" in held and "DECIMAL" not in union:
        return []  # 0.1 would be another number, although it is written the same
    if union == "HUGEINT" != held:
        return [given]  # pandas reads a HUGEINT as a float
    return [union, "DOUBLE"] if union == "FLOAT" else [union]


def _counts(conditions: Sequence[str], source: str, connection: "DuckDBPyConnection") -> Sequence[int]:
    """How many rows meet each of the conditions."""
    if not conditions:
        return []
    counted = ", ".join(f"count(*) filter (where {condition})" for condition in conditions)
    return connection.execute(f"select {counted} from {source}").fetchall()[0]


def _keeps_kind(given: "DuckDBPyType", held: "DuckDBPyType") -> bool:
    """Whether values may go into such a column at all: 5 is neither '5' nor true, and a wall time no instant."""
    parts: Any = given.children if given.id in _NESTED else ()
    if parts and given.id == held.id:
        there: dict[str, Any] = {folded(name): part for name, part in held.children}
        common = [(part, there[folded(name)]) for name, part in parts if folded(name) in there]
        # An array's size is a number among its parts.
        return bool(common) and all(
            one == other if isinstance(one, int) else _keeps_kind(one, other) for one, other in common
        )
    if "null" in (given.id, held.id) or _kind(given) == _kind(held):
        return True
    # Text of a time or an id; that it is written as DuckDB writes it is seen by the cast back.
    return given.id == "varchar" and held.id not in (*_NUMBERS, "boolean", "blob", *_NESTED)


def _kind(one: "DuckDBPyType") -> str:
    return _KINDS.get(one.id, one.id)


def _refused(
    difference: _Difference, view: str, label: str, connection: "DuckDBPyConnection"
) -> dg.UnfitValueError:
    example = ""
    if view:
        name = quoted(difference.column)
        query = f"select cast({name} as varchar) from {view} where {difference.unfit} limit 1"
        example = f", such as {_short(connection.execute(query).fetchall()[0][0])}"
    return dg.UnfitValueError(
        f"Column `{difference.column}` of `{label}` is {_short(difference.held)} in its table, which would not keep "
        f"what this run gives ({_short(difference.given)}{example}). Nothing was stored.",
        code="column-types-differ",
        hint="Cast the column in the asset, so that every partition has the same type; or drop the table, and "
        "materialize its partitions again.",
    )


def _short(text: object) -> str:
    shown = str(text)
    return shown if len(shown) <= 80 else shown[:79] + "…"
