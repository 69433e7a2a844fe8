"""Gold: what people ask for, by day, month, airline and age of plane."""

import base64
import io
from collections.abc import Iterator
from datetime import timedelta

import polars as pl

import treadle as dg
from flights.partitions import days, months
from flights.tables import YEAR

GOLD = {"io_manager_key": "warehouse", "group_name": "metrics", "code_version": "1"}


def metrics() -> dict[str, pl.Expr]:
    """The counts and delays of a group of flights."""
    return {
        "flights": pl.len().cast(pl.Int64),
        "cancelled": (pl.col("status") == "cancelled").sum().cast(pl.Int64),
        "diverted": (pl.col("status") == "diverted").sum().cast(pl.Int64),
        "mean_dep_delay": pl.col("dep_delay").mean(),
        "median_dep_delay": pl.col("dep_delay").median(),
        "mean_arr_delay": pl.col("arr_delay").mean(),
        "median_arr_delay": pl.col("arr_delay").median(),
        "on_time_share": pl.col("on_time").fill_null(False).mean(),
    }


def chosen(*names: str) -> dict[str, pl.Expr]:
    """Some of the metrics."""
    return {name: expression for name, expression in metrics().items() if name in names}


@dg.multi_asset(
    outs={
        "daily_flights": dg.AssetOut(
            is_required=False,
            metadata={"partition_expr": "day"},
            freshness_policy=dg.FreshnessPolicy.cron(
                deadline_cron="0 9 * * *", lower_bound_delta=timedelta(hours=3), timezone="America/New_York"
            ),
            **GOLD,
        ),
        "daily_weather": dg.AssetOut(is_required=False, metadata={"partition_expr": "day"}, **GOLD),
    },
    internal_asset_deps={
        "daily_flights": {dg.AssetKey("clean_flights")},
        "daily_weather": {dg.AssetKey("clean_weather")},
    },
    can_subset=True,
    partitions_def=days,
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def daily_summaries(
    context: dg.AssetExecutionContext, clean_flights: pl.DataFrame, clean_weather: pl.DataFrame
) -> Iterator[dg.Output[pl.DataFrame]]:
    """Flights a day, and weather a day and airport; either can be asked for alone."""
    if "daily_flights" in context.op_execution_context.selected_output_names:
        flights = clean_flights.group_by(day="flight_date").agg(
            **chosen("flights", "cancelled", "diverted", "mean_dep_delay", "mean_arr_delay")
        )
        yield dg.Output(flights.sort("day"), output_name="daily_flights")
    if "daily_weather" in context.op_execution_context.selected_output_names:
        weather = clean_weather.group_by("origin", day="flight_date").agg(
            observations=pl.len().cast(pl.Int64),
            **{f"mean_{name}": pl.col(name).mean() for name in ("temp", "humid", "wind_speed", "visib")},
            total_precip=pl.col("precip").sum(),
        )
        yield dg.Output(weather.sort("day", "origin"), output_name="daily_weather")


@dg.asset(
    **GOLD,
    partitions_def=months,
    backfill_policy=dg.BackfillPolicy.single_run(),
    metadata={"partition_expr": "month"},
)
def monthly_metrics(clean_flights: pl.DataFrame) -> pl.DataFrame:
    """One row a month: how many flew, how late, how many on time."""
    month = pl.col("flight_date").dt.truncate("1mo")
    return clean_flights.group_by(month=month).agg(**metrics()).sort("month")


@dg.asset(**GOLD)
def carrier_metrics(clean_flights: pl.DataFrame, raw_airlines: pl.DataFrame) -> pl.DataFrame:
    """One row an airline."""
    wanted = chosen("flights", "cancelled", "diverted", "mean_arr_delay", "median_arr_delay", "on_time_share")
    return clean_flights.group_by("carrier").agg(**wanted).join(raw_airlines, on="carrier").sort("carrier")


@dg.asset(**GOLD)
def plane_ages(clean_flights: pl.DataFrame, clean_planes: pl.DataFrame) -> pl.DataFrame:
    """How old the planes were, and how many flights each age flew."""
    flown = clean_flights.filter(pl.col("status") != "cancelled").join(clean_planes, on="tailnum")
    aged = flown.filter(pl.col("built").is_not_null()).with_columns(age=YEAR - pl.col("built"))
    return (
        aged.group_by("age")
        .agg(planes=pl.col("tailnum").n_unique().cast(pl.Int64), flights=pl.len().cast(pl.Int64))
        .sort("age")
    )


@dg.asset(io_manager_key="lake", group_name="metrics", code_version="1")
def delays_by_month(context: dg.AssetExecutionContext, monthly_metrics: pl.DataFrame) -> pl.DataFrame:
    """The year at a glance: mean delay a month, with a plot in the metadata."""
    table = monthly_metrics.select("month", "mean_dep_delay", "mean_arr_delay", "on_time_share").sort("month")
    context.add_output_metadata(
        {
            "plot": dg.MetadataValue.md(f"![mean delay by month]({_plot(table)})"),
            "worst month": str(table.sort("mean_arr_delay")["month"][-1]),
        }
    )
    return table


def _plot(table: pl.DataFrame) -> str:
    """A bar chart as a `data:` URL."""
    from matplotlib.figure import Figure  # slow to import, and only this asset draws

    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    labels = [month.strftime("%b") for month in table["month"]]
    axes.bar(labels, table["mean_arr_delay"].to_list(), color="#4a7ebb")
    axes.set_ylabel("minutes")
    axes.set_title("Mean arrival delay, New York 2013")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=100)
    return "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
