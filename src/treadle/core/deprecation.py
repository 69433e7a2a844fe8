"""Warnings of names and arguments that go away, have a successor or may still change: told to users, never to our own code."""

import functools
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from treadle.core.errors import BetaWarning, PreviewWarning, SupersessionWarning

T = TypeVar("T", bound=Callable[..., Any])

_OWN_FOLDER: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def deprecation_warning(
    subject: str, breaking_version: str, additional_warn_text: str | None = None, stacklevel: int = 3
) -> None:
    """Warn that something goes away.

    Args:
        subject: what.
        breaking_version: the first version without it.
        additional_warn_text: what to use in its place.
        stacklevel: whose line is named: 1 is this function's, 3 that of whoever called the caller.
    """
    text = f"{subject} is deprecated and goes away in {breaking_version}."
    warnings.warn(
        f"{text} {additional_warn_text}" if additional_warn_text else text,
        category=DeprecationWarning,
        stacklevel=stacklevel,
    )


def tell_caller(text: str, category: type[Warning] = DeprecationWarning) -> None:
    """Warn at the line that called the function which calls this; say nothing where that line is ours.

    Args:
        text: what, and what to use in its place.
    """
    frame: Any = sys._getframe(2)
    while frame.f_code.co_filename == __file__ and frame.f_back is not None:
        frame = frame.f_back
    if not frame.f_code.co_filename.startswith(_OWN_FOLDER):
        _warn_at(frame, text, category)


def tell_user(text: str, category: type[Warning] = DeprecationWarning) -> None:
    """Warn at the nearest line that is not ours, however many functions of ours lie between.

    Args:
        text: what, and what to use in its place.
    """
    frame: Any = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_OWN_FOLDER) and frame.f_back is not None:
        frame = frame.f_back
    _warn_at(frame, text, category)


OLD_SPEC_ARGUMENTS: Final[Mapping[str, str]] = {
    "auto_materialize_policy": "automation_condition",
    "legacy_freshness_policy": "freshness_policy",
}
"""Old arguments of specs -> what is written now."""


def tell_of_old_arguments(owner: str, given: Mapping[str, Any]) -> None:
    """Warn of each old argument of a spec that a user gave.

    Args:
        owner: the class whose constructor calls this.
        given: its `**kwargs`.
    """
    frame: Any = sys._getframe(2)
    for name, value in given.items():
        now = OLD_SPEC_ARGUMENTS.get(name)
        if now is not None and value is not None and not frame.f_code.co_filename.startswith(_OWN_FOLDER):
            text = f"`{name}` of {owner} is deprecated: write `{now}`."
            _warn_at(frame, text, DeprecationWarning)


def warn_caller(text: str, category: type[Warning]) -> None:
    """Warn at the nearest line that is not Treadle's own."""
    frame: Any = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OWN_FOLDER):
        frame = frame.f_back
    _warn_at(frame, text, category)


def _warn_at(frame: Any, text: str, category: type[Warning]) -> None:
    names = frame.f_globals
    registry = names.setdefault("__warningregistry__", {})
    path, line, module = frame.f_code.co_filename, frame.f_lineno, names.get("__name__")
    warnings.warn_explicit(text, category, path, line, module=module, registry=registry)


def deprecated(instead: str, name: str | None = None) -> Callable[[T], T]:
    """Marks a function, or a class when it is constructed, that goes away.

    Args:
        instead: what to do: "write an `AssetSpec`".
        name: how it is called, where that is not its own name.

    Example:
        >>> @deprecated("call `sum`")
        ... def total(numbers): return sum(numbers)
        >>> total([1, 2])  # warns: `total` is deprecated: call `sum`.
        3
    """
    return _announced(DeprecationWarning, "`{}` is deprecated: " + instead + ".", name)


def superseded(instead: str, name: str | None = None) -> Callable[[T], T]:
    """Marks what stays, and has a better successor."""
    return _announced(SupersessionWarning, "`{}` still works and has a successor: " + instead + ".", name)


def beta(name: str | None = None) -> Callable[[T], T]:
    """Marks what the peer may still change between minor versions."""
    return _announced(
        BetaWarning, "`{}` is in beta: Dagster may change it in a minor version, and Treadle follows.", name
    )


def preview(name: str | None = None) -> Callable[[T], T]:
    """Marks what the peer may change with any version."""
    return _announced(
        PreviewWarning, "`{}` is a preview: Dagster may change it in any version, and Treadle follows.", name
    )


def _announced(category: type[Warning], text: str, name: str | None) -> Callable[[T], T]:
    def mark(thing: T) -> T:
        said = text.format(name or thing.__qualname__)
        if isinstance(thing, type):
            setattr(thing, "__init__", _wrapped(getattr(thing, "__init__"), said, category))  # noqa: B009, B010
            return thing
        marked: T = _wrapped(thing, said, category)
        return marked

    return mark


def _wrapped(function: Any, said: str, category: type[Warning]) -> Any:
    @functools.wraps(function)
    def announced(*args: Any, **kwargs: Any) -> Any:
        tell_caller(said, category)
        return function(*args, **kwargs)

    return announced
