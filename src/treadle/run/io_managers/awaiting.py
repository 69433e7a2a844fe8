"""Waiting for values that an IO manager loads with coroutines. Imports asyncio, so it is loaded only for those."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from treadle.core.errors import TreadleError
from treadle.run.event_loops import run_to_end


def wait_for(value: Awaitable[Any]) -> Any:
    """The value, also where an event loop is running already (in an `async def` step)."""

    async def wait() -> Any:
        return await value

    return run_to_end(wait())


class PartitionsNotLoadedError(TreadleError, RuntimeError):
    """Some of the partitions of an input could not be loaded; the cause is what the first one said."""

    default_code = "value-not-stored"


def wait_for_all(
    values: Mapping[str, Any], may_fail: type[Exception] | tuple[()]
) -> tuple[dict[str, Any], list[str]]:
    """All values, waited for at once, and the names of those that failed as they may.

    Raises:
        PartitionsNotLoadedError: others failed; names them.
    """

    async def gather() -> list[Any]:
        return await asyncio.gather(
            *(_as_awaitable(value) for value in values.values()), return_exceptions=True
        )

    found: dict[str, Any] = {}
    failed: list[str] = []
    errors: dict[str, Exception] = {}
    for name, value in zip(values, run_to_end(gather()), strict=True):
        if isinstance(value, may_fail):
            failed.append(name)
        elif isinstance(value, Exception):
            errors[name] = value
        elif isinstance(value, BaseException):
            raise value
        else:
            found[name] = value
    if errors:
        raise PartitionsNotLoadedError(
            f"{len(errors)} of {len(values)} partitions could not be loaded: {', '.join(errors)}"
        ) from next(iter(errors.values()))
    return found, failed


async def _as_awaitable(value: Any) -> Any:
    return await value if isinstance(value, Awaitable) else value
