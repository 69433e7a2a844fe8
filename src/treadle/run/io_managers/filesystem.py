"""The default IO manager: each value pickled to a file under the instance's storage, or under any fsspec URL."""

import os
import pickle
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from treadle.core.asset_events import AssetMaterialization
from treadle.core.errors import InvariantViolationError, TreadleError
from treadle.core.keys import AssetKey
from treadle.core.metadata import MetadataValue
from treadle.define.config.schema import Field, Noneable
from treadle.define.context.input_context import InputContext
from treadle.define.context.output_context import OutputContext
from treadle.define.io_manager import IOManagerDefinition
from treadle.run.io_managers.atomic import PathTakenError, atomic_write, write_whole
from treadle.run.io_managers.paths import check_inside, is_case_blind, key_path
from treadle.run.io_managers.room import path_taken, room_for_partition
from treadle.run.io_managers.upath import (
    UPathIOManager,
    may_miss_partitions,
    refuse_several_partitions,
    refuse_unless_mapping,
    value_of_no_partitions,
)

if TYPE_CHECKING:
    from upath import UPath


class UnpicklableOutputError(TreadleError):
    """A value cannot be pickled, so the filesystem IO manager cannot store it."""

    default_code = "unpicklable"


class ValueNotStoredError(TreadleError, FileNotFoundError):
    """Nothing is stored where a value is to be loaded from."""

    default_code = "value-not-stored"


