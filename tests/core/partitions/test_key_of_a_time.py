"""The key of the partition that a date, a time or a text lies in."""

from datetime import UTC, date, datetime

import pytest

import treadle as dg

HOURS = dg.HourlyPartitionsDefinition("2026-01-01-00:00", timezone="America/New_York")
DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-10")
MONTHS = dg.MonthlyPartitionsDefinition("2026-01-01")


@pytest.mark.parametrize(
    ("definition", "given", "key"),
    [
        (DAYS, "2026-01-09", "2026-01-09"),
        (DAYS, date(2026, 1, 2), "2026-01-02"),
        (DAYS, datetime(2026, 1, 2, 23, 59), "2026-01-02"),
        (MONTHS, date(2026, 3, 15), "2026-03-01"),
        (MONTHS, "2026-03-15", "2026-03-01"),
        (HOURS, date(2026, 1, 2), "2026-01-02-00:00"),
        (HOURS, datetime(2026, 1, 2, 12, 30), "2026-01-02-12:00"),
        (HOURS, datetime(2026, 1, 2, 12, 30, tzinfo=UTC), "2026-01-02-07:00"),
        (HOURS, "2026-01-02-12:30", "2026-01-02-12:00"),
    ],
)
def test_it_is_that_of_the_window_around_it(definition, given, key):
    with dg.partition_loading_context(effective_dt=datetime(2026, 6, 1, tzinfo=UTC)):
        assert definition.get_partition_key(given) == key


@pytest.mark.parametrize("given", ["2026-01-10", date(2025, 12, 31), datetime(2026, 1, 10), "today"])
def test_where_there_is_none_it_is_unknown(given):
    with pytest.raises(dg.DagsterUnknownPartitionError):
        DAYS.get_partition_key(given)


def test_other_things_have_none():
    with pytest.raises(dg.DagsterInvalidDefinitionError):
        DAYS.get_partition_key(5)
