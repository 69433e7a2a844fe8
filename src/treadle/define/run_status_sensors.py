"""Sensors that are told of runs: that came to a status, or that failed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, overload

import attrs

from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.core.run_states import RUN_EVENT_STATUS, RunStatus
from treadle.core.schedules import DefaultSensorStatus
from treadle.core.ticks import SensorType
from treadle.define.arguments import check_sequence
from treadle.define.context.run_status_context import RunStatusSensorContext
from treadle.define.context.tick_context import TickContext
from treadle.define.old_names import renamed
from treadle.define.sensors import SensorDefinition
from treadle.define.where import where_of


@attrs.frozen
class MonitoredJob:
    """Which runs a sensor is told of: of a job, of a whole code location, or of one of its jobs."""

    job_name: str | None = None
    location_name: str | None = None
    repository_name: str | None = None


class RunStatusSensorDefinition(SensorDefinition):
    """A sensor that is called for each run that comes to a status.

    Args:
        name: of the sensor.
        run_status: which status.
        run_status_sensor_fn: is given a `RunStatusSensorContext`; may ask for runs of `request_job`.
        monitored_jobs: jobs, their names, or selectors; where not given, all jobs of the code location.
        monitor_all_code_locations: the runs of other code locations, too.
        request_job, request_jobs: what run requests are for.
    """

    kind: ClassVar[str] = "run_status"
    sensor_type = SensorType.RUN_STATUS
    context_class: ClassVar[type[TickContext]] = RunStatusSensorContext
    for_failure = False

    def __init__(
        self,
        name: str,
        run_status: RunStatus,
        run_status_sensor_fn: Callable[..., Any],
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        monitored_jobs: Sequence[Any] | None = None,
        monitor_all_code_locations: bool | None = None,
        default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
        request_job: Any = None,
        request_jobs: Sequence[Any] | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        required_resource_keys: Iterable[str] | None = None,
    ) -> None:
        if not isinstance(run_status, RunStatus):
            raise wrong_type("run_status", "a DagsterRunStatus", run_status, "RunStatusSensorDefinition")
        if run_status not in set(RUN_EVENT_STATUS.values()):
            raise InvalidDefinitionError(
                f"no event tells that a run is {run_status.value}, so no sensor can wait for it.",
                code="invalid-argument",
                where=where_of(run_status_sensor_fn),
            )
        self.run_status = run_status
        self.monitored_jobs = tuple(
            _monitored(one)
            for one in check_sequence("monitored_jobs", monitored_jobs, "a list of jobs") or ()
        )
        self.monitor_all_code_locations = bool(monitor_all_code_locations)
        if self.monitor_all_code_locations and self.monitored_jobs:
            raise InvalidDefinitionError(
                "give one of `monitored_jobs` and `monitor_all_code_locations`.",
                code="invalid-argument",
                where=where_of(run_status_sensor_fn),
            )
        super().__init__(
            name,
            evaluation_fn=run_status_sensor_fn,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            job=request_job,
            jobs=request_jobs,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the decorated function, as in tests: with a context, and resources by name or from the context."""
        if self.for_failure:
            args = tuple(_for_failure(one) for one in args)
            kwargs = {name: _for_failure(one) for name, one in kwargs.items()}
        return super().__call__(*args, **kwargs)


def _for_failure(value: Any) -> Any:
    return value.for_run_failure() if type(value) is RunStatusSensorContext else value


def _monitored(job: Any) -> MonitoredJob:
    if isinstance(job, str):
        return MonitoredJob(job)
    location = getattr(job, "location_name", None)
    if location is not None:
        return MonitoredJob(getattr(job, "job_name", None), location, getattr(job, "repository_name", None))
    name = getattr(job, "name", None)
    if not isinstance(name, str):
        raise wrong_type("monitored_jobs", "jobs, their names, or selectors", job)
    return MonitoredJob(name)


