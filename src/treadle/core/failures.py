"""Exceptions that users raise to steer a run: `Failure` fails a step, `RetryRequested` runs it again."""

from collections.abc import Mapping
from typing import Any, ClassVar

from treadle.core.errors import PortableError, wrong_type
from treadle.core.metadata import MetadataValue
from treadle.core.metadata_entries import event_metadata


class Failure(PortableError):
    """Raised in user code: this step failed, and this is why.

    Args:
        description: for a person.
        metadata: shown with the failure; raw values are given their kind.
        allow_retries: False makes the step fail at once, whatever its retry policy says.

    Example:
        >>> raise Failure("the file is empty", metadata={"path": "/data/in.csv"}, allow_retries=False)
        Traceback (most recent call last):
        ...
        treadle.core.failures.Failure: the file is empty
    """

    code: ClassVar[str] = "step-failure"

    def __init__(
        self,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        allow_retries: bool | None = None,
    ) -> None:
        if description is not None and not isinstance(description, str):
            raise wrong_type("description", "text", description, "Failure")
        if allow_retries is not None and not isinstance(allow_retries, bool):
            raise wrong_type("allow_retries", "a bool", allow_retries, "Failure")
        super().__init__(description or "")
        self.description = description
        self.metadata: Mapping[str, MetadataValue[Any]] = event_metadata(metadata)
        self.allow_retries = True if allow_retries is None else allow_retries


class RetryRequested(PortableError):
    """Raised in user code: run this step again.

    Args:
        max_retries: how many times at most, over the whole run.
        seconds_to_wait: before the next attempt.
    """

    code: ClassVar[str] = "retry-requested"

    def __init__(self, max_retries: int | None = 1, seconds_to_wait: float | None = None) -> None:
        if max_retries is None:
            max_retries = 1
        if not isinstance(max_retries, int) or isinstance(max_retries, bool):
            raise wrong_type("max_retries", "an integer", max_retries, "RetryRequested")
        if seconds_to_wait is not None and not isinstance(seconds_to_wait, (int, float)):
            raise wrong_type("seconds_to_wait", "a number of seconds", seconds_to_wait, "RetryRequested")
        super().__init__("the step asked to be run again")
        self.max_retries = max_retries
        self.seconds_to_wait = seconds_to_wait
