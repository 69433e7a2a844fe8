"""The recorded ticks of crons x zones x clock changes (S1-37, T35, T36). Meant deviations are named."""

import json
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from treadle.core.calendar.cron import Cron
from treadle.core.errors import InvalidDefinitionError

FACTS = json.loads((Path(__file__).parents[2] / "data/facts/cron.json").read_text(encoding="utf-8"))
NEVER_FIRES = ["0 0 31 4 *", "0 0 30,31 2 *", "0 0 31 4,6 *"]
CASES = [c for c in FACTS["cases"] if c["windows"] and c["cron"] not in NEVER_FIRES]


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def shown(moment):
    text = moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return text.replace(":00Z", "Z") if text.count(":") == 2 else text


def depends_on_the_day_it_is_asked(case, zone):
    """Flaw 2 of the facts: hourly schedules in the one zone with a half-hour clock change."""
    crons = case["cron"] if isinstance(case["cron"], list) else [case["cron"]]
    return zone == "Australia/Lord_Howe" and any(Cron(c).repeats_every_hour for c in crons)


@pytest.mark.parametrize("case", CASES, ids=lambda c: str(c["cron"]))
def test_ticks_are_the_recorded_ones_over_every_clock_change(case):
    windows = FACTS["windows_" + case["windows"]]
    for zone in FACTS["zones"]:
        if depends_on_the_day_it_is_asked(case, zone):
            continue  # `test_an_hourly_schedule_ticks_when_the_wall_clock_shows_its_minute`
        cron = Cron(case["cron"], zone)
        for name, (start, end) in windows.items():
            ticks = takewhile(lambda t: t < instant(end), cron.ticks_from(instant(start)))
            expected = case["ticks"].get(zone, {}).get(name, [])
            if isinstance(case["cron"], list):
                expected = sorted(
                    expected
                )  # flaw 1: the peer's merged lists run backwards in the repeated hour
            assert [shown(t) for t in islice(ticks, 60)] == expected, (zone, name)
    for zone, expected in (case.get("first_4_from_2026") or {}).items():
        first = islice(Cron(case["cron"], zone).ticks_from(datetime(2026, 1, 1, tzinfo=UTC)), 4)
        assert [shown(t) for t in first] == expected, zone


HOWE = "Australia/Lord_Howe"
HOURLY = [case for case in CASES if depends_on_the_day_it_is_asked(case, HOWE)]


@pytest.mark.parametrize("case", HOURLY, ids=lambda c: str(c["cron"]))
def test_an_hourly_schedule_ticks_when_the_wall_clock_shows_its_minute(case):
    """Instead of flaw 2: whatever day it is asked on, also where the clock changes by half an hour."""
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    hour = takewhile(lambda t: t < noon + timedelta(hours=1), Cron(case["cron"], "UTC").ticks_from(noon))
    minutes = {tick.minute for tick in hour}
    for name, (start, end) in FACTS["windows_" + case["windows"]].items():
        first, last = instant(start), instant(end)
        every = (first + timedelta(minutes=n) for n in range(int((last - first).total_seconds() // 60)))
        expected = [t for t in every if t.astimezone(ZoneInfo(HOWE)).minute in minutes]
        for asked_from in (first, first - timedelta(days=3)):
            ticks = takewhile(lambda t: t < last, Cron(case["cron"], HOWE).ticks_from(asked_from))
            assert [t.astimezone(UTC) for t in ticks if t >= first] == expected, name


def test_the_peer_s_answer_there_is_another():
    hourly = next(case for case in HOURLY if case["cron"] == "0 * * * *")
    recorded = hourly["ticks"][HOWE]["lord_howe_end"]
    assert "2026-04-04T15:00Z" in recorded  # 01:30 on the wall


@pytest.mark.parametrize(
    "cron", [c["cron"] for c in FACTS["invalid"]] + NEVER_FIRES + ["R * * * *", "@every 1s"], ids=repr
)
def test_a_schedule_that_can_never_work_is_refused_when_defined(cron):
    with pytest.raises(InvalidDefinitionError) as caught:
        Cron(cron)
    assert caught.value.code == "invalid-cron"


@pytest.mark.parametrize("case", FACTS["start_on_or_off_a_tick"], ids=lambda c: f"{c['cron']} {c['start']}")
def test_a_tick_equal_to_the_start_counts_in_both_directions(case):
    cron = Cron(case["cron"], case["zone"])
    start = instant(case["start"])
    assert [shown(t) for t in islice(cron.ticks_from(start), 3)] == case["ascending_first_3"]
    assert [shown(t) for t in islice(cron.ticks_before(start), 3)] == case["descending_first_3"]


@pytest.mark.parametrize("case", FACTS["descending"], ids=lambda c: f"{c['cron']} {c['zone']} {c['start']}")
def test_descending_ticks_are_the_recorded_ones(case):
    assert not depends_on_the_day_it_is_asked(case, case["zone"])
    ticks = islice(Cron(case["cron"], case["zone"]).ticks_before(instant(case["start"])), 5)
    assert [shown(t) for t in ticks] == case["descending_first_5"]


@pytest.mark.parametrize("case", FACTS["execution_timezone"], ids=lambda c: repr(c["zone"]))
def test_zone_names_are_accepted_or_refused_as_recorded(case):
    if case["result"] == "accepted":
        Cron("@daily", case["zone"])
        return
    with pytest.raises(InvalidDefinitionError) as caught:
        Cron("@daily", case["zone"])
    assert caught.value.code == "invalid-timezone"
