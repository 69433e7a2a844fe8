"""Base for IO managers that keep each asset in a table, each partition as the rows that belong to it.

A database's integration gives a `DbClient` (how to connect, delete and select) and type handlers (how a DataFrame
becomes rows and back). Storing a partition replaces exactly its rows, in one transaction where the client has them.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Generic, TypeVar

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, UnfitValueError
from treadle.core.partitions.keys import TimeWindow
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.values import Value, set_field
from treadle.define.context.input_context import InputContext
from treadle.define.context.output_context import OutputContext
from treadle.define.io_manager import IOManager
from treadle.define.output_types import shown_type

T = TypeVar("T")
StorageContext = InputContext | OutputContext


class TablePartitionDimension(Value):
    """The rows of one dimension: a time window, or the keys that a column's value may have.

    Args:
        partition_expr: an SQL expression, usually a column's name, that says to which partition a row belongs.
        partitions: a TimeWindow; or several, where they do not follow each other; or partition keys.
    """

    __slots__ = ("partition_expr", "partitions")

    partition_expr: str
    partitions: TimeWindow | Sequence[TimeWindow] | Sequence[str]

    def __init__(
        self, partition_expr: str, partitions: TimeWindow | Sequence[TimeWindow] | Sequence[str]
    ) -> None:
        set_field(self, "partition_expr", partition_expr)
        set_field(self, "partitions", partitions)


class TableSlice(Value):
    """A table, or some of its columns and partitions."""

    __slots__ = ("columns", "database", "partition_dimensions", "schema", "table")

    table: str
    schema: str
    database: str | None
    columns: Sequence[str] | None
    partition_dimensions: Sequence[TablePartitionDimension]

    def __init__(
        self,
        table: str,
        schema: str,
        database: str | None = None,
        columns: Sequence[str] | None = None,
        partition_dimensions: Sequence[TablePartitionDimension] = (),
    ) -> None:
        set_field(self, "table", table)
        set_field(self, "schema", schema)
        set_field(self, "database", database)
        set_field(self, "columns", columns)
        set_field(self, "partition_dimensions", partition_dimensions)


class DbTypeHandler(ABC, Generic[T]):
    """How values of some Python types become rows of a table and back."""

    @abstractmethod
    def handle_output(
        self, context: OutputContext, table_slice: TableSlice, obj: T, connection: Any
    ) -> Mapping[str, Any] | None:
        """Write `obj` into the table, whose rows of this slice are already gone; may return metadata."""

    @abstractmethod
    def load_input(self, context: InputContext, table_slice: TableSlice, connection: Any) -> T:
        """Read the slice."""

    @property
    @abstractmethod
    def supported_types(self) -> Sequence[type]:
        """The Python types that this handler writes and reads."""


class DbClient(ABC, Generic[T]):
    """How one kind of database is talked to."""

    @abstractmethod
    def connect(self, context: StorageContext, table_slice: TableSlice) -> AbstractContextManager[T]:
        """A connection, closed at the end."""

    @staticmethod
    @abstractmethod
    def ensure_schema_exists(context: OutputContext, table_slice: TableSlice, connection: T) -> None:
        """Create the schema where it is missing."""

    @staticmethod
    @abstractmethod
    def delete_table_slice(context: OutputContext, table_slice: TableSlice, connection: T) -> None:
        """Remove the rows of the slice, or the whole table's; a missing table is fine."""

    @staticmethod
    @abstractmethod
    def get_select_statement(table_slice: TableSlice) -> str:
        """The SQL that reads the slice."""


