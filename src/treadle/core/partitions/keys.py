"""Keys of partitions, ranges of them, and windows of time."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from treadle.core.calendar.zones import instant_of
from treadle.core.deprecation import deprecated
from treadle.core.errors import InvalidDefinitionError, UnknownPartitionError, near_names
from treadle.core.values import Value, set_field

DIMENSION_SEPARATOR = "|"
RANGE_SEPARATOR = "..."


class PartitionKeyRange(NamedTuple):
    """The keys from `start` to `end`, both included, in the definition's order. Nothing is checked here.

    Args:
        start: the first key.
        end: the last key.
    """

    start: str
    end: str


class TimeWindow(NamedTuple):
    """The time that one partition covers: from `start` up to, not including, `end`.

    Args:
        start: aware datetime.
        end: aware datetime.

    Example:
        >>> from datetime import UTC, datetime
        >>> TimeWindow(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)).seconds
        86400.0
    """

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """Its length in seconds, clock changes counted."""
        return instant_of(self.end) - instant_of(self.start)

    @property
    def is_empty(self) -> bool:
        """Whether no time lies in it."""
        return self.seconds <= 0


@deprecated("use the partition's key")
class Partition(Value):
    """A value that stands for a partition, named by its text unless a name is given. Kept for older code."""

    __slots__ = ("value", "name")  # noqa: RUF023 - the order of the arguments

    value: object
    name: str

    def __init__(self, value: object, name: str | None = None) -> None:
        set_field(self, "value", value)
        set_field(self, "name", str(value) if name is None else name)


class PartitionDimensionKey(NamedTuple):
    """One coordinate of a multi-dimensional key."""

    dimension_name: str
    partition_key: str


class MultiPartitionKey(str):
    """The key of a partition in several dimensions: the keys joined by `|`, dimensions in alphabetical order.

    Args:
        keys_by_dimension: dimension name -> key.

    Example:
        >>> key = MultiPartitionKey({"date": "2024-11-05", "city": "london"})
        >>> key, key.keys_by_dimension["date"]
        ('london|2024-11-05', '2024-11-05')
    """

    keys_by_dimension: dict[str, str]

    def __new__(cls, keys_by_dimension: Mapping[str, str]) -> "MultiPartitionKey":
        for name, key in keys_by_dimension.items():
            if not isinstance(name, str) or not isinstance(key, str):
                raise InvalidDefinitionError(
                    f"A multi-partition key needs text for every dimension, not {key!r} for {name!r}.",
                    code="invalid-partition-key",
                )
        ordered = dict(sorted(keys_by_dimension.items()))
        made = super().__new__(cls, DIMENSION_SEPARATOR.join(ordered.values()))
        made.keys_by_dimension = ordered
        return made

    @property
    def dimension_keys(self) -> list[PartitionDimensionKey]:
        """Its coordinates, in the order of the text."""
        return [PartitionDimensionKey(name, key) for name, key in self.keys_by_dimension.items()]

    def __reduce__(self) -> tuple[type["MultiPartitionKey"], tuple[dict[str, str]]]:
        return type(self), (self.keys_by_dimension,)

    def __getnewargs__(self) -> tuple[dict[str, str]]:  # type: ignore[override]
        return (self.keys_by_dimension,)


def check_partition_key(key: object) -> str:
    """The key itself, if every store, file system and range can hold it.

    Raises:
        InvalidDefinitionError: `invalid-partition-key`: not text, a control character, three dots in a row
            (they separate the ends of a range), or text that has no UTF-8 form.
    """
    if not isinstance(key, str):
        raise _invalid_key(key, f"it is {type(key).__name__}, not text")
    if RANGE_SEPARATOR in key:
        raise _invalid_key(key, "three dots in a row separate the ends of a range")
    if not key.isprintable():
        for character in key:
            if unicodedata.category(character) in ("Cc", "Cs"):
                raise _invalid_key(key, f"it contains the character {character!r}")
    return key


def check_partition_keys(keys: Iterable[object]) -> tuple[str, ...]:
    """The keys as a tuple, each checked, none twice."""
    checked = tuple(check_partition_key(key) for key in keys)
    if len(set(checked)) < len(checked):
        seen: set[str] = set()
        twice = next(key for key in checked if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _invalid_key(twice, "it stands there twice", "give each partition one key, e.g. leave one out")
    return checked


def _invalid_key(
    key: object, reason: str, hint: str = "Keys are text without control characters and without '...'."
) -> InvalidDefinitionError:
    return InvalidDefinitionError(
        f"Invalid partition key {key!r}: {reason}.",
        code="invalid-partition-key",
        hint=hint,
    )


def invalid_partitions(message: str, hint: str | None = None) -> InvalidDefinitionError:
    """The error for a definition of partitions that can never work."""
    return InvalidDefinitionError(message, code="invalid-partitions", hint=hint)


def unknown_partition(
    key: object, known: Sequence[str], what: str, meant: str | None = None, how_to_add: str | None = None
) -> UnknownPartitionError:
    """The error for a key that is not in a definition, with the nearest keys there are.

    Args:
        key: what was asked for.
        known: the keys there are, or enough of them to look for a near one.
        what: the definition, for the message.
        meant: the key that was most likely meant, if that is known.
        how_to_add: how a definition without keys gets some, where code may add them.
    """
    near = [meant] if meant else near_names(str(key), known)
    if near:
        hint = f"Did you mean {' or '.join(repr(k) for k in near)}?"
    elif known:
        hint = (
            f"Keys run from {known[0]!r} to {known[-1]!r}."
            if len(known) > 1
            else f"The only key is {known[0]!r}."
        )
    else:
        hint = f"It has no partitions yet{f': {how_to_add}' if how_to_add else ''}."
    return UnknownPartitionError(
        f"There is no partition {key!r} in {what}.", hint=hint, key=key, nearest=near
    )
