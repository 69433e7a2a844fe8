"""What must hold of the tables before anyone reads them."""

import polars as pl

import treadle as dg
from flights.clean import clean_flights

COLUMNS = {
    "flight_date": pl.Date,
    "carrier": pl.String,
    "origin": pl.String,
    "dep_delay": pl.Float64,
    "arr_delay": pl.Float64,
    "status": pl.String,
    "on_time": pl.Boolean,
}


@dg.asset_check(asset=clean_flights, blocking=True)
def clean_flights_have_their_columns(clean_flights: pl.DataFrame) -> dg.AssetCheckResult:
    """Every column that the metrics read is there, of its type."""
    wrong = {
        name: str(clean_flights.schema.get(name))
        for name, kind in COLUMNS.items()
        if clean_flights.schema.get(name) != kind
    }
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong columns": wrong})


@dg.asset_check(asset=clean_flights)
def every_flight_once(clean_flights: pl.DataFrame) -> dg.AssetCheckResult:
    """No two rows are of one flight."""
    key = ["carrier", "flight", "origin", "scheduled_at"]
    repeated = clean_flights.height - clean_flights.select(key).n_unique()
    return dg.AssetCheckResult(passed=repeated == 0, metadata={"repeated": repeated})


@dg.asset_check(asset="daily_flights", blocking=True)
def days_are_believable(daily_flights: pl.DataFrame) -> dg.AssetCheckResult:
    """Between 500 and 1,100 flights a day, and never more cancelled than scheduled."""
    odd = daily_flights.filter(
        ~pl.col("flights").is_between(500, 1_100) | (pl.col("cancelled") > pl.col("flights"))
    )
    return dg.AssetCheckResult(
        passed=odd.is_empty(),
        metadata={"days": daily_flights.height, "odd days": odd.height},
    )


@dg.asset_check(asset="carrier_metrics")
def on_time_is_a_share(carrier_metrics: pl.DataFrame) -> dg.AssetCheckResult:
    """Shares lie between 0 and 1; an airline below one half is worth a look."""
    share = carrier_metrics["on_time_share"]
    lowest = share.min()
    return dg.AssetCheckResult(
        passed=bool(share.is_between(0, 1).all()) and lowest is not None and float(str(lowest)) > 0.5,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"lowest": float(str(lowest))},
    )
