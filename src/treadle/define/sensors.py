"""Sensors as values: what is watched, how often, and which jobs. Ticks are evaluated elsewhere."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, overload

from treadle.core.errors import InvalidDefinitionError, TreadleError
from treadle.core.keys import AssetKey
from treadle.core.names import check_name, check_owners, check_run_tags
from treadle.core.schedules import DefaultSensorStatus
from treadle.define.arguments import check_keys, check_type
from treadle.define.parameters import split_by_position
from treadle.define.schedules import TargetJob
from treadle.define.where import caller_where, where_of


class SensorDefinition:
    """A function that looks at the world from time to time and asks for runs.

    Args:
        name: where not given, the function's name.
        evaluation_fn: gives run requests, a SensorResult, or a reason to skip.
        job: the job, its name, or a function that returns one of these later.
        jobs: several jobs, of which a run request names one.
        target: in place of `job`: a job, or a selection of assets.
        asset_selection: the assets that run requests may ask for.
        minimum_interval_seconds: between two evaluations; 30 where not given.
        default_status: whether it is on before anybody switched it.

    Raises:
        InvalidDefinitionError: a name or argument that is refused.
    """

    kind = "standard"

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
            self.name = name or evaluation_fn.__name__
            if name:
                check_name(name, "sensor")
            if jobs is not None and (job is not None or job_name is not None or target is not None):
                raise InvalidDefinitionError(
                    "give one of `job`, `jobs`, `job_name` and `target`.", code="invalid-argument"
                )
            selected = (
                asset_selection if target is None and job is None and not jobs and job_name is None else None
            )
            self._targets = [TargetJob(one) for one in jobs or ()]
            first = TargetJob(job, job_name, target if selected is None else selected)
            first.name_anonymous(self.name)
            if jobs is None and (
                job is not None or job_name is not None or target is not None or selected is not None
            ):
                self._targets.append(first)
            check_type("minimum_interval_seconds", minimum_interval_seconds, (int, float), "seconds")
            check_type("default_status", default_status, DefaultSensorStatus, "a DefaultSensorStatus")
            self.tags = check_run_tags(tags)
            self.owners = tuple(check_owners(owners))
            given_keys = check_keys("required_resource_keys", required_resource_keys)
        except TreadleError as error:
            error.where = error.where or self.where
            raise
        self.evaluation_fn = evaluation_fn
        self.minimum_interval_seconds = minimum_interval_seconds
        self.description = description
        self.default_status = default_status
        self.asset_selection = asset_selection
        self.metadata = dict(metadata or {})
        self.required_resource_keys = given_keys | {
            resource.key for resource in split_by_position(evaluation_fn)[1].values()
        }
        self.__name__ = getattr(evaluation_fn, "__name__", self.name)
        self.__doc__ = getattr(evaluation_fn, "__doc__", None)
        self.__wrapped__ = evaluation_fn

    @property
    def asset_keys(self) -> tuple[AssetKey, ...]:
        """The assets that it watches."""
        return ()

    @property
    def job_names(self) -> tuple[str, ...]:
        """The names of its jobs."""
        names = [target.name for target in self._targets]
        return tuple(name for name in names if name is not None)

    @property
    def job_name(self) -> str | None:
        """The name of its one job, or None."""
        names = self.job_names
        return names[0] if len(names) == 1 else None

    @property
    def jobs(self) -> list[Any]:
        """Its jobs, where they were given as objects."""
        return [definition for target in self._targets if (definition := target.definition) is not None]

    @property
    def job(self) -> Any:
        """Its one job.

        Raises:
            InvalidDefinitionError: it has several, or knows it by name only.
        """
        found = self.jobs
        if len(found) != 1:
            raise InvalidDefinitionError(f"sensor `{self.name}` has {len(found)} jobs.", where=self.where)
        return found[0]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the decorated function, as in tests."""
        return self.evaluation_fn(*args, **kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class AssetSensorDefinition(SensorDefinition):
    """A sensor that is called for each new materialization of an asset.

    Args:
        name: of the sensor.
        asset_key: the asset that it watches.
        asset_materialization_fn: takes a context and the event.
    """

    kind = "asset"

    asset_key: AssetKey

    def __init__(
        self,
        name: str,
        asset_key: Any,
        job_name: str | None = None,
        asset_materialization_fn: Callable[..., Any] | None = None,
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        job: Any = None,
        jobs: Sequence[Any] | None = None,
        default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
        required_resource_keys: Iterable[str] | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.asset_key = AssetKey.from_coercible_or_definition(asset_key)
        super().__init__(
            name,
            evaluation_fn=asset_materialization_fn,
            job_name=job_name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            job=job,
            jobs=jobs,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )

    @property
    def asset_keys(self) -> tuple[AssetKey, ...]:
        """The asset that it watches."""
        return (self.asset_key,)


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


def asset_sensor(
    asset_key: Any,
    *,
    job_name: str | None = None,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    job: Any = None,
    jobs: Sequence[Any] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    required_resource_keys: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], AssetSensorDefinition]:
    """Make a function a sensor that is called for each new materialization of an asset.

    Args:
        asset_key: the asset, its key, or text.
        job: the job, its name, or a function that returns one of these later.
    """

    def decorate(function: Callable[..., Any]) -> AssetSensorDefinition:
        return AssetSensorDefinition(
            name or function.__name__,
            asset_key,
            job_name,
            function,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description or function.__doc__,
            job=job,
            jobs=jobs,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )

    return decorate
