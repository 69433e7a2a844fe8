"""Sensors lose no event of PostgreSQL that is committed after one with a higher storage id."""

import json
from collections.abc import Iterator

import psycopg
import pytest

import treadle as dg
from treadle.store.instance import Instance
from treadle.store.opening import open_store

pytestmark = pytest.mark.services

ORDERS = dg.AssetKey("orders")


@pytest.fixture
def instance(postgres_url: str) -> Iterator[Instance]:
    with Instance(open_store(postgres_url)) as made:
        yield made


class SlowWriter:
    """A connection of its own: takes the next storage id now, and commits an event under it when told."""

    def __init__(self, url: str, table: str) -> None:
        self.connection = psycopg.connect(url, options="-c search_path=treadle")
        self.table = table
        self.connection.execute("SELECT pg_current_xact_id()")
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        self.number = self.connection.execute(f"SELECT nextval({sequence})").fetchone()[0]

    def commit(self, like: int) -> int:
        """Commits an event like another one; its storage id, which is lower."""
        rows = self.connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
            (self.table,),
        ).fetchall()
        names = [row[0] for row in rows]
        given = {
            "id": str(self.number),
            "tx": "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)",
            "n": "n + 1000",
            "sequence": "sequence + 1000",
        }
        values = ", ".join(given.get(name, name) for name in names)
        self.connection.execute(
            f"INSERT INTO {self.table} ({', '.join(names)}) SELECT {values} FROM {self.table} WHERE id = {like}"
        )
        self.connection.commit()
        self.connection.close()
        return self.number


def latest_id(instance: Instance) -> int:
    return instance.fetch_materializations(ORDERS, 1).records[0].storage_id


def report(instance: Instance) -> int:
    instance.report_runless_asset_event(dg.AssetMaterialization("orders"))
    return latest_id(instance)


@pytest.mark.parametrize("begun", [True, False])
def test_an_asset_sensor_is_told_of_a_lower_id_that_comes_late(
    instance: Instance, postgres_url: str, begun: bool
) -> None:
    told: list[int] = []

    @dg.asset_sensor(asset_key=ORDERS, job_name="j")
    def watch(context, event):
        told.append(event.storage_id if hasattr(event, "storage_id") else 0)

    def tick(cursor):
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        return watch.evaluate_tick(context).cursor

    report(instance)
    cursor = tick(None) if begun else None
    told.clear()
    slow = SlowWriter(postgres_url, "asset_events")
    higher = report(instance)
    assert higher > slow.number
    cursor = tick(cursor)
    slow.commit(higher)
    while (following := tick(cursor)) != cursor:
        cursor = following
    assert len(told) == (2 if begun else 3)


def test_a_multi_asset_sensor_is_given_a_lower_id_that_comes_late(
    instance: Instance, postgres_url: str
) -> None:
    given: list[int] = []

    @dg.multi_asset_sensor(monitored_assets=[ORDERS], job_name="j")
    def watch(context):
        given.extend(record.storage_id for record in context.materialization_records_for_key(ORDERS))
        context.advance_all_cursors()

    def tick(cursor):
        context = dg.build_multi_asset_sensor_context(
            monitored_assets=[ORDERS], instance=instance, cursor=cursor
        )
        return watch.evaluate_tick(context).cursor

    first = report(instance)
    cursor = tick(None)
    slow = SlowWriter(postgres_url, "asset_events")
    higher = report(instance)
    cursor = tick(cursor)
    slow.commit(higher)
    tick(cursor)
    assert sorted(given) == [first, slow.number, higher]


@pytest.mark.parametrize("begun", [True, False])
def test_a_run_status_sensor_is_told_of_a_run_that_ended_under_a_lower_id(
    instance: Instance, postgres_url: str, begun: bool
) -> None:
    told: list[str] = []

    @dg.run_status_sensor(run_status=dg.RunStatus.SUCCESS, monitor_all_code_locations=True)
    def watch(context):
        told.append(context.run.run_id)

    @dg.asset
    def orders() -> None: ...

    def tick(cursor):
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        return watch.evaluate_tick(context).cursor

    cursor = tick(None) if begun else None
    slow = SlowWriter(postgres_url, "events")
    assert dg.materialize([orders], instance=instance).success
    newest = instance.fetch_run_status_changes(dg.EventType.RUN_SUCCESS, 1).records[0].storage_id
    assert newest > slow.number
    cursor = tick(cursor)
    slow.commit(newest)
    cursor = tick(cursor)
    assert len(told) == 2
    tick(cursor)
    assert len(told) == 2
    assert json.loads(cursor)["record_id"] in (newest, slow.number)
