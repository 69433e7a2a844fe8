"""What a run got done of the assets that it set out to make, though it did not end well."""

from collections.abc import Mapping, Set
from typing import Final

from treadle.core.asset_events import AssetCheckSeverity
from treadle.core.events import CheckData, EventType
from treadle.store.codec import read_event_body
from treadle.store.database import Transaction

_PLANNED: Final = EventType.ASSET_MATERIALIZATION_PLANNED.value
_SUCCEEDED: Final = EventType.STEP_SUCCESS.value


def made_by_run(tx: Transaction, run: int) -> frozenset[str]:
    """The assets, as they are stored, that need not be made again.

    They are those all of whose steps succeeded and which no blocking check holds up. What a step makes together
    counts together: a function need not be able to make a part of it.

    Args:
        run: the run's number in the store.
    """
    makers: dict[str, set[str]] = {}
    succeeded: set[str] = set()
    asked: set[tuple[str, str]] = set()
    settled: set[tuple[str, str]] = set()
    for kind, step_key, asset, body in tx.all("outcome_of_run", run=run):
        if kind == _SUCCEEDED:
            succeeded.add(step_key)
        elif kind == _PLANNED:
            makers.setdefault(asset, set()).add(step_key)
        else:
            data = read_event_body(bytes(body)).data
            if isinstance(data, CheckData) and data.blocking:
                if data.passed is None:
                    asked.add((asset, data.name))
                elif data.passed or data.severity != AssetCheckSeverity.ERROR.value:
                    settled.add((asset, data.name))
    return _made(makers, succeeded, {asset for asset, _ in asked - settled})


def _made(makers: Mapping[str, Set[str]], succeeded: Set[str], held_up: Set[str]) -> frozenset[str]:
    left = {asset for asset, steps in makers.items() if asset in held_up or not steps <= succeeded}
    to_do = set().union(*(makers[asset] for asset in left))
    while more := {asset for asset, steps in makers.items() if asset not in left and steps & to_do}:
        left |= more
        to_do = to_do.union(*(makers[asset] for asset in more))
    return frozenset(makers.keys() - left)
