"""The proof that keys of time windows lead back to their windows."""

from datetime import datetime

import pytest

from treadle.core.partitions.lossy_keys import find_lossy_key
from treadle.core.partitions.time_windows import TimeWindowPartitionsDefinition

START = datetime(2026, 1, 1)


def windows(cron: str, fmt: str, timezone: str = "UTC") -> TimeWindowPartitionsDefinition:
    return TimeWindowPartitionsDefinition(START, fmt, cron_schedule=cron, timezone=timezone)


@pytest.mark.parametrize(
    ("cron", "fmt", "timezone"),
    [
        ("@hourly", "%Y-%m-%d-%H:%M", "UTC"),
        ("@hourly", "%Y-%m-%d-%H:%M", "America/New_York"),
        ("@hourly", "%Y-%m-%d %I %p", "America/New_York"),
        ("@hourly", "%Y-%m-%d-%H:%M %z", "Europe/Berlin"),
        ("*/30 * * * *", "%Y-%m-%d-%H:%M", "Australia/Lord_Howe"),
        ("0 */2 * * *", "%Y-%m-%d-%H", "America/New_York"),
        ("30 2 * * *", "%Y-%m-%d", "Europe/Berlin"),
        ("0 5 * * *", "%Y%m%d", "UTC"),
        ("@weekly", "%Y-%m-%d", "UTC"),
        ("@monthly", "%y-%m", "UTC"),
        ("0 0 1 1 *", "%Y", "Asia/Tokyo"),
    ],
)
def test_formats_that_tell_windows_apart_pass(cron: str, fmt: str, timezone: str) -> None:
    assert find_lossy_key(windows(cron, fmt, timezone)) is None


@pytest.mark.parametrize(
    ("cron", "fmt", "better"),
    [
        ("@hourly", "%Y-%m-%d", "%Y-%m-%d-%H:%M"),
        ("@hourly", "%Y-%m-%d %I", "%Y-%m-%d-%H:%M"),
        ("*/15 * * * *", "%Y-%m-%d-%H", "%Y-%m-%d-%H:%M"),
        ("@hourly", "%m-%d-%H", "%Y-%m-%d-%H:%M"),
        ("@daily", "%m-%d", "%Y-%m-%d"),
        ("@daily", "%Y-%m", "%Y-%m-%d"),
        ("@monthly", "%B", "%Y-%m-%d"),
    ],
)
def test_two_windows_with_one_key_are_found_and_told_with_their_starts(
    cron: str, fmt: str, better: str
) -> None:
    definition = windows(cron, fmt)
    found = find_lossy_key(definition)
    assert found is not None and found.other is not None
    assert found.start != found.other
    assert found.start.strftime(fmt) == found.other.strftime(fmt) == found.key
    assert found.better_fmt == better
    assert find_lossy_key(windows(cron, better)) is None


def test_a_key_that_is_distinct_but_can_not_be_read_has_no_twin() -> None:
    found = find_lossy_key(windows("0 0 * * 1", "%Y-W%W"))
    assert found is not None
    assert found.other is None


def test_windows_that_are_repeated_by_the_clock_are_looked_at() -> None:
    """Were the second pass of the repeated hour not marked, its key would be that of the first."""
    definition = windows("@hourly", "%Y-%m-%d-%H:%M", "Europe/Berlin")
    definition.grid.text._marks_repeats = False
    try:
        found = find_lossy_key(definition)
    finally:
        definition.grid.text._marks_repeats = True
    assert found is not None
    assert found.key == "2026-10-25-02:00"


def test_windows_of_the_first_day_are_told_before_later_ones() -> None:
    found = find_lossy_key(windows("@hourly", "%Y-%m-%d %I"))
    assert found is not None and found.other is not None
    assert (found.start.isoformat(), found.other.isoformat()) == (
        "2026-01-01T12:00:00+00:00",
        "2026-01-01T00:00:00+00:00",
    )
