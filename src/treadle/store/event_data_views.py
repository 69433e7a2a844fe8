"""The peer's shapes of what an event holds: lazy, read-only views that `event_views` hands out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import attrs

from treadle.core.asset_events import AssetMaterialization, AssetObservation
from treadle.core.events import EngineData, ErrorSource, ExpectationData, FailureData, InputData, OutputData
from treadle.core.keys import AssetKey
from treadle.core.metadata_entries import metadata_from_wire
from treadle.core.node_handle import NodeHandle
from treadle.core.outputs import ExpectationResult
from treadle.store.error_view import ErrorView, view_of_error


@attrs.frozen
class StepMaterializationData:
    """What a materialization event holds."""

    materialization: AssetMaterialization


@attrs.frozen
class AssetObservationData:
    """What an observation event holds."""

    asset_observation: AssetObservation


@attrs.frozen
class PlannedData:
    """What the plan to materialize holds."""

    asset_key: AssetKey
    partition: str | None


class ExpectationView:
    """What an expectation's event holds."""

    def __init__(self, data: ExpectationData) -> None:
        self._data = data

    @property
    def expectation_result(self) -> ExpectationResult:
        """The expectation as the step gave it."""
        data = self._data
        return ExpectationResult(
            success=data.success,
            label=data.label,
            description=data.description,
            metadata=metadata_from_wire(data.metadata),
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_data"), name)


class EngineView:
    """What an event of the machinery holds."""

    def __init__(self, data: EngineData) -> None:
        self._data = data

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What was told with it: metadata values, or the plain texts that the machinery itself wrote."""
        told = self._data.metadata
        values = metadata_from_wire({name: each for name, each in told.items() if isinstance(each, dict)})
        return {name: values.get(name, each) for name, each in told.items()}

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_data"), name)


class FailureView:
    """What a failure holds: the error, where it came from, what the user said of it."""

    def __init__(self, data: FailureData) -> None:
        self._data = data

    @property
    def error(self) -> ErrorView | None:
        """The exception."""
        return view_of_error(self._data.error)

    @property
    def error_source(self) -> ErrorSource | None:
        """Whose code raised."""
        return self._data.error_source

    @property
    def error_display_string(self) -> str:
        """The error for a person."""
        error = self.error
        return "" if error is None else error.to_string()

    @property
    def seconds_to_wait(self) -> float | None:
        """Before a retry."""
        return self._data.seconds_to_wait

    @property
    def failure_reason(self) -> str | None:
        """A stable code."""
        return self._data.failure_reason

    @property
    def user_failure_data(self) -> Any:
        """What a user's `Failure` said: description and metadata."""
        if not self._data.description and not self._data.metadata:
            return None
        return UserFailureData(self._data.description, metadata_from_wire(self._data.metadata))


@attrs.frozen
class UserFailureData:
    """What a user's `Failure` said."""

    description: str | None
    metadata: Mapping[str, Any]
    label: str = "intentional-failure"


class StepHandle(NamedTuple):
    """A step: the place of its op and, of a dynamic step, the mapping key."""

    node_handle: NodeHandle
    mapping_key: str | None = None

    @staticmethod
    def parse_from_key(key: str) -> "StepHandle":
        """The step with this key."""
        path, _, rest = key.partition("[")
        return StepHandle(NodeHandle.from_path(path.split(".")), rest.removesuffix("]") or None)

    def to_key(self) -> str:
        """The step's key."""
        path = self.node_handle.to_string()
        return path if self.mapping_key is None else f"{path}[{self.mapping_key}]"


class StepOutputHandle(NamedTuple):
    """Names an output of a step."""

    step_key: str
    output_name: str = "result"
    mapping_key: str | None = None


@attrs.frozen
class TypeCheckData:
    """What came of checking the type of an output or input."""

    success: bool
    label: str
    description: str | None
    metadata: Mapping[str, Any] = attrs.field(factory=dict)


class OutputView:
    """What an output or input event holds."""

    def __init__(self, data: OutputData | InputData, step_key: str | None) -> None:
        self._data = data
        self._step_key = step_key

    @property
    def output_name(self) -> str:
        """The output's name."""
        return self._data.name

    @property
    def input_name(self) -> str:
        """The input's name."""
        return self._data.name

    @property
    def mapping_key(self) -> str | None:
        """Of a dynamic output."""
        return getattr(self._data, "mapping_key", None)

    @property
    def step_key(self) -> str | None:
        """The step."""
        return self._step_key

    @property
    def manager_key(self) -> str | None:
        """The IO manager that stored or loaded the value."""
        return self._data.io_manager_key

    @property
    def upstream_step_key(self) -> str | None:
        """The step whose output was loaded."""
        return getattr(self._data, "upstream_step_key", None)

    @property
    def upstream_output_name(self) -> str | None:
        """The output that was loaded."""
        return getattr(self._data, "upstream_output_name", None)

    @property
    def type_check_data(self) -> "TypeCheckData":
        """What came of checking the value's type."""
        data = self._data
        metadata = metadata_from_wire(data.type_check_metadata)
        return TypeCheckData(data.type_check_passed, data.name, data.type_check_description, metadata)

    @property
    def step_output_handle(self) -> "StepOutputHandle":
        """Which output of which step, and of which mapping key."""
        return StepOutputHandle(self._step_key or "", self._data.name, self.mapping_key)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What was said of it."""
        return metadata_from_wire(self._data.metadata)
