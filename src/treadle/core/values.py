"""What every value that users build has: the tuple-like conveniences of the peer, without being a tuple."""

from typing import Any, Self

import attrs


class Value:
    """Mix-in for `@attrs.frozen` classes: `_replace` and `_asdict`, as on a named tuple."""

    __slots__ = ()

    def _replace(self, **changes: Any) -> Self:
        """A copy with the given fields changed; the constructor's checks run again."""
        return attrs.evolve(self, **changes)  # type: ignore[misc]

    def _asdict(self) -> dict[str, Any]:
        """Field name to value, one level deep."""
        return {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}  # type: ignore[misc]
