"""Metadata as entries by key: which raw Python value becomes which kind, what is refused, and the wire form.

Event metadata is strict: what cannot be stored is refused, the key named, before it is reported. That of
definitions is lenient: it may hold any object; only its display and its wire form give values a kind.
"""

import os
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from treadle.core.code_references import LocalFileCodeReference, UrlCodeReference
from treadle.core.errors import InvalidArgumentError, InvalidMetadataError, shortened, wrong_type
from treadle.core.json_values import from_json_wire, to_json_wire
from treadle.core.keys import AssetKey
from treadle.core.metadata import (
    KINDS,
    AssetMetadataValue,
    BoolMetadataValue,
    CodeReferencesMetadataValue,
    FloatMetadataValue,
    IntMetadataValue,
    JobMetadataValue,
    JsonMetadataValue,
    MetadataValue,
    NullMetadataValue,
    PathMetadataValue,
    PythonArtifactMetadataValue,
    TableColumnLineageMetadataValue,
    TableMetadataValue,
    TableSchemaMetadataValue,
    TextMetadataValue,
)
from treadle.core.metadata_table import (
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableConstraints,
    TableRecord,
    TableSchema,
)
from treadle.core.opaque import opaque
from treadle.core.values import NO_MAPPING

Metadata = Mapping[str, MetadataValue[Any]]

MAX_KEY_LENGTH: Final = 1_000
"""Longest metadata key, in characters."""

MAX_EVENT_BYTES: Final = 1_000_000
"""Above this many bytes of metadata, an event's largest values belong into a file."""


def event_metadata(raw: Mapping[str, Any] | None) -> Metadata:
    """Metadata of an event, each entry of its kind.

    Raises:
        InvalidMetadataError: an entry that cannot be stored; the message names its key.
        InvalidArgumentError: not a mapping, or a key that is not text.
    """
    if not _is_given(raw):
        return NO_MAPPING
    return {_checked_key(key): _entry(key, value) for key, value in raw.items()}


def _is_given(raw: Mapping[str, Any] | None) -> TypeGuard[Mapping[str, Any]]:
    """Whether there are entries; raises where it is no mapping."""
    if raw is None:
        return False
    if not isinstance(raw, Mapping):
        raise wrong_type("metadata", "a mapping with text keys", raw)
    return bool(raw)


