"""What a definition of assets also tells under other names: by key, one fact of each asset."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from treadle.core.keys import AssetKey
from treadle.core.specs import AssetSpec

if TYPE_CHECKING:
    from treadle.define.op import OpDefinition


class AssetViews:
    """Mix-in over `specs`, `keys`, `op` and `graph_def` of an `AssetsDefinition`."""

    op: "OpDefinition"
    graph_def: Any
    _specs: tuple[AssetSpec, ...]

    if TYPE_CHECKING:

        @property
        def specs(self) -> tuple[AssetSpec, ...]: ...

        @property
        def keys(self) -> AbstractSet[AssetKey]: ...

    @property
    def node_def(self) -> Any:
        """The computation: an op, or the graph."""
        return self.op if self.graph_def is None else self.graph_def

    @property
    def asset_deps(self) -> Mapping[AssetKey, AbstractSet[AssetKey]]:
        """Asset -> the assets that it depends on."""
        return {spec.key: {dep.asset_key for dep in spec.deps} for spec in self.specs}

    @property
    def dependency_keys(self) -> Iterable[AssetKey]:
        """The assets upstream of any of its assets, its own left out."""
        return {dep.asset_key for spec in self.specs for dep in spec.deps} - set(self.keys)

    @property
    def descriptions_by_key(self) -> Mapping[AssetKey, str]:
        """Asset -> description, where it has one."""
        return {spec.key: spec.description for spec in self._specs if spec.description is not None}

    @property
    def group_names_by_key(self) -> Mapping[AssetKey, str]:
        """Asset -> group."""
        return {spec.key: spec.group_name or "default" for spec in self._specs}

    @property
    def metadata_by_key(self) -> Mapping[AssetKey, Mapping[str, Any]]:
        """Asset -> definition metadata."""
        return {spec.key: spec.metadata for spec in self._specs}

    @property
    def tags_by_key(self) -> Mapping[AssetKey, Mapping[str, str]]:
        """Asset -> tags."""
        return {spec.key: spec.tags for spec in self._specs}

    @property
    def owners_by_key(self) -> Mapping[AssetKey, Sequence[str]]:
        """Asset -> owners."""
        return {spec.key: spec.owners for spec in self._specs}

    @property
    def code_versions_by_key(self) -> Mapping[AssetKey, str | None]:
        """Asset -> code version."""
        return {spec.key: spec.code_version for spec in self._specs}

    @property
    def automation_conditions_by_key(self) -> Mapping[AssetKey, Any]:
        """Asset -> automation condition, where it has one."""
        return {s.key: s.automation_condition for s in self._specs if s.automation_condition is not None}

    @property
    def required_resource_keys(self) -> AbstractSet[str]:
        """The resources that its function asks for."""
        return set(self.op.required_resource_keys)

    @property
    def is_executable(self) -> bool:
        """True: a run can execute it."""
        return True

    @property
    def description(self) -> str | None:
        """The description of its computation."""
        return self.op.description
