"""`Definitions`: everything that a code location declares, given in one place and resolved when first asked."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError, did_you_mean, wrong_type
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.metadata_entries import event_metadata
from treadle.core.names import IMPLICIT_JOB_NAME
from treadle.core.problem import Problem
from treadle.core.specs import AssetSpec
from treadle.define.arguments_of_definitions import LISTS, check_arguments
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.asset_graph import AssetGraph
from treadle.define.asset_values import AssetValueLoader
from treadle.define.code import Code, CodeOrigin
from treadle.define.doors import open_door
from treadle.define.loaded_assets import LoadedAssets
from treadle.define.merging import merged
from treadle.define.where import direct_caller_where

if TYPE_CHECKING:
    from treadle.define.job_definition import JobDefinition


class Definitions:
    """Assets, checks, jobs, schedules, sensors and resources that belong together. Making one only keeps what was
    given; it is resolved, and checked as a whole, when it is first used.

    Args:
        assets: assets, specs of external ones, or lists of them.
        asset_checks: checks that stand alone.
        jobs: jobs; those that schedules and sensors name come by themselves.
        resources: objects or definitions by key; `io_manager` stores what names no other.
        executor: how jobs run that name none.
        loggers: logger definitions by key.
        metadata: anything that should be known about the whole.
        strict: True: refuse, here and now, what is a warning otherwise, too.

    Raises:
        InvalidArgumentError: an argument of the wrong shape; where several are, it is a DefinitionsError too and has each.
        DefinitionsError: with every problem, where a `load_assets_from_…` found one key twice, or under `strict`.

    Example:
        >>> from treadle import Definitions, asset
        >>> @asset
        ... def orders():
        ...     return 1
        >>> Definitions(assets=[orders]).problems()
        []
    """

    assets: Iterable[Any] | None
    schedules: Iterable[Any] | None
    sensors: Iterable[Any] | None
    jobs: Iterable[Any] | None
    asset_checks: Iterable[Any] | None
    resources: Mapping[str, Any] | None
    executor: Any
    loggers: Mapping[str, Any] | None
    metadata: Mapping[str, Any]
    component_tree: Any
    strict: bool

    def __init__(
        self,
        assets: Iterable[Any] | None = None,
        schedules: Iterable[Any] | None = None,
        sensors: Iterable[Any] | None = None,
        jobs: Iterable[Any] | None = None,
        resources: Mapping[str, Any] | None = None,
        executor: Any = None,
        loggers: Mapping[str, Any] | None = None,
        asset_checks: Iterable[Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        component_tree: Any = None,
        *,
        strict: bool = False,
    ) -> None:
        self.where = direct_caller_where()
        self.assets = assets
        self.schedules = schedules
        self.sensors = sensors
        self.jobs = jobs
        self.asset_checks = asset_checks
        self.resources = resources
        self.executor = executor
        self.loggers = loggers
        self.metadata = metadata or {}
        self.component_tree = component_tree
        self.strict = strict
        check_arguments(self.arguments(), self.where)
        self.metadata = event_metadata(metadata) if metadata else {}
        self.origin: CodeOrigin | None = None
        self._code: Code | None = None
        self._implicit_job: JobDefinition | None = None
        self._told: tuple[Problem, ...] = ()
        if strict or _has_clash(assets):
            self.resolve()

    # Resolving

    @classmethod
    def of_code(cls, code: Code) -> "Definitions":
        """Definitions of what is resolved already, as a run has it."""
        made = cls(
            assets=[*{id(one): one for one in code.assets_defs.values()}.values()],
            jobs=[*code.jobs.values()],
            schedules=[*code.schedules.values()],
            sensors=[*code.sensors.values()],
            resources=code.resources,
            executor=code.executor,
            loggers=code.loggers,
        )
        made._code = code
        return made

    def examined(self) -> Code:
        """What the definitions are, with all that is wrong in `catalog.problems`; made once."""
        if self._code is None:
            self._code = open_door("examine")(
                assets=self.assets,
                asset_checks=self.asset_checks,
                jobs=self.jobs,
                schedules=self.schedules,
                sensors=self.sensors,
                resources=self.resources,
                executor=self.executor,
                loggers=self.loggers,
                metadata=self.metadata,
                origin=self.origin,
                told=self._told,
                where=self.where,
            )
        return self._code

    def resolve(self) -> Code:
        """The catalog, and the objects behind it; made once.

        Raises:
            DefinitionsError: with everything that is wrong.
        """
        code = self.examined()
        open_door("refuse")(code.catalog.problems, self.strict)
        return code

    def problems(self) -> list[Problem]:
        """All that is wrong or doubtful, without raising."""
        return list(self.examined().catalog.problems)

    @property
    def selectable_graph(self) -> Any:
        """What selections resolve against."""
        return self.resolve().catalog.selectable_graph

    @staticmethod
    def validate_loadable(defs: "Definitions") -> None:
        """Check definitions as a whole.

        Raises:
            DefinitionsError: with everything that is wrong.
        """
        defs.resolve()

    # Reading

    def get_job_def(self, name: str) -> "JobDefinition":
        """A job by name.

        Raises:
            InvariantViolationError: there is none; says the nearest.
        """
        code = self.resolve()
        if name == IMPLICIT_JOB_NAME:
            return self.get_implicit_global_asset_job_def()
        job: JobDefinition = _named(code.jobs, name, "job")
        return job

    resolve_job_def = get_job_def

    def get_schedule_def(self, name: str) -> Any:
        """A schedule by name."""
        return _named(self.resolve().schedules, name, "schedule")

    def get_sensor_def(self, name: str) -> Any:
        """A sensor by name."""
        return _named(open_door("sensors_with_default")(self.resolve()), name, "sensor")

    resolve_schedule_def = get_schedule_def
    resolve_sensor_def = get_sensor_def

    def get_asset_checks_def(self, key: AssetCheckKey) -> AssetsDefinition:
        """The definition that evaluates a check.

        Raises:
            InvariantViolationError: there is none; says the nearest.
        """
        code = self.resolve()
        node = code.catalog.checks.get(key)
        if node is None:
            wanted, names = key.to_user_string(), [known.to_user_string() for known in code.catalog.checks]
            raise InvariantViolationError(
                f"there is no check `{wanted}` in these definitions.",
                code="unknown-check",
                hint=did_you_mean(wanted, names),
            )
        return code.assets_defs[node.computation]

    def get_asset_def(self, key: Any) -> AssetsDefinition:
        """The definition that makes an asset; of an external asset, one that makes nothing.

        Args:
            key: a key, text (`raw/orders`, or the last part alone where only one asset has it), or a list of parts.

        Raises:
            InvariantViolationError: there is none; says the nearest.
        """
        code = self.resolve()
        wanted = (
            AssetKey(key.split("/")) if isinstance(key, str) else AssetKey.from_coercible_or_definition(key)
        )
        node = code.catalog.assets.get(wanted)
        if node is None:
            alike = [known for known in code.catalog.assets if known.parts_tuple[-1:] == wanted.parts_tuple]
            node = code.catalog.assets[alike[0]] if len(alike) == 1 else None
        text = wanted.to_user_string()
        if node is None:
            names = [known.to_user_string() for known in code.catalog.assets]
            raise InvariantViolationError(
                f"there is no asset `{text}` in these definitions.",
                code="unknown-asset",
                hint=did_you_mean(text, names),
            )
        if node.computation is None:
            return AssetsDefinition(specs=[node.spec])
        return code.assets_defs[node.computation]

    resolve_assets_def = get_asset_def

    def get_assets_def(self, key: Any) -> AssetsDefinition:
        """As `get_asset_def`; where something is wrong with the whole, such as a resource that another part of the
        project has, the definition as it was given.
        """
        try:
            return self.get_asset_def(key)
        except InvalidDefinitionError:
            wanted = AssetKey.from_coercible_or_definition(key.split("/") if isinstance(key, str) else key)
            for given in self.assets or ():
                if isinstance(given, AssetsDefinition) and wanted in given.keys:
                    return given
            raise

    def has_implicit_global_asset_job_def(self) -> bool:
        """Whether there are assets, for which `__ASSET_JOB` stands."""
        return bool(self.resolve().catalog.assets)

    def get_implicit_global_asset_job_def(self) -> "JobDefinition":
        """The job of everything that a run can make or check."""
        if self._implicit_job is None:
            self._implicit_job = open_door("implicit_job")(self.resolve())
        return self._implicit_job

    resolve_implicit_global_asset_job_def = get_implicit_global_asset_job_def

    def resolve_all_job_defs(self) -> "list[JobDefinition]":
        """Every job, first that of all assets, where there are any."""
        all_assets, jobs = self.get_implicit_global_asset_job_def(), self.resolve().jobs.values()
        return [all_assets, *jobs] if all_assets.asset_keys or all_assets.check_keys else list(jobs)

    def get_repository_def(self) -> Any:
        """The same under the peer's older word: a `RepositoryDefinition`."""
        self.resolve()
        return open_door("repository_of")(self)

    def resolve_all_asset_specs(self) -> list[AssetSpec]:
        """The specs of all assets, external ones too."""
        specs = (node.spec for node in self.resolve().catalog.assets.values())
        return [spec if spec.group_name else spec.replace_attributes(group_name="default") for spec in specs]

    def resolve_all_asset_keys(self) -> list[AssetKey]:
        """The keys of all assets, external ones too."""
        return list(self.resolve().catalog.assets)

    get_all_asset_specs = resolve_all_asset_specs

    def resolve_asset_graph(self) -> AssetGraph:
        """The assets and what leads to what."""
        code = self.resolve()
        return AssetGraph(code.catalog, code)

    def load_asset_value(
        self,
        asset_key: Any,
        *,
        python_type: type | None = None,
        instance: Any = None,
        partition_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Any:
        """The stored value of an asset, as its IO manager loads it.

        Args:
            python_type: what the IO manager should give back, where it can choose.
            instance: where the asset was materialized; the default one where not given.
        """
        return self.get_asset_value_loader(instance).load_asset_value(
            asset_key, python_type=python_type, partition_key=partition_key, metadata=metadata
        )

    def get_asset_value_loader(self, instance: Any = None) -> AssetValueLoader:
        """Loads stored values, opening each IO manager once."""
        return AssetValueLoader(self.resolve(), instance)

    # Changed copies

    def map_asset_specs(
        self, *, func: Callable[[AssetSpec], AssetSpec], selection: Any = None
    ) -> "Definitions":
        """A copy in which `func` has changed the specs of all assets, or of a selection."""
        wanted: Any = None
        if selection is not None:
            wanted = open_door("coerce_selection")(selection).resolve(self.selectable_graph)

        def change(spec: AssetSpec) -> AssetSpec:
            return func(spec) if wanted is None or spec.key in wanted else spec

        def changed(one: Any) -> Any:
            if isinstance(one, AssetsDefinition):
                return one.map_asset_specs(change)
            if isinstance(one, AssetSpec):
                return change(one)
            if isinstance(one, Iterable) and not isinstance(one, str | Mapping):
                return [changed(inner) for inner in one]
            return one

        return self.with_replaced(assets=[changed(one) for one in self.assets or ()])

    map_resolved_asset_specs = map_asset_specs

    def with_resources(self, resources: Mapping[str, Any] | None) -> "Definitions":
        """A copy with these resources too.

        Raises:
            InvariantViolationError: it has another one under one of the keys.
        """
        return Definitions.merge(self, Definitions(resources=resources)) if resources else self

    def with_replaced(self, **changes: Any) -> "Definitions":
        """A copy with some arguments changed."""
        copy = Definitions(**{**self.arguments(), **changes}).with_problems(self._told)
        copy.where = self.where
        return copy

    def with_problems(self, problems: Iterable[Problem]) -> "Definitions":
        """A copy that tells these problems, too: what went wrong while the definitions were being made."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, _code=None, _implicit_job=None)
        copy._told = (*self._told, *problems)
        return copy

    def with_origin(self, origin: CodeOrigin | None, strict: bool | None = None) -> "Definitions":
        """A copy that knows how another process imports it; nothing is resolved yet."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, origin=origin, _code=None, _implicit_job=None)
        copy.strict = self.strict if strict is None else strict
        return copy

    def arguments(self) -> dict[str, Any]:
        """What it was given, by argument."""
        names = (*LISTS, "resources", "executor", "loggers", "metadata", "component_tree", "strict")
        return {name: getattr(self, name) for name in names}

    @staticmethod
    def merge(*def_sets: "Definitions") -> "Definitions":
        """All that is in any of several `Definitions`.

        Raises:
            InvariantViolationError: two give one key to different resources, loggers or metadata, or two executors.
        """
        for one in def_sets:
            if not isinstance(one, Definitions):
                raise wrong_type("def_sets", "Definitions", one)
        joined = Definitions(**merged([one.arguments() for one in def_sets], tuple(LISTS)))
        joined.where = next((one.where for one in def_sets if one.where), None)
        return joined.with_problems(problem for one in def_sets for problem in one._told)

    def __eq__(self, other: object) -> bool:
        """Whether both were given the same."""
        if not isinstance(other, Definitions):
            return NotImplemented
        ours, theirs = self.arguments(), other.arguments()
        return all(_given(ours[name]) == _given(theirs[name]) for name in ours)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{len(list(getattr(self, name)))} {name}" for name in LISTS if getattr(self, name)
        )
        return f"Definitions({counts})"


