"""Tells that steps wait for a slot of a pool that other runs hold: in the run's log, and so to those who watch it."""

import time
from typing import Any, Final, Protocol

import attrs

from treadle.core.events import EngineData, Event, EventType
from treadle.plan.plan import Step
from treadle.run.event_maker import INFO

PATIENCE: Final = 1.0
"""Seconds of waiting before it is worth a line."""
_MOST_RUNS: Final = 3
POOL: Final = "pool"
"""The entry of the event's metadata that names the pool."""


@attrs.frozen(kw_only=True)
class HeldSlots:
    """How much of a pool is held, and by which runs."""

    limit: int
    held: int
    other_runs: tuple[str, ...]

    def __str__(self) -> str:
        if not self.other_runs:
            return f"its limit is {self.limit}"
        names = ", ".join(self.other_runs[:_MOST_RUNS])
        more = len(self.other_runs) - _MOST_RUNS
        word = "run" if len(self.other_runs) == 1 else "runs"
        return f"{self.held} of {self.limit} held by {word} {names}" + (
            f" and {more} more" if more > 0 else ""
        )


class Held(Protocol):
    """Who knows what is held."""

    def held(self, pool: str) -> HeldSlots | None:
        """What holds a pool up; None where nothing does, or only steps of this run, which anyone sees running."""
        ...


class SlotWaits:
    """One event a wait: of the first step that waits for a pool, until one gets a slot of it.

    Args:
        env: of the run.
        slots: who knows what is held.
    """

    def __init__(self, env: Any, slots: Held | None) -> None:
        self._env = env
        self._slots = slots
        self._look_at: dict[str, float] = {}
        """Pool -> monotonic time from which a wait for it is worth a line; never again once it was told."""

    def granted(self, pool: str) -> None:
        """A step got its slot: the next wait is another one."""
        self._look_at.pop(pool, None)

    def denied(self, step: Step, pool: str) -> bool:
        """A step has to wait; True where that is told now."""
        now = time.monotonic()
        if now < self._look_at.setdefault(pool, now + PATIENCE) or self._slots is None:
            return False
        found = self._slots.held(pool)
        self._look_at[pool] = now + PATIENCE if found is None else float("inf")
        if found is not None:
            message = f"Step {step.key} waits for pool `{pool}` ({found})"
            data = EngineData(metadata={POOL: pool, "runs": ", ".join(found.other_runs)})
            self._env.record(
                self._env.maker.make(EventType.ENGINE_EVENT, step.key, data, message, level=INFO)
            )
        return found is not None


def awaited_pool(event: Event) -> str | None:
    """The pool that an event's step began to wait for; None of other events."""
    if event.type is not EventType.ENGINE_EVENT or not isinstance(event.data, EngineData):
        return None
    pool = event.data.metadata.get(POOL)
    return pool if isinstance(pool, str) else None
