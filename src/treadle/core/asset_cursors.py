"""How far a sensor that watches several assets has read, asset by asset. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from treadle.core.errors import TreadleError
from treadle.core.keys import AssetKey


@attrs.frozen
class AssetCursor:
    """How far one asset's materializations were read.

    Args:
        partition: of the last event read; None where the asset has no partitions.
        event_id: storage id of the last event read; None: none was.
        trailing: partition -> the latest event before `event_id` that was passed over and not read.
    """

    partition: str | None = None
    event_id: int | None = None
    trailing: Mapping[str, int] = attrs.field(factory=dict)

    def is_unread(self, event_id: int, partition: str | None) -> bool:
        """Whether an event still is to be read."""
        if self.event_id is None or event_id > self.event_id:
            return True
        return partition is not None and self.trailing.get(partition) == event_id

    def advanced(
        self, events: Iterable[tuple[int, str | None]], read: set[tuple[int, str | None]]
    ) -> "AssetCursor":
        """The cursor after some events were read.

        Args:
            events: every event (storage id, partition) that lies between this cursor and the last one read.
            read: those that were read.
        """
        if not read:
            return self
        last_read = max(read, key=lambda event: (event[0], event[1] or ""))
        end = max(self.event_id or 0, last_read[0])
        latest_read: dict[str, int] = {}
        for event_id, partition in read:
            if partition is not None:
                latest_read[partition] = max(event_id, latest_read.get(partition, 0))
        trailing = dict(self.trailing)
        for event_id, partition in events:
            is_new = self.event_id is None or event_id > self.event_id
            if partition is not None and is_new and event_id <= end:
                trailing[partition] = max(event_id, trailing.get(partition, 0))
        left = {
            partition: event_id
            for partition, event_id in trailing.items()
            if event_id > latest_read.get(partition, 0)
        }
        moved = self.event_id is None or last_read[0] > self.event_id
        return AssetCursor(last_read[1] if moved else self.partition, end, left)


def read_cursors(text: str | None, keys: Iterable[AssetKey]) -> dict[AssetKey, AssetCursor]:
    """The cursors of some assets, from the text that a sensor keeps.

    Raises:
        TreadleError: `invalid-cursor`.
    """
    found = {key: AssetCursor() for key in keys}
    if not text:
        return found
    try:
        stored = json.loads(text)
        for key in found:
            if str(key) in stored:
                partition, event_id, trailing = stored[str(key)]
                found[key] = AssetCursor(
                    partition,
                    None if event_id is None else int(event_id),
                    {name: int(number) for name, number in trailing.items()},
                )
    except (ValueError, TypeError, AttributeError) as error:
        raise TreadleError(
            f"{text!r} is not the cursor of a sensor that watches several assets",
            code="invalid-cursor",
            hint="set the cursor back, or give one that `context.cursor` showed",
        ) from error
    return found


def cursor_text(cursors: Mapping[AssetKey, AssetCursor], before: str | None = None) -> str:
    """The text that a sensor keeps. What it kept of other assets stays.

    Args:
        before: the text kept so far.
    """
    stored: dict[str, Any] = {}
    if before:
        try:
            stored = dict(json.loads(before))
        except ValueError:
            stored = {}
    for key, cursor in cursors.items():
        stored[str(key)] = [cursor.partition, cursor.event_id, dict(cursor.trailing)]
    return json.dumps(stored)
