"""What an exception in a step means: failed for good, to be tried again, or told to stop."""

import os
from collections.abc import Callable
from types import TracebackType
from typing import Any

import msgspec

from treadle.core.errors import (
    ExecutionInterruptedError,
    MaxRetriesExceededError,
    StepExecutionError,
    TreadleError,
    UserCodeExecutionError,
)
from treadle.core.events import EngineData, ErrorInfo, ErrorSource, Event, EventType, FailureData
from treadle.core.failures import Failure, RetryRequested
from treadle.core.keys import AssetCheckKey
from treadle.core.metadata_entries import metadata_to_wire
from treadle.core.seen_errors import cause_of, context_of, last_lines, members_of, told_in_a_line
from treadle.define.config.secrets import redact
from treadle.define.context.log import MOST_CAUSES, MOST_MEMBERS, error_info_of
from treadle.run.event_maker import ERROR, EventMaker

STORE_ERROR = "store-error"
"""The failure reason of a run whose events the store did not take."""

_OWN_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class RetryFromPolicy(Exception):
    """Stands in the log for a retry that the step's policy asked for, not its code."""


RetryFromPolicy.__name__ = RetryFromPolicy.__qualname__ = "RetryRequestedFromPolicy"


class StepOutcome(msgspec.Struct, kw_only=True):
    """How one attempt of a step ended. Crosses process boundaries."""

    step_key: str
    kind: str
    """`success`, `failure`, `retry` or `interrupted`."""
    outputs: tuple[str, ...] = ()
    """Names of the outputs given."""
    failed_checks: tuple[AssetCheckKey, ...] = ()
    """Blocking checks that failed."""
    wait: float = 0.0
    """Seconds before the next attempt."""
    error: ErrorInfo | None = None
    raised: BaseException | None = None
    """What `raise_on_error` raises."""
    versions: tuple[tuple[Any, str | None, str], ...] = ()
    """(asset, partition key, data version) of what was made."""
    mapping_keys: dict[str, tuple[str, ...]] = {}
    """Dynamic output -> mapping keys given."""


class Verdict(msgspec.Struct, kw_only=True):
    """What becomes of an attempt that raised."""

    kind: str
    data: FailureData
    raised: BaseException
    wait: float = 0.0
    last: BaseException | None = None
    """What the last attempt raised, where `raised` says that there are no more."""

    @property
    def told_to_hooks(self) -> BaseException:
        """What the step's code raised."""
        return self.last if self.last is not None else self.raised


def judge(
    error: BaseException, *, step_key: str, attempt: int, retry_policy: Any, may_retry: bool = True
) -> Verdict:
    """Whether the step failed or is tried again, and what is recorded.

    Args:
        error: what was raised; user code's own exceptions arrive wrapped in a `UserCodeExecutionError`.
        attempt: the number of this attempt, from 1.
        retry_policy: the step's, if any.
        may_retry: False where the run's executor has retries disabled: neither policies nor requests count then.
    """
    if isinstance(error, ExecutionInterruptedError | KeyboardInterrupt):
        return Verdict(
            kind="interrupted",
            raised=error,
            data=FailureData(error=_info(error), error_source=ErrorSource.INTERRUPT),
        )
    inner = cause_of(error) if isinstance(error, UserCodeExecutionError) else error
    if isinstance(inner, RetryRequested):
        return _judge_request(inner, step_key, attempt, may_retry)
    if not may_retry:
        retry_policy = None
    if isinstance(inner, TreadleError) and not isinstance(inner, UserCodeExecutionError):
        return Verdict(
            kind="failure",
            raised=inner,
            data=FailureData(error=_info(inner), error_source=ErrorSource.FRAMEWORK_ERROR),
        )
    if isinstance(inner, Failure):
        if retry_policy is None or not inner.allow_retries:
            return Verdict(
                kind="failure",
                raised=inner,
                data=FailureData(
                    error=_info(inner),
                    error_source=ErrorSource.FRAMEWORK_ERROR,
                    description=inner.description,
                    metadata=metadata_to_wire(inner.metadata),
                ),
            )
    elif retry_policy is None:
        return Verdict(
            kind="failure",
            raised=inner if inner is not None else error,
            data=FailureData(error=_info(error), error_source=ErrorSource.USER_CODE_ERROR),
        )
    return _judge_by_policy(inner if inner is not None else error, step_key, attempt, retry_policy)


