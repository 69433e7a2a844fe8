"""The partitions that a context works on, under the names that user code asks for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from treadle.core.errors import InvariantViolationError

if TYPE_CHECKING:
    from treadle.core.partitions.keys import MultiPartitionKey, PartitionKeyRange, TimeWindow
    from treadle.define.context.step_state import PartitionView, StepState


class PartitionAccess:
    """Mix-in over a `StepState`: `partition_key` and its relatives."""

    __slots__ = ()
    _state: "StepState"

    @property
    def has_partitions(self) -> bool:
        """Whether this run is of one or more partitions."""
        return self._state.told_partitions is not None

    @property
    def has_partition_key(self) -> bool:
        """Whether this run is of exactly one partition, given as a key."""
        view = self._state.told_partitions
        return view is not None and not view.is_range

    @property
    def has_partition_key_range(self) -> bool:
        """Whether this run is of a range of partitions."""
        view = self._state.told_partitions
        return view is not None and view.is_range

    @property
    def partition_key(self) -> "MultiPartitionKey":
        """The partition key of this run: a `str`.

        Where there are several dimensions it has `keys_by_dimension`; type checkers take it for such a one everywhere, so
        that they accept both uses.

        Raises:
            InvariantViolationError: the run has no partition, or a range of several.
        """
        return cast("MultiPartitionKey", self._partition_view("partition_key").single_key("this run"))

    @property
    def multi_partition_key(self) -> "MultiPartitionKey":
        """The partition key of this run, of several dimensions."""
        return self._partition_view("multi_partition_key").multi_key("this run")

    @property
    def partition_keys(self) -> Sequence[str]:
        """All partition keys of this run, in order."""
        return self._partition_view("partition_keys").key_list()

    @property
    def partition_key_range(self) -> "PartitionKeyRange":
        """The first and last partition key of this run; the same key twice where it has one."""
        return self._partition_view("partition_key_range").key_range("this run")

    @property
    def partition_time_window(self) -> "TimeWindow":
        """The time that the partitions of this run cover, from the first one's start to the last one's end."""
        return self._partition_view("partition_time_window").time_window("this run")

    def _partition_view(self, name: str) -> "PartitionView":
        view = self._state.told_partitions
        if view is None:
            raise InvariantViolationError(
                f"`context.{name}` was asked for, but this run is of no partition.",
                hint="Give one: `materialize(..., partition_key=...)` or `--partition KEY`.",
            )
        return view