def _given(value: Any) -> Any:
    """An argument as one compares it: lists of any kind are alike, and what is empty is as if it were not given."""
    return list(value) or None if isinstance(value, list | tuple) else value or None


def _has_clash(assets: Any) -> bool:
    """Whether a list that a `load_assets_from_…` gave defines one key twice."""
    lists = [assets, *assets] if isinstance(assets, list | tuple) else [assets]
    return any(isinstance(one, LoadedAssets) and one.has_clash for one in lists)


def _named(found: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in found:
        raise InvariantViolationError(
            f"there is no {what} `{name}` in these definitions.",
            code="unknown-job" if what == "job" else "not-found",
            hint=did_you_mean(name, found),
        )
    return found[name]


def definitions(fn: Callable[..., Definitions]) -> "LazyDefinitions":
    """Make a function give a module's `Definitions`: it is called once, when they are loaded.

    Example:
        >>> from treadle import Definitions, definitions
        >>> @definitions
        ... def defs():
        ...     return Definitions()
        >>> defs().problems()
        []
    """
    return LazyDefinitions(fn)


class LazyDefinitions:
    """A function that gives `Definitions`, called once. `@definitions` makes it.

    Args:
        function: takes nothing, or a load context.
    """

    def __init__(self, function: Callable[..., Definitions]) -> None:
        if not callable(function):
            raise wrong_type("fn", "a function", function)
        self.load_fn = function
        self._loaded: Definitions | None = None
        self.__name__ = getattr(function, "__name__", "defs")
        self.__doc__ = getattr(function, "__doc__", None)
        self.__wrapped__ = function

    def load(self, context: Any = None) -> Definitions:
        """The definitions, made on the first call.

        Raises:
            InvariantViolationError: the function returned something else.
        """
        if self._loaded is None:
            takes_context = (
                self.load_fn.__code__.co_argcount > 0 if hasattr(self.load_fn, "__code__") else False
            )
            made = self.load_fn(context) if takes_context else self.load_fn()
            if not isinstance(made, Definitions):
                raise InvariantViolationError(
                    f"`{self.__name__}` must return Definitions, got {type(made).__name__}.",
                    code="load-failed",
                )
            self._loaded = made
        return self._loaded

    def __call__(self, context: Any = None) -> Definitions:
        return self.load(context)
