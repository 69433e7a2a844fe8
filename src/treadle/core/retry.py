"""When a failed step runs again: the policy, and the delay before each attempt as a pure function."""

from collections.abc import Callable
from enum import Enum

from treadle.core import late
from treadle.core.errors import InvalidDefinitionError, wrong_type
from treadle.core.values import TupleValue, set_field

_LARGEST_EXPONENT = 64


class Backoff(Enum):
    """How the delay grows: by one delay an attempt, or doubling."""

    LINEAR = "LINEAR"
    EXPONENTIAL = "EXPONENTIAL"


class Jitter(Enum):
    """How chance changes the delay: anywhere from nothing to it, or by up to the policy's `delay` less or more."""

    FULL = "FULL"
    PLUS_MINUS = "PLUS_MINUS"


class RetryPolicy(TupleValue):
    """How often a failed step is run again, and after what delay.

    Args:
        max_retries: further attempts after the first; a negative number means none.
        delay: seconds before the first retry; None means none.
        backoff: how the delay grows; needs `delay`.
        jitter: how chance changes it; needs `delay`.

    Raises:
        InvalidDefinitionError: backoff or jitter without delay, or an argument of the wrong type.

    Example:
        >>> policy = RetryPolicy(max_retries=3, delay=30, backoff=Backoff.EXPONENTIAL)
        >>> [policy.calculate_delay(attempt) for attempt in (1, 2, 3)]
        [30, 90, 210]
    """

    __slots__ = ("backoff", "delay", "jitter", "max_retries")
    max_retries: int
    delay: float | None
    backoff: Backoff | None
    jitter: Jitter | None

    def __init__(
        self,
        max_retries: int = 1,
        delay: float | None = None,
        backoff: Backoff | None = None,
        jitter: Jitter | None = None,
    ) -> None:
        if isinstance(max_retries, bool) or not isinstance(max_retries, int):
            raise wrong_type("max_retries", "an integer", max_retries, "RetryPolicy")
        if delay is not None and (isinstance(delay, bool) or not isinstance(delay, (int, float))):
            raise wrong_type("delay", "a number of seconds", delay, "RetryPolicy")
        if backoff is not None and not isinstance(backoff, Backoff):
            raise wrong_type("backoff", "Backoff.LINEAR or Backoff.EXPONENTIAL", backoff, "RetryPolicy")
        if jitter is not None and not isinstance(jitter, Jitter):
            raise wrong_type("jitter", "Jitter.FULL or Jitter.PLUS_MINUS", jitter, "RetryPolicy")
        for argument, given in (("backoff", backoff), ("jitter", jitter)):
            if delay is None and given is not None:
                raise InvalidDefinitionError(
                    f"RetryPolicy: `{argument}` changes a delay, but there is no `delay`",
                    hint="pass `delay=` in seconds",
                )
        set_field(self, "max_retries", max_retries)
        set_field(self, "delay", delay)
        set_field(self, "backoff", backoff)
        set_field(self, "jitter", jitter)

    def calculate_delay(self, attempt_num: int) -> float:
        """Seconds to wait before retry number `attempt_num` (counted from 1)."""
        return retry_delay(self, attempt_num, late.random.random)


def retry_delay(policy: RetryPolicy, attempt_num: int, chance: Callable[[], float]) -> float:
    """Seconds to wait before a retry, never negative.

    Args:
        policy: of the step.
        attempt_num: number of the retry, counted from 1.
        chance: gives a number in [0, 1); asked only where the policy has jitter.
    """
    first = delay = max(policy.delay or 0, 0)
    if policy.backoff is Backoff.LINEAR:
        delay *= attempt_num
    elif policy.backoff is Backoff.EXPONENTIAL:
        delay *= 2 ** min(attempt_num, _LARGEST_EXPONENT) - 1
    if policy.jitter is Jitter.FULL:
        return chance() * delay
    if policy.jitter is Jitter.PLUS_MINUS:
        return max(delay + (2 * chance() - 1) * first, 0)
    return delay
