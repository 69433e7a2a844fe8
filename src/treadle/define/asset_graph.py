"""The assets of a set of definitions as a graph that code of users can ask: `Definitions.resolve_asset_graph()`."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from treadle.core.catalog import AssetNode, Catalog, CatalogGraph
from treadle.core.errors import InvalidArgumentError, did_you_mean
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.ordering import levels_of
from treadle.define.code import Code


class AssetGraphNode:
    """One asset in the graph: what its spec says, and its neighbours."""

    def __init__(self, graph: "AssetGraph", key: AssetKey, node: AssetNode) -> None:
        self._graph = graph
        self._node = node
        self.key = key

    def __getattr__(self, name: str) -> Any:
        """What the asset's spec says: `description`, `tags`, `metadata`, `owners`, `kinds`, `code_version`, …"""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._node.spec, name)

    def __repr__(self) -> str:
        return f"AssetGraphNode({self.key.to_user_string()!r})"

    @property
    def group_name(self) -> str:
        """The asset's group, `default` where it names none."""
        return self._graph.group(self.key) or "default"

    @property
    def partitions_def(self) -> Any:
        """How it is partitioned, or None."""
        return self._graph.catalog.partitions_def_of(self.key)

    @property
    def is_partitioned(self) -> bool:
        """Whether it has partitions."""
        return self.partitions_def is not None

    @property
    def is_materializable(self) -> bool:
        """Whether a run can make it."""
        return self._node.kind == "materializable"

    @property
    def is_observable(self) -> bool:
        """Whether it is only observed."""
        return self._node.kind == "observable"

    @property
    def is_external(self) -> bool:
        """Whether it is made elsewhere."""
        return not self.is_materializable

    @property
    def is_executable(self) -> bool:
        """Whether a run can make or observe it."""
        return self._node.computation is not None

    @property
    def io_manager_key(self) -> str:
        """The resource that loads its value."""
        return self._node.io_manager_key

    @property
    def backfill_policy(self) -> Any:
        """Into how many runs a backfill of it is cut, or None."""
        return None if self._computation is None else self._computation.backfill_policy

    @property
    def pools(self) -> AbstractSet[str]:
        """The pools that its steps wait for, those of its ops where it is a graph of them."""
        made = self._computation
        if made is None:
            return set()
        of_ops = (
            one for one in self._graph.catalog.computations.values() if one.name.startswith(f"{made.name}.")
        )
        return {one.pool for one in (made, *of_ops) if one.pool is not None}

    @property
    def execution_set_asset_keys(self) -> AbstractSet[AssetKey]:
        """The assets that can only be made with it, itself among them."""
        made = self._computation
        if made is None or made.can_subset:
            return {self.key}
        together = self._graph.catalog.assets.items()
        return {key for key, node in together if node.computation == made.name}

    @property
    def _computation(self) -> Any:
        name = self._node.computation
        return None if name is None else self._graph.catalog.computations[name]

    @property
    def parent_keys(self) -> AbstractSet[AssetKey]:
        """What it depends on, directly."""
        return set(self._graph.parents(self.key))

    @property
    def child_keys(self) -> AbstractSet[AssetKey]:
        """What depends on it, directly."""
        return set(self._graph.children(self.key))

    @property
    def check_keys(self) -> AbstractSet[AssetCheckKey]:
        """Its checks."""
        return set(self._graph.checks(self.key))

    def to_asset_spec(self) -> Any:
        """Its spec."""
        return self._node.spec


