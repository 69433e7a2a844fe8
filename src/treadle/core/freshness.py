"""How fresh an asset is: pure functions of a policy or window, the time of its last update, and now."""

from datetime import UTC, datetime, timedelta
from enum import Enum

import attrs

from treadle.core.calendar.cron import Cron
from treadle.core.errors import wrong_type
from treadle.core.policies import CronFreshnessPolicy, FreshnessPolicy, TimeWindowFreshnessPolicy


class FreshnessState(str, Enum):
    """What a freshness policy says of an asset."""

    PASS = "PASS"
    WARN = "WARN"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    """It was never made."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """It has no policy."""


def freshness_state(
    policy: FreshnessPolicy | None, last_update: datetime | None, now: datetime
) -> FreshnessState:
    """What a policy says of an asset that was made last at a time.

    Args:
        policy: the asset's, or None.
        last_update: aware; None where it was never made.
        now: aware.

    Example:
        >>> from datetime import UTC, datetime, timedelta
        >>> policy = FreshnessPolicy.time_window(timedelta(hours=2), warn_window=timedelta(hours=1))
        >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
        >>> freshness_state(policy, noon - timedelta(minutes=90), noon).value
        'WARN'
    """
    if policy is None:
        return FreshnessState.NOT_APPLICABLE
    if last_update is None:
        return FreshnessState.UNKNOWN
    if isinstance(policy, TimeWindowFreshnessPolicy):
        age = now - last_update
        if age >= policy.fail_window:
            return FreshnessState.FAIL
        late = policy.warn_window is not None and age >= policy.warn_window
        return FreshnessState.WARN if late else FreshnessState.PASS
    if isinstance(policy, CronFreshnessPolicy):
        deadline = last_tick(Cron(policy.deadline_cron, policy.timezone), now)
        in_time = last_update >= deadline - policy.lower_bound_delta
        return FreshnessState.PASS if in_time else FreshnessState.FAIL
    raise wrong_type("policy", "a FreshnessPolicy", policy)


@attrs.frozen(kw_only=True)
class UpdateWindow:
    """Whether an asset was updated lately enough."""

    lower_bound: datetime
    """It must have been updated at this time or after it."""
    deadline: datetime | None
    """The latest one, where there are deadlines."""
    is_fresh: bool
    fresh_until: datetime | None
    """When it has to be looked at again; None where it is not fresh now."""


def update_window(
    last_update: datetime | None,
    now: datetime,
    lower_bound_delta: timedelta,
    deadlines: Cron | None = None,
) -> UpdateWindow:
    """Whether an asset was updated within a time up to now, or up to the latest deadline and since.

    Args:
        last_update: aware; None where it never was.
        now: aware.
        lower_bound_delta: how long before now (before the deadline) it may have been.
        deadlines: when it must have been.
    """
    deadline = last_tick(deadlines, now) if deadlines is not None else None
    lower_bound = (deadline or now) - lower_bound_delta
    is_fresh = last_update is not None and last_update >= lower_bound
    fresh_until = None
    if is_fresh and last_update is not None:
        fresh_until = deadlines.next_tick(now) if deadlines is not None else last_update + lower_bound_delta
    return UpdateWindow(
        lower_bound=lower_bound, deadline=deadline, is_fresh=is_fresh, fresh_until=fresh_until
    )


def last_tick(cron: Cron, now: datetime) -> datetime:
    """The latest tick at or before a time."""
    # `ticks_before` gives those at or before a whole second.
    return next(cron.ticks_before(now))


def words_of(duration: timedelta) -> str:
    """A duration for a person, in its two largest units.

    Example:
        >>> words_of(timedelta(hours=25, minutes=3))
        '1 day, 1 hour'
    """
    rest = max(int(duration.total_seconds()), 0)
    parts = []
    for name, seconds in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count} {name}" + ("s" if count > 1 else ""))
    return ", ".join(parts[:2]) or "0 seconds"


def at(timestamp: float) -> datetime:
    """Unix seconds as an aware time."""
    return datetime.fromtimestamp(timestamp, UTC)
