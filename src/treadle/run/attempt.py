"""One attempt of one step: what belongs to it, and how it tells what happens.

What loads inputs, takes results, stores outputs and calls hooks knows only this; `step` knows them all.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from treadle.core.catalog import Computation
from treadle.core.events import EngineData, ErrorInfo, Event, EventData, EventType, LogData
from treadle.core.keys import AssetKey
from treadle.core.partitions.sets import PartitionSet
from treadle.core.ports import MadePiece
from treadle.define.context.asset_context import AssetCheckExecutionContext, AssetExecutionContext
from treadle.define.context.log import StepLogger
from treadle.define.context.op_context import OpExecutionContext
from treadle.define.context.step_state import StepState
from treadle.plan.data_versions import NO_DATA_VERSION, version_of_pieces
from treadle.plan.expand import mapping_key_of
from treadle.plan.partitions import Binder
from treadle.plan.plan import Step
from treadle.run.environment import RunEnvironment, view_of

_CONTEXT_OF = {"check": AssetCheckExecutionContext, "op": OpExecutionContext}


class StepAttempt:
    """What one attempt of a step has in this process.

    Args:
        env: what the run's steps share.
        step: the step.
        attempt: its number, from 1.
    """

    def __init__(self, env: RunEnvironment, step: Step, attempt: int = 1) -> None:
        self.env = env
        self.step = step
        self.attempt = attempt
        self.name = (step.key, attempt)
        """What the run's gate knows it by."""
        self.computation: Computation = env.code.catalog.computations[step.computation]
        self.op: Any = env.code.ops[step.computation]
        self.partitions = env.partitions_of(step)
        self.partition_view = view_of(self.partitions.own)
        self.run_view = self.partition_view or view_of(env.run_partitions)
        self.told: list[Event] = []
        """Events of this attempt so far."""
        self.state = self._make_state()
        self.context = self._make_context()
        self._read_together: dict[tuple[AssetKey | None, AssetKey], str] = {}
        """(asset, parent) -> the version of several partitions; None: all assets that have the step's partitions."""

    # What the contexts ask (StepPort)

    def emit(self, event: Any) -> None:
        """Record a finished event of this step."""
        self.env.gate.record(event, self.name)

    def flush(self) -> None:
        """Write pending events, so that user code that now reads the store finds them."""
        self.env.gate.flush(self.name)

    def tell_engine(self, message: str, error: ErrorInfo | None = None) -> None:
        """Record an event about how the step is executed."""
        level = 10 if error is None else 40
        self.tell(EventType.ENGINE_EVENT, EngineData(error=error), message, level=level)

    @property
    def is_stopping(self) -> bool:
        """True once the run was told to stop."""
        asked = self.env.is_stopping
        return asked is not None and asked()

    def tell(
        self,
        kind: EventType,
        data: EventData | None = None,
        message: str = "",
        *,
        level: int = 10,
        asset_key: AssetKey | None = None,
        partition_keys: tuple[str, ...] | None = None,
    ) -> None:
        """Make an event of this step and record it."""
        env = self.env
        event = env.maker.make(
            kind,
            self.step.key,
            data,
            message,
            level=level,
            asset_key=asset_key,
            partition_keys=partition_keys,
        )
        self.told.append(event)
        env.gate.record(event, self.name)

    # Versions of what it reads

    def note_versions(self) -> None:
        """Look up the versions of partitions that are read together. Called before they are loaded: what comes after
        makes this step's assets stale."""
        for parent, read in self.partitions.parents.items():
            if len(read.keys) != 1:
                self._read_together[None, parent] = self.env.versions.version_of(parent, read.keys)
        for key in self.step.asset_keys:
            if not self._is_whole(key):
                continue
            for parent in self.partitions.parents.keys() & set(self._parents_of(key)):
                whole = self._read_of(key, None, parent)
                if whole is not None and len(whole) != 1 and parent not in self.step.asset_keys:
                    self._read_together[key, parent] = self.env.versions.version_of(parent, whole)

    def input_versions_of(self, key: AssetKey, own_keys: Sequence[str] | None = None) -> dict[str, str]:
        """The data version of each input of an asset of this step, by the text of its key.

        Args:
            own_keys: only some of the step's partitions; None: all of them.
        """
        versions: dict[str, str] = {}
        reader = key if self._is_whole(key) else None
        for parent in self._parents_of(key):
            is_inner = parent in self.step.asset_keys
            if own_keys is None and not is_inner and (reader, parent) in self._read_together:
                version = self._read_together[reader, parent]
            else:
                read = self._read_of(key, own_keys, parent)
                if is_inner and read is not None and len(read) != 1 and parent in self.env.versions.made:
                    version = self._version_beside(parent, read)
                else:
                    version = self.env.versions.version_of(parent, read)
            versions[parent.to_user_string()] = version
        return versions

    def _parents_of(self, key: AssetKey) -> list[AssetKey]:
        deps = self.env.catalog.assets[key].spec_of(self.computation.writer).deps
        return [dep.asset_key for dep in deps if dep.asset_key != key]

    def _is_whole(self, key: AssetKey) -> bool:
        """Whether an asset has no partitions, though the step works on some of others."""
        return self.partitions.own is not None and self.env.catalog.partitions_def_of(key) is None

    def _read_of(
        self, key: AssetKey, own_keys: Sequence[str] | None, parent: AssetKey
    ) -> PartitionSet | None:
        """What an asset of this step reads of a partitioned parent, which the same function may make."""
        catalog, read = self.env.catalog, self.partitions.parents.get(parent)
        is_outside = parent not in self.step.asset_keys
        if read is not None and own_keys is None and is_outside and not self._is_whole(key):
            return read.keys
        if catalog.partitions_def_of(parent) is None:
            return None
        keys: Iterable[str] | None = own_keys
        if (
            own_keys is None
            and catalog.partitions_def_of(key) is not None
            and self.partitions.own is not None
        ):
            keys = self.partitions.own.keys
        return Binder(catalog, None, self.env.instance).read_by(key, keys, parent)

    def _version_beside(self, parent: AssetKey, read: PartitionSet) -> str:
        """The version of partitions that are read together, some of which this run has just made: not all is stored."""
        versions = self.env.versions
        versions.prefetch((parent, str(each)) for each in read)
        by_version: dict[str, list[str]] = {}
        for each in read:
            by_version.setdefault(versions.known[parent, str(each)], []).append(each)
        by_version.pop(NO_DATA_VERSION, None)
        stored = self.env.instance.stored_form
        pieces = [
            MadePiece(slice=name, lo=lo, hi=hi, event_id=0, data_version=version)
            for version, keys in by_version.items()
            for name, runs in stored(parent, read.space.of_keys(keys)).runs.items()
            for lo, hi in runs
        ]
        return version_of_pieces(sorted(pieces, key=lambda piece: (piece.slice, piece.lo)))

    # The beginning

    def _make_state(self) -> StepState:
        env, step = self.env, self.step
        state = StepState(
            run=env.run,
            step_key=step.key,
            op=self.op,
            assets_def=env.code.assets_defs.get(step.computation),
            job_name=env.job_name,
            job_def=env.job_def,
            instance=env.instance,
            port=self,
            log=StepLogger(self._record_line, env.log_handlers, env.python_logs.least, step_key=step.key),
            op_config=env.op_configs.get(step.computation),
            run_config=env.run_config,
            retry_number=self.attempt - 1,
            mapping_key=mapping_key_of(step.key),
            partitions=self.partition_view,
            run_partitions=self.run_view,
            selected_assets=frozenset(step.asset_keys),
            selected_checks=frozenset(step.check_keys),
            selected_outputs=step.outputs,
        )
        if state.assets_def is not None and state.assets_def.graph_def is not None:
            own = self.computation
            state.input_keys = {one.name: one.asset_key for one in own.inputs if one.asset_key is not None}
            state.output_keys = {one.name: one.asset_key for one in own.outputs if one.asset_key is not None}
            state.asked_assets = env.plan.asset_keys & state.assets_def.keys
        for name, read in self.partitions.inputs.items():
            view = view_of(read)
            if view is not None:
                state.input_partitions[name] = view
        if env.resources is not None:
            state.resources = env.resources.for_computation(self.computation)
        return state

    def _make_context(self) -> OpExecutionContext:
        wanted = self.op.parameters.context_annotation
        if isinstance(wanted, type) and issubclass(wanted, OpExecutionContext):
            return wanted(self.state)
        return _CONTEXT_OF.get(self.computation.kind, AssetExecutionContext)(self.state)

    def _record_line(self, level: int, message: str, data: LogData | None) -> None:
        self.tell(EventType.LOG, data, message, level=level)
