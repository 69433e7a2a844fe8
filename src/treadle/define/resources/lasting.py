"""Resources that stay open from one question to the next, for whoever asks several times and closes once."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from treadle.define.resources.definition import ResourceDefinition
from treadle.define.resources.opening import Opening, ResourceNode, Resources, opening_order


class LastingResources:
    """Opens what is asked for, each resource once; `close` closes all, the last opened first."""

    def __init__(self) -> None:
        self._opening: Opening | None = None

    def open(
        self,
        definitions: Mapping[str, ResourceDefinition],
        needed: Iterable[str],
        config: Mapping[str, Any],
        instance: Any,
    ) -> Resources:
        """The resources of these keys, and those that an IO manager among them may use.

        Args:
            definitions: every resource, by key.
            needed: keys to open.
            config: key to completed config; it counts for those that are not open yet.
            instance: the instance that the resources are told, unless some are open already.

        Raises:
            ResourceFunctionError: setting one up raised; the cause is chained.
            UnknownResourceError: a key that nobody provides.
        """
        if self._opening is None:
            self._opening = Opening(definitions, config, None, instance, None)
        opening = self._opening
        opening.definitions, opening.config = definitions, config
        needed = tuple(needed)
        for node in opening_order(definitions, needed):
            if node.key in needed:
                _open_once(opening, node)
        shown = set(needed).union(*(definitions[key].keys_for_io for key in needed))
        return Resources({key: opening.value(key) for key in shown})

    def close(self) -> None:
        """Close all that is open."""
        if self._opening is not None:
            self._opening.close()
            self._opening = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _open_once(opening: Opening, node: ResourceNode) -> None:
    """Open a resource and what it needs; one whose key is open stands for this one, too."""
    if id(node) in opening.values:
        return
    known = opening.nodes.get(node.key) if node.key is not None else None
    if known is not None:
        opening.stand_in(node, known)
        return
    for needed in (*node.needs.values(), *node.nested.values()):
        _open_once(opening, needed)
    opening.open(node)
