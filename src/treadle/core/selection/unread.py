"""A selection whose text does not read: told with all else that is wrong, once the definitions are loaded."""

from typing import Any, Never

import msgspec

from treadle.core.errors import InvalidAssetSelectionError
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.selection.graph import AssetKeys, CheckKeys, SelectableGraph
from treadle.core.selection.quoting import SelectionText


class UnreadSelection(AssetSelection, msgspec.Struct, frozen=True):
    """Stands where a selection was written that does not read; resolving it raises the reason."""

    text: str
    error: InvalidAssetSelectionError

    def resolve_inner(self, asset_graph: SelectableGraph, allow_missing: bool) -> AssetKeys:
        """Raises why it does not read."""
        self._refuse()

    def resolve_checks_inner(self, asset_graph: SelectableGraph, allow_missing: bool) -> CheckKeys:
        """Raises why it does not read."""
        self._refuse()

    def _keys(self, graph: SelectableGraph, operands: list[AssetKeys], allow_missing: bool) -> AssetKeys:
        self._refuse()

    def _text(self, operands: list[SelectionText]) -> SelectionText:
        return SelectionText(self.text, "atom")

    def _refuse(self) -> Never:
        raise self.error.with_traceback(None)


def selection_or_unread(selection: Any) -> AssetSelection:
    """`AssetSelection.from_coercible`, but a text that does not read is told when the definitions are loaded.

    So one slip in one of them does not hide what else is wrong.

    Raises:
        InvalidDefinitionError: it is no selection at all.

    Example:
        >>> from treadle.core.selection.unread import selection_or_unread
        >>> str(selection_or_unread("orders and ("))
        'orders and ('
    """
    try:
        return AssetSelection.from_coercible(selection)
    except InvalidAssetSelectionError as error:
        text = getattr(error, "text", None)
        if text is None:
            raise
        return UnreadSelection(text, error)
