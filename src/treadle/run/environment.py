"""What all steps of one run share in one process."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from treadle.core.catalog import Catalog, Computation
from treadle.core.events import Event
from treadle.core.keys import AssetKey
from treadle.core.partitions.sets import PartitionSet
from treadle.core.ports import StateReader
from treadle.core.run_tags import PARTITION_TAG
from treadle.core.runs import Run
from treadle.define.code import Code
from treadle.define.context.step_state import KeyList, PartitionView
from treadle.plan.data_versions import NO_DATA_VERSION, asset_computation, versions_of_configs
from treadle.plan.expand import pending_key
from treadle.plan.partitions import PartitionsOf, StepPartitions, partitions_of_run
from treadle.plan.plan import Plan, Step
from treadle.run.event_gate import EventGate
from treadle.run.event_maker import EventMaker
from treadle.run.failures import Verdict, judge
from treadle.run.log_handlers import NO_PYTHON_LOGS, PythonLogs
from treadle.run.own_materializations import OwnMaterializations

DEFAULT_IO_MANAGER = "io_manager"
NO_PARTITIONS = StepPartitions()


class NoValue:
    """Stands for the value of an output that was materialized by the step itself, without a value."""


@attrs.frozen
class InConfig:
    """What run config says of an input; its type's loader makes the value of it."""

    config: Any


@attrs.define(eq=False)
class VersionBook:
    """Data versions: those that this run made, else those that were stored when it began.

    Partitions that are read together have one version, which is read from the store before they are loaded.
    """

    known: dict[tuple[AssetKey, str | None], str] = attrs.field(factory=dict)
    read: Callable[[list[tuple[AssetKey, str | None]]], Mapping[tuple[AssetKey, str | None], str]] | None = (
        None
    )
    read_together: Callable[[AssetKey, PartitionSet], str] | None = None
    made: set[AssetKey] = attrs.field(factory=set)
    """Assets of which this process has set a version."""

    def set(self, key: AssetKey, partition_key: str | None, version: str) -> None:
        """A step made this version."""
        self.known[key, partition_key] = version
        self.made.add(key)

    def prefetch(self, requests: Iterable[tuple[AssetKey, str | None]]) -> None:
        """Read many stored versions in one go."""
        missing = [request for request in dict.fromkeys(requests) if request not in self.known]
        if missing and self.read is not None:
            found = self.read(missing)
            for request in missing:
                self.known[request] = found.get(request) or NO_DATA_VERSION

    def version_of(self, key: AssetKey, partitions: PartitionSet | None) -> str:
        """The version of an asset (None), of one of its partitions, or of several together."""
        if partitions is not None and len(partitions) != 1:
            if not partitions or self.read_together is None:
                return NO_DATA_VERSION
            return self.read_together(key, partitions)
        partition = partitions.first_key if partitions is not None else None
        self.prefetch([(key, partition)])
        return self.known.get((key, partition), NO_DATA_VERSION)


def stored_versions(
    state: StateReader | None,
) -> Callable[[list[tuple[AssetKey, str | None]]], Mapping[tuple[AssetKey, str | None], str]] | None:
    """Reads data versions from the store."""
    if state is None:
        return None

    def read(requests: list[tuple[AssetKey, str | None]]) -> Mapping[tuple[AssetKey, str | None], str]:
        states = state.latest_states(requests)
        return {request: found.data_version for request, found in states.items() if found.data_version}

    return read


