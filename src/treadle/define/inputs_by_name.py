"""Functions of `(context, inputs)`, which `OpDefinition` takes when code makes ops without the decorator."""

from collections.abc import Callable, Container, Iterator
from functools import WRAPPER_ASSIGNMENTS
from typing import Any

from treadle.define.where import code_of

_GENERATOR = 0x20
_HAS_VARIABLE_ARGUMENTS = 0x0C


def takes_all_inputs(function: Callable[..., Any], input_names: Container[str]) -> bool:
    """True for a function whose second of two parameters is no input by its name."""
    code = code_of(function)
    if code is None or code.co_flags & _HAS_VARIABLE_ARGUMENTS or code.co_kwonlyargcount:
        return False
    names = code.co_varnames[: code.co_argcount]
    return len(names) == 2 and names[0] not in input_names and _is_for_inputs(names[1], input_names)


def _is_for_inputs(name: str, input_names: Container[str]) -> bool:
    return name not in input_names and name.strip("_") in ("", "inputs", "input_defs", "ins")


def with_inputs_by_name(function: Callable[[Any, dict[str, Any]], Any]) -> Callable[..., Any]:
    """The same function, its inputs given by name."""
    code = code_of(function)

    def yielding(context: Any, **inputs: Any) -> Iterator[Any]:
        yield from function(context, inputs)

    def returning(context: Any, **inputs: Any) -> Any:
        return function(context, inputs)

    yields = code is not None and code.co_flags & _GENERATOR
    compute: Callable[..., Any] = yielding if yields else returning
    for attribute in WRAPPER_ASSIGNMENTS:
        if attribute not in ("__annotations__", "__type_params__") and hasattr(function, attribute):
            setattr(compute, attribute, getattr(function, attribute))
    return compute
