"""Schedules as values: when, and which job. Ticks are evaluated elsewhere."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from treadle.core.calendar.cron import Cron
from treadle.core.errors import InvalidDefinitionError, TreadleError
from treadle.core.names import check_name, check_owners, check_run_tags
from treadle.core.schedules import DefaultScheduleStatus
from treadle.define.arguments import check_keys, check_type
from treadle.define.jobs import UnresolvedAssetJobDefinition, define_asset_job, job_name_of
from treadle.define.parameters import split_by_position
from treadle.define.where import caller_where, where_of


class ScheduleDefinition:
    """When a job runs by itself.

    Args:
        name: where not given, the job's name and `_schedule`.
        cron_schedule: a cron expression or alias, or a list of these.
        job: the job, its name, or a function that returns one of these later.
        target: in place of `job`: a job, or a selection of assets.
        execution_timezone: an IANA name; UTC where not given.
        execution_fn: gives run requests or a reason to skip, at each tick.
        default_status: whether it is on before anybody switched it.

    Raises:
        InvalidDefinitionError: a name, cron expression or time zone that is refused.

    Example:
        >>> from treadle import ScheduleDefinition
        >>> schedule = ScheduleDefinition(job_name="nightly", cron_schedule="0 2 * * *")
        >>> schedule.name
        'nightly_schedule'
    """

    name: str
    cron_schedule: str | Sequence[str]
    execution_timezone: str | None
    default_status: DefaultScheduleStatus
    description: str | None
    environment_vars: Mapping[str, str]
    metadata: Mapping[str, Any]
    required_resource_keys: frozenset[str]
    tags: Mapping[str, str]
    owners: tuple[str, ...]

    def __init__(
        self,
        name: str | None = None,
        *,
        cron_schedule: str | Sequence[str] | None = None,
        job_name: str | None = None,
        run_config: Any = None,
        run_config_fn: Callable[..., Any] | None = None,
        tags: Mapping[str, str] | None = None,
        tags_fn: Callable[..., Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        should_execute: Callable[..., bool] | None = None,
        environment_vars: Mapping[str, str] | None = None,
        execution_timezone: str | None = None,
        execution_fn: Callable[..., Any] | None = None,
        description: str | None = None,
        job: Any = None,
        default_status: DefaultScheduleStatus = DefaultScheduleStatus.STOPPED,
        required_resource_keys: Iterable[str] | None = None,
        target: Any = None,
        owners: Sequence[str] | None = None,
    ) -> None:
        self.where = where_of(execution_fn) if execution_fn is not None else caller_where()
        try:
            self._job = TargetJob(job, job_name, target)
            self.name = check_name(name or self._default_name(execution_fn), "schedule")
            self._job.name_anonymous(self.name)
            if cron_schedule is None:
                raise InvalidDefinitionError(
                    f"schedule `{self.name}` has no `cron_schedule`.",
                    code="invalid-cron",
                    hint='write e.g. "0 2 * * *"',
                )
            self.cron = Cron(cron_schedule, execution_timezone)
            check_type("default_status", default_status, DefaultScheduleStatus, "a DefaultScheduleStatus")
            if run_config is not None and run_config_fn is not None:
                raise InvalidDefinitionError(f"schedule `{self.name}` has `run_config` and `run_config_fn`.")
            if tags is not None and tags_fn is not None:
                raise InvalidDefinitionError(f"schedule `{self.name}` has `tags` and `tags_fn`.")
            self.tags = check_run_tags(tags)
            self.owners = tuple(check_owners(owners))
            self.required_resource_keys = check_keys("required_resource_keys", required_resource_keys)
        except TreadleError as error:
            error.where = error.where or self.where
            raise
        self.cron_schedule = cron_schedule
        self.execution_timezone = execution_timezone
        self.run_config = run_config
        self.run_config_fn = run_config_fn
        self.tags_fn = tags_fn
        self.metadata = dict(metadata or {})
        self.should_execute = should_execute
        self.environment_vars = dict(environment_vars or {})
        self.execution_fn = execution_fn
        self.description = description
        self.default_status = default_status
        if execution_fn is not None:
            self.required_resource_keys |= {
                resource.key for resource in split_by_position(execution_fn)[1].values()
            }
            self.__name__ = getattr(execution_fn, "__name__", self.name)
            self.__doc__ = getattr(execution_fn, "__doc__", None)
            self.__wrapped__ = execution_fn

    def _default_name(self, function: Callable[..., Any] | None) -> str:
        if self._job.known_name is not None:
            return f"{self._job.known_name}_schedule"
        if function is not None:
            return function.__name__
        raise InvalidDefinitionError("a schedule needs a `name`, or a `job` to be named after.")

    @property
    def job_name(self) -> str | None:
        """The name of the job, or None where run requests say it."""
        return self._job.name

    @property
    def job(self) -> Any:
        """The job, where it was given as an object.

        Raises:
            InvalidDefinitionError: only its name is known.
        """
        found = self._job.definition
        if found is None:
            raise InvalidDefinitionError(
                f"schedule `{self.name}` knows its job by name only.", where=self.where
            )
        return found

    @property
    def jobs(self) -> list[Any]:
        """The job, where it was given as an object; else nothing."""
        found = self._job.definition
        return [] if found is None else [found]

    def next_ticks(self, after: datetime, n: int = 5) -> list[datetime]:
        """The next `n` times at which it ticks, after an instant, in its time zone.

        Example:
            >>> from datetime import UTC, datetime
            >>> from treadle import ScheduleDefinition
            >>> nightly = ScheduleDefinition(job_name="nightly", cron_schedule="0 2 * * *")
            >>> nightly.next_ticks(datetime(2026, 1, 1, tzinfo=UTC), 1)[0].isoformat()
            '2026-01-01T02:00:00+00:00'
        """
        ticks: list[datetime] = []
        for tick in self.cron.ticks_from(after):
            if tick > after:
                ticks.append(tick)
            if len(ticks) >= n:
                break
        return ticks

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the decorated function, as in tests."""
        if self.execution_fn is None:
            raise InvalidDefinitionError(f"schedule `{self.name}` decorates no function.", where=self.where)
        return self.execution_fn(*args, **kwargs)

    def __repr__(self) -> str:
        return f"ScheduleDefinition({self.name!r})"


