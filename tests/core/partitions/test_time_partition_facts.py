"""Time partitions as recorded (S1-22, S1-23, S4-06). Each meant deviation is a named set here."""

import pytest

from tests.core.partitions.facts import build, instant, is_error, load, same_list, shown, window
from treadle.core.errors import InvalidDefinitionError, TreadleError, UnknownPartitionError
from treadle.core.partitions.keys import PartitionKeyRange, TimeWindow

FACTS = load("time_partitions")
LAST = instant(FACTS["current_times"][-1])
GOOD = [c for c in FACTS["cases"] if "at" in c]


def is_lord_howe_hourly(case):
    """Flaw 2 of the facts: the peer's hourly answers in this zone depend on the day it is asked."""
    return (
        case["definition"]["args"].get("timezone") == "Australia/Lord_Howe"
        and "Hourly" in case["definition"]["type"]
    )


def leaves_out_everything(case):
    return case["definition"]["args"].get("exclusions") == ["0 0 * * *"]


COMPARED = [c for c in GOOD if not is_lord_howe_hourly(c) and not leaves_out_everything(c)]
IDS = [f"{c['definition']['type']}-{c['definition']['args']}"[:120] for c in COMPARED]


@pytest.mark.parametrize("case", COMPARED, ids=IDS)
def test_keys_and_windows_at_each_time(case):
    definition = build(case["definition"])
    for time, expected in case["at"].items():
        now = instant(time)
        keys = definition.get_partition_keys(current_time=now)
        assert same_list(keys, expected)
        assert definition.get_num_partitions(current_time=now) == len(
            keys
        )  # flaw 6: the peer may count fewer
        assert window(definition.get_first_partition_window(current_time=now)) == expected["first_window"]
        assert window(definition.get_last_partition_window(current_time=now)) == expected["last_window"]
        assert definition.get_first_partition_key(current_time=now) == (keys[0] if keys else None)
        assert definition.get_last_partition_key(current_time=now) == (keys[-1] if keys else None)
        assert set(definition.subset_with_all_partitions(current_time=now)) == set(keys)


@pytest.mark.parametrize("case", COMPARED, ids=IDS)
def test_windows_of_keys_and_keys_of_times(case):
    definition = build(case["definition"])
    leap_day = definition.cron_schedule == "0 0 29 2 *"  # flaw 6: the peer's window is four years late
    for key, expected in case.get("window_of_key", {}).items():
        found = window(definition.time_window_for_partition_key(key))
        assert found == (["2020-02-29T00:00Z", "2024-02-29T00:00Z"] if leap_day else expected), key
    for time, expected in case["key_for_time"].items():
        assert definition.get_partition_key_for_timestamp(instant(time).timestamp()) == expected
    for time, expected in case["key_for_time_end_closed"].items():
        assert (
            definition.get_partition_key_for_timestamp(instant(time).timestamp(), end_closed=True) == expected
        )
    for key, expected in case.get("next_key", {}).items():
        assert definition.get_next_partition_key(key, current_time=LAST) == expected
    if leap_day:
        return
    for key, expected in case.get("next_window_from_end_of", {}).items():
        end = definition.time_window_for_partition_key(key).end
        assert window(definition.get_next_partition_window(end, current_time=LAST)) == expected, key
    for key, expected in case.get("prev_window_from_start_of", {}).items():
        start = definition.time_window_for_partition_key(key).start
        assert window(definition.get_prev_partition_window(start, current_time=LAST)) == expected, key
    for a, b, expected in case.get("less_than", []):
        assert definition.less_than(a, b) == expected
    # The peer has keys that it never lists: a time between two ticks, and the hour that the clock skips.
    for key, expected in case.get("has_key", {}).items():
        if definition.is_basic_hourly and key in ("2026-05-10-00:30", "2026-03-08-02:00"):
            expected = expected and definition.timezone != "America/New_York" and key.endswith("02:00")
        assert definition.has_partition_key(key, current_time=LAST) == expected, key


