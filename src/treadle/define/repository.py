"""`@repository`: the peer's older way to name what a code location has. Here it is `Definitions` with a name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, overload

from treadle.core.catalog import Catalog
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, did_you_mean, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.metadata_entries import event_metadata
from treadle.core.names import check_name
from treadle.core.specs import AssetSpec
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.asset_values import AssetValueLoader
from treadle.define.code import Code
from treadle.define.default_automation import sensors_with_default
from treadle.define.definitions import Definitions
from treadle.define.graphs.graph_definition import GraphDefinition
from treadle.define.job_definition import JobDefinition
from treadle.define.jobs import UnresolvedAssetJobDefinition
from treadle.define.partitioned_schedules import UnresolvedPartitionedSchedule
from treadle.define.schedules import ScheduleDefinition
from treadle.define.sensors import SensorDefinition
from treadle.define.source_asset import SourceAsset
from treadle.define.where import where_of


class RepositoryData:
    """What a repository holds, for those who make it in a way of their own. A subclass gives what it has of these.

    Example:
        >>> from treadle import RepositoryData, define_asset_job
        >>> class Mine(RepositoryData):
        ...     def get_all_jobs(self):
        ...         return [define_asset_job("nightly")]
        >>> Mine().get_job_names()
        ['nightly']
    """

    def get_all_jobs(self) -> Sequence[Any]:
        """Its jobs."""
        return []

    def get_all_schedules(self) -> Sequence[Any]:
        """Its schedules."""
        return []

    def get_all_sensors(self) -> Sequence[Any]:
        """Its sensors."""
        return []

    def get_assets_defs_by_key(self) -> Mapping[AssetKey, AssetsDefinition]:
        """Asset -> the definition that makes it."""
        return {}

    def get_source_assets_by_key(self) -> Mapping[AssetKey, SourceAsset]:
        """The external assets."""
        return {}

    def get_asset_checks_defs_by_key(self) -> Mapping[Any, Any]:
        """Check -> the definition that evaluates it."""
        return {}

    def get_job_names(self) -> list[str]:
        """The names of its jobs."""
        return [job.name for job in self.get_all_jobs()]

    def has_job(self, job_name: str) -> bool:
        """Whether it has a job of that name."""
        return job_name in self.get_job_names()

    def get_job(self, job_name: str) -> Any:
        """A job by name."""
        return _named_in(self.get_all_jobs(), job_name, "job")

    def get_schedule_names(self) -> list[str]:
        """The names of its schedules."""
        return [schedule.name for schedule in self.get_all_schedules()]

    def has_schedule(self, schedule_name: str) -> bool:
        """Whether it has a schedule of that name."""
        return schedule_name in self.get_schedule_names()

    def get_schedule(self, schedule_name: str) -> Any:
        """A schedule by name."""
        return _named_in(self.get_all_schedules(), schedule_name, "schedule")

    def get_sensor_names(self) -> list[str]:
        """The names of its sensors."""
        return [sensor.name for sensor in self.get_all_sensors()]

    def has_sensor(self, sensor_name: str) -> bool:
        """Whether it has a sensor of that name."""
        return sensor_name in self.get_sensor_names()

    def get_sensor(self, sensor_name: str) -> Any:
        """A sensor by name."""
        return _named_in(self.get_all_sensors(), sensor_name, "sensor")

    def to_definitions(self) -> Definitions:
        """All of it."""
        assets: dict[int, Any] = {
            id(one): one
            for one in (*self.get_assets_defs_by_key().values(), *self.get_source_assets_by_key().values())
        }
        checks = {id(one): one for one in self.get_asset_checks_defs_by_key().values()}
        return Definitions(
            assets=list(assets.values()),
            asset_checks=[one for key, one in checks.items() if key not in assets],
            jobs=self.get_all_jobs(),
            schedules=self.get_all_schedules(),
            sensors=self.get_all_sensors(),
        )


def _named_in(found: Iterable[Any], name: str, what: str) -> Any:
    by_name = {one.name: one for one in found}
    if name not in by_name:
        raise InvariantViolationError(f"there is no {what} `{name}`.", hint=did_you_mean(name, by_name))
    return by_name[name]


class RepositoryDefinition:
    """Named definitions. `@repository` and `create_repository_using_definitions_args` make it.

    Args:
        name: letters, digits and underscores.
        repository_data: gives what it holds.
        description: for people.
        metadata: anything that should be known about it.
        repository_load_data: kept for code written for the peer.
        definitions: what it holds, in place of `repository_data`.
    """

    name: str
    description: str | None
    metadata: Mapping[str, Any]

    def __init__(
        self,
        name: str,
        *,
        repository_data: "RepositoryData | None" = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        repository_load_data: Any = None,
        definitions: Definitions | None = None,
    ) -> None:
        self.name = check_name(name, "repository")
        if definitions is None:
            definitions = repository_data.to_definitions() if repository_data is not None else Definitions()
        self.definitions = definitions
        self.description = description
        self.metadata = dict(definitions.metadata if metadata is None else event_metadata(metadata))

    def __call__(self) -> "RepositoryDefinition":
        """Itself, so that what `@repository` made may be called like the function it was."""
        return self

    @property
    def catalog(self) -> Catalog:
        """Everything that it declares."""
        return self.definitions.resolve().catalog

    @property
    def job_names(self) -> list[str]:
        """The names of its jobs; the last is that of the job of all assets, where there are any."""
        return [job.name for job in self.get_all_jobs()]

    @property
    def schedule_defs(self) -> list[Any]:
        """Its schedules."""
        return list(self.definitions.resolve().schedules.values())

    @property
    def sensor_defs(self) -> list[Any]:
        """Its sensors; the first is that of automation conditions without a sensor, where there are any."""
        return list(sensors_with_default(self.definitions.resolve()).values())

    @property
    def assets_defs_by_key(self) -> dict[AssetKey, AssetsDefinition]:
        """Asset -> the definition that makes it."""
        code = self.definitions.resolve()
        return {
            key: code.assets_defs[node.computation]
            for key, node in code.catalog.assets.items()
            if node.computation is not None
        }

    @property
    def source_assets_by_key(self) -> dict[AssetKey, SourceAsset]:
        """The external assets."""
        return {
            key: SourceAsset(key, metadata=node.spec.metadata, description=node.spec.description)
            for key, node in self.catalog.assets.items()
            if node.computation is None
        }

    @property
    def asset_checks_defs_by_key(self) -> dict[Any, AssetsDefinition]:
        """Check -> the definition that evaluates it."""
        code = self.definitions.resolve()
        return {key: code.assets_defs[node.computation] for key, node in code.catalog.checks.items()}

    def get_all_jobs(self) -> list[JobDefinition]:
        """Its jobs, and the job of everything that a run can make or check, where there is such a thing."""
        jobs = list(self.definitions.resolve().jobs.values())
        all_assets = self.definitions.get_implicit_global_asset_job_def()
        return [*jobs, all_assets] if all_assets.asset_keys or all_assets.check_keys else jobs

    def get_job(self, name: str) -> JobDefinition:
        """A job by name."""
        return self.definitions.get_job_def(name)

    def has_job(self, name: str) -> bool:
        """Whether it has a job of that name."""
        return name in self.job_names

    @property
    def asset_graph(self) -> Any:
        """The assets and what leads to what."""
        return self.definitions.resolve_asset_graph()

    def get_implicit_global_asset_job_def(self) -> JobDefinition:
        """The job of everything that a run can make or check."""
        return self.definitions.get_implicit_global_asset_job_def()

    def load_all_definitions(self) -> None:
        """Check everything that it holds.

        Raises:
            DefinitionsError: with everything that is wrong.
        """
        self.definitions.resolve()

    def get_schedule_def(self, name: str) -> Any:
        """A schedule by name."""
        return self.definitions.get_schedule_def(name)

    def has_schedule_def(self, name: str) -> bool:
        """Whether it has a schedule of that name."""
        return name in self.definitions.resolve().schedules

    def get_sensor_def(self, name: str) -> Any:
        """A sensor by name."""
        return self.definitions.get_sensor_def(name)

    def has_sensor_def(self, name: str) -> bool:
        """Whether it has a sensor of that name."""
        return name in sensors_with_default(self.definitions.resolve())

    def get_top_level_resources(self) -> dict[str, Any]:
        """Resource key -> resource, of those that were given to all of it."""
        code = self.definitions.resolve()
        return {key: code.resources[key] for key in self.definitions.resources or () if key in code.resources}

    def load_asset_value(self, asset_key: Any, **arguments: Any) -> Any:
        """The stored value of an asset; arguments as of `AssetValueLoader.load_asset_value`."""
        return self.get_asset_value_loader(arguments.pop("instance", None)).load_asset_value(
            asset_key, **arguments
        )

    def get_asset_value_loader(self, instance: Any = None) -> AssetValueLoader:
        """Loads stored values of its assets."""
        return self.definitions.get_asset_value_loader(instance)

    def __repr__(self) -> str:
        return f"RepositoryDefinition({self.name!r})"


def repository_of(definitions: Definitions | Code) -> RepositoryDefinition:
    """A repository with what definitions hold, resolved or not, under the name that the peer gives it."""
    if isinstance(definitions, Code):
        definitions = Definitions.of_code(definitions)
    return RepositoryDefinition("__repository__", definitions=definitions)


@overload
def repository(definitions_fn: Callable[..., Any], /) -> RepositoryDefinition: ...


@overload
def repository(
    definitions_fn: None = ...,
    *,
    name: str | None = ...,
    description: str | None = ...,
    metadata: Mapping[str, Any] | None = ...,
    default_executor_def: Any = ...,
    default_logger_defs: Mapping[str, Any] | None = ...,
    _top_level_resources: Mapping[str, Any] | None = ...,
    _component_tree: Any = ...,
) -> Callable[[Callable[..., Any]], RepositoryDefinition]: ...


def repository(
    definitions_fn: Callable[[], Iterable[Any]] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    default_executor_def: Any = None,
    default_logger_defs: Mapping[str, Any] | None = None,
    _top_level_resources: Mapping[str, Any] | None = None,
    _component_tree: Any = None,
) -> Any:
    """Make a function that returns a list of assets, jobs, schedules and sensors a named repository.

    Example:
        >>> from treadle import asset, repository
        >>> @asset
        ... def orders(): ...
        >>> @repository
        ... def shop():
        ...     return [orders]
        >>> shop.name
        'shop'
    """

    def decorate(function: Callable[[], Iterable[Any]]) -> RepositoryDefinition:
        given = function()
        if isinstance(given, RepositoryData):
            return RepositoryDefinition(
                name or function.__name__,
                repository_data=given,
                description=description or function.__doc__,
                metadata=metadata,
            )
        if isinstance(given, Mapping):
            given = _from_mapping(given, where_of(function))
        if not isinstance(given, Iterable):
            raise wrong_type("definitions_fn", "a function that returns a list", given)
        definitions = Definitions(
            **_sorted_by_kind(given, where_of(function)),
            resources=_top_level_resources,
            executor=default_executor_def,
            loggers=default_logger_defs,
            component_tree=_component_tree,
        )
        definitions.resolve()
        return RepositoryDefinition(
            name or function.__name__,
            definitions=definitions,
            description=description or function.__doc__,
            metadata=metadata,
        )

    return decorate if definitions_fn is None else decorate(definitions_fn)


def create_repository_using_definitions_args(
    name: str,
    assets: Iterable[Any] | None = None,
    schedules: Iterable[Any] | None = None,
    sensors: Iterable[Any] | None = None,
    jobs: Iterable[Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    executor: Any = None,
    loggers: Mapping[str, Any] | None = None,
    asset_checks: Iterable[Any] | None = None,
) -> RepositoryDefinition:
    """A repository of a name, with what `Definitions` takes."""
    return RepositoryDefinition(
        name,
        definitions=Definitions(
            assets=assets,
            schedules=schedules,
            sensors=sensors,
            jobs=jobs,
            resources=resources,
            executor=executor,
            loggers=loggers,
            asset_checks=asset_checks,
        ),
    )


def _from_mapping(given: Mapping[str, Any], where: str | None) -> list[Any]:
    """The peer's older form: `{"jobs": {name: job, or a function that makes it}, "schedules": …, "sensors": …}`.

    Raises:
        InvalidDefinitionError: another key, or a name that is not that of what it stands for.
    """
    unknown = [key for key in given if key not in ("jobs", "schedules", "sensors")]
    if unknown:
        raise InvalidDefinitionError(
            f"a repository's dictionary may have `jobs`, `schedules` and `sensors`, not `{unknown[0]}`.",
            hint="return a list of all definitions",
            where=where,
        )
    found: list[Any] = []
    for key, by_name in given.items():
        for name, entry in by_name.items():
            is_made = hasattr(entry, "name") or not callable(entry)
            made = entry if is_made else entry()
            if getattr(made, "name", name) != name:
                raise InvalidDefinitionError(
                    f"under `{name}` of the repository's `{key}` stands `{made.name}`.",
                    hint="write the same name in both places",
                    where=where,
                )
            found.append(made)
    return found


def _sorted_by_kind(given: Iterable[Any], where: str | None) -> dict[str, Any]:
    lists: dict[str, Any] = {
        "assets": [],
        "asset_checks": [],
        "jobs": [],
        "schedules": [],
        "sensors": [],
    }
    homes: tuple[tuple[Any, str], ...] = (
        (AssetChecksDefinition, "asset_checks"),
        ((AssetsDefinition, AssetSpec, SourceAsset), "assets"),
        ((UnresolvedAssetJobDefinition, JobDefinition), "jobs"),
        ((ScheduleDefinition, UnresolvedPartitionedSchedule), "schedules"),
        (SensorDefinition, "sensors"),
    )

    def place(one: Any) -> None:
        if isinstance(one, GraphDefinition):
            one = one.to_job()
        for kind, home in homes:
            if isinstance(one, kind):
                lists[home].append(one)
                return
        if isinstance(one, Iterable) and not isinstance(one, str | bytes | Mapping):
            for inner in one:
                place(inner)
            return
        raise InvalidDefinitionError(
            f"a repository holds assets, checks, jobs, schedules and sensors, not a {type(one).__name__}.",
            code="invalid-argument",
            where=where,
        )

    for one in given:
        place(one)
    return lists
