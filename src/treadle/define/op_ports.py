"""Inputs and outputs of an op, as values."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec.structs import force_setattr

from treadle.core.errors import wrong_type
from treadle.core.values import NOT_GIVEN
from treadle.define.parameters import NO_ANNOTATION, NO_DEFAULT


class In(msgspec.Struct, frozen=True):
    """An input of an op.

    Args:
        dagster_type: a Python type or a type of ours; where not given, the parameter's annotation.
        description: for people.
        default_value: used where nothing is connected.
        metadata: handed to the IO manager that loads the value.
        asset_key: the asset that the value is.
        asset_partitions: kept for code written for the peer.
        input_manager_key: the resource that loads the value where no upstream output does.

    Example:
        >>> from treadle import In
        >>> In(int, description="how many").description
        'how many'
    """

    dagster_type: Any = NOT_GIVEN
    description: str | None = None
    default_value: Any = NO_DEFAULT
    metadata: Mapping[str, Any] | None = None
    asset_key: Any = None
    asset_partitions: Any = None
    input_manager_key: str | None = None

    def __post_init__(self) -> None:
        if self.dagster_type is NOT_GIVEN:
            force_setattr(self, "dagster_type", NO_ANNOTATION)
        if self.default_value is NOT_GIVEN:
            force_setattr(self, "default_value", NO_DEFAULT)
        _check_resource_key("input_manager_key", self.input_manager_key)

    @property
    def has_default_value(self) -> bool:
        """True where the input may stay unconnected."""
        return self.default_value is not NO_DEFAULT


class Out(msgspec.Struct, frozen=True):
    """An output of an op.

    Args:
        dagster_type: a Python type or a type of ours; where not given, the return annotation.
        description: for people.
        is_required: False where the op may end without giving it.
        io_manager_key: the resource that stores the value; `io_manager` where not given.
        metadata: handed to the IO manager.
        code_version: of the part of the code that makes this output.
    """

    dagster_type: Any = NOT_GIVEN
    description: str | None = None
    is_required: bool = True
    io_manager_key: str | None = None
    metadata: Mapping[str, Any] | None = None
    code_version: str | None = None

    def __post_init__(self) -> None:
        if self.dagster_type is NOT_GIVEN:
            force_setattr(self, "dagster_type", NO_ANNOTATION)
        _check_resource_key("io_manager_key", self.io_manager_key)

    @property
    def is_dynamic(self) -> bool:
        """True for `DynamicOut`."""
        return False


class DynamicOut(Out, frozen=True):
    """An output that gives any number of values, each under its own mapping key."""

    @property
    def is_dynamic(self) -> bool:
        """True: the number of values is known only when the op has run."""
        return True


def _check_resource_key(argument: str, key: Any) -> None:
    if key is not None and not isinstance(key, str):
        raise wrong_type(argument, "text", key)


_PLAIN_IN: Final = In()
_PLAIN_OUT: Final = Out()
DEFAULT_OUTS: Final[Mapping[str, Out]] = {"result": _PLAIN_OUT}


def in_of(annotation: Any, default: Any) -> In:
    """The input that a parameter is, by its annotation and default."""
    if annotation is NO_ANNOTATION and default is NO_DEFAULT:
        return _PLAIN_IN
    return In(annotation, default_value=default) if default is not NO_DEFAULT else _typed_in(annotation)


def _typed_in(annotation: Any) -> In:
    try:
        return _shared_in(annotation)
    except TypeError:  # an annotation that cannot be hashed
        return In(annotation)


@lru_cache(maxsize=1024)
def _shared_in(annotation: Any) -> In:
    return In(annotation)


def out_of(annotation: Any) -> Out:
    """A plain output of a type; equal ones are one object."""
    try:
        return _shared_out(annotation)
    except TypeError:
        return Out(annotation)


@lru_cache(maxsize=1024)
def _shared_out(annotation: Any) -> Out:
    return Out(annotation)
