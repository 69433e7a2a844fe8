"""Run config that depends on the partition: `PartitionedConfig`, and the decorators that make one of a function."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from treadle.core.deprecation import tell_user
from treadle.core.errors import InvalidDefinitionError, InvalidInvocationError, wrong_type
from treadle.core.names import check_run_tags
from treadle.core.partitions.definition import (
    DynamicPartitionsDefinition,
    PartitionsDefinition,
    StaticPartitionsDefinition,
)
from treadle.core.partitions.keys import Partition
from treadle.core.partitions.rhythms import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    WeeklyPartitionsDefinition,
)
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.run_tags import partition_set_of
from treadle.define.config.run_config import run_config_dict

ConfigOfKey = Callable[[str], Any]
TagsOfKey = Callable[[str], Mapping[str, str]]


class PartitionedConfig:
    """Run config as a function of the partition. A job that has it is partitioned.

    Args:
        partitions_def: which partitions there are.
        run_config_for_partition_key_fn: the config of a partition: a dictionary or a RunConfig.
        tags_for_partition_key_fn: tags for the run of a partition.
        decorated_fn: the user's function, where a decorator made this; a direct call calls it.
        run_config_for_partition_fn: deprecated: takes a `Partition`.
        tags_for_partition_fn: deprecated: takes a `Partition`.

    Raises:
        InvalidDefinitionError: no function for the config, or two.

    Example:
        >>> from treadle import PartitionedConfig, StaticPartitionsDefinition
        >>> regions = PartitionedConfig(
        ...     StaticPartitionsDefinition(["eu", "us"]),
        ...     run_config_for_partition_key_fn=lambda key: {"ops": {"load": {"config": {"region": key}}}},
        ... )
        >>> regions.get_run_config_for_partition_key("eu")
        {'ops': {'load': {'config': {'region': 'eu'}}}}
    """

    partitions_def: PartitionsDefinition[Any]
    run_config_for_partition_fn: Callable[[Partition], Any] | None
    run_config_for_partition_key_fn: ConfigOfKey | None
    tags_for_partition_fn: Callable[[Partition], Mapping[str, str]] | None
    tags_for_partition_key_fn: TagsOfKey | None

    def __init__(
        self,
        partitions_def: PartitionsDefinition[Any],
        run_config_for_partition_fn: Callable[[Partition], Any] | None = None,
        decorated_fn: Callable[..., Any] | None = None,
        tags_for_partition_fn: Callable[[Partition], Mapping[str, str]] | None = None,
        run_config_for_partition_key_fn: ConfigOfKey | None = None,
        tags_for_partition_key_fn: TagsOfKey | None = None,
    ) -> None:
        if not isinstance(partitions_def, PartitionsDefinition):
            raise wrong_type("partitions_def", "a partitions definition", partitions_def, "PartitionedConfig")
        _one_of(
            "PartitionedConfig",
            run_config_for_partition_fn=run_config_for_partition_fn,
            run_config_for_partition_key_fn=run_config_for_partition_key_fn,
        )
        if tags_for_partition_fn is not None and tags_for_partition_key_fn is not None:
            raise InvalidDefinitionError(
                "PartitionedConfig: give one of `tags_for_partition_fn` and `tags_for_partition_key_fn`.",
                code="invalid-argument",
            )
        _deprecated("run_config_for_partition_fn", run_config_for_partition_fn)
        _deprecated("tags_for_partition_fn", tags_for_partition_fn)
        self.partitions_def = partitions_def
        self.run_config_for_partition_fn = run_config_for_partition_fn
        self.run_config_for_partition_key_fn = run_config_for_partition_key_fn
        self.tags_for_partition_fn = tags_for_partition_fn
        self.tags_for_partition_key_fn = tags_for_partition_key_fn
        self._decorated = decorated_fn

    @classmethod
    def from_flexible_config(
        cls, config: Any, partitions_def: PartitionsDefinition[Any]
    ) -> "PartitionedConfig":
        """What a job's `config` means where the job has partitions.

        Args:
            config: run config of every partition, a function of the partition's key, a PartitionedConfig, or None.
            partitions_def: the job's partitions.

        Raises:
            InvalidDefinitionError: a PartitionedConfig of other partitions, or a config mapping.

        Example:
            >>> from treadle import PartitionedConfig, StaticPartitionsDefinition
            >>> regions = StaticPartitionsDefinition(["eu", "us"])
            >>> PartitionedConfig.from_flexible_config({"ops": {}}, regions).get_run_config_for_partition_key("eu")
            {'ops': {}}
        """
        if isinstance(config, PartitionedConfig):
            if config.partitions_def != partitions_def:
                raise InvalidDefinitionError(
                    "the partitions of the `config` differ from the `partitions_def` that is given beside it.",
                    code="invalid-partitions",
                )
            return config
        if hasattr(config, "config_fn"):
            raise InvalidDefinitionError(
                "a config mapping cannot be the config of what has partitions.", code="invalid-argument"
            )
        if callable(config):
            return cls(partitions_def, run_config_for_partition_key_fn=config)
        return cls(partitions_def, run_config_for_partition_key_fn=lambda key: run_config_dict(config))

    def get_partition_keys(self, current_time: datetime | None = None) -> Sequence[str]:
        """All keys, in order.

        Args:
            current_time: the time that counts as now.
        """
        return self.partitions_def.get_partition_keys(current_time)

    def get_run_config_for_partition_key(self, partition_key: str) -> Mapping[str, Any]:
        """The run config of a partition, as plain data.

        Raises:
            UnknownPartitionError: a key that is no time, where partitions are times.
        """
        if self.run_config_for_partition_key_fn is not None:
            given = self.run_config_for_partition_key_fn(partition_key)
        else:
            assert self.run_config_for_partition_fn is not None
            given = self.run_config_for_partition_fn(Partition(partition_key))
        return run_config_dict(given)

    def own_tags_for_partition_key(self, partition_key: str) -> Mapping[str, str]:
        """What the user's function says of the tags of a partition's run."""
        if self.tags_for_partition_key_fn is not None:
            return check_run_tags(self.tags_for_partition_key_fn(partition_key))
        if self.tags_for_partition_fn is not None:
            return check_run_tags(self.tags_for_partition_fn(Partition(partition_key)))
        return {}

    def get_tags_for_partition_key(
        self, partition_key: str, job_name: str | None = None
    ) -> Mapping[str, str]:
        """The tags of a partition's run.

        Args:
            job_name: the job that runs; None leaves out the tag that names it.
        """
        return {
            **self.own_tags_for_partition_key(partition_key),
            **self.partitions_def.get_tags_for_partition_key(partition_key),
            **(partition_set_of(job_name) if job_name is not None else {}),
        }

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the decorated function.

        Raises:
            InvalidInvocationError: no decorator made this.
        """
        if self._decorated is None:
            raise InvalidInvocationError(
                "This PartitionedConfig was made without a decorator, so there is no function to call.",
                hint="call `get_run_config_for_partition_key(key)`",
            )
        return self._decorated(*args, **kwargs)

    def __repr__(self) -> str:
        return f"PartitionedConfig({self.partitions_def!r})"


