"""What an `AssetsDefinition` answers about itself beside its specs: by key, by input and output, and what kind it is."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from treadle.core.catalog import ComputationKind, InputNode, OutputNode
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, did_you_mean
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.specs import AssetCheckSpec, AssetSpec
from treadle.define.op import OpDefinition


class AssetAnswers:
    """Mix-in over specs, inputs and outputs: the same facts under the names by which projects ask for them."""

    op: OpDefinition
    graph_def: Any
    outputs: tuple[OutputNode, ...]
    check_specs: tuple[AssetCheckSpec, ...]
    execution_kind: ComputationKind

    @property
    def specs(self) -> tuple[AssetSpec, ...]:
        """The assets that it makes, in the order declared."""
        raise NotImplementedError

    @property
    def inputs(self) -> tuple[InputNode, ...]:
        """Its inputs."""
        raise NotImplementedError

    # What it is

    @property
    def is_executable(self) -> bool:
        """Whether a run can execute it."""
        return not self.is_external

    @property
    def is_materializable(self) -> bool:
        """Whether running it makes its assets, or evaluates its checks."""
        return not self.is_external and self.execution_kind != "observe"

    @property
    def is_observable(self) -> bool:
        """Whether running it only looks at its assets."""
        return not self.is_external and self.execution_kind == "observe"

    @property
    def is_external(self) -> bool:
        """Whether nothing here makes its assets: it was made of specs alone."""
        return "op" not in self.__dict__

    @property
    def where(self) -> str | None:
        """`file:line` of its function."""
        return None if self.is_external else self.op.where

    @property
    def _label(self) -> str:
        """What it is called in messages."""
        return "a definition of external assets" if self.is_external else f"`{self.op.name}`"

    @property
    def has_keys(self) -> bool:
        """Whether it has assets."""
        return bool(self.specs)

    @property
    def has_check_keys(self) -> bool:
        """Whether it evaluates checks."""
        return bool(self.check_specs)

    # By key

    @property
    def asset_and_check_keys(self) -> set[AssetKey | AssetCheckKey]:
        """The keys of its assets and checks."""
        return {*(spec.key for spec in self.specs), *(spec.key for spec in self.check_specs)}

    @property
    def check_key(self) -> AssetCheckKey:
        """The key of its one check.

        Raises:
            InvalidDefinitionError: it evaluates several, or none.
        """
        if len(self.check_specs) != 1:
            raise InvalidDefinitionError(
                f"{self._label} evaluates {len(self.check_specs)} checks.", where=self.where
            )
        return self.check_specs[0].key

    @property
    def node_def(self) -> Any:
        """The computation: an op, or the graph."""
        return self.op if self.is_external or self.graph_def is None else self.graph_def

    @property
    def required_resource_keys(self) -> AbstractSet[str]:
        """The resources that its function asks for, and the IO managers of what it stores."""
        if self.is_external:
            return set()
        stored = (node for node in self.outputs if node.asset_key is not None and node.stores_value)
        return {*self.op.required_resource_keys, *(node.io_manager_key for node in stored)}

    @property
    def description(self) -> str | None:
        """The description of its computation."""
        return None if self.is_external else self.op.description

    @property
    def asset_deps(self) -> Mapping[AssetKey, AbstractSet[AssetKey]]:
        """Asset -> the assets that it depends on."""
        return {spec.key: {dep.asset_key for dep in spec.deps} for spec in self.specs}

    @property
    def dependency_keys(self) -> Iterable[AssetKey]:
        """The assets upstream of any of its assets; one of its own, where another of them depends on it."""
        return {dep.asset_key for spec in self.specs for dep in spec.deps}

    @property
    def descriptions_by_key(self) -> Mapping[AssetKey, str]:
        """Asset -> description, where it has one."""
        return {spec.key: spec.description for spec in self.specs if spec.description is not None}

    @property
    def group_names_by_key(self) -> Mapping[AssetKey, str]:
        """Asset -> group."""
        return {spec.key: spec.group_name or "default" for spec in self.specs}

    @property
    def metadata_by_key(self) -> Mapping[AssetKey, Mapping[str, Any]]:
        """Asset -> definition metadata."""
        return {spec.key: spec.metadata for spec in self.specs}

    @property
    def tags_by_key(self) -> Mapping[AssetKey, Mapping[str, str]]:
        """Asset -> tags."""
        return {spec.key: spec.tags for spec in self.specs}

    @property
    def owners_by_key(self) -> Mapping[AssetKey, Sequence[str]]:
        """Asset -> owners."""
        return {spec.key: spec.owners for spec in self.specs}

    @property
    def code_versions_by_key(self) -> Mapping[AssetKey, str | None]:
        """Asset -> code version."""
        return {spec.key: spec.code_version for spec in self.specs}

    @property
    def automation_conditions_by_key(self) -> Mapping[AssetKey, Any]:
        """Asset -> automation condition, where it has one."""
        return {s.key: s.automation_condition for s in self.specs if s.automation_condition is not None}

    # By input and output

    @property
    def input_names(self) -> Iterable[str]:
        """The names of its inputs."""
        return [node.name for node in self.inputs]

    @property
    def node_keys_by_input_name(self) -> Mapping[str, AssetKey]:
        """Input -> the asset upstream."""
        return {node.name: node.asset_key for node in self.inputs if node.asset_key is not None}

    @property
    def node_keys_by_output_name(self) -> Mapping[str, AssetKey]:
        """Output -> asset."""
        found = ((node.name, node.asset_key) for node in self.outputs if not node.check_key)
        return {name: key for name, key in found if key is not None}

    @property
    def check_specs_by_output_name(self) -> Mapping[str, AssetCheckSpec]:
        """Output -> the spec of the check whose result it is."""
        by_key = {spec.key: spec for spec in self.check_specs}
        found = ((node.name, node.check_key) for node in self.outputs)
        return {name: by_key[key] for name, key in found if key is not None and key in by_key}

    @property
    def hook_defs(self) -> AbstractSet[Any]:
        """The hooks that run after it."""
        return frozenset() if self.is_external else self.op.hooks

    def get_spec_for_check_key(self, asset_check_key: AssetCheckKey) -> AssetCheckSpec:
        """The spec of a check.

        Raises:
            InvariantViolationError: it evaluates no such check.
        """
        for spec in self.check_specs:
            if spec.key == asset_check_key:
                return spec
        wanted, known = (
            asset_check_key.to_user_string(),
            [spec.key.to_user_string() for spec in self.check_specs],
        )
        raise InvariantViolationError(
            f"{self._label} evaluates no check `{wanted}`.",
            code="unknown-check",
            hint=did_you_mean(wanted, known),
            where=self.where,
        )

    def get_output_name_for_asset_key(self, key: AssetKey) -> str:
        """The output that is an asset.

        Raises:
            InvariantViolationError: it makes no such asset.
        """
        return self._output_of(key).name

    def get_io_manager_key_for_asset_key(self, key: AssetKey) -> str:
        """The key of the IO manager that stores an asset.

        Raises:
            InvariantViolationError: it makes no such asset.
        """
        return self._output_of(key).io_manager_key

    def _output_of(self, key: AssetKey) -> OutputNode:
        for node in self.outputs:
            if node.asset_key == key and node.check_key is None:
                return node
        known = [name.to_user_string() for name in self.node_keys_by_output_name.values()]
        raise InvariantViolationError(
            f"{self._label} makes no asset `{key.to_user_string()}`.",
            code="unknown-asset",
            hint=did_you_mean(key.to_user_string(), known),
            where=self.where,
        )
