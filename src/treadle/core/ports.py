"""The protocols through which lower rooms see higher ones.

`define` types its contexts with these, `plan` reads state through `StateReader`; `store` and `run` implement them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from treadle.core.events import Event
from treadle.core.keys import AssetKey


class AssetState(msgspec.Struct, frozen=True, kw_only=True):
    """The latest materialization of an asset (or of one of its partitions), as planning needs it."""

    event_id: int
    """Storage id of the materialization; grows with time."""
    timestamp: float
    """Unix seconds, UTC."""
    run_id: str
    code_version: str | None = None
    data_version: str | None = None
    input_versions: Mapping[str, str] = {}
    """Asset key text -> data version of each input when it was made."""


class StateReader(Protocol):
    """What planning may ask of the store. Reads only."""

    def latest_states(
        self, requests: Iterable[tuple[AssetKey, str | None]]
    ) -> Mapping[tuple[AssetKey, str | None], AssetState]:
        """The latest state of each (asset, partition key); those never materialized are left out."""
        ...

    def materialized_keys(self, key: AssetKey, partitions_def: Any) -> Any:
        """The set of partitions of `key` that are materialized (a partition set of `partitions_def`)."""
        ...

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """The keys of a dynamic definition, in the order added."""
        ...


class InstancePort(Protocol):
    """What user code may ask of `context.instance`; `store.Instance` has it all."""

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]: ...

    def add_dynamic_partitions(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None: ...

    def get_latest_materialization_event(self, asset_key: AssetKey) -> Any: ...

    def report_runless_asset_event(self, asset_event: Any) -> None: ...


class StepPort(Protocol):
    """What a context asks of the step that is being executed."""

    def emit(self, event: Event) -> None:
        """Record an event of this step, in order."""
        ...

    def flush(self) -> None:
        """Write the step's pending events, so that user code that now reads the store finds them."""
        ...
