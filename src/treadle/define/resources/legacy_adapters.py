"""Resource and IO manager classes around definitions made from functions."""

import contextlib
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from treadle.define.config.problems import ConfigProblems
from treadle.define.io_manager import IOManagerDefinition
from treadle.define.io_manager_class import ConfigurableIOManagerFactory
from treadle.define.resources.configurable import ConfigurableResourceFactory
from treadle.define.resources.context import InitResourceContext
from treadle.define.resources.definition import ResourceDefinition, open_resource


@contextlib.contextmanager
def _opened_with_fields(
    owner: ConfigurableResourceFactory[Any], wrapped: ResourceDefinition, context: InitResourceContext
) -> Iterator[Any]:
    """The wrapped definition's resource, its config being the owner's fields."""
    fields = {field.alias or name: getattr(owner, name) for name, field in type(owner).model_fields.items()}
    problems = ConfigProblems()
    config = wrapped.resolve_config(fields, ("config",), problems)
    problems.raise_any(f"config of `{type(owner).__name__}`")
    with open_resource(wrapped, context.replace_config(config)) as value:
        yield value


class ConfigurableLegacyResourceAdapter(ConfigurableResourceFactory[Any]):
    """Base of resource classes whose fields are the config of a definition made by `@resource`."""

    @property
    @abstractmethod
    def wrapped_resource(self) -> ResourceDefinition:
        """The definition."""

    @contextlib.contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Any]:
        with _opened_with_fields(self, self.wrapped_resource, context) as value:
            yield value


class ConfigurableLegacyIOManagerAdapter(ConfigurableIOManagerFactory[Any]):
    """Base of IO manager classes whose fields are the config of a definition made by `@io_manager`."""

    @property
    @abstractmethod
    def wrapped_io_manager(self) -> IOManagerDefinition:
        """The definition."""

    @contextlib.contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Any]:
        with _opened_with_fields(self, self.wrapped_io_manager, context) as value:
            yield value
