"""`make demo`: the whole year through the asset graph, then what it says.

What was made before is made again, so the time is that of all the work: 15 assets, 2,574 partitions.
"""

import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run everything; the exit code is the backfill's."""
    os.chdir(HERE)
    sys.path.insert(0, str(HERE))
    from treadle.cli.main import run_command_line

    print("Flights that left New York in 2013: raw files -> cleaned tables -> metrics\n", flush=True)
    started = time.perf_counter()
    code = run_command_line(["backfill", "--select", "*", "--from", "2013-01-01", "--to", "2013-12-31"])
    seconds = time.perf_counter() - started
    if code != 0:
        return code
    show_results(seconds)
    return 0


def show_results(seconds: float) -> None:
    """The metrics that the run left in DuckDB, and what to try next."""
    import duckdb
    from flights.definitions import DATA

    database = DATA / "flights.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        months = connection.sql(
            "select strftime(month, '%b'), flights, cancelled, mean_dep_delay, mean_arr_delay, on_time_share "
            "from flights.flights.monthly_metrics order by month"
        ).fetchall()
        (total,) = connection.sql("select sum(flights) from flights.flights.monthly_metrics").fetchall()[0:1]
    print("\nMONTH  FLIGHTS  CANCELLED  DEPARTED LATE  ARRIVED LATE  ON TIME")
    for month, flights, cancelled, departed, arrived, on_time in months:
        print(
            f"{month:<5}  {flights:>7,}  {cancelled:>9,}  {departed:>9.1f} min  {arrived:>8.1f} min  {on_time:>7.1%}"
        )
    print(
        f"\n{total[0]:,} flights in {seconds:.1f} s. Tables: {shown(database)}; Parquet: {shown(DATA / 'lake')}"
    )
    print(
        "\nTry next, in examples/flights:\n"
        "  ../../.venv/demo/bin/treadle show monthly_metrics\n"
        "  ../../.venv/demo/bin/treadle impact clean_flights\n"
        "  ../../.venv/demo/bin/treadle materialize --select '+clean_flights' --partition 2013-07-04 --changed"
    )


def shown(path: Path) -> str:
    """A path as one would type it from the example's folder."""
    return str(path.relative_to(HERE)) if path.is_relative_to(HERE) else str(path)


if __name__ == "__main__":
    sys.exit(main())
