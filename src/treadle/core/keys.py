"""Keys of assets and asset checks."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import total_ordering
from typing import Any, Final, NoReturn

from treadle.core.errors import InvalidArgumentError, shortened, wrong_type
from treadle.core.names import is_storable
from treadle.core.values import Items, TupleValue, Value, set_field

MAX_PART_LENGTH: Final = 1_000
"""Longest part of a key, in characters."""

_STEP_UP = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")


@total_ordering
class AssetKey(Value):
    """The name of an asset: one or more parts, from the widest to the narrowest.

    Args:
        path: the parts, as text or a sequence of texts: `AssetKey("orders")`, `AssetKey(["raw", "orders"])`.

    Raises:
        InvalidArgumentError: a part is no text, longer than 1,000 characters, or holds NUL or a `..` step.

    Example:
        >>> AssetKey(["raw", "orders"]).to_user_string()
        'raw/orders'
    """

    __slots__ = ("_hash", "_parts")
    _hash: int
    _parts: tuple[str, ...]

    def __init__(self, path: str | Sequence[str]) -> None:
        if isinstance(path, str):
            parts: tuple[str, ...] = (path,)
        elif isinstance(path, (list, tuple)) or (isinstance(path, Sequence) and not isinstance(path, bytes)):
            parts = tuple(path)
        else:
            raise wrong_type("path", "text or a sequence of texts", path, "AssetKey")
        for part in parts:
            if not isinstance(part, str):
                raise wrong_type("path", "text or a sequence of texts", part, "AssetKey")
            if len(part) > MAX_PART_LENGTH or ".." in part or not is_storable(part):
                _check_part(part)
        object.__setattr__(self, "_parts", parts)
        object.__setattr__(self, "_hash", hash(parts))

    @property
    def path(self) -> Sequence[str]:
        """The parts in order, as a new list."""
        return list(self._parts)

    @property
    def parts(self) -> Sequence[str]:
        """The parts in order, as a new list."""
        return list(self._parts)

    @property
    def parts_tuple(self) -> tuple[str, ...]:
        """The parts in order, shared and immutable."""
        return self._parts

    def to_user_string(self) -> str:
        """The parts joined by slashes."""
        return "/".join(self.parts_tuple)

    def to_escaped_user_string(self) -> str:
        """The parts joined by slashes; slashes and backslashes within a part are escaped by a backslash."""
        return "/".join(part.replace("\\", "\\\\").replace("/", "\\/") for part in self.parts_tuple)

    def to_string(self) -> str:
        """The parts as a JSON list, the form that storage uses."""
        return json.dumps(self.parts_tuple)

    def to_python_identifier(self, suffix: str | None = None) -> str:
        """The parts (and a suffix) joined by two underscores, dashes and dots as underscores."""
        parts = self.parts_tuple if suffix is None else (*self.parts_tuple, suffix)
        return "__".join(parts).replace("-", "_").replace(".", "_")

    def has_prefix(self, prefix: Sequence[str]) -> bool:
        """Whether the key starts with these parts; a text is not taken for its letters."""
        return not isinstance(prefix, str) and self.parts_tuple[: len(prefix)] == tuple(prefix)

    def with_prefix(self, prefix: "str | Sequence[str] | AssetKey") -> "AssetKey":
        """The key under a prefix.

        Example:
            >>> AssetKey("orders").with_prefix("raw").to_user_string()
            'raw/orders'
        """
        return AssetKey((*AssetKey.from_coercible(prefix).parts_tuple, *self.parts_tuple))

    @staticmethod
    def from_user_string(asset_key_string: str) -> "AssetKey":
        """The key that text with slashes between the parts names."""
        return AssetKey(asset_key_string.split("/"))

    @staticmethod
    def from_escaped_user_string(asset_key_string: str) -> "AssetKey":
        """The key whose `to_escaped_user_string` is this text."""
        if not asset_key_string:
            return AssetKey([])
        return AssetKey(_split_escaped(asset_key_string))

    @staticmethod
    def from_db_string(asset_key_string: str | None) -> "AssetKey | None":
        """The key that a stored text means: a JSON list, or words with anything between; None if empty."""
        if not asset_key_string:
            return None
        if asset_key_string[0] == "[":
            try:
                return AssetKey(json.loads(asset_key_string))
            except json.JSONDecodeError:
                pass
        return AssetKey(re.findall(r"[A-Za-z0-9_]+", asset_key_string))

    @staticmethod
    def from_coercible(arg: Any) -> "AssetKey":
        """The key that a key, text or sequence of texts is. Slashes in text are kept.

        Raises:
            InvalidArgumentError: it is none of these.
        """
        if isinstance(arg, AssetKey):
            return arg
        if isinstance(arg, (str, list, tuple)):
            return AssetKey(arg)
        raise wrong_type("asset_key", "an AssetKey, text or a sequence of texts", arg)

    @staticmethod
    def from_coercible_or_definition(arg: Any) -> "AssetKey":
        """The key that a coercible is, or that a definition with a single key has.

        Raises:
            InvalidArgumentError: it is neither, or has several keys.
        """
        if isinstance(arg, (AssetKey, str, list, tuple)):
            return AssetKey.from_coercible(arg)
        keys = keys_of_definition(arg)
        if keys is None:
            raise wrong_type("asset", "an AssetKey, text, a sequence of texts or an asset", arg)
        if len(keys) != 1:
            names = ", ".join(key.to_user_string() for key in keys)
            raise InvalidArgumentError(
                f"one asset is expected here; this definition has {len(keys)}: {names}"
            )
        return keys[0]

    def _asdict(self) -> dict[str, Any]:
        return {"path": self.path}

    def _arguments(self) -> dict[str, Any]:
        return {"path": self.parts_tuple}

    def __eq__(self, other: object) -> bool:
        return self._parts == other._parts if isinstance(other, AssetKey) else NotImplemented

    def __lt__(self, other: "AssetKey") -> bool:
        return self._parts < other._parts

    def __hash__(self) -> int:
        return self._hash

    def __iter__(self) -> Iterator[Any]:
        yield self.path

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("path", "parts", "_parts", "_hash"):
            self._refuse_change(name)
        object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.parts_tuple,))

    def __repr__(self) -> str:
        return f"AssetKey({self.path!r})"

    def __str__(self) -> str:
        return repr(self)


@total_ordering
class AssetCheckKey(Value):
    """The name of a check on an asset.

    Args:
        asset_key: the asset that is checked.
        name: the check's name, unique for its asset.

    Example:
        >>> AssetCheckKey(AssetKey("orders"), "no_nulls").to_user_string()
        'orders:no_nulls'
    """

    __slots__ = ("asset_key", "name")

    asset_key: AssetKey
    name: str

    def __init__(self, asset_key: Any, name: str) -> None:
        if not isinstance(name, str):
            raise wrong_type("name", "text", name, "AssetCheckKey")
        if not isinstance(asset_key, AssetKey):
            asset_key = AssetKey.from_coercible_or_definition(asset_key)
        set_field(self, "asset_key", asset_key)
        set_field(self, "name", name)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.name == other.name and self.asset_key == other.asset_key

    def __hash__(self) -> int:
        return hash((self.asset_key, self.name))

    def __lt__(self, other: "AssetCheckKey") -> bool:
        return tuple(self) < tuple(other) if type(other) is type(self) else NotImplemented

    def to_user_string(self) -> str:
        """The asset's user string, a colon, and the check's name."""
        return f"{self.asset_key.to_user_string()}:{self.name}"

    @staticmethod
    def from_user_string(user_string: str) -> "AssetCheckKey":
        """The key that `to_user_string` wrote: what follows the last colon is the name."""
        asset, colon, name = user_string.rpartition(":")
        if not colon:
            raise InvalidArgumentError(
                f"a check is written `asset:check`, got {shortened(repr(user_string))}"
            )
        return AssetCheckKey(AssetKey.from_user_string(asset), name)

    def to_db_string(self) -> str:
        """The key as JSON, the form that storage uses."""
        return json.dumps({"asset_key": self.asset_key.to_string(), "check_name": self.name})

    @staticmethod
    def from_db_string(db_string: str) -> "AssetCheckKey | None":
        """The key whose `to_db_string` is this text; None if it is no such text."""
        try:
            values = json.loads(db_string)
            asset_key = AssetKey.from_db_string(values["asset_key"])
            return None if asset_key is None else AssetCheckKey(asset_key, values["check_name"])
        except (ValueError, KeyError, TypeError):
            return None

    def replace_key(self, key: AssetKey) -> "AssetCheckKey":
        """The check of that name on another asset."""
        return AssetCheckKey(key, self.name)

    def with_asset_key_prefix(self, prefix: "str | Sequence[str] | AssetKey") -> "AssetCheckKey":
        """The check with its asset under a prefix."""
        return AssetCheckKey(self.asset_key.with_prefix(prefix), self.name)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.asset_key, self.name))

    def __repr__(self) -> str:
        return f"AssetCheckKey(asset_key={self.asset_key!r}, name={self.name!r})"


AssetOrCheckKey = AssetKey | AssetCheckKey
"""The key of anything that can be selected and run."""


class AssetJobKey(TupleValue):
    """The name of a job of assets, where a key is asked for."""

    __slots__ = ("job_name",)
    job_name: str

    def __init__(self, job_name: str) -> None:
        if not isinstance(job_name, str):
            raise wrong_type("job_name", "text", job_name, "AssetJobKey")
        object.__setattr__(self, "job_name", job_name)


def keys_of_definition(definition: Any) -> Items[AssetKey] | None:
    """The keys of anything that has `ordered_keys`, `keys` or `key`; None if it has none of them.

    A definition with several keys may refuse to tell `key`, so that is asked last.
    """
    if isinstance(definition, type):
        return None
    keys = getattr(definition, "ordered_keys", None) or getattr(definition, "keys", None)
    if keys is not None and not callable(keys):
        return Items(key for key in keys if isinstance(key, AssetKey))
    key = getattr(definition, "key", None)
    return Items((key,)) if isinstance(key, AssetKey) else None


def _check_part(part: str) -> None:
    if "\0" in part:
        _refuse_part(part, "may not hold NUL")
    if not is_storable(part):
        _refuse_part(part, "may not hold half of a surrogate pair")
    if _STEP_UP.search(part):
        _refuse_part(part, "may not step up a folder (`..`)")
    if len(part) > MAX_PART_LENGTH:
        _refuse_part(part, f"may have at most {MAX_PART_LENGTH} characters")


def _refuse_part(part: str, rule: str) -> NoReturn:
    raise InvalidArgumentError(f"argument `path`: a part of an asset key {rule}, got {shortened(repr(part))}")


def _split_escaped(text: str) -> list[str]:
    """Split at the slashes that no backslash escapes, then undo the escapes."""
    parts: list[str] = [""]
    escaped = False
    for letter in text:
        if escaped or letter not in "\\/":
            parts[-1] += letter
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            parts.append("")
    return parts
