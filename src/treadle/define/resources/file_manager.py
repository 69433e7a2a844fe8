"""Files of a run by handle: `FileHandle`, and `local_file_manager`, which keeps them in a folder."""

import contextlib
import shutil
import tempfile
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO

from treadle.core.errors import InvariantViolationError
from treadle.define.config.scalars import StringSource
from treadle.define.config.schema import Field
from treadle.define.resources.context import InitResourceContext
from treadle.define.resources.definition import resource


class FileHandle(ABC):
    """Where a file is, to hand on in place of its content."""

    @property
    @abstractmethod
    def path_desc(self) -> str:
        """The place, for people."""


class LocalFileHandle(FileHandle):
    """A file on this machine.

    Args:
        path: its path.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def path(self) -> str:
        """The file's path."""
        return self._path

    @property
    def path_desc(self) -> str:
        return self._path


class LocalFileManager:
    """Keeps files in one folder.

    Args:
        base_dir: the folder; made when first needed.
    """

    def __init__(self, base_dir: str) -> None:
        self.base_dir = base_dir
        self._temporary: list[str] = []

    def copy_handle_to_local_temp(self, file_handle: FileHandle) -> str:
        """Path of a copy, which `delete_local_temp` removes."""
        source = Path(self._path_of(file_handle))
        number, path = tempfile.mkstemp(suffix=source.suffix)
        with open(number, "wb") as target, source.open("rb") as content:
            shutil.copyfileobj(content, target)
        self._temporary.append(path)
        return path

    def delete_local_temp(self) -> None:
        """Remove the copies that were made."""
        while self._temporary:
            Path(self._temporary.pop()).unlink(missing_ok=True)

    @contextlib.contextmanager
    def read(self, file_handle: FileHandle, mode: str = "rb") -> Iterator[IO[Any]]:
        """The file, open for reading; `mode` is `r` or `rb`."""
        if mode not in ("r", "rb"):
            raise InvariantViolationError(f"read: mode must be `r` or `rb`, got {mode!r}")
        with open(self._path_of(file_handle), mode) as opened:
            yield opened

    def read_data(self, file_handle: FileHandle) -> bytes:
        """The file's content."""
        with self.read(file_handle) as opened:
            content: bytes = opened.read()
        return content

    def write_data(self, data: bytes, ext: str | None = None) -> LocalFileHandle:
        """Keep some bytes in a new file; `ext` is its extension without the dot."""
        path = self._new_path(ext)
        path.write_bytes(data)
        return LocalFileHandle(str(path))

    def write(self, file_obj: BinaryIO | TextIO, mode: str = "wb", ext: str | None = None) -> LocalFileHandle:
        """Keep what an open file holds in a new file; `mode` is `w` or `wb`."""
        if mode not in ("w", "wb"):
            raise InvariantViolationError(f"write: mode must be `w` or `wb`, got {mode!r}")
        path = self._new_path(ext)
        with open(path, mode) as target:
            shutil.copyfileobj(file_obj, target)
        return LocalFileHandle(str(path))

    def _new_path(self, ext: str | None) -> Path:
        folder = Path(self.base_dir)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / (uuid.uuid4().hex + (f".{ext}" if ext else ""))

    @staticmethod
    def _path_of(file_handle: FileHandle) -> str:
        if not isinstance(file_handle, LocalFileHandle):
            raise InvariantViolationError(f"{type(file_handle).__name__} is not a file of this machine")
        return file_handle.path


@resource(config_schema={"base_dir": Field(StringSource, is_required=False)})
def local_file_manager(init_context: InitResourceContext) -> Iterator[LocalFileManager]:
    """Files in a folder: `base_dir`, else `file_manager` in the instance's storage."""
    base_dir = init_context.resource_config.get("base_dir")
    if base_dir is None and init_context.instance is not None:
        base_dir = str(Path(init_context.instance.storage_directory()) / "file_manager")
    with contextlib.ExitStack() as until_closed:
        manager = LocalFileManager(base_dir or until_closed.enter_context(tempfile.TemporaryDirectory()))
        until_closed.callback(manager.delete_local_temp)
        yield manager
