"""Partitions: sets, mappings, recording and status of many."""

import datetime
from contextlib import ExitStack
from typing import Any

from benchmarks.case import Side, case, seconds
from benchmarks.cases.runs import commits, instance_of, quiet, run

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
HOURS = int((NOW - datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)).total_seconds() // 3600)


def hourly(dg: Any) -> Any:
    return dg.HourlyPartitionsDefinition("2000-01-01-00:00", end_date="2026-01-01-00:00")


@case("hourly-set", "hourly partitions since 2000, as a set", "s", target=0.050)
def hourly_set(side: Side) -> float:
    definition = hourly(side.dg)

    def work() -> None:
        assert len(definition.subset_with_all_partitions()) == HOURS

    return seconds(work)


@case(
    "hourly-keys",
    "hourly partitions since 2000, each key as text",
    "s",
    floor=lambda _: seconds(lambda: [f"{n:04}-01-01-00:00" for n in range(HOURS)]),
    floor_is="as many strings",
)
def hourly_keys(side: Side) -> float:
    definition = hourly(side.dg)

    def work() -> None:
        assert len(definition.get_partition_keys(NOW)) == HOURS

    return seconds(work)


@case("map-year", "map a year of hours to days", "s", target=0.005)
def map_year(side: Side) -> float:
    dg = side.dg
    mapping = dg.TimeWindowPartitionMapping()
    hours = hourly(dg)
    days = dg.DailyPartitionsDefinition("2000-01-01")
    whole_year = dg.PartitionKeyRange("2025-01-01-00:00", "2025-12-31-23:00")
    year = hours.subset_with_partition_keys(hours.get_partition_keys_in_range(whole_year))

    def work() -> None:
        mapped = mapping.get_downstream_partitions_for_partitions(year, hours, days, current_time=NOW)
        assert len(mapped) == 365

    return seconds(work)


@case(
    "record-partitions",
    "record 12,000 partitions in one run (the peer 1,000), on SQLite: seconds a partition",
    "s",
    target=0.0001,
    peer_rounds=2,
    floor=lambda side: commits(48, 250)(side) / 12_000,
    floor_is="commits of 250 encoded events",
)
def record_partitions(side: Side) -> float:
    quiet()
    dg = side.dg
    count = 1_000 if side.name == "peer" else 12_000
    hours = dg.HourlyPartitionsDefinition("2020-01-01-00:00", end_date="2022-01-01-00:00")
    keys = hours.get_partition_keys(NOW)[:count]

    @dg.asset(partitions_def=hours, backfill_policy=dg.BackfillPolicy.single_run())
    def measured() -> None: ...

    tags = {"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[-1]}
    with ExitStack() as stack:
        instance = instance_of(side, stack, kept=True)
        took = seconds(lambda: run(dg, [measured], instance, tags=tags))
        assert len(instance.get_materialized_partitions(dg.AssetKey("measured"))) == count
        return took / count


@case(
    "report-partitions",
    "record 3,000 partitions from outside of runs (the peer 300), on SQLite: seconds a partition",
    "s",
    target=0.0001,
    peer_rounds=2,
    floor=lambda side: commits(3_000, 1)(side) / 3_000,
    floor_is="a commit of one encoded event",
)
def report_partitions(side: Side) -> float:
    quiet()
    dg = side.dg
    count = 300 if side.name == "peer" else 3_000
    key = dg.AssetKey("measured")
    days = dg.DailyPartitionsDefinition("2000-01-01")
    keys = days.get_partition_keys(NOW)[:count]
    with ExitStack() as stack:
        instance = instance_of(side, stack, kept=True)

        def work() -> None:
            for partition in keys:
                instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=partition))

        took = seconds(work)
        assert len(instance.get_materialized_partitions(key)) == count
        return took / count


@case("status-1m", "status of 1,000,000 partitions, as sets", "s", target=0.050, peer=False)
def status_of_a_million(side: Side) -> float:
    from treadle.core.events import AssetData, Event, EventType
    from treadle.core.partitions.stored_set import StoredSet
    from treadle.store import EventWrite, Store

    key = side.dg.AssetKey("measured")

    def made(number: int) -> EventWrite:
        """A thousand partitions, then a gap of one."""
        event = Event(
            run_id="",
            type=EventType.ASSET_MATERIALIZATION,
            timestamp=0.0,
            asset_key=key,
            partition_keys=(str(number),),
            data=AssetData(),
        )
        return EventWrite(event, StoredSet({"": ((number * 1001, number * 1001 + 1000),)}))

    with ExitStack() as stack:
        instance = instance_of(side, stack, kept=True)
        instance.store.report_asset_events([made(number) for number in range(1000)], 0.0)
        fresh = Store(instance.store.database)  # knows nothing yet, as a process that has just opened it
        took = seconds(lambda: fresh.assets.status_counts(key))
        assert fresh.assets.status_counts(key) == (1_000_000, 0, 0)
        return took
