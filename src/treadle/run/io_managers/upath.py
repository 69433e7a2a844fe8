"""Base for IO managers that store one object, file or folder, a partition, under any fsspec URL."""

import importlib
import inspect
import os
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from treadle.core.errors import InvariantViolationError
from treadle.core.metadata import MetadataValue
from treadle.core.partitions.keys import MultiPartitionKey
from treadle.define.context.input_context import InputContext
from treadle.define.context.output_context import OutputContext
from treadle.define.io_manager import IOManager, manager_name
from treadle.run.io_managers.atomic import PathTakenError
from treadle.run.io_managers.paths import check_inside, is_case_blind, key_path
from treadle.run.io_managers.room import path_taken, room_for_partition

if TYPE_CHECKING:
    from upath import UPath

StorageContext = InputContext | OutputContext


class UPathIOManager(IOManager):
    """Stores each asset, and each of its partitions, at a path of its own under `base_path`.

    Subclasses say how: `dump_to_path(context, obj, path)` and `load_from_path(context, path)`, either of which may be
    a coroutine function for loading. Several partitions load as a dict from partition key to value.

    Args:
        base_path: a `UPath` of any file system; by default the working directory.

    Example:
        A text file for each asset:

        >>> class TextIOManager(UPathIOManager):
        ...     extension = ".txt"
        ...     def dump_to_path(self, context, obj, path):
        ...         path.write_text(obj)
        ...     def load_from_path(self, context, path):
        ...         return path.read_text()
    """

    extension: str | None = None
    """Appended to each path, with its dot."""

    def __init__(self, base_path: "UPath | os.PathLike[str] | str | None" = None) -> None:
        from upath import UPath  # noqa: PLC0415 - slow to import, and plain local files do without it

        self._base_path: UPath = UPath("." if base_path is None else base_path)

    @abstractmethod
    def dump_to_path(self, context: OutputContext, obj: Any, path: "UPath") -> None:
        """Write `obj` at `path`, whose folder exists."""

    @abstractmethod
    def load_from_path(self, context: InputContext, path: "UPath") -> Any:
        """Read what `dump_to_path` wrote."""

    # For subclasses to change

    def get_metadata(self, context: OutputContext, obj: Any) -> Mapping[str, Any]:
        """Metadata to add to each materialization besides the path."""
        return {}

    def get_path_for_partition(self, context: StorageContext, path: "UPath", partition: str) -> "UPath":
        """The path of one partition, given that of its asset."""
        return path.joinpath(*self._partition_components(partition))

    def get_asset_relative_path(self, context: StorageContext) -> "UPath":
        """The asset's path below `base_path`."""
        from upath import UPath  # noqa: PLC0415 - as above

        return UPath(*key_path(context.asset_key.path, case_blind=self._case_blind))

    def get_op_output_relative_path(self, context: StorageContext) -> "UPath":
        """The path below `base_path` of a value that is not an asset."""
        from upath import UPath  # noqa: PLC0415 - as above

        return UPath(*key_path(context.get_identifier(), case_blind=self._case_blind))

    def make_directory(self, path: "UPath") -> None:
        """Create the folder that will hold a value."""
        path.mkdir(parents=True, exist_ok=True)

    def path_exists(self, path: "UPath") -> bool:
        """Whether something is stored at `path`."""
        return bool(path.exists())

    def unlink(self, path: "UPath") -> None:
        """Remove the file at `path`."""
        path.unlink()

    def get_loading_input_log_message(self, path: "UPath") -> str:
        """What is logged before loading."""
        return f"Loading file from: {path} using {manager_name(self)}..."

    def get_writing_output_log_message(self, path: "UPath") -> str:
        """What is logged before storing."""
        return f"Writing file at: {path} using {manager_name(self)}..."

    def get_missing_partition_log_message(self, partition_key: str) -> str:
        """What is logged where a missing partition is passed over."""
        return (
            f"No value is stored for partition {partition_key}; it is left out (`allow_missing_partitions`)."
        )

    # What the engine calls

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Store `obj` at the path of its asset and partition, or of its step and output."""
        if context.has_asset_key and context.has_asset_partitions:
            refuse_several_partitions(context, manager_name(self))
            (path,) = self._get_paths_for_partitions(context).values()
        else:
            path = self._whole_path(context)
        self._check_inside(path)
        with self._room_for(context, path):
            self._make_parent_of(context, path)
            context.log.debug(self.get_writing_output_log_message(path))
            self._dump(context, obj, path)
        context.add_output_metadata(
            {"path": MetadataValue.path(str(path)), **self.get_metadata(context=context, obj=obj)}
        )

    def load_input(self, context: InputContext) -> Any:
        """What is stored for the input: one value, or a dict by partition key where it covers several."""
        if not (context.has_asset_key and context.has_asset_partitions):
            return self._load(context, self._whole_path(context))
        paths = self._get_paths_for_partitions(context)
        if not paths:
            return value_of_no_partitions(context)
        if len(paths) == 1:
            return self._load(context, next(iter(paths.values())))
        refuse_unless_mapping(context)
        return self._load_partitions(context, paths)

    def has_output(self, context: OutputContext) -> bool:
        """Whether a value is stored."""
        return self.path_exists(self._get_path(context))

    # Within

    @property
    def _case_blind(self) -> bool:
        return self._base_path.protocol in _LOCAL and is_case_blind(self._base_path.path)

    def _check_inside(self, path: "UPath") -> None:
        """Where keys lead into a local folder, no link may lead out of it. Other paths are a subclass's own choice."""
        base = self._base_path
        if base.protocol in _LOCAL and path.protocol in _LOCAL and path.path.startswith(base.path):
            check_inside(base.path, path.path)

    def _get_path(self, context: StorageContext) -> "UPath":
        if context.has_asset_key and context.has_asset_partitions:
            (path,) = self._get_paths_for_partitions(context).values()
            return path
        return self._whole_path(context)

    def _whole_path(self, context: StorageContext) -> "UPath":
        relative = (
            self.get_asset_relative_path(context)
            if context.has_asset_key
            else self.get_op_output_relative_path(context)
        )
        return self._with_extension(self._base_path.joinpath(*relative.parts))

    def _get_paths_for_partitions(self, context: StorageContext) -> dict[str, "UPath"]:
        folder = self._base_path.joinpath(*self.get_asset_relative_path(context).parts)
        return {
            key: self._with_extension(self.get_path_for_partition(context, folder, key))
            for key in context.asset_partition_keys
        }

    def _partition_components(self, partition: str) -> Sequence[str]:
        parts = (
            list(partition.keys_by_dimension.values())
            if isinstance(partition, MultiPartitionKey)
            else [partition]
        )
        return key_path(parts, case_blind=self._case_blind)

    def _with_extension(self, path: "UPath") -> "UPath":
        return path.parent / (path.name + self.extension) if self.extension else path

    def _make_parent(self, path: "UPath") -> None:
        self.make_directory(path.parent)

    def _make_parent_of(self, context: OutputContext, path: "UPath") -> None:
        try:
            self._make_parent(path)
        except (FileExistsError, NotADirectoryError) as error:
            raise path_taken(context, str(path), needs_folder=True) from error

    def _dump(self, context: OutputContext, obj: Any, path: "UPath") -> None:
        """Write the value; a folder that stands there is told as what it is."""
        try:
            self.dump_to_path(context=context, obj=obj, path=path)
        except (IsADirectoryError, PathTakenError) as error:
            if not path.is_dir():
                raise
            raise path_taken(context, str(path), needs_folder=False) from error

    def _room_for(self, context: OutputContext, path: "UPath") -> AbstractContextManager[None]:
        """Within it no file of an asset that became partitioned is in the way of its folder."""
        is_local = path.protocol in _LOCAL
        if not (context.has_asset_key and context.has_asset_partitions):
            return nullcontext()
        if not is_local and not path.protocol.startswith("memory"):
            return nullcontext()  # object stores have no folders, so nothing is in the way
        folder = self._base_path.joinpath(*self.get_asset_relative_path(context).parts)
        if is_local:
            return room_for_partition(context, Path(folder.path), Path(path.path))
        return room_for_partition(context, folder, path)

    def _load(self, context: InputContext, path: "UPath") -> Any:
        context.log.debug(self.get_loading_input_log_message(path))
        value = self._load_one(context, path)
        return _awaiting().wait_for(value) if inspect.isawaitable(value) else value

    def _load_one(self, context: InputContext, path: "UPath") -> Any:
        self._check_inside(path)
        return self.load_from_path(context=context, path=path)

    def _load_partitions(self, context: InputContext, paths: Mapping[str, "UPath"]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        missing: list[str] = []
        for key, path in paths.items():
            try:
                values[key] = self._load_one(context, path)
            except FileNotFoundError:
                if not may_miss_partitions(context):
                    raise
                missing.append(key)
        if any(inspect.isawaitable(value) for value in values.values()):
            values, gone = _awaiting().wait_for_all(
                values, FileNotFoundError if may_miss_partitions(context) else ()
            )
            missing += gone
        for key in missing:
            context.log.warning(self.get_missing_partition_log_message(key))
        return values


_LOCAL = ("", "file", "local")


def _awaiting() -> Any:
    # It imports asyncio, which costs 20 ms; only managers with coroutines pay that.
    return importlib.import_module("treadle.run.io_managers.awaiting")


def may_miss_partitions(context: InputContext) -> bool:
    """Whether the input's metadata, or that of the asset it loads, lets partitions be missing."""
    upstream = context.upstream_output
    return bool(
        context.definition_metadata.get("allow_missing_partitions")
        or (upstream is not None and upstream.definition_metadata.get("allow_missing_partitions"))
    )


def refuse_several_partitions(context: OutputContext, manager: str) -> None:
    """One value cannot be stored as several.

    Raises:
        InvariantViolationError: the run is of several partitions, or of none (code `range-to-one-file`).
    """
    count = len(context.asset_partition_keys)
    if count != 1:
        raise InvariantViolationError(
            f"`{context.asset_key.to_user_string()}` ran on {count} partitions at once, and "
            f"{manager} stores one value a partition.",
            code="range-to-one-file",
            hint="Annotate the asset `-> None` and store inside it, use an IO manager for tables, "
            "or run a partition at a time.",
        )


def refuse_unless_mapping(context: InputContext) -> None:
    """Several partitions load as a dict by key, which the parameter must be able to take.

    Raises:
        InvariantViolationError: it is annotated as something else (code `several-partitions-one-value`).
    """
    if _is_mapping_type(context.dagster_type) is False:
        raise InvariantViolationError(
            f"Input `{context.name}` covers {len(context.asset_partition_keys)} partitions of "
            f"`{context.asset_key.to_user_string()}`, which load as a dict by partition key, but the parameter is "
            "annotated as something else.",
            code="several-partitions-one-value",
            hint="Annotate it as `dict[str, ...]`, or leave the annotation out.",
        )


def value_of_no_partitions(context: InputContext) -> Any:
    """What an input gets whose partition mapping leads to no partition at all: an empty dict, or None."""
    return {} if _is_mapping_type(context.dagster_type) else None


def _is_mapping_type(dagster_type: Any) -> bool | None:
    """True where the parameter's annotation is a dict, False where it is another type, None where it may be anything."""
    annotation = getattr(dagster_type, "typing_type", None)
    if annotation is None or annotation is Any:
        return None
    origin = getattr(annotation, "__origin__", annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)
