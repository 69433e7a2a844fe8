"""The default IO manager: each value pickled to a file under the instance's storage, or under any fsspec URL."""

import os
import pickle
from functools import cached_property
from typing import TYPE_CHECKING, Any

import cloudpickle

from treadle.core.errors import TreadleError
from treadle.core.metadata import MetadataValue
from treadle.define.config.schema import Field, Noneable
from treadle.define.context.input_context import InputContext
from treadle.define.context.output_context import OutputContext
from treadle.define.io_manager import IOManagerDefinition
from treadle.run.io_managers.atomic import atomic_write
from treadle.run.io_managers.paths import is_case_blind, key_path
from treadle.run.io_managers.upath import UPathIOManager

if TYPE_CHECKING:
    from upath import UPath


class UnpicklableOutputError(TreadleError):
    """A value cannot be pickled, so the filesystem IO manager cannot store it."""

    default_code = "unpicklable"


class PickledObjectFilesystemIOManager(UPathIOManager):
    """Pickles each value to a file. A value whose class lives in `__main__` is pickled by value.

    Args:
        base_dir: a folder or an fsspec URL.
    """

    def __init__(self, base_dir: str, **storage_options: Any) -> None:
        self._base_dir = base_dir
        self._storage_options = storage_options

    @cached_property
    def _base_path(self) -> "UPath":  # type: ignore[override]
        from upath import UPath

        return UPath(self._base_dir, **self._storage_options)

    @cached_property
    def _is_local(self) -> bool:
        return "://" not in self._base_dir

    def dump_to_path(self, context: OutputContext, obj: Any, path: "UPath") -> None:
        """Pickle `obj`, then write it in one move: a reader finds the old value or the new one."""
        data = _pickled(obj, context, str(path))
        if self._is_local:
            with atomic_write(str(path)) as file:
                file.write(data)
        else:
            path.write_bytes(data)

    def load_from_path(self, context: InputContext, path: "UPath") -> Any:
        """Unpickle the file."""
        with path.open("rb") as file:
            return pickle.load(file)

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Store `obj`; plain local files take a short way that builds no path objects."""
        if not self._is_local or (context.has_asset_key and context.has_asset_partitions):
            super().handle_output(context, obj)
            return
        path = self._local_path(context)
        data = _pickled(obj, context, path)
        with atomic_write(path) as file:
            file.write(data)
        context.add_output_metadata({"path": MetadataValue.path(path)})

    def load_input(self, context: InputContext) -> Any:
        """What is stored for the input."""
        if not self._is_local or (context.has_asset_key and context.has_asset_partitions):
            return super().load_input(context)
        with open(self._local_path(context), "rb") as file:
            return pickle.load(file)

    def _make_parent(self, path: "UPath") -> None:
        if not self._is_local:
            super()._make_parent(path)

    def _local_path(self, context: InputContext | OutputContext) -> str:
        parts = key_path(context.get_identifier(), case_blind=is_case_blind(self._base_dir))
        return os.path.join(self._base_dir, *parts)


def _pickled(obj: Any, context: OutputContext, path: str) -> bytes:
    """The object as pickle bytes; by value where plain pickle would leave a reference into `__main__`."""
    try:
        data = pickle.dumps(obj, protocol=pickle.HIGHEST_PROTOCOL)
        if b"__main__" not in data:
            return data
    except (pickle.PicklingError, AttributeError, TypeError, RecursionError, ImportError):
        pass
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


def _new_filesystem(context: Any) -> PickledObjectFilesystemIOManager:
    base_dir = (context.resource_config or {}).get("base_dir")
    return PickledObjectFilesystemIOManager(base_dir or context.instance.storage_directory())


fs_io_manager = IOManagerDefinition(
    _new_filesystem,
    config_schema={"base_dir": Field(Noneable(str), is_required=False, default_value=None)},
    description="Pickles each value to a file under `base_dir`, by default the instance's storage.",
)


class _CustomPathIOManager(PickledObjectFilesystemIOManager):
    """Pickles each value at the path that its output's metadata names."""

    def _whole_path(self, context: InputContext | OutputContext) -> "UPath":
        return self._base_path / self._named_path(context)

    def _local_path(self, context: InputContext | OutputContext) -> str:
        return os.path.join(self._base_dir, self._named_path(context))

    def _named_path(self, context: InputContext | OutputContext) -> str:
        source = context.upstream_output if isinstance(context, InputContext) else context
        path: str = (source or context).definition_metadata["path"]
        return path


def _new_custom_path(context: Any) -> _CustomPathIOManager:
    base_dir = (context.resource_config or {}).get("base_dir")
    return _CustomPathIOManager(base_dir or context.instance.storage_directory())


custom_path_fs_io_manager = IOManagerDefinition(
    _new_custom_path,
    config_schema={"base_dir": Field(Noneable(str), is_required=False, default_value=None)},
    description="Pickles each value to the file that the output's metadata names under `path`.",
)
