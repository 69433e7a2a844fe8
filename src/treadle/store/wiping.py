"""Wipes of some partitions of an asset: what they hide, also where nobody said yet in which place a key lies.

A wipe by keys alone waits among the unplaced keys, as a row of no run, until a reader has the definition.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from treadle.core.events import EventType, StoredEvent
from treadle.core.partitions.stored_set import StoredSet
from treadle.store import segments, sets
from treadle.store.codec import plain
from treadle.store.database import Transaction

WIPE: Final = -1
"""Stands where an unplaced key that was made has its run; its generation stands for the data version."""

ReadEvents = Callable[[Transaction, Sequence[int]], list[StoredEvent]]


def wiped_keys(tx: Transaction, asset: int, after: int, read: ReadEvents) -> dict[str, int]:
    """Each partition key that was wiped by itself, and the latest event that says so.

    Args:
        after: wipes of the whole asset hide what came before this event.
        read: reads events by storage id.
    """
    found = {row[0]: int(row[1]) for row in tx.all("wiped_keys_of", asset=asset, wiped=after)}
    for stored in read(tx, [row[0] for row in tx.all("wiped_sets_of", asset=asset, wiped=after)]):
        for key in stored.event.partition_keys or ():
            found[key] = max(found.get(key, 0), stored.storage_id)
    return found


def is_wiped(stored: StoredEvent, wiped: Mapping[str, int]) -> bool:
    """Whether every partition that an event is about was wiped after it."""
    keys = stored.event.partition_keys
    return bool(keys) and all(wiped.get(key, 0) > stored.storage_id for key in keys or ())


def forget_keys(tx: Transaction, asset: int, keys: Collection[str], event: int) -> None:
    """Note that these keys were wiped, wherever they lie; what was made of them by key alone is forgotten, too."""
    row = tx.one("get_asset", asset=asset)
    generation = str(row[3]) if row is not None else "0"
    tx.many("put_unplaced", [(asset, plain(key), event, WIPE, generation, None) for key in keys])


def forget_set(tx: Transaction, asset: int, stored: StoredSet, event: int, generation: int) -> None:
    """Make partitions unmaterialized, except where something came after the wipe.

    Args:
        event: the wipe.
        generation: the asset's at that time.
    """
    for layer in segments.layers_of(tx, asset):
        later = []
        for name, spans in stored.runs.items():
            for lo, hi in spans:
                for row in tx.all("overlapping_segments", asset=asset, layer=layer, slice=name, lo=lo, hi=hi):
                    is_later = row[6] > generation if layer == segments.ATTEMPT else row[2] > event
                    if is_later:
                        later.append((name, row[0], row[1]))
        segments.remove(tx, asset, layer, sets.difference(stored, sets.from_spans(later)))


def settle_latest(
    tx: Transaction, asset: int, wiped_event: int, latest: Mapping[str, int | None], read: ReadEvents
) -> None:
    """Where an asset's latest event of a type is hidden now, put the one before it in its place.

    Args:
        wiped_event: of the wipe of the whole asset, or 0.
        latest: event type -> storage id.
    """
    known = [number for number in latest.values() if number is not None]
    if not any(stored.event.partition_keys for stored in read(tx, sorted(known))):
        return
    wiped = wiped_keys(tx, asset, wiped_event, read)
    found = {
        kind: None if number is None else _latest_left(tx, asset, kind, wiped_event, number, wiped, read)
        for kind, number in latest.items()
    }
    tx.run(
        "put_latest",
        asset=asset,
        materialization=found[EventType.ASSET_MATERIALIZATION.value],
        observation=found[EventType.ASSET_OBSERVATION.value],
    )


def _latest_left(
    tx: Transaction,
    asset: int,
    kind: str,
    wiped_event: int,
    number: int,
    wiped: Mapping[str, int],
    read: ReadEvents,
) -> int | None:
    before = number + 1
    while rows := tx.all(
        "latest_of_asset", asset=asset, type=kind, wiped=wiped_event, before=before, limit=100
    ):
        for stored in reversed(read(tx, [row[0] for row in rows])):
            if not is_wiped(stored, wiped):
                return stored.storage_id
        before = rows[-1][0]
    return None
