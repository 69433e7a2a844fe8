"""Run requests for partitions of a job: the partition is checked, its tags and the job's config for it filled in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import FunctionType
from typing import Any, Final

from treadle.core.catalog import Catalog
from treadle.core.errors import InvalidInvocationError
from treadle.core.keys import AssetKey
from treadle.core.partitions.pending import WithRequests
from treadle.core.run_tags import PARTITION_TAG, RANGE_END_TAG, RANGE_START_TAG, partition_set_of
from treadle.core.schedules import RunRequest
from treadle.define.config.run_config import run_config_dict

_PARTITION_TAGS: Final = frozenset({PARTITION_TAG, RANGE_START_TAG, RANGE_END_TAG})


def partition_tags_of(job_name: str, partitions_def: Any, config: Any, partition_key: str) -> dict[str, str]:
    """The tags of a run of one partition of a job.

    Args:
        config: the job's; where it is a partitioned config, its tags are added.
    """
    of_config = getattr(config, "own_tags_for_partition_key", None)
    own: Mapping[str, str] = of_config(partition_key) if of_config is not None else {}
    return {
        **own,
        **partitions_def.get_tags_for_partition_key(partition_key),
        **partition_set_of(job_name),
    }


def config_of_partition(config: Any, partition_key: str | None) -> Mapping[str, Any]:
    """A job's own run config, as data; for a partitioned config that of the partition."""
    if config is None or hasattr(config, "config_fn"):
        return {}
    if hasattr(config, "get_run_config_for_partition_key"):
        return config.get_run_config_for_partition_key(partition_key) if partition_key is not None else {}
    return run_config_dict(config)


def resolve_partition_request(
    request: RunRequest,
    job_name: str,
    partitions_def: Any,
    config: Any,
    *,
    dynamic_partitions_store: Any = None,
    dynamic_partitions_requests: Sequence[Any] = (),
    current_time: datetime | None = None,
) -> RunRequest:
    """The request with the tags and config of its partition.

    Args:
        partitions_def: the job's; None where it has none.
        config: the job's own config; the request's, if it has any, stands in for it.
        dynamic_partitions_requests: keys that are added or deleted before the run starts.

    Raises:
        UnknownPartitionError: there is no such partition; names the nearest.
        InvalidInvocationError: the job has no partitions.
    """
    key = request.partition_key
    assert key is not None
    if partitions_def is None:
        raise InvalidInvocationError(
            f"job `{job_name}` has no partitions, and a run of its partition `{key}` is asked for.",
            hint="leave `partition_key` out, or give the job's assets a `partitions_def`",
        )
    store = dynamic_partitions_store
    if dynamic_partitions_requests:
        store = WithRequests(store, dynamic_partitions_requests)
    partitions_def.validate_partition_key(key, current_time=current_time, dynamic_partitions_store=store)
    return request._replace(
        tags={**request.tags, **partition_tags_of(job_name, partitions_def, config, key)},
        run_config=request.run_config or config_of_partition(config, key),
    )


def names_partition(tags: Mapping[str, str]) -> bool:
    """Whether tags of a run say which partition it makes, or which range."""
    return any(tag in _PARTITION_TAGS or tag.startswith(f"{PARTITION_TAG}/") for tag in tags)


def needs_partition(catalog: Catalog, keys: Iterable[AssetKey]) -> bool:
    """Whether a run of these assets can make nothing without a partition: each of them has partitions."""
    all_keys = list(keys)
    return bool(all_keys) and all(catalog.partitions_def_of(key) is not None for key in all_keys)


class ConfigOfPartition:
    """A job's config that is a plain function of the partition's key.

    Args:
        partitions_def: the job's.
        function: key -> a dictionary or a RunConfig.
    """

    def __init__(self, partitions_def: Any, function: Callable[[str], Any]) -> None:
        self.partitions_def = partitions_def
        self._function = function

    def get_run_config_for_partition_key(self, partition_key: str) -> Mapping[str, Any]:
        """The run config of a partition, as plain data."""
        return run_config_dict(self._function(partition_key))


def coerce_job_config(config: Any, partitions_def: Any) -> Any:
    """A job's config; a plain function of the key becomes an object that knows the partitions."""
    if isinstance(config, FunctionType) and partitions_def is not None:
        return ConfigOfPartition(partitions_def, config)
    return config
