"""Which resources the steps of a run may touch."""

from collections.abc import Iterable, Mapping
from typing import Any

from treadle.core.catalog import Catalog
from treadle.core.keys import AssetKey
from treadle.define.code import Code
from treadle.define.resources.definition import ResourceDefinition, ValueResource
from treadle.plan.plan import CollectedFrom, FanIn, FromStep, FromStorage, Step
from treadle.run.environment import DEFAULT_IO_MANAGER
from treadle.run.io_managers.filesystem import fs_io_manager
from treadle.run.io_managers.memory import InMemoryIOManager, mem_io_manager


def needed_resources(code: Code, steps: Iterable[Step], hooks: Iterable[Any] = ()) -> frozenset[str]:
    """Keys of all resources that these steps may touch: their own, their IO managers', their hooks'."""
    keys: set[str] = set()
    catalog = code.catalog
    for hook in hooks:
        keys.update(hook.required_resource_keys or ())
    for step in steps:
        computation = catalog.computations[step.computation]
        keys |= computation.resource_keys
        for hook in code.ops[step.computation].hooks or ():
            keys.update(hook.required_resource_keys or ())
        chosen = step.outputs
        for output in computation.outputs:
            if output.stores_value and output.name in chosen:
                keys.add(output.io_manager_key)
        for node in computation.inputs:
            if node.io_manager_key is not None and node.loads_value:
                keys.add(node.io_manager_key)
        for item in step.inputs:
            if isinstance(item.source, FromStorage):
                keys.add(_stored_with(catalog, item.source.asset_key))
            elif isinstance(item.source, FromStep) and item.asset_key is not None:
                # The step that made it may have run in another process, which stored it.
                keys.add(_stored_with(catalog, item.asset_key))
            else:
                keys.update(_managers_of_ops(catalog, item.source))
    return frozenset(keys)


def _managers_of_ops(catalog: Catalog, source: Any) -> Iterable[str]:
    """IO managers with which other ops stored what a source has."""
    if isinstance(source, FanIn):
        for one in source.sources:
            yield from _managers_of_ops(catalog, one)
    elif isinstance(source, FromStorage):
        yield _stored_with(catalog, source.asset_key)
    elif isinstance(source, FromStep | CollectedFrom):
        upstream = catalog.computations.get(source.step_key.partition("[")[0])
        for output in upstream.outputs if upstream is not None else ():
            if output.name == source.output:
                yield output.io_manager_key


def _stored_with(catalog: Catalog, key: AssetKey) -> str:
    node = catalog.assets.get(key)
    return getattr(node, "io_manager_key", None) or DEFAULT_IO_MANAGER


def default_io_manager() -> ResourceDefinition:
    """The IO manager where nobody names another."""
    return fs_io_manager


def resource_definitions(code: Code, keys: frozenset[str]) -> Mapping[str, Any]:
    """The code's resources, with the default IO manager where nobody names another."""
    if DEFAULT_IO_MANAGER in keys and DEFAULT_IO_MANAGER not in code.resources:
        return {**code.resources, DEFAULT_IO_MANAGER: fs_io_manager}
    return code.resources


def first_in_memory(keys: Iterable[str], definitions: Mapping[str, Any]) -> str | None:
    """The first resource that keeps values in the memory of this process, where no other process finds them."""
    for key in keys:
        definition = definitions.get(key)
        if definition is mem_io_manager or (
            isinstance(definition, ValueResource) and isinstance(definition.value, InMemoryIOManager)
        ):
            return key
    return None
