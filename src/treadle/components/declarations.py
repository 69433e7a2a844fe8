"""What stands in a defs folder: folders, YAML documents, Python files. Nothing of the user's is imported here."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from treadle.components.component import Component
from treadle.components.places import ComponentPath
from treadle.components.resolution.positions import Document, read_documents
from treadle.define.definitions import Definitions

YAML_NAMES: Final = ("defs.yaml", "defs.yml", "component.yaml")
FOLDER_TYPES: Final = frozenset(
    {
        "dagster.DefsFolderComponent",
        "dagster.components.DefsFolderComponent",
        "treadle.DefsFolderComponent",
        "treadle.components.DefsFolderComponent",
    }
)


class Declaration:
    """One thing of the tree, and, once they are asked for, its component and definitions."""

    def __init__(self, place: ComponentPath, label: str) -> None:
        self.place = place
        self.label = label
        self.component: Component | None = None
        self.defs: Definitions | None = None
        self.is_loading = False

    @property
    def children(self) -> "list[Declaration]":
        """What lies in it."""
        return []

    def walk(self) -> "Iterator[Declaration]":
        """Itself and all below."""
        yield self
        for child in self.children:
            yield from child.walk()


class PythonFile(Declaration):
    """A Python file: definitions, or functions that give components."""

    def __init__(self, path: Path) -> None:
        super().__init__(ComponentPath(path), path.name)
        self.instances: dict[str, Declaration] = {}
        """Found when the file is imported."""

    @property
    def children(self) -> list[Declaration]:
        return list(self.instances.values())


class YamlDocument(Declaration):
    """One document of a YAML file: one component."""

    def __init__(self, place: ComponentPath, file: Path, document: Document) -> None:
        self.file = file
        self.document = document
        self.context: Any = None
        """Its load context, with the names for templates; made once."""
        told = document.value.get("type") if isinstance(document.value, dict) else None
        self.type_name = told if isinstance(told, str) else None
        super().__init__(place, f"{file.name} ({(self.type_name or '?').rpartition('.')[2]})")

    @property
    def folder(self) -> "Folder | None":
        """The folder, where the component is the folder itself."""
        return self._folder if self.type_name in FOLDER_TYPES else None

    @cached_property
    def _folder(self) -> "Folder":
        return Folder(self.place.file_path)

    @property
    def children(self) -> list[Declaration]:
        return [] if self.folder is None else self.folder.children


class YamlFile(Declaration):
    """A folder that a `defs.yaml` stands for."""

    def __init__(self, file: Path) -> None:
        super().__init__(ComponentPath(file.parent), file.parent.name)
        self.file = file

    @cached_property
    def documents(self) -> list[YamlDocument]:
        """The file's documents.

        Raises:
            YamlError: it is no YAML.
        """
        found = read_documents(self.file.read_text(encoding="utf-8"), self.file)
        made = [
            YamlDocument(ComponentPath(self.file.parent, index), self.file, document)
            for index, document in enumerate(found)
        ]
        if len(made) > 1:
            for index, one in enumerate(made):
                one.label = one.label.replace(self.file.name, f"{self.file.name}[{index}]", 1)
        return made

    @property
    def children(self) -> list[Declaration]:
        return list(self.documents)


class Folder(Declaration):
    """A folder of further declarations."""

    def __init__(self, path: Path, *, stop_at_definitions: bool = False) -> None:
        super().__init__(ComponentPath(path), path.name)
        self._stop_at_definitions = stop_at_definitions

    @property
    def children(self) -> list[Declaration]:
        return self._found

    @cached_property
    def _found(self) -> list[Declaration]:
        folder = self.place.file_path
        keyword_file = folder / "definitions.py"
        if self._stop_at_definitions and keyword_file.is_file():
            return [PythonFile(keyword_file)]
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
        return [found for entry in entries if (found := self._declared(entry)) is not None]

    def _declared(self, entry: Path) -> Declaration | None:
        if entry.name.startswith(".") or entry.name == "__pycache__":
            return None
        if entry.is_dir():
            return declared_folder(entry, self._stop_at_definitions)
        return PythonFile(entry) if entry.suffix == ".py" else None


def declared_folder(path: Path, stop_at_definitions: bool) -> Declaration | None:
    """What a folder declares; None where nothing."""
    file = next((path / name for name in YAML_NAMES if (path / name).is_file()), None)
    if file is not None:
        return YamlFile(file)
    folder = Folder(path, stop_at_definitions=stop_at_definitions)
    return folder if folder.children else None


def find(root: Declaration, place: ComponentPath) -> Declaration | None:
    """The declaration at a place; only what lies on the way to it is read."""
    at: Declaration | None = root
    path = place.file_path
    while at is not None and at.place.file_path != path:
        at = next((child for child in _below(at) if path.is_relative_to(child.place.file_path)), None)
    if at is None or place.instance_key is None:
        return at
    return next((each for each in at.children if each.place == place), None)


def _below(declaration: Declaration) -> list[Declaration]:
    if isinstance(declaration, YamlFile):
        return [inner for document in declaration.documents for inner in document.children]
    return declaration.children


def shown(
    declaration: Declaration, with_state: bool, hides_plain: bool = False, marked: ComponentPath | None = None
) -> str:
    """The tree as text, a line each.

    Args:
        declaration: its root.
        with_state: say what is loaded or built.
        hides_plain: leave out Python files without components.
        marked: what is underlined.
    """
    return "\n".join(_drawn(declaration, "", with_state, hides_plain, marked))


def _drawn(
    declaration: Declaration, indent: str, with_state: bool, hides_plain: bool, marked: ComponentPath | None
) -> Iterator[str]:
    children = declaration.children
    if isinstance(declaration, YamlFile) and len(children) == 1 and children[0].children:
        children = children[0].children
    left = [child for child in children if not (hides_plain and _is_plain(child))]
    for at, child in enumerate(left):
        is_last = at == len(left) - 1
        state = ""
        if with_state and (child.defs is not None or child.component is not None):
            state = " (built)" if child.defs is not None else " (loaded)"
        yield f"{indent}{'└── ' if is_last else '├── '}{child.label}{state}"
        if child.place == marked:
            yield f"{indent}    {'^' * len(child.label.partition(' (')[0])}"
        yield from _drawn(child, indent + ("    " if is_last else "│   "), with_state, hides_plain, marked)
    if children and not left:
        yield f"{indent}└── ..."


def _is_plain(declaration: Declaration) -> bool:
    return isinstance(declaration, PythonFile) and not declaration.children
