"""Selections that name writers of assets (`writer:orders/shopify`): which writers of each asset are meant."""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from operator import methodcaller
from typing import Any, Final

from treadle.core.keys import AssetKey
from treadle.core.selection.graph import AssetKeys, SelectableGraph
from treadle.core.selection.quoting import pattern_expression
from treadle.core.selection.walks import fold

WRITERS_TAG: Final = "treadle/writers"
"""The tag of a run that does not do all writers of its assets: a JSON list of those that it does, `orders/shopify`."""

Part = tuple[AssetKey, str | None]
"""(asset, writer); of an asset without writers (asset, None)."""
Parts = AbstractSet[Part]


def writers_in(graph: SelectableGraph, key: AssetKey) -> tuple[str, ...]:
    """The names of an asset's writers; none where it, or the graph, has none."""
    writers = getattr(graph, "writers", None)
    return () if writers is None else writers(key)


def names_writers(selection: Any) -> bool:
    """Whether some part of a selection says `writer:`."""
    seen: set[int] = set()
    pending = [selection]
    while pending:
        node = pending.pop()
        if getattr(node, "attribute", None) == "writer":
            return True
        if id(node) not in seen:
            seen.add(id(node))
            pending.extend(node._operands())
    return False


def parts_of(selection: Any, graph: SelectableGraph, allow_missing: bool) -> Parts:
    """The writers, and the assets without any, that a selection means."""

    def combine(node: Any, operands: list[Parts]) -> Parts:
        joined: Parts | None = node._join_parts(operands)
        if joined is not None:
            return joined
        if getattr(node, "attribute", None) == "writer":
            matches = pattern_expression(node.value).fullmatch
            return {
                (key, name)
                for key in graph.keys
                for name in writers_in(graph, key)
                if matches(f"{key.to_user_string()}/{name}")
            }
        keys: AssetKeys = node._keys(graph, [keys_of_parts(each) for each in operands], allow_missing)
        narrowed = {part for each in operands for part in each if part[0] in keys}
        rest = keys - keys_of_parts(narrowed)
        return narrowed | {(key, name) for key in rest for name in writers_in(graph, key) or (None,)}

    return fold(selection, methodcaller("_operands"), combine)


def keys_of_parts(parts: Parts) -> AssetKeys:
    """The assets of some parts."""
    return frozenset(key for key, _ in parts)


def chosen_writers(selection: Any, graph: SelectableGraph) -> dict[AssetKey, tuple[str, ...]]:
    """Of assets of which a selection means some writers and not all: those it means, in their order."""
    if not names_writers(selection):
        return {}
    chosen: dict[AssetKey, set[str]] = {}
    for key, name in parts_of(selection, graph, True):
        if name is not None:
            chosen.setdefault(key, set()).add(name)
    return {
        key: tuple(name for name in writers_in(graph, key) if name in names)
        for key, names in chosen.items()
        if len(names) < len(writers_in(graph, key))
    }


def writers_tag(writers: Mapping[AssetKey, tuple[str, ...]]) -> dict[str, str]:
    """The tag of a run that does these writers only; nothing where it does all."""
    names = sorted(f"{key.to_user_string()}/{name}" for key, found in writers.items() for name in found)
    return {WRITERS_TAG: json.dumps(names)} if names else {}


def writers_from_tags(tags: Mapping[str, str]) -> dict[AssetKey, tuple[str, ...]]:
    """What `writers_tag` told: asset -> the writers that the run does."""
    text = tags.get(WRITERS_TAG)
    if text is None:
        return {}
    try:
        names = json.loads(text)
    except ValueError:
        names = text.split(",")
    found: dict[AssetKey, tuple[str, ...]] = {}
    for each in names if isinstance(names, list) else ():
        key, _, name = str(each).strip().rpartition("/")
        asset = AssetKey.from_user_string(key)
        found[asset] = (*found.get(asset, ()), name)
    return found
