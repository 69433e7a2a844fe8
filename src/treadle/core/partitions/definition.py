"""Definitions of partitions: the base class for all, and those whose keys are a list."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from treadle.core import late
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, UnknownPartitionError
from treadle.core.partitions import subset_text
from treadle.core.partitions.axes import Axis, ListAxis
from treadle.core.partitions.context import DynamicPartitionsStore, loading
from treadle.core.partitions.keys import (
    Partition,
    PartitionKeyRange,
    check_partition_key,
    check_partition_keys,
    invalid_partitions,
)
from treadle.core.partitions.sets import PartitionSet, PartitionSpace
from treadle.core.run_tags import PARTITION_TAG
from treadle.core.values import Value, set_field

T_str = TypeVar("T_str", bound=str, covariant=True)


class PartitionsDefinition(Generic[T_str]):
    """What partitions an asset has. Subclass it and override `get_partition_keys` for a list of your own.

    Example:
        >>> class Regions(PartitionsDefinition):
        ...     def get_partition_keys(self, current_time=None, dynamic_partitions_store=None):
        ...         return ["eu", "us"]
        >>> Regions().has_partition_key("eu")
        True
    """

    __slots__ = ()

    name: str | None = None
    """The name under which its keys are stored, for dynamic ones."""

    @property
    def partitions_subset_class(self) -> type[PartitionSet]:
        """The class of its sets."""
        return PartitionSet

    def get_partition_keys(
        self,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> Sequence[Any]:
        """All keys, in order.

        Args:
            current_time: the time that counts as now; a naive one is wall time in the zone of the partitions. By
                default the surrounding block's, else the clock's.
            dynamic_partitions_store: where dynamic keys are kept.
        """
        return list(self.space(current_time, dynamic_partitions_store).all())

    def space(
        self,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> PartitionSpace:
        """The definition at a time: what exists, numbered. Everything about sets starts here."""
        return self._space_at(*self._loading(current_time, dynamic_partitions_store))

    def _loading(
        self, current_time: datetime | None, dynamic_partitions_store: DynamicPartitionsStore | None
    ) -> tuple[datetime, DynamicPartitionsStore | None]:
        context = loading(current_time, dynamic_partitions_store)
        return context.time(), context.dynamic_partitions_store

    def _space_at(self, time: datetime, store: DynamicPartitionsStore | None) -> PartitionSpace:
        return PartitionSpace(self, self._axes(time, store))

    def _axes(self, time: datetime, store: DynamicPartitionsStore | None) -> tuple[Axis, ...]:
        if type(self).get_partition_keys is PartitionsDefinition.get_partition_keys:
            raise NotImplementedError(f"{type(self).__name__} does not override `get_partition_keys`")
        keys = self.get_partition_keys(current_time=time, dynamic_partitions_store=store)
        return (ListAxis([key.name if isinstance(key, Partition) else key for key in keys]),)

    @property
    def how_keys_are_added(self) -> str | None:
        """How a definition that has no keys yet gets some, for messages; None where only its text can say."""
        return None

    def get_num_partitions(
        self,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> int:
        """How many partitions there are."""
        return len(self.space(current_time, dynamic_partitions_store).all())

    def get_first_partition_key(
        self,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> Any:
        """The first key, or None."""
        return next(iter(self.space(current_time, dynamic_partitions_store).all()), None)

    def get_last_partition_key(
        self,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> Any:
        """The last key, or None."""
        last = last_of(self.space(current_time, dynamic_partitions_store))
        return next(iter(last), None)

    def has_partition_key(
        self,
        partition_key: str,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> bool:
        """Whether there is a partition with exactly this key."""
        return partition_key in self.space(current_time, dynamic_partitions_store).all()

    def get_serializable_unique_identifier(
        self, dynamic_partitions_store: DynamicPartitionsStore | None = None
    ) -> str:
        """A short text that differs where what the definition says differs, the same in every process.

        Args:
            dynamic_partitions_store: where dynamic keys are kept; the text changes with them.
        """
        told = json.dumps(self._told_apart_by(dynamic_partitions_store), default=str)
        return str(late.hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest())

    def _told_apart_by(self, store: DynamicPartitionsStore | None) -> Any:
        """What its identifier is made of; anything that JSON or `str` can tell."""
        return [str(key) for key in self.get_partition_keys(dynamic_partitions_store=store)]

    def validate_partition_key(
        self,
        partition_key: str,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> None:
        """Raises unless there is a partition with this key.

        Raises:
            UnknownPartitionError: `unknown-partition`, with the nearest keys.
        """
        space = self.space(current_time, dynamic_partitions_store)
        if partition_key not in space.all():
            raise space.unknown(partition_key)

    def get_partition_keys_in_range(
        self,
        partition_key_range: PartitionKeyRange,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
        current_time: datetime | None = None,
    ) -> Sequence[Any]:
        """The keys of a range, both ends included, in order; empty if the range is reversed.

        Raises:
            UnknownPartitionError: an end that is not in the definition.
        """
        return list(self.space(current_time, dynamic_partitions_store).key_range(*partition_key_range))

    def subset_with_partition_keys(
        self,
        partition_keys: Iterable[str],
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> PartitionSet:
        """The set of these keys."""
        return self.space(current_time, dynamic_partitions_store).of_keys(partition_keys)

    def subset_with_all_partitions(
        self,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> PartitionSet:
        """The set of all keys."""
        return self.space(current_time, dynamic_partitions_store).all()

    def empty_subset(self) -> PartitionSet:
        """The set without members."""
        return PartitionSet(self._space_without_store(), ())

    def deserialize_subset(self, serialized: str) -> PartitionSet:
        """The set that a text of `PartitionSet.serialize` tells of.

        Raises:
            InvariantViolationError: the text is damaged or of another kind of definition (`unreadable-subset`).
            UnknownPartitionError: a partition in it that does not exist now (`unknown-partition`).

        Example:
            >>> letters = StaticPartitionsDefinition(["a", "b"])
            >>> list(letters.deserialize_subset('{"version": 1, "subset": ["a"]}'))
            ['a']
        """
        return subset_text.read_set(self.space(), serialized)

    def can_deserialize_subset(
        self,
        serialized: str,
        serialized_partitions_def_unique_id: str | None = None,
        serialized_partitions_def_class_name: str | None = None,
    ) -> bool:
        """Whether `deserialize_subset` reads this text.

        Args:
            serialized: the text.
            serialized_partitions_def_unique_id: accepted and not used: what counts is what the text says.
            serialized_partitions_def_class_name: of the definition that wrote it.
        """
        if serialized_partitions_def_class_name not in (None, type(self).__name__):
            return False
        try:
            self.deserialize_subset(serialized)
        except (InvariantViolationError, UnknownPartitionError):
            return False
        return True

    def _space_without_store(self) -> PartitionSpace:
        return self.space()

    def get_tags_for_partition_key(self, partition_key: str) -> Mapping[str, str]:
        """The tags of a run of this partition."""
        return {PARTITION_TAG: partition_key}


def open_to_subclasses(*classes: type) -> None:
    """Lets users' subclasses of these frozen classes set attributes of their own; fields stay frozen."""
    for cls in classes:
        cls.__setattr__ = Value.__setattr__  # type: ignore[assignment]
        cls.__delattr__ = Value.__delattr__  # type: ignore[assignment]


