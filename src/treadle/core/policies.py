"""Policies that stand on an asset: how its backfills are cut into runs, and how fresh it should be."""

from datetime import timedelta
from enum import Enum
from typing import Any

from treadle.core.deprecation import deprecated
from treadle.core.errors import InvalidArgumentError, wrong_type
from treadle.core.values import TupleValue, Value, set_field


class BackfillPolicyType(Enum):
    """One run for all partitions, or several."""

    SINGLE_RUN = "SINGLE_RUN"
    MULTI_RUN = "MULTI_RUN"


class BackfillPolicy(TupleValue):
    """How a backfill is cut into runs.

    Args:
        max_partitions_per_run: partitions of one run; None means all in one.

    Example:
        >>> BackfillPolicy.multi_run(10).max_partitions_per_run
        10
    """

    __slots__ = ("max_partitions_per_run",)
    max_partitions_per_run: int | None

    def __init__(self, max_partitions_per_run: int | None = 1) -> None:
        if max_partitions_per_run is not None:
            if isinstance(max_partitions_per_run, bool) or not isinstance(max_partitions_per_run, int):
                raise wrong_type(
                    "max_partitions_per_run", "an integer", max_partitions_per_run, "BackfillPolicy"
                )
            if max_partitions_per_run < 1:
                raise InvalidArgumentError(
                    f"argument `max_partitions_per_run` must be 1 or more, got {max_partitions_per_run}"
                )
        set_field(self, "max_partitions_per_run", max_partitions_per_run)

    @staticmethod
    def single_run() -> "BackfillPolicy":
        """All partitions in one run."""
        return BackfillPolicy(None)

    @staticmethod
    def multi_run(max_partitions_per_run: int = 1) -> "BackfillPolicy":
        """Runs of at most so many partitions."""
        if max_partitions_per_run is None:
            raise wrong_type("max_partitions_per_run", "an integer", None, "BackfillPolicy.multi_run")
        return BackfillPolicy(max_partitions_per_run)

    @property
    def policy_type(self) -> BackfillPolicyType:
        """Whether there is one run or several."""
        return (
            BackfillPolicyType.SINGLE_RUN
            if self.max_partitions_per_run is None
            else BackfillPolicyType.MULTI_RUN
        )


class FreshnessPolicy(Value):
    """How fresh an asset should be; `time_window` and `cron` make one."""

    __slots__ = ()

    @staticmethod
    def time_window(
        fail_window: timedelta, warn_window: timedelta | None = None
    ) -> "TimeWindowFreshnessPolicy":
        """Fresh when it was made within a window up to now.

        Args:
            fail_window: older than this is late; one minute at least.
            warn_window: older than this is nearly late; shorter than `fail_window`.
        """
        return TimeWindowFreshnessPolicy(fail_window, warn_window)

    @staticmethod
    def cron(
        deadline_cron: str, lower_bound_delta: timedelta, timezone: str = "UTC"
    ) -> "CronFreshnessPolicy":
        """Fresh when it was made shortly before, or since, the latest deadline.

        Args:
            deadline_cron: when it must be there.
            lower_bound_delta: how long before the deadline it may have been made; one minute at least.
            timezone: of the deadlines.
        """
        return CronFreshnessPolicy(deadline_cron, lower_bound_delta, timezone)


_SHORTEST = timedelta(minutes=1)


def _window(argument: str, value: Any, owner: str) -> timedelta:
    if not isinstance(value, timedelta):
        raise wrong_type(argument, "a timedelta", value, owner)
    if value < _SHORTEST:
        raise InvalidArgumentError(f"{owner}: argument `{argument}` must be one minute or more, got {value}")
    return value


class TimeWindowFreshnessPolicy(FreshnessPolicy):
    """Fresh when it was made within a window up to now."""

    __slots__ = ("fail_window", "warn_window")
    fail_window: timedelta
    warn_window: timedelta | None

    def __init__(self, fail_window: timedelta, warn_window: timedelta | None = None) -> None:
        set_field(self, "fail_window", _window("fail_window", fail_window, "FreshnessPolicy.time_window"))
        if warn_window is not None:
            _window("warn_window", warn_window, "FreshnessPolicy.time_window")
            if warn_window >= fail_window:
                raise InvalidArgumentError(
                    f"FreshnessPolicy.time_window: `warn_window` ({warn_window}) must be shorter than "
                    f"`fail_window` ({fail_window})"
                )
        set_field(self, "warn_window", warn_window)


class CronFreshnessPolicy(FreshnessPolicy):
    """Fresh when it was made shortly before, or since, the latest deadline; the cron is checked at load."""

    __slots__ = ("deadline_cron", "lower_bound_delta", "timezone")
    deadline_cron: str
    lower_bound_delta: timedelta
    timezone: str

    def __init__(self, deadline_cron: str, lower_bound_delta: timedelta, timezone: str = "UTC") -> None:
        if not isinstance(deadline_cron, str):
            raise wrong_type("deadline_cron", "a cron expression", deadline_cron, "FreshnessPolicy.cron")
        if not isinstance(timezone, str):
            raise wrong_type("timezone", "the name of a time zone", timezone, "FreshnessPolicy.cron")
        set_field(self, "deadline_cron", deadline_cron)
        set_field(
            self, "lower_bound_delta", _window("lower_bound_delta", lower_bound_delta, "FreshnessPolicy.cron")
        )
        set_field(self, "timezone", timezone)


@deprecated("write a `FreshnessPolicy`, or freshness checks")
class LegacyFreshnessPolicy(TupleValue):
    """The older way to say how fresh an asset should be.

    Args:
        maximum_lag_minutes: its data may be so many minutes behind the roots'.
        cron_schedule: when that is checked; None means always.
        cron_schedule_timezone: of the cron; UTC by default.
    """

    __slots__ = ("cron_schedule", "cron_schedule_timezone", "maximum_lag_minutes")
    maximum_lag_minutes: float
    cron_schedule: str | None
    cron_schedule_timezone: str | None

    def __init__(
        self,
        *,
        maximum_lag_minutes: float,
        cron_schedule: str | None = None,
        cron_schedule_timezone: str | None = None,
    ) -> None:
        if isinstance(maximum_lag_minutes, bool) or not isinstance(maximum_lag_minutes, (int, float)):
            raise wrong_type(
                "maximum_lag_minutes", "a number of minutes", maximum_lag_minutes, "LegacyFreshnessPolicy"
            )
        if cron_schedule is None and cron_schedule_timezone is not None:
            raise InvalidArgumentError("argument `cron_schedule_timezone` needs a `cron_schedule`")
        set_field(self, "maximum_lag_minutes", float(maximum_lag_minutes))
        set_field(self, "cron_schedule", cron_schedule)
        set_field(self, "cron_schedule_timezone", cron_schedule_timezone)
