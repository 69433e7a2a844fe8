"""Metadata values: what is known about a materialization, observation, check or output. One class a kind.

`MetadataValue.text("…")` and its siblings make them; `core.metadata_entries` has their wire form and raw values' kinds.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeVar

from treadle.core.code_references import CodeReference
from treadle.core.deprecation import beta
from treadle.core.errors import InvalidArgumentError, InvalidMetadataError, wrong_type
from treadle.core.json_values import as_json
from treadle.core.keys import AssetKey
from treadle.core.metadata_table import (
    TableColumnLineage,
    TableRecord,
    TableSchema,
    infer_column_type,
    schema_of_records,
)
from treadle.core.values import Items, TupleValue, fields_of, set_field

T_co = TypeVar("T_co", covariant=True)

# `MetadataValue.int` and its siblings hide the builtins within the class.
_Bool = bool
_Float = float
_Int = int


class MetadataValue(TupleValue, Generic[T_co]):
    """A value with its kind, which says how it is shown.

    Example:
        >>> MetadataValue.md("# done").value
        '# done'
    """

    __slots__ = ()
    kind: ClassVar[str] = ""

    @property
    def value(self) -> T_co:
        """The Python value: that of the only field; of a kind with several fields, the value itself."""
        names = fields_of(type(self))
        found: Any = getattr(self, names[0]) if len(names) == 1 else self
        return found  # type: ignore[no-any-return]

    @staticmethod
    def text(text: str) -> "TextMetadataValue":
        """Plain text."""
        return TextMetadataValue(text)

    @staticmethod
    def url(url: str) -> "UrlMetadataValue":
        """A link."""
        return UrlMetadataValue(url)

    @staticmethod
    def path(path: "str | os.PathLike[str]") -> "PathMetadataValue":
        """A path of a file or folder."""
        return PathMetadataValue(path)

    @staticmethod
    def notebook(path: "str | os.PathLike[str]") -> "NotebookMetadataValue":
        """The path of a notebook."""
        return NotebookMetadataValue(path)

    @staticmethod
    def json(data: Any) -> "JsonMetadataValue":
        """Anything that JSON can hold."""
        return JsonMetadataValue(data)

    @staticmethod
    def md(data: str) -> "MarkdownMetadataValue":
        """Markdown."""
        return MarkdownMetadataValue(data)

    @staticmethod
    def python_artifact(python_artifact: Any) -> "PythonArtifactMetadataValue":
        """A class or function, by its module and name."""
        if not hasattr(python_artifact, "__module__") or not hasattr(python_artifact, "__name__"):
            raise wrong_type("python_artifact", "a class or function", python_artifact)
        return PythonArtifactMetadataValue(python_artifact.__module__, python_artifact.__name__)

    @staticmethod
    def float(value: _Float | None) -> "FloatMetadataValue":
        """A float."""
        return FloatMetadataValue(value)

    @staticmethod
    def int(value: _Int | None) -> "IntMetadataValue":
        """An integer."""
        return IntMetadataValue(value)

    @staticmethod
    def bool(value: _Bool | None) -> "BoolMetadataValue":
        """A bool."""
        return BoolMetadataValue(value)

    @staticmethod
    def timestamp(value: _Float | datetime) -> "TimestampMetadataValue":
        """An instant: Unix seconds, or a datetime with a zone."""
        return TimestampMetadataValue(value)

    @staticmethod
    def null() -> "NullMetadataValue":
        """Nothing."""
        return NullMetadataValue()

    @staticmethod
    def asset(asset_key: AssetKey) -> "AssetMetadataValue":
        """A link to an asset."""
        return AssetMetadataValue(asset_key)

    @staticmethod
    def dagster_run(run_id: str) -> "RunMetadataValue":
        """A link to a run."""
        return RunMetadataValue(run_id)

    @staticmethod
    def job(job_name: str, location_name: str, *, repository_name: str | None = None) -> "JobMetadataValue":
        """A link to a job."""
        return JobMetadataValue(job_name, location_name, repository_name)

    @staticmethod
    def pool(pool: str) -> "PoolMetadataValue":
        """A link to a pool."""
        return PoolMetadataValue(pool)

    @staticmethod
    def table(records: Sequence[TableRecord], schema: TableSchema | None = None) -> "TableMetadataValue":
        """A small table; without a schema, the records suggest one."""
        return TableMetadataValue(records, schema)

    @staticmethod
    def table_schema(schema: TableSchema) -> "TableSchemaMetadataValue":
        """The columns of a table."""
        return TableSchemaMetadataValue(schema)

    @staticmethod
    def column_lineage(lineage: TableColumnLineage) -> "TableColumnLineageMetadataValue":
        """Which upstream columns each column is made from."""
        return TableColumnLineageMetadataValue(lineage)


class TextMetadataValue(MetadataValue[str]):
    """Plain text."""

    __slots__ = ("text",)
    kind = "text"
    text: str  # type: ignore[assignment]

    def __init__(self, text: str | None) -> None:
        set_field(self, "text", _optional_text("text", text, "TextMetadataValue"))


class UrlMetadataValue(MetadataValue[str]):
    """A link."""

    __slots__ = ("url",)
    kind = "url"
    url: str  # type: ignore[assignment]

    def __init__(self, url: str | None) -> None:
        set_field(self, "url", _optional_text("url", url, "UrlMetadataValue"))


class PathMetadataValue(MetadataValue[str]):
    """A path of a file or folder."""

    __slots__ = ("path",)
    kind = "path"
    path: str  # type: ignore[assignment]

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        set_field(self, "path", _path_text("path", path, "PathMetadataValue"))

    @property
    def fspath(self) -> str:
        """The path."""
        return self.path


class NotebookMetadataValue(MetadataValue[str]):
    """The path of a notebook."""

    __slots__ = ("path",)
    kind = "notebook"
    path: str  # type: ignore[assignment]

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        set_field(self, "path", _path_text("path", path, "NotebookMetadataValue"))

    @property
    def fspath(self) -> str:
        """The path."""
        return self.path


class MarkdownMetadataValue(MetadataValue[str]):
    """Markdown; raw HTML in it is shown, not run."""

    __slots__ = ("md_str",)
    kind = "md"
    md_str: str

    def __init__(self, md_str: str | None) -> None:
        set_field(self, "md_str", _optional_text("md_str", md_str, "MarkdownMetadataValue"))


class JsonMetadataValue(MetadataValue[Any]):
    """Anything that JSON can hold; keys become text and tuples lists, as JSON has them.

    Raises:
        InvalidMetadataError: it holds what JSON can not, refers to itself, or is nested too deep.
    """

    __slots__ = ("data",)
    kind = "json"
    data: Any

    def __init__(self, data: Any) -> None:
        try:
            set_field(self, "data", as_json(data))
        except ValueError as error:
            raise InvalidMetadataError(f"JSON metadata {error}") from None


class FloatMetadataValue(MetadataValue[float | None]):
    """A float; NaN and infinities too."""

    __slots__ = ("value",)
    kind = "float"
    value: float | None

    def __init__(self, value: float | None) -> None:
        if value is not None and not isinstance(value, float):
            raise wrong_type("value", "a float", value, "FloatMetadataValue")
        set_field(self, "value", value)


class IntMetadataValue(MetadataValue[int | None]):
    """An integer of any size."""

    __slots__ = ("value",)
    kind = "int"
    value: int | None

    def __init__(self, value: int | None) -> None:
        if value is not None and not isinstance(value, int):
            raise wrong_type("value", "an integer", value, "IntMetadataValue")
        set_field(self, "value", value)


class BoolMetadataValue(MetadataValue[bool | None]):
    """A bool."""

    __slots__ = ("value",)
    kind = "bool"
    value: bool | None

    def __init__(self, value: bool | None) -> None:
        if value is not None and not isinstance(value, bool):
            raise wrong_type("value", "a bool", value, "BoolMetadataValue")
        set_field(self, "value", value)


class TimestampMetadataValue(MetadataValue[float]):
    """An instant, kept as Unix seconds.

    Raises:
        InvalidArgumentError: a datetime without a zone, or neither number nor datetime.
    """

    __slots__ = ("value",)
    kind = "timestamp"
    value: float

    def __init__(self, value: float | datetime) -> None:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise InvalidArgumentError(
                    f"argument `value`: a timestamp needs a time zone, got {value.isoformat()} without one",
                    hint="pass `tzinfo=`, or Unix seconds",
                )
            value = value.timestamp()
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong_type(
                "value", "Unix seconds or a datetime with a zone", value, "TimestampMetadataValue"
            )
        set_field(self, "value", float(value))


class NullMetadataValue(MetadataValue[None]):
    """Nothing."""

    __slots__ = ()
    kind = "null"

    @property
    def value(self) -> None:
        """None."""
        return None


class PythonArtifactMetadataValue(MetadataValue["PythonArtifactMetadataValue"]):
    """A class or function, by its module and name."""

    __slots__ = ("module", "name")
    kind = "python_artifact"
    module: str
    name: str

    def __init__(self, module: str, name: str) -> None:
        set_field(self, "module", _required_text("module", module, "PythonArtifactMetadataValue"))
        set_field(self, "name", _required_text("name", name, "PythonArtifactMetadataValue"))


class RunMetadataValue(MetadataValue[str]):
    """A link to a run."""

    __slots__ = ("run_id",)
    kind = "run"
    run_id: str

    def __init__(self, run_id: str) -> None:
        set_field(self, "run_id", _required_text("run_id", run_id, "RunMetadataValue"))


class JobMetadataValue(MetadataValue["JobMetadataValue"]):
    """A link to a job."""

    __slots__ = ("job_name", "location_name", "repository_name")
    kind = "job"
    job_name: str
    location_name: str
    repository_name: str | None

    def __init__(self, job_name: str, location_name: str, repository_name: str | None = None) -> None:
        set_field(self, "job_name", _required_text("job_name", job_name, "JobMetadataValue"))
        set_field(self, "location_name", _required_text("location_name", location_name, "JobMetadataValue"))
        set_field(self, "repository_name", repository_name)


class AssetMetadataValue(MetadataValue[AssetKey]):
    """A link to an asset."""

    __slots__ = ("asset_key",)
    kind = "asset"
    asset_key: AssetKey

    def __init__(self, asset_key: AssetKey) -> None:
        if not isinstance(asset_key, AssetKey):
            raise wrong_type("asset_key", "an AssetKey", asset_key, "AssetMetadataValue")
        set_field(self, "asset_key", asset_key)


class PoolMetadataValue(MetadataValue[str]):
    """A link to a pool."""

    __slots__ = ("pool",)
    kind = "pool"
    pool: str  # type: ignore[assignment]

    def __init__(self, pool: str) -> None:
        set_field(self, "pool", _required_text("pool", pool, "PoolMetadataValue"))

    @property
    def name(self) -> str:
        """The pool's name."""
        return self.pool


