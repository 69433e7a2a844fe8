"""Retention: history ends, state never does. Deletes go in small batches, so that no writer waits for long."""

import msgspec

from treadle.store.changes import Position
from treadle.store.database import Database

_DAY = 86_400.0
_BATCH = 2_000
"""Rows a transaction: a few milliseconds."""


class RetentionPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How long history is kept, in days; None: for ever. Asset events and runs themselves are always kept."""

    step_events: float | None = 30.0
    """Step, engine and log events of runs that are over."""
    changes: float | None = 7.0
    """Rows of the change feed that every stored cursor has passed."""
    ticks: float | None = 30.0
    plans: float | None = 30.0
    """Plans that no run refers to."""


class Pruned(msgspec.Struct, kw_only=True):
    """How many rows each rule removed."""

    events: int = 0
    runs: int = 0
    """Runs whose log was removed."""
    changes: int = 0
    ticks: int = 0
    plans: int = 0


class Retention:
    """Applies a policy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def prune(self, now: float, policy: RetentionPolicy) -> Pruned:
        """Delete what the policy lets go of. May be interrupted and run again at any point."""
        pruned = Pruned()
        if policy.step_events is not None:
            self._prune_runs(now, now - policy.step_events * _DAY, pruned)
        if policy.changes is not None:
            pruned.changes = self._prune_changes(now - policy.changes * _DAY)
        if policy.ticks is not None:
            pruned.ticks = self._repeat("prune_ticks", before=now - policy.ticks * _DAY)
        if policy.plans is not None:
            pruned.plans = self._repeat("prune_plans", before=now - policy.plans * _DAY)
        if pruned.events or pruned.changes:
            self._database.give_back_space()
        return pruned

    def _prune_runs(self, now: float, before: float, pruned: Pruned) -> None:
        while True:
            rows = self._database.read(lambda tx: tx.all("runs_to_prune", before=before, limit=100))
            if not rows:
                return
            for (run,) in rows:
                pruned.events += self._repeat("prune_events", run=run)
                self._database.write(lambda tx, run=run: tx.run("note_pruned", run=run, now=now))  # type: ignore[misc]
                pruned.runs += 1

    def _prune_changes(self, before: float) -> int:
        row = self._database.read(lambda tx: tx.one("lowest_cursor"))
        lowest = Position(2**62, 2**62) if row is None else Position(row[0], row[1])
        return self._repeat("prune_changes", tx=lowest.tx, position=lowest.number, before=before)

    def _repeat(self, query: str, **values: object) -> int:
        total = 0
        while True:
            count = self._database.write(lambda tx: tx.run(query, limit=_BATCH, **values))
            total += count
            if count < _BATCH:
                return total
