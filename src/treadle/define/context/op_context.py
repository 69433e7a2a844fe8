"""The context of a running op or asset: what it works on, what it may use, where it reports to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, did_you_mean
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.define.context.current import current_step
from treadle.define.context.log import StepLogger
from treadle.define.context.partition_access import PartitionAccess
from treadle.define.context.step_state import StepState

if TYPE_CHECKING:
    from treadle.core.data_versions import DataVersion
    from treadle.core.partitions.definition import PartitionsDefinition
    from treadle.core.partitions.keys import PartitionKeyRange, TimeWindow
    from treadle.define.asset_definition import AssetsDefinition
    from treadle.define.op import OpDefinition
    from treadle.store.instance import Instance


class OpExecutionContext(PartitionAccess):
    """What an op's function receives as `context`.

    Example:
        >>> from treadle import build_op_context
        >>> build_op_context(op_config={"limit": 3}).op_config["limit"]
        3
    """

    __slots__ = ("_state",)
    _kind: ClassVar[str] = "op"

    def __init__(self, state: StepState) -> None:
        self._state = state

    @classmethod
    def get(cls) -> Self:
        """The context of the step that is running here.

        Raises:
            InvariantViolationError: no step is running.
        """
        state = current_step.get()
        if state is None:
            raise InvariantViolationError("No step is running here, so there is no current context.")
        return cls(state)

    # What runs

    @property
    def run(self) -> Any:
        """The run as it is stored."""
        return self._given(self._state.run, "run")

    @property
    def run_id(self) -> str:
        """The run's id; `EPHEMERAL` in a direct call."""
        return str(self._state.run.run_id) if self._state.run is not None else "EPHEMERAL"

    @property
    def run_config(self) -> Mapping[str, Any]:
        """The run's whole config."""
        return self._state.run_config

    @property
    def run_tags(self) -> Mapping[str, str]:
        """The run's tags."""
        return self._state.run.tags if self._state.run is not None else {}

    @property
    def job_name(self) -> str:
        """The name of the job that this run belongs to."""
        return self._state.job_name

    @property
    def job_def(self) -> Any:
        """The job's definition."""
        return self._given(self._state.job_def, "job_def")

    @property
    def location_name(self) -> str | None:
        """The code location's name, where the run came from one."""
        return self.run_tags.get("dagster/code_location")

    @property
    def op_def(self) -> "OpDefinition":
        """The definition of the op that is running."""
        op: OpDefinition = self._given(self._state.op, "op_def")
        return op

    @property
    def op(self) -> "OpDefinition":
        """The definition of the op that is running."""
        return self.op_def

    @property
    def step_key(self) -> str:
        """The step's key in its plan."""
        return self._state.step_key

    @property
    def retry_number(self) -> int:
        """How many times the step was tried before: 0 at the first attempt."""
        return self._state.retry_number

    @property
    def instance(self) -> "Instance":
        """The instance: runs, events and dynamic partitions. Pending events of this step are written first."""
        if self._state.port is not None:
            self._state.port.flush()
        instance: Instance = self._given(self._state.instance, "instance")
        return instance

    @property
    def log(self) -> StepLogger:
        """The step's logger; lines become events of the run."""
        return self._state.log  # type: ignore[return-value]

    @property
    def pdb(self) -> Any:
        """A debugger on this process's terminal."""
        return self._given(self._state.debugger() if self._state.debugger else None, "pdb")

    # What it may use

    @property
    def resources(self) -> Any:
        """An object with an attribute for each resource that the step requires."""
        return self._state.resources

    @property
    def op_config(self) -> Any:
        """The step's own config."""
        return self._state.op_config

    @property
    def asset_config(self) -> Any:
        """The step's own config (another name of `op_config`)."""
        return self._state.op_config

    @property
    def op_handle(self) -> str:
        """The path of the node in its graph, as text."""
        return self._state.step_key

    def has_tag(self, key: str) -> bool:
        """Whether the run carries this tag."""
        return key in self.run_tags

    def get_tag(self, key: str) -> str | None:
        """The value of a tag of the run, or None."""
        return self.run_tags.get(key)

    def get_mapping_key(self) -> str | None:
        """The mapping key of a dynamically mapped step, else None."""
        return self._state.mapping_key

    # Which assets

    @property
    def has_assets_def(self) -> bool:
        """Whether the step makes assets."""
        return self._state.assets_def is not None

    @property
    def assets_def(self) -> "AssetsDefinition":
        """The definition of the assets that this step makes.

        Raises:
            InvalidDefinitionError: the step belongs to an op that makes no asset.
        """
        if self._state.assets_def is None:
            raise InvalidDefinitionError(
                f"`{self._state.step_key}` makes no asset, so it has no assets definition."
            )
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
        keys = list(self.assets_def.keys)
        if len(keys) != 1:
            raise InvariantViolationError(
                f"`{self._state.step_key}` makes {len(keys)} assets: `context.asset_key` fits only one.",
                hint="Use `context.asset_key_for_output(name)` or `context.selected_asset_keys`.",
            )
        return keys[0]

    @property
    def selected_asset_keys(self) -> set[AssetKey]:
        """The assets of this step that the run asks for."""
        return set(self._state.selected_assets)

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
        return self.has_assets_def and set(self._state.selected_assets) != set(self.assets_def.keys)

    def asset_key_for_output(self, output_name: str = "result") -> AssetKey:
        """The asset behind an output."""
        return self._named(self.assets_def.keys_by_output_name, output_name, "output")

    def output_for_asset_key(self, asset_key: AssetKey) -> str:
        """The output behind an asset."""
        for name, key in self.assets_def.keys_by_output_name.items():
            if key == asset_key:
                return name
        raise InvariantViolationError(
            f"`{self._state.step_key}` does not make `{asset_key.to_user_string()}`."
        )

    def asset_key_for_input(self, input_name: str) -> AssetKey:
        """The asset behind an input."""
        return self._named(self.assets_def.keys_by_input_name, input_name, "input")

    # What it reports

    def add_output_metadata(
        self,
        metadata: Mapping[str, Any],
        output_name: str | None = None,
        mapping_key: str | None = None,
    ) -> None:
        """Add metadata to an output and, where it is an asset, to its materialization.

        Args:
            metadata: label -> raw value or MetadataValue.
            output_name: may be left out where the step has one output.
            mapping_key: which of a dynamic output's values.

        Raises:
            InvariantViolationError: no such output, or several and none named.
        """
        name = self._output_name(output_name)
        if mapping_key is None:
            mapping_key = self._state.mapping_key
        self._state.output_metadata.setdefault((name, mapping_key), {}).update(metadata)

    def add_asset_metadata(
        self,
        metadata: Mapping[str, Any],
        asset_key: Any = None,
        partition_key: str | None = None,
    ) -> None:
        """Add metadata to an asset's materialization, or to that of one of its partitions.

        Raises:
            InvariantViolationError: the step does not make the asset, or makes several and none is named.
        """
        key = self.asset_key if asset_key is None else AssetKey.from_coercible(asset_key)
        if key not in self.assets_def.keys:
            raise InvariantViolationError(
                f"`{self._state.step_key}` does not make `{key.to_user_string()}`, so it cannot describe it."
            )
        if partition_key is not None and not self._is_own_partition(partition_key):
            raise InvariantViolationError(
                f"Partition `{partition_key}` is not among those that this step works on."
            )
        self._state.asset_metadata.setdefault((key, partition_key), {}).update(metadata)

    def get_output_metadata(self, output_name: str, mapping_key: str | None = None) -> dict[str, Any] | None:
        """The metadata added so far to an output, or None."""
        return self._state.output_metadata.get((output_name, mapping_key))

    def set_data_version(self, asset_key: AssetKey, data_version: "DataVersion") -> None:
        """Give the data version of an asset that this step makes."""
        self._state.data_versions[self.output_for_asset_key(asset_key)] = data_version.value

    def log_event(self, event: Any) -> None:
        """Record a materialization, observation or expectation besides the step's own outputs."""
        self._state.log_event(event)

    def get_events(self) -> Sequence[Any]:
        """What `log_event` was given so far, in a direct call."""
        return list(self._state.user_events)

    def get_asset_provenance(self, asset_key: AssetKey) -> Any:
        """Of what code and input versions the asset was last made, or None."""
        return self.instance.get_asset_provenance(asset_key)

    # Partitions of inputs and outputs, by name

    def asset_partitions_def_for_output(self, output_name: str = "result") -> "PartitionsDefinition[str]":
        """The partitions definition of the asset behind an output."""
        return self._partitions_def_of(self.asset_key_for_output(output_name))

    def asset_partition_key_for_output(self, output_name: str = "result") -> str:
        """The one partition key of the asset behind an output."""
        return self.partition_key

    def asset_partition_keys_for_output(self, output_name: str = "result") -> Sequence[str]:
        """The partition keys of the asset behind an output."""
        return self.partition_keys

    def asset_partition_key_range_for_output(self, output_name: str = "result") -> "PartitionKeyRange":
        """The first and last partition key of the asset behind an output."""
        return self.partition_key_range

    def asset_partitions_time_window_for_output(self, output_name: str = "result") -> "TimeWindow":
        """The time that the partitions of the asset behind an output cover."""
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

    # As a context manager: a direct call's resources are open inside `with`

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._state.close is not None:
            self._state.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._state.step_key or 'a direct call'}>"

    # Within

    @property
    def step_state(self) -> StepState:
        """Everything that this context is a view of; for the engine."""
        return self._state

    def _given(self, value: Any, name: str) -> Any:
        if value is None:
            raise InvariantViolationError(
                f"`context.{name}` is not known here: this context was built without it."
            )
        return value

    def _named(self, table: Mapping[str, AssetKey], name: str, noun: str) -> AssetKey:
        if name not in table:
            raise InvariantViolationError(
                f"`{self._state.step_key}` has no {noun} `{name}` that is an asset.",
                hint=did_you_mean(name, table),
            )
        return table[name]

    def _output_name(self, output_name: str | None) -> str:
        op = self._state.op
        if op is None:
            return output_name or "result"
        names = list(op.outs)
        if output_name is None:
            if len(names) != 1:
                raise InvariantViolationError(
                    f"`{self._state.step_key}` has {len(names)} outputs: say which one with `output_name=`.",
                    hint="Outputs: " + ", ".join(names),
                )
            return names[0]
        if output_name not in op.outs:
            raise InvariantViolationError(
                f"`{self._state.step_key}` has no output `{output_name}`.",
                hint=did_you_mean(output_name, names),
            )
        return output_name

    def _partitions_def_of(self, key: AssetKey) -> "PartitionsDefinition[str]":
        definition = self.assets_def.specs_by_key[key].partitions_def or self.assets_def.partitions_def
        if definition is None:
            raise InvariantViolationError(f"`{key.to_user_string()}` has no partitions.")
        found: PartitionsDefinition[str] = definition
        return found

    def _input_view(self, input_name: str) -> Any:
        view = self._state.input_partitions.get(input_name)
        if view is None:
            self.asset_key_for_input(input_name)
            raise InvariantViolationError(f"The asset behind input `{input_name}` has no partitions.")
        return view

    def _is_own_partition(self, partition_key: str) -> bool:
        view = self._state.partitions
        return view is not None and partition_key in view.keys

    def _metadata_items(self) -> Iterator[tuple[tuple[str, str | None], dict[str, Any]]]:
        yield from self._state.output_metadata.items()
