"""What assets can be selected by: one row an attribute, read by the parser, the printer and the resolution.

To add an attribute, add a row.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from treadle.core.errors import InvalidSubsetError
from treadle.core.keys import AssetKey
from treadle.core.selection.graph import AssetKeys, SelectableGraph
from treadle.core.selection.quoting import pattern_expression, quoted, quoted_pattern
from treadle.core.selection.writers import writers_in

Shape = Literal["word", "pair", "pattern", "prefixes"]
Predicate = Callable[[AssetKey], bool]


class Attribute(msgspec.Struct, frozen=True):
    """One attribute: its word, the shape of its value, and what matches.

    `word` is a text or None (`<null>`: assets that have none); `pair` is `(key, value)` or None;
    `pattern` is literal pieces between wildcards; `prefixes` has no text form.
    """

    name: str
    shape: Shape
    predicate: Callable[[SelectableGraph, Any], Predicate]
    always_includes_external: bool = False


def matching_keys(graph: SelectableGraph, name: str, value: Any, include_sources: bool) -> set[AssetKey]:
    """The assets whose attribute has that value."""
    attribute = ATTRIBUTES[name]
    every = include_sources or attribute.always_includes_external
    candidates: AssetKeys = graph.keys if every else graph.materializable_keys
    return set(filter(attribute.predicate(graph, value), candidates))


def attribute_text(name: str, value: Any) -> str:
    """`group:"marts"`, as the parser reads it.

    Raises:
        NotImplementedError: the attribute has no text form.
    """
    shape = ATTRIBUTES[name].shape
    if shape == "prefixes":
        raise NotImplementedError(
            'a selection by key prefixes has no text form; write key:"prefix/*" instead'
        )
    if value is None:
        return f"{name}:<null>"
    if shape == "pattern":
        return f"{name}:{quoted_pattern(value)}"
    if shape == "pair":
        key, tag_value = value
        return f"{name}:{quoted(key)}" + (f"={quoted(tag_value)}" if tag_value else "")
    return f"{name}:{quoted(value)}"


def _key(graph: SelectableGraph, pattern: tuple[str, ...]) -> Predicate:
    if len(pattern) == 1:
        return lambda key: key.to_user_string() == pattern[0]
    matches = pattern_expression(pattern).fullmatch
    return lambda key: matches(key.to_user_string()) is not None


def _key_substring(graph: SelectableGraph, part: str) -> Predicate:
    return lambda key: part in key.to_user_string()


def _key_prefixes(graph: SelectableGraph, prefixes: tuple[tuple[str, ...], ...]) -> Predicate:
    starts = tuple("/".join(prefix) + "/" for prefix in prefixes)
    return lambda key: (key.to_user_string() + "/").startswith(starts)


def _writer(graph: SelectableGraph, pattern: tuple[str, ...]) -> Predicate:
    matches = pattern_expression(pattern).fullmatch
    return lambda key: any(matches(f"{key.to_user_string()}/{name}") for name in writers_in(graph, key))


def _group(graph: SelectableGraph, group: str | None) -> Predicate:
    return lambda key: graph.group(key) == group


def _kind(graph: SelectableGraph, kind: str | None) -> Predicate:
    if kind is None:
        return lambda key: not graph.kinds(key)
    return lambda key: kind in graph.kinds(key)


def _owner(graph: SelectableGraph, owner: str | None) -> Predicate:
    if owner is None:
        return lambda key: not graph.owners(key)
    return lambda key: owner in graph.owners(key)


def _tag(graph: SelectableGraph, tag: tuple[str, str] | None) -> Predicate:
    if tag is None:
        return lambda key: not graph.tags(key)
    name, value = tag
    return lambda key: graph.tags(key).get(name) == value


def _needs_a_running_instance(name: str) -> Callable[[SelectableGraph, Any], Predicate]:
    def refuse(graph: SelectableGraph, value: Any) -> Predicate:
        raise InvalidSubsetError(
            f"`{name}:` cannot be resolved from definitions alone",
            code="selection-needs-instance",
            hint="select by `key:`, `group:`, `tag:`, `kind:` or `owner:`",
        )

    return refuse


ATTRIBUTES: dict[str, Attribute] = {
    attribute.name: attribute
    for attribute in (
        Attribute("key", "pattern", _key, always_includes_external=True),
        Attribute("key_substring", "word", _key_substring),
        Attribute("key_prefixes", "prefixes", _key_prefixes),
        Attribute("group", "word", _group),
        Attribute("tag", "pair", _tag),
        Attribute("kind", "word", _kind),
        Attribute("owner", "word", _owner),
        Attribute("writer", "pattern", _writer),
        Attribute("code_location", "word", _needs_a_running_instance("code_location")),
        Attribute("column", "word", _needs_a_running_instance("column")),
        Attribute("column_tag", "pair", _needs_a_running_instance("column_tag")),
        Attribute("table_name", "word", _needs_a_running_instance("table_name")),
        Attribute("changed_in_branch", "word", _needs_a_running_instance("changed_in_branch")),
        Attribute("status", "word", _needs_a_running_instance("status")),
    )
}
READABLE_ATTRIBUTES = tuple(name for name, attribute in ATTRIBUTES.items() if attribute.shape != "prefixes")
