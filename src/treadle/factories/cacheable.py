"""Factories whose slow part makes plain objects that are kept between starts, and whose fast part makes assets of them."""

import copy
import inspect
import time
import typing
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeAlias, overload

import attrs
from pydantic import BaseModel

from treadle.define.where import where_of
from treadle.factories.cache import GeneratorCache, cache_key
from treadle.factories.early import EarlyResourcesAssetFactory
from treadle.factories.errors import FactoryError
from treadle.factories.resources import ResourcesContext


@attrs.frozen(kw_only=True)
class Generator:
    """A slow function, and what it makes."""

    name: str
    function: Callable[..., Any]
    kind: type[BaseModel]
    metadata: Any = None


class CacheContext:
    """Takes a factory's generators, any number, and its hydrator, exactly one.

    Example:
        >>> from pydantic import BaseModel
        >>> import treadle as dg
        >>> from treadle.factories import AssetFactoryResponse, CacheContext, cacheable_asset_factory
        >>> class Tables(BaseModel):
        ...     names: list[str]
        >>> @cacheable_asset_factory
        ... def tables(cache_context: CacheContext):
        ...     @cache_context.register_generator()
        ...     def found() -> Tables:
        ...         return Tables(names=["orders"])  # slow, so not at every start
        ...     @cache_context.hydrator()
        ...     def hydrate(found: Tables) -> AssetFactoryResponse:
        ...         return AssetFactoryResponse([dg.asset(name=name)(lambda: None) for name in found.names])
    """

    def __init__(self, factory: str, where: str | None) -> None:
        self._factory = factory
        self._where = where
        self.generators: dict[str, Generator] = {}
        self._hydrators: list[Callable[..., Any]] = []

    def register_generator(
        self,
        *,
        cacheable_type: type[BaseModel] | None = None,
        name: str | None = None,
        extra_cache_key_metadata: Any = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Mark a slow function. Its parameters name resources; its object is kept, and made anew when its code changes.

        Args:
            cacheable_type: the pydantic class of the object; the return annotation where not given.
            name: by which the hydrator asks for the object; the function's name where not given.
            extra_cache_key_metadata: whatever else makes another object when it changes.

        Raises:
            FactoryError: no pydantic class is named, or a name stands twice.
        """

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            generator = Generator(
                name=name or function.__name__,
                function=function,
                kind=_kind_of(function, cacheable_type),
                metadata=extra_cache_key_metadata,
            )
            if generator.name in self.generators:
                raise FactoryError(
                    f"two generators of `{self._factory}` are called `{generator.name}`.",
                    code="duplicate-key",
                    where=where_of(function),
                    hint="give one of them a `name=`",
                )
            self.generators[generator.name] = generator
            return function

        return decorate

    def hydrator(self) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Mark the fast function that makes definitions; its parameters name generators, or resources."""

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            self._hydrators.append(function)
            return function

        return decorate

    register_hydrator = hydrator

    @property
    def the_hydrator(self) -> Callable[..., Any]:
        """The one hydrator.

        Raises:
            FactoryError: there is none, or more than one.
        """
        if len(self._hydrators) != 1:
            places = ", ".join(str(where_of(function)) for function in self._hydrators)
            found = f"{len(self._hydrators)}: {places}" if self._hydrators else "none"
            raise FactoryError(
                f"the factory `{self._factory}` needs exactly one hydrator, and has {found}.",
                where=self._where,
                hint="mark the function that makes the assets with `@cache_context.hydrator()`",
            )
        return self._hydrators[0]


CacheableDagsterContext = CacheContext
if TYPE_CHECKING:
    CacheableAssetFactoryResponse: TypeAlias = Any  # so that checkers accept functions without a `return`
else:
    CacheableAssetFactoryResponse = CacheContext
    """What a cacheable factory may say it returns; it need not return anything."""


class CacheableAssetFactory(EarlyResourcesAssetFactory):
    """A factory with generators and a hydrator; `@cacheable_asset_factory` makes it."""

    _cache: GeneratorCache | None = None

    def keeping_in(self, cache: GeneratorCache) -> Self:
        """The same factory, which keeps what its generators make.

        Args:
            cache: where; without one, each call runs all generators.
        """
        keeping = copy.copy(self)
        keeping._cache = cache
        return keeping

    def _run(self, context: ResourcesContext, inject: Mapping[str, Any]) -> Any:
        declared = CacheContext(self.name, self.where)
        super()._run(context, {**inject, "cache_context": declared})
        hydrate = declared.the_hydrator
        objects = {
            name: self._object_of(generator, context) for name, generator in declared.generators.items()
        }
        return context.run(hydrate, additional_inject=objects)

    def _object_of(self, generator: Generator, context: ResourcesContext) -> BaseModel:
        cache = self._cache
        if cache is None:
            return self._generate(generator, context)
        started = time.perf_counter()
        factory = f"{self.module}.{self.name}"
        key = cache_key(
            generator=generator.function,
            kind=generator.kind,
            factory=factory,
            name=generator.name,
            metadata=generator.metadata,
        )
        path = cache.path_of(factory, generator.name, key)
        found = cache.read(path, generator.kind)
        made = found is None
        if found is None:
            found = self._generate(generator, context)
            cache.write(path, found)
        cache.note(factory, generator.name, path, made, started)
        return found

    def _generate(self, generator: Generator, context: ResourcesContext) -> BaseModel:
        made = context.run(generator.function)
        if not isinstance(made, generator.kind):
            raise FactoryError(
                f"the generator `{generator.name}` of `{self.name}` gave {type(made).__name__}, not {generator.kind.__name__}.",
                where=where_of(generator.function),
            )
        return made


@overload
def cacheable_asset_factory(function: Callable[..., Any], /) -> CacheableAssetFactory: ...


@overload
def cacheable_asset_factory(
    *, tags: Mapping[str, str] | None = ...
) -> Callable[[Callable[..., Any]], CacheableAssetFactory]: ...


def cacheable_asset_factory(
    function: Callable[..., Any] | None = None, /, *, tags: Mapping[str, str] | None = None
) -> Any:
    """Make a function a factory whose generators run once and whose hydrator runs at every load.

    Args:
        function: takes `cache_context`, a `CacheContext`, and any resources.
        tags: `{"run_at_build": "true"}` lets `treadle cache build` run its generators.
    """

    def decorate(function: Callable[..., Any]) -> CacheableAssetFactory:
        return CacheableAssetFactory(function, caller_filename=function.__code__.co_filename, tags=tags)

    return decorate(function) if function is not None else decorate


def _kind_of(function: Callable[..., Any], given: type[BaseModel] | None) -> type[BaseModel]:
    kind: Any = given
    if kind is None:
        try:
            kind = typing.get_type_hints(function, localns=inspect.getclosurevars(function).nonlocals).get(
                "return"
            )
        except (NameError, TypeError):
            kind = None
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        raise FactoryError(
            f"the generator `{function.__name__}` does not say which pydantic class it makes.",
            where=where_of(function),
            hint="annotate what it returns, or give `cacheable_type=`",
        )
    return kind
