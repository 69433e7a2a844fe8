"""`dagster._utils.cached_method`: a method whose results are kept for each object and arguments."""

import functools
from collections.abc import Callable
from typing import Any

_KEPT = "_cached_method_results"


def cached_method(method: Callable[..., Any]) -> Callable[..., Any]:
    """Keep results on the object itself, so that they go when it goes.

    Example:
        >>> class Client:
        ...     calls = 0
        ...     @cached_method
        ...     def get(self, n):
        ...         self.calls += 1
        ...         return n
        >>> client = Client()
        >>> client.get(1), client.get(1), client.calls
        (1, 1, 1)
    """
    name = method.__name__

    @functools.wraps(method)
    def cached(self: Any, *args: Any, **kwargs: Any) -> Any:
        kept = self.__dict__.get(_KEPT)
        if kept is None:
            kept = {}
            # Not by assignment: frozen classes and pydantic models refuse that.
            self.__dict__[_KEPT] = kept
        key = (name, args, tuple(sorted(kwargs.items())))
        if key not in kept:
            kept[key] = method(self, *args, **kwargs)
        return kept[key]

    return cached
