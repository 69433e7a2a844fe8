"""What the methods without arguments do to a set of assets (`roots()`, `materializable()`): one row each."""

from collections.abc import Callable, Iterable

from treadle.core.errors import InvalidSubsetError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.errors import unknown_names_error
from treadle.core.selection.graph import AssetKeys, CheckKeys, SelectableGraph
from treadle.core.selection.walks import not_reached_from_each_other, reach


def _external_above(graph: SelectableGraph, keys: AssetKeys) -> AssetKeys:
    return reach(keys, graph.parents) - graph.materializable_keys


def _made_together(graph: SelectableGraph, keys: AssetKeys) -> AssetKeys:
    return frozenset(keys).union(*map(graph.neighbours, keys))


OPERATIONS: dict[str, Callable[[SelectableGraph, AssetKeys], AssetKeys]] = {
    "roots": lambda graph, keys: not_reached_from_each_other(keys, graph.children),
    "sinks": lambda graph, keys: not_reached_from_each_other(keys, graph.parents),
    "materializable": lambda graph, keys: keys & graph.materializable_keys,
    "upstream_source_assets": _external_above,
    "required_multi_asset_neighbors": _made_together,
    "without_checks": lambda graph, keys: keys,
}


def checks_of_assets(graph: SelectableGraph, keys: AssetKeys) -> CheckKeys:
    """All checks of some assets."""
    if not graph.check_keys:
        return frozenset()
    return frozenset[AssetCheckKey]().union(*map(graph.checks, keys))


def unknown_keys_error(
    what: str, missing: Iterable[AssetKey | AssetCheckKey], known: Iterable[AssetKey | AssetCheckKey]
) -> InvalidSubsetError:
    """Keys that were asked for and do not exist."""
    return unknown_names_error(
        what, [key.to_user_string() for key in missing], [key.to_user_string() for key in known]
    )
