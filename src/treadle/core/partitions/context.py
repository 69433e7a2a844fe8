"""What definitions need from outside: the time, and the store of dynamic keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Protocol, runtime_checkable

from treadle.core.calendar import clock
from treadle.core.values import Value, set_field


@runtime_checkable
class DynamicPartitionsStore(Protocol):
    """Where the keys of dynamic definitions are kept. An instance is one."""

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """The keys that were added under a name and not deleted, in the order of adding."""
        ...

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a key is among them."""
        ...


class PartitionLoadingContext(Value):
    """The time and store with which partition keys are computed.

    Args:
        effective_dt: the time; a naive one is wall time in the zone of each definition. None reads the clock when asked.
        dynamic_partitions_store: where dynamic keys are looked up.
    """

    __slots__ = ("effective_dt", "dynamic_partitions_store")  # noqa: RUF023 - the order of the arguments

    effective_dt: datetime | None
    dynamic_partitions_store: DynamicPartitionsStore | None

    def __init__(
        self,
        effective_dt: datetime | None = None,
        dynamic_partitions_store: DynamicPartitionsStore | None = None,
    ) -> None:
        set_field(self, "effective_dt", effective_dt)
        set_field(self, "dynamic_partitions_store", dynamic_partitions_store)

    def time(self) -> datetime:
        """The time that counts here."""
        return self.effective_dt if self.effective_dt is not None else clock.now()


_current: ContextVar[PartitionLoadingContext] = ContextVar(
    "partition_loading",
    default=PartitionLoadingContext(),  # noqa: B039 - frozen
)


@contextmanager
def partition_loading_context(
    effective_dt: datetime | None = None,
    dynamic_partitions_store: DynamicPartitionsStore | None = None,
    *,
    new_ctx: PartitionLoadingContext | None = None,
) -> Iterator[PartitionLoadingContext]:
    """Within the block, partition keys are computed for this time and store. What is None stays as it was.

    Args:
        effective_dt: the time that counts as now.
        dynamic_partitions_store: usually an instance.
        new_ctx: both at once, in place of the two.

    Example:
        >>> from datetime import UTC, datetime
        >>> with partition_loading_context(datetime(2026, 1, 1, tzinfo=UTC)) as ctx:
        ...     ctx.effective_dt.year
        2026
    """
    before = _current.get()
    context = new_ctx or PartitionLoadingContext(
        effective_dt if effective_dt is not None else before.effective_dt,
        dynamic_partitions_store if dynamic_partitions_store is not None else before.dynamic_partitions_store,
    )
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def loading(
    current_time: datetime | None = None, dynamic_partitions_store: DynamicPartitionsStore | None = None
) -> PartitionLoadingContext:
    """The context of a call: its own arguments first, then the surrounding block's."""
    outer = _current.get()
    return PartitionLoadingContext(
        current_time if current_time is not None else outer.time(),
        dynamic_partitions_store if dynamic_partitions_store is not None else outer.dynamic_partitions_store,
    )
