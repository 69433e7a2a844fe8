"""A frame that covers several partitions, cut into one table a partition."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

import treadle as dg


def split_by_partition(context: dg.OutputContext, table: "pa.Table") -> Iterator[tuple[str, "pa.Table"]]:
    """Each partition key of the run with its rows, in their order; a partition without rows has an empty table.

    Times that have a zone are instants. Dates, times without a zone and text are wall time in the zone of the
    partitions definition; text and numbers must otherwise be the partition key.

    Raises:
        DagsterInvariantViolationError: nothing says where a row belongs (code `missing-partition-expr`), or it belongs
            to none of the run's partitions, or to two (code `row-outside-partitions`).
    """
    keys: Sequence[str] = list(context.asset_partition_keys)
    columns = _partition_columns(context, table)
    encoded = [_encoded(table.column(column)) for column, _ in columns]
    values = [each.dictionary.to_pylist() for each in encoded]
    codes = encoded[0].indices.cast(pa.int64())
    for each, known in zip(encoded[1:], values[1:], strict=True):
        codes = pc.add(pc.multiply(codes, len(known)), each.indices.cast(pa.int64()))
    position_of = {key: position for position, key in enumerate(keys)}
    unique = pc.unique(codes)
    positions = []
    for code in unique.to_pylist():
        row = _decoded(code, values)
        key = _key_of_row(row, [definition for _, definition in columns], context)
        if key not in position_of:
            raise _outside(context, row)
        positions.append(position_of[key])
    rows = pc.take(pa.array(positions, pa.int64()), pc.index_in(codes, unique))
    counts = {item["values"]: item["counts"] for item in pc.value_counts(rows).to_pylist()}
    ordered = table.take(pc.sort_indices(rows))
    start = 0
    for position, key in enumerate(keys):
        count = counts.get(position, 0)
        yield key, ordered.slice(start, count)
        start += count


def _partition_columns(context: dg.OutputContext, table: "pa.Table") -> list[tuple[str, Any]]:
    """The columns that say to which partition a row belongs, each with the definition of its keys."""
    definition = context.asset_partitions_def
    expression = context.definition_metadata.get("partition_expr")
    found: list[tuple[Any, Any]] = [(expression, definition)]
    if isinstance(definition, dg.MultiPartitionsDefinition):
        named = expression if isinstance(expression, Mapping) else {}
        found = [(named.get(each.name), each.partitions_def) for each in definition.partitions_defs]
    for column, _ in found:
        if not isinstance(column, str) or column not in table.column_names:
            raise dg.DagsterInvariantViolationError(
                f"`{context.asset_key.to_user_string()}` ran on {len(context.asset_partition_keys)} partitions at "
                "once, and "
                + (
                    "nothing says"
                    if column is None
                    else f"`partition_expr` ({column!r}) is no column that says"
                )
                + " to which partition a row belongs.",
                code="missing-partition-expr",
                hint='Add `metadata={"partition_expr": "<column>"}` (a dict by dimension where there are several); '
                f"columns: {', '.join(table.column_names)}.",
            )
    return found


def _encoded(column: "pa.ChunkedArray") -> "pa.DictionaryArray":
    """Each row's value as a number. Times are cut to the minute, in which every partition begins: fewer values."""
    if pa.types.is_timestamp(column.type):
        column = pc.floor_temporal(column, unit="minute")
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    chunk = pa.chunked_array(column.chunks, type=column.type).combine_chunks()
    array = chunk if isinstance(chunk, pa.Array) else pa.concat_arrays(chunk.chunks)
    return array.dictionary_encode(null_encoding="encode")


def _decoded(code: int, values: Sequence[Sequence[Any]]) -> list[Any]:
    row: list[Any] = []
    for known in reversed(values):
        code, index = divmod(code, len(known))
        row.append(known[index])
    return row[::-1]


def _key_of_row(row: Sequence[Any], definitions: Sequence[Any], context: dg.OutputContext) -> str | None:
    keys = [
        _key_of_value(definition, value, context) for value, definition in zip(row, definitions, strict=True)
    ]
    whole = context.asset_partitions_def
    if not isinstance(whole, dg.MultiPartitionsDefinition):
        return keys[0]
    if None in keys:
        return None
    return dg.MultiPartitionKey(
        dict(zip((each.name for each in whole.partitions_defs), map(str, keys), strict=True))
    )


def _key_of_value(definition: Any, value: Any, context: dg.OutputContext) -> str | None:
    if not isinstance(definition, dg.TimeWindowPartitionsDefinition) or not isinstance(value, date):
        return None if value is None else str(value)
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    if moment.tzinfo is not None:
        return definition.get_partition_key_for_timestamp(moment.timestamp())
    walls = {moment.replace(tzinfo=ZoneInfo(definition.timezone), fold=fold).timestamp() for fold in (0, 1)}
    keys = {definition.get_partition_key_for_timestamp(wall) for wall in walls}
    if len(keys) > 1 and not _is_skipped(moment, definition.timezone):
        raise dg.DagsterInvariantViolationError(
            f"A row of `{context.asset_key.to_user_string()}` has {value!s}, which clocks in {definition.timezone} "
            f"show twice: it belongs to {' or to '.join(sorted(keys))}.",
            code="row-outside-partitions",
            hint="Give the column times with a zone (UTC, say).",
        )
    return definition.get_partition_key_for_timestamp(min(walls))


def _is_skipped(moment: datetime, timezone: str) -> bool:
    """Whether no clock of the zone ever shows this time, for it was put forward over it."""
    there = moment.replace(tzinfo=ZoneInfo(timezone))
    back = datetime.fromtimestamp(there.timestamp(), ZoneInfo(timezone))
    return back.replace(tzinfo=None) != moment


def _outside(context: dg.OutputContext, row: Sequence[Any]) -> dg.DagsterInvariantViolationError:
    keys = context.asset_partition_keys
    shown = ", ".join(map(repr, row))
    there_are = f"{keys[0]} to {keys[-1]}" if keys else "none"
    return dg.DagsterInvariantViolationError(
        f"A row of `{context.asset_key.to_user_string()}` has {shown} in its partition column, which belongs to none "
        f"of the {len(keys)} partitions of this run ({there_are}).",
        code="row-outside-partitions",
        hint="Filter the frame to the run's partitions before returning it.",
    )
