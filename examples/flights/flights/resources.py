"""Where the flights come from."""

import datetime
from collections.abc import Sequence

import polars as pl

import treadle as dg
from flights import tables


class FlightRecords(dg.ConfigurableResource):
    """The source tables, as they come: one day at a time, or whole."""

    year: int = tables.YEAR

    def flights(self, days: Sequence[str]) -> pl.DataFrame:
        """The flights that were to leave on these days, New York time."""
        return pl.concat([_with_day(tables.flights_on(_day(day)), day) for day in days])

    def weather(self, days: Sequence[str]) -> pl.DataFrame:
        """The hourly weather of these days at the three airports."""
        return pl.concat([_with_day(tables.weather_on(_day(day)), day) for day in days])

    def whole(self, table: tables.Table) -> pl.DataFrame:
        """A table that is not cut into days."""
        return tables.read_table(table)


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def _with_day(frame: pl.DataFrame, day: str) -> pl.DataFrame:
    return frame.with_columns(pl.lit(_day(day)).alias("flight_date"))
