"""Resources that exist before any asset does: named, made on first use, once a load, each from the others it names."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from treadle.core.errors import did_you_mean
from treadle.define.resources.configurable import ConfigurableResource
from treadle.define.where import where_of
from treadle.factories.errors import FactoryError


class ResourceFactory:
    """A function that makes the resource `name`; its parameters name the resources that it needs itself."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.function = function
        self.where = where_of(function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


def resource_factory(name: str) -> Callable[[Callable[..., Any]], ResourceFactory]:
    """Make a function the maker of a resource.

    Args:
        name: under which other resources and factories ask for it.

    Example:
        >>> from treadle.factories import ResourcesRegistry, resource_factory
        >>> @resource_factory("url")
        ... def make_url(host):
        ...     return f"https://{host}/"
        >>> registry = ResourcesRegistry({"host": "example.org"})
        >>> registry.add(make_url)
        >>> registry.context().resolve("url")
        'https://example.org/'
    """
    return lambda function: ResourceFactory(name, function)


class ResourcesRegistry:
    """Which resources there are: objects, and functions that make them.

    Args:
        resources: by name; a `ResourceFactory` among them counts as one.
    """

    def __init__(self, resources: Mapping[str, Any] | None = None) -> None:
        self._known: dict[str, Any] = dict(resources or {})

    def add(self, factory: ResourceFactory) -> None:
        """Add a maker, under its name.

        Raises:
            FactoryError: another has the name already.
        """
        known = self._known.setdefault(factory.name, factory)
        if known is not factory:
            places = " and ".join(
                str(place) for place in (getattr(known, "where", None), factory.where) if place
            )
            raise FactoryError(f"two resources are called `{factory.name}`: {places}", code="duplicate-key")

    def add_singleton(self, name: str, value: Any) -> None:
        """Add an object that exists already."""
        self._known[name] = value

    @property
    def names(self) -> frozenset[str]:
        """Of everything that can be asked for."""
        return frozenset(self._known)

    def find(self, name: str) -> Any:
        """The object or maker of that name.

        Raises:
            FactoryError: there is none; says the nearest.
        """
        if name not in self._known:
            raise FactoryError(
                f"there is no resource `{name}`.",
                code="unknown-resource",
                hint=did_you_mean(name, self._known) or "give it to `load_factories(resources={...})`",
            )
        return self._known[name]

    def context(self) -> "ResourcesContext":
        """Resolves the resources for one load."""
        return ResourcesContext(self)


class ResourcesContext:
    """Gives resources by name, each made once, and calls functions with the resources that their parameters name."""

    def __init__(self, registry: ResourcesRegistry) -> None:
        self._registry = registry
        self._made: dict[str, Any] = {}
        self._making: list[str] = []

    @property
    def names(self) -> frozenset[str]:
        """Of everything that can be asked for."""
        return self._registry.names

    def resolve(self, name: str) -> Any:
        """A resource, made if need be; fields of resource classes that come from the environment are read.

        Raises:
            FactoryError: nobody provides it, or resources need each other in a circle.
        """
        if name in self._made:
            return self._made[name]
        if name in self._making:
            circle = " -> ".join([*self._making[self._making.index(name) :], name])
            raise FactoryError(
                f"resources need each other in a circle: {circle}",
                code="resource-cycle",
                hint="let one of them be made without the other",
            )
        found = self._registry.find(name)
        self._making.append(name)
        try:
            if isinstance(found, ResourceFactory):
                found = self.run(found.function)
            elif isinstance(found, ConfigurableResource):
                found = found.process_config_and_initialize()
        finally:
            self._making.pop()
        self._made[name] = found
        return found

    def run(
        self,
        function: Callable[..., Any],
        *,
        additional_inject: Mapping[str, Any] | None = None,
        additional_annotations: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call a function with the resources that its parameters name.

        Args:
            additional_inject: values by parameter name that are not resources.
            additional_annotations: resources that a function with `**kwargs` gets besides.

        Raises:
            FactoryError: a parameter names no resource; says function, parameter and place.
        """
        given = dict(additional_inject or {})
        arguments: dict[str, Any] = {}
        takes_any = False
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD:
                takes_any = True
            elif parameter.kind is not parameter.VAR_POSITIONAL:
                self._fill(function, name, parameter, given, arguments)
        if takes_any:
            arguments.update({name: self.resolve(name) for name in additional_annotations or {}})
        return function(**arguments)

    def _fill(
        self,
        function: Callable[..., Any],
        name: str,
        parameter: inspect.Parameter,
        given: Mapping[str, Any],
        arguments: dict[str, Any],
    ) -> None:
        if name in given:
            arguments[name] = given[name]
        elif _is_context(parameter.annotation):
            arguments[name] = self
        elif name in self.names or parameter.default is parameter.empty:
            try:
                arguments[name] = self.resolve(name)
            except FactoryError as error:
                if error.where is None and error.code == "unknown-resource":
                    error.message = f"`{function.__name__}` has the parameter `{name}`, and {error.message}"
                    error.where = where_of(function)
                raise


def _is_context(annotation: Any) -> bool:
    return annotation is ResourcesContext or (
        isinstance(annotation, str) and annotation.rpartition(".")[2] == "ResourcesContext"
    )