@pytest.mark.parametrize("case", COMPARED, ids=IDS)
def test_ranges_hold_only_keys_that_exist(case):
    """Flaw 7: beyond the last partition the peer invents keys; here an end that does not exist is refused."""
    definition = build(case["definition"])
    existing = set(definition.get_partition_keys(current_time=LAST))
    for row in case.get("keys_in_range", []):
        ends = PartitionKeyRange(row["start"], row["end"])
        if not existing.issuperset(ends):
            with pytest.raises(UnknownPartitionError):
                definition.get_partition_keys_in_range(ends, current_time=LAST)
        else:
            found = definition.get_partition_keys_in_range(ends, current_time=LAST)
            assert same_list(found, row["result"]) or definition.cron_schedule == "0 0 29 2 *"  # flaw 6
    for row in case.get("keys_in_window", []):
        found = definition.get_partition_keys_in_time_window(TimeWindow(*map(instant, row["window"])), LAST)
        assert existing.issuperset(found)
        if isinstance(row["result"], list):
            assert found == [key for key in row["result"] if key in existing]


@pytest.mark.parametrize("case", COMPARED, ids=IDS)
def test_text_that_is_no_key_has_no_window(case):
    """Flaw 10: the peer gives a window for text that only looks like a key."""
    definition = build(case["definition"])
    for key, expected in case.get("window_of_bad_key", {}).items():
        try:
            found = definition.time_window_for_partition_key(key)
        except UnknownPartitionError:
            continue
        if definition.exclusions:
            continue  # the peer answers with the window after the one that is left out
        assert window(found) == expected
        assert definition.get_partition_key_for_timestamp(found.start.timestamp()) == key


@pytest.mark.parametrize("case", COMPARED, ids=IDS)
def test_attributes(case):
    definition = build(case["definition"])
    for name, expected in case["attributes"].items():
        if is_error(expected):
            with pytest.raises(TreadleError):
                getattr(definition, name)
            continue
        found = getattr(definition, name)
        if name in ("start", "end"):
            found = shown(found)
        elif name == "schedule_type" and found is not None:
            found = found.value
        assert found == expected, name


@pytest.mark.parametrize(
    "case",
    [c for c in FACTS["cases"] if "at" not in c] + FACTS["construction"],
    ids=lambda c: str(c["definition"])[:100],
)
def test_construction_is_accepted_or_refused(case):
    result = case.get("result") or {"error": case["error"]}
    if result == "accepted":
        build(case["definition"])
        return
    with pytest.raises((InvalidDefinitionError, TypeError)):
        build(case["definition"])


@pytest.mark.parametrize(
    "case", FACTS["get_cron_schedule"], ids=lambda c: f"{c['definition']['type']} {c['get_cron_schedule']}"
)
def test_cron_schedule_of_a_definition(case):
    definition = build(case["definition"])
    impossible = case["get_cron_schedule"] in ({"hour_of_day": 25}, {"minute_of_hour": 61})  # flaw 7
    if impossible or is_error(case["result"]):
        with pytest.raises(InvalidDefinitionError):
            definition.get_cron_schedule(**case["get_cron_schedule"])
    else:
        assert definition.get_cron_schedule(**case["get_cron_schedule"]) == case["result"]


def test_a_definition_whose_exclusions_cover_everything_is_empty_not_endless():
    """Flaw 5: the peer never answers."""
    (case,) = [c for c in GOOD if leaves_out_everything(c)]
    definition = build(case["definition"])
    assert definition.get_partition_keys(current_time=LAST) == []
    assert definition.get_last_partition_key(current_time=LAST) is None


def test_hourly_keys_in_lord_howe_show_the_full_hour_whatever_day_it_is():
    """Flaw 2: in the half-hour change of 2026-10-04 the wall clock skips 02:00, so there is no such key."""
    (case,) = [c for c in GOOD if is_lord_howe_hourly(c)]
    definition = build(case["definition"])
    keys = definition.get_partition_keys(current_time=LAST)
    assert len(keys) == len(set(keys)) == definition.get_num_partitions(current_time=LAST)
    assert all(key.endswith(":00") for key in keys)
    assert keys[24:28] == ["2026-10-04-00:00", "2026-10-04-01:00", "2026-10-04-03:00", "2026-10-04-04:00"]
    assert window(definition.time_window_for_partition_key("2026-10-04-01:00")) == [
        "2026-10-03T14:30Z",
        "2026-10-03T16:00Z",
    ]