class DbIOManager(IOManager):
    """Keeps each asset in a table of a database.

    The table's name is the last part of the asset key. Its schema is the metadata entry `schema`, else the
    manager's, else the part of the key before the last, else `public`. A partitioned asset says with the metadata
    entry `partition_expr` which column its partitions stand in (a dict by dimension where there are several).
    An input loads only the columns that its metadata entry `columns` names.

    Args:
        type_handlers: one or more handlers; a value is written by the first whose types fit.
        db_client: the client of the database.
        database: the database's name or path.
        schema: the schema of tables that name none.
        io_manager_name: for messages.
        default_load_type: what to load where a parameter has no annotation.
    """

    default_schema: ClassVar[str] = "public"

    def __init__(
        self,
        *,
        type_handlers: Sequence[DbTypeHandler[Any]],
        db_client: DbClient[Any],
        database: str,
        schema: str | None = None,
        io_manager_name: str | None = None,
        default_load_type: type | None = None,
    ) -> None:
        self._handlers_by_type: dict[type, DbTypeHandler[Any]] = {}
        for handler in type_handlers:
            for supported in handler.supported_types:
                self._handlers_by_type.setdefault(supported, handler)
        self._db_client = db_client
        self._database = database
        self._schema = schema
        self._io_manager_name = io_manager_name or type(self).__name__
        self._default_load_type = default_load_type or next(iter(self._handlers_by_type), None)

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Write `obj` into its table, in place of the rows of the same partitions."""
        table_slice = self._get_table_slice(context, context)
        if obj is None:
            context.log.debug(f"`{table_slice.table}` was given no value, so nothing is written.")
            return
        handler = self._check_supported_type(type(obj), f"to store in table `{table_slice.table}`")
        with self._db_client.connect(context, table_slice) as connection:
            self._db_client.ensure_schema_exists(context, table_slice, connection)
            self._db_client.delete_table_slice(context, table_slice, connection)
            metadata = handler.handle_output(context, table_slice, obj, connection)
        context.add_output_metadata(
            {**(metadata or {}), "query": self._db_client.get_select_statement(table_slice)}
        )

    def load_input(self, context: InputContext) -> Any:
        """The rows of the input's partitions, as one value of the annotated type."""
        wanted = _annotated_type(context)
        load_type = self._default_load_type if wanted is None else wanted
        table_slice = self._get_table_slice(context, context.upstream_output or context)
        handler = self._check_supported_type(load_type, f"to load from table `{table_slice.table}`")
        with self._db_client.connect(context, table_slice) as connection:
            return handler.load_input(context, table_slice, connection)

    @classmethod
    def schema_and_table(
        cls, path: Sequence[str], metadata: Mapping[str, Any], schema: str | None
    ) -> tuple[str, str]:
        """What an asset's schema and table are called.

        Args:
            path: the parts of its key.
            metadata: of its definition.
            schema: the manager's.
        """
        above = path[-2] if len(path) > 1 else cls.default_schema
        return metadata.get("schema") or schema or above, path[-1]

    # Published packages call, set and override these private names, which are the peer's.
    def _check_supported_type(self, obj_type: Any, purpose: str = "") -> DbTypeHandler[Any]:
        """What stores and loads values of a type; `purpose` is for the message.

        Raises:
            UnfitValueError: nothing does.
        """
        handlers = self._handlers_by_type
        if obj_type in handlers:
            return handlers[obj_type]
        for supported, handler in handlers.items():
            if isinstance(obj_type, type) and issubclass(obj_type, supported):
                return handler
        raise UnfitValueError(
            # Suites of published packages match these first words.
            f"{self._io_manager_name} does not have a handler for type '{obj_type}'{purpose and ', needed ' + purpose}.",
            code="unsupported-type",
            hint=f"It can not keep a {shown_type(obj_type)}; it stores: "
            + ", ".join(sorted(map(shown_type, handlers))),
        )

    def _get_table_slice(self, context: StorageContext, output_context: StorageContext) -> TableSlice:
        metadata = output_context.definition_metadata
        columns = context.definition_metadata.get("columns") if isinstance(context, InputContext) else None
        columns = [columns] if isinstance(columns, str) else columns
        if not context.has_asset_key:
            schema = metadata.get("schema") or self._schema or self.default_schema
            return TableSlice(output_context.name, schema, self._database, columns)
        path = context.asset_key.path
        schema, table = self.schema_and_table(path, metadata, self._schema)
        dimensions: Sequence[TablePartitionDimension] = ()
        if context.has_asset_partitions:
            dimensions = _dimensions_of(context, metadata.get("partition_expr"))
        return TableSlice(table, schema, self._database, columns, dimensions)


def _annotated_type(context: InputContext) -> type | None:
    annotation = getattr(context.dagster_type, "typing_type", None)
    is_class = isinstance(annotation, type) and annotation is not object and annotation is not Any
    return annotation if is_class else None


def _dimensions_of(context: StorageContext, expression: Any) -> Sequence[TablePartitionDimension]:
    """The rows that the context's partitions stand for."""
    name = context.asset_key.to_user_string()
    definition = context.asset_partitions_def
    if expression is None:
        raise InvalidDefinitionError(
            f"`{name}` is partitioned and kept in a table, but nothing says which column its partitions stand in.",
            code="missing-partition-expr",
            hint='Add `metadata={"partition_expr": "<column>"}` to the asset.',
        )
    if isinstance(definition, MultiPartitionsDefinition):
        return _multi_dimensions(context, definition, expression, name)
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return [TablePartitionDimension(expression, _windows(definition, context.asset_partition_keys))]
    return [TablePartitionDimension(expression, list(context.asset_partition_keys))]


def _windows(
    definition: TimeWindowPartitionsDefinition, keys: Sequence[str]
) -> TimeWindow | Sequence[TimeWindow]:
    """The time of some partitions: windows that follow each other are one."""
    joined: list[TimeWindow] = []
    windows = [definition.time_window_for_partition_key(key) for key in keys]
    # By instant: times of one zone compare by the clock on the wall, which shows an hour twice when it goes back.
    for window in sorted(windows, key=lambda window: window.start.timestamp()):
        if joined and joined[-1].end.timestamp() == window.start.timestamp():
            joined[-1] = TimeWindow(joined[-1].start, window.end)
        else:
            joined.append(window)
    return joined[0] if len(joined) == 1 else joined


def _multi_dimensions(
    context: StorageContext, definition: MultiPartitionsDefinition, expression: Any, name: str
) -> Sequence[TablePartitionDimension]:
    """One dimension each; the keys must be a full product, for rows are cut by each dimension on its own."""
    keys = [definition.get_partition_key_from_str(key) for key in context.asset_partition_keys]
    dimensions = []
    combinations = 1
    for dimension in definition.partitions_defs:
        if not isinstance(expression, Mapping) or dimension.name not in expression:
            raise InvalidDefinitionError(
                f"`{name}` has dimension `{dimension.name}`, but `partition_expr` names no column for it.",
                code="missing-partition-expr",
                hint='Give a dict: `metadata={"partition_expr": {"<dimension>": "<column>"}}`.',
            )
        values = list(dict.fromkeys(key.keys_by_dimension[dimension.name] for key in keys))
        combinations *= len(values)
        partitions: TimeWindow | Sequence[TimeWindow] | Sequence[str] = values
        if isinstance(dimension.partitions_def, TimeWindowPartitionsDefinition):
            partitions = _windows(dimension.partitions_def, values)
        dimensions.append(TablePartitionDimension(expression[dimension.name], partitions))
    if keys and combinations != len(keys):
        raise InvariantViolationError(
            f"`{name}` was asked for {len(keys)} partitions that are not all combinations of their dimensions.",
            code="partitions-not-a-product",
            hint="Run them one by one.",
        )
    return dimensions