def _one_of(owner: str, **given: Any) -> None:
    if sum(value is not None for value in given.values()) != 1:
        names = " and ".join(f"`{name}`" for name in given)
        raise InvalidDefinitionError(f"{owner}: give one of {names}.", code="invalid-argument")


def _deprecated(argument: str, value: Any) -> None:
    if value is not None:
        replacement = argument.replace("_partition_fn", "_partition_key_fn")
        tell_user(
            f"`{argument}` is deprecated; use `{replacement}`, whose function takes the partition's key"
        )


def partitioned_config(
    partitions_def: PartitionsDefinition[Any], tags_for_partition_key_fn: TagsOfKey | None = None
) -> Callable[[ConfigOfKey], PartitionedConfig]:
    """Make a function of the partition's key the run config of a job.

    Args:
        partitions_def: which partitions there are.
        tags_for_partition_key_fn: tags for the run of a partition.

    Example:
        >>> from treadle import DailyPartitionsDefinition, partitioned_config
        >>> @partitioned_config(DailyPartitionsDefinition("2026-01-01"))
        ... def by_day(key):
        ...     return {"ops": {"load": {"config": {"day": key}}}}
        >>> by_day.get_run_config_for_partition_key("2026-01-02")["ops"]["load"]["config"]
        {'day': '2026-01-02'}
    """

    def decorate(function: ConfigOfKey) -> PartitionedConfig:
        return PartitionedConfig(
            partitions_def,
            decorated_fn=function,
            run_config_for_partition_key_fn=function,
            tags_for_partition_key_fn=tags_for_partition_key_fn,
        )

    return decorate


def static_partitioned_config(
    partition_keys: Sequence[str],
    tags_for_partition_fn: TagsOfKey | None = None,
    tags_for_partition_key_fn: TagsOfKey | None = None,
) -> Callable[[ConfigOfKey], PartitionedConfig]:
    """The same as `partitioned_config`, for a fixed list of keys.

    Args:
        tags_for_partition_fn: the old name of `tags_for_partition_key_fn`.
    """
    if not isinstance(partition_keys, Sequence) or isinstance(partition_keys, str):
        raise wrong_type("partition_keys", "a list of keys", partition_keys, "static_partitioned_config")
    tags = _tags_of_key(tags_for_partition_fn, tags_for_partition_key_fn)
    return partitioned_config(StaticPartitionsDefinition(partition_keys), tags)


def dynamic_partitioned_config(
    partition_fn: Callable[..., Sequence[str]],
    tags_for_partition_fn: TagsOfKey | None = None,
    tags_for_partition_key_fn: TagsOfKey | None = None,
) -> Callable[[ConfigOfKey], PartitionedConfig]:
    """The same as `partitioned_config`, for keys that a function of the time gives.

    Args:
        partition_fn: the time that counts as now -> the keys.
        tags_for_partition_fn: the old name of `tags_for_partition_key_fn`.
    """
    tags = _tags_of_key(tags_for_partition_fn, tags_for_partition_key_fn)
    return partitioned_config(DynamicPartitionsDefinition(partition_fn), tags)


