"""`dagster._check`: what a value must be, else a CheckError. `str_param`, `opt_list_param`, `inst`, `invariant`, …

The many functions `[opt_[nullable_]]KIND_param(value, name, …)` are made from one table of kinds.
"""

import collections.abc
import os
from collections.abc import Callable, Iterable
from typing import Any, Final, Never, NoReturn

from treadle import InvalidArgumentError as ParameterCheckError
from treadle import UnfitValueError as CheckError


class ElementCheckError(CheckError):
    """A value in a container is not what it must be."""


class NotImplementedCheckError(CheckError):
    """It cannot be done."""


_SCALARS: Final[dict[str, tuple[type[Any], ...]]] = {
    "bool": (bool,),
    "float": (float,),
    "int": (int,),
    "numeric": (int, float),
    "path": (str, os.PathLike),
    "str": (str,),
}


def _nothing() -> None:
    return None


_CONTAINERS: Final[dict[str, tuple[type[Any], Callable[[], Any]]]] = {
    "dict": (dict, dict),
    "generator": (collections.abc.Generator, _nothing),
    "iterable": (collections.abc.Iterable, list),
    "iterator": (collections.abc.Iterator, _nothing),
    "list": (list, list),
    "mapping": (collections.abc.Mapping, dict),
    "sequence": (collections.abc.Sequence, list),
    "set": (collections.abc.Set, frozenset),
    "tuple": (tuple, tuple),
    "two_dim_dict": (dict, dict),
    "two_dim_mapping": (collections.abc.Mapping, dict),
}
_MAPPINGS: Final = frozenset({"dict", "mapping"})
_MAPPINGS_OF_MAPPINGS: Final = frozenset({"two_dim_dict", "two_dim_mapping"})
_USED_UP_BY_A_LOOK: Final = frozenset({"generator", "iterator"})
_NOT_TEXT: Final = frozenset({"iterable", "sequence"})
"""Kinds that text is of too, and is refused, because it was hardly meant."""


def failed(desc: str) -> NoReturn:
    """Raise a CheckError."""
    raise CheckError(f"Failure condition: {desc}")


def invariant(condition: Any, desc: str | None = None) -> bool:
    """True where the condition holds.

    Raises:
        CheckError: it does not.
    """
    if not condition:
        raise CheckError(f"Invariant failed. Description: {desc}" if desc else "Invariant failed.")
    return True


def param_invariant(condition: Any, param_name: str, desc: str | None = None) -> None:
    """As `invariant`, about an argument."""
    if not condition:
        raise ParameterCheckError(f"Invariant violation for parameter {param_name}. Description: {desc}")


def assert_never(value: Never) -> NoReturn:
    """A branch that cannot be reached was."""
    failed(f"Unhandled value: {value} ({type(value).__name__})")


def not_implemented(desc: str) -> NoReturn:
    """Raise that it cannot be done."""
    raise NotImplementedCheckError(f"Not implemented: {desc}")


def not_none(value: Any, additional_message: str | None = None) -> Any:
    """The value, which is not None."""
    if value is None:
        raise CheckError(_told("Expected non-None value.", additional_message))
    return value


def opt_not_none(value: Any, default: Any) -> Any:
    """The value, or the default for None."""
    return default if value is None else value


def not_none_param(obj: Any, param_name: str, additional_message: str | None = None) -> Any:
    """The argument, which is not None."""
    if obj is None:
        raise ParameterCheckError(_told(f'Param "{param_name}" cannot be None.', additional_message))
    return obj


def inst(obj: Any, ttype: Any, additional_message: str | None = None) -> Any:
    """The value, which is of a type."""
    if not isinstance(obj, ttype):
        raise CheckError(
            _told(f"Object {obj!r} is not a {_named(ttype)}. Got {type(obj).__name__}.", additional_message)
        )
    return obj


def opt_inst(obj: Any, ttype: Any, additional_message: str | None = None) -> Any:
    """As `inst`; None is allowed."""
    return None if obj is None else inst(obj, ttype, additional_message)


def inst_param(obj: Any, param_name: str, ttype: Any, additional_message: str | None = None) -> Any:
    """The argument, which is of a type."""
    return _typed(obj, param_name, ttype if isinstance(ttype, tuple) else (ttype,), additional_message)


def opt_inst_param(
    obj: Any, param_name: str, ttype: Any, default: Any = None, additional_message: str | None = None
) -> Any:
    """As `inst_param`; the default for None."""
    return default if obj is None else inst_param(obj, param_name, ttype, additional_message)


def callable_param(obj: Any, param_name: str, additional_message: str | None = None) -> Any:
    """The argument, which can be called."""
    if not callable(obj):
        raise ParameterCheckError(
            _told(f'Param "{param_name}" is not callable. Got {obj!r}.', additional_message)
        )
    return obj


