"""The context of a running op or asset: what it works on, what it may use, where it reports to."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from treadle.core.data_versions import DataProvenance, DataVersion
from treadle.core.errors import InvariantViolationError
from treadle.core.keys import AssetKey
from treadle.core.node_handle import NodeHandle
from treadle.define.context.current import current_step
from treadle.define.context.not_known import NotKnownHereError
from treadle.define.context.reporting import Reporting
from treadle.define.doors import open_door

if TYPE_CHECKING:
    from treadle.core.ports import InstancePort
    from treadle.define.context.log import StepLogger
    from treadle.define.context.step_state import StepState
    from treadle.define.op import OpDefinition


class OpNode:
    """An op at its place in a graph: its own name there, and all else of the op.

    Args:
        name: the node's.
        definition: the op.
    """

    __slots__ = ("definition", "name")

    def __init__(self, name: str, definition: "OpDefinition") -> None:
        self.name = name
        self.definition = definition

    def __getattr__(self, name: str) -> Any:
        if name in OpNode.__slots__:
            raise AttributeError(name)
        return getattr(self.definition, name)


def node_of(step_key: str, op: "OpDefinition") -> Any:
    """The op under the name that it has in its graph.

    Args:
        step_key: of the step; its last part is the node's name.
    """
    name = step_key.partition("[")[0].rpartition(".")[2]
    return op if not name or name == op.name else OpNode(name, op)


class OpExecutionContext(Reporting):
    """What an op's function receives as `context`.

    Example:
        >>> from treadle import build_op_context
        >>> build_op_context(op_config={"limit": 3}).op_config["limit"]
        3
    """

    __slots__ = ("_state",)
    _kind: ClassVar[str] = "op"

    def __init__(self, state: "StepState") -> None:
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

    @property
    def op_execution_context(self) -> "OpExecutionContext":
        """The same step as an op sees it."""
        return OpExecutionContext(self._state)

    # What runs

    @property
    def run(self) -> Any:
        """The run as it is stored."""
        return self._given(self._state.run, "run")

    @property
    def dagster_run(self) -> Any:
        """The run, as older code calls it."""
        return self.run

    @property
    def run_id(self) -> str:
        """The run's id; `EPHEMERAL` in a direct call."""
        return str(self._state.run.run_id) if self._state.run is not None else "EPHEMERAL"

    @property
    def run_config(self) -> Mapping[str, Any]:
        """The run's whole config."""
        config: Mapping[str, Any] = self._given(
            self._state.run_config if self._state.op is not None else None, "run_config"
        )
        return config

    @property
    def run_tags(self) -> Mapping[str, str]:
        """The run's tags."""
        return self._state.run.tags if self._state.run is not None else {}

    @property
    def job_name(self) -> str:
        """The name of the job that this run belongs to."""
        name: str = self._given(self._state.job_name or None, "job_name")
        return name

    @property
    def job_def(self) -> Any:
        """The job's definition."""
        return self._given(self._state.job_def, "job_def")

    @property
    def repository_def(self) -> Any:
        """The job's code location in the peer's older form."""
        return open_door("repository_of")(self.job_def.code)

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
    def op(self) -> Any:
        """The op that is running, under the name that it has in its graph."""
        return node_of(self._state.step_key, self.op_def)

    @property
    def step_key(self) -> str:
        """The step's key in its plan."""
        return self._state.step_key

    @property
    def retry_number(self) -> int:
        """How many times the step was tried before: 0 at the first attempt."""
        return self._state.retry_number

    @property
    def instance(self) -> "InstancePort":
        """The instance: runs, events and dynamic partitions. Pending events of this step are written first.

        A direct call that was given none gets one in memory, made when it is first asked for.
        """
        state = self._state
        if state.port is not None:
            state.port.flush()
        elif state.instance is None:
            shared = state.instance_in_memory
            state.instance = open_door("ephemeral_instance")() if shared is None else shared.get()
        instance: InstancePort = self._given(state.instance, "instance")
        return instance

    @property
    def log(self) -> "StepLogger":
        """The step's logger; lines become events of the run."""
        return self._state.log  # type: ignore[return-value]

    @property
    def pdb(self) -> Any:
        """A debugger on this process's terminal: `context.pdb.set_trace()`."""
        return open_door("debugger")()

    def describe_op(self) -> str:
        """The op and its place, for messages."""
        return (
            f"op `{node_of(self.step_key, self.op_def).name}`" if self.step_key else "an op in a direct call"
        )

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
    def op_handle(self) -> NodeHandle:
        """The place of the op in its job; as text its path: `graph.op`.

        Raises:
            InvariantViolationError: in a direct call, which has no job.
        """
        key = self._given(self._state.step_key or None, "op_handle")
        return NodeHandle.from_path(key.partition("[")[0].split("."))

    @property
    def node_handle(self) -> NodeHandle:
        """Another name of `op_handle`."""
        return self.op_handle

    def load_asset_value(
        self, asset_key: AssetKey, *, python_type: type | None = None, partition_key: str | None = None
    ) -> Any:
        """The stored value of an asset of this job's code location, loaded by its IO manager.

        Args:
            asset_key: of the asset.
            python_type: what the IO manager is asked for.
            partition_key: of a partitioned asset; this step's own where it has one and the asset knows it.

        Raises:
            InvariantViolationError: there is no such asset.
        """
        code = self.job_def.code
        view = self._state.partitions
        definition = code.catalog.partitions_def_of(asset_key) if asset_key in code.catalog.assets else None
        if partition_key is None and definition is not None and view is not None and len(view.keys) == 1:
            own = view.key_list()[0]
            known = definition.space(None, self.instance).point(own) is not None
            partition_key = own if known else None
        return open_door("load_asset_value")(
            code,
            asset_key,
            instance=self.instance,
            python_type=python_type,
            partition_key=partition_key,
            resource_config=self.run_config.get("resources"),
        )

    def set_requires_typed_event_stream(self, *, error_message: str | None = None) -> None:
        """From here on the step must give each required output with a result object, or it fails.

        Args:
            error_message: what to do about it, for the error.
        """
        self._state.wants_results = (
            error_message or "return or yield an Output or a MaterializeResult of each"
        )

    def has_tag(self, key: str) -> bool:
        """Whether the run carries this tag; in a direct call also whether what is called does."""
        return key in self.run_tags or key in self._state.own_tags

    def get_tag(self, key: str) -> str | None:
        """The value of a tag of the run, or None. In a direct call also of what is called."""
        return self.run_tags.get(key) or self._state.own_tags.get(key)

    def get_mapping_key(self) -> str | None:
        """The mapping key of a dynamically mapped step, else None."""
        return self._state.mapping_key

    def get_asset_provenance(self, asset_key: AssetKey) -> DataProvenance | None:
        """From what code and input versions an asset was last made; None where it never was.

        For an asset of this step it is that of the step's partition, where it has exactly one.
        """
        view = self._state.partitions
        is_own = asset_key in self._state.selected_assets and view is not None and len(view.keys) == 1
        if is_own and self._state.assets_def is not None:
            definition = self._state.assets_def  # which may make assets without partitions, too
            is_own = bool(definition.specs_by_key[asset_key].partitions_def or definition.partitions_def)
        request = (asset_key, view.key_list()[0] if is_own and view is not None else None)
        found = self.instance.latest_states([request]).get(request)
        if found is None:
            return None
        versions = {
            AssetKey.from_user_string(name): DataVersion(version)
            for name, version in found.input_versions.items()
        }
        return DataProvenance(
            code_version=found.code_version or found.run_id,
            input_data_versions=versions,
            input_storage_ids={key: None for key in versions},
            is_user_provided=False,
        )

    # As a context manager: a direct call's resources are open inside `with`

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._state.close is not None:
            self._state.close()

    def __eq__(self, other: object) -> bool:
        """Two contexts of one kind are equal where they are of the same execution: `get()` gives the one at hand."""
        return type(other) is type(self) and other._state is self._state

    def __hash__(self) -> int:
        return id(self._state)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._state.step_key or 'a direct call'}>"

    # Within

    @property
    def step_state(self) -> "StepState":
        """Everything that this context is a view of; for the engine."""
        return self._state

    def _given(self, value: Any, name: str) -> Any:
        if value is None:
            raise NotKnownHereError(f"`context.{name}` is not known here: this context was built without it.")
        return value
