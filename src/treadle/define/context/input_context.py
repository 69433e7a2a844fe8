"""The context that `IOManager.load_input` receives."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from treadle.core.asset_events import AssetObservation
from treadle.core.errors import InvariantViolationError
from treadle.core.metadata import MetadataValue
from treadle.core.metadata_entries import Metadata, event_metadata
from treadle.define.context.io_base import StorageContext
from treadle.define.context.output_context import OutputContext


@attrs.define(kw_only=True)
class InputContext(StorageContext):
    """What is being loaded, and for whom.

    Example:
        >>> from treadle import AssetKey, build_input_context
        >>> build_input_context(asset_key=AssetKey("orders"), partition_key="2024-01-01").asset_partition_keys
        ['2024-01-01']
    """

    upstream_output: OutputContext | None = None
    """The context with which the value was stored; None where it was not stored by an output."""
    _job_name: str | None = None
    _added_metadata: dict[str, MetadataValue[Any]] = attrs.field(factory=dict)
    _observations: list[AssetObservation] = attrs.field(factory=list)
    _on_event: Callable[[Any], None] | None = None

    def add_input_metadata(self, metadata: Mapping[str, Any], description: str | None = None) -> None:
        """Tell something of what was loaded: on the LOADED_INPUT event, and as an observation of the asset.

        Args:
            metadata: label -> raw value or MetadataValue.
            description: of the observation.

        Raises:
            InvalidMetadataError: a value cannot be stored.
        """
        self._added_metadata.update(event_metadata(metadata))
        if self._asset_key is None:
            return
        view = self._asset_partitions
        for partition in view.key_list() if view is not None else (None,):
            event = AssetObservation(self._asset_key, description, metadata, partition)
            self._observations.append(event)
            if self._on_event is not None:
                self._on_event(event)

    def get_logged_metadata(self) -> Metadata:
        """Label -> MetadataValue of what `add_input_metadata` was given so far."""
        return dict(self._added_metadata)

    def consume_logged_metadata(self) -> Metadata:
        """Label -> MetadataValue of what was added so far, once: the next call gives what is added after this one."""
        given, self._added_metadata = self._added_metadata, {}
        return given

    def get_observations(self) -> Sequence[AssetObservation]:
        """The observations made of what `add_input_metadata` was given."""
        return list(self._observations)

    @property
    def has_input_name(self) -> bool:
        """Whether the value is loaded for a named input."""
        return self._name is not None

    @property
    def step_context(self) -> object:
        """The context of the step that asks for the value."""
        if self.upstream_output is None:
            return None
        return self.upstream_output.step_context

    @property
    def job_name(self) -> str:
        """The name of the job whose step asks for the value.

        Raises:
            InvariantViolationError: the context was built without a run.
        """
        return str(self._given(self._job_name, "job_name"))

    def get_identifier(self) -> Sequence[str]:
        """The name under which the value was stored: by asset and partition, else by run, step and output.

        Raises:
            InvariantViolationError: the value is neither an asset nor another step's output.
        """
        if self._asset_key is not None:
            return self.get_asset_identifier()
        if self.upstream_output is None:
            raise InvariantViolationError(
                f"Input `{self._describe()}` is neither an asset nor another step's output, "
                "so there is no name under which its value was stored."
            )
        return self.upstream_output.get_identifier()
