"""Cron ticks are numbered without gaps, strictly increasing, and in UTC as another library has them."""

import pickle
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from treadle.core.calendar import clock
from treadle.core.calendar.cron import Cron
from treadle.core.errors import InvalidDefinitionError

ZONES = [
    "UTC",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
minutes = st.sampled_from(["0", "*", "*/15", "17", "5,50", "30", "10-20"])
hours = st.sampled_from(["*", "0", "2", "1", "23", "*/6", "22-3", "1,2,3"])
days = st.sampled_from(["*", "1", "31", "L", "13,27", "*/10"])
months = st.sampled_from(["*", "2", "3-5", "NOV", "*/4"])
weekdays = st.sampled_from(["*", "0", "MON-FRI", "5#3", "L2", "7"])
expressions = st.builds(lambda *fields: " ".join(fields), minutes, hours, days, months, weekdays)
instants = st.integers(
    int(datetime(1999, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2045, 1, 1, tzinfo=UTC).timestamp())
)


def cron_or_none(expression, zone):
    try:
        return Cron(expression, zone)
    except InvalidDefinitionError:
        return None


@settings(max_examples=120, deadline=None)
@given(expressions, st.sampled_from(ZONES), instants)
def test_ticks_are_numbered_without_gaps_in_both_directions(expression, zone, start):
    cron = cron_or_none(expression, zone)
    if cron is None:
        return
    after = list(islice(cron.instants_from(start), 40))
    assert after == sorted(set(after))
    first = cron.rank(start)
    assert [cron.rank(t) for t in after] == list(range(first, first + 40))
    assert [cron.tick(first + n) for n in range(40)] == after
    assert list(cron.ticks_between(first, first + 40)) == after
    before = list(islice(cron.instants_before(start - 1), 40))
    assert [cron.rank(t) for t in before] == list(range(first - 1, first - 41, -1))


@settings(max_examples=100, deadline=None)
@given(expressions, instants)
def test_in_utc_ticks_are_those_of_another_library(expression, start):
    cron = cron_or_none(expression, "UTC")
    if cron is None or (expression.split()[2].startswith("*/") and not expression.endswith("*")):
        return  # the two disagree on whether a stepped day field restricts the weekday or widens it
    begin = datetime.fromtimestamp(start, UTC)
    theirs = CronSim(
        expression.upper().replace("L2", "2L").replace("22-3", "22-23,0-3"), begin - timedelta(seconds=1)
    )
    assert list(islice(cron.ticks_from(begin), 5)) == list(islice(theirs, 5))


@pytest.mark.parametrize("zone", ZONES)
def test_counting_months_agrees_with_listing_them(zone):
    for expression in ("0 * * * *", "30 2 * * *", "*/15 * * * *", "0 0 * * *"):
        cron = Cron(expression, zone)
        start, end = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (2009, 2013))
        listed = sum(1 for _ in takewhile(lambda t: t < end, cron.instants_from(start)))
        assert cron.rank(end) - cron.rank(start) == listed


def test_a_day_that_a_zone_skipped_has_no_tick_of_its_own():
    """Samoa had no 30 December 2011: its midnight would be the first instant after, which is the 31st's."""
    ticks = Cron("0 0 * * *", "Pacific/Apia").ticks_from(datetime(2011, 12, 29, 12, tzinfo=UTC))
    assert [t.date().isoformat() for t in islice(ticks, 2)] == ["2011-12-31", "2012-01-01"]


def test_merged_schedules_run_forward_through_the_repeated_hour():
    """Flaw 1 of the facts: the peer's come out of order."""
    cron = Cron(["0 * * * *", "30 * * * *"], "America/New_York")
    ticks = list(islice(cron.ticks_from(datetime(2026, 11, 1, 5, tzinfo=UTC)), 4))
    assert [t.astimezone(UTC).strftime("%H:%M") for t in ticks] == ["05:00", "05:30", "06:00", "06:30"]
    assert cron.next_tick(ticks[-1]).astimezone(UTC).hour == 7


def test_a_schedule_that_pauses_for_decades_is_found():
    fifth_mondays = islice(Cron("0 0 * 2 1#5").ticks_from(datetime(2000, 1, 1, tzinfo=UTC)), 3)
    assert [t.year for t in fifth_mondays] == [2016, 2044, 2072]


def test_a_cron_is_a_value():
    cron = Cron(["@daily", "0 12 * * *"], "Europe/Paris")
    assert pickle.loads(pickle.dumps(cron)) == cron
    assert hash(Cron("@daily")) == hash(Cron("@daily", "UTC"))
    assert repr(Cron("@daily")) == "Cron('@daily', 'UTC')"


def test_errors_say_what_is_wrong():
    for expression, words in {
        "61 * * * *": "'61' is no minute",
        "@every 5m": "alias",
        "* * * *": "4 fields",
    }.items():
        with pytest.raises(InvalidDefinitionError, match=words):
            Cron(expression)
    for expression in (5, None, [["@daily"]], [3], {"a": 1}):
        with pytest.raises(InvalidDefinitionError):
            Cron(expression)
    with pytest.raises(InvalidDefinitionError) as caught:
        Cron("@daily", "Europe/Pris")
    assert "Europe/Paris" in caught.value.hint


def test_the_clock_can_be_set():
    with clock.clock_at(datetime(2026, 1, 1, tzinfo=UTC)):
        assert clock.now().year == 2026
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "year", "month"),
    [
        ("America/Recife", 2000, 10),
        ("Africa/Freetown", 1939, 9),
        ("Africa/Casablanca", 2012, 8),
        ("Asia/Gaza", 2011, 8),
    ],
)
def test_a_month_with_two_clock_changes_is_exact(zone, year, month):
    where = ZoneInfo(zone)
    days = monthrange(year, month)[1]
    noons = [datetime(year, month, day, 12, tzinfo=where).timestamp() for day in range(1, days + 1)]
    cron = Cron("0 12 * * *", zone)
    assert list(islice(cron.instants_from(int(noons[0])), days)) == noons
    assert cron.rank(int(noons[-1])) - cron.rank(int(noons[0])) == days - 1