class TableMetadataValue(MetadataValue["TableMetadataValue"]):
    """A small table.

    Args:
        records: the rows.
        schema: the columns; by default the records suggest them.

    Raises:
        InvalidArgumentError: without a schema, there are no records, or their columns differ.
    """

    __slots__ = ("records", "schema")
    kind = "table"
    records: Sequence[TableRecord]
    schema: TableSchema

    def __init__(self, records: Sequence[TableRecord], schema: TableSchema | None = None) -> None:
        if not isinstance(records, Sequence) or not all(
            isinstance(record, TableRecord) for record in records
        ):
            raise wrong_type("records", "a list of TableRecord", records, "TableMetadataValue")
        if schema is not None and not isinstance(schema, TableSchema):
            raise wrong_type("schema", "a TableSchema", schema, "TableMetadataValue")
        set_field(self, "records", Items(records))
        set_field(self, "schema", schema or schema_of_records(records))

    infer_column_type = staticmethod(infer_column_type)


class TableSchemaMetadataValue(MetadataValue[TableSchema]):
    """The columns of a table."""

    __slots__ = ("schema",)
    kind = "table_schema"
    schema: TableSchema

    def __init__(self, schema: TableSchema) -> None:
        if not isinstance(schema, TableSchema):
            raise wrong_type("schema", "a TableSchema", schema, "TableSchemaMetadataValue")
        set_field(self, "schema", schema)


