"""A user's function that makes a resource or IO manager: which parameter is what."""

import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any

from treadle.core.errors import InvalidDefinitionError
from treadle.define.config.markers import is_config_annotation
from treadle.define.resources.annotations import is_resource_annotation


class ResourceFunction:
    """A function with its parameters understood; calling it with a context fills them.

    Args:
        fn: annotated resource parameters get resources, one annotated with a config class gets config, and
            one other parameter gets the context.
    """

    __slots__ = (
        "_plain",
        "config_class",
        "config_parameter",
        "context_parameter",
        "fn",
        "resource_parameters",
    )

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn
        self.context_parameter: str | None = None
        self.config_parameter: str | None = None
        self.config_class: Any = None
        self.resource_parameters: tuple[str, ...] = ()
        self._read_parameters()
        self._plain = not self.resource_parameters and self.config_parameter is None

    @property
    def name(self) -> str:
        """The function's name."""
        return getattr(self.fn, "__name__", type(self.fn).__name__)

    @property
    def takes_context(self) -> bool:
        """True if it must be given a context."""
        return self.context_parameter is not None

    @property
    def resource_keys(self) -> frozenset[str]:
        """Resources that it gets as parameters."""
        return frozenset(self.resource_parameters)

    def __call__(self, context: Any) -> Any:
        if self._plain:
            return self.fn(context) if self.context_parameter is not None else self.fn()
        arguments = {name: original_resource(context.resources, name) for name in self.resource_parameters}
        if self.config_parameter is not None:
            arguments[self.config_parameter] = self.config_class(**context.resource_config)
        if self.context_parameter is not None:
            arguments[self.context_parameter] = context
        return self.fn(**arguments)

    def _read_parameters(self) -> None:
        try:
            parameters = list(inspect.signature(self.fn).parameters.values())
        except (TypeError, ValueError):
            parameters = []
        annotations = annotations_of(self.fn)
        resources = []
        for parameter in parameters:
            annotation = annotations.get(parameter.name, parameter.annotation)
            if is_resource_annotation(annotation):
                resources.append(parameter.name)
            elif is_config_annotation(annotation):
                self.config_parameter, self.config_class = parameter.name, annotation
            elif parameter.kind in (parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY):
                continue
            elif self.context_parameter is None:
                self.context_parameter = parameter.name
            elif parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL:
                raise InvalidDefinitionError(
                    f"`{self.name}`: parameter `{parameter.name}` is neither the context nor a resource",
                    hint="annotate it with a resource class, or with `ResourceParam[…]`",
                )
        self.resource_parameters = tuple(resources)


def annotations_of(function: Callable[..., Any]) -> dict[str, Any]:
    """A function's annotations as objects; those written as text that mean nothing here stay text."""
    while isinstance(function, functools.partial):
        function = function.func
    found = (
        getattr(function, "__annotations__", None)
        or getattr(type(function).__call__, "__annotations__", None)
        or {}
    )
    if not any(isinstance(each, str) for each in found.values()):
        return dict(found)
    try:
        return typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return dict(found)


def original_resource(resources: Any, key: str) -> Any:
    """The resource as its class made it, where `context.resources` shows something else in its place."""
    original = getattr(resources, "_original", None)
    return original(key) if original is not None else getattr(resources, key)
