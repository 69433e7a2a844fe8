"""Automation conditions: 10,000 assets in 100 layers, and assets with a million partitions."""

import datetime
import os
import resource
import sqlite3
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.case import Side, case, seconds
from benchmarks.cases.runs import instance_of, quiet

LAYERS = 100
NOW = datetime.datetime(2024, 1, 1, 4, 30, tzinfo=datetime.UTC)


def layered(side: Side, count: int) -> Any:
    """Assets in layers, each on three of the layer before, all `eager()`."""
    dg = side.dg
    width = count // LAYERS
    assets = []
    for layer in range(LAYERS):
        for n in range(width):
            deps = [f"a_{layer - 1}_{(n + k) % width}" for k in range(3)] if layer else []

            @dg.asset(name=f"a_{layer}_{n}", deps=deps, automation_condition=dg.AutomationCondition.eager())
            def compute() -> None: ...

            assets.append(compute)
    definitions = dg.Definitions(assets=assets)
    if side.name == "peer":
        definitions.get_repository_def().asset_graph  # noqa: B018  loading is measured elsewhere
    else:
        definitions.resolve()
    return definitions


def size_for(side: Side) -> int:
    """The peer is measured with a tenth of the assets: with all of them an evaluation takes minutes."""
    return 1_000 if side.name == "peer" else 10_000


class Ticks:
    """Evaluates definitions again and again, each time from the cursor of the time before."""

    def __init__(self, dg: Any, definitions: Any, instance: Any, cursor: Any = None) -> None:
        self._dg = dg
        self._definitions = definitions
        self._instance = instance
        self.cursor = cursor

    def tick(self) -> None:
        result = self._dg.evaluate_automation_conditions(
            self._definitions, self._instance, cursor=self.cursor
        )
        self.cursor = result.cursor


def evaluation(side: Side, steps: str) -> float:
    """Seconds of the last of some steps: `e` evaluates, `c` is a change."""
    quiet()
    dg = side.dg
    definitions = layered(side, size_for(side))
    with ExitStack() as stack:
        instance = instance_of(side, stack, False)
        ticks = Ticks(dg, definitions, instance)
        took = 0.0
        for step in steps:
            if step == "c":
                instance.report_runless_asset_event(dg.AssetMaterialization("a_0_0"))
            else:
                took = seconds(ticks.tick)
        return took


def rows(count: int) -> float:
    """What nothing can do without: a small dictionary for each asset, with its three neighbours looked at."""
    facts = {f"a_{n}": {"made": False, "deps": [f"a_{n - k}" for k in (1, 2, 3)]} for n in range(count)}

    def work() -> None:
        for fact in facts.values():
            for dep in fact["deps"]:  # type: ignore[union-attr]
                found = facts.get(dep)
                assert found is None or not found["made"]

    return seconds(work)


@case(
    "automation-first",
    "evaluate eager() of 10,000 assets in 100 layers, the first time (peer: 1,000 assets)",
    "s",
    target=1.0,
    peer_rounds=1,
    floor=lambda _: rows(10_000),
    floor_is="a look at each asset and three more",
)
def automation_first(side: Side) -> float:
    return evaluation(side, "e")


@case(
    "automation-change",
    "the same again after one change (peer: 1,000 assets)",
    "s",
    target=0.050,
    peer_rounds=1,
)
def automation_change(side: Side) -> float:
    return evaluation(side, "ece")


@case(
    "automation-nothing",
    "the same again after nothing happened (peer: 1,000 assets)",
    "s",
    target=0.020,
    peer_rounds=1,
)
def automation_nothing(side: Side) -> float:
    return evaluation(side, "eee")


