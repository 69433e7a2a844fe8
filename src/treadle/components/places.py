"""Where a component stands: a file or folder under the defs folder, and which one of several in a file."""

from pathlib import Path
from typing import Union

import attrs


@attrs.frozen
class ComponentPath:
    """A component's place.

    Args:
        file_path: the absolute path of its folder or Python file.
        instance_key: its index in a YAML file, or the function's name in a Python file.
    """

    file_path: Path = attrs.field(converter=Path)
    instance_key: int | str | None = None

    def relative_to(self, folder: Path) -> str:
        """The same as text: `ingest/orders[0]`."""
        try:
            path = self.file_path.relative_to(folder)
        except ValueError:
            path = self.file_path
        return path.as_posix() + ("" if self.instance_key is None else f"[{self.instance_key}]")


ResolvableToPath = Union[Path, ComponentPath, str]  # noqa: UP007 - a name for annotations


def as_component_path(place: ResolvableToPath, folder: Path) -> ComponentPath:
    """A place that users named: a path, text such as `ingest/orders` or `ingest/orders[1]`, or a ComponentPath."""
    if isinstance(place, ComponentPath):
        return (
            place
            if place.file_path.is_absolute()
            else attrs.evolve(place, file_path=folder / place.file_path)
        )
    text, key = str(place), None
    if text.endswith("]") and "[" in text:
        text, _, inner = text[:-1].rpartition("[")
        key = int(inner) if inner.isdigit() else inner
    path = Path(text)
    return ComponentPath((path if path.is_absolute() else folder / path).resolve(), key)
