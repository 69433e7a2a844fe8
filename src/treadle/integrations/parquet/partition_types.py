"""Types of columns that partitions must agree on: columns without any value do not count."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import treadle as dg


def under_each_other(tables: Mapping[str, "pa.Table"], name: str) -> "pa.Table":
    """Tables of partitions as one; a column of several types becomes one of the type that holds them all.

    Args:
        tables: by partition.
        name: of the input.

    Raises:
        UnfitValueError: names the column; types or values do not go together (code `column-types-differ`).
    """
    found = list(tables.values())
    if have_one_schema([table.schema for table in found]):
        return pa.concat_tables(found)
    empty = {key: _without_values(table) for key, table in tables.items()}
    schemas = counted_schemas({key: table.schema for key, table in tables.items()}, empty)
    merged = merged_schema(schemas, name)
    retyped = {key: _retyped(table, schemas[key]) for key, table in tables.items()}
    try:
        retyped = {key: _joined(table, merged) for key, table in retyped.items()}
        return pa.concat_tables(retyped.values(), promote_options="permissive")
    except pa.ArrowInvalid as error:  # the types go together, the values do not: 2**53 + 1 and a float
        raise _values_refused(retyped, merged, name) from error


def have_one_schema(schemas: Sequence["pa.Schema"]) -> bool:
    """Whether these are one, also in what Polars notes of a column: the categories of an Enum."""
    bare = [schema.remove_metadata() for schema in schemas]
    return all(schema.equals(bare[0], check_metadata=True) for schema in bare)


def counted_schemas(
    schemas: Mapping[str, "pa.Schema"], empty: Mapping[str, Sequence[str]]
) -> Mapping[str, "pa.Schema"]:
    """The schemas, in which a column without values has no type of its own, if it has values in another partition.

    Args:
        schemas: by partition.
        empty: the columns without values, by partition.
    """
    filled = {
        field.name for key, schema in schemas.items() for field in schema if field.name not in set(empty[key])
    }
    first: dict[str, pa.Field] = {}
    noted: set[str] = set()
    for schema in schemas.values():
        for field in schema:
            if first.setdefault(field.name, field).metadata != field.metadata:
                noted.add(field.name)
    counted = {}
    for key, schema in schemas.items():
        types = {column: pa.null() if column in filled else first[column].type for column in empty[key]}
        fields = [field.with_type(types.get(field.name, field.type)).with_nullable(True) for field in schema]
        fields = [field.remove_metadata() if field.name in noted else field for field in fields]
        changed = {field.name for field, old in zip(fields, schema, strict=True) if field.type != old.type}
        counted[key] = pa.schema(fields, _metadata_without(schema.metadata, changed))
    return counted


def merged_schema(schemas: Mapping[str, "pa.Schema"], name: str) -> "pa.Schema":
    """The schema that holds those of all partitions.

    Args:
        schemas: by partition.
        name: of the input.

    Raises:
        UnfitValueError: names the column, two partitions and their types (code `column-types-differ`).
    """
    seen: dict[str, tuple[str, pa.Field]] = {}
    for key, schema in schemas.items():
        for field in schema:
            before, other = seen.get(field.name, (key, field))
            common = _without_loss(other.type, field.type)
            if common is not None:
                seen[field.name] = (key, field.with_type(common))
                continue
            try:
                merged = pa.unify_schemas(
                    [pa.schema([other]), pa.schema([field])], promote_options="permissive"
                )
            except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
                raise _refused(
                    f"Column `{field.name}` of input `{name}` is {other.type} in partition `{before}` and {field.type} "
                    f"in partition `{key}`, which do not go together."
                ) from error
            wider = merged.field(0)
            seen[field.name] = (key, wider) if wider.type != other.type else (before, wider)
    return pa.schema([field for _, field in seen.values()])


def _without_loss(one: "pa.DataType", other: "pa.DataType") -> "pa.DataType | None":
    """The type of two that Arrow does not join, though one holds what the other does; None: ask Arrow."""
    if pa.types.is_decimal(one) and pa.types.is_decimal(other):
        scale = max(one.scale, other.scale)
        whole = max(one.precision - one.scale, other.precision - other.scale)
        return pa.decimal128(min(whole + scale, 38), scale)  # the most that Polars and Parquet readers know
    for first, second in ((one, other), (other, one)):
        if pa.types.is_dictionary(first) and _is_text(first.value_type) and _is_text(second):
            return pa.large_string()
        if pa.types.is_date(first) and pa.types.is_timestamp(second) and second.tz is None:
            return second
    return None


def _is_text(kind: "pa.DataType") -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def columns_without_values(footer: "pq.FileMetaData") -> Sequence[str]:
    """The columns of a Parquet file of which its footer says that they have no value."""
    if not footer.num_rows:
        return list(footer.schema.to_arrow_schema().names)
    return [
        column  # of a nested one this is no name, so it counts as one with values
        for column, chunks in _chunks(footer).items()
        if all(chunk.statistics and chunk.statistics.null_count == chunk.num_values for chunk in chunks)
    ]


def refuse_inexact(footers: Mapping[str, "pq.FileMetaData"], merged: "pa.Schema", name: str) -> None:
    """Refuse whole numbers that files hold and that become floats, where these cannot tell them apart.

    Raises:
        UnfitValueError: names the column and the partition (code `column-types-differ`).
    """
    floats = [field.name for field in merged if pa.types.is_floating(field.type)]
    for key, footer in footers.items():
        chunks = _chunks(footer)
        for column in floats:
            for told in (chunk.statistics for chunk in chunks.get(column, ())):
                bounds = [told.min, told.max] if told and told.has_min_max else []
                if any(isinstance(bound, int) and abs(bound) > 2**53 for bound in bounds):
                    raise _refused(
                        f"Column `{column}` of input `{name}` has whole numbers in partition `{key}` and others elsewhere; "
                        f"{bounds[0]} to {bounds[1]} are more than a float can tell apart."
                    )


def _chunks(footer: "pq.FileMetaData") -> Mapping[str, Sequence["pq.ColumnChunkMetaData"]]:
    chunks: dict[str, list[Any]] = {}
    for group in map(footer.row_group, range(footer.num_row_groups)):
        for chunk in map(group.column, range(group.num_columns)):
            chunks.setdefault(chunk.path_in_schema, []).append(chunk)
    return chunks


def _without_values(table: "pa.Table") -> Sequence[str]:
    return [
        name
        for name, column in zip(table.column_names, table.columns, strict=True)
        if column.null_count == table.num_rows
    ]


def _retyped(table: "pa.Table", schema: "pa.Schema") -> "pa.Table":
    for position, field in enumerate(schema):
        held = table.schema.field(position)
        if not field.equals(held, check_metadata=True):
            same = field.type == held.type
            column = table.column(position) if same else pa.nulls(table.num_rows, field.type)
            table = table.set_column(position, field, column)
    # A table without columns would lose its rows by this.
    return table.replace_schema_metadata(schema.metadata) if len(schema) else table


def _joined(table: "pa.Table", merged: "pa.Schema") -> "pa.Table":
    """The table with those columns cast that Arrow would not join with what others have."""
    for position, field in enumerate(table.schema):
        wanted = merged.field(field.name).type
        if field.type != wanted and _without_loss(field.type, wanted) == wanted:
            column = table.column(position).cast(wanted)
            table = table.set_column(position, field.with_type(wanted), column)
    return table


def _values_refused(tables: Mapping[str, "pa.Table"], merged: "pa.Schema", name: str) -> dg.UnfitValueError:
    for field in merged:
        for key, table in tables.items():
            try:
                _ = table.column(field.name).cast(field.type) if field.name in table.column_names else None
            except pa.ArrowInvalid as error:
                held = table.schema.field(field.name).type
                return _refused(
                    f"Column `{field.name}` of input `{name}` is {held} in partition `{key}`, with a value that is none "
                    f"of the {field.type} that the partitions have together: {error}."
                )
    return _refused(f"Columns of input `{name}` have types in its partitions that do not go together.")


def _refused(message: str) -> dg.UnfitValueError:
    return dg.UnfitValueError(
        message,
        code="column-types-differ",
        hint="Cast the column in the asset, so that every partition has the same type, and materialize those that have "
        "another one again.",
    )


def _metadata_without(
    metadata: Mapping[bytes, bytes] | None, columns: set[str]
) -> Mapping[bytes, bytes] | None:
    """What pandas wrote of its own types, but for columns that no longer have them."""
    if not columns or metadata is None or b"pandas" not in metadata:
        return metadata
    told = json.loads(metadata[b"pandas"])
    told["columns"] = [column for column in told["columns"] if column["field_name"] not in columns]
    return {**metadata, b"pandas": json.dumps(told).encode()}
