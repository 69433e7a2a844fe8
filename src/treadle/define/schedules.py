"""Schedules as values: when, and which job. Ticks are evaluated in `run.ticks`."""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from treadle.core.calendar.cron import Cron
from treadle.core.calendar.cron_fields import steps_beyond_their_field
from treadle.core.deprecation import deprecated, tell_user
from treadle.core.errors import InvalidDefinitionError, InvalidInvocationError, TreadleError
from treadle.core.metadata_entries import event_metadata
from treadle.core.names import check_name, check_owners, check_run_tags
from treadle.core.schedules import DefaultScheduleStatus
from treadle.define.arguments import check_keys, check_mapping, check_type
from treadle.define.doors import open_door
from treadle.define.target_job import TargetJob, bound_targets
from treadle.define.tick_function import TickFunction
from treadle.define.where import caller_where, where_of

if TYPE_CHECKING:
    from treadle.core.ticks import TickResult
    from treadle.define.context.schedule_context import ScheduleEvaluationContext


class DecoratedScheduleFunction(NamedTuple):
    """Holds the function that decides what a tick asks for."""

    decorated_fn: Callable[..., Any]


class ScheduleDefinition:
    """When a job runs by itself.

    Args:
        name: where not given, the job's name and `_schedule`.
        cron_schedule: a cron expression or alias, or a list of these.
        job: the job, its name, or a function that returns one of these later.
        target: in place of `job`: a job, or a selection of assets.
        run_config: of each run; a dictionary or a RunConfig.
        run_config_fn: gives it, from the tick's context.
        tags: of the schedule, and of runs that no function asks for.
        tags_fn: gives the tags of those runs, from the tick's context.
        should_execute: whether there is anything to do, from the tick's context.
        execution_timezone: an IANA name; UTC where not given.
        execution_fn: gives run requests or a reason to skip, at each tick.
        environment_vars: deprecated, kept and not used.
        default_status: whether it is on before anybody switched it.

    Raises:
        InvalidDefinitionError: a name, cron expression or time zone that is refused.

    Example:
        >>> from treadle import ScheduleDefinition
        >>> schedule = ScheduleDefinition(job_name="nightly", cron_schedule="0 2 * * *")
        >>> schedule.name
        'nightly_schedule'
    """

    kind: ClassVar[str] = "schedule"

    name: str
    cron_schedule: str | Sequence[str]
    execution_timezone: str | None
    default_status: DefaultScheduleStatus
    description: str | None
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
            check_type("execution_timezone", execution_timezone, str, "the name of a time zone")
            self.cron = Cron(cron_schedule, execution_timezone)
            self._tell_of_long_steps()
            check_type("default_status", default_status, DefaultScheduleStatus, "a DefaultScheduleStatus")
            if run_config and run_config_fn is not None:
                raise InvalidDefinitionError(f"schedule `{self.name}` has `run_config` and `run_config_fn`.")
            taken = {"run_config": run_config, "run_config_fn": run_config_fn, "tags_fn": tags_fn}
            if execution_fn is not None and any(taken.values()):
                names = " and ".join(f"`{each}`" for each, value in taken.items() if value)
                raise InvalidDefinitionError(
                    f"schedule `{self.name}` has `execution_fn` and {names}.",
                    hint="give config and tags in the RunRequest that the function returns",
                )
            _refuse_both(self.name, tags, tags_fn)
            self.tags = check_run_tags(tags)
            environment = dict(
                check_mapping("environment_vars", environment_vars, "a mapping of names to texts")
            )
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
        self.metadata = dict(event_metadata(metadata))
        self.should_execute = should_execute
        self._environment_vars = environment
        if environment_vars:
            tell_user(
                "`environment_vars` of a schedule is deprecated and has no effect; set variables where the run executes"
            )
        self.execution_fn = execution_fn
        self.tick_function = None if execution_fn is None else TickFunction(execution_fn)
        self.description = description
        self.default_status = default_status
        if self.tick_function is not None:
            self.required_resource_keys |= self.tick_function.resource_keys
            self.__name__ = getattr(execution_fn, "__name__", self.name)
            self.__doc__ = getattr(execution_fn, "__doc__", None)
            self.__wrapped__ = execution_fn

    def _default_name(self, function: Callable[..., Any] | None) -> str:
        if self._job.known_name is not None:
            return f"{self._job.known_name}_schedule"
        if function is not None:
            return function.__name__
        raise InvalidDefinitionError("a schedule needs a `name`, or a `job` to be named after.")

    def _tell_of_long_steps(self) -> None:
        for term in (term for one in self.cron.expressions for term in steps_beyond_their_field(one)):
            tell_user(
                f"schedule `{self.name}`: the interval {term!r} is longer than its field of the cron schedule, so it "
                "ticks more often than it says; write several cron schedules in a list",
                UserWarning,
            )

    @property
    @deprecated("leave it out, it has no effect", "environment_vars")
    def environment_vars(self) -> Mapping[str, str]:
        """What was given; nothing acts on it."""
        return self._environment_vars

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
        """The next `n` times at which it ticks, after an instant, in its time zone; a naive `after` is in that zone too.

        Example:
            >>> from datetime import UTC, datetime
            >>> from treadle import ScheduleDefinition
            >>> nightly = ScheduleDefinition(job_name="nightly", cron_schedule="0 2 * * *")
            >>> nightly.next_ticks(datetime(2026, 1, 1, tzinfo=UTC), 1)[0].isoformat()
            '2026-01-01T02:00:00+00:00'
        """
        if after.tzinfo is None:
            after = after.replace(tzinfo=self.cron.zone)
        ticks: list[datetime] = []
        for tick in self.cron.ticks_from(after):
            if tick > after:
                ticks.append(tick)
            if len(ticks) >= n:
                break
        return ticks

    @property
    def target_assets(self) -> tuple[Any, ...]:
        """The assets that it was given as objects, in `target`."""
        return self._job.assets

    @property
    def has_job(self) -> bool:
        """Whether the job was given as an object."""
        return bool(self.jobs)

    def evaluate_tick(self, context: "ScheduleEvaluationContext") -> "TickResult":
        """What a tick asks for: run requests with their tags and config, or a reason to skip. Nothing is started.

        Args:
            context: of `build_schedule_context`.

        Raises:
            ScheduleExecutionError: a function of the user raised.
            InvariantViolationError: it gave something that cannot be done.
        """
        return open_door("evaluate_tick")(self, context)  # type: ignore[no-any-return]

    def with_attributes(
        self, *, job: Any = None, metadata: Mapping[str, Any] | None = None
    ) -> "ScheduleDefinition":
        """A copy with another job or other metadata."""
        changed = copy.copy(self)
        if job is not None:
            changed._job = TargetJob(job)
        if metadata is not None:
            changed.metadata = dict(event_metadata(metadata))
        return changed

    def bound_to(self, jobs: Mapping[str, Any]) -> "ScheduleDefinition":
        """Itself, or a copy that names its job as a code location has it, with its resources."""
        targets = bound_targets([self._job], jobs)
        if targets is None:
            return self
        changed = copy.copy(self)
        changed._job = targets[0]
        return changed

    def with_updated_job(self, new_job: Any) -> "ScheduleDefinition":
        """A copy that starts another job."""
        return self.with_attributes(job=new_job)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the decorated function, as in tests: with a context, and resources by name or from the context.

        Raises:
            InvalidInvocationError: the arguments are not those that it takes, or there is no function.
        """
        if self.tick_function is None:
            raise InvalidInvocationError(
                f"schedule `{self.name}` decorates no function.",
                where=self.where,
                hint="`evaluate_tick(build_schedule_context())` shows what it asks for",
            )
        return open_door("call_schedule")(self.tick_function, args, kwargs)

    @property
    def _execution_fn(self) -> "DecoratedScheduleFunction | None":
        """What tests of real projects reach for to get at the decorated function."""
        return None if self.execution_fn is None else DecoratedScheduleFunction(self.execution_fn)

    def __repr__(self) -> str:
        return f"ScheduleDefinition({self.name!r})"


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
        tags, tags_fn: of runs for which the function gives run config, no run request.
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
        made = ScheduleDefinition(
            name or function.__name__,
            cron_schedule=cron_schedule,
            job_name=job_name,
            tags=tags,
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
        _refuse_both(made.name, tags, tags_fn, made.where)
        made.tags_fn = (
            tags_fn  # the class refuses it beside a function; here it is for config that the function gives
        )
        return made

    return decorate


def _refuse_both(name: str, tags: Any, tags_fn: Any, where: str | None = None) -> None:
    if tags and tags_fn is not None:
        raise InvalidDefinitionError(f"schedule `{name}` has `tags` and `tags_fn`.", where=where)
