"""Parts of a deployment that code written for the peer names: launchers, coordinators, stores of state.

Treadle decides these by its own settings (`treadle.toml`); here they are values: made, checked, shown and compared. What
settings they hold is read by whoever sets up a home.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from treadle.core.errors import InvalidArgumentError
from treadle.core.runs import Run


@attrs.frozen
class DefaultRunLauncher:
    """Runs start in processes of this machine."""

    inst_data: Any = None

    @property
    def supports_resume_run(self) -> bool:
        """A run whose process is gone is not taken up again: its retry is a new run."""
        return False


def _limits(given: Sequence[Mapping[str, Any]] | None) -> tuple[Mapping[str, Any], ...]:
    limits = tuple(given or ())
    for limit in limits:
        missing = [name for name in ("key", "limit") if name not in limit]
        if missing:
            raise InvalidArgumentError(
                f"a limit in `tag_concurrency_limits` has no `{missing[0]}`: {dict(limit)!r}"
            )
    return limits


def _interval(seconds: int | None) -> int:
    return 5 if seconds is None else seconds


@attrs.frozen
class QueuedRunCoordinator:
    """How many runs may be executed at once.

    Args:
        max_concurrent_runs: of all; -1 or None for no limit.
        tag_concurrency_limits: `{"key", "limit"}`, also with `"value"`, for runs that carry a tag.
        dequeue_interval_seconds: kept.
        dequeue_use_threads: kept.
        dequeue_num_workers: kept.
        max_user_code_failure_retries: kept.
        user_code_failure_retry_delay: kept.
        block_op_concurrency_limited_runs: kept.

    Raises:
        InvalidArgumentError: a limit below -1, or one without its key or number.
    """

    max_concurrent_runs: int | None = attrs.field(default=None)
    tag_concurrency_limits: Sequence[Mapping[str, Any]] = attrs.field(default=None, converter=_limits)
    dequeue_interval_seconds: int = attrs.field(default=None, converter=_interval)
    dequeue_use_threads: bool | None = None
    dequeue_num_workers: int | None = None
    max_user_code_failure_retries: int | None = None
    user_code_failure_retry_delay: int | None = None
    block_op_concurrency_limited_runs: Mapping[str, Any] | None = None
    inst_data: Any = None

    @max_concurrent_runs.validator
    def _check(self, _: Any, limit: int | None) -> None:
        if limit is not None and limit < -1:
            raise InvalidArgumentError(f"argument `max_concurrent_runs` must be -1 or more, got {limit}")


@attrs.frozen
class SubmitRunContext:
    """What a coordinator is given with a run.

    Args:
        dagster_run: the run.
        workspace: the code locations.
    """

    dagster_run: Run
    workspace: Any = None


@attrs.frozen
class UPathDefsStateStorage:
    """State of components that are kept in a folder, here or in a bucket.

    Args:
        base_path: the folder, as text or a UPath.
    """

    base_path: Any
    inst_data: Any = None
