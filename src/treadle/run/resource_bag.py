"""The opened resources of a run, by key: for a step's context, for parameters, for IO managers."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from treadle.core.catalog import Computation
from treadle.define.config.scalars import NOT_GIVEN
from treadle.define.config.schema import process_config
from treadle.define.resources.opening import NO_RESOURCES, Resources


class ResourceBag:
    """Opened resources of one process of a run.

    Args:
        opened: all of them.
        definitions: key -> ResourceDefinition, for what their IO managers may use.
        config: key -> completed config.
    """

    def __init__(self, opened: Resources, definitions: Mapping[str, Any], config: Mapping[str, Any]) -> None:
        self._opened = opened
        self._definitions = definitions
        self._config = config
        self._views: dict[frozenset[str], Resources] = {frozenset(): NO_RESOURCES}
        self._of_computations: dict[str, Resources] = {}

    def get(self, key: str) -> Any:
        """One resource, as its class made it.

        Raises:
            UnknownResourceError: nobody provides it.
        """
        return self._opened._original(key)

    def for_step(self, keys: Iterable[str]) -> Resources:
        """The resources that a step may use, each an attribute."""
        wanted = keys if isinstance(keys, frozenset) else frozenset(keys)
        view = self._views.get(wanted)
        if view is None:
            originals = self._opened.original_resource_dict
            view = self._views[wanted] = Resources(
                {key: originals[key] for key in wanted if key in originals}
            )
        return view

    def for_computation(self, computation: Computation) -> Resources:
        """The resources that the steps of a computation may use: those that it asks for, and its outputs' IO managers."""
        view = self._of_computations.get(computation.name)
        if view is None:
            managers = {output.io_manager_key for output in computation.outputs if output.stores_value}
            view = self._of_computations[computation.name] = self.for_step(
                computation.resource_keys | managers
            )
        return view

    def for_manager(self, key: str) -> Resources:
        """The resources that an IO manager may use."""
        definition = self._definitions.get(key)
        keys = definition.required_resource_keys if definition is not None else ()
        return self.for_step(frozenset(keys)) if keys else NO_RESOURCES

    def config_of(self, key: str) -> Any:
        """The completed config of a resource as contexts tell it, or None."""
        config, definition = self._config.get(key), self._definitions.get(key)
        return config if config is None or definition is None else definition.told_config(config)

    @cached_property
    def takes_config_of_outputs(self) -> bool:
        """Whether an IO manager of the run has an `output_config_schema`."""
        schemas = (getattr(one, "output_config_schema", None) for one in self._definitions.values())
        return any(schema is not None for schema in schemas)

    def config_for_input(self, key: str, name: str, given: Any) -> Any:
        """What run config says of an input that this IO manager loads, completed with its `input_config_schema`.

        Raises:
            InvalidConfigError: it does not fit.
        """
        return self._io_config(key, "input_config_schema", f"input `{name}`", given)

    def config_for_output(self, key: str, name: str, given: Any) -> Any:
        """What run config says of an output that this IO manager stores, completed with its `output_config_schema`.

        Raises:
            InvalidConfigError: it does not fit.
        """
        return self._io_config(key, "output_config_schema", f"output `{name}`", given)

    def told_config_of_output(self, key: str, name: str, given: Any) -> Any:
        """The same for a value that was stored before, maybe by a run with other config: None where nothing tells it."""
        schema = getattr(self._definitions.get(key), "output_config_schema", None)
        if given is None and (schema is None or schema.is_required):
            return None
        return self.config_for_output(key, name, given)

    def _io_config(self, key: str, schema_name: str, subject: str, given: Any) -> Any:
        schema = getattr(self._definitions.get(key), schema_name, None)
        if schema is None:
            return given
        told = process_config(schema, NOT_GIVEN if given is None else given, f"config of {subject}")
        return None if told is NOT_GIVEN else told
