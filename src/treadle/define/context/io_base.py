"""What the contexts of IO managers have in common: a key, partitions, config, resources and a log."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import attrs

from treadle.core.deprecation import tell_caller
from treadle.core.errors import InvariantViolationError
from treadle.core.keys import AssetKey
from treadle.define.context.step_state import PartitionView

if TYPE_CHECKING:
    from treadle.core.partitions.definition import PartitionsDefinition
    from treadle.core.partitions.keys import PartitionKeyRange, TimeWindow

_NOTHING: Mapping[str, Any] = {}


@attrs.define(kw_only=True)
class StorageContext:
    """Base of `OutputContext` and `InputContext`; made by the engine or by `build_output_context` and its twin."""

    _name: str | None = None
    _asset_key: AssetKey | None = None
    _asset_partitions: PartitionView | None = None
    """Partitions of the asset that is stored or loaded."""
    _run_partitions: PartitionView | None = None
    """Partitions of the run."""
    _log: logging.Logger | None = None
    _resources: Any = None
    _op_def: Any = None
    _instance: Any = None
    config: Any = None
    """The output's or input's own config, where its manager asks for some."""
    resource_config: Any = None
    """The IO manager's config, for managers made with `@io_manager(config_schema=...)`."""
    dagster_type: Any = None
    """The type of the value; None where none was given."""
    definition_metadata: Mapping[str, Any] = _NOTHING
    """Metadata that the definition was given."""
    _close: Any = None

    @property
    def name(self) -> str:
        """The name of the output or input."""
        return self._given(self._name, "name")  # type: ignore[no-any-return]

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The old name of `definition_metadata`."""
        tell_caller("`metadata` of the context is deprecated: write `definition_metadata`.")
        return self.definition_metadata

    @property
    def log(self) -> logging.Logger:
        """The step's logger."""
        log: logging.Logger = self._given(self._log, "log")
        return log

    @property
    def resources(self) -> Any:
        """The resources that the IO manager requires."""
        return self._resources

    @property
    def op_def(self) -> Any:
        """The op that the value comes from or goes to."""
        return self._given(self._op_def, "op_def")

    @property
    def instance(self) -> Any:
        """The instance that remembers the run."""
        return self._given(self._instance, "instance")

    @property
    def has_asset_key(self) -> bool:
        """Whether the value is an asset."""
        return self._asset_key is not None

    @property
    def asset_key(self) -> AssetKey:
        """The asset's key.

        Raises:
            InvariantViolationError: the value is not an asset.
        """
        if self._asset_key is None:
            raise InvariantViolationError(
                f"`{self._name or 'this value'}` is not an asset, so it has no asset key."
            )
        return self._asset_key

    # Partitions of the run

    @property
    def has_partition_key(self) -> bool:
        """Whether the run is of one partition."""
        return self._run_partitions is not None and not self._run_partitions.is_range

    @property
    def partition_key(self) -> str:
        """The partition key of the run."""
        if self._run_partitions is None:
            raise InvariantViolationError(
                "`context.partition_key` was asked for, but the run has no partition."
            )
        return self._run_partitions.single_key("the run")

    # Partitions of the asset

    @property
    def has_asset_partitions(self) -> bool:
        """Whether the asset is partitioned."""
        return self._asset_partitions is not None

    @property
    def asset_partitions_def(self) -> "PartitionsDefinition[str]":
        """The asset's partitions definition."""
        definition: PartitionsDefinition[str] = self._asset_view.definition
        return definition

    @property
    def asset_partition_key(self) -> str:
        """The one partition of the asset that is stored or loaded."""
        return self._asset_view.single_key("the asset")

    @property
    def asset_partition_keys(self) -> Sequence[str]:
        """The partitions of the asset that are stored or loaded, in order."""
        return self._asset_view.key_list()

    @property
    def asset_partition_key_range(self) -> "PartitionKeyRange":
        """The first and the last partition that is stored or loaded."""
        return self._asset_view.key_range("the asset")

    @property
    def asset_partitions_time_window(self) -> "TimeWindow":
        """The time that these partitions cover."""
        return self._asset_view.time_window("the asset")

    def get_asset_identifier(self) -> Sequence[str]:
        """The parts of the asset key and, where it is partitioned, the partition key."""
        if self._asset_partitions is None:
            return self.asset_key.path
        return [*self.asset_key.path, self.asset_partition_key]

    @property
    def _asset_view(self) -> PartitionView:
        if self._asset_partitions is None:
            raise InvariantViolationError(f"`{self._describe()}` has no partitions.")
        return self._asset_partitions

    def _describe(self) -> str:
        return self._asset_key.to_user_string() if self._asset_key is not None else (self._name or "value")

    def _given(self, value: Any, name: str) -> Any:
        if value is None:
            raise InvariantViolationError(
                f"`{type(self).__name__}.{name}` is not known here: it was not given."
            )
        return value

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._close is not None:
            self._close()
