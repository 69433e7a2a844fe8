"""Opening resources in the order in which they need each other, and closing them in reverse."""

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from treadle.core.errors import (
    InvalidDefinitionError,
    ResourceFunctionError,
    TreadleError,
    UnknownResourceError,
    did_you_mean,
)
from treadle.define.config.problems import ConfigProblems, report_unknown_fields
from treadle.define.config.scalars import NOT_GIVEN
from treadle.define.config.secrets import redact
from treadle.define.resources.annotations import AttachesDifferentObject
from treadle.define.resources.context import InitResourceContext, InstanceInMemory
from treadle.define.resources.definition import ResourceDefinition, ValueResource, coerce_resource

_logger = logging.getLogger("treadle.resources")


class Resources:
    """Opened resources, each an attribute under its key."""

    __slots__ = ("_originals", "_values")

    def __init__(self, originals: Mapping[str, Any]) -> None:
        self._originals = originals
        self._values = {
            key: value.get_object_to_set_on_execution_context()
            if isinstance(value, AttachesDifferentObject)
            else value
            for key, value in originals.items()
        }

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise self._unknown(name) from None

    def _unknown(self, name: str) -> UnknownResourceError:
        return UnknownResourceError(
            f"no resource `{name}` here: it is not provided, or not declared as needed",
            hint=did_you_mean(name, self._values)
            or "name it in `required_resource_keys`, or make it a parameter",
            resource_keys=(name,),
        )

    def _original(self, key: str) -> Any:
        """The resource as its class made it, as a parameter gets it."""
        try:
            return self._originals[key]
        except KeyError:
            raise self._unknown(key) from None

    @property
    def original_resource_dict(self) -> dict[str, Any]:
        """Every resource as its class made it."""
        return dict(self._originals)

    def _asdict(self) -> dict[str, Any]:
        """Key to resource."""
        return dict(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._values]

    def __repr__(self) -> str:
        return f"Resources({', '.join(sorted(self._values))})"


NO_RESOURCES = Resources({})


class ResourceNode:
    """One resource to open: with a key, or nested in another and in no key's place."""

    __slots__ = ("definition", "key", "name", "needs", "nested")

    def __init__(self, name: str, key: str | None, definition: ResourceDefinition) -> None:
        self.name = name
        self.key = key
        self.definition = definition
        self.needs: dict[str, ResourceNode] = {}
        """Required key -> node."""
        self.nested: dict[str, ResourceNode] = {}
        """Field -> node."""


def opening_order(definitions: Mapping[str, ResourceDefinition], needed: Iterable[str]) -> list[ResourceNode]:
    """The resources to open for `needed`, each after all that it needs.

    Args:
        definitions: every resource, by key.
        needed: the keys that are asked for.

    Raises:
        InvalidDefinitionError: resources need each other in a circle, named in order.
        UnknownResourceError: a key is nobody's; names who needs it.
    """
    keys_by_source: dict[int, str] = {}
    nodes: dict[Any, ResourceNode] = {}
    order: list[ResourceNode] = []

    def visit(
        key: str | None, name: str, definition: ResourceDefinition, path: tuple[str, ...]
    ) -> ResourceNode:
        identity = id(definition.source) if key is None else key
        if name in path:
            raise resource_cycle([*path[path.index(name) :], name])
        if identity in nodes:
            return nodes[identity]
        node = ResourceNode(name, key, definition)
        path = (*path, name)
        nested = definition.nested
        if nested and not keys_by_source:
            keys_by_source.update((id(each.source), key) for key, each in reversed(list(definitions.items())))
        for field, value in nested.items():
            shared = keys_by_source.get(id(coerce_resource(value).source))
            inner = definitions[shared] if shared is not None else coerce_resource(value)
            if shared is None and inner.requires_config:
                raise _needs_key(name, field, inner)
            node.nested[field] = visit(shared, shared or f"{name}.{field}", inner, path)
        for required in sorted(definition.required_resource_keys):
            if required not in definitions:
                raise missing_resource(required, path, definitions)
            node.needs[required] = visit(required, required, definitions[required], path)
        nodes[identity] = node
        order.append(node)
        return node

    for key in sorted(needed):
        if key not in definitions:
            raise missing_resource(key, (), definitions)
        visit(key, key, definitions[key], ())
    return order


