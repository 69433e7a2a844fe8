"""How an annotation says that a parameter is a resource; told without importing pydantic."""

import typing
from typing import Annotated, Any, TypeVar

T = TypeVar("T")

RESOURCE_MARK = "resource_param"
ResourceParam = Annotated[T, RESOURCE_MARK]
"""`client: ResourceParam[Client]`: the parameter gets the resource of that name, of whatever class."""


class TreatAsResourceParam:
    """Base of classes that, used as a parameter's annotation, mean a resource."""

    __slots__ = ()


class AttachesDifferentObject:
    """Mixin of resource classes for which `context.resources` shows another object than a parameter gets."""

    __slots__ = ()

    def get_object_to_set_on_execution_context(self) -> Any:
        """What `context.resources.<key>` is."""
        raise NotImplementedError


def is_resource_annotation(annotation: Any) -> bool:
    """True for a resource or IO manager class and for `ResourceParam[X]`, also as `Optional`."""
    if isinstance(annotation, type):
        return issubclass(annotation, TreatAsResourceParam)
    if typing.get_origin(annotation) is Annotated and RESOURCE_MARK in annotation.__metadata__:
        return True
    origin = typing.get_origin(annotation)
    if isinstance(origin, type):
        return issubclass(origin, TreatAsResourceParam)
    arguments = [each for each in typing.get_args(annotation) if each is not type(None)]
    is_optional = len(arguments) == 1 and type(None) in typing.get_args(annotation)
    return is_optional and is_resource_annotation(arguments[0])
