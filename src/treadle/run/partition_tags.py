"""The partition of a run as its tags tell it, and the tags that tell it."""

from collections.abc import Mapping

from treadle.core.errors import InvalidInvocationError
from treadle.core.partitions.keys import MultiPartitionKey, PartitionKeyRange
from treadle.core.partitions.sets import PartitionSet
from treadle.core.run_tags import PARTITION_TAG, RANGE_END_TAG, RANGE_START_TAG, partition_set_of
from treadle.plan.partitions import RunPartition, StepPartitions


def partition_from_tags(tags: Mapping[str, str], partition_key: str | None) -> RunPartition | None:
    """What the run works on: the key given, else the tags' key or range.

    Raises:
        InvalidInvocationError: a range of which only one end is given.
    """
    if partition_key is not None:
        return partition_key
    start, end = tags.get(RANGE_START_TAG), tags.get(RANGE_END_TAG)
    if start is not None or end is not None:
        if start is None or end is None:
            raise InvalidInvocationError(
                f"A range of partitions needs both `{RANGE_START_TAG}` and `{RANGE_END_TAG}`."
            )
        return PartitionKeyRange(start, end)
    return tags.get(PARTITION_TAG)


def partition_tags(
    partition: RunPartition | None, bound: Mapping[str, StepPartitions], job_name: str
) -> dict[str, str]:
    """The tags of a run of this partition."""
    if isinstance(partition, PartitionKeyRange):
        return {RANGE_START_TAG: partition.start, RANGE_END_TAG: partition.end}
    if not isinstance(partition, str):
        return {}
    tags = {PARTITION_TAG: str(partition), **partition_set_of(job_name)}
    for step in bound.values():
        if step.own is not None:
            tags.update(dimension_tags(step.own.keys))
            break
    return tags


def dimension_tags(keys: PartitionSet) -> dict[str, str]:
    """A tag for each dimension of the only key; none for several keys or one dimension."""
    if len(keys.space.names) < 2 or len(keys) != 1:
        return {}
    key = next(iter(keys))
    parts = key.keys_by_dimension if isinstance(key, MultiPartitionKey) else {}
    return {f"{PARTITION_TAG}/{name}": part for name, part in parts.items()}


def plain_keys(keys: PartitionSet) -> tuple[str, ...]:
    """The keys as plain text, in order."""
    return tuple(str(key) for key in keys)
