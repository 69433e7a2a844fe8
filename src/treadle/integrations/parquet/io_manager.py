"""An IO manager that keeps each asset in a Parquet file, each partition in a file of its own."""

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

import treadle as dg
from treadle.integrations.columns import columns_asked_for
from treadle.integrations.parquet.frames import (
    from_arrow,
    is_lazy,
    refuse_unknown_columns,
    scan_files,
    to_arrow,
    write_table,
)
from treadle.integrations.parquet.partition_types import under_each_other
from treadle.integrations.parquet.splitting import split_by_partition
from treadle.integrations.python_objects import label_of

import pyarrow as pa  # isort: skip - after frames, whose error names the extra
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from upath import UPath


class ParquetFiles(dg.UPathIOManager):
    """The manager that a run uses; see `ParquetIOManager`."""

    extension = ".parquet"

    def __init__(
        self,
        base_path: str,
        storage_options: Mapping[str, Any],
        compression: str,
        io_manager_name: str = "ParquetIOManager",
    ) -> None:
        from upath import UPath  # noqa: PLC0415 - slow to import

        super().__init__(UPath(base_path, **storage_options))
        self._compression = compression
        self._io_manager_name = io_manager_name

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Store a frame; one that covers several partitions is split, a file each."""
        if obj is None:
            return
        table = to_arrow(obj, label_of(context, "an output"))
        if context.has_asset_key and context.has_asset_partitions and len(context.asset_partition_keys) != 1:
            self._store_partitions(context, table)
            return
        super().handle_output(context, table)

    def dump_to_path(self, context: dg.OutputContext, obj: Any, path: "UPath") -> None:
        """Write one file: whole, or not at all."""
        label = label_of(context, "an output")
        if path.protocol in _LOCAL:
            with dg.atomic_write(path.path) as file:
                write_table(obj, file, self._compression, label)
            return
        buffer = io.BytesIO()
        write_table(obj, buffer, self._compression, label)
        dg.write_whole(path, buffer.getbuffer())

    def load_from_path(self, context: dg.InputContext, path: "UPath") -> "pa.Table":
        """Read one file, only the columns that the input's metadata names under `columns`."""
        with path.open("rb") as file:
            return pq.ParquetFile(file).read(columns=columns_asked_for(context))

    def load_input(self, context: dg.InputContext) -> Any:
        """The input as one frame of the annotated type, the partitions under each other.

        A Polars LazyFrame of local files reads them when it is collected, and then only what it needs.
        """
        wanted = getattr(context.dagster_type, "typing_type", None)
        paths = self._paths(context)
        if is_lazy(wanted) and all(path.protocol in _LOCAL for path in paths.values()):
            return scan_files(
                {key: path.path for key, path in paths.items()}, columns_asked_for(context), context.name
            )
        tables = {key: self.load_from_path(context, path) for key, path in paths.items()}
        self._refuse_unknown_columns(context, tables, paths)
        table = under_each_other(tables, context.name) if tables else pa.table({})
        return from_arrow(table, wanted, context.name)

    def get_metadata(self, context: dg.OutputContext, obj: Any) -> Mapping[str, Any]:
        """Row count and column schema."""
        return _described(obj)

    def _paths(self, context: dg.InputContext) -> dict[str, "UPath"]:
        """The files of the input by partition, all of which are there."""
        if not (context.has_asset_key and context.has_asset_partitions):
            return {"": self._found(context, self._whole_path(context))}
        paths = {}
        for key, path in self._get_paths_for_partitions(context).items():
            try:
                paths[key] = self._found(context, path)
            except dg.ValueNotStoredError:
                if not dg.may_miss_partitions(context):
                    raise
                context.log.warning(self.get_missing_partition_log_message(key))
        return paths

    def _refuse_unknown_columns(
        self, context: dg.InputContext, tables: Mapping[str, "pa.Table"], paths: Mapping[str, "UPath"]
    ) -> None:
        """Refuse columns that none of the files has, which Arrow leaves out."""
        columns = columns_asked_for(context)
        read = {name for table in tables.values() for name in table.column_names}
        if columns is None or read.issuperset(columns):
            return
        schemas = []
        for path in paths.values():
            with path.open("rb") as file:
                schemas.append(pq.read_metadata(file).schema)
        refuse_unknown_columns(columns, schemas, context.name)

    def _found(self, context: dg.InputContext, path: "UPath") -> "UPath":
        self._check_inside(path)
        if not path.exists():
            raise dg.ValueNotStoredError(
                f"Nothing is stored for input `{context.name}`: there is no file `{path}`.",
                hint="Materialize it first, with this IO manager and this `base_path`.",
            )
        return path

    def _store_partitions(self, context: dg.OutputContext, table: "pa.Table") -> None:
        """Each row to the file of its partition; a partition without rows gets an empty file."""
        parts = list(
            split_by_partition(context, table)
        )  # all rows have a place before the first file is written
        paths = self._get_paths_for_partitions(context)
        for key, part in parts:
            self._check_inside(paths[key])
            self._make_parent(paths[key])
            self.dump_to_path(context, part, paths[key])
        folder = str(next(iter(paths.values())).parent) if paths else ""
        context.add_output_metadata({"path": dg.MetadataValue.path(folder), **_described(table)})


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
        return ParquetFiles(self.base_path, self.storage_options, self.compression, type(self).__name__)


_LOCAL = ("", "file", "local")


def _described(table: "pa.Table") -> dict[str, Any]:
    columns = [dg.TableColumn(name=field.name, type=str(field.type)) for field in table.schema]
    return {
        "dagster/row_count": table.num_rows,
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns=columns)),
    }
