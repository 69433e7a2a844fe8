"""The wire between a run and a process outside of it: names, text forms and the kinds of metadata.

It is the protocol of the package `dagster-pipes` at version 0.1: parameters travel as base64 of compressed JSON in two
variables (or command line arguments), messages as JSON objects `{"__dagster_pipes_version", "method", "params"}`.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

from treadle.core.errors import PipesExecutionError
from treadle.core.keys import AssetKey
from treadle.core.metadata import (
    AssetMetadataValue,
    BoolMetadataValue,
    FloatMetadataValue,
    IntMetadataValue,
    JsonMetadataValue,
    MarkdownMetadataValue,
    MetadataValue,
    NotebookMetadataValue,
    NullMetadataValue,
    PathMetadataValue,
    RunMetadataValue,
    TableColumnLineageMetadataValue,
    TableMetadataValue,
    TableSchemaMetadataValue,
    TextMetadataValue,
    TimestampMetadataValue,
    UrlMetadataValue,
)
from treadle.core.metadata_entries import metadata_value
from treadle.core.metadata_table import (
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableConstraints,
    TableRecord,
    TableSchema,
)

VERSION: Final = "0.1"
VERSION_FIELD: Final = "__dagster_pipes_version"
CONTEXT_VARIABLE: Final = "DAGSTER_PIPES_CONTEXT"
MESSAGES_VARIABLE: Final = "DAGSTER_PIPES_MESSAGES"
CONTEXT_ARGUMENT: Final = "--dagster-pipes-context"
MESSAGES_ARGUMENT: Final = "--dagster-pipes-messages"
INFERRED: Final = "__infer__"

Params = Mapping[str, Any]
"""What a loader or writer in the child needs to find its end of the wire; anything that JSON can hold."""


class PipesContextData(TypedDict):
    """What a child is told about its step."""

    asset_keys: Sequence[str] | None
    code_version_by_asset_key: Mapping[str, str | None] | None
    provenance_by_asset_key: Mapping[str, Any] | None
    partition_key: str | None
    partition_key_range: Mapping[str, str] | None
    """`start` and `end`."""
    partition_time_window: Mapping[str, str | None] | None
    """`start` and `end` as ISO 8601 texts."""
    run_id: str
    job_name: str | None
    retry_number: int
    extras: Mapping[str, Any]


class PipesMessage(TypedDict):
    """A message of the child, besides its field for the protocol's version."""

    method: str
    params: Mapping[str, Any] | None


def encode_params(value: Any) -> str:
    """Parameters as the text of a variable or an argument.

    Example:
        >>> decode_params(encode_params({"path": "a"}))
        {'path': 'a'}
    """
    return base64.b64encode(zlib.compress(json.dumps(value).encode())).decode()


def decode_params(text: str) -> Any:
    """What `encode_params` was given."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def read_message(line: str) -> PipesMessage | None:
    """The message in a line of text; None where it holds something else.

    Raises:
        PipesExecutionError: a message of a protocol version that is not understood.
    """
    line = line.strip()
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or VERSION_FIELD not in found:
        return None
    if found[VERSION_FIELD] != VERSION:
        raise PipesExecutionError(
            f"a message of version {found[VERSION_FIELD]} of the pipes protocol came; {VERSION} is understood"
        )
    if not isinstance(found.get("method"), str):
        raise PipesExecutionError("a message of the pipes protocol came without a method")
    return PipesMessage(method=found["method"], params=found.get("params"))


def metadata_from_wire(entries: Mapping[str, Any]) -> dict[str, MetadataValue[Any]]:
    """Metadata as the child sent it: label -> `{"raw_value", "type"}`.

    Raises:
        PipesExecutionError: an entry that is not one of the protocol's kinds; the message names its label.
    """
    return {label: _entry(label, entry) for label, entry in entries.items()}


def _entry(label: str, entry: Any) -> MetadataValue[Any]:
    if not isinstance(entry, Mapping) or "raw_value" not in entry or "type" not in entry:
        raise PipesExecutionError(f"metadata `{label}` must have `raw_value` and `type`, got {entry!r}")
    raw, kind = entry["raw_value"], entry["type"]
    if kind == INFERRED:
        return metadata_value(raw)
    make = _KINDS.get(kind)
    if make is None:
        raise PipesExecutionError(
            f"metadata `{label}` has a type that does not exist: `{kind}`", hint="one of " + ", ".join(_KINDS)
        )
    try:
        found: MetadataValue[Any] = make(raw)
    except Exception as error:
        # Whatever does not fit, the child must be told which of its entries it was.
        raise PipesExecutionError(
            f"metadata `{label}` is no `{kind}`: {type(error).__name__}: {error}"
        ) from error
    return found


def _schema(raw: Any) -> TableSchema:
    columns, other = (raw["columns"], raw.get("constraints")) if isinstance(raw, Mapping) else (raw, None)
    return TableSchema([_column(column) for column in columns], TableConstraints(**other) if other else None)


def _column(raw: Any) -> TableColumn:
    constraints = raw.get("constraints")
    return TableColumn(
        raw["name"],
        raw.get("type", "string"),
        description=raw.get("description"),
        constraints=TableColumnConstraints(**constraints) if constraints else None,
        tags=raw.get("tags") or {},
    )


def _table(raw: Any) -> TableMetadataValue:
    schema = raw.get("schema")
    return TableMetadataValue(
        [TableRecord(record) for record in raw["records"]], _schema(schema) if schema is not None else None
    )


def _lineage(raw: Any) -> TableColumnLineageMetadataValue:
    return TableColumnLineageMetadataValue(
        TableColumnLineage(
            {
                column: [TableColumnDep(AssetKey(dep["asset_key"]), dep["column_name"]) for dep in deps]
                for column, deps in raw["deps_by_column"].items()
            }
        )
    )


_KINDS: Final[Mapping[str, Any]] = {
    "text": TextMetadataValue,
    "url": UrlMetadataValue,
    "path": PathMetadataValue,
    "notebook": NotebookMetadataValue,
    "json": JsonMetadataValue,
    "md": MarkdownMetadataValue,
    "float": lambda raw: FloatMetadataValue(float(raw) if isinstance(raw, int) else raw),
    "int": IntMetadataValue,
    "bool": BoolMetadataValue,
    "dagster_run": RunMetadataValue,
    "asset": lambda raw: AssetMetadataValue(AssetKey.from_user_string(raw)),
    "null": lambda _: NullMetadataValue(),
    "table": _table,
    "table_schema": lambda raw: TableSchemaMetadataValue(_schema(raw)),
    "table_column_lineage": _lineage,
    "timestamp": TimestampMetadataValue,
}
