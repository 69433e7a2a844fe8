"""`dagster._utils.warnings`: warnings of the peer's kinds, and how to do without them."""

import contextlib
import functools
import importlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any


def _kind(name: str) -> type[Warning]:
    kind: type[Warning] = getattr(importlib.import_module("treadle"), name)
    return kind


def deprecation_warning(
    subject: str, breaking_version: str, additional_warn_text: str | None = None, stacklevel: int = 3
) -> None:
    """Warn that a name will go."""
    text = f"{subject} is deprecated and will be removed in {breaking_version}."
    warnings.warn(_with(text, additional_warn_text), DeprecationWarning, stacklevel=stacklevel)


def beta_warning(subject: str, additional_warn_text: str | None = None, stacklevel: int = 3) -> None:
    """Warn that a name may change."""
    text = f"{subject} is in beta and may change."
    warnings.warn(_with(text, additional_warn_text), _kind("BetaWarning"), stacklevel=stacklevel)


def preview_warning(subject: str, additional_warn_text: str | None = None, stacklevel: int = 3) -> None:
    """Warn that a name is not for production."""
    text = f"{subject} is a preview and may change at any time."
    warnings.warn(_with(text, additional_warn_text), _kind("PreviewWarning"), stacklevel=stacklevel)


def normalize_renamed_param(
    new_val: Any,
    new_arg: str,
    old_val: Any,
    old_arg: str,
    coerce_old_to_new: Callable[[Any], Any] | None = None,
) -> Any:
    """The value of a parameter that has an old name too.

    Raises:
        Exception: both are given.
    """
    if old_val is None:
        return new_val
    if new_val is not None:
        raise Exception(f"Give `{new_arg}` or `{old_arg}`, not both.")
    return coerce_old_to_new(old_val) if coerce_old_to_new is not None else old_val


@contextlib.contextmanager
def disable_dagster_warnings() -> Iterator[None]:
    """No beta, preview and deprecation warnings inside."""
    with warnings.catch_warnings():
        for kind in (
            DeprecationWarning,
            _kind("BetaWarning"),
            _kind("PreviewWarning"),
            _kind("SupersessionWarning"),
        ):
            warnings.simplefilter("ignore", category=kind)
        yield


def suppress_dagster_warnings(decorated: Any) -> Any:
    """A decorator: the function runs with `disable_dagster_warnings`; a class stays as it is."""
    if isinstance(decorated, type):
        return decorated

    @functools.wraps(decorated)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        with disable_dagster_warnings():
            return decorated(*args, **kwargs)

    return quiet


def _with(text: str, more: str | None) -> str:
    return f"{text} {more}" if more else text
