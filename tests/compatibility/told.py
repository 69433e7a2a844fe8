"""What the tests of this folder read from a run."""

from typing import Any

ENGINE_TALK = {"ENGINE_EVENT", "RESOURCE_INIT_STARTED", "RESOURCE_INIT_SUCCESS", "LOGS_CAPTURED"}


def kinds(result: Any) -> list[str]:
    """Types of a run's events in order, without what the engine tells of itself."""
    return [
        event.event_type_value for event in result.all_events if event.event_type_value not in ENGINE_TALK
    ]
