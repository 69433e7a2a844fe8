"""How many steps that carry a tag may run side by side."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs


@attrs.frozen
class TagLimit:
    """At most `limit` steps at once that carry the tag.

    Args:
        key: of the tag.
        limit: how many.
        value: only steps whose tag has this value; None for any.
        per_value: count each value of the tag apart.
    """

    key: str
    limit: int
    value: str | None = None
    per_value: bool = False

    @classmethod
    def from_config(cls, given: Mapping[str, Any]) -> "TagLimit":
        """From an executor's settings: `{"key": …, "value": …, "limit": …}`."""
        value = given.get("value")
        if isinstance(value, Mapping):
            return cls(given["key"], given["limit"], None, bool(value.get("applyLimitPerUniqueValue")))
        return cls(given["key"], given["limit"], value)


class TagLimits:
    """Limits by tag.

    Example:
        >>> limits = TagLimits((TagLimit("api", 1),))
        >>> limits.allows({"api": "x"}, [{"api": "y"}])
        False
    """

    def __init__(self, limits: Iterable[TagLimit] = ()) -> None:
        self._limits = tuple(limits)

    def allows(self, tags: Mapping[str, Any], running: list[Mapping[str, Any]]) -> bool:
        """Whether a step with `tags` may start beside those that are running."""
        for limit in self._limits:
            if limit.key not in tags:
                continue
            value = str(tags[limit.key])
            if limit.value is not None and value != limit.value:
                continue
            same = sum(_counts(limit, value, other) for other in running)
            if same >= limit.limit:
                return False
        return True


def _counts(limit: TagLimit, value: str, other: Mapping[str, Any]) -> bool:
    if limit.key not in other:
        return False
    theirs = str(other[limit.key])
    if limit.per_value:
        return theirs == value
    return limit.value is None or theirs == limit.value
