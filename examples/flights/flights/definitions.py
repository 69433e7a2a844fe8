"""What this project deploys: assets, checks, two jobs, a schedule, resources."""

import os
from pathlib import Path

import treadle as dg
from flights import checks, clean, metrics, raw
from flights.resources import FlightRecords
from treadle.integrations.duckdb import DuckDBPolarsIOManager
from treadle.integrations.parquet import ParquetIOManager

DATA = Path(os.environ.get("FLIGHTS_DATA", Path(__file__).parents[1] / "data"))

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.assets(
        "raw_flights", "raw_weather", "clean_flights", "clean_weather", "flights_with_weather"
    )
    | dg.AssetSelection.assets("daily_flights", "daily_weather"),
    description="Everything that has a day.",
)
reports = dg.define_asset_job(
    "reports",
    selection=dg.AssetSelection.assets("carrier_metrics", "plane_ages", "delays_by_month"),
    description="What is made of the whole year.",
)

defs = dg.Definitions(
    assets=dg.load_assets_from_modules([raw, clean, metrics]),
    asset_checks=dg.load_asset_checks_from_modules([checks]),
    jobs=[daily, reports],
    schedules=[
        # Each day when it is over; the time zone is that of the partitions.
        dg.build_schedule_from_partitioned_job(daily, name="every_morning", hour_of_day=6)
    ],
    resources={
        "records": FlightRecords(),
        "lake": ParquetIOManager(base_path=str(DATA / "lake")),
        "warehouse": DuckDBPolarsIOManager(database=str(DATA / "flights.duckdb"), schema="flights"),
    },
)