def _tags_of_key(old: TagsOfKey | None, new: TagsOfKey | None) -> TagsOfKey | None:
    if old is not None and new is not None:
        raise InvalidDefinitionError(
            "give one of `tags_for_partition_fn` and `tags_for_partition_key_fn`.", code="invalid-argument"
        )
    _deprecated("tags_for_partition_fn", old)
    return old or new


WindowFunction = Callable[[datetime, datetime], Any]
Decorator = Callable[[WindowFunction], PartitionedConfig]


def hourly_partitioned_config(
    start_date: datetime | str,
    minute_offset: int = 0,
    timezone: str | None = None,
    fmt: str | None = None,
    end_offset: int = 0,
    tags_for_partition_fn: WindowFunction | None = None,
    exclusions: Any = None,
) -> Decorator:
    """Make a function of an hour's start and end the run config of a job.

    Args: as of `HourlyPartitionsDefinition`; `tags_for_partition_fn` takes start and end, too.
    """
    definition = HourlyPartitionsDefinition(
        start_date=start_date,
        minute_offset=minute_offset,
        timezone=timezone,
        fmt=fmt,
        end_offset=end_offset,
        exclusions=exclusions,
    )
    return _of_windows(definition, tags_for_partition_fn)


def daily_partitioned_config(
    start_date: datetime | str,
    minute_offset: int = 0,
    hour_offset: int = 0,
    timezone: str | None = None,
    fmt: str | None = None,
    end_offset: int = 0,
    tags_for_partition_fn: WindowFunction | None = None,
    exclusions: Any = None,
) -> Decorator:
    """Make a function of a day's start and end the run config of a job.

    Args: as of `DailyPartitionsDefinition`; `tags_for_partition_fn` takes start and end, too.

    Example:
        >>> from treadle import daily_partitioned_config
        >>> @daily_partitioned_config("2026-01-01")
        ... def by_day(start, end):
        ...     return {"ops": {"load": {"config": {"start": start.isoformat()}}}}
        >>> by_day.get_run_config_for_partition_key("2026-01-02")["ops"]["load"]["config"]
        {'start': '2026-01-02T00:00:00+00:00'}
    """
    definition = DailyPartitionsDefinition(
        start_date=start_date,
        minute_offset=minute_offset,
        hour_offset=hour_offset,
        timezone=timezone,
        fmt=fmt,
        end_offset=end_offset,
        exclusions=exclusions,
    )
    return _of_windows(definition, tags_for_partition_fn)


def weekly_partitioned_config(
    start_date: datetime | str,
    minute_offset: int = 0,
    hour_offset: int = 0,
    day_offset: int = 0,
    timezone: str | None = None,
    fmt: str | None = None,
    end_offset: int = 0,
    tags_for_partition_fn: WindowFunction | None = None,
    exclusions: Any = None,
) -> Decorator:
    """Make a function of a week's start and end the run config of a job.

    Args: as of `WeeklyPartitionsDefinition`; `tags_for_partition_fn` takes start and end, too.
    """
    definition = WeeklyPartitionsDefinition(
        start_date=start_date,
        minute_offset=minute_offset,
        hour_offset=hour_offset,
        day_offset=day_offset,
        timezone=timezone,
        fmt=fmt,
        end_offset=end_offset,
        exclusions=exclusions,
    )
    return _of_windows(definition, tags_for_partition_fn)


def monthly_partitioned_config(
    start_date: datetime | str,
    minute_offset: int = 0,
    hour_offset: int = 0,
    day_offset: int = 1,
    timezone: str | None = None,
    fmt: str | None = None,
    end_offset: int = 0,
    tags_for_partition_fn: WindowFunction | None = None,
    exclusions: Any = None,
) -> Decorator:
    """Make a function of a month's start and end the run config of a job.

    Args: as of `MonthlyPartitionsDefinition`; `tags_for_partition_fn` takes start and end, too.
    """
    definition = MonthlyPartitionsDefinition(
        start_date=start_date,
        minute_offset=minute_offset,
        hour_offset=hour_offset,
        day_offset=day_offset,
        timezone=timezone,
        fmt=fmt,
        end_offset=end_offset,
        exclusions=exclusions,
    )
    return _of_windows(definition, tags_for_partition_fn)


def _of_windows(definition: TimeWindowPartitionsDefinition, tags_fn: WindowFunction | None) -> Decorator:
    def decorate(function: WindowFunction) -> PartitionedConfig:
        def config_of_key(key: str) -> Any:
            window = definition.time_window_for_partition_key(key)
            return function(window.start, window.end)

        def tags_of_key(key: str) -> Any:
            window = definition.time_window_for_partition_key(key)
            return {} if tags_fn is None else tags_fn(window.start, window.end)

        return PartitionedConfig(
            definition,
            decorated_fn=function,
            run_config_for_partition_key_fn=config_of_key,
            tags_for_partition_key_fn=tags_of_key if tags_fn is not None else None,
        )

    return decorate