def _needs_key(name: str, field: str, inner: ResourceDefinition) -> InvalidDefinitionError:
    return InvalidDefinitionError(
        f"resource `{name}`: what stands in its field `{field}` needs run config, but has no key of its own",
        hint=f"give {inner!r} a key of its own in `resources={{…}}` too",
    )


def resource_cycle(names: list[str]) -> InvalidDefinitionError:
    """The error for resources that need each other in a circle."""
    return InvalidDefinitionError(
        f"resources need each other in a circle: {' -> '.join(names)}",
        code="resource-cycle",
        path=tuple(names),
    )


def missing_resource(key: str, path: tuple[str, ...], known: Iterable[str]) -> UnknownResourceError:
    """The error for a key that nobody provides."""
    chain = f" (needed by {' -> '.join(path)})" if path else ""
    return UnknownResourceError(
        f"no resource `{key}` is provided{chain}",
        hint=did_you_mean(key, known) or f'give it: `resources={{"{key}": …}}`',
        resource_keys=(key,),
    )


@contextlib.contextmanager
def open_resources(
    definitions: Mapping[str, ResourceDefinition],
    needed: Iterable[str],
    config: Mapping[str, Any] | None = None,
    run: Any = None,
    instance: Any = None,
    log: Any = None,
    on_failed_teardown: Callable[[str, Exception], None] | None = None,
) -> Iterator[Resources]:
    """Open what is needed, and all that it needs; close everything on leaving, in reverse.

    Closing happens whether or not the block or a later resource fails; an error while closing is logged.

    Args:
        definitions: every resource, by key.
        needed: keys to open.
        config: key to completed config, as `resolve_run_config` gives it; what is left out is completed here.
        run: the run, if any.
        instance: the instance, if any.
        log: a logger.
        on_failed_teardown: told the name and the error of a resource that could not be closed.

    Raises:
        ResourceFunctionError: setting one up raised; the cause is chained.
        UnknownResourceError: a key that nobody provides.
    """
    needed = tuple(needed)
    if not needed:
        yield NO_RESOURCES
        return
    found = [(key, definitions.get(key)) for key in needed]
    if all(isinstance(definition, ValueResource) for _, definition in found):
        yield Resources({key: definition.value for key, definition in found})  # type: ignore[union-attr]
        return
    opening = Opening(definitions, config or {}, run, instance, log)
    opening.on_failed_teardown = on_failed_teardown
    try:
        for node in opening_order(definitions, needed):
            opening.open(node)
        shown = set(needed).union(*(definition.keys_for_io for _, definition in found if definition))
        yield Resources({key: opening.value(key) for key in shown})
    finally:
        opening.close()


