"""`dagster._utils.backoff`: try again after a pause."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def backoff_delay_generator() -> Iterator[float]:
    """Seconds: 0.1, and each time twice as long."""
    delay = 0.1
    while True:
        yield delay
        delay *= 2


def backoff(
    fn: Callable[..., T],
    retry_on: tuple[type[BaseException], ...],
    args: Sequence[object] | None = None,
    kwargs: Mapping[str, object] | None = None,
    max_retries: int = 4,
    delay_generator: Iterator[float] | None = None,
) -> T:
    """Call a function, and again when it raises one of these.

    Args:
        max_retries: how often again.
        delay_generator: seconds to wait before each.
    """
    delays = delay_generator or backoff_delay_generator()
    for _ in range(max_retries):
        try:
            return fn(*(args or ()), **(kwargs or {}))
        except retry_on:
            time.sleep(next(delays))
    return fn(*(args or ()), **(kwargs or {}))
