"""Drives coroutines and asynchronous generators: alone, or many side by side in one event loop."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Protocol

from treadle.core.errors import ExecutionInterruptedError
from treadle.define.context.current import current_step
from treadle.run.event_loops import run_to_end
from treadle.run.failures import PASSING, StepOutcome, step_timeout, user_error
from treadle.run.forked_copies import end_forked_copy
from treadle.store.errors import StoreError


class AsyncExecution(Protocol):
    """What is needed of a `StepExecution`, which imports this module."""

    pid: int
    env: Any
    computation: Any
    step: Any
    op: Any
    state: Any
    results: Any
    cancel: Callable[[], None] | None
    is_cancelled: bool
    limit: Any

    def start(self) -> Any: ...

    def take_all(self, iterator: Iterator[Any]) -> None: ...

    def has_returned(self) -> None: ...

    def succeed(self) -> StepOutcome: ...

    def fail(self, error: BaseException) -> StepOutcome: ...


def take_alone(execution: AsyncExecution, returned: Any) -> None:
    """Run what the user's function returned in an event loop of its own, to its end."""
    try:
        run_to_end(_cancellable(execution, _within_time(execution, _take(execution, returned))))
    except asyncio.CancelledError as error:
        if execution.is_cancelled:
            raise ExecutionInterruptedError("the run was told to stop") from error
        raise


async def _cancellable(execution: AsyncExecution, work: Coroutine[Any, Any, None]) -> None:
    """Within it `execution.cancel` stops the coroutine, from any thread."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None

    def cancel() -> None:
        execution.is_cancelled = True
        loop.call_soon_threadsafe(task.cancel)

    execution.cancel = cancel
    try:
        await work
    finally:
        execution.cancel = None


async def execute_in_loop(execution: AsyncExecution) -> StepOutcome:
    """One attempt of a step within a running event loop, beside others."""
    token = current_step.set(execution.state)
    execution.env.python_logs.take()
    try:
        await _within_time(execution, _take(execution, execution.start()))
        return execution.succeed()
    except StoreError:
        # What user code raises comes wrapped: this store can not be written, which ends the run, not the step.
        raise
    except BaseException as error:  # noqa: BLE001 - the outcome tells
        if _is_cancelled(error):
            return execution.fail(ExecutionInterruptedError("the run was told to stop"))
        return execution.fail(error)
    finally:
        execution.env.python_logs.release()
        current_step.reset(token)


async def _within_time(execution: AsyncExecution, work: Coroutine[Any, Any, None]) -> None:
    seconds = execution.limit.seconds if execution.limit is not None else None
    if seconds is None:
        await work
        return
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            await work
    except (Exception, asyncio.CancelledError) as error:
        if limit.expired():
            raise step_timeout(execution.step.key, seconds) from TimeoutError(f"no end after {seconds:g} s")
        raise error


async def _take(execution: AsyncExecution, returned: Any) -> None:
    if inspect.isasyncgen(returned):
        await _take_all(execution, returned)
        return
    if inspect.isawaitable(returned):
        try:
            returned = await returned
        except BaseException as error:
            end_forked_copy(execution.pid, error)
            if isinstance(error, PASSING) or _is_cancelled(error):
                raise
            raise user_error(error, execution.step.key, execution.op.name) from error
        execution.has_returned()
    if inspect.isgenerator(returned):
        execution.take_all(returned)
    else:
        execution.results.take_returned(returned)


def _is_cancelled(error: BaseException) -> bool:
    """True where the step was told to stop, or its time is over; False for a CancelledError of the user's own."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


async def _take_all(execution: AsyncExecution, iterator: AsyncIterator[Any]) -> None:
    while True:
        try:
            item = await anext(iterator)
        except StopAsyncIteration:
            execution.has_returned()
            break
        except BaseException as error:
            end_forked_copy(execution.pid, error)
            if isinstance(error, PASSING) or _is_cancelled(error):
                raise
            raise user_error(error, execution.step.key, execution.op.name) from error
        execution.has_returned()
        execution.results.take(item)
    execution.results.end_of_yields()
