"""Keys of several partitions definitions in one text: the partition of a run that no single key can name.

`{"daily": "2024-01-15", "stores": "a"}`: an asset's name, and the key of the definition that it and others share.
"""

import json
from collections.abc import Mapping
from typing import Any

from treadle.core.errors import InvalidInvocationError


def partition_key_text(partition_key: Any) -> str | None:
    """A `partition_key=` argument as the text that a run's tag keeps; keys by name become JSON.

    Raises:
        InvalidInvocationError: an empty mapping, or one of other things than texts.

    Example:
        >>> partition_key_text({"stores": "a", "daily": "2024-01-15"})
        '{"daily": "2024-01-15", "stores": "a"}'
    """
    if not isinstance(partition_key, Mapping):
        return partition_key  # type: ignore[no-any-return]
    given = dict(partition_key)
    if not given or not all(isinstance(each, str) for pair in given.items() for each in pair):
        raise InvalidInvocationError(
            f"`partition_key` is {given!r}; keys by name are texts by text.",
            code="invalid-argument",
            hint='e.g. partition_key={"daily": "2024-01-15", "stores": "a"}, each by an asset that has such keys',
        )
    return json.dumps(given, sort_keys=True, ensure_ascii=False)


def keys_by_name(partition: Any) -> dict[str, str] | None:
    """The keys that `partition_key_text` put into a text; None for a plain key."""
    if not isinstance(partition, str) or not partition.startswith("{"):
        return None
    try:
        found = json.loads(partition)
    except ValueError:
        return None
    if not isinstance(found, dict) or not found:
        return None
    return found if all(isinstance(each, str) for each in found.values()) else None
