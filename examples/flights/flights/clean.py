"""Silver: typed, named and joined tables in DuckDB. Each definition of a column is in TABLES.md."""

import polars as pl

import treadle as dg
from flights.partitions import days


class CleaningRules(dg.Config):
    """What counts as late, and which reading is a broken instrument."""

    late_after_minutes: int = 15
    fastest_believable_wind: float = 200.0
    """Miles an hour."""


IN_DAYS = {
    "partitions_def": days,
    "backfill_policy": dg.BackfillPolicy.single_run(),
    "io_manager_key": "warehouse",
    "group_name": "clean",
    "code_version": "1",
}


@dg.asset(**IN_DAYS, metadata={"partition_expr": "flight_date"})
def clean_flights(raw_flights: pl.DataFrame, config: CleaningRules) -> dg.Output[pl.DataFrame]:
    """One row a scheduled flight, times in UTC, and what became of it."""
    arrival = pl.col("arr_delay")
    status = (
        pl.when(pl.col("dep_time").is_null())
        .then(pl.lit("cancelled"))
        .when(arrival.is_null())
        .then(pl.lit("diverted"))
        .otherwise(pl.lit("arrived"))
    )
    scheduled = pl.col("time_hour") + pl.duration(minutes=pl.col("minute"))
    flights = raw_flights.select(
        "flight_date",
        scheduled_at=scheduled,
        departed_at=scheduled + pl.duration(minutes=pl.col("dep_delay")),
        carrier="carrier",
        flight="flight",
        tailnum="tailnum",
        origin="origin",
        dest="dest",
        dep_delay=pl.col("dep_delay").cast(pl.Float64),
        arr_delay=arrival.cast(pl.Float64),
        air_time=pl.col("air_time").cast(pl.Float64),
        distance="distance",
        status=status,
        on_time=arrival < config.late_after_minutes,
    )
    cancelled = flights.filter(pl.col("status") == "cancelled").height
    return dg.Output(flights, metadata={"cancelled": cancelled, "flights": flights.height})


@dg.asset(**IN_DAYS, metadata={"partition_expr": "flight_date"})
def clean_weather(raw_weather: pl.DataFrame, config: CleaningRules) -> pl.DataFrame:
    """One row an airport's hour; readings of broken instruments are left empty."""
    wind = pl.col("wind_speed")
    measured = ("temp", "dewp", "humid", "wind_dir", "wind_gust", "precip", "pressure", "visib")
    return raw_weather.select(
        "flight_date",
        "origin",
        observed_at="time_hour",
        wind_speed=pl.when(wind <= config.fastest_believable_wind).then(wind).cast(pl.Float64),
        **{name: pl.col(name).cast(pl.Float64) for name in measured},
    )


@dg.asset(io_manager_key="warehouse", group_name="clean", code_version="1")
def clean_planes(raw_planes: pl.DataFrame) -> pl.DataFrame:
    """One row a plane, and when it was built."""
    return raw_planes.select("tailnum", "manufacturer", "model", "engines", "seats", built="year")


@dg.asset(**IN_DAYS, metadata={"partition_expr": "flight_date"})
def flights_with_weather(clean_flights: pl.DataFrame, clean_weather: pl.DataFrame) -> pl.DataFrame:
    """Each flight with the weather at its airport in the hour it was to leave."""
    by_hour = clean_flights.with_columns(observed_at=pl.col("scheduled_at").dt.truncate("1h"))
    weather = clean_weather.drop("flight_date")
    return by_hour.join(weather, on=["origin", "observed_at"], how="left").drop("observed_at")
