"""`dagster._annotations`: marks on public names. They say something to the peer's documentation, nothing to us."""

from collections.abc import Callable
from typing import Any


def _unmarked(decorated: Any) -> Any:
    return decorated


def mark(decorated: Any = None, **_: Any) -> Any:
    """A decorator that changes nothing; with or without arguments.

    Example:
        >>> from treadle.compat.stand_ins.annotations import beta
        >>> @beta(additional_warn_text="soon")
        ... def f(): return 1
        >>> f()
        1
    """
    return _unmarked if decorated is None else decorated


public = beta = preview = experimental = superseded = deprecated = mark
beta_param = preview_param = experimental_param = deprecated_param = superseded_param = hidden_param = mark
only_allow_hidden_params_in_kwargs = mark
dagster_maintained_resource: Callable[..., Any] = mark
dagster_maintained_io_manager: Callable[..., Any] = mark