def _judge_request(request: RetryRequested, step_key: str, attempt: int, may_retry: bool) -> Verdict:
    if not may_retry:
        refused = MaxRetriesExceededError(
            f"`{step_key}` asked to be tried again, and retries are disabled in this run.",
            hint="leave `retries: {disabled: {}}` out of the executor's settings",
            step_key=step_key,
        )
        refused.__cause__ = request
        return Verdict(
            kind="failure",
            raised=refused,
            last=request,
            data=FailureData(error=_info(refused), error_source=ErrorSource.FRAMEWORK_ERROR),
        )
    if attempt <= request.max_retries:
        wait = request.seconds_to_wait
        return Verdict(
            kind="retry",
            raised=request,
            wait=wait or 0.0,
            data=FailureData(
                error=_info(request), error_source=ErrorSource.USER_CODE_ERROR, seconds_to_wait=wait
            ),
        )
    return Verdict(
        kind="failure",
        raised=_exhausted(step_key, request.max_retries, cause_of(request)),
        last=request,
        data=FailureData(error=_info(request), error_source=ErrorSource.USER_CODE_ERROR),
    )


def _judge_by_policy(inner: BaseException, step_key: str, attempt: int, retry_policy: Any) -> Verdict:
    request = RetryFromPolicy(f"`{step_key}` failed at attempt {attempt} of {retry_policy.max_retries + 1}")
    request.__cause__ = inner
    failure = inner if isinstance(inner, Failure) else None
    data = FailureData(
        error=_info(request),
        error_source=ErrorSource.USER_CODE_ERROR,
        description=failure.description if failure else None,
        metadata=metadata_to_wire(failure.metadata) if failure else {},
    )
    if attempt <= retry_policy.max_retries:
        wait = float(retry_policy.calculate_delay(attempt))
        return Verdict(
            kind="retry", raised=inner, wait=wait, data=msgspec.structs.replace(data, seconds_to_wait=wait)
        )
    exhausted = _exhausted(step_key, retry_policy.max_retries, inner)
    return Verdict(kind="failure", raised=exhausted, last=inner, data=data)


def _exhausted(step_key: str, max_retries: int, last: BaseException | None) -> BaseException:
    said = f" It last said: {told_in_a_line(last)}" if last is not None else ""
    return MaxRetriesExceededError(
        f"`{step_key}` failed {max_retries + 1} times, as often as its retries allow.{said}",
        step_key=step_key,
    )


STEERING = (TreadleError, Failure, RetryRequested)
"""Exceptions of user code that mean something to the engine and pass as they are."""
PASSING = (*STEERING, KeyboardInterrupt, ExecutionInterruptedError)
"""Those, and what tells the run to stop."""


def user_error(error: BaseException, step_key: str, op_name: str) -> StepExecutionError:
    """What wraps any other exception of a step's code; raise it `from` that exception."""
    return StepExecutionError(
        f"The code of `{step_key}` raised {type(error).__name__}.",
        step_key=step_key,
        op_name=op_name,
        op_def_name=op_name,
    )


def step_timeout(step_key: str, seconds: float) -> UserCodeExecutionError:
    """The error of a step that took longer than it may; raise it `from` a TimeoutError, so that policies retry it."""
    return UserCodeExecutionError(
        f"Step `{step_key}` took longer than its timeout of {seconds:g} s.",
        code="step-timeout",
        step_key=step_key,
    )


def error_info(error: BaseException) -> ErrorInfo:
    """The exception as it is stored; tracebacks begin at the first frame that is not Treadle's."""
    return _info(error)


def _info(error: BaseException) -> ErrorInfo:
    _cut_tracebacks(error)
    return error_info_of(error)


def _cut_tracebacks(error: BaseException, depth: int = MOST_CAUSES) -> None:
    """Lets the tracebacks of an exception, its causes and its members begin at the user's code."""
    seen: BaseException | None = error
    while seen is not None and depth > 0:
        seen.__traceback__ = _without_own_frames(seen.__traceback__)
        for member in members_of(seen)[:MOST_MEMBERS]:
            _cut_tracebacks(member, depth - 1)
        seen, depth = cause_of(seen) or context_of(seen), depth - 1


def _without_own_frames(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame of the user's code on; untouched where there is none."""
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_OWN_FOLDER):
        first = first.tb_next
    return first if first is not None else trace


def text_of(error: BaseException) -> str:
    """The exception's last line, for messages; secrets are hidden."""
    return redact(last_lines(error))


def tells_failed_teardown(
    maker: EventMaker, record: Callable[[Event], None], step_key: str | None
) -> Callable[[str, Exception], None]:
    """What records that a resource could not be torn down."""

    def tell(name: str, error: Exception) -> None:
        data = EngineData(error=error_info(error))
        message = f"Teardown of resource `{name}` failed: {text_of(error)}"
        record(maker.make(EventType.ENGINE_EVENT, step_key, data, message, level=ERROR))

    return tell
