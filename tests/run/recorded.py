"""The recorded runs, and a run of ours told in the same words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from treadle._public_names import name_table
from treadle.core.events import (
    AssetData,
    CheckData,
    ErrorInfo,
    Event,
    EventType,
    ExpectationData,
    FailureData,
    InputData,
    OutputData,
)
from treadle.core.metadata_entries import metadata_from_wire
from treadle.store.event_views import materialization_of, observation_of

CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "data" / "facts" / "runs.json").read_text(encoding="utf-8")
    )["cases"]
}

LEFT_OUT = {
    EventType.LOG,
    EventType.ENGINE_EVENT,
    EventType.LOGS_CAPTURED,
    EventType.RESOURCE_INIT_STARTED,
    EventType.RESOURCE_INIT_SUCCESS,
    EventType.RESOURCE_INIT_FAILURE,
    EventType.STEP_WORKER_STARTING,
    EventType.STEP_WORKER_STARTED,
}
PLANNED = {"ASSET_MATERIALIZATION_PLANNED", "ASSET_CHECK_EVALUATION_PLANNED"}

_PEER_NAMES = {
    inner: public for public, (module, inner) in name_table().items() if public.startswith("Dagster")
}
VARYING = {"<machine path>", "<run id>", "<hash>", "<storage id>", "<any>"}


def peer_name(name: str) -> str:
    """The peer's name of an error class of ours."""
    return _PEER_NAMES.get(name, name)


def is_a(error: BaseException, recorded: str) -> bool:
    """Whether an error is of the recorded class, or of a more special one of ours."""
    return recorded in {peer_name(each.__name__) for each in type(error).__mro__}


def told(events: list[Event]) -> Iterator[list[Any]]:
    """Events in the words of the table."""
    for event in events:
        if event.type in LEFT_OUT:
            continue
        for partition in event.partition_keys or (None,):
            key = event.asset_key.to_user_string() if event.asset_key is not None else None
            shown = str(partition) if partition is not None else None
            yield [event.type.value, event.step_key, key, shown, _detail(event, partition)]


def _detail(event: Event, partition: str | None) -> dict[str, Any] | None:
    data = event.data
    kind = event.type
    if isinstance(data, OutputData):
        found: dict[str, Any] = {"output": data.name}
        if data.mapping_key is not None and kind is EventType.STEP_OUTPUT:
            found["mapping_key"] = data.mapping_key
        if kind is EventType.STEP_OUTPUT:
            found["type_check"] = data.type_check_passed
        return _with_metadata(found, data.metadata)
    if isinstance(data, InputData):
        if kind is EventType.STEP_INPUT:
            return {"input": data.name, "type_check": data.type_check_passed}
        return {
            "input": data.name,
            "upstream_output": data.upstream_output_name,
            "upstream_step": data.upstream_step_key,
        }
    if isinstance(data, AssetData) and kind in (EventType.ASSET_MATERIALIZATION, EventType.ASSET_OBSERVATION):
        view = (
            materialization_of(event, partition)
            if kind is EventType.ASSET_MATERIALIZATION
            else observation_of(event, partition)
        )
        return {"metadata": _shown(view.metadata), "tags": dict(view.tags or {})}
    if isinstance(data, CheckData):
        if kind is EventType.ASSET_CHECK_EVALUATION_PLANNED:
            return {"check": data.name}
        return {
            "check": data.name,
            "passed": data.passed,
            "severity": data.severity,
            "blocking": data.blocking,
            "metadata": _shown(metadata_from_wire(data.metadata)),
        }
    if isinstance(data, FailureData):
        return _failure(kind, data)
    if isinstance(data, ExpectationData):
        return {"success": data.success, "label": data.label}
    return None


def _failure(kind: EventType, data: FailureData) -> dict[str, Any]:
    found: dict[str, Any] = {"errors": _errors(data.error)}
    if kind is EventType.STEP_UP_FOR_RETRY:
        found["seconds_to_wait"] = data.seconds_to_wait
    elif kind is EventType.STEP_FAILURE:
        found["error_source"] = data.error_source
        if data.metadata:
            found["failure_metadata"] = _shown(metadata_from_wire(data.metadata))
    elif kind is EventType.RUN_FAILURE:
        found["failure_reason"] = data.failure_reason
        found["first_step_failure"] = data.first_step_failure
    return found


def _errors(error: ErrorInfo | None) -> list[str]:
    names = []
    while error is not None:
        names.append(peer_name(error.class_name))
        error = error.cause
    return names


def _shown(metadata: Any) -> dict[str, Any]:
    return {key: {"kind": type(value).__name__, "value": value.value} for key, value in metadata.items()}


def _with_metadata(found: dict[str, Any], wire: Any) -> dict[str, Any]:
    if wire:
        found["metadata"] = _shown(metadata_from_wire(wire))
    return found


def comparable(recorded: Any) -> Any:
    """A recorded detail without what varies or is not compared."""
    if isinstance(recorded, dict):
        kept = {}
        for key, value in recorded.items():
            if key.startswith("dagster/input_event_pointer/"):
                continue
            if key in ("metadata", "failure_metadata") and value == {}:
                continue
            kept[key] = comparable(value)
        return kept
    if isinstance(recorded, list):
        return [comparable(item) for item in recorded]
    return recorded


def matches(recorded: Any, ours: Any) -> bool:
    """Whether ours is what was recorded, apart from values that vary."""
    if isinstance(recorded, str) and recorded in VARYING:
        return ours is not None
    if isinstance(recorded, dict) and isinstance(ours, dict):
        return recorded.keys() == ours.keys() and all(matches(recorded[key], ours[key]) for key in recorded)
    if isinstance(recorded, list) and isinstance(ours, list):
        return len(recorded) == len(ours) and all(map(matches, recorded, ours))
    return recorded == ours