def last_of(space: PartitionSpace) -> PartitionSet:
    """The set of the last partition of a space, or the empty one."""
    point = [axis.universe[-1][1] - 1 if axis.universe else None for axis in space.axes]
    if None in point:
        return space.empty()
    region: Any = ((point[-1], point[-1] + 1),)  # type: ignore[operator]
    for ordinal in reversed(point[:-1]):
        region = ((ordinal, ordinal + 1, region),)  # type: ignore[operator]
    return PartitionSet(space, region)


def _checked_keys(keys: Iterable[str]) -> tuple[str, ...]:
    if keys is None or not isinstance(keys, Iterable):
        raise InvalidDefinitionError(
            f"partition_keys must be a list of texts, not {keys!r}.", code="invalid-partition-key"
        )
    return check_partition_keys(keys)


class StaticPartitionsDefinition(Value, PartitionsDefinition[str]):
    """A fixed list of keys, in the order given.

    Args:
        partition_keys: distinct texts without control characters or `...`.

    Raises:
        InvalidDefinitionError: a key that cannot be used (`invalid-partition-key`).

    Example:
        >>> StaticPartitionsDefinition(["eu", "us"]).get_partition_keys()
        ['eu', 'us']
    """

    _field_names = ("_keys",)
    _argument_names = {"_keys": "partition_keys"}

    _keys: tuple[str, ...]

    def __init__(self, partition_keys: Sequence[str]) -> None:
        set_field(self, "_keys", _checked_keys(partition_keys))

    @property
    def partition_keys(self) -> list[str]:
        """The keys, as a new list."""
        return list(self._keys)

    def get_partition_keys(
        self,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> Sequence[str]:
        """The keys, as a new list."""
        return list(self._keys)

    def _axes(self, time: datetime, store: DynamicPartitionsStore | None) -> tuple[Axis, ...]:
        return (ListAxis(self._keys),)

    def __repr__(self) -> str:
        shown = [*map(repr, self._keys[:5]), *(["…"] if len(self._keys) > 5 else [])]
        return f"{type(self).__name__}([{', '.join(shown)}])"


class AddDynamicPartitionsRequest(Value):
    """Asks for keys to be added to a dynamic definition, from a sensor.

    Args:
        partitions_def_name: the definition's name.
        partition_keys: the new keys; those that exist already stay as they are.
    """

    _field_names = ("partitions_def_name", "partition_keys")

    partitions_def_name: str
    partition_keys: Sequence[str]

    def __init__(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None:
        set_field(self, "partitions_def_name", partitions_def_name)
        set_field(self, "partition_keys", list(partition_keys))


class DeleteDynamicPartitionsRequest(Value):
    """Asks for keys to be deleted from a dynamic definition, from a sensor.

    Args:
        partitions_def_name: the definition's name.
        partition_keys: the keys to delete.
    """

    _field_names = ("partitions_def_name", "partition_keys")

    partitions_def_name: str
    partition_keys: Sequence[str]

    def __init__(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None:
        set_field(self, "partitions_def_name", partitions_def_name)
        set_field(self, "partition_keys", list(partition_keys))


class DynamicPartitionsDefinition(Value, PartitionsDefinition[str]):
    """Keys that are added and deleted while the system runs, kept in the store under a name.

    Args:
        partition_fn: a function of the time that returns the keys; older code. One of the two is given.
        name: under which the keys are kept.

    Example:
        >>> DynamicPartitionsDefinition(name="customers").name
        'customers'
    """

    _field_names = ("partition_fn", "name")

    partition_fn: Callable[..., Sequence[Any]] | None
    name: str | None

    def __init__(
        self, partition_fn: Callable[..., Sequence[Any]] | None = None, name: str | None = None
    ) -> None:
        set_field(self, "partition_fn", partition_fn)
        set_field(self, "name", name)
        if name is not None and not isinstance(name, str):
            raise invalid_partitions(
                f"A dynamic partitions definition needs a text as its name, not {name!r}."
            )
        if (name is None) == (partition_fn is None):
            raise invalid_partitions(
                "A dynamic partitions definition needs either a name or a partition_fn.",
                hint='Give it a name: DynamicPartitionsDefinition(name="customers").',
            )

    def get_partition_keys(
        self,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> Sequence[str]:
        """The keys that exist now, in the order of adding.

        Raises:
            InvariantViolationError: no store was given.
        """
        context = loading(current_time, dynamic_partitions_store)
        if self.partition_fn is not None:
            if not callable(self.partition_fn):
                raise InvariantViolationError(
                    "Only the process that holds the code knows these partition keys."
                )
            keys = self.partition_fn(current_time)
            return [key.name if isinstance(key, Partition) else key for key in keys]
        if context.dynamic_partitions_store is None:
            raise InvariantViolationError(
                f"The keys of dynamic partitions {self.name!r} are kept in an instance; none was given.",
                hint="Pass dynamic_partitions_store=instance.",
            )
        return list(context.dynamic_partitions_store.get_dynamic_partitions(str(self.name)))

    def has_partition_key(
        self,
        partition_key: str,
        current_time: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> bool:
        """Whether this key exists now; one look-up, however many there are."""
        store = loading(current_time, dynamic_partitions_store).dynamic_partitions_store
        if self.partition_fn is None and store is not None:
            return isinstance(partition_key, str) and store.has_dynamic_partition(
                str(self.name), partition_key
            )
        return partition_key in self.get_partition_keys(current_time, dynamic_partitions_store)

    def _space_without_store(self) -> PartitionSpace:
        return PartitionSpace(self, (ListAxis(()),))

    def deserialize_subset(self, serialized: str) -> PartitionSet:
        """The set that a text tells of. Keys in it stay, though they were deleted since or no store is at hand.

        Raises:
            InvariantViolationError: the text is damaged or of another kind of definition (`unreadable-subset`).
        """
        keys = subset_text.keys_in(serialized)
        store = loading(None, None).dynamic_partitions_store
        known = self.get_partition_keys() if store is not None or self.partition_fn is not None else ()
        space = PartitionSpace(self, (ListAxis(tuple(dict.fromkeys([*known, *keys]))),))
        return space.of_keys(keys)

    @property
    def how_keys_are_added(self) -> str | None:
        if self.name is None:
            return "its `partition_fn` gives none"
        return (
            f"add some with `treadle.Instance.get().add_dynamic_partitions({self.name!r}, [...])`, or from a sensor with "
            "`dynamic_partitions_requests=`"
        )

    def build_add_request(self, partition_keys: Sequence[str]) -> AddDynamicPartitionsRequest:
        """Asks for keys to be added.

        Raises:
            InvalidDefinitionError: a key that cannot be used (`invalid-partition-key`).
        """
        return AddDynamicPartitionsRequest(
            self._stored_name(), [check_partition_key(key) for key in partition_keys]
        )

    def build_delete_request(self, partition_keys: Sequence[str]) -> DeleteDynamicPartitionsRequest:
        """Asks for keys to be deleted. Any text may be named, so that old keys can be got rid of."""
        return DeleteDynamicPartitionsRequest(self._stored_name(), list(partition_keys))

    def _stored_name(self) -> str:
        if self.name is None:
            raise InvariantViolationError("Keys made by a partition_fn cannot be added or deleted.")
        return self.name

    def __repr__(self) -> str:
        shown = f"name={self.name!r}" if self.partition_fn is None else f"partition_fn={self.partition_fn!r}"
        return f"{type(self).__name__}({shown})"


open_to_subclasses(StaticPartitionsDefinition, DynamicPartitionsDefinition)
