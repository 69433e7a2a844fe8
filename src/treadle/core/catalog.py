"""The catalog: everything that a code location declares, as one pure, serialisable value.

`define` builds it once from users' definitions; `plan`, the store's readers, the CLI and later the server work from
it alone and never need user code. An asset's node holds the very `AssetSpec` that the decorator built.
`Catalog.selectable_graph` is what selections (core/selection) resolve against.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any, Final, Literal

import msgspec

from treadle.core import late
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.problem import Problem

_ADDRESS: Final = re.compile(rb" at 0x[0-9a-fA-F]+")
"""What the default `repr` of an object tells of this process only."""

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
    none_is_no_value: bool = False
    """True where an asset comes from an `AssetSpec`: it has a value only if one is given, and None is none."""
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
    writer: str | None = None
    """Which of an asset's writers it is; None where the asset has none."""
    description: str | None = None
    graph: Any = None
    """The `OpGraph` where it is a graph of ops; each of them is a computation too, named `<this name>.<path>`."""
    where: str | None = None
    """`file:line` of the user's function."""


class WriterNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One of several functions that write an asset."""

    name: str
    spec: Any
    """What this one declares: its own dependencies and code version."""
    computation: str
    output: str
    where: str | None = None


class AssetNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An asset: the user's spec, and who makes it."""

    spec: Any
    """The `AssetSpec`, as built by the decorator."""
    kind: AssetKind = "materializable"
    computation: str | None = None
    """None for an external asset."""
    output: str | None = None
    where: str | None = None
    io_manager_key: str = "io_manager"
    """What loads its value, wherever it is made."""
    writers: tuple[WriterNode, ...] = ()
    """In the order in which they run, where it has named ones; `spec` is theirs in one, `computation` the first's."""

    @property
    def computations(self) -> tuple[str, ...]:
        """All that make it: one, unless it has writers."""
        if self.writers:
            return tuple(writer.computation for writer in self.writers)
        return () if self.computation is None else (self.computation,)

    def computation_of(self, writer: str | None) -> str | None:
        """What makes it, or what a writer of it makes; None of an external asset."""
        return next((each.computation for each in self.writers if each.name == writer), self.computation)

    def spec_of(self, writer: str | None) -> Any:
        """What a writer declares of the asset; the asset's own spec where None is given or there is no such writer."""
        if writer is not None:
            for each in self.writers:
                if each.name == writer:
                    return each.spec
        return self.spec


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
    graph: Any = None
    """The `OpGraph` of a job of ops; None for a job of assets."""
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
    def _edges(self) -> tuple[dict[AssetKey, tuple[AssetKey, ...]], dict[AssetKey, tuple[AssetKey, ...]]]:
        """Children and parents of each asset, from one look at each dependency. The keys are the objects that `assets`
        has: sets compare the same object without a call."""
        children: dict[AssetKey, tuple[AssetKey, list[AssetKey]]] = {key: (key, []) for key in self.assets}
        parents: dict[AssetKey, tuple[AssetKey, ...]] = {}
        for key, node in self.assets.items():
            above: list[AssetKey] = []
            for dep in node.spec.deps:
                found = children.get(dep.asset_key)
                if found is None:
                    children[dep.asset_key] = (dep.asset_key, [key])
                    continue
                found[1].append(key)
                above.append(found[0])
            if above:
                parents[key] = tuple(above)
        return {key: tuple(below) for key, below in children.values()}, parents

    @property
    def children_of(self) -> dict[AssetKey, tuple[AssetKey, ...]]:
        """Asset -> the assets that depend on it, each in the order of definition."""
        return self._edges[0]

    @property
    def known_parents_of(self) -> dict[AssetKey, tuple[AssetKey, ...]]:
        """Asset -> the assets of the catalog that it depends on; assets without any are left out."""
        return self._edges[1]

    def parents_of(self, key: AssetKey) -> tuple[AssetKey, ...]:
        """The assets that `key` depends on, in the order declared."""
        return tuple(dep.asset_key for dep in self.assets[key].spec.deps)

    @cached_property
    def checks_of(self) -> dict[AssetKey, tuple[AssetCheckKey, ...]]:
        """Asset -> its checks; assets without any are left out."""
        found: dict[AssetKey, list[AssetCheckKey]] = {}
        for key in self.checks:
            found.setdefault(key.asset_key, []).append(key)
        return {key: tuple(checks) for key, checks in found.items()}

    def partitions_def_of(self, key: AssetKey) -> Any:
        """How an asset is partitioned; None where it is not, or is not known here."""
        node = self.assets.get(key)
        if node is None:
            return None
        if node.spec.partitions_def is not None or node.computation is None:
            return node.spec.partitions_def
        return self.computations[node.computation].partitions_def

    def partition_mapping_of(self, key: AssetKey, parent: AssetKey) -> Any:
        """The mapping that was given for what an asset reads of a parent; None where there is none."""
        node = self.assets[key]
        for dep in node.spec.deps:
            if dep.asset_key == parent and dep.partition_mapping is not None:
                return dep.partition_mapping
        if key != parent and set(node.computations) & set(self.assets[parent].computations):
            return None  # an input of the function would be what the parent reads of itself
        for name in node.computations:
            for each in self.computations[name].inputs:
                if each.asset_key == parent:
                    of_another = each.partition_mapping is not None and self._is_of_another(key, name, parent)
                    return None if of_another else each.partition_mapping
        return None

    def _is_of_another(self, key: AssetKey, computation: str, parent: AssetKey) -> bool:
        """Whether the mapping of an input was given for assets of the function that have other partitions than this one."""
        given_for = self._definitions_with_mappings.get((computation, parent))
        return given_for is not None and self.partitions_def_of(key) not in given_for

    @cached_property
    def _definitions_with_mappings(self) -> dict[tuple[str, AssetKey], list[Any]]:
        """Function and upstream asset -> the definitions of its assets that say themselves by which mapping they read."""
        found: dict[tuple[str, AssetKey], list[Any]] = {}
        for key, node in self.assets.items():
            for dep in node.spec.deps:
                if dep.partition_mapping is None:
                    continue
                definition = self.partitions_def_of(key)
                for name in node.computations:
                    known = found.setdefault((name, dep.asset_key), [])
                    if definition not in known:
                        known.append(definition)
        return found

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of all that is declared. Where it stands in files, and what is wrong with it, do not count."""
        digest = late.hashlib.sha256()
        for name in ("assets", "checks", "computations", "jobs", "schedules", "sensors", "resources"):
            digest.update(name.encode())
            for node in getattr(self, name).values():
                placeless = node if node.where is None else msgspec.structs.replace(node, where=None)
                if isinstance(placeless, AssetNode) and placeless.writers:
                    bare = tuple(msgspec.structs.replace(each, where=None) for each in placeless.writers)
                    placeless = msgspec.structs.replace(placeless, writers=bare)
                digest.update(_ADDRESS.sub(b"", late.wire.encode_json(placeless)))
        digest.update(_ADDRESS.sub(b"", late.wire.encode_json([self.metadata, self.executor])))
        return digest.hexdigest()

    def to_json(self) -> bytes:
        """The catalog as text; what only this process has stands in it as `Opaque` or `UserCode`."""
        return late.wire.encode_json(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> "Catalog":
        """The catalog that `to_json` wrote."""
        found: Catalog = late.wire.decode_json(text)
        return found

    @cached_property
    def selectable_graph(self) -> "CatalogGraph":
        """What selections resolve against."""
        return CatalogGraph(self)


class CatalogGraph:
    """A catalog as selections see it (`core.selection.SelectableGraph`)."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.keys: AbstractSet[AssetKey] = frozenset(catalog.assets)
        self.check_keys: AbstractSet[AssetCheckKey] = frozenset(catalog.checks)
        self._parents: dict[AssetKey, frozenset[AssetKey]] = {}
        self._children: dict[AssetKey, frozenset[AssetKey]] = {}

    @cached_property
    def materializable_keys(self) -> AbstractSet[AssetKey]:
        """Assets that a run can make; the others are external or only observed."""
        return frozenset(key for key, node in self._catalog.assets.items() if node.kind == "materializable")

    def parents(self, key: AssetKey) -> AbstractSet[AssetKey]:
        """What the asset depends on, directly."""
        found = self._parents.get(key)
        if found is None:
            found = self._parents[key] = frozenset(self._catalog.known_parents_of.get(key, ()))
        return found

    def children(self, key: AssetKey) -> AbstractSet[AssetKey]:
        """What depends on the asset, directly."""
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = frozenset(self._catalog.children_of.get(key, ()))
        return found

    def neighbours(self, key: AssetKey) -> AbstractSet[AssetKey]:
        """The assets that can only be made together with this one, itself included."""
        name = self._catalog.assets[key].computation
        computation = self._catalog.computations[name] if name is not None else None
        if computation is None or computation.can_subset or len(computation.outputs) == 1:
            return frozenset((key,))
        return frozenset(output.asset_key for output in computation.outputs if output.asset_key is not None)

    def checks(self, key: AssetKey) -> AbstractSet[AssetCheckKey]:
        """The checks of the asset."""
        return frozenset(self._catalog.checks_of.get(key, ()))

    def writers(self, key: AssetKey) -> tuple[str, ...]:
        """The names of the asset's writers; none for the usual asset."""
        return tuple(writer.name for writer in self._catalog.assets[key].writers)

    def group(self, key: AssetKey) -> str | None:
        """The asset's group."""
        return self._catalog.assets[key].spec.group_name or "default"

    def tags(self, key: AssetKey) -> Mapping[str, str]:
        """The asset's tags."""
        tags: Mapping[str, str] = self._catalog.assets[key].spec.tags
        return tags

    def kinds(self, key: AssetKey) -> AbstractSet[str]:
        """The asset's kinds."""
        kinds: AbstractSet[str] = self._catalog.assets[key].spec.kinds
        return kinds

    def owners(self, key: AssetKey) -> Iterable[str]:
        """The asset's owners."""
        owners: Iterable[str] = self._catalog.assets[key].spec.owners
        return owners