class TargetJob:
    """The job that a schedule or sensor starts: an object, a name, a late reference, or assets chosen here.

    Args:
        job: the job, its name, or a function without arguments that returns one of these.
        job_name: its name.
        target: a job, or a selection of assets, of which an unnamed job is made.
    """

    def __init__(self, job: Any = None, job_name: str | None = None, target: Any = None) -> None:
        given = [one for one in (job, job_name, target) if one is not None]
        if len(given) > 1:
            raise InvalidDefinitionError(
                "give one of `job`, `job_name` and `target`.", code="invalid-argument"
            )
        self._given: Any = given[0] if given else None
        self._is_selection = target is not None and not _is_job(target)

    @property
    def known_name(self) -> str | None:
        """The name as far as it is known without calling anything."""
        if self._is_selection or _is_late(self._given):
            return None
        return job_name_of(self._given)

    def name_anonymous(self, owner: str) -> None:
        """Make the job of a selection, named after its schedule or sensor."""
        if self._is_selection:
            self._given = define_asset_job(f"__anonymous_asset_job_{owner}", selection=self._given)
            self._is_selection = False

    @property
    def definition(self) -> Any:
        """The job, where it is known as an object."""
        if _is_late(self._given):
            self._given = self._given()
        return None if self._given is None or isinstance(self._given, str) else self._given

    @property
    def name(self) -> str | None:
        """The job's name."""
        if _is_late(self._given):
            self._given = self._given()
        return job_name_of(self._given)


def _is_job(target: Any) -> bool:
    return isinstance(target, UnresolvedAssetJobDefinition) or hasattr(target, "execute_in_process")


def _is_late(job: Any) -> bool:
    return callable(job) and not hasattr(job, "name")


def schedule(
    cron_schedule: str | Sequence[str],
    *,
    job_name: str | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    tags_fn: Callable[..., Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    should_execute: Callable[..., bool] | None = None,
    environment_vars: Mapping[str, str] | None = None,
    execution_timezone: str | None = None,
    description: str | None = None,
    job: Any = None,
    default_status: DefaultScheduleStatus = DefaultScheduleStatus.STOPPED,
    required_resource_keys: Iterable[str] | None = None,
    target: Any = None,
    owners: Sequence[str] | None = None,
) -> Callable[[Callable[..., Any]], ScheduleDefinition]:
    """Make a function a schedule: at each tick it gives run requests, run config, or a reason to skip.

    Args:
        cron_schedule: a cron expression or alias, or a list of these.
        job: the job, its name, or a function that returns one of these later.
        execution_timezone: an IANA name; UTC where not given.

    Example:
        >>> from treadle import RunRequest, schedule
        >>> @schedule("0 2 * * *", job_name="nightly")
        ... def every_night(context):
        ...     return RunRequest()
        >>> every_night.name
        'every_night'
    """

    def decorate(function: Callable[..., Any]) -> ScheduleDefinition:
        return ScheduleDefinition(
            name or function.__name__,
            cron_schedule=cron_schedule,
            job_name=job_name,
            tags=tags,
            tags_fn=tags_fn,
            metadata=metadata,
            should_execute=should_execute,
            environment_vars=environment_vars,
            execution_timezone=execution_timezone,
            execution_fn=function,
            description=description or function.__doc__,
            job=job,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            target=target,
            owners=owners,
        )

    return decorate