def definition_metadata(raw: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Metadata of a definition, as it was given; only the keys are checked.

    Raises:
        InvalidArgumentError: not a mapping, or a key that is not text.
    """
    if not _is_given(raw):
        return NO_MAPPING
    for key in raw:
        _checked_key(key)
    return dict(raw)


def shown_metadata(raw: Mapping[str, Any]) -> dict[str, MetadataValue[Any]]:
    """Definition metadata as it is shown: each entry of its kind, an object of no kind as text."""
    shown: dict[str, MetadataValue[Any]] = {}
    for key, value in raw.items():
        try:
            shown[key] = metadata_value(value)
        except (InvalidMetadataError, InvalidArgumentError):
            shown[key] = TextMetadataValue(opaque(value).text)
    return shown


def metadata_value(raw: Any) -> MetadataValue[Any]:
    """The metadata value that a raw Python value suggests.

    Raises:
        InvalidMetadataError: no kind can hold it.

    Example:
        >>> metadata_value(3)
        IntMetadataValue(value=3)
    """
    if isinstance(raw, MetadataValue):
        return raw
    if isinstance(raw, str):
        return TextMetadataValue(raw)
    if isinstance(raw, bool):
        return BoolMetadataValue(raw)
    if isinstance(raw, int):
        return IntMetadataValue(raw)
    if isinstance(raw, float):
        return FloatMetadataValue(float(raw))
    if raw is None:
        return NullMetadataValue()
    if isinstance(raw, (list, dict)):
        return JsonMetadataValue(raw)
    if isinstance(raw, os.PathLike):
        return PathMetadataValue(raw)
    if isinstance(raw, AssetKey):
        return AssetMetadataValue(raw)
    if isinstance(raw, TableSchema):
        return TableSchemaMetadataValue(raw)
    if isinstance(raw, TableColumnLineage):
        return TableColumnLineageMetadataValue(raw)
    raise InvalidMetadataError(
        f"metadata can not hold {shortened(repr(raw))} ({type(raw).__name__})", hint=_way_out(raw)
    )


def _way_out(raw: Any) -> str:
    if hasattr(raw, "dtype") and hasattr(raw, "item"):
        return "call its `.item()` for a plain number"
    if isinstance(raw, (tuple, set, frozenset, range)):
        return "make it a list"
    if hasattr(raw, "isoformat"):
        return "use `MetadataValue.timestamp(...)` or `.isoformat()`"
    return "use text, a number, a bool, a list, a dict, a path, or one of `MetadataValue`'s constructors"


def _checked_key(key: Any) -> str:
    if not isinstance(key, str):
        raise wrong_type("metadata", "a mapping with text keys", key)
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidMetadataError(
            f"a metadata key may have at most {MAX_KEY_LENGTH} characters, got {shortened(repr(key))}",
            key=key[:MAX_KEY_LENGTH],
        )
    return key


def _entry(key: str, raw: Any) -> MetadataValue[Any]:
    try:
        return metadata_value(raw)
    except InvalidMetadataError as error:
        raise InvalidMetadataError(
            f"metadata `{shortened(key)}`: {error.message}", hint=error.hint, key=key
        ) from None


def metadata_to_wire(metadata: Metadata) -> dict[str, Any]:
    """Event metadata as JSON has it: key -> `{"kind": …, "value": …}`."""
    return {key: value_to_wire(value) for key, value in metadata.items()}


def metadata_from_wire(wire: Mapping[str, Any]) -> dict[str, MetadataValue[Any]]:
    """The metadata that `metadata_to_wire` wrote."""
    return {key: value_from_wire(value) for key, value in wire.items()}


def value_to_wire(value: MetadataValue[Any]) -> dict[str, Any]:
    """`{"kind": …, "value": …}`, of nothing but what JSON and MessagePack hold."""
    return {"kind": value.kind, "value": _plain(value)}


def value_from_wire(wire: Mapping[str, Any]) -> MetadataValue[Any]:
    """The value that `value_to_wire` wrote.

    Raises:
        InvalidMetadataError: a kind that this version does not know.
    """
    kind, plain = wire["kind"], wire.get("value")
    cls = KINDS.get(kind)
    if cls is None:
        raise InvalidMetadataError(
            f"metadata of the unknown kind {shortened(repr(kind))}", code="corrupt-record"
        )
    read = _READERS.get(cls)
    if read is not None:
        return read(plain)  # type: ignore[no-any-return]
    if cls is NullMetadataValue:
        return NullMetadataValue()
    return cls(from_json_wire(plain))  # type: ignore[call-arg]


def _plain(value: MetadataValue[Any]) -> Any:
    """The part of a value under `"value"`."""
    match value:
        case TableMetadataValue():
            rows = [to_json_wire(dict(record.data)) for record in value.records]
            return {"records": rows, "schema": _schema_to_wire(value.schema)}
        case TableSchemaMetadataValue():
            return _schema_to_wire(value.schema)
        case TableColumnLineageMetadataValue():
            return {
                column: [[dep.asset_key.path, dep.column_name] for dep in deps]
                for column, deps in value.column_lineage.deps_by_column.items()
            }
        case CodeReferencesMetadataValue():
            return [reference._asdict() for reference in value.code_references]
        case AssetMetadataValue():
            return value.asset_key.path
        case JobMetadataValue() | PythonArtifactMetadataValue():
            return value._asdict()
        case _:
            return to_json_wire(value.value)


def _schema_to_wire(schema: TableSchema) -> dict[str, Any]:
    return {
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "description": column.description,
                "nullable": column.constraints.nullable,
                "unique": column.constraints.unique,
                "other": list(column.constraints.other),
                "tags": dict(column.tags),
            }
            for column in schema.columns
        ],
        "constraints": list(schema.constraints.other),
    }


def _schema_from_wire(wire: Mapping[str, Any]) -> TableSchema:
    columns = [
        TableColumn(
            column["name"],
            column["type"],
            column.get("description"),
            TableColumnConstraints(column["nullable"], column["unique"], column["other"]),
            column.get("tags"),
        )
        for column in wire["columns"]
    ]
    return TableSchema(columns, TableConstraints(wire.get("constraints") or ()))


def _lineage_from_wire(wire: Mapping[str, Any]) -> TableColumnLineageMetadataValue:
    deps_by_column = {
        column: [TableColumnDep(AssetKey(path), name) for path, name in deps] for column, deps in wire.items()
    }
    return TableColumnLineageMetadataValue(TableColumnLineage(deps_by_column))


def _table_from_wire(wire: Mapping[str, Any]) -> TableMetadataValue:
    records = [TableRecord(from_json_wire(row)) for row in wire["records"]]
    return TableMetadataValue(records, _schema_from_wire(wire["schema"]))


def _references_from_wire(wire: list[dict[str, Any]]) -> CodeReferencesMetadataValue:
    references = [
        UrlCodeReference(**each) if "url" in each else LocalFileCodeReference(**each) for each in wire
    ]
    return CodeReferencesMetadataValue(code_references=references)


_READERS: Final[dict[Any, Any]] = {
    TableMetadataValue: _table_from_wire,
    TableSchemaMetadataValue: lambda wire: TableSchemaMetadataValue(_schema_from_wire(wire)),
    TableColumnLineageMetadataValue: _lineage_from_wire,
    CodeReferencesMetadataValue: _references_from_wire,
    AssetMetadataValue: lambda wire: AssetMetadataValue(AssetKey(wire)),
    JobMetadataValue: lambda wire: JobMetadataValue(**wire),
    PythonArtifactMetadataValue: lambda wire: PythonArtifactMetadataValue(**wire),
}


def oversized(wire: Mapping[str, Any], sizes: Mapping[str, int], limit: int = MAX_EVENT_BYTES) -> list[str]:
    """The keys, largest first, whose values must move to files for the rest to fit.

    Args:
        wire: an event's metadata on the wire.
        sizes: encoded bytes of each entry.
        limit: bytes that an event may have.
    """
    total = sum(sizes[key] for key in wire)
    moved: list[str] = []
    for key in sorted(wire, key=lambda each: sizes[each], reverse=True):
        if total <= limit:
            break
        total -= sizes[key]
        moved.append(key)
    return moved
