"""Sensors as values: what is watched, how often, and which jobs. Ticks are evaluated in `run.ticks`."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, overload

from treadle.core.errors import InvalidDefinitionError, TreadleError
from treadle.core.keys import AssetKey
from treadle.core.metadata_entries import event_metadata
from treadle.core.names import check_name, check_owners, check_run_tags
from treadle.core.schedules import DefaultSensorStatus, RunRequest, SensorResult, SkipReason
from treadle.core.selection.unread import selection_or_unread
from treadle.core.ticks import RunReaction, SensorType, TickResult
from treadle.define.arguments import check_keys, check_sequence, check_type
from treadle.define.context.sensor_context import SensorEvaluationContext
from treadle.define.context.tick_context import TickContext
from treadle.define.doors import open_door
from treadle.define.target_job import TargetJob, bound_targets
from treadle.define.tick_function import TickFunction, gathered
from treadle.define.where import caller_where, where_of

DEFAULT_INTERVAL_SECONDS = 30
"""Between two evaluations of a sensor that names no interval."""

SensorReturnTypesUnion = (
    Iterator[SkipReason | RunRequest | RunReaction | SensorResult]
    | Sequence[RunRequest]
    | SkipReason
    | RunRequest
    | RunReaction
    | SensorResult
    | None
)
"""What a sensor's function may give."""