@attrs.define(eq=False, kw_only=True)
class RunEnvironment:
    """Everything that the steps of one run need in the process that executes them."""

    code: Code
    plan: Plan
    run: Run
    instance: Any
    job_def: Any = None
    job_name: str
    maker: EventMaker
    gate: EventGate
    """Takes each event of the run, in order."""
    is_stopping: Callable[[], bool] | None = None
    """Whether the run was told to stop; None in a worker process, which gets a signal instead."""
    op_configs: Mapping[str, Any] = attrs.field(factory=dict)
    _config_versions: Mapping[str, str] | None = attrs.field(default=None, init=False)
    output_configs: Mapping[str, Any] = attrs.field(factory=dict)
    """Computation -> what run config says of its outputs, for IO managers."""
    run_config: Mapping[str, Any] = attrs.field(factory=dict)
    partitions: Mapping[str, StepPartitions] = attrs.field(factory=dict)
    run_partitions: PartitionsOf | None = attrs.field(init=False)
    """What the run is of, for steps that have no partitions of their own."""
    resources: Any = None
    """Opened resources: `.for_step(keys)` gives the object that a context shows, `.get(key)` one of them."""
    versions: VersionBook = attrs.field(factory=VersionBook)
    own_materializations: OwnMaterializations | None = None
    """What this run made, where nothing else was ever stored."""
    input_values: Mapping[str, Any] = attrs.field(factory=dict)
    captured: dict[tuple[str, str, str | None], Any] | None = None
    """(step key, output, mapping key) -> value, where the result is to have them."""
    hooks: Sequence[Any] = ()
    """Hooks of the job, for every step."""
    retry_policy: Any = None
    """The job's, for steps that have none."""
    may_retry: bool = True
    """False where the settings of the run's executor disable retries."""
    log_handlers: Sequence[Any] = ()
    shows_output: bool = False
    """What steps print in workers is shown to the person who runs a script."""
    python_logs: PythonLogs = NO_PYTHON_LOGS
    earlier_run_ids: Mapping[str, str] = attrs.field(factory=dict)
    """Step key -> the run in which it ran, for steps that this run takes from an earlier one."""
    given_outputs: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    """Step key -> outputs that it gave, for steps that are over."""

    def record(self, event: Event) -> None:
        """Take an event that is not of one attempt of a step."""
        self.gate.record(event)

    @property
    def all_materializations(self) -> OwnMaterializations | None:
        """This run's, while they are all that there are; None where the store must be asked."""
        own = self.own_materializations
        return own if own is not None and own.is_all else None

    @property
    def catalog(self) -> Catalog:
        """What the code location declares."""
        return self.code.catalog

    @run_partitions.default
    def _partitions_of_run(self) -> PartitionsOf | None:
        return partitions_of_run(self.partitions, self.run.tags.get(PARTITION_TAG))

    def config_version_of(self, step: Step) -> str | None:
        """What stands for the config of a step, or of the graph that it is of; None where it has none."""
        if self._config_versions is None:
            self._config_versions = versions_of_configs(self.op_configs)
        return self._config_versions.get(asset_computation(step.computation))

    def computation(self, step: Step) -> Computation:
        """The computation that a step executes."""
        return self.code.catalog.computations[step.computation]

    def judge(self, error: BaseException, step: Step, attempt: int) -> Verdict:
        """Whether a step whose attempt raised has failed or is tried again."""
        policy = self.computation(step).retry_policy or self.retry_policy
        return judge(error, step_key=step.key, attempt=attempt, retry_policy=policy, may_retry=self.may_retry)

    def step_named(self, key: str) -> Step:
        """A step of the plan; for one of several that are mapped over a dynamic output, what stands for all of them."""
        found = self.plan.steps_by_key.get(key)
        return found if found is not None else self.plan.steps_by_key[pending_key(key)]

    def partitions_of(self, step: Step) -> StepPartitions:
        """The partitions of a step and of its inputs."""
        found = self.partitions.get(step.key)
        if found is None and self.partitions:
            found = self.partitions.get(pending_key(step.key))
        return found if found is not None else NO_PARTITIONS

    def io_manager_key_of(self, key: AssetKey) -> str:
        """The IO manager with which an asset is stored."""
        node = self.catalog.assets.get(key)
        return getattr(node, "io_manager_key", None) or DEFAULT_IO_MANAGER


def view_of(partitions: PartitionsOf | None) -> PartitionView | None:
    """Bound partitions as contexts show them."""
    if partitions is None:
        return None
    return PartitionView(partitions.definition, KeyList(partitions.keys), partitions.is_range)


def config_of_output(outputs: Any, name: str) -> Any:
    """What run config says of one output: a mapping by name, or a list of such mappings."""
    for given in outputs if isinstance(outputs, list) else [outputs]:
        if isinstance(given, Mapping) and name in given:
            return given[name]
    return None
