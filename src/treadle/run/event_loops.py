"""Running a coroutine to its end, whatever runs already. Imports asyncio, so it is loaded only where there are coroutines."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_to_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine, in a thread of its own where this one already has a running loop (a notebook, an `async def` step).

    Example:
        >>> async def answer() -> int:
        ...     return 42
        >>> run_to_end(answer())
        42
    """
    if not _has_running_loop():
        return asyncio.run(coroutine)
    with ThreadPoolExecutor(1, thread_name_prefix="treadle-async-steps") as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _has_running_loop() -> bool:
    # Asked apart: what the coroutine raises shall not look as if it came up while this was handled.
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
