"""The gate of a run's events: open to everyone but the attempts that were given up."""

from treadle.core.events import Event, EventType
from treadle.run.event_gate import EventGate
from treadle.run.event_maker import EventMaker


def test_only_an_attempt_that_was_given_up_is_shut_out() -> None:
    taken: list[Event] = []
    flushed: list[int] = []
    gate = EventGate(taken.append, lambda: flushed.append(1))
    event = EventMaker("run", "job").make(EventType.STEP_START, "a")
    gate.shut_out(("a", 1))
    for attempt in (None, ("a", 1), ("a", 2), ("b", 1)):
        gate.record(event, attempt)
        gate.flush(attempt)
    assert (len(taken), len(flushed)) == (3, 3)
    assert gate.is_shut_to(("a", 1)) and not gate.is_shut_to(("a", 2))
