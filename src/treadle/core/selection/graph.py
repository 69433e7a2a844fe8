"""What a selection is resolved against."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import msgspec

from treadle.core.errors import InvalidInvocationError, InvariantViolationError
from treadle.core.keys import AssetCheckKey, AssetKey

AssetKeys = AbstractSet[AssetKey]
CheckKeys = AbstractSet[AssetCheckKey]
_NONE: AssetKeys = frozenset()


@runtime_checkable
class SelectableGraph(Protocol):
    """Assets, what leads to what, and what is known of each; every key that it returns is in `keys`.

    Sets are best returned ready-made (frozen and shared): a walk then copies stored hashes.
    """

    @property
    def keys(self) -> AssetKeys:
        """All assets, external ones too."""

    @property
    def materializable_keys(self) -> AssetKeys:
        """Assets that a run of ours can make; the others are external or only observed."""

    @property
    def check_keys(self) -> CheckKeys:
        """All checks."""

    def parents(self, key: AssetKey) -> AssetKeys:
        """What the asset depends on, directly."""

    def children(self, key: AssetKey) -> AssetKeys:
        """What depends on the asset, directly."""

    def neighbours(self, key: AssetKey) -> AssetKeys:
        """The assets that can only be made together with this one, itself included."""

    def checks(self, key: AssetKey) -> CheckKeys:
        """The checks of the asset."""

    def group(self, key: AssetKey) -> str | None:
        """The asset's group."""

    def tags(self, key: AssetKey) -> Mapping[str, str]:
        """The asset's tags; kinds need not stand among them."""

    def kinds(self, key: AssetKey) -> AbstractSet[str]:
        """The asset's kinds."""

    def owners(self, key: AssetKey) -> Iterable[str]:
        """E-mail addresses and `team:...` names."""


class SelectableAsset(msgspec.Struct, frozen=True, kw_only=True):
    """What a selection needs to know of one asset, where a graph is put together by hand."""

    key: AssetKey
    parents: Iterable[AssetKey] = ()
    group: str | None = "default"
    tags: Mapping[str, str] = msgspec.field(default_factory=dict)
    kinds: AbstractSet[str] = frozenset()
    owners: tuple[str, ...] = ()
    is_materializable: bool = True
    neighbours: AssetKeys = frozenset()
    """The assets that can only be made together with this one."""


class AssetsAndChecks:
    """A `SelectableGraph` made of a list of assets and a list of check keys.

    Parents that are not in the list are left out.

    Example:
        >>> graph = AssetsAndChecks([SelectableAsset(key=AssetKey("orders"))])
        >>> sorted(graph.keys)
        [AssetKey(['orders'])]
    """

    def __init__(self, assets: Iterable[SelectableAsset], check_keys: Iterable[AssetCheckKey] = ()) -> None:
        self._assets = {asset.key: asset for asset in assets}
        self._keys = frozenset(self._assets)
        self._check_keys = frozenset(check_keys)
        self._parents = {key: self._keys.intersection(asset.parents) for key, asset in self._assets.items()}

    @property
    def keys(self) -> AssetKeys:
        return self._keys

    @cached_property
    def materializable_keys(self) -> AssetKeys:
        return frozenset(key for key, asset in self._assets.items() if asset.is_materializable)

    @property
    def check_keys(self) -> CheckKeys:
        return self._check_keys

    @cached_property
    def _children(self) -> dict[AssetKey, frozenset[AssetKey]]:
        children: dict[AssetKey, list[AssetKey]] = {}
        for key, parents in self._parents.items():
            for parent in parents:
                children.setdefault(parent, []).append(key)
        return {key: frozenset(found) for key, found in children.items()}

    @cached_property
    def _checks(self) -> dict[AssetKey, frozenset[AssetCheckKey]]:
        checks: dict[AssetKey, list[AssetCheckKey]] = {}
        for check_key in self._check_keys:
            checks.setdefault(check_key.asset_key, []).append(check_key)
        return {key: frozenset(found) for key, found in checks.items()}

    def parents(self, key: AssetKey) -> AssetKeys:
        return self._parents[key]

    def children(self, key: AssetKey) -> AssetKeys:
        return self._children.get(key, _NONE)

    def neighbours(self, key: AssetKey) -> AssetKeys:
        return self._assets[key].neighbours | {key}

    def checks(self, key: AssetKey) -> CheckKeys:
        return self._checks.get(key, frozenset())

    def group(self, key: AssetKey) -> str | None:
        return self._assets[key].group

    def tags(self, key: AssetKey) -> Mapping[str, str]:
        return self._assets[key].tags

    def kinds(self, key: AssetKey) -> AbstractSet[str]:
        return self._assets[key].kinds

    def owners(self, key: AssetKey) -> Iterable[str]:
        return self._assets[key].owners


GraphBuilder = Callable[[Any], SelectableGraph]
_builders: list[GraphBuilder] = []


def register_graph_builder(builder: GraphBuilder) -> None:
    """Say how definitions become a graph: called once by the room that knows definitions.

    Args:
        builder: gets what the user gave to `resolve` (a list of definitions, or a `Definitions` object).
    """
    _builders[:] = [builder]


def graph_of(source: Any) -> SelectableGraph:
    """The graph behind `source`: a graph itself, a thing with a `selectable_graph`, or definitions.

    Raises:
        InvalidInvocationError: `source` is no collection of definitions at all.
        InvariantViolationError: definitions were given, but nothing that understands them is loaded.
    """
    offered = getattr(source, "selectable_graph", source)
    if isinstance(offered, SelectableGraph):
        return offered
    if source is None or isinstance(source, str | bytes | int | float):
        raise InvalidInvocationError(
            f"a selection cannot be resolved against {source!r}",
            hint="give the definitions that it selects from: `selection.resolve([asset_a, asset_b])`",
        )
    if not _builders:
        raise InvariantViolationError(
            "a selection can only be resolved against definitions once these are loaded",
            hint="import the definitions through `treadle`, or pass a SelectableGraph",
        )
    return _builders[0](source)
