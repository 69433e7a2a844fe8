"""Tables as metadata: their columns, constraints, records, and which columns a column comes from."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from treadle.core.errors import InvalidArgumentError, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.values import NO_ITEMS, NO_MAPPING, Items, TupleValue, set_field

Cell = str | int | float | bool | None
"""What a record may hold."""


def _texts(argument: str, texts: Any, owner: str) -> Items[str]:
    if texts is None:
        return NO_ITEMS
    if (
        isinstance(texts, str)
        or not isinstance(texts, Sequence)
        or not all(isinstance(text, str) for text in texts)
    ):
        raise wrong_type(argument, "a list of texts", texts, owner)
    return Items(texts) if texts else NO_ITEMS


class TableRecord(TupleValue):
    """One row of a table.

    Args:
        data: column name to text, number, bool or None.
    """

    __slots__ = ("data",)
    data: Mapping[str, Cell]

    def __init__(self, data: Mapping[str, Cell]) -> None:
        if not isinstance(data, Mapping):
            raise wrong_type("data", "a mapping of column names to values", data, "TableRecord")
        for name, cell in data.items():
            if not isinstance(name, str):
                raise wrong_type("data", "a mapping with text keys", name, "TableRecord")
            if cell is not None and not isinstance(cell, (str, int, float)):
                raise wrong_type(f"data[{name!r}]", "text, a number, a bool or None", cell, "TableRecord")
        set_field(self, "data", dict(data))


class TableColumnConstraints(TupleValue):
    """What holds of a column's values.

    Args:
        nullable: whether None may occur.
        unique: whether each value occurs once.
        other: further constraints, in words.
    """

    __slots__ = ("nullable", "other", "unique")
    nullable: bool
    unique: bool
    other: Sequence[str]

    def __init__(
        self, nullable: bool = True, unique: bool = False, other: Sequence[str] | None = None
    ) -> None:
        for argument, value in (("nullable", nullable), ("unique", unique)):
            if not isinstance(value, bool):
                raise wrong_type(argument, "a bool", value, "TableColumnConstraints")
        set_field(self, "nullable", nullable)
        set_field(self, "unique", unique)
        set_field(self, "other", _texts("other", other, "TableColumnConstraints"))


_ANY_VALUES = TableColumnConstraints()


class TableConstraints(TupleValue):
    """What holds of a table as a whole.

    Args:
        other: constraints, in words.
    """

    __slots__ = ("other",)
    other: Sequence[str]

    def __init__(self, other: Sequence[str]) -> None:
        set_field(self, "other", _texts("other", other, "TableConstraints"))


_NO_CONSTRAINTS = TableConstraints(other=())


class TableColumn(TupleValue):
    """A column of a table.

    Args:
        name: the column's name.
        type: its type, in the words of the system that holds the table.
        description: for a person.
        constraints: what holds of its values; by default nothing does.
        tags: text to text.
    """

    __slots__ = ("constraints", "description", "name", "tags", "type")
    name: str
    type: str
    description: str | None
    constraints: TableColumnConstraints
    tags: Mapping[str, str]

    def __init__(
        self,
        name: str,
        type: str = "string",
        description: str | None = None,
        constraints: TableColumnConstraints | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        if not isinstance(name, str):
            raise wrong_type("name", "text", name, "TableColumn")
        if not isinstance(type, str):
            raise wrong_type("type", "text", type, "TableColumn")
        if constraints is not None and not isinstance(constraints, TableColumnConstraints):
            raise wrong_type("constraints", "TableColumnConstraints", constraints, "TableColumn")
        if tags is not None and not isinstance(tags, Mapping):
            raise wrong_type("tags", "a mapping of text to text", tags, "TableColumn")
        set_field(self, "name", name)
        set_field(self, "type", type)
        set_field(self, "description", description)
        set_field(self, "constraints", constraints or _ANY_VALUES)
        set_field(self, "tags", dict(tags) if tags else NO_MAPPING)


class TableSchema(TupleValue):
    """The columns of a table.

    Args:
        columns: the columns in order.
        constraints: what holds of the table as a whole.

    Example:
        >>> TableSchema([TableColumn("id", "int")]).columns[0].type
        'int'
    """

    __slots__ = ("columns", "constraints")
    columns: Sequence[TableColumn]
    constraints: TableConstraints

    def __init__(self, columns: Sequence[TableColumn], constraints: TableConstraints | None = None) -> None:
        if isinstance(columns, str) or not isinstance(columns, Sequence):
            raise wrong_type("columns", "a list of TableColumn", columns, "TableSchema")
        for column in columns:
            if not isinstance(column, TableColumn):
                raise wrong_type("columns", "a list of TableColumn", column, "TableSchema")
        if constraints is not None and not isinstance(constraints, TableConstraints):
            raise wrong_type("constraints", "TableConstraints", constraints, "TableSchema")
        set_field(self, "columns", Items(columns))
        set_field(self, "constraints", constraints or _NO_CONSTRAINTS)

    @classmethod
    def from_name_type_dict(cls, name_type_dict: Mapping[str, str]) -> Self:
        """A schema without constraints from column names and types."""
        return cls([TableColumn(name, type) for name, type in name_type_dict.items()])


class TableColumnDep(TupleValue):
    """A column of an upstream asset that a column is made from.

    Args:
        asset_key: the upstream asset.
        column_name: its column.
    """

    __slots__ = ("asset_key", "column_name")
    asset_key: AssetKey
    column_name: str

    def __init__(self, asset_key: Any, column_name: str) -> None:
        if not isinstance(column_name, str):
            raise wrong_type("column_name", "text", column_name, "TableColumnDep")
        set_field(self, "asset_key", AssetKey.from_coercible_or_definition(asset_key))
        set_field(self, "column_name", column_name)


class TableColumnLineage(TupleValue):
    """Which upstream columns each column is made from.

    Args:
        deps_by_column: column name to the columns it is made from.
    """

    __slots__ = ("deps_by_column",)
    deps_by_column: Mapping[str, Sequence[TableColumnDep]]

    def __init__(self, deps_by_column: Mapping[str, Sequence[TableColumnDep]]) -> None:
        if not isinstance(deps_by_column, Mapping):
            raise wrong_type(
                "deps_by_column",
                "a mapping of column names to lists of TableColumnDep",
                deps_by_column,
                "TableColumnLineage",
            )
        checked: dict[str, Items[TableColumnDep]] = {}
        for name, deps in deps_by_column.items():
            for dep in deps:
                if not isinstance(dep, TableColumnDep):
                    raise wrong_type(
                        f"deps_by_column[{name!r}]", "a list of TableColumnDep", dep, "TableColumnLineage"
                    )
            distinct: Items[TableColumnDep] = Items(deps)
            if len(set(distinct)) != len(distinct):
                raise InvalidArgumentError(
                    f"argument `deps_by_column`: column {name!r} names an upstream column twice"
                )
            checked[name] = distinct
        set_field(self, "deps_by_column", checked)


def infer_column_type(value: object) -> str:
    """The type that a cell's value suggests: `bool`, `int`, `float` or `string`."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    return "float" if isinstance(value, float) else "string"


def schema_of_records(records: Sequence[TableRecord]) -> TableSchema:
    """The schema that records of one shape suggest.

    Raises:
        InvalidArgumentError: there are none, or their columns differ.
    """
    if not records:
        raise InvalidArgumentError("argument `records`: a table without records needs a `schema`")
    first = records[0].data
    for record in records[1:]:
        if record.data.keys() != first.keys():
            raise InvalidArgumentError(
                f"`records`: all need the same columns, got {sorted(first)} and {sorted(record.data)}"
            )
    return TableSchema([TableColumn(name, infer_column_type(value)) for name, value in first.items()])
