"""One `Definitions` of many factories."""

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import attrs

from treadle.core.errors import InvalidArgumentError, TreadleError, wrong_type
from treadle.core.problem import Problem
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.definitions import Definitions
from treadle.define.resources.definition import ResourceDefinition
from treadle.factories.cache import CacheEntry, GeneratorCache
from treadle.factories.cacheable import CacheableAssetFactory
from treadle.factories.early import EarlyResourcesAssetFactory
from treadle.factories.errors import FactoryError
from treadle.factories.resources import ResourceFactory, ResourcesContext, ResourcesRegistry
from treadle.factories.response import AssetFactoryResponse
from treadle.store.settings import process_settings

RUN_AT_BUILD = "run_at_build"
"""The tag of factories whose generators `treadle cache build` runs."""

OnError = Literal["raise", "skip"]


@attrs.define
class Build:
    """A load whose point is what it leaves in the cache."""

    entries: list[CacheEntry] = attrs.field(factory=list)
    skipped: list[str] = attrs.field(factory=list)
    """Factories that are not tagged to be run at build."""


_build: ContextVar[Build | None] = ContextVar("treadle_factories_build", default=None)


@contextmanager
def building() -> Iterator[Build]:
    """Loads inside run only factories tagged `run_at_build`, and tell what they kept."""
    build = Build()
    token = _build.set(build)
    try:
        yield build
    finally:
        _build.reset(token)


def load_factories(
    factories_or_responses: Iterable[Any] | ModuleType,
    resources: Mapping[str, Any] | ResourcesRegistry | None = None,
    cache_dir: str | Path | None = None,
    on_error: OnError = "raise",
) -> Definitions:
    """One `Definitions` of all assets, sensors, jobs and checks that factories make.

    Args:
        factories_or_responses: factories, responses, assets, checks, lists of them, or modules and packages that have them at
            their top level.
        resources: by name: for the factories' parameters, and for the assets at run time. Objects, resource classes, or
            `@resource_factory` functions.
        cache_dir: where cacheable factories keep what they generate; `cache/factories` in the home where not given.
        on_error: `raise`: the first factory that fails ends the load. `skip`: the others load, and `treadle check` names the
            skipped one.

    Raises:
        FactoryError: a factory failed; says which, where, and why.

    Example:
        >>> import treadle as dg
        >>> from treadle.factories import AssetFactoryResponse, load_factories
        >>> defs = load_factories([AssetFactoryResponse([dg.asset(name="orders")(lambda: 1)])])
        >>> [key.to_user_string() for key in defs.resolve_all_asset_keys()]
        ['orders']
    """
    if on_error not in ("raise", "skip"):
        raise InvalidArgumentError(f"`on_error` is `raise` or `skip`, got {on_error!r}.")
    registry = resources if isinstance(resources, ResourcesRegistry) else ResourcesRegistry(resources)
    folder = Path(cache_dir) if cache_dir is not None else process_settings().home / "cache" / "factories"
    load = _Load(registry.context(), GeneratorCache(folder), on_error, _build.get())
    load.add(factories_or_responses)
    return load.definitions(registry)


class _Load:
    def __init__(
        self, context: ResourcesContext, cache: GeneratorCache, on_error: OnError, build: Build | None
    ) -> None:
        self._context = context
        self._cache = cache
        self._on_error = on_error
        self._build = build
        self._responses: list[AssetFactoryResponse] = []
        self._done: dict[int, AssetFactoryResponse] = {}
        self._running: list[EarlyResourcesAssetFactory] = []
        self._problems: list[Problem] = []

    def add(self, given: Any) -> None:
        """Add a factory, a response, a definition, a module, or any nesting of lists of them."""
        if isinstance(given, AssetFactoryResponse):
            self._responses.append(given)
        elif isinstance(given, EarlyResourcesAssetFactory):
            self._add_factory(given)
        elif isinstance(given, AssetChecksDefinition):
            self._responses.append(AssetFactoryResponse([], checks=[given]))
        elif isinstance(given, AssetsDefinition):
            self._responses.append(AssetFactoryResponse([given]))
        elif isinstance(given, ModuleType):
            for module in _with_submodules(given):
                self._add_module(module)
        elif isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
            for one in given:
                self.add(one)
        else:
            raise wrong_type(
                "factories_or_responses", "factories, responses, assets, modules, or lists of them", given
            )

    def _add_module(self, module: ModuleType) -> None:
        seen: set[int] = set()
        for value in vars(module).values():
            known = isinstance(value, EarlyResourcesAssetFactory | AssetFactoryResponse | AssetsDefinition)
            if known and id(value) not in seen:
                seen.add(id(value))
                self.add(value)

    def _add_factory(self, factory: EarlyResourcesAssetFactory) -> None:
        known = id(factory) in self._done
        response = self._run(factory)
        if not known and response not in self._responses:
            self._responses.append(response)

    def _run(self, factory: EarlyResourcesAssetFactory) -> AssetFactoryResponse:
        if id(factory) in self._done:
            return self._done[id(factory)]
        if factory in self._running:
            circle = " -> ".join(each.name for each in [*self._running, factory])
            raise FactoryError(
                f"factories depend on each other in a circle: {circle}",
                code="dependency-cycle",
                where=factory.where,
            )
        self._running.append(factory)
        try:
            response = self._response_of(factory)
        except TreadleError as error:
            if self._on_error == "raise":
                raise
            self._problems.append(_skipped(factory, error))
            response = AssetFactoryResponse([])
        finally:
            self._running.pop()
        self._done[id(factory)] = response
        return response

    def _response_of(self, factory: EarlyResourcesAssetFactory) -> AssetFactoryResponse:
        before = [self._run(each) for each in factory.dependencies]
        if self._build is None:
            return self._keeping(factory)(self._context, before)
        if factory.tags.get(RUN_AT_BUILD) != "true":
            self._build.skipped.append(f"{factory.module}.{factory.name}")
            return AssetFactoryResponse([])
        count = len(self._cache.entries)
        response = self._keeping(factory)(self._context, before)
        self._build.entries += self._cache.entries[count:]
        return response

    def _keeping(self, factory: EarlyResourcesAssetFactory) -> EarlyResourcesAssetFactory:
        return factory.keeping_in(self._cache) if isinstance(factory, CacheableAssetFactory) else factory

    def definitions(self, registry: ResourcesRegistry) -> Definitions:
        """All responses as one."""
        found = Definitions(
            assets=[each for response in self._responses for each in response.assets],
            sensors=[each for response in self._responses for each in response.sensors],
            jobs=[each for response in self._responses for each in response.jobs],
            asset_checks=[each for response in self._responses for each in response.checks],
            resources={name: self._resource(name, registry) for name in sorted(registry.names)},
        )
        return found.with_problems(self._problems) if self._problems else found

    def _resource(self, name: str, registry: ResourcesRegistry) -> Any:
        found = registry.find(name)
        if isinstance(found, ResourceFactory):
            context = self._context
            return ResourceDefinition(lambda _: context.resolve(name), description=f"made by {found.where}")
        return found


def _skipped(factory: EarlyResourcesAssetFactory, error: TreadleError) -> Problem:
    hint = f" ({error.hint})" if error.hint else ""
    return Problem(
        code="factory-skipped",
        message=f"the factory `{factory.name}` of {factory.caller_filename} was left out: {error.message}{hint}",
        where=error.where or factory.where,
        suggestion="mend it; until then its assets are missing",
    )


def _with_submodules(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
        yield import_module(found.name)
