"""The context that `IOManager.handle_output` receives."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from treadle.core.errors import InvalidMetadataError, InvariantViolationError
from treadle.core.metadata import MetadataValue
from treadle.core.metadata_entries import Metadata, event_metadata
from treadle.define.context.io_base import StorageContext


@attrs.define(kw_only=True)
class OutputContext(StorageContext):
    """What is being stored: which output of which step, which asset and partitions.

    Example:
        >>> from treadle import AssetKey, build_output_context
        >>> build_output_context(asset_key=AssetKey(["raw", "orders"])).asset_key.path
        ['raw', 'orders']
    """

    _step_key: str | None = None
    _run_id: str | None = None
    _job_name: str | None = None
    mapping_key: str | None = None
    """Which value of a dynamic output; None for plain ones."""
    version: str | None = None
    asset_spec: Any = None
    """The asset's spec; None where the value is not an asset."""
    output_metadata: Mapping[str, Any] = attrs.field(factory=dict)
    """Metadata that the user's function gave with the value."""
    step_context: Any = None
    """The context of the step that made the value."""
    _added_metadata: dict[str, MetadataValue[Any]] = attrs.field(factory=dict)
    _user_events: list[Any] = attrs.field(factory=list)
    _on_event: Callable[[Any], None] | None = None

    @property
    def step_key(self) -> str:
        """The key of the step that made the value."""
        key: str = self._given(self._step_key, "step_key")
        return key

    @property
    def run_id(self) -> str:
        """The run's id; `EPHEMERAL` in a context that was built without one."""
        return "EPHEMERAL" if self._run_id is None else self._run_id

    @property
    def job_name(self) -> str:
        """The job's name."""
        name: str = self._given(self._job_name, "job_name")
        return name

    def add_output_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Add metadata to the value's HANDLED_OUTPUT event and to the asset's materialization.

        Args:
            metadata: label -> raw value or MetadataValue.

        Raises:
            InvalidMetadataError: a label was added before, or a value cannot be stored.
        """
        twice = [label for label in metadata if label in self._added_metadata]
        if twice:
            raise InvalidMetadataError(
                f"Output metadata `{twice[0]}` of `{self._describe()}` was added twice.", key=twice[0]
            )
        self._added_metadata.update(event_metadata(metadata))

    def get_logged_metadata(self) -> Metadata:
        """Label -> MetadataValue of what `add_output_metadata` was given so far."""
        return dict(self._added_metadata)

    def consume_logged_metadata(self) -> Metadata:
        """Label -> MetadataValue of what was added so far, once: the next call gives what is added after this one."""
        given, self._added_metadata = self._added_metadata, {}
        return given

    def log_event(self, event: Any) -> None:
        """Record a materialization or observation while storing."""
        self._user_events.append(event)
        if self._on_event is not None:
            self._on_event(event)

    def get_logged_events(self) -> Sequence[Any]:
        """What `log_event` was given so far."""
        return list(self._user_events)

    def get_identifier(self) -> Sequence[str]:
        """A name for the stored value: by asset and partition, else by run, step and output."""
        if self._asset_key is not None:
            return self.get_asset_identifier()
        return self.get_run_scoped_output_identifier()

    def get_output_identifier(self) -> Sequence[str]:
        """The same as `get_identifier`."""
        return self.get_identifier()

    def get_run_scoped_output_identifier(self) -> Sequence[str]:
        """Run id, step key, output name and, for a dynamic output, the mapping key.

        With a `version`, that stands in the run's place, so that runs of one version share the value.

        Raises:
            InvariantViolationError: both a version and a mapping key.
        """
        if self.version is not None:
            if self.mapping_key is not None:
                raise InvariantViolationError(
                    f"Mapping key and version were both given for output `{self.name}` of `{self.step_key}`: "
                    "dynamic outputs have no versions."
                )
            return ["versioned_outputs", self.version, self.step_key, self.name]
        parts = [self.run_id, self.step_key, self.name]
        return [*parts, self.mapping_key] if self.mapping_key else parts

    @property
    def asset_partition_key(self) -> str:
        """The one partition of the asset that is stored."""
        return self._asset_view.single_key(f"asset `{self._describe()}`")
