"""Where the code of a definition is: a line of a local file, or a link to it in source control."""

from treadle.core.errors import wrong_type
from treadle.core.values import TupleValue, set_field


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