class Opening:
    """Resources being opened one by one."""

    def __init__(
        self,
        definitions: Mapping[str, ResourceDefinition],
        config: Mapping[str, Any],
        run: Any,
        instance: Any,
        log: Any,
    ) -> None:
        self.values: dict[int, Any] = {}
        self.nodes: dict[str, ResourceNode] = {}
        self._kept: list[ResourceNode] = []
        self._open: list[tuple[str, contextlib.AbstractContextManager[Any]]] = []
        self.definitions = definitions
        self.config = config
        self._run = run
        self._instance = instance
        self._log = log
        self.on_failed_teardown: Callable[[str, Exception], None] | None = None

    def open(self, node: ResourceNode) -> None:
        """Open one; all that it needs must be open."""
        context = InitResourceContext(
            self._config_of(node),
            node.definition,
            Resources({key: self.values[id(each)] for key, each in node.needs.items()})
            if node.needs
            else NO_RESOURCES,
            self._run,
            self._instance,
            self._log or _logger,
            node.key,
            {field: self.values[id(each)] for field, each in node.nested.items()} if node.nested else None,
            self.definitions,
        )
        try:
            manager = node.definition.open(context)
            value = manager.__enter__()
        except TreadleError:
            raise
        except Exception as error:
            raise ResourceFunctionError(
                f"resource `{node.name}` could not be set up: {type(error).__name__}: {redact(str(error))}",
                resource_key=node.key,
            ) from error
        self._open.append((node.name, manager))
        self._kept.append(node)
        self.values[id(node)] = value
        if node.key is not None:
            self.nodes[node.key] = node

    def stand_in(self, node: ResourceNode, opened: ResourceNode) -> None:
        """Let what was opened before stand for the same resource, found again."""
        self._kept.append(node)  # values are known by the identity of nodes
        self.values[id(node)] = self.values[id(opened)]

    def value(self, key: str) -> Any:
        """An opened resource."""
        return self.values[id(self.nodes[key])]

    def close(self) -> None:
        """Close all that is open, the last opened first; a step's failure is no reason not to clean up."""
        while self._open:
            name, manager = self._open.pop()
            try:
                manager.__exit__(None, None, None)
            except Exception as error:  # noqa: BLE001 - a user's teardown may raise anything; the others still run
                told = self.on_failed_teardown is not None
                (_logger if told else self._log or _logger).exception(
                    "resource `%s` could not be torn down", name
                )
                if self.on_failed_teardown is not None:
                    self.on_failed_teardown(name, error)

    def _config_of(self, node: ResourceNode) -> Any:
        if node.key is not None and node.key in self.config:
            return self.config[node.key]
        problems = ConfigProblems()
        resolved = node.definition.resolve_config(NOT_GIVEN, ("resources", node.name, "config"), problems)
        problems.raise_any(f"config of resource `{node.name}`")
        return resolved


def open_for_tick(
    resources: Mapping[str, Any], needed: frozenset[str], instance: Any, log: Callable[[], Any]
) -> tuple[Resources, Callable[[], None] | None]:
    """The resources that a tick may use, and what closes them; None where there are none.

    Args:
        resources: key -> resource definition, resource object or any value.
        needed: keys of those to open.
        log: gives the tick's logger.
    """
    if not needed:
        return NO_RESOURCES, None
    definitions = {key: coerce_resource(value) for key, value in resources.items()}
    seen = InstanceInMemory() if instance is None else instance
    opening = Opening(definitions, {}, None, seen, log())
    try:
        for node in opening_order(definitions, needed):
            opening.open(node)
    except BaseException:
        opening.close()
        raise
    return Resources({key: opening.value(key) for key in needed}), opening.close


class GivenResources:
    """Resources opened for a test or a script.

    Args:
        resources: the opened resources.
        close: closes them.
    """

    __slots__ = ("close", "resources")

    def __init__(self, resources: Resources, close: Callable[[], None]) -> None:
        self.resources = resources
        self.close = close


def open_given_resources(
    resources: Mapping[str, Any],
    resources_config: Mapping[str, Any] | None = None,
    instance: Any = None,
    run: Any = None,
    log: Any = None,
) -> GivenResources:
    """Open resources of any kind, outside of a run.

    Args:
        resources: key to definition, resource object, or any object.
        resources_config: key to config, or to `{"config": …}` as run config has it.
        instance: the instance, if any.
        run: the run, if any.
        log: a logger, if any.

    Raises:
        InvalidConfigError: config does not fit; has every path.
        ResourceFunctionError: setting one up raised.
    """
    if not resources:
        return GivenResources(NO_RESOURCES, _nothing_to_close)
    definitions = {key: coerce_resource(value) for key, value in resources.items()}
    opening = Opening(definitions, _completed(definitions, resources_config or {}), run, instance, log)
    try:
        for node in opening_order(definitions, definitions):
            opening.open(node)
    except BaseException:
        opening.close()
        raise
    return GivenResources(Resources({key: opening.value(key) for key in definitions}), opening.close)


def _nothing_to_close() -> None:
    """Closes no resources."""


def _completed(definitions: Mapping[str, ResourceDefinition], config: Mapping[str, Any]) -> dict[str, Any]:
    problems = ConfigProblems()
    report_unknown_fields(config, definitions, ("resources",), problems)
    completed = {}
    for key, given in config.items():
        if key in definitions:
            value = given["config"] if isinstance(given, Mapping) and set(given) == {"config"} else given
            completed[key] = definitions[key].resolve_config(value, ("resources", key, "config"), problems)
    problems.raise_any("resource config")
    return completed
