"""YAML text as plain data that knows where in its file each value stands."""

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import yaml

from treadle.core.errors import ConfigArgumentWarning
from treadle.define.config.yaml_text import YamlError


@attrs.frozen
class SourcePosition:
    """A place in a file; line and column count from 1."""

    filename: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.filename}:{self.line}:{self.column}"


@attrs.frozen
class SourcePositionTree:
    """Where a key stands (or a value without one), its value, and all that is in it."""

    position: SourcePosition
    children: Mapping[str | int, "SourcePositionTree"] = attrs.field(factory=dict)
    value_position: SourcePosition | None = None
    """Of the value, where that has a key."""

    def at(self, path: Iterable[str | int]) -> SourcePosition:
        """The position of the key at a path; of the nearest above where there is none."""
        return self._tree_at(path).position

    def value_at(self, path: Iterable[str | int]) -> SourcePosition:
        """The position of the value at a path; of the nearest above where there is none."""
        tree = self._tree_at(path)
        return tree.value_position or tree.position

    def _tree_at(self, path: Iterable[str | int]) -> "SourcePositionTree":
        tree = self
        for part in path:
            if part in tree.children:
                tree = tree.children[part]
        return tree


@attrs.frozen
class Document:
    """One document of a YAML file."""

    value: Any
    positions: SourcePositionTree
    text: str

    def at(self, path: Iterable[str | int]) -> str:
        """`file:line:column` of the value at a path in the document."""
        return str(self.positions.value_at(path))


_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is five times as fast


class _Loader(_Base):  # type: ignore[misc]
    """Plain data only. Dates stay text: `start_date: 2024-01-01` is read as it is written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_documents(text: str, filename: str | Path) -> list[Document]:
    """Every document of a YAML text.

    Args:
        text: the file's text.
        filename: for positions.

    Raises:
        YamlError: it is no YAML, or holds more than plain data; with line and column.
    """
    name = str(filename)
    loader = _Loader(text)
    documents = []
    try:
        while loader.check_node():
            node = loader.get_node()
            value = loader.construct_document(node)
            documents.append(Document(value, _tree(node, _position(node, name), name), text))
    except yaml.MarkedYAMLError as error:
        raise _yaml_error(error, name) from error
    finally:
        loader.dispose()
    return documents


def _tree(node: Any, position: SourcePosition, name: str) -> SourcePositionTree:
    children: dict[str | int, SourcePositionTree] = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            where = _position(key, name)
            if key.value in children and children[key.value].position != where:
                warnings.warn(
                    f"{where}: the key `{key.value}` stands here twice; the last one counts.",
                    ConfigArgumentWarning,
                    stacklevel=2,
                )
            children[key.value] = attrs.evolve(
                _tree(value, where, name), value_position=_position(value, name)
            )
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            children[index] = _tree(value, _position(value, name), name)
    return SourcePositionTree(position, children)


def _position(node: Any, name: str) -> SourcePosition:
    return SourcePosition(name, node.start_mark.line + 1, node.start_mark.column + 1)


def _yaml_error(error: yaml.MarkedYAMLError, name: str) -> YamlError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    told = YamlError(
        f"this is no valid YAML: {error.problem or error.context}", where=f"{name}:{line}:{column}"
    )
    told.line, told.column = line, column
    return told
