"""What user code says about its work while it works: metadata, data versions, events."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from treadle.core.errors import InvariantViolationError, did_you_mean
from treadle.core.keys import AssetKey
from treadle.define.context.asset_access import AssetAccess
from treadle.define.where import caller_where

if TYPE_CHECKING:
    from treadle.core.data_versions import DataVersion


class Reporting(AssetAccess):
    """Mix-in over a `StepState`: `add_output_metadata`, `log_event` and their relatives."""

    __slots__ = ()

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
            InvariantViolationError: no such output, or several and none named; or it was yielded already.
        """
        name = self._output_name(output_name)
        if (name, mapping_key) in self._state.given_outputs:
            which = (
                f"output `{name}`"
                if mapping_key is None
                else f"output `{name}` of mapping_key `{mapping_key}`"
            )
            raise InvariantViolationError(
                f"`{self._state.step_key}` adds metadata to {which}, which was already given.",
                hint="add it before the output is yielded, or give it with the output: `Output(value, metadata=...)`",
                where=caller_where(),
            )
        self._state.output_metadata.setdefault((name, mapping_key), {}).update(metadata)
        self._state.metadata_places.update(dict.fromkeys(metadata, caller_where()))

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
        self._state.metadata_places.update(dict.fromkeys(metadata, caller_where()))

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

    def _is_own_partition(self, partition_key: str) -> bool:
        view = self._state.partitions
        return view is not None and partition_key in view.keys
