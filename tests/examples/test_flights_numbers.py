"""The flights example, run whole on its real year, against an independent computation from the source tables."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

import treadle as dg
from tests.examples import flights_truth as truth

EXAMPLE = Path(__file__).parents[2] / "examples" / "flights"
YEAR = {
    "dagster/asset_partition_range_start": "2013-01-01",
    "dagster/asset_partition_range_end": "2013-12-31",
}
MONTHS = {
    "dagster/asset_partition_range_start": "2013-01-01",
    "dagster/asset_partition_range_end": "2013-12-01",
}


class Flights:
    """The example's definitions, an instance, and the database that a whole run filled."""

    def __init__(self, home: Path) -> None:
        definitions = importlib.import_module("flights.definitions")
        self.defs: dg.Definitions = definitions.defs
        self.database = home / "data" / "flights.duckdb"
        self.instance = dg.Instance.local_temp(str(home / "instance"))

    def run_all(self) -> list[dg.ExecuteInProcessResult]:
        daily = self.defs.get_job_def("daily").execute_in_process(instance=self.instance, tags=YEAR)
        everything = self.defs.get_implicit_global_asset_job_def()
        monthly = everything.execute_in_process(
            instance=self.instance, asset_selection=[dg.AssetKey("monthly_metrics")], tags=MONTHS
        )
        whole = ["raw_planes", "raw_airlines", "raw_airports", "clean_planes"]
        reports = ["carrier_metrics", "plane_ages", "delays_by_month"]
        unpartitioned = everything.execute_in_process(
            instance=self.instance, asset_selection=[dg.AssetKey(name) for name in whole + reports]
        )
        return [daily, monthly, unpartitioned]

    def rows(self, table: str, order: str) -> list[dict[str, object]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            found = connection.sql(f"select * from flights.flights.{table} order by {order}")
            return pl.from_arrow(found.to_arrow_table()).to_dicts()


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flights]:
    home = tmp_path_factory.mktemp("flights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLIGHTS_DATA", str(home / "data"))
        patch.syspath_prepend(str(EXAMPLE))
        for name in [name for name in sys.modules if name.split(".")[0] == "flights"]:
            patch.delitem(sys.modules, name)
        example = Flights(home)
        for result in example.run_all():
            assert result.success
        yield example


def same(found: object, expected: float | int | None) -> bool:
    return found == (None if expected is None else pytest.approx(expected, rel=1e-9))


def test_every_flight_of_the_year_is_in_the_cleaned_table(flights: Flights) -> None:
    rows = flights.rows("clean_flights", "scheduled_at")
    year = truth.year()
    assert len(rows) == year.flights == 336_776
    assert sum(row["status"] == "cancelled" for row in rows) == year.cancelled
    assert sum(row["status"] == "diverted" for row in rows) == year.diverted


def test_days_agree_with_the_source(flights: Flights) -> None:
    rows = flights.rows("daily_flights", "day")
    assert [row["day"] for row in rows] == list(truth.days())
    for row, expected in zip(rows, truth.days().values(), strict=True):
        for column in ("flights", "cancelled", "diverted", "mean_dep_delay", "mean_arr_delay"):
            assert same(row[column], getattr(expected, column)), (row, column)


def test_months_agree_with_the_source(flights: Flights) -> None:
    rows = flights.rows("monthly_metrics", "month")
    assert [row["month"].month for row in rows] == list(truth.months())
    for row, expected in zip(rows, truth.months().values(), strict=True):
        for column in (
            *("flights", "cancelled", "diverted", "mean_dep_delay", "median_dep_delay"),
            *("mean_arr_delay", "median_arr_delay", "on_time_share"),
        ):
            assert same(row[column], getattr(expected, column)), (row, column)


def test_airlines_agree_with_the_source(flights: Flights) -> None:
    rows = flights.rows("carrier_metrics", "carrier")
    assert {row["carrier"]: row["name"] for row in rows} == truth.carrier_names()
    for row, expected in zip(rows, truth.carriers().values(), strict=True):
        for column in (
            "flights",
            "cancelled",
            "diverted",
            "mean_arr_delay",
            "median_arr_delay",
            "on_time_share",
        ):
            assert same(row[column], getattr(expected, column)), (row, column)


def test_weather_agrees_with_the_source(flights: Flights) -> None:
    rows = flights.rows("daily_weather", "day, origin")
    assert [(row["day"], row["origin"]) for row in rows] == list(truth.weather_days())
    for row, expected in zip(rows, truth.weather_days().values(), strict=True):
        for column in (
            "observations",
            "mean_temp",
            "mean_humid",
            "mean_wind_speed",
            "total_precip",
            "mean_visib",
        ):
            assert same(row[column], getattr(expected, column)), (row, column)


def test_ages_of_planes_agree_with_the_source(flights: Flights) -> None:
    rows = flights.rows("plane_ages", "age")
    assert {row["age"]: (row["planes"], row["flights"]) for row in rows} == truth.plane_ages()


def test_flights_without_weather_are_kept(flights: Flights) -> None:
    rows = flights.rows("flights_with_weather", "scheduled_at")
    assert len(rows) == 336_776
    assert sum(row["visib"] is None for row in rows) >= truth.flights_without_weather()


def test_every_day_is_recorded_as_materialized_and_checked(flights: Flights) -> None:
    days = flights.instance.get_materialized_partitions(dg.AssetKey("daily_flights"))
    assert len(days) == 365
    months = flights.instance.get_materialized_partitions(dg.AssetKey("monthly_metrics"))
    assert len(months) == 12


def test_the_plot_is_in_the_metadata(flights: Flights) -> None:
    event = flights.instance.get_latest_materialization_event(dg.AssetKey("delays_by_month"))
    assert event is not None and event.asset_materialization is not None
    assert "data:image/png;base64," in event.asset_materialization.metadata["plot"].value
    assert event.asset_materialization.metadata["worst month"].value == "2013-07-01"
