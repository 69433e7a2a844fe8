"""What a run got done of the assets that it set out to make, though it did not end well."""

from collections.abc import Mapping, Set
from typing import Final, NamedTuple

from treadle.core.asset_events import AssetCheckSeverity
from treadle.core.events import CheckData, EventType
from treadle.store.codec import read_event_body
from treadle.store.database import Transaction

_PLANNED: Final = EventType.ASSET_MATERIALIZATION_PLANNED.value
_MADE: Final = EventType.ASSET_MATERIALIZATION.value
_SUCCEEDED: Final = EventType.STEP_SUCCESS.value


class MadeByRun(NamedTuple):
    """Assets, as they are stored, that a run set out to make."""

    done: frozenset[str]
    """What need not be made again, though the run did not end well: all of their steps succeeded and no blocking check
    holds them up. What a step makes together counts together: a function need not be able to make a part of it."""
    counted: frozenset[str]
    """What counts as made: that, and what would be made again only because a step makes it together with others."""
    unmade: frozenset[str]
    """What was not materialized, for whatever reason."""


def made_by_run(tx: Transaction, run: int) -> MadeByRun:
    """What became of the assets of a run.

    Args:
        run: the run's number in the store.
    """
    makers: dict[str, set[str]] = {}
    succeeded: set[str] = set()
    made: set[str] = set()
    asked: set[tuple[str, str]] = set()
    settled: set[tuple[str, str]] = set()
    for kind, step_key, asset, body in tx.all("outcome_of_run", run=run):
        if kind == _SUCCEEDED:
            succeeded.add(step_key)
        elif kind == _PLANNED:
            makers.setdefault(asset, set()).add(step_key)
        elif kind == _MADE:
            made.add(asset)
        else:
            data = read_event_body(bytes(body)).data
            if isinstance(data, CheckData) and data.blocking:
                if data.passed is None:
                    asked.add((asset, data.name))
                elif data.passed or data.severity != AssetCheckSeverity.ERROR.value:
                    settled.add((asset, data.name))
    held_up = {asset for asset, _ in asked - settled}
    left = {asset for asset, steps in makers.items() if asset in held_up or not steps <= succeeded}
    counted = frozenset(makers.keys() - left)
    return MadeByRun(_done(makers, left), counted, frozenset(makers.keys() - made))


def _done(makers: Mapping[str, Set[str]], unfinished: Set[str]) -> frozenset[str]:
    left = set(unfinished)
    to_do = set().union(*(makers[asset] for asset in left))
    while more := {asset for asset, steps in makers.items() if asset not in left and steps & to_do}:
        left |= more
        to_do = to_do.union(*(makers[asset] for asset in more))
    return frozenset(makers.keys() - left)
