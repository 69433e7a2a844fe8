"""What a return annotation says about the value that goes to an IO manager."""

import collections.abc
from typing import Annotated, Any, Final, get_args, get_origin

from treadle.define.parameters import NO_ANNOTATION

_EVENT_CLASSES: Final = frozenset(
    {
        "MaterializeResult",
        "ObserveResult",
        "AssetCheckResult",
        "AssetMaterialization",
        "AssetObservation",
        "AssetCheckEvaluation",
        "ExpectationResult",
        "Output",
        "DynamicOutput",
        "DataVersion",
        "DataVersionsByPartition",
    }
)
"""Results that carry an event, not a value to store; `Output[X]` and `MaterializeResult[X]` carry an X."""

_STREAMS: Final = (
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.Generator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
)


def value_annotation(returns: Any) -> Any:
    """The type of the value to store; `NO_ANNOTATION` where the annotation does not tell.

    Args:
        returns: a return annotation. `None` itself means that nothing is stored.
    """
    if returns is NO_ANNOTATION or returns is None or returns is type(None):
        return returns if returns is NO_ANNOTATION else type(None)
    if type(returns) is str:
        return NO_ANNOTATION
    if isinstance(returns, type) and not get_args(returns):
        return NO_ANNOTATION if _is_event(returns) or returns in _STREAMS else returns
    origin = get_origin(returns)
    if origin is None:
        return returns
    if origin is Annotated:
        return returns
    if origin in _STREAMS:
        return NO_ANNOTATION
    if _is_event(origin):
        arguments = get_args(returns)
        return value_annotation(arguments[0]) if arguments else NO_ANNOTATION
    if any(_is_event(argument) or _is_event(get_origin(argument)) for argument in get_args(returns)):
        return NO_ANNOTATION
    return returns


def dynamic_annotation(returns: Any) -> Any:
    """The type of each value where a return annotation says `DynamicOutput[X]`, or a list of these; else None."""
    origin = get_origin(returns)
    if origin in (list, collections.abc.Sequence) and get_args(returns):
        return dynamic_annotation(get_args(returns)[0])
    named = returns if origin is None else origin
    if not _is_event(named) or named.__name__ != "DynamicOutput":
        return None
    arguments = get_args(returns)
    return arguments[0] if arguments else NO_ANNOTATION


def _is_event(annotation: Any) -> bool:
    return (
        isinstance(annotation, type)
        and annotation.__name__ in _EVENT_CLASSES
        and annotation.__module__.startswith("treadle.")
    )


def is_lone_dynamic(returns: Any) -> bool:
    """True for `DynamicOutput` that is not in a list: what is returned all at once must be a list."""
    named = get_origin(returns) or returns
    return _is_event(named) and named.__name__ == "DynamicOutput"


def item_annotation(part: Any, *, is_dynamic: bool) -> Any:
    """The type of the values of one output, from its part of the return annotation."""
    if is_dynamic:
        found = dynamic_annotation(part)
        return NO_ANNOTATION if found is None else found
    return value_annotation(part)


def carries_result(returns: Any) -> bool:
    """True for `MaterializeResult` and its kind, which stand for all outputs of a step at once."""
    named = get_origin(returns) or returns
    return _is_event(named) and named.__name__ not in ("Output", "DynamicOutput")


def is_nothing(annotation: Any) -> bool:
    """True for `Nothing` and `None`: an edge that orders and carries no value."""
    if annotation is None or annotation is type(None):
        return True
    if annotation is NO_ANNOTATION:
        return False
    return getattr(annotation, "is_nothing", False) is True or (
        getattr(annotation, "__name__", None) == "Nothing"
        and str(getattr(annotation, "__module__", "")).startswith("treadle.")
    )


def type_name_of(annotation: Any) -> str | None:
    """The name that people read: `DataFrame`, `int`, `list[int]`; None where there is no annotation."""
    if annotation is NO_ANNOTATION or annotation is Any:
        return None
    if type(annotation) is str:
        return annotation
    if annotation is None or annotation is type(None):
        return "None"
    shown = getattr(annotation, "display_name", None)
    if isinstance(shown, str):
        return shown
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def shown_type(annotation: Any) -> str:
    """A type with the package it is of, where that is not Python's own: `polars.DataFrame`."""
    module = str(getattr(annotation, "__module__", "")).partition(".")[0]
    name = type_name_of(annotation) or "anything"
    return f"`{name}`" if module in ("builtins", "") else f"`{module}.{name}`"