class PickledObjectFilesystemIOManager(UPathIOManager):
    """Pickles each value to a file. A value whose class lives in `__main__` is pickled by value.

    Args:
        base_dir: a folder or an fsspec URL.
        storage_options: what fsspec needs to open the URL.
    """

    def __init__(self, base_dir: "str | os.PathLike[str]", **storage_options: Any) -> None:
        text = os.fspath(base_dir).removeprefix("file://").removeprefix("local://")
        self._is_local = "://" not in text
        self._base_dir = os.path.abspath(text) if self._is_local else text
        self._storage_options = storage_options

    @cached_property
    def _base_path(self) -> "UPath":  # type: ignore[override]
        from upath import UPath  # noqa: PLC0415 - slow to import, and plain local files do without it

        path: UPath = UPath(self._base_dir, **self._storage_options)
        return path

    def dump_to_path(self, context: OutputContext, obj: Any, path: "UPath") -> None:
        """Pickle `obj`, then write it in one move: a reader finds the old value or the new one."""
        write_whole(path, _pickled(obj, context, str(path)))

    def load_from_path(self, context: InputContext, path: "UPath") -> Any:
        """Unpickle the file."""
        try:
            file = path.open("rb")
        except FileNotFoundError as error:
            raise _not_stored(context, str(path)) from error
        with file:
            return _unpickled(file, str(path))

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Store `obj`; local files take a short way that builds no path objects."""
        if not self._is_local:
            super().handle_output(context, obj)
            return
        is_partitioned = context.has_asset_key and context.has_asset_partitions
        if is_partitioned:
            refuse_several_partitions(context, type(self).__name__)
            (path,) = self._local_paths(context).values()
        else:
            path = self._local_path(context)
        check_inside(self._base_dir, path)
        data = _pickled(obj, context, path)
        try:
            with atomic_write(path) as file:
                file.write(data)
        except PathTakenError as error:
            if not is_partitioned or os.path.isdir(path):
                raise path_taken(context, path, needs_folder=not os.path.isdir(path)) from error.__cause__
            self._write_in_new_folder(context, path, data)
        context.add_output_metadata({"path": MetadataValue.path(path)})

    def _write_in_new_folder(self, context: OutputContext, path: str, data: bytes) -> None:
        """Write where the value from before the asset was partitioned has the place of its folder."""
        with room_for_partition(context, Path(self._local_folder(context)), Path(path)):
            try:
                with atomic_write(path) as file:
                    file.write(data)
            except PathTakenError as error:
                raise path_taken(context, path, needs_folder=True) from error.__cause__

    def load_input(self, context: InputContext) -> Any:
        """What is stored for the input.

        Raises:
            ValueNotStoredError: nothing is (also a FileNotFoundError).
        """
        if not self._is_local:
            return super().load_input(context)
        if not (context.has_asset_key and context.has_asset_partitions):
            return self._load_local(context, self._local_path(context))
        paths = self._local_paths(context)
        if not paths:
            return value_of_no_partitions(context)
        if len(paths) == 1:
            return self._load_local(context, next(iter(paths.values())))
        refuse_unless_mapping(context)
        return self._load_all_local(context, paths)

    def _load_all_local(self, context: InputContext, paths: Mapping[str, str]) -> dict[str, Any]:
        values = {}
        for key, path in paths.items():
            try:
                values[key] = self._load_local(context, path)
            except ValueNotStoredError:
                if not may_miss_partitions(context):
                    raise
                context.log.warning(self.get_missing_partition_log_message(key))
        return values

    def _load_local(self, context: InputContext, path: str) -> Any:
        check_inside(self._base_dir, path)
        try:
            file = open(path, "rb")  # noqa: SIM115 - closed below
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise _not_stored(context, path) from error
        with file:
            return _unpickled(file, path)

    def _make_parent(self, path: "UPath") -> None:
        if not self._is_local:  # an atomic write makes folders where they are missing
            super()._make_parent(path)

    def _local_path(self, context: InputContext | OutputContext) -> str:
        parts = key_path(context.get_identifier(), case_blind=self._case_blind)
        return os.path.join(self._base_dir, *parts)

    def _local_paths(self, context: InputContext | OutputContext) -> dict[str, str]:
        folder = self._local_folder(context)
        return {
            key: os.path.join(folder, *self._partition_components(key))
            for key in context.asset_partition_keys
        }

    def _local_folder(self, context: InputContext | OutputContext) -> str:
        parts = key_path(context.asset_key.path, case_blind=self._case_blind)
        return os.path.join(self._base_dir, *parts)

    @cached_property
    def _case_blind(self) -> bool:
        return self._is_local and is_case_blind(self._base_dir)


def _pickled(obj: Any, context: OutputContext, path: str) -> bytes:
    """The object as pickle bytes; by value where plain pickle would leave a reference into `__main__`."""
    try:
        data = pickle.dumps(obj, protocol=pickle.HIGHEST_PROTOCOL)
        if b"__main__" not in data:
            return data
    except (pickle.PicklingError, AttributeError, TypeError, RecursionError, ImportError):
        pass
    import cloudpickle  # noqa: PLC0415 - 20 ms, and most values do without it

    try:
        return cloudpickle.dumps(obj, protocol=pickle.HIGHEST_PROTOCOL)  # type: ignore[no-any-return]
    except Exception as error:  # a user's object may raise anything while it is pickled
        name = context.asset_key.to_user_string() if context.has_asset_key else context.name
        raise UnpicklableOutputError(
            f"The value of `{name}` ({type(obj).__name__}) cannot be pickled, so the filesystem IO manager "
            f"could not store it at `{path}`: {error}",
            hint="Return plain data, annotate the asset `-> None` and store it yourself, or give the asset an IO "
            "manager that knows this type.",
        ) from error


def _unpickled(file: IO[bytes], path: str) -> Any:
    try:
        return pickle.load(file)
    except Exception as error:  # a user's class may raise anything while it is unpickled
        error.add_note(f"while unpickling `{path}`")
        raise


def _not_stored(context: InputContext, path: str) -> ValueNotStoredError:
    name = context.asset_key.to_user_string() if context.has_asset_key else context.name
    return ValueNotStoredError(
        f"Nothing is stored for `{name}`: there is no file `{path}`.",
        hint="Materialize it first, with this IO manager and this `base_dir`.",
    )


def storage_folder(base_dir: str | None, instance: Any) -> str:
    """The folder that was configured, else the instance's storage.

    Raises:
        InvariantViolationError: neither is known, outside of a run.
    """
    if base_dir:
        return base_dir
    if instance is None:
        raise InvariantViolationError(
            "The filesystem IO manager has no `base_dir`, and there is no instance whose storage it could use.",
            hint="Give `base_dir=`, or an instance (`build_init_resource_context(instance=...)`).",
        )
    folder: str = instance.storage_directory()
    return folder


def _new_filesystem(context: Any) -> PickledObjectFilesystemIOManager:
    config = context.resource_config or {}
    return PickledObjectFilesystemIOManager(storage_folder(config.get("base_dir"), context.instance))


fs_io_manager = IOManagerDefinition(
    _new_filesystem,
    config_schema={"base_dir": Field(Noneable(str), is_required=False, default_value=None)},
    description="Pickles each value to a file under `base_dir`, by default the instance's storage.",
)


class _CustomPathIOManager(PickledObjectFilesystemIOManager):
    """Pickles each value at the path that its output's metadata names, and tells a materialization of the file."""

    def handle_output(self, context: OutputContext, obj: Any) -> Iterator[AssetMaterialization]:  # type: ignore[override]
        """Store `obj`; the file of an output that is no asset is told as one, with its path."""
        super().handle_output(context, obj)
        if not context.has_asset_key:
            yield AssetMaterialization(AssetKey([context.job_name, context.step_key, context.name]))

    def _whole_path(self, context: InputContext | OutputContext) -> "UPath":
        return self._base_path / self._named_path(context)

    def _local_path(self, context: InputContext | OutputContext) -> str:
        return os.path.join(self._base_dir, self._named_path(context))

    def _local_folder(self, context: InputContext | OutputContext) -> str:
        return self._local_path(context)

    def _named_path(self, context: InputContext | OutputContext) -> str:
        source = context.upstream_output if isinstance(context, InputContext) else context
        path = (source or context).definition_metadata.get("path")
        if not isinstance(path, str | os.PathLike):
            raise InvariantViolationError(
                f"`custom_path_fs_io_manager` stores `{context.name}` where its metadata says, which names no `path`.",
                hint='Add `metadata={"path": "..."}` to the output.',
            )
        return os.fspath(path)


def _new_custom_path(context: Any) -> _CustomPathIOManager:
    config = context.resource_config or {}
    return _CustomPathIOManager(storage_folder(config.get("base_dir"), context.instance))


custom_path_fs_io_manager = IOManagerDefinition(
    _new_custom_path,
    config_schema={"base_dir": Field(Noneable(str), is_required=False, default_value=None)},
    description="Pickles each value to the file that the output's metadata names under `path`.",
)
