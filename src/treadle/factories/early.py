"""Factories that need resources before their assets exist."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from treadle.core.errors import TreadleError
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.where import where_of
from treadle.factories.errors import FactoryError
from treadle.factories.resources import ResourcesContext, ResourcesRegistry
from treadle.factories.response import AssetFactoryResponse


class EarlyResourcesAssetFactory:
    """A factory whose parameters name the resources it needs; `@early_resources_asset_factory` makes it.

    Args:
        function: gives an `AssetFactoryResponse` or one asset definition.
        caller_filename: the file in which the factory was made.
        additional_annotations: resources that a function with `**kwargs` gets besides.
        dependencies: factories that are run first; a parameter `dependencies` gets their responses.
        tags: e.g. `{"run_at_build": "true"}`.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        caller_filename: str = "<unknown>",
        additional_annotations: Mapping[str, Any] | None = None,
        dependencies: Sequence["EarlyResourcesAssetFactory"] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.function = function
        self.caller_filename = caller_filename
        self.additional_annotations = dict(additional_annotations or {})
        self.dependencies = list(dependencies or ())
        self.tags = dict(tags or {})
        self.where = where_of(function)

    @property
    def name(self) -> str:
        """The function's name."""
        return str(self.function.__name__)

    @property
    def module(self) -> str:
        """The module of the function."""
        return str(self.function.__module__)

    def __call__(
        self,
        resources: ResourcesContext | Mapping[str, Any] | None = None,
        dependencies: Sequence[AssetFactoryResponse] = (),
        **inject: Any,
    ) -> AssetFactoryResponse:
        """Run the factory.

        Args:
            resources: where it finds what its parameters name.
            dependencies: the responses of its `dependencies`.
            inject: further values by parameter name.

        Raises:
            FactoryError: it raised, or gave something that is no response.
        """
        context = (
            resources
            if isinstance(resources, ResourcesContext)
            else ResourcesRegistry(resources or {}).context()
        )
        try:
            made = self._run(context, {**self._responses_for(context, dependencies), **inject})
        except TreadleError as error:
            error.where = error.where or self.where
            raise
        except Exception as error:
            raise FactoryError(
                f"the factory `{self.name}` ({self.caller_filename}) raised {type(error).__name__}: {error}",
                where=self.where,
                hint='`load_factories(..., on_error="skip")` loads the others',
            ) from error
        if isinstance(made, AssetsDefinition):
            return AssetFactoryResponse([made])
        if not isinstance(made, AssetFactoryResponse):
            raise FactoryError(
                f"the factory `{self.name}` gave {type(made).__name__}; it must return an AssetFactoryResponse or an asset.",
                where=self.where,
            )
        return made

    def _responses_for(
        self, context: ResourcesContext, dependencies: Sequence[AssetFactoryResponse]
    ) -> dict[str, Any]:
        """What the parameter `dependencies` gets; where the factory depends on none, it may name a resource."""
        if "dependencies" in context.names and not (self.dependencies or dependencies):
            return {}
        return {"dependencies": list(dependencies)}

    def _run(self, context: ResourcesContext, inject: Mapping[str, Any]) -> Any:
        return context.run(
            self.function, additional_inject=inject, additional_annotations=self.additional_annotations
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.module}.{self.name})"


def early_resources_asset_factory(
    *,
    caller_depth: int = 1,
    additional_annotations: Mapping[str, Any] | None = None,
    dependencies: Sequence[EarlyResourcesAssetFactory] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., Any]], EarlyResourcesAssetFactory]:
    """Make a function a factory that gets resources by the names of its parameters, before assets exist.

    Args:
        caller_depth: how many calls up the file stands that messages name; 1 is the one that calls this.
        additional_annotations: resources that a function with `**kwargs` gets besides.
        dependencies: factories that are run first; a parameter `dependencies` gets their responses.
        tags: e.g. `{"run_at_build": "true"}`.

    Example:
        >>> import treadle as dg
        >>> from treadle.factories import AssetFactoryResponse, early_resources_asset_factory, load_factories
        >>> @early_resources_asset_factory()
        ... def tables(table_names):
        ...     return AssetFactoryResponse([dg.asset(name=name)(lambda: None) for name in table_names])
        >>> defs = load_factories([tables], resources={"table_names": ["orders", "users"]})
        >>> [key.to_user_string() for key in defs.resolve_all_asset_keys()]
        ['orders', 'users']
    """
    caller_filename = sys._getframe(caller_depth).f_code.co_filename

    def decorate(function: Callable[..., Any]) -> EarlyResourcesAssetFactory:
        return EarlyResourcesAssetFactory(
            function,
            caller_filename=caller_filename,
            additional_annotations=additional_annotations,
            dependencies=dependencies,
            tags=tags,
        )

    return decorate