class TableColumnLineageMetadataValue(MetadataValue[TableColumnLineage]):
    """Which upstream columns each column is made from."""

    __slots__ = ("column_lineage",)
    kind = "column_lineage"
    column_lineage: TableColumnLineage  # type: ignore[assignment]

    def __init__(self, column_lineage: TableColumnLineage) -> None:
        if not isinstance(column_lineage, TableColumnLineage):
            raise wrong_type(
                "column_lineage", "a TableColumnLineage", column_lineage, "TableColumnLineageMetadataValue"
            )
        set_field(self, "column_lineage", column_lineage)

    @property
    def lineage(self) -> TableColumnLineage:
        """The lineage."""
        return self.column_lineage


@beta()
class CodeReferencesMetadataValue(MetadataValue["CodeReferencesMetadataValue"]):
    """Where the code of a definition is."""

    __slots__ = ("code_references",)
    kind = "code_references"
    code_references: Sequence[CodeReference]

    def __init__(self, *, code_references: Sequence[CodeReference]) -> None:
        for reference in code_references:
            if not isinstance(reference, CodeReference):
                raise wrong_type(
                    "code_references", "a list of code references", reference, "CodeReferencesMetadataValue"
                )
        set_field(self, "code_references", Items(code_references))

    @property
    def value(self) -> "CodeReferencesMetadataValue":
        """This value itself."""
        return self


KINDS: Final[dict[str, type[MetadataValue[Any]]]] = {
    cls.kind: cls
    for cls in (
        TextMetadataValue,
        UrlMetadataValue,
        PathMetadataValue,
        NotebookMetadataValue,
        MarkdownMetadataValue,
        JsonMetadataValue,
        FloatMetadataValue,
        IntMetadataValue,
        BoolMetadataValue,
        TimestampMetadataValue,
        NullMetadataValue,
        PythonArtifactMetadataValue,
        RunMetadataValue,
        JobMetadataValue,
        AssetMetadataValue,
        PoolMetadataValue,
        TableMetadataValue,
        TableSchemaMetadataValue,
        TableColumnLineageMetadataValue,
        CodeReferencesMetadataValue,
    )
}
"""Every kind by its wire word."""


def _optional_text(argument: str, text: Any, owner: str) -> str:
    return "" if text is None else _required_text(argument, text, owner)


def _required_text(argument: str, text: Any, owner: str) -> str:
    if not isinstance(text, str):
        raise wrong_type(argument, "text", text, owner)
    return text


def _path_text(argument: str, path: Any, owner: str) -> str:
    return _optional_text(argument, os.fspath(path) if isinstance(path, os.PathLike) else path, owner)
