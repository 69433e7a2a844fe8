"""Where the code of a definition is: a line of a local file, or a link to it in source control."""

import os
import posixpath
from typing import TYPE_CHECKING

from treadle.core import late
from treadle.core.deprecation import beta
from treadle.core.errors import wrong_type
from treadle.core.values import TupleValue, Value, set_field

if TYPE_CHECKING:
    from pathlib import Path


@beta()
class LocalFileCodeReference(TupleValue):
    """A place in a local file.

    Args:
        file_path: path of the file.
        line_number: counted from 1.
        label: shown in place of the path.
    """

    __slots__ = ("file_path", "label", "line_number")
    file_path: str
    line_number: int | None
    label: str | None

    def __init__(self, *, file_path: str, line_number: int | None = None, label: str | None = None) -> None:
        if not isinstance(file_path, str):
            raise wrong_type("file_path", "text", file_path, "LocalFileCodeReference")
        if line_number is not None and not isinstance(line_number, int):
            raise wrong_type("line_number", "an integer", line_number, "LocalFileCodeReference")
        set_field(self, "file_path", file_path)
        set_field(self, "line_number", line_number)
        set_field(self, "label", label)

    @property
    def source(self) -> str:
        """The path."""
        return self.file_path


@beta()
class UrlCodeReference(TupleValue):
    """A link to a place in source control.

    Args:
        url: the link.
        label: shown in place of it.
    """

    __slots__ = ("label", "url")
    url: str
    label: str | None

    def __init__(self, *, url: str, label: str | None = None) -> None:
        if not isinstance(url, str):
            raise wrong_type("url", "text", url, "UrlCodeReference")
        set_field(self, "url", url)
        set_field(self, "label", label)

    @property
    def source(self) -> str:
        """The link."""
        return self.url


CodeReference = LocalFileCodeReference | UrlCodeReference


class FilePathMapping:
    """How a local path becomes the path in source control. Subclass it, or use `AnchorBasedFilePathMapping`."""

    def convert_to_source_control_path(self, local_path: "Path") -> str:
        """The path within the repository."""
        raise NotImplementedError


@beta()
class AnchorBasedFilePathMapping(Value, FilePathMapping):
    """Paths relative to one file whose place in the repository is known.

    Args:
        local_file_anchor: local path of that file.
        file_anchor_path_in_repository: its path within the repository.

    Example:
        >>> from pathlib import Path
        >>> mapping = AnchorBasedFilePathMapping(Path("/home/me/flights/defs.py"), "src/flights/defs.py")
        >>> mapping.convert_to_source_control_path(Path("/home/me/flights/assets/raw.py"))
        'src/flights/assets/raw.py'
    """

    __slots__ = ("file_anchor_path_in_repository", "local_file_anchor")
    local_file_anchor: "Path"
    file_anchor_path_in_repository: str

    def __init__(self, local_file_anchor: "Path", file_anchor_path_in_repository: str) -> None:
        set_field(self, "local_file_anchor", late.pathlib.Path(local_file_anchor))
        set_field(self, "file_anchor_path_in_repository", file_anchor_path_in_repository)

    def convert_to_source_control_path(self, local_path: "Path") -> str:
        """The path within the repository."""
        relative = os.path.relpath(local_path, self.local_file_anchor)
        return posixpath.normpath(
            posixpath.join(self.file_anchor_path_in_repository, late.pathlib.Path(relative).as_posix())
        )