def run_status_sensor(
    run_status: RunStatus,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    monitored_jobs: Sequence[Any] | None = None,
    job_selection: Sequence[Any] | None = None,
    monitor_all_code_locations: bool | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    request_job: Any = None,
    request_jobs: Sequence[Any] | None = None,
    monitor_all_repositories: bool | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], RunStatusSensorDefinition]:
    """Make a function a sensor that is called for each run that comes to a status.

    Args:
        run_status: which status.
        monitored_jobs: jobs, their names, or selectors; where not given, all jobs of the code location.
        monitor_all_code_locations: the runs of other code locations, too.
        request_job, request_jobs: what run requests are for.
        job_selection, monitor_all_repositories: old names of these.

    Example:
        >>> from treadle import DagsterRunStatus, run_status_sensor
        >>> @run_status_sensor(DagsterRunStatus.SUCCESS)
        ... def tell_of_success(context):
        ...     print(context.dagster_run.job_name)
        >>> tell_of_success.name
        'tell_of_success'
    """

    def decorate(function: Callable[..., Any]) -> RunStatusSensorDefinition:
        return RunStatusSensorDefinition(
            name or function.__name__,
            run_status,
            function,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description or function.__doc__,
            monitored_jobs=renamed("job_selection", job_selection, "monitored_jobs", monitored_jobs),
            monitor_all_code_locations=renamed(
                "monitor_all_repositories",
                monitor_all_repositories,
                "monitor_all_code_locations",
                monitor_all_code_locations,
            ),
            default_status=default_status,
            request_job=request_job,
            request_jobs=request_jobs,
            tags=tags,
            metadata=metadata,
        )

    return decorate


@overload
def run_failure_sensor(name: Callable[..., Any], /) -> "RunFailureSensorDefinition": ...


@overload
def run_failure_sensor(
    name: str | None = ...,
    minimum_interval_seconds: int | None = ...,
    description: str | None = ...,
    monitored_jobs: Sequence[Any] | None = ...,
    job_selection: Sequence[Any] | None = ...,
    monitor_all_code_locations: bool | None = ...,
    default_status: DefaultSensorStatus = ...,
    request_job: Any = ...,
    request_jobs: Sequence[Any] | None = ...,
    monitor_all_repositories: bool | None = ...,
    tags: Mapping[str, str] | None = ...,
    metadata: Mapping[str, Any] | None = ...,
) -> Callable[[Callable[..., Any]], "RunFailureSensorDefinition"]: ...


def run_failure_sensor(
    name: str | Callable[..., Any] | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    monitored_jobs: Sequence[Any] | None = None,
    job_selection: Sequence[Any] | None = None,
    monitor_all_code_locations: bool | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    request_job: Any = None,
    request_jobs: Sequence[Any] | None = None,
    monitor_all_repositories: bool | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Any:
    """Make a function a sensor that is called for each run that failed, with a `RunFailureSensorContext`.

    Args: as of `run_status_sensor`.

    Example:
        >>> from treadle import run_failure_sensor
        >>> @run_failure_sensor
        ... def tell_of_failure(context):
        ...     print(context.failure_event.message)
        >>> tell_of_failure.run_status.value
        'FAILURE'
    """

    def decorate(function: Callable[..., Any]) -> RunFailureSensorDefinition:
        return RunFailureSensorDefinition(
            name if isinstance(name, str) else function.__name__,
            RunStatus.FAILURE,
            function,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description or function.__doc__,
            monitored_jobs=renamed("job_selection", job_selection, "monitored_jobs", monitored_jobs),
            monitor_all_code_locations=renamed(
                "monitor_all_repositories",
                monitor_all_repositories,
                "monitor_all_code_locations",
                monitor_all_code_locations,
            ),
            default_status=default_status,
            request_job=request_job,
            request_jobs=request_jobs,
            tags=tags,
            metadata=metadata,
        )

    return decorate(name) if callable(name) else decorate


class RunFailureSensorDefinition(RunStatusSensorDefinition):
    """A sensor that is called for each run that failed. `@run_failure_sensor` makes it."""

    for_failure = True
