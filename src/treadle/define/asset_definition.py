"""One computation and the assets and checks that it makes. The asset decorators build it."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import msgspec

from treadle.core.catalog import ComputationKind, InputNode, OutputNode
from treadle.core.errors import (
    InvalidDefinitionError,
    InvariantViolationError,
    UnknownArgumentError,
    did_you_mean,
)
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.graph import register_graph_builder
from treadle.core.specs import IO_MANAGER_KEY, AssetCheckSpec, AssetDep, AssetSpec
from treadle.define.arguments import (
    check_backfill_policy,
    check_hooks,
    check_mapping,
    check_partitions_def,
    check_resource_defs,
    placed_here,
)
from treadle.define.asset_answers import AssetAnswers
from treadle.define.asset_nodes import LateDep, edge_nodes, internal_deps_of, missing_edges, renamed_output
from treadle.define.doors import open_door
from treadle.define.op import OpDefinition
from treadle.define.source_asset import SourceAsset

NO_RESOURCES: Final[Mapping[str, Any]] = {}


class AssetsDefinition(AssetAnswers):
    """One computation, and the assets and checks that it makes. Behaves like the function that it decorates.

    Made without `op`, it is what the peer makes of the same arguments: the outputs of `node_def` as assets (`from_op` and
    `from_graph` do that), or, of `specs` alone, assets that nothing here makes.

    Args:
        op: the computation.
        specs: the assets that it makes, in order.
        inputs: its inputs: parameters that load values, and edges that only order.
        outputs: its outputs, each an asset or a check.
        check_specs: the checks that it evaluates.
        partitions_def: shared by all assets that have none of their own.
        can_subset: whether a run may ask for some of the assets.
        internal_deps: upstream keys of each asset, where they differ.
        late_deps: dependencies that are looked up on first use.
        graph_def: the graph that makes them, where it is one; `op` only stands for it.
        flat: that graph as one level of ops.
    """

    op: OpDefinition
    outputs: tuple[OutputNode, ...]
    check_specs: tuple[AssetCheckSpec, ...]
    execution_kind: ComputationKind
    partitions_def: Any
    backfill_policy: Any
    can_subset: bool
    resource_defs: Mapping[str, Any]
    internal_deps: Mapping[AssetKey, frozenset[AssetKey]] | None
    schedule: Any = None
    """When it is made by itself: a cron expression or several."""
    writer: str | None = None
    """Which of several writers of its one asset it is."""

    def __init__(
        self,
        *,
        op: OpDefinition | None = None,
        specs: Sequence[AssetSpec] | None = None,
        inputs: tuple[InputNode, ...] = (),
        outputs: tuple[OutputNode, ...] = (),
        check_specs: Sequence[AssetCheckSpec] = (),
        kind: ComputationKind = "asset",
        partitions_def: Any = None,
        backfill_policy: Any = None,
        can_subset: bool = False,
        resource_defs: Mapping[str, Any] | None = None,
        internal_deps: Mapping[AssetKey, frozenset[AssetKey]] | None = None,
        late_deps: tuple[LateDep, ...] = (),
        graph_def: Any = None,
        flat: Any = None,
        **by_key: Any,
    ) -> None:
        if op is None:
            shared = {"partitions_def": partitions_def, "backfill_policy": backfill_policy}
            made = open_door("assets_of_arguments")(
                specs=specs, can_subset=can_subset, resource_defs=resource_defs, **shared, **by_key
            )
            self.__dict__.update(made.__dict__)
            return
        if by_key:
            name = next(iter(by_key))
            raise UnknownArgumentError(f"AssetsDefinition: `{name}` does not go with `op`.")
        self.op = op
        self.graph_def = graph_def
        self.flat = flat
        self._specs = tuple(specs or ())
        self._inputs = inputs
        self.outputs = outputs
        self.check_specs = tuple(check_specs)
        self.execution_kind = kind
        self.partitions_def = check_partitions_def(partitions_def)
        self.backfill_policy = check_backfill_policy(backfill_policy)
        self.can_subset = can_subset
        self.resource_defs = check_resource_defs(resource_defs) or NO_RESOURCES
        self.internal_deps = internal_deps
        self._late_deps = late_deps
        function = op.compute_fn
        self.__name__ = getattr(function, "__name__", op.name)
        self.__doc__ = getattr(function, "__doc__", None)
        self.__module__ = getattr(function, "__module__", __name__)
        self.__wrapped__ = function

    def __getattr__(self, name: str) -> Any:
        if name == "op":
            raise InvariantViolationError(
                f"{self!r} is external: nothing here makes it, so it has no computation."
            )
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'", name=name, obj=self)

    # What it makes

    @property
    def specs(self) -> tuple[AssetSpec, ...]:
        """The assets that it makes, in the order declared."""
        if self._late_deps:
            self._look_up_late_deps()
        return self._specs

    @property
    def inputs(self) -> tuple[InputNode, ...]:
        """Its inputs: parameters first, then edges that only order."""
        if self._late_deps:
            self._look_up_late_deps()
        return self._inputs

    def _look_up_late_deps(self) -> None:
        late = self._late_deps
        resolved = [
            (owner, AssetDep(dep.asset_key, partition_mapping=dep.partition_mapping)) for owner, dep in late
        ]
        self._late_deps = ()
        known = {node.asset_key for node in self._inputs} | {spec.key for spec in self._specs}
        edges = {dep.asset_key: dep for _, dep in resolved if dep.asset_key not in known}
        self._inputs += edge_nodes(edges.values(), self._inputs)
        specs = []
        for spec in self._specs:
            had = {dep.asset_key for dep in spec.deps}
            fresh = {dep.asset_key: dep for owner, dep in resolved if owner in (None, spec.key)}
            added = [dep for key, dep in fresh.items() if key not in had]
            specs.append(spec.replace_attributes(deps=[*spec.deps, *added]) if added else spec)
        self._specs = tuple(specs)
        if len(specs) > 1:
            self.internal_deps = internal_deps_of(specs)

    def without_late_deps(self) -> "AssetsDefinition":
        """A copy without the references that are only looked up later."""
        return self.with_replaced(_late_deps=())

    @property
    def specs_by_key(self) -> Mapping[AssetKey, AssetSpec]:
        """Key -> spec, in the order declared."""
        return {spec.key: spec for spec in self.specs}

    @property
    def ordered_keys(self) -> tuple[AssetKey, ...]:
        """The keys of its assets, in the order declared."""
        return tuple(spec.key for spec in self._specs)

    @property
    def keys(self) -> set[AssetKey]:
        """The keys of its assets."""
        return {spec.key for spec in self._specs}

    @property
    def key(self) -> AssetKey:
        """The key of its one asset.

        Raises:
            InvalidDefinitionError: it makes several, or none.
        """
        if len(self._specs) == 1:
            return self._specs[0].key
        names = ", ".join(spec.key.to_user_string() for spec in self._specs) or "none"
        raise InvalidDefinitionError(
            f"{self._label} has {len(self._specs)} assets ({names}), so it has no single key.",
            hint="use `.keys`, or name one of them",
            where=self.where,
        )

    @property
    def check_keys(self) -> set[AssetCheckKey]:
        """The keys of its checks."""
        return {spec.key for spec in self.check_specs}

    @property
    def keys_by_input_name(self) -> Mapping[str, AssetKey]:
        """Input -> the asset upstream."""
        return {node.name: node.asset_key for node in self.inputs if node.asset_key is not None}

    @property
    def keys_by_output_name(self) -> Mapping[str, AssetKey]:
        """Output -> asset."""
        return {
            node.name: node.asset_key
            for node in self.outputs
            if node.asset_key is not None and not node.check_key
        }

    @property
    def check_keys_by_output_name(self) -> Mapping[str, AssetCheckKey]:
        """Output -> check."""
        return {node.name: node.check_key for node in self.outputs if node.check_key is not None}

    @property
    def partition_mappings(self) -> Mapping[AssetKey, Any]:
        """Upstream key -> the mapping given for it."""
        return {
            node.asset_key: node.partition_mapping
            for node in self.inputs
            if node.asset_key is not None and node.partition_mapping is not None
        }

    def get_asset_spec(self, key: Any = None) -> AssetSpec:
        """The spec of an asset.

        Args:
            key: may be left out where there is one asset.
        """
        wanted = self.key if key is None else AssetKey.from_coercible(key)
        for spec in self.specs:
            if spec.key == wanted:
                return spec
        names = [spec.key.to_user_string() for spec in self._specs]
        raise InvariantViolationError(
            f"{self._label} has no asset `{wanted.to_user_string()}`.",
            hint=did_you_mean(wanted.to_user_string(), names),
            where=self.where,
        )

    def get_partition_mapping(self, in_asset_key: Any) -> Any:
        """The mapping given for an upstream asset, or None."""
        return self.partition_mappings.get(AssetKey.from_coercible(in_asset_key))

    def to_source_assets(self) -> Sequence[SourceAsset]:
        """An external asset for each of its assets, for code that only reads them."""
        return [self.to_source_asset(spec.key) for spec in self._specs]

    def to_source_asset(self, key: Any = None) -> SourceAsset:
        """An external asset in place of one of its assets."""
        spec = self.get_asset_spec(key)
        managers = [node.io_manager_key for node in self.outputs if node.asset_key == spec.key]
        return SourceAsset(
            spec.key,
            {name: value for name, value in spec.metadata.items() if name != IO_MANAGER_KEY},
            managers[0] if managers else spec.io_manager_key,
            resource_defs=self.resource_defs,
            description=spec.description,
            partitions_def=spec.partitions_def or self.partitions_def,
            group_name=spec.group_name,
            tags=spec.tags,
        )

    # Changed copies

    def with_hooks(self, hook_defs: AbstractSet[Any]) -> "AssetsDefinition":
        """A copy with these hooks too."""
        hooks = placed_here(check_hooks, "hook_defs", hook_defs)
        op = self.op.with_replaced(hooks=self.op.hooks | hooks)
        flat = self.flat.with_hooks(hooks) if self.flat is not None else None
        return self.with_replaced(op=op, flat=flat)

    def with_attributes(
        self,
        *,
        asset_key_replacements: Mapping[AssetKey, AssetKey] | None = None,
        group_names_by_key: Mapping[AssetKey, str] | None = None,
        tags_by_key: Mapping[AssetKey, Mapping[str, str]] | None = None,
        automation_condition: Any = None,
        backfill_policy: Any = None,
        hook_defs: AbstractSet[Any] | None = None,
        metadata_by_key: Mapping[AssetKey, Mapping[str, Any]] | None = None,
    ) -> "AssetsDefinition":
        """A copy with other attributes; what is not named stays.

        Args:
            asset_key_replacements: old key -> new key, also of assets upstream.
            automation_condition: one for all assets, or one by key.
        """
        renamed = _by_key("asset_key_replacements", asset_key_replacements)
        by_key: dict[str, Mapping[AssetKey, Any]] = {
            "key": renamed,
            "group_name": _by_key("group_names_by_key", group_names_by_key),
            "tags": _by_key("tags_by_key", tags_by_key),
            "metadata": _by_key("metadata_by_key", metadata_by_key),
            "automation_condition": dict.fromkeys(self.keys, automation_condition)
            if automation_condition is not None and not isinstance(automation_condition, Mapping)
            else automation_condition or {},
        }

        def change(spec: AssetSpec) -> AssetSpec:
            changes = {name: values[spec.key] for name, values in by_key.items() if spec.key in values}
            if any(dep.asset_key in renamed for dep in spec.deps):
                changes["deps"] = [dep.with_renamed(renamed) for dep in spec.deps]
            return spec.replace_attributes(**changes) if changes else spec

        copy = self.with_specs({spec.key: change(spec) for spec in self.specs}, renamed)
        if backfill_policy is not None:
            copy = copy.with_replaced(backfill_policy=backfill_policy)
        return copy.with_hooks(hook_defs) if hook_defs else copy

    def map_asset_specs(self, fn: Callable[[AssetSpec], AssetSpec]) -> "AssetsDefinition":
        """A copy in which `fn` has changed each spec; keys and dependencies may change too."""
        changed = {spec.key: fn(spec) for spec in self.specs}
        if all(changed[spec.key] is spec for spec in self._specs):
            return self
        return self.with_specs(changed)

    def with_specs(
        self, specs: Mapping[AssetKey, AssetSpec], renamed: Mapping[AssetKey, AssetKey] | None = None
    ) -> "AssetsDefinition":
        """A copy with other specs; inputs, outputs and checks follow the keys.

        Args:
            specs: old key -> spec; keys left out keep theirs.
            renamed: old key -> new key of assets upstream.
        """
        renamed = {**(renamed or {}), **{old: spec.key for old, spec in specs.items() if spec.key != old}}
        new_specs = [specs.get(spec.key, spec) for spec in self.specs]
        wanted = {dep.asset_key for spec in new_specs for dep in spec.deps}
        inputs = []
        for node in self.inputs:
            key = renamed.get(node.asset_key, node.asset_key) if node.asset_key else None
            if not node.loads_value and key not in wanted and self._specs:
                continue
            inputs.append(node if key == node.asset_key else msgspec.structs.replace(node, asset_key=key))
        inputs += missing_edges(new_specs, inputs)
        internal = self.internal_deps and {
            renamed.get(key, key): frozenset(renamed.get(dep, dep) for dep in upstream)
            for key, upstream in self.internal_deps.items()
        }
        return self.with_replaced(
            _specs=tuple(new_specs),
            _inputs=tuple(inputs),
            outputs=tuple(renamed_output(node, renamed) for node in self.outputs),
            check_specs=tuple(
                spec.replace_key(spec.key.replace_key(renamed[spec.asset_key]))
                if spec.asset_key in renamed
                else spec
                for spec in self.check_specs
            ),
            internal_deps=internal,
        )

    def with_resources(self, resource_defs: Mapping[str, Any]) -> "AssetsDefinition":
        """A copy that brings these resources; its own win."""
        return self.with_replaced(resource_defs={**resource_defs, **self.resource_defs})

    def with_replaced(self, **changes: Any) -> "AssetsDefinition":
        """A copy with some attributes changed."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **changes)
        return copy

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return open_door("call_asset")(self, args, kwargs)

    def __repr__(self) -> str:
        names = ", ".join(spec.key.to_user_string() for spec in self._specs)
        return f"{type(self).__name__}({names or ('' if self.is_external else self.op.name)})"

    @staticmethod
    def from_op(
        op_def: OpDefinition,
        *,
        keys_by_input_name: Mapping[str, AssetKey] | None = None,
        keys_by_output_name: Mapping[str, AssetKey] | None = None,
        key_prefix: Any = None,
        internal_asset_deps: Mapping[str, set[AssetKey]] | None = None,
        partitions_def: Any = None,
        partition_mappings: Mapping[str, Any] | None = None,
        group_name: str | None = None,
        group_names_by_output_name: Mapping[str, str | None] | None = None,
        descriptions_by_output_name: Mapping[str, str] | None = None,
        metadata_by_output_name: Mapping[str, Any] | None = None,
        tags_by_output_name: Mapping[str, Any] | None = None,
        automation_conditions_by_output_name: Mapping[str, Any] | None = None,
        backfill_policy: Any = None,
        can_subset: bool = False,
        auto_materialize_policies_by_output_name: Mapping[str, Any] | None = None,
        hook_defs: AbstractSet[Any] | None = None,
    ) -> "AssetsDefinition":
        """An asset for each output of an op.

        Args:
            op_def: the op.
            keys_by_input_name: the upstream asset of each input; where not given, the input's name.
            keys_by_output_name: the asset of each output; where not given, the op's or the output's name.
            key_prefix: put before the keys of the outputs, also before those given.
            internal_asset_deps: the upstream keys of an output, where not all of them; outputs left out have none.
        """
        return open_door("assets_of_op")(  # type: ignore[no-any-return]
            op_def,
            keys_by_input_name=keys_by_input_name,
            keys_by_output_name=keys_by_output_name,
            key_prefix=key_prefix,
            internal_asset_deps=internal_asset_deps,
            partition_mappings=partition_mappings,
            group_name=group_name,
            group_names_by_output_name=group_names_by_output_name,
            attributes={
                "description": descriptions_by_output_name,
                "metadata": metadata_by_output_name,
                "tags": tags_by_output_name,
                "automation_condition": automation_conditions_by_output_name,
                "auto_materialize_policy": auto_materialize_policies_by_output_name,
            },
            partitions_def=partitions_def,
            backfill_policy=backfill_policy,
            can_subset=can_subset,
            hook_defs=hook_defs,
        )

    @staticmethod
    def from_graph(
        graph_def: Any,
        *,
        keys_by_input_name: Mapping[str, AssetKey] | None = None,
        keys_by_output_name: Mapping[str, AssetKey] | None = None,
        key_prefix: Any = None,
        internal_asset_deps: Mapping[str, set[AssetKey]] | None = None,
        partitions_def: Any = None,
        partition_mappings: Mapping[str, Any] | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        group_name: str | None = None,
        group_names_by_output_name: Mapping[str, str | None] | None = None,
        descriptions_by_output_name: Mapping[str, str] | None = None,
        metadata_by_output_name: Mapping[str, Any] | None = None,
        tags_by_output_name: Mapping[str, Any] | None = None,
        automation_conditions_by_output_name: Mapping[str, Any] | None = None,
        backfill_policy: Any = None,
        can_subset: bool = False,
        check_specs: Sequence[AssetCheckSpec] | None = None,
        owners_by_output_name: Mapping[str, Sequence[str]] | None = None,
        code_versions_by_output_name: Mapping[str, str | None] | None = None,
        auto_materialize_policies_by_output_name: Mapping[str, Any] | None = None,
        hook_defs: AbstractSet[Any] | None = None,
    ) -> "AssetsDefinition":
        """An asset for each output of a graph; its ops are the steps.

        Args:
            graph_def: the graph.
            keys_by_input_name: the upstream asset of each input; where not given, the input's name.
            keys_by_output_name: the asset of each output; where not given, the graph's or the output's name.
            key_prefix: put before the keys of the outputs, also before those given.
            internal_asset_deps: the upstream keys of an output, where not all of them; outputs left out have none.
            hook_defs: for each of its ops.
        """
        return open_door("assets_of_graph")(  # type: ignore[no-any-return]
            graph_def,
            keys_by_input_name=keys_by_input_name,
            keys_by_output_name=keys_by_output_name,
            key_prefix=key_prefix,
            internal_asset_deps=internal_asset_deps,
            partition_mappings=partition_mappings,
            group_name=group_name,
            group_names_by_output_name=group_names_by_output_name,
            attributes={
                "description": descriptions_by_output_name,
                "metadata": metadata_by_output_name,
                "tags": tags_by_output_name,
                "automation_condition": automation_conditions_by_output_name,
                "owners": owners_by_output_name,
                "code_version": code_versions_by_output_name,
                "auto_materialize_policy": auto_materialize_policies_by_output_name,
            },
            partitions_def=partitions_def,
            resource_defs=resource_defs,
            backfill_policy=backfill_policy,
            can_subset=can_subset,
            check_specs=check_specs,
            hook_defs=hook_defs,
        )


def _by_key(argument: str, given: Any) -> Mapping[Any, Any]:
    return placed_here(check_mapping, argument, given, "a mapping of AssetKeys")


# So that `AssetSelection.resolve([asset_a, asset_b])` works wherever an asset can be defined.
register_graph_builder(lambda given: open_door("graph_of_definitions")(given))
