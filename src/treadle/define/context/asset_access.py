"""Which assets a context works on, and of which partitions: all of it by the name of an input or output."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from treadle.core.deprecation import deprecated
from treadle.core.errors import InvariantViolationError, did_you_mean
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.define.context.not_known import NoAssetHereError
from treadle.define.context.partition_access import PartitionAccess

if TYPE_CHECKING:
    from treadle.core.partitions.definition import PartitionsDefinition
    from treadle.core.partitions.keys import PartitionKeyRange, TimeWindow
    from treadle.define.asset_definition import AssetsDefinition
    from treadle.define.context.step_state import PartitionView


class AssetAccess(PartitionAccess):
    """Mix-in over a `StepState`: `asset_key` and its relatives. Many members, for each is one of the peer's names."""

    __slots__ = ()

    @property
    def has_assets_def(self) -> bool:
        """Whether the step makes assets."""
        return self._state.assets_def is not None

    @property
    def assets_def(self) -> "AssetsDefinition":
        """The definition of the assets that this step makes.

        Raises:
            NoAssetHereError: the step belongs to an op that makes no asset.
        """
        if self._state.assets_def is None:
            raise NoAssetHereError(f"{self._step_name()} makes no asset, so it has no assets definition.")
        return self._state.assets_def

    @property
    def has_asset_key(self) -> bool:
        """Whether the step makes exactly one asset."""
        return self._state.assets_def is not None and len(self._state.assets_def.keys) == 1

    @property
    def asset_key(self) -> AssetKey:
        """The key of the asset that this step makes.

        Raises:
            InvariantViolationError: the step makes none, or several.
        """
        asked = self.selected_asset_keys
        keys = [key for key in self.assets_def.ordered_keys if key in asked or not asked]
        if len(keys) != 1:
            raise InvariantViolationError(
                f"`{self._state.step_key}` makes {len(keys)} assets: `context.asset_key` fits only one.",
                hint="Use `context.asset_key_for_output(name)` or `context.selected_asset_keys`.",
            )
        return keys[0]

    @property
    def selected_asset_keys(self) -> set[AssetKey]:
        """The assets of this step that the run asks for; in an op of a graph, those of the graph."""
        asked = self._state.asked_assets
        return set(self._state.selected_assets if asked is None else asked)

    @property
    def selected_asset_check_keys(self) -> set[AssetCheckKey]:
        """The checks of this step that the run asks for."""
        return set(self._state.selected_checks)

    @property
    def selected_output_names(self) -> set[str]:
        """The outputs of this step that the run asks for."""
        return set(self._state.selected_outputs)

    @property
    def is_subset(self) -> bool:
        """Whether the run asks for only some of this step's assets."""
        return self.has_assets_def and self.selected_asset_keys != self.assets_def.keys

    def asset_key_for_output(self, output_name: str = "result") -> AssetKey:
        """The asset behind an output."""
        return self._named(self._output_keys, output_name, "output")

    def output_for_asset_key(self, asset_key: AssetKey) -> str:
        """The output behind an asset."""
        for name, key in self._output_keys.items():
            if key == asset_key:
                return name
        raise InvariantViolationError(
            f"`{self._state.step_key}` does not make `{asset_key.to_user_string()}`."
        )

    def asset_key_for_input(self, input_name: str) -> AssetKey:
        """The asset behind an input."""
        own = self._state.input_keys
        return self._named(self.assets_def.keys_by_input_name if own is None else own, input_name, "input")

    # Partitions of outputs and inputs, by name

    def asset_partitions_def_for_output(self, output_name: str = "result") -> "PartitionsDefinition[str]":
        """The partitions definition of the asset behind an output."""
        return self._partitions_def_of(self.asset_key_for_output(output_name))

    @deprecated("use `partition_key`", "asset_partition_key_for_output")
    def asset_partition_key_for_output(self, output_name: str = "result") -> str:
        """The one partition key of the asset behind an output."""
        self._refuse_without_partitions(output_name)
        return self.partition_key

    @deprecated("use `partition_keys`", "asset_partition_keys_for_output")
    def asset_partition_keys_for_output(self, output_name: str = "result") -> Sequence[str]:
        """The partition keys of the asset behind an output."""
        self._refuse_without_partitions(output_name)
        return self.partition_keys

    @property
    @deprecated("use `partition_key_range`", "asset_partition_key_range")
    def asset_partition_key_range(self) -> "PartitionKeyRange":
        """The first and last partition key of this step's assets (another name of `partition_key_range`)."""
        return self.partition_key_range

    @deprecated("use `partition_key_range`", "asset_partition_key_range_for_output")
    def asset_partition_key_range_for_output(self, output_name: str = "result") -> "PartitionKeyRange":
        """The first and last partition key of the asset behind an output."""
        self._refuse_without_partitions(output_name)
        return self.partition_key_range

    @deprecated("use `partition_time_window`", "asset_partitions_time_window_for_output")
    def asset_partitions_time_window_for_output(self, output_name: str = "result") -> "TimeWindow":
        """The time that the partitions of the asset behind an output cover."""
        self._refuse_without_partitions(output_name)
        return self.partition_time_window

    def asset_partitions_def_for_input(self, input_name: str) -> "PartitionsDefinition[str]":
        """The partitions definition of the asset behind an input."""
        definition: PartitionsDefinition[str] = self._input_view(input_name).definition
        return definition

    def asset_partition_key_for_input(self, input_name: str) -> str:
        """The one partition key of the asset behind an input."""
        return self._input_view(input_name).single_key(f"input `{input_name}`")

    def asset_partition_keys_for_input(self, input_name: str) -> Sequence[str]:
        """The partition keys of the asset behind an input."""
        return self._input_view(input_name).key_list()

    def asset_partition_key_range_for_input(self, input_name: str) -> "PartitionKeyRange":
        """The first and last partition key of the asset behind an input."""
        return self._input_view(input_name).key_range(f"input `{input_name}`")

    def asset_partitions_time_window_for_input(self, input_name: str = "result") -> "TimeWindow":
        """The time that the partitions of the asset behind an input cover."""
        return self._input_view(input_name).time_window(f"input `{input_name}`")

    def _step_name(self) -> str:
        return f"`{self._state.step_key}`" if self._state.step_key else "A call of no asset"

    @property
    def _output_keys(self) -> Mapping[str, AssetKey]:
        own = self._state.output_keys
        return self.assets_def.keys_by_output_name if own is None else own

    def _named(self, table: Mapping[str, AssetKey], name: str, noun: str) -> AssetKey:
        if name not in table:
            raise InvariantViolationError(
                f"`{self._state.step_key}` has no {noun} `{name}` that is an asset.",
                hint=did_you_mean(name, table),
            )
        return table[name]

    def _partitions_def_of(self, key: AssetKey) -> "PartitionsDefinition[str]":
        definition = self.assets_def.specs_by_key[key].partitions_def or self.assets_def.partitions_def
        if definition is None:
            raise InvariantViolationError(f"`{key.to_user_string()}` has no partitions.")
        found: PartitionsDefinition[str] = definition
        return found

    def _refuse_without_partitions(self, output_name: str) -> None:
        """Raises for an asset that has none, though others of its function do: the run's partition is not its."""
        definition = self._state.assets_def
        key = definition.keys_by_output_name.get(output_name) if definition is not None else None
        if definition is None or key is None or definition.partitions_def is not None:
            return
        if any(spec.partitions_def is not None for spec in definition.specs):
            self._partitions_def_of(key)

    def _input_view(self, input_name: str) -> "PartitionView":
        view = self._state.input_partitions.get(input_name)
        if view is None:
            self.asset_key_for_input(input_name)
            raise InvariantViolationError(f"The asset behind input `{input_name}` has no partitions.")
        return view
