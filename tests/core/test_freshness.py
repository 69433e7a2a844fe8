"""What a freshness policy says of an asset, as a function of policy, last update and now (issue 4, freshness)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle import FreshnessPolicy, FreshnessState
from treadle.core.freshness import freshness_state, words_of

NOON = datetime(2024, 5, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), "PASS"),
        (HOUR - SECOND, "PASS"),
        (HOUR, "WARN"),
        (2 * HOUR - SECOND, "WARN"),
        (2 * HOUR, "FAIL"),
        (None, "UNKNOWN"),
    ],
)
def test_a_window_warns_then_fails(age: timedelta | None, expected: str) -> None:
    policy = FreshnessPolicy.time_window(fail_window=2 * HOUR, warn_window=HOUR)
    last = NOON - age if age is not None else None
    assert freshness_state(policy, last, NOON).value == expected


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ("15 07:59", "15 08:15", "PASS"),
        ("15 07:59", "15 09:00", "FAIL"),
        ("15 08:00", "15 09:00", "PASS"),
        ("15 08:30", "15 12:00", "PASS"),
        ("15 09:30", "15 12:00", "PASS"),
        ("14 08:30", "15 08:15", "PASS"),
        ("14 08:30", "15 09:00", "FAIL"),
        ("14 09:30", "15 09:01", "FAIL"),
        ("14 07:30", "15 08:59", "FAIL"),
        (None, "15 09:00", "UNKNOWN"),
    ],
)
def test_a_deadline_is_met_from_shortly_before_it_on(last: str | None, now: str, expected: str) -> None:
    """Recorded from the peer at these times."""
    policy = FreshnessPolicy.cron("0 9 * * *", HOUR)
    assert freshness_state(policy, _time(last) if last else None, _time(now)).value == expected


def test_deadlines_are_in_their_zone() -> None:
    policy = FreshnessPolicy.cron("0 9 * * *", HOUR, "America/New_York")
    noon_there = datetime(2024, 5, 15, 12, 59, tzinfo=UTC)
    assert freshness_state(policy, datetime(2024, 5, 14, 12, 30, tzinfo=UTC), noon_there).value == "PASS"
    assert (
        freshness_state(policy, datetime(2024, 5, 14, 12, 30, tzinfo=UTC), noon_there + 2 * HOUR).value
        == "FAIL"
    )


def test_an_asset_without_a_policy() -> None:
    assert freshness_state(None, NOON, NOON) is FreshnessState.NOT_APPLICABLE


@given(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9)),
    st.timedeltas(timedelta(0), timedelta(9)),
)
def test_what_is_newer_is_never_worse(age: timedelta, more: timedelta) -> None:
    order = [FreshnessState.PASS, FreshnessState.WARN, FreshnessState.FAIL]
    policies = [
        FreshnessPolicy.time_window(timedelta(days=3), timedelta(days=1)),
        FreshnessPolicy.cron("5 4 * * 1", HOUR),
    ]
    for policy in policies:
        newer, older = (freshness_state(policy, NOON - one, NOON) for one in (age, age + more))
        assert order.index(newer) <= order.index(older)


def test_durations_for_a_person() -> None:
    assert words_of(timedelta(days=2, hours=1, minutes=4)) == "2 days, 1 hour"
    assert words_of(timedelta(seconds=61)) == "1 minute, 1 second"
    assert words_of(timedelta(0)) == "0 seconds"


def _time(text: str) -> datetime:
    return datetime.strptime(f"2024-05-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
