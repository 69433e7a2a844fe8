"""An IO manager that keeps each asset in a Parquet file, each partition in a file of its own."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import Field

import treadle as dg
from treadle.integrations.parquet.frames import from_arrow, to_arrow

import pyarrow as pa  # isort: skip - after frames, whose error names the extra
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from upath import UPath


class ParquetFiles(dg.UPathIOManager):
    """The manager that a run uses; see `ParquetIOManager`."""

    extension = ".parquet"

    def __init__(self, base_path: str, storage_options: Mapping[str, Any], compression: str) -> None:
        from upath import UPath

        super().__init__(UPath(base_path, **storage_options))
        self._compression = compression

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Store a frame; one that covers several partitions is split, a file each."""
        if obj is None:
            return
        table = to_arrow(obj, self._label(context))
        if context.has_asset_key and context.has_asset_partitions and len(context.asset_partition_keys) != 1:
            self._store_partitions(context, table)
            return
        super().handle_output(context, table)

    def dump_to_path(self, context: dg.OutputContext, obj: Any, path: "UPath") -> None:
        """Write one file: whole, or not at all."""
        buffer = io.BytesIO()
        pq.write_table(obj, buffer, compression=self._compression)
        dg.write_whole(path, buffer.getbuffer())

    def load_from_path(self, context: dg.InputContext, path: "UPath") -> "pa.Table":
        """Read one file, only the columns that the input's metadata names under `columns`."""
        columns = context.definition_metadata.get("columns")
        with path.open("rb") as file:
            return pq.ParquetFile(file).read(columns=list(columns) if columns else None)

    def load_input(self, context: dg.InputContext) -> Any:
        """The input as one frame of the annotated type, the partitions under each other."""
        wanted = getattr(context.dagster_type, "typing_type", None)
        return from_arrow(self._load_table(context), wanted, context.name)

    def get_metadata(self, context: dg.OutputContext, obj: Any) -> Mapping[str, Any]:
        """Row count and column schema."""
        return _described(obj)

    def _load_table(self, context: dg.InputContext) -> "pa.Table":
        if not (context.has_asset_key and context.has_asset_partitions):
            return self.load_from_path(context, self._whole_path(context))
        may_miss = bool(context.definition_metadata.get("allow_missing_partitions"))
        tables = []
        for key, path in self._get_paths_for_partitions(context).items():
            try:
                tables.append(self.load_from_path(context, path))
            except FileNotFoundError:
                if not may_miss:
                    raise
                context.log.warning(self.get_missing_partition_log_message(key))
        if not tables:
            return pa.table({})
        return pa.concat_tables(tables, promote_options="permissive")

    def _store_partitions(self, context: dg.OutputContext, table: "pa.Table") -> None:
        """Each row to the file of its partition; a partition without rows gets an empty file."""
        column = self._partition_column(context, table)
        keys_of_values = _keys_of_values(context, table.column(column))
        paths = self._get_paths_for_partitions(context)
        folder = next(iter(paths.values())).parent
        self.make_directory(folder)
        values_of_key: dict[str, list[Any]] = {key: [] for key in paths}
        for value, key in keys_of_values.items():
            values_of_key[key].append(value)
        kind = table.schema.field(column).type
        for key, path in paths.items():
            chosen = pc.is_in(table.column(column), value_set=pa.array(values_of_key[key], type=kind))
            self._make_parent(path)
            self.dump_to_path(context, table.filter(chosen), path)
        context.add_output_metadata({"path": dg.MetadataValue.path(str(folder)), **_described(table)})

    def _partition_column(self, context: dg.OutputContext, table: "pa.Table") -> str:
        column = context.definition_metadata.get("partition_expr")
        if not isinstance(column, str) or column not in table.column_names:
            raise dg.DagsterInvariantViolationError(
                f"`{self._label(context)}` ran on {len(context.asset_partition_keys)} partitions at once, and "
                + (
                    "nothing says"
                    if column is None
                    else f"`partition_expr` ({column!r}) is not a column that says"
                )
                + " to which partition a row belongs.",
                code="missing-partition-expr",
                hint=f'Add `metadata={{"partition_expr": "<column>"}}`; columns: {", ".join(table.column_names)}.',
            )
        return column

    def _label(self, context: dg.OutputContext) -> str:
        return context.asset_key.to_user_string() if context.has_asset_key else context.name


class ParquetIOManager(dg.ConfigurableIOManagerFactory[ParquetFiles]):
    """Keeps each asset as Parquet: `base_path/asset.parquet`, or `base_path/asset/partition.parquet`.

    Takes and gives pandas, Polars (eager and lazy) and Arrow, by the annotation. An asset that ran on several
    partitions at once is split by the column that its metadata names as `partition_expr`, each file replaced whole.

    Args:
        base_path: a folder or an fsspec URL such as `s3://bucket/prefix`.
        storage_options: what fsspec needs to open it.
        compression: of the files: `zstd`, `snappy`, `gzip`, `none`.

    Example:
        >>> from treadle import Definitions
        >>> defs = Definitions(resources={"io_manager": ParquetIOManager(base_path="lake")})
    """

    base_path: str
    storage_options: dict[str, Any] = Field(default_factory=dict)
    compression: str = "zstd"

    def create_io_manager(self, context: dg.InitResourceContext) -> ParquetFiles:
        """The manager that a run uses."""
        return ParquetFiles(self.base_path, self.storage_options, self.compression)


def _described(table: "pa.Table") -> dict[str, Any]:
    columns = [dg.TableColumn(name=field.name, type=str(field.type)) for field in table.schema]
    return {
        "dagster/row_count": table.num_rows,
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns=columns)),
    }


def _keys_of_values(context: dg.OutputContext, column: "pa.ChunkedArray") -> dict[Any, str]:
    """Each value of the partition column with the key of its partition.

    Raises:
        DagsterInvariantViolationError: a value belongs to no partition of this run (code `row-outside-partitions`).
    """
    definition = context.asset_partitions_def
    keys: Sequence[str] = context.asset_partition_keys
    allowed = set(keys)
    found: dict[Any, str] = {}
    for value in pc.unique(column).to_pylist():
        key = _key_of_value(definition, value)
        if key not in allowed:
            raise dg.DagsterInvariantViolationError(
                f"A row of `{context.asset_key.to_user_string()}` has {value!r} in its partition column, which "
                f"belongs to none of the {len(keys)} partitions of this run ({keys[0]} to {keys[-1]}).",
                code="row-outside-partitions",
                hint="Filter the frame to the run's partitions before returning it.",
            )
        found[value] = key
    return found


def _key_of_value(definition: dg.PartitionsDefinition[str], value: Any) -> str | None:
    if isinstance(definition, dg.TimeWindowPartitionsDefinition) and isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(definition.timezone))
        return definition.get_partition_key_for_timestamp(moment.timestamp())
    return None if value is None else str(value)
