"""The catalog: everything that a code location declares, as one pure, serialisable value.

`define` builds it once from users' definitions; `plan`, the store's readers, the CLI and later the server work from
it alone and never need user code. An asset's node holds the very `AssetSpec` that the decorator built.
Selections resolve against `Catalog.selectable_graph`, and so against the catalog itself.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import msgspec

from treadle.core.errors import Problem
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.graph import AssetsAndChecks, SelectableAsset

AssetKind = Literal["materializable", "observable", "external"]
ComputationKind = Literal["asset", "observe", "check", "op", "graph"]


class InputNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One input of a computation: a parameter that loads a value, or an edge that only orders."""

    name: str
    asset_key: AssetKey | None = None
    loads_value: bool = True
    """False for `deps` and `Nothing` inputs: the upstream must be done, nothing is loaded."""
    partition_mapping: Any = None
    """A PartitionMapping of ours, or UserCode; None means the default for the two definitions."""
    io_manager_key: str | None = None
    """`input_manager_key`, where given."""
    type_name: str | None = None
    has_default: bool = False


class OutputNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One output of a computation: an asset, a check's result, or a plain op output."""

    name: str
    asset_key: AssetKey | None = None
    check_key: AssetCheckKey | None = None
    is_required: bool = True
    io_manager_key: str = "io_manager"
    stores_value: bool = True
    """False where nothing goes to an IO manager: check outputs and outputs annotated `None`."""
    type_name: str | None = None
    is_dynamic: bool = False


class Computation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A function that runs as one step, or a graph of them: what `@asset`, `@multi_asset`, `@asset_check`, `@op` make."""

    name: str
    """Also the step key, e.g. `orders` or `labs__source__members`."""
    kind: ComputationKind = "asset"
    inputs: tuple[InputNode, ...] = ()
    outputs: tuple[OutputNode, ...] = ()
    internal_deps: Mapping[AssetKey, frozenset[AssetKey]] | None = None
    """Asset -> upstream keys, where the assets of one computation differ in theirs (`internal_asset_deps`, `deps` of specs)."""
    can_subset: bool = False
    partitions_def: Any = None
    backfill_policy: Any = None
    retry_policy: Any = None
    timeout: float | None = None
    """Seconds."""
    pool: str | None = None
    tags: Mapping[str, Any] = {}
    resource_keys: frozenset[str] = frozenset()
    hook_names: tuple[str, ...] = ()
    is_async: bool = False
    description: str | None = None
    where: str | None = None
    """`file:line` of the user's function."""


class AssetNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An asset: the user's spec, and who makes it."""

    spec: Any
    """The `AssetSpec`, as built by the decorator."""
    kind: AssetKind = "materializable"
    computation: str | None = None
    """None for an external asset."""
    output: str | None = None
    where: str | None = None


class CheckNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A check on an asset, and which computation evaluates it (the asset's own, or one of its own)."""

    spec: Any
    """The `AssetCheckSpec`."""
    computation: str
    output: str
    where: str | None = None


class JobNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A job: a selection of assets and checks with its own config, tags, hooks and executor; or a graph of ops."""

    name: str
    asset_keys: tuple[AssetKey, ...] = ()
    check_keys: tuple[AssetCheckKey, ...] = ()
    selection: str | None = None
    """The selection as text, for people."""
    partitions_def: Any = None
    description: str | None = None
    tags: Mapping[str, str] = {}
    run_tags: Mapping[str, str] = {}
    metadata: Mapping[str, Any] = {}
    owners: tuple[str, ...] = ()
    executor: str | None = None
    hook_names: tuple[str, ...] = ()
    retry_policy: Any = None
    timeout: float | None = None
    skip_unchanged: bool = False
    config: Any = None
    where: str | None = None


class ScheduleNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A schedule: when, and which job."""

    name: str
    cron_schedule: str | tuple[str, ...]
    execution_timezone: str | None = None
    job_name: str | None = None
    default_status: str = "STOPPED"
    description: str | None = None
    tags: Mapping[str, str] = {}
    metadata: Mapping[str, Any] = {}
    owners: tuple[str, ...] = ()
    where: str | None = None


class SensorNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sensor: which kind, how often, and which jobs."""

    name: str
    kind: str = "standard"
    job_names: tuple[str, ...] = ()
    asset_keys: tuple[AssetKey, ...] = ()
    minimum_interval_seconds: float | None = None
    default_status: str = "STOPPED"
    description: str | None = None
    tags: Mapping[str, str] = {}
    where: str | None = None


class ResourceNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A resource and who uses it. Secret values never stand here."""

    key: str
    type_name: str
    kinds: frozenset[str] = frozenset()
    config: Mapping[str, Any] = {}
    """Field name -> value, EnvVar name, or `***`."""
    nested: Mapping[str, str] = {}
    is_io_manager: bool = False
    used_by: tuple[str, ...] = ()
    where: str | None = None


class Catalog(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All that a code location declares. Built once; two equal sets of definitions give the same `content_hash`."""

    assets: dict[AssetKey, AssetNode] = {}
    checks: dict[AssetCheckKey, CheckNode] = {}
    computations: dict[str, Computation] = {}
    jobs: dict[str, JobNode] = {}
    schedules: dict[str, ScheduleNode] = {}
    sensors: dict[str, SensorNode] = {}
    resources: dict[str, ResourceNode] = {}
    problems: tuple[Problem, ...] = ()
    metadata: Mapping[str, Any] = {}
    executor: str | None = None

    @cached_property
    def children_of(self) -> dict[AssetKey, tuple[AssetKey, ...]]:
        """Asset -> the assets that depend on it, each in the order of definition."""
        children: dict[AssetKey, list[AssetKey]] = {key: [] for key in self.assets}
        for key in self.assets:
            for parent in self.parents_of(key):
                children.setdefault(parent, []).append(key)
        return {key: tuple(found) for key, found in children.items()}

    def parents_of(self, key: AssetKey) -> tuple[AssetKey, ...]:
        """The assets that `key` depends on, in the order declared."""
        return tuple(dep.asset_key for dep in self.assets[key].spec.deps)

    @cached_property
    def selectable_graph(self) -> AssetsAndChecks:
        """What selections are resolved against."""
        assets = [
            SelectableAsset(
                key=key,
                parents=self.parents_of(key),
                group=node.spec.group_name or "default",
                tags=node.spec.tags,
                kinds=frozenset(node.spec.kinds),
                owners=tuple(node.spec.owners),
                is_materializable=node.kind == "materializable",
                neighbours=self._made_together_with(node),
            )
            for key, node in self.assets.items()
        ]
        return AssetsAndChecks(assets, self.checks)

    def _made_together_with(self, node: AssetNode) -> frozenset[AssetKey]:
        computation = self.computations.get(node.computation) if node.computation else None
        if computation is None or computation.can_subset or len(computation.outputs) < 2:
            return frozenset()
        return frozenset(output.asset_key for output in computation.outputs if output.asset_key)
