"""Keys of assets and asset checks."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from treadle.core.values import Value


class AssetKey:
    """The name of an asset: one or more parts, from the widest to the narrowest.

    Args:
        path: the parts, as text or a sequence of texts: `AssetKey("orders")`, `AssetKey(["raw", "orders"])`.

    Example:
        >>> AssetKey(["raw", "orders"]).to_user_string()
        'raw/orders'
    """

    __slots__ = ("_hash", "_parts")

    def __init__(self, path: str | Sequence[str]) -> None:
        parts = (path,) if isinstance(path, str) else tuple(path)
        self._parts: tuple[str, ...] = parts
        self._hash = hash(parts)

    @property
    def path(self) -> list[str]:
        """The parts in order, as a new list."""
        return list(self._parts)

    @property
    def parts(self) -> list[str]:
        """The parts in order, as a new list."""
        return list(self._parts)

    @property
    def parts_tuple(self) -> tuple[str, ...]:
        """The parts in order, shared and immutable."""
        return self._parts

    def to_user_string(self) -> str:
        """The parts joined by slashes."""
        return "/".join(self._parts)

    def to_string(self) -> str:
        """The parts as a JSON list, the form that storage uses."""
        return json.dumps(self._parts)

    def __eq__(self, other: object) -> bool:
        return self._parts == other._parts if isinstance(other, AssetKey) else NotImplemented

    def __lt__(self, other: "AssetKey") -> bool:
        return self._parts < other._parts

    def __hash__(self) -> int:
        return self._hash

    def __iter__(self) -> Iterator[Any]:
        yield self.path

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._parts,))

    def __repr__(self) -> str:
        return f"AssetKey({self.path!r})"

    def __str__(self) -> str:
        return repr(self)


@attrs.frozen(order=True)
class AssetCheckKey(Value):
    """The name of a check on an asset."""

    asset_key: AssetKey
    name: str
