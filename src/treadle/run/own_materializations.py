"""What a run made itself, found in its own events: for a run whose store nobody has opened yet."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from treadle.core.events import Event, EventType
from treadle.core.keys import AssetKey
from treadle.run.ephemeral import EphemeralInstance
from treadle.store.events import ASSET_EVENTS


class Made(NamedTuple):
    """A materialization, and the storage id that it will have."""

    storage_id: int
    event: Event


class OwnMaterializations:
    """The latest materialization of each asset of the first run in an empty store.

    The store numbers asset events in order, so the numbers are known before it is written.

    Args:
        events: of the run, growing.
        instance: in which it runs.
    """

    def __init__(self, events: Sequence[Event], instance: EphemeralInstance) -> None:
        self._events = events
        self._instance = instance
        self._read = 0
        self._number = 0
        self._latest: dict[tuple[AssetKey, str | None], Made] = {}

    @classmethod
    def of(cls, events: Sequence[Event], instance: Any) -> "OwnMaterializations | None":
        """Those of a run; None where something else may be stored already."""
        if isinstance(instance, EphemeralInstance) and instance.is_untouched:
            return cls(events, instance)
        return None

    @property
    def is_all(self) -> bool:
        """Whether nothing else can be stored: nobody has looked into the store."""
        return self._instance.is_untouched

    def latest(self, key: AssetKey, partition_key: str | None = None) -> Made | None:
        """The latest of an asset, or of one of its partitions; None where this run has not made it."""
        events = self._events
        while self._read < len(events):
            self._take(events[self._read])
            self._read += 1
        return self._latest.get((key, partition_key))

    def _take(self, event: Event) -> None:
        if event.type not in ASSET_EVENTS or event.asset_key is None:
            return
        self._number += 1
        if event.type is not EventType.ASSET_MATERIALIZATION:
            return
        made = Made(self._number, event)
        self._latest[event.asset_key, None] = made
        for partition in event.partition_keys or ():
            self._latest[event.asset_key, partition] = made