class AssetGraph(CatalogGraph):
    """All assets and what leads to what.

    Example:
        >>> import treadle as dg
        >>> @dg.asset(deps=["orders"])
        ... def report(): ...
        >>> graph = dg.Definitions([report]).resolve_asset_graph()
        >>> graph.get(dg.AssetKey("report")).parent_keys
        {AssetKey(['orders'])}
        >>> graph.external_asset_keys
        {AssetKey(['orders'])}
    """

    def __init__(self, catalog: Catalog, code: Code | None = None) -> None:
        super().__init__(catalog)
        self.catalog = catalog
        self.code = code
        """The definitions that the assets are of, where they are known."""

    def get(self, key: Any) -> AssetGraphNode:
        """One asset.

        Raises:
            InvalidArgumentError: there is none of that key.
        """
        wanted = AssetKey.from_coercible(key)
        if wanted not in self.catalog.assets:
            name = wanted.to_user_string()
            near = did_you_mean(name, [each.to_user_string() for each in self.catalog.assets])
            raise InvalidArgumentError(f"There is no asset `{name}`.", hint=near)
        return AssetGraphNode(self, wanted, self.catalog.assets[wanted])

    def has(self, key: AssetKey) -> bool:
        """Whether there is such an asset."""
        return key in self.catalog.assets

    @property
    def asset_nodes(self) -> Sequence[AssetGraphNode]:
        """All assets, in the order of definition."""
        return [self.get(key) for key in self.catalog.assets]

    def get_all_asset_keys(self) -> AbstractSet[AssetKey]:
        """Every key, external assets too."""
        return set(self.catalog.assets)

    @property
    def materializable_asset_keys(self) -> AbstractSet[AssetKey]:
        """Assets that a run can make."""
        return self._where(lambda node: node.is_materializable)

    @property
    def observable_asset_keys(self) -> AbstractSet[AssetKey]:
        """Assets that are only observed."""
        return self._where(lambda node: node.is_observable)

    @property
    def external_asset_keys(self) -> AbstractSet[AssetKey]:
        """Assets that are made elsewhere, observed ones too."""
        return self._where(lambda node: node.is_external)

    @property
    def executable_asset_keys(self) -> AbstractSet[AssetKey]:
        """Assets that a run can make or observe."""
        return self._where(lambda node: node.is_executable)

    @property
    def unexecutable_asset_keys(self) -> AbstractSet[AssetKey]:
        """Assets that no run can make or observe."""
        return self._where(lambda node: not node.is_executable)

    @property
    def unpartitioned_asset_keys(self) -> AbstractSet[AssetKey]:
        """Assets without partitions."""
        return self._where(lambda node: not node.is_partitioned)

    @property
    def root_materializable_asset_keys(self) -> AbstractSet[AssetKey]:
        """Assets that a run can make and that depend on no such asset."""
        makeable = self.materializable_asset_keys
        return self._where(lambda node: node.is_materializable and not node.parent_keys & makeable)

    @property
    def all_group_names(self) -> AbstractSet[str]:
        """The groups of all assets."""
        return {node.group_name for node in self.asset_nodes}

    def asset_keys_for_group(self, group_name: str) -> AbstractSet[AssetKey]:
        """The assets of a group."""
        return self._where(lambda node: node.group_name == group_name)

    @property
    def asset_check_keys(self) -> AbstractSet[AssetCheckKey]:
        """Every check."""
        return set(self.catalog.checks)

    def get_check_keys_for_assets(self, keys: Iterable[AssetKey]) -> AbstractSet[AssetCheckKey]:
        """The checks of these assets."""
        return {check for key in keys for check in self.checks(key)}

    @property
    def toposorted_asset_keys(self) -> Sequence[AssetKey]:
        """Every key, each after what it depends on."""
        return [key for level in self.toposorted_asset_keys_by_level for key in sorted(level)]

    @property
    def toposorted_asset_keys_by_level(self) -> Sequence[AbstractSet[AssetKey]]:
        """Keys in levels: each depends only on those of the levels before."""
        above = {key: self.parents(key) - {key} for key in self.catalog.assets}
        return [set(level) for level in levels_of(above)]

    def _where(self, fits: Callable[[AssetGraphNode], bool]) -> AbstractSet[AssetKey]:
        return {node.key for node in self.asset_nodes if fits(node)}
