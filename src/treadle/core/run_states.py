"""The states of a run, the moves between them, and what follows from each: one table.

The stored and wire value is the peer's word; `RunState.word` is the one people read.
"""

from enum import Enum
from functools import cache
from typing import Final

import msgspec

from treadle.core.events import EventType


class RunStatus(str, Enum):
    """Where a run stands."""

    QUEUED = "QUEUED"
    NOT_STARTED = "NOT_STARTED"
    MANAGED = "MANAGED"
    STARTING = "STARTING"
    STARTED = "STARTED"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    SUSPENDED = "SUSPENDED"

    @property
    def is_terminal(self) -> bool:
        """True when the run can never change again."""
        return not RUN_STATES[self].next

    def __str__(self) -> str:
        return self.value


class RunState(msgspec.Struct, frozen=True):
    """One row of the table: what people call the state, and which states may follow."""

    word: str
    next: frozenset[RunStatus]


_S = RunStatus
_OVER = {_S.SUCCESS, _S.FAILURE, _S.CANCELED}

RUN_STATES: Final[dict[RunStatus, RunState]] = {
    _S.NOT_STARTED: RunState(
        "Not started",
        frozenset({_S.QUEUED, _S.STARTING, _S.STARTED, _S.CANCELING, _S.FAILURE, _S.CANCELED}),
    ),
    _S.MANAGED: RunState("Managed elsewhere", frozenset({_S.STARTED, *_OVER})),
    _S.QUEUED: RunState(
        "Queued", frozenset({_S.STARTING, _S.STARTED, _S.CANCELING, _S.CANCELED, _S.FAILURE})
    ),
    _S.STARTING: RunState(
        "Starting", frozenset({_S.QUEUED, _S.STARTED, _S.CANCELING, _S.CANCELED, _S.FAILURE})
    ),
    _S.STARTED: RunState("Running", frozenset({_S.CANCELING, _S.SUSPENDED, *_OVER})),
    _S.SUSPENDED: RunState("Suspended", frozenset({_S.STARTED, _S.CANCELING, _S.CANCELED, _S.FAILURE})),
    _S.CANCELING: RunState("Canceling", frozenset({_S.CANCELED, _S.FAILURE})),
    _S.SUCCESS: RunState("Succeeded", frozenset()),
    _S.FAILURE: RunState("Failed", frozenset()),
    _S.CANCELED: RunState("Canceled", frozenset()),
}


@cache
def states_before(status: RunStatus) -> tuple[RunStatus, ...]:
    """The states from which a run may move to `status`: what a guarded update names in its WHERE."""
    return tuple(state for state, row in RUN_STATES.items() if status in row.next)


RUN_EVENT_STATUS: Final[dict[EventType, RunStatus]] = {
    EventType.RUN_ENQUEUED: _S.QUEUED,
    EventType.RUN_STARTING: _S.STARTING,
    EventType.RUN_START: _S.STARTED,
    EventType.RUN_SUCCESS: _S.SUCCESS,
    EventType.RUN_FAILURE: _S.FAILURE,
    EventType.RUN_CANCELING: _S.CANCELING,
    EventType.RUN_CANCELED: _S.CANCELED,
    EventType.RUN_SUSPENDED: _S.SUSPENDED,
}
"""The state that each run event brings: a run's state is the fold of these."""

STATUS_EVENT: Final[dict[RunStatus, EventType]] = {
    status: event for event, status in RUN_EVENT_STATUS.items()
}

TERMINAL: Final[frozenset[RunStatus]] = frozenset(_OVER)
