"""The protocols through which lower rooms see higher ones.

`define` types its contexts with these, `plan` reads state through `StateReader`; `store` and `run` implement them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from treadle.core.asset_events import AssetCheckEvaluation
from treadle.core.events import ErrorInfo, Event
from treadle.core.keys import AssetCheckKey, AssetKey


class AssetState(msgspec.Struct, frozen=True, kw_only=True):
    """The latest materialization of an asset (or of one of its partitions), as planning needs it."""

    event_id: int
    """Storage id of the materialization; grows with time."""
    timestamp: float
    """Unix seconds, UTC."""
    run_id: str
    code_version: str | None = None
    data_version: str | None = None
    config_version: str | None = None
    """What stands for the config with which it was made; None: it had none, or it is not known."""
    input_versions: Mapping[str, str] = {}
    """Asset key text -> data version of each input when it was made; one for all partitions that it read together."""
    partition_keys: tuple[str, ...] | None = None
    """The partitions that were made together."""
    writer_version: str | None = None
    """The data version of what its writer wrote, where the asset has several."""
    is_observation: bool = False
    """True where it was only looked at, and never materialized."""
    problem: str | None = None
    """Why the record can not be read, where it is damaged."""

    def is_made(self, *, by_partition: bool) -> bool:
        """Whether it tells that the asset was made, as an asset with partitions or without is."""
        return not self.is_observation and (self.partition_keys is not None) == by_partition


class MadePiece(msgspec.Struct, frozen=True, kw_only=True):
    """Partitions next to each other that one event made, in their stored form (see `core.partitions.stored`)."""

    slice: str
    lo: int
    hi: int
    event_id: int
    """Storage id of the event; grows with time."""
    data_version: str | None = None


CheckVerdict = Literal["passed", "failed", "not-evaluated"]
"""What the last result of a check says of its asset as it is now; a warning stops nothing, so it counts as passed."""


class StateReader(Protocol):
    """What planning may ask of the store. Reads only."""

    def latest_states(
        self, requests: Iterable[tuple[AssetKey, str | None]]
    ) -> Mapping[tuple[AssetKey, str | None], AssetState]:
        """The latest state of each (asset, partition key): its last materialization, or observation where it was never
        materialized. Those without either are left out."""
        ...

    def latest_state_of_writer(self, key: AssetKey, writer: str, partitions: Any) -> AssetState | None:
        """The latest materialization by one of the asset's writers; of a partition set of it, or None for any."""
        ...

    def materialized_keys(self, key: AssetKey, partitions_def: Any) -> Any:
        """The set of partitions of `key` that are materialized (a partition set of `partitions_def`)."""
        ...

    def made_pieces(self, key: AssetKey, partitions: Any) -> Sequence[MadePiece]:
        """What of a partition set of `key` is materialized, by which events; in order of slice and place."""
        ...

    def partitions_of_pieces(self, key: AssetKey, partitions_def: Any, pieces: Sequence[MadePiece]) -> Any:
        """The partition set that pieces cover."""
        ...

    def check_verdicts(
        self, requests: Iterable[tuple[AssetCheckKey, Any]]
    ) -> Mapping[AssetCheckKey, CheckVerdict]:
        """How each check stands on its asset, or on a partition set of it."""
        ...

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """The keys of a dynamic definition, in the order added."""
        ...

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a key is among them."""
        ...


class InstancePort(Protocol):
    """What user code mostly asks of `context.instance`, typed so that editors know it; `store.Instance` has it all."""

    @property
    def is_ephemeral(self) -> bool: ...

    def storage_directory(self) -> str: ...

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]: ...

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool: ...

    def add_dynamic_partitions(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None: ...

    def delete_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> None: ...

    def latest_states(
        self, requests: Iterable[tuple[AssetKey, str | None]]
    ) -> Mapping[tuple[AssetKey, str | None], AssetState]: ...

    def get_asset_keys(
        self, prefix: Sequence[str] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Sequence[AssetKey]: ...

    def get_latest_materialization_event(self, asset_key: AssetKey) -> Any: ...

    def get_materialized_partitions(
        self, asset_key: AssetKey, before_cursor: int | None = None, after_cursor: int | None = None
    ) -> set[str]: ...

    def get_event_records(
        self, event_records_filter: Any, limit: int | None = None, ascending: bool = False
    ) -> Sequence[Any]: ...

    def fetch_materializations(
        self, records_filter: Any, limit: int, cursor: str | None = None, ascending: bool = False
    ) -> Any: ...

    def fetch_observations(
        self, records_filter: Any, limit: int, cursor: str | None = None, ascending: bool = False
    ) -> Any: ...

    def latest_check_evaluation(self, key: AssetCheckKey) -> AssetCheckEvaluation | None: ...

    def checks_in_progress(self) -> frozenset[AssetCheckKey]: ...

    def report_runless_asset_event(self, asset_event: Any) -> None: ...

    def get_run_by_id(self, run_id: str) -> Any: ...

    def get_runs(
        self, filters: Any = None, cursor: str | None = None, limit: int | None = None
    ) -> Sequence[Any]: ...


class StepPort(Protocol):
    """What a context asks of the step that is being executed."""

    def emit(self, event: Event) -> None:
        """Record an event of this step, in order."""
        ...

    def flush(self) -> None:
        """Write the step's pending events, so that user code that now reads the store finds them."""
        ...

    def tell_engine(self, message: str, error: ErrorInfo | None = None) -> None:
        """Record an event about how the step is executed, e.g. what a process that it started did."""
        ...

    @property
    def is_stopping(self) -> bool:
        """True once the run was told to stop: who waits in another thread than the main one must look."""
        ...