class SensorDefinition:
    """A function that looks at the world from time to time and asks for runs.

    Args:
        name: where not given, the function's name.
        evaluation_fn: gives run requests, a SensorResult, or a reason to skip.
        job: the job, its name, or a function that returns one of these later.
        jobs: several jobs, of which a run request names one.
        target: in place of `job`: a job, or a selection of assets.
        asset_selection: the assets that run requests may ask for; those that name none ask for all of them.
        minimum_interval_seconds: between two evaluations; 30 where not given.
        default_status: whether it is on before anybody switched it.

    Raises:
        InvalidDefinitionError: a name or argument that is refused.
    """

    kind: ClassVar[str] = "standard"
    sensor_type: SensorType = SensorType.STANDARD
    context_class: ClassVar[type[TickContext]] = SensorEvaluationContext
    takes_event: ClassVar[bool] = False

    name: str
    default_status: DefaultSensorStatus
    description: str | None
    minimum_interval_seconds: float | None
    required_resource_keys: frozenset[str]
    tags: Mapping[str, str]
    metadata: Mapping[str, Any]
    owners: tuple[str, ...]

    def __init__(
        self,
        name: str | None = None,
        *,
        evaluation_fn: Callable[..., Any] | None = None,
        job_name: str | None = None,
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        job: Any = None,
        jobs: Sequence[Any] | None = None,
        default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
        asset_selection: Any = None,
        required_resource_keys: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        target: Any = None,
        owners: Sequence[str] | None = None,
    ) -> None:
        self.where = where_of(evaluation_fn) if evaluation_fn is not None else caller_where()
        try:
            if evaluation_fn is None:
                raise InvalidDefinitionError("a sensor needs an `evaluation_fn`.", code="invalid-argument")
            self.name = check_name(name, "sensor") if name else evaluation_fn.__name__
            self._targets = _targets_of(self.name, job, jobs, job_name, target, asset_selection)
            check_type("minimum_interval_seconds", minimum_interval_seconds, (int, float), "seconds")
            check_type("default_status", default_status, DefaultSensorStatus, "a DefaultSensorStatus")
            self.asset_selection = None if asset_selection is None else selection_or_unread(asset_selection)
            self.tags = check_run_tags(tags)
            self.owners = tuple(check_owners(owners))
            given_keys = check_keys("required_resource_keys", required_resource_keys)
        except TreadleError as error:
            error.where = error.where or self.where
            raise
        self.evaluation_fn = evaluation_fn
        self.tick_function = TickFunction(evaluation_fn, takes_event=self.takes_event)
        self.minimum_interval_seconds = (
            DEFAULT_INTERVAL_SECONDS if minimum_interval_seconds is None else minimum_interval_seconds
        )
        self.description = description
        self.default_status = default_status
        self.metadata = dict(event_metadata(metadata))
        self.required_resource_keys = given_keys | self.tick_function.resource_keys
        self.__name__ = getattr(evaluation_fn, "__name__", self.name)
        self.__doc__ = getattr(evaluation_fn, "__doc__", None)
        self.__wrapped__ = evaluation_fn

    @property
    def asset_keys(self) -> tuple[AssetKey, ...]:
        """The assets that it watches."""
        return ()

    @property
    def targets(self) -> list[TargetJob]:
        """Its jobs, each with `job_name`; those of runs over assets are none."""
        return [target for target in self._targets if target.name is not None and not target.is_selection]

    @property
    def target_assets(self) -> tuple[Any, ...]:
        """The assets that it was given as objects, in `target`."""
        return (
            () if self.asset_selection is not None else tuple(a for one in self._targets for a in one.assets)
        )

    @property
    def job_names(self) -> tuple[str, ...]:
        """The names of its jobs."""
        names = [target.name for target in self._targets]
        return tuple(name for name in names if name is not None)

    @property
    def job_name(self) -> str | None:
        """The name of its one job.

        Raises:
            InvalidDefinitionError: it has none or several.
        """
        return self._one_target().name

    @property
    def jobs(self) -> list[Any]:
        """Its jobs, where they were given as objects."""
        return [definition for target in self._targets if (definition := target.definition) is not None]

    @property
    def has_jobs(self) -> bool:
        """Whether any job was given as an object."""
        return bool(self.jobs)

    @property
    def job(self) -> Any:
        """Its one job.

        Raises:
            InvalidDefinitionError: it has several, or knows it by name only.
        """
        found = self._one_target().definition
        if found is None:
            raise InvalidDefinitionError(
                f"sensor `{self.name}` knows its job by name only.", where=self.where
            )
        return found

    def _one_target(self) -> TargetJob:
        targets = self.targets
        if len(targets) != 1:
            number = "no job" if not targets else f"{len(targets)} jobs, so none is the one"
            raise InvalidDefinitionError(f"sensor `{self.name}` has {number}.", where=self.where)
        return targets[0]

    def evaluate_tick(self, context: SensorEvaluationContext) -> TickResult:
        """What an evaluation asks for: run requests with their tags and config, a cursor, a reason to skip.

        Nothing is started, recorded or remembered.

        Args:
            context: of `build_sensor_context`.

        Raises:
            Exception: what the function raised.
            InvariantViolationError: it gave something that cannot be done.
        """
        return open_door("evaluate_tick")(self, context)  # type: ignore[no-any-return]

    def with_attributes(
        self, *, jobs: Sequence[Any] | None = None, metadata: Mapping[str, Any] | None = None
    ) -> "SensorDefinition":
        """A copy with other jobs or other metadata."""
        changed = copy.copy(self)
        if jobs is not None:
            changed._targets = [TargetJob(one) for one in jobs]
        if metadata is not None:
            changed.metadata = dict(event_metadata(metadata))
        return changed

    def bound_to(self, jobs: Mapping[str, Any]) -> "SensorDefinition":
        """Itself, or a copy that names its jobs as a code location has them, with its resources."""
        targets = bound_targets(self._targets, jobs)
        if targets is None:
            return self
        changed = copy.copy(self)
        changed._targets = targets
        return changed

    def with_updated_jobs(self, new_jobs: Sequence[Any]) -> "SensorDefinition":
        """A copy that starts other jobs."""
        return self.with_attributes(jobs=new_jobs)

    def with_updated_job(self, new_job: Any) -> "SensorDefinition":
        """A copy that starts another job."""
        return self.with_attributes(jobs=[new_job])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the decorated function, as in tests: with a context, and resources by name or from the context.

        Raises:
            InvalidInvocationError: the arguments are not those that it takes.
        """
        return self.tick_function.invoke("sensor", self.context_class, args, kwargs)

    # Tests of real projects call these two, though they are the peer's own business.

    def _evaluation_fn(self, context: Any) -> list[Any]:
        """All that the decorated function gives, as a list. Any object may stand for the context."""
        return self.tick_function.gather(context) if self.kind == "standard" else gathered(self(context))

    @property
    def _raw_fn(self) -> Callable[..., Any]:
        """The decorated function itself; of sensors that are handed events what looks them up first."""
        function: Callable[..., Any] = self if self.takes_event else self.tick_function.function
        return function

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


def _targets_of(
    name: str, job: Any, jobs: Sequence[Any] | None, job_name: str | None, target: Any, asset_selection: Any
) -> list[TargetJob]:
    one = [each for each in (job, job_name, target) if each is not None]
    if jobs is not None and one:
        raise InvalidDefinitionError(
            "give one of `job`, `jobs`, `job_name` and `target`.", code="invalid-argument"
        )
    if jobs is not None:
        return [TargetJob(each) for each in check_sequence("jobs", jobs, "a list of jobs")]
    if not one and asset_selection is None:
        return []
    if not one:
        target = asset_selection
    found = TargetJob(job, job_name, target)
    found.name_anonymous(name)
    return [found]


@overload
def sensor(job_name: Callable[..., Any], /) -> SensorDefinition: ...


@overload
def sensor(
    job_name: str | None = ...,
    *,
    name: str | None = ...,
    minimum_interval_seconds: int | None = ...,
    description: str | None = ...,
    job: Any = ...,
    jobs: Sequence[Any] | None = ...,
    default_status: DefaultSensorStatus = ...,
    asset_selection: Any = ...,
    required_resource_keys: Iterable[str] | None = ...,
    tags: Mapping[str, str] | None = ...,
    metadata: Mapping[str, Any] | None = ...,
    target: Any = ...,
    owners: Sequence[str] | None = ...,
) -> Callable[[Callable[..., Any]], SensorDefinition]: ...


def sensor(
    job_name: str | Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    job: Any = None,
    jobs: Sequence[Any] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    asset_selection: Any = None,
    required_resource_keys: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    target: Any = None,
    owners: Sequence[str] | None = None,
) -> Any:
    """Make a function a sensor.

    Args:
        job: the job, its name, or a function that returns one of these later.
        minimum_interval_seconds: between two evaluations; 30 where not given.

    Example:
        >>> from treadle import RunRequest, sensor
        >>> @sensor(job_name="nightly")
        ... def new_files(context):
        ...     yield RunRequest(run_key="a.csv")
        >>> new_files.job_name
        'nightly'
    """

    def decorate(function: Callable[..., Any]) -> SensorDefinition:
        return SensorDefinition(
            name or function.__name__,
            evaluation_fn=function,
            job_name=None if callable(job_name) else job_name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description or function.__doc__,
            job=job,
            jobs=jobs,
            default_status=default_status,
            asset_selection=asset_selection,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
            target=target,
            owners=owners,
        )

    return decorate(job_name) if callable(job_name) else decorate