def ticks_on_sqlite(side: Side, changes: int, restarts: bool = False) -> float:
    """Seconds of a tick whose state lies in SQLite: reads what changed since the cursor, evaluates.

    Args:
        changes: assets that were materialized since the tick before.
        restarts: the process that ticks is a new one: it has the store and the text of its cursor.
    """
    quiet()
    dg = side.dg
    count = size_for(side)
    definitions = layered(side, count)
    with ExitStack() as stack:
        instance = instance_of(side, stack, True)
        names = [f"a_{layer}_{n}" for layer in range(LAYERS) for n in range(count // LAYERS)]
        for name in names:
            instance.report_runless_asset_event(dg.AssetMaterialization(name))
        ticks = Ticks(dg, definitions, instance)
        ticks.tick()
        ticks.tick()
        for name in names[:changes]:
            instance.report_runless_asset_event(dg.AssetMaterialization(name))
        if restarts:
            reopened = stack.enter_context(dg.DagsterInstance.get())
            ticks = Ticks(dg, layered(side, count), reopened, ticks.cursor.to_text())
        return seconds(ticks.tick)


@case(
    "automation-sqlite",
    "evaluate eager() of 10,000 assets that are stored in SQLite, nothing happened (peer: 1,000 assets)",
    "s",
    target=0.200,
    peer_rounds=1,
)
def automation_on_sqlite(side: Side) -> float:
    return ticks_on_sqlite(side, 0)


@case(
    "automation-sqlite-changes",
    "the same after 100 of them were materialized (peer: 1,000 assets)",
    "s",
    target=0.200,
    peer_rounds=1,
    floor=lambda _: rows_read_from_sqlite(10_000),
    floor_is="10,000 rows read from SQLite",
)
def automation_on_sqlite_after_changes(side: Side) -> float:
    return ticks_on_sqlite(side, 100)


@case(
    "automation-sqlite-restart",
    "the same in a process that has just begun: from the store and the text of the cursor",
    "s",
    peer=False,  # the text of its cursor is not public
)
def automation_on_sqlite_after_a_restart(side: Side) -> float:
    return ticks_on_sqlite(side, 100, restarts=True)


def rows_read_from_sqlite(count: int) -> float:
    """What reading everything that is stored of `count` assets takes at least."""
    with tempfile.TemporaryDirectory() as folder:
        store = sqlite3.connect(Path(folder, "floor.db"), isolation_level=None)
        store.execute("CREATE TABLE assets (id INTEGER PRIMARY KEY, name TEXT, made INT, version TEXT)")
        store.execute("BEGIN")
        store.executemany(
            "INSERT INTO assets (name, made, version) VALUES (?, ?, ?)",
            ((f"a_{n}", n, f"version {n}") for n in range(count)),
        )
        store.execute("COMMIT")
        took = seconds(lambda: store.execute("SELECT * FROM assets").fetchall())
        store.close()
        return took


@case(
    "automation-memory",
    "what evaluating 10,000 assets adds to the memory of the process (peer: 1,000 assets)",
    "bytes",
    peer_rounds=1,
)
def automation_memory(side: Side) -> float:
    quiet()
    definitions = layered(side, size_for(side))
    with ExitStack() as stack:
        instance = instance_of(side, stack, False)
        before = resident()
        kept = side.dg.evaluate_automation_conditions(definitions, instance)
        assert kept.total_requested == 0
        return max(resident() - before, 0.0)


def resident() -> float:
    """Bytes of memory that this process has now."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return float(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    except OSError:
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


@case(
    "automation-partitions",
    "evaluate eager() of 100 assets with 1,000,000 hourly partitions each (peer: 10 assets)",
    "s",
    target=1.0,
    peer_rounds=1,
)
def automation_partitions(side: Side) -> float:
    quiet()
    dg = side.dg
    hours = dg.HourlyPartitionsDefinition("1909-12-01-00:00")
    assets = []
    for n in range(10 if side.name == "peer" else 100):

        @dg.asset(
            name=f"a_{n}",
            deps=[f"a_{n - 1}"] if n else [],
            partitions_def=hours,
            automation_condition=dg.AutomationCondition.eager(),
        )
        def compute() -> None: ...

        assets.append(compute)
    definitions = dg.Definitions(assets=assets)
    with ExitStack() as stack:
        instance = instance_of(side, stack, False)

        def work() -> None:
            dg.evaluate_automation_conditions(definitions, instance, evaluation_time=NOW)

        return seconds(work)


@case("select-10k", "select `*x+` in 10,000 assets, for the first time", "s", target=0.010, peer_rounds=2)
def select(side: Side) -> float:
    quiet()
    dg = side.dg
    definitions = layered(side, 10_000)
    if side.name == "peer":
        graph = definitions.get_repository_def().asset_graph
    else:
        graph = definitions.resolve().catalog.selectable_graph
    dg.AssetSelection.from_string("key:a_0_0" if side.name == "peer" else "a_0_0").resolve(graph)

    def work() -> None:
        selection = dg.AssetSelection.from_string("+key:a_50_0+" if side.name == "peer" else "*a_50_0+")
        assert len(selection.resolve(graph)) > 1_000

    return seconds(work)
