"""How a selection is resolved and printed, whatever it is made of. `asset_selection` has what it can be made of."""

from collections.abc import Sequence
from operator import methodcaller
from typing import Any

from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.graph import AssetKeys, CheckKeys, SelectableGraph, graph_of
from treadle.core.selection.narrowing import checks_of_assets
from treadle.core.selection.quoting import SelectionText
from treadle.core.selection.walks import fold
from treadle.core.selection.writers import Parts, keys_of_parts, names_writers, parts_of


class SelectionExpression:
    """A tree of selections. Each kind of node says its operands, and what it makes of theirs: keys, checks and text."""

    __slots__ = ()

    def resolve(self, all_assets: Any, allow_missing: bool = False) -> set[AssetKey]:
        """The keys of the assets that are meant.

        Args:
            all_assets: definitions, or a `SelectableGraph`.
            allow_missing: leave out assets that are named but do not exist, instead of raising.

        Raises:
            InvalidSubsetError: an asset is named that does not exist; the nearest names are shown.
        """
        return set(self.resolve_inner(graph_of(all_assets), allow_missing))

    def resolve_checks(self, asset_graph: Any, allow_missing: bool = False) -> set[AssetCheckKey]:
        """The keys of the checks that are meant: those of the assets, unless said otherwise."""
        return set(self.resolve_checks_inner(graph_of(asset_graph), allow_missing))

    def resolve_inner(self, asset_graph: SelectableGraph, allow_missing: bool) -> AssetKeys:
        """`resolve` against a graph. A class of one's own overrides this."""

        def combine(node: SelectionExpression, operands: list[AssetKeys]) -> AssetKeys:
            return node._keys(asset_graph, operands, allow_missing)

        if names_writers(self):
            return keys_of_parts(parts_of(self, asset_graph, allow_missing))
        return fold(self, methodcaller("_operands"), combine)

    def resolve_checks_inner(self, asset_graph: SelectableGraph, allow_missing: bool) -> CheckKeys:
        """`resolve_checks` against a graph."""

        def combine(node: SelectionExpression, operands: list[CheckKeys]) -> CheckKeys:
            return node._checks(asset_graph, operands, allow_missing)

        return fold(self, methodcaller("_operands_of_checks"), combine)

    def to_selection_str(self) -> str:
        """The text that `from_string` reads.

        Raises:
            NotImplementedError: it names checks, or something else that the language has no word for.
        """

        def combine(node: SelectionExpression, operands: list[SelectionText]) -> SelectionText:
            return node._text(operands)

        return fold(self, methodcaller("_operands"), combine).text

    def __str__(self) -> str:
        try:
            return self.to_selection_str()
        except NotImplementedError:
            return repr(self)

    def _operands(self) -> Sequence["SelectionExpression"]:
        """The selections that this one is made of."""
        return ()

    def _operands_of_checks(self) -> Sequence["SelectionExpression"]:
        """Those whose checks make up this one's, rather than the checks of its assets."""
        return ()

    def _join_parts(self, operands: list[Parts]) -> Parts | None:
        """What it makes of its operands, writers apart, where it only joins them; else None."""
        return None

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        if type(self).resolve_inner is SelectionExpression.resolve_inner:
            raise NotImplementedError(f"{type(self).__name__} does not override resolve_inner")
        return self.resolve_inner(graph, allow_missing)

    def _checks(self, graph: SelectableGraph, operands: list[CheckKeys], allow_missing: bool) -> CheckKeys:
        if type(self).resolve_checks_inner is not SelectionExpression.resolve_checks_inner:
            return self.resolve_checks_inner(graph, allow_missing)
        return checks_of_assets(graph, self.resolve_inner(graph, allow_missing))

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        raise NotImplementedError(f"{type(self).__name__} has no text form")
