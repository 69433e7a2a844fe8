"""Bronze: the source tables as they come, in Parquet. Flights and weather have a file a day."""

import polars as pl

import treadle as dg
from flights.partitions import days
from flights.resources import FlightRecords
from flights.tables import Table

PATIENT = dg.RetryPolicy(max_retries=3, delay=1, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.FULL)


@dg.asset(
    partitions_def=days,
    backfill_policy=dg.BackfillPolicy.single_run(),
    metadata={"partition_expr": "flight_date"},
    io_manager_key="lake",
    retry_policy=PATIENT,
    group_name="raw",
    kinds={"parquet", "polars"},
    code_version="1",
)
def raw_flights(context: dg.AssetExecutionContext, records: FlightRecords) -> pl.DataFrame:
    """Every flight that was to leave New York on a day, late, cancelled or on time."""
    flights = records.flights(context.partition_keys)
    context.log.info("%d flights, %d day(s)", len(flights), len(context.partition_keys))
    return flights


@dg.asset(
    partitions_def=days,
    backfill_policy=dg.BackfillPolicy.single_run(),
    metadata={"partition_expr": "flight_date"},
    io_manager_key="lake",
    retry_policy=PATIENT,
    group_name="raw",
    kinds={"parquet", "polars"},
    code_version="1",
)
def raw_weather(context: dg.AssetExecutionContext, records: FlightRecords) -> pl.DataFrame:
    """The weather at EWR, JFK and LGA, hour by hour."""
    return records.weather(context.partition_keys)


def reference_table(table: Table, description: str) -> dg.AssetsDefinition:
    """An asset for a source table that is not cut into days."""

    @dg.asset(
        name=f"raw_{table}",
        description=description,
        io_manager_key="lake",
        retry_policy=PATIENT,
        group_name="raw",
        kinds={"parquet", "polars"},
        code_version="1",
    )
    def reference(records: FlightRecords) -> pl.DataFrame:
        return records.whole(table)

    return reference


raw_planes = reference_table("planes", "The planes that the aviation authority had registered.")
raw_airlines = reference_table("airlines", "The names of the airlines, by their two letters.")
raw_airports = reference_table("airports", "Where the airports are.")