def opt_callable_param(
    obj: Any, param_name: str, default: Any = None, additional_message: str | None = None
) -> Any:
    """As `callable_param`; the default for None."""
    return default if obj is None else callable_param(obj, param_name, additional_message)


def class_param(
    obj: Any, param_name: str, superclass: Any = None, additional_message: str | None = None
) -> Any:
    """The argument, which is a class."""
    if not isinstance(obj, type) or (superclass is not None and not issubclass(obj, superclass)):
        raise ParameterCheckError(
            _told(f'Param "{param_name}" is not a class. Got {obj!r}.', additional_message)
        )
    return obj


def opt_class_param(
    obj: Any,
    param_name: str,
    default: Any = None,
    superclass: Any = None,
    additional_message: str | None = None,
) -> Any:
    """As `class_param`; the default for None."""
    return default if obj is None else class_param(obj, param_name, superclass, additional_message)


def is_callable(obj: Any, additional_message: str | None = None) -> Any:
    """The value, which can be called."""
    return callable_param(obj, "value", additional_message)


def _scalar(kind: str, optional: bool) -> Callable[..., Any]:
    types = _SCALARS[kind]

    def required_param(obj: Any, param_name: str, additional_message: str | None = None) -> Any:
        return _typed(obj, param_name, types, additional_message)

    def optional_param(
        obj: Any, param_name: str, default: Any = None, additional_message: str | None = None
    ) -> Any:
        return default if obj is None else _typed(obj, param_name, types, additional_message)

    return optional_param if optional else required_param


def _container(kind: str, none: str) -> Callable[..., Any]:
    container, empty = _CONTAINERS[kind]

    def param(
        obj: Any,
        param_name: str = "value",
        *types: Any,
        of_type: Any = None,
        key_type: Any = None,
        value_type: Any = None,
        of_shape: tuple[Any, ...] | None = None,
        additional_message: str | None = None,
    ) -> Any:
        if obj is None and none != "refused":
            return empty() if none == "made empty" else None
        _typed(
            obj, param_name, (container,), additional_message, also_refused=str if kind in _NOT_TEXT else ()
        )
        of_key, of_value = (*types, None, None)[:2]
        if kind in _MAPPINGS:
            _items(obj, param_name, of_key or key_type, of_value or value_type)
        elif kind in _MAPPINGS_OF_MAPPINGS:
            of_key = of_key or key_type or str
            _items(obj, param_name, of_key, container)
            for inner in obj.values():
                _items(inner, param_name, of_key, of_value or value_type)
        elif of_shape is not None:
            _shaped(obj, param_name, of_shape)
        elif kind not in _USED_UP_BY_A_LOOK:
            _each(obj, param_name, types[0] if types else of_type)
        return obj

    return param


def _typed(obj: Any, name: str, types: tuple[Any, ...], more: str | None, also_refused: Any = ()) -> Any:
    if not isinstance(obj, types) or isinstance(obj, also_refused):
        text = f'Param "{name}" is not a {_named(types)}. Got {obj!r} which is type {type(obj)}.'
        raise ParameterCheckError(_told(text, more))
    return obj


def _items(mapping: Any, name: str, key_type: Any, value_type: Any) -> None:
    _each(mapping, name, key_type)
    _each(mapping.values(), name, value_type)


def _shaped(values: Any, name: str, types: tuple[Any, ...]) -> None:
    if len(values) != len(types):
        raise CheckError(f'"{name}" has {len(values)} members. Expected {len(types)}.')
    for value, ttype in zip(values, types, strict=True):
        _each((value,), name, ttype)


def _each(values: Iterable[Any], name: str, ttype: Any) -> None:
    if ttype is None or not isinstance(ttype, (type, tuple)):
        return
    for value in values:
        if not isinstance(value, ttype):
            raise CheckError(f'Member of "{name}" mismatches type. Expected {_named(ttype)}. Got {value!r}.')


def _named(ttype: Any) -> str:
    return " or ".join(
        getattr(each, "__name__", str(each)) for each in (ttype if isinstance(ttype, tuple) else (ttype,))
    )


def _told(text: str, more: str | None) -> str:
    return f"{text} {more}" if more else text


def _made() -> dict[str, Callable[..., Any]]:
    made: dict[str, Callable[..., Any]] = {}
    for kind in _SCALARS:
        made[f"{kind}_param"] = _scalar(kind, optional=False)
        made[f"opt_{kind}_param"] = _scalar(kind, optional=True)
    for kind in _CONTAINERS:
        made[f"{kind}_param"] = _container(kind, "refused")
        made[f"opt_{kind}_param"] = _container(kind, "made empty")
        made[f"opt_nullable_{kind}_param"] = _container(kind, "kept")
        # `check.is_list(value, of_type)` has no name in between.
        made[f"is_{kind}"] = _without_name(made[f"{kind}_param"])
    return made


def _without_name(param: Callable[..., Any]) -> Callable[..., Any]:
    return lambda obj, *types, **rest: param(obj, "value", *types, **rest)


globals().update(_made())
