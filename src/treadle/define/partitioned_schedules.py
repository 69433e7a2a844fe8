"""Schedules that follow from a job's partitions: `build_schedule_from_partitioned_job`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from treadle.core.calendar.cron import Cron
from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.core.metadata_entries import definition_metadata
from treadle.core.names import check_name
from treadle.core.partitions.definition import PartitionsDefinition
from treadle.core.partitions.multi import MultiPartitionsDefinition
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition
from treadle.core.schedules import DefaultScheduleStatus, RunRequest, SkipReason
from treadle.define.context.schedule_context import ScheduleEvaluationContext
from treadle.define.schedules import ScheduleDefinition
from treadle.define.where import caller_where

if TYPE_CHECKING:
    from treadle.define.code import Code


class UnresolvedPartitionedSchedule:
    """A schedule of a job whose partitions are known once its assets stand in `Definitions`."""

    def __init__(self, job: Any, name: str, where: str | None, **arguments: Any) -> None:
        self.job = job
        self.name = name
        self.where = where
        self.default_status: DefaultScheduleStatus = arguments["default_status"]
        self.description: str | None = arguments["description"]
        self.tags: Mapping[str, str] | None = arguments["tags"]
        self.metadata: Mapping[str, Any] = dict(definition_metadata(arguments["metadata"]))
        self._arguments = arguments

    def with_metadata(self, metadata: Mapping[str, Any]) -> "UnresolvedPartitionedSchedule":
        """A copy with other metadata."""
        return UnresolvedPartitionedSchedule(
            self.job, self.name, self.where, **{**self._arguments, "metadata": dict(metadata)}
        )

    @property
    def jobs(self) -> list[Any]:
        """Its job."""
        return [self.job]

    def resolve(self, code: "Code") -> ScheduleDefinition:
        """The schedule, once the job is resolved.

        Raises:
            InvalidDefinitionError: the job has no partitions, or none that a schedule can follow.
        """
        job = code.jobs.get(self.job.name)
        definition = None if job is None else job.partitions_def
        return _schedule(self.job, definition, self.name, self.where, **self._arguments)

    def __repr__(self) -> str:
        return f"UnresolvedPartitionedSchedule({self.name!r})"


def build_schedule_from_partitioned_job(
    job: Any,
    description: str | None = None,
    name: str | None = None,
    minute_of_hour: int | None = None,
    hour_of_day: int | None = None,
    day_of_week: int | None = None,
    day_of_month: int | None = None,
    default_status: DefaultScheduleStatus = DefaultScheduleStatus.STOPPED,
    tags: Mapping[str, str] | None = None,
    cron_schedule: str | Sequence[str] | None = None,
    execution_timezone: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    owners: Sequence[str] | None = None,
) -> Any:
    """A schedule that runs a job for each partition when its time has passed.

    Where partitions are times, each tick asks for the last partition that is complete; where a dimension of them
    is, for that one with each key of the other dimension. Where they are not times, `cron_schedule` says when, and
    each tick asks for all partitions.

    Args:
        job: a job that has partitions.
        name: where not given, the job's name and `_schedule`.
        minute_of_hour, hour_of_day, day_of_week, day_of_month: when to tick after the partition has ended; by
            default at its end.
        tags: of the runs.
        cron_schedule, execution_timezone: when to tick, for partitions that are not times.

    Raises:
        InvalidDefinitionError: the job has no partitions, or the arguments do not fit them.

    Example:
        >>> from treadle import DailyPartitionsDefinition, build_schedule_from_partitioned_job, define_asset_job
        >>> daily = define_asset_job("daily", partitions_def=DailyPartitionsDefinition("2026-01-01"))
        >>> build_schedule_from_partitioned_job(daily, hour_of_day=6).cron_schedule
        '0 6 * * *'
    """
    where = caller_where()
    if not hasattr(job, "partitions_def") or not isinstance(getattr(job, "name", None), str):
        raise wrong_type("job", "a job that has partitions", job)
    arguments: dict[str, Any] = {
        "description": description,
        "times": {
            "minute_of_hour": minute_of_hour,
            "hour_of_day": hour_of_day,
            "day_of_week": day_of_week,
            "day_of_month": day_of_month,
        },
        "default_status": default_status,
        "tags": tags,
        "cron_schedule": cron_schedule,
        "execution_timezone": execution_timezone,
        "metadata": metadata,
        "owners": owners,
    }
    chosen = check_name(name or f"{job.name}_schedule", "schedule")
    definition = job.partitions_def or getattr(getattr(job, "config", None), "partitions_def", None)
    if definition is None and hasattr(job, "resolve"):
        return UnresolvedPartitionedSchedule(job, chosen, where, **arguments)
    return _schedule(job, definition, chosen, where, **arguments)


def _schedule(
    job: Any,
    definition: PartitionsDefinition[Any] | None,
    name: str,
    where: str | None,
    *,
    times: Mapping[str, int | None],
    cron_schedule: str | Sequence[str] | None,
    execution_timezone: str | None,
    tags: Mapping[str, str] | None,
    **arguments: Any,
) -> ScheduleDefinition:
    time = time_dimension(definition)
    if definition is None:
        raise _refused(name, where, f"job `{job.name}` has no partitions", "use ScheduleDefinition")
    if time is not None:
        if cron_schedule is not None or execution_timezone is not None:
            raise _refused(
                name,
                where,
                f"the partitions of job `{job.name}` are times, which say when to tick",
                "leave `cron_schedule` and `execution_timezone` out; `hour_of_day` and the like move the tick",
            )
        cron_schedule, execution_timezone = time.get_cron_schedule(**times), time.timezone
    elif any(value is not None for value in times.values()):
        raise _refused(
            name,
            where,
            f"the partitions of job `{job.name}` are not times, so nothing can be moved",
            "give `cron_schedule`",
        )
    elif cron_schedule is None:
        raise _refused(
            name,
            where,
            f"the partitions of job `{job.name}` are not times",
            'give `cron_schedule`, e.g. "@daily"',
        )

    def requests(context: ScheduleEvaluationContext) -> Any:
        now = context.time_or_none
        store = context.instance if context.has_instance else None
        if time is not None and time.exclusions and now is not None and _is_excluded(time, made.cron, now):
            return SkipReason("No partition has ended since the tick before.")
        keys = keys_due(definition, time, now, store)
        if not keys:
            return SkipReason("The job has no partitions to run yet.")
        return [
            RunRequest(run_key=str(key), partition_key=str(key), tags=tags, job_name=job.name) for key in keys
        ]

    requests.__name__ = name
    made = ScheduleDefinition(
        name,
        cron_schedule=cron_schedule,
        execution_timezone=execution_timezone,
        execution_fn=requests,
        job=job,
        tags=tags,
        **arguments,
    )
    made.where = where
    return made


def time_dimension(definition: PartitionsDefinition[Any] | None) -> TimeWindowPartitionsDefinition | None:
    """The dimension of partitions that are times; None where there is none."""
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return definition
    if isinstance(definition, MultiPartitionsDefinition):
        for dimension in definition.partitions_defs:
            if isinstance(dimension.partitions_def, TimeWindowPartitionsDefinition):
                return dimension.partitions_def
    return None


def _is_excluded(time: TimeWindowPartitionsDefinition, cron: Cron, now: datetime) -> bool:
    """Whether the time since the tick before is excluded: that one asked for the last partition already."""
    ticks = cron.ticks_before(now)
    if next(ticks, None) is None or (before := next(ticks, None)) is None:
        return False
    last = time.get_last_partition_key(now)
    return last is not None and last == time.get_last_partition_key(before)


def keys_due(
    definition: PartitionsDefinition[Any],
    time: TimeWindowPartitionsDefinition | None,
    now: datetime | None,
    store: Any,
) -> Sequence[Any]:
    """The partitions that a tick asks for: of times the last that is complete, else all.

    Args:
        time: the dimension that is time, of `time_dimension`.
        now: the time of the tick.
        store: where dynamic keys are kept.
    """
    if time is None:
        return definition.get_partition_keys(current_time=now, dynamic_partitions_store=store)
    last = time.get_last_partition_key(now)
    if last is None:
        return []
    if not isinstance(definition, MultiPartitionsDefinition):
        return [last]
    name = next(each.name for each in definition.partitions_defs if each.partitions_def == time)
    return definition.get_multipartition_keys_with_dimension_value(
        name, last, dynamic_partitions_store=store, current_time=now
    )


def _refused(name: str, where: str | None, message: str, hint: str) -> InvalidDefinitionError:
    return InvalidDefinitionError(
        f"schedule `{name}`: {message}.", code="invalid-definition", hint=hint, where=where
    )
