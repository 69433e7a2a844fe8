"""YAML and JSON text as plain data: only plain data, within limits, and no key twice."""

import json
from typing import Any

import yaml

from treadle.core.errors import InvalidConfigError

LONGEST_TEXT = 10_000_000
"""Characters of one document."""
MOST_NODES = 1_000_000
"""Values in one document, counting what an alias repeats."""
DEEPEST = 200
"""Levels."""


class YamlError(InvalidConfigError):
    """A YAML document that is not read. `line` and `column` count from 1."""

    default_code = "invalid-config"
    line: int | None = None
    column: int | None = None


def read_yaml(text: str, source: str = "YAML") -> Any:
    """The data of a YAML document; JSON is YAML too.

    Aliases are counted as often as they are used, so that a small text cannot become a large value.

    Args:
        text: the document.
        source: a file's name, for errors.

    Raises:
        InvalidConfigError: code `yaml-unsafe` for tags of Python objects, `yaml-duplicate-key`,
            `yaml-limit` for a
            document that is too large, too deep or contains itself, else `invalid-config`; with line and
            column.

    Example:
        >>> read_yaml("ops: {orders: {config: {limit: 5}}}")
        {'ops': {'orders': {'config': {'limit': 5}}}}
    """
    if len(text) > LONGEST_TEXT:
        raise _error(
            "yaml-limit", f"{source} has {len(text)} characters; at most {LONGEST_TEXT} are read", None
        )
    if text[:1] in "{[" and (found := _as_json(text)) is not None:
        return found
    loader = _Loader(text)
    try:
        _check_depth(text, source)
        node = loader.get_single_node()
        if node is None:
            return None
        _Checker(source).check(node)
        return _constructed(loader, node, source)
    except yaml.MarkedYAMLError as error:
        unsafe = isinstance(error, yaml.constructor.ConstructorError)
        code = "yaml-unsafe" if unsafe and "tag" in (error.problem or "") else "invalid-config"
        message = f"{source} is not valid: {error.problem}"
        raise _error(code, message, error.problem_mark or error.context_mark) from None
    except yaml.YAMLError as error:
        raise _error("invalid-config", f"{source} is not valid: {error}", None) from None
    finally:
        loader.dispose()


def _constructed(loader: Any, node: yaml.Node, source: str) -> Any:
    try:
        return loader.construct_document(node)
    except ValueError as error:  # e.g. a number of more digits than Python reads
        raise _error("invalid-config", f"{source} has a value that can not be read: {error}", None) from None


def _check_depth(text: str, source: str) -> None:
    """Refuse a document that is too deep before it is read: the C library has no guard of its own, and would crash."""
    depth = 0
    for event in yaml.parse(text, Loader=_FastLoader):
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _error("yaml-limit", f"{source} has more than {DEEPEST} levels", event.start_mark)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            depth -= 1


def _as_json(text: str) -> Any:
    """The data if the text is JSON, which is read much faster; None if it is not, or has a key twice."""
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        return None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _error(code: str, message: str, mark: Any) -> YamlError:
    if mark is None:
        return YamlError(message, code=code)
    line, column = mark.line + 1, mark.column + 1
    return YamlError(f"{message} (line {line}, column {column})", code=code, line=line, column=column)


_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C library's, where there is one: six times as fast."""


class _Loader(_FastLoader):  # type: ignore[misc]
    """Plain data only. Text that looks like a date stays text, as in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Checker:
    """Looks at a document's nodes before any value is made of them."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._sizes: dict[int, int] = {}
        self._inside: set[int] = set()

    def check(self, node: yaml.Node) -> int:
        """How many values the node stands for."""
        if id(node) in self._inside:
            raise self._refused("yaml-limit", "contains itself", node)
        if id(node) in self._sizes:
            return self._sizes[id(node)]
        if not node.tag.startswith("tag:yaml.org,2002:") or ":python/" in node.tag:
            raise self._refused("yaml-unsafe", f"asks for `{node.tag}`; only plain data is read", node)
        self._inside.add(id(node))
        size = 1
        if isinstance(node, yaml.MappingNode):
            self._check_keys(node)
            size += sum(self.check(key) + self.check(value) for key, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            size += sum(self.check(item) for item in node.value)
        self._inside.discard(id(node))
        if size > MOST_NODES:
            raise self._refused("yaml-limit", f"stands for more than {MOST_NODES} values", node)
        self._sizes[id(node)] = size
        return size

    def _check_keys(self, node: yaml.MappingNode) -> None:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._refused("invalid-config", "has a key that is not a scalar", key)
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise self._refused("yaml-duplicate-key", f"has the key `{key.value}` twice", key)
            seen.add(key.value)

    def _refused(self, code: str, what: str, node: yaml.Node) -> YamlError:
        return _error(code, f"{self._source} {what}", node.start_mark)
