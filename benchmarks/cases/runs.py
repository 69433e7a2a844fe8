"""Runs: what a step, a run, a log line and a fan-out cost."""

import json
import logging
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.case import NotAvailable, Side, case, seconds

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def quiet() -> None:
    """Neither side prints its events: a terminal is not what is measured."""
    logging.disable(logging.CRITICAL)


def instance_of(side: Side, stack: ExitStack, kept: bool) -> Any:
    """A store in memory, or in SQLite in a fresh home."""
    made = side.dg.DagsterInstance
    if kept:
        stack.enter_context(side.home())
        return stack.enter_context(made.get())
    return stack.enter_context(made.ephemeral())


def chain(dg: Any, length: int) -> list[Any]:
    assets: list[Any] = []
    for n in range(length):
        deps = assets[-1:]

        @dg.asset(name=f"step_{n}", deps=deps)
        def compute() -> None: ...

        assets.append(compute)
    return assets


def run(dg: Any, assets: list[Any], instance: Any, **rest: Any) -> None:
    assert dg.materialize(assets, instance=instance, **rest).success


def seconds_a_step(side: Side, kept: bool, steps: int) -> float:
    """What each further no-op step adds to a run."""
    quiet()
    dg = side.dg
    one, many = chain(dg, 1), chain(dg, steps + 1)
    with ExitStack() as stack:
        instance = instance_of(side, stack, kept)
        run(dg, one, instance)
        short = median(seconds(lambda: run(dg, one, instance)) for _ in range(3))
        return (seconds(lambda: run(dg, many, instance)) - short) / steps


def seconds_a_run(side: Side, kept: bool, times: int, is_read: bool = False) -> float:
    """A run of one asset, and where `is_read` the look-up of its materialization."""
    quiet()
    dg = side.dg
    one = chain(dg, 1)
    with ExitStack() as stack:
        instance = instance_of(side, stack, kept)

        def work() -> None:
            run(dg, one, instance)
            if is_read:
                assert instance.get_latest_materialization_event(dg.AssetKey("step_0")) is not None

        work()
        return median(seconds(work) for _ in range(times))


def seconds_a_run_alone(side: Side, times: int) -> float:
    """A run that is given no store."""
    quiet()
    dg = side.dg
    one = chain(dg, 1)
    dg.materialize(one)
    return median(seconds(lambda: dg.materialize(one)) for _ in range(times))


def function_call(_: Side) -> float:
    def compute() -> None: ...

    def calls() -> None:
        for _ in range(100_000):
            compute()

    return seconds(calls) / 100_000


def commits(count: int, rows: int) -> Callable[[Side], float]:
    """`count` SQLite transactions of `rows` encoded events each, with the durability we promise."""

    def measure(_: Side) -> float:
        with tempfile.TemporaryDirectory() as folder:
            store = sqlite3.connect(Path(folder, "floor.db"), isolation_level=None)
            store.execute("PRAGMA journal_mode=WAL")
            store.execute("PRAGMA synchronous=NORMAL")
            store.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, run INT, kind TEXT, body TEXT)")

            def work() -> None:
                for _ in range(count):
                    store.execute("BEGIN")
                    store.executemany(
                        "INSERT INTO events (run, kind, body) VALUES (?, ?, ?)",
                        ((1, "LOG", json.dumps({"message": f"line {n}", "at": 1.5})) for n in range(rows)),
                    )
                    store.execute("COMMIT")

            work()
            result = seconds(work)
            store.close()
            return result

    return measure


@case(
    "step-memory",
    "a no-op step, in memory",
    "s",
    target=0.0002,
    floor=function_call,
    floor_is="a function call",
)
def step_in_memory(side: Side) -> float:
    return seconds_a_step(side, kept=False, steps=100)


@case(
    "step-sqlite",
    "a no-op step, on SQLite",
    "s",
    target=0.001,
    floor=commits(1, 4),
    floor_is="a commit of 4 events",
)
def step_on_sqlite(side: Side) -> float:
    return seconds_a_step(side, kept=True, steps=100)


@case(
    "run-alone",
    "a run of one asset, given no store",
    "s",
    target=0.001,
    floor=function_call,
    floor_is="a function call",
)
def run_alone(side: Side) -> float:
    return seconds_a_run_alone(side, times=30)


@case(
    "run-memory",
    "a run of one asset, in a store in memory",
    "s",
    target=0.001,
    floor=function_call,
    floor_is="a function call",
)
def run_in_memory(side: Side) -> float:
    return seconds_a_run(side, kept=False, times=10)


@case(
    "run-memory-read",
    "the same, and its materialization is looked up",
    "s",
    floor=function_call,
    floor_is="a function call",
)
def run_in_memory_and_read(side: Side) -> float:
    return seconds_a_run(side, kept=False, times=10, is_read=True)


@case(
    "asset-event-sqlite",
    "a materialization reported outside of any run, on SQLite",
    "s",
    target=0.0001,
    floor=commits(1, 1),
    floor_is="a commit of 1 event",
)
def asset_event_on_sqlite(side: Side) -> float:
    quiet()
    dg = side.dg
    with ExitStack() as stack:
        instance = instance_of(side, stack, True)

        def work() -> None:
            for n in range(50):
                instance.report_runless_asset_event(dg.AssetMaterialization(f"a_{n}"))

        work()
        return min(seconds(work) / 50 for _ in range(10))


@case(
    "run-sqlite",
    "a run of one asset, on SQLite",
    "s",
    target=0.005,
    floor=commits(2, 5),
    floor_is="2 commits of 5 events",
)
def run_on_sqlite(side: Side) -> float:
    return seconds_a_run(side, kept=True, times=10)


@case(
    "events",
    "log lines written, on SQLite",
    "events/s",
    target=20_000,
    floor=lambda side: 20_000 / commits(80, 250)(side),
    floor_is="commits of 250 encoded events",
    more_is_better=True,
)
def log_lines(side: Side) -> float:
    quiet()
    dg = side.dg
    lines = 500 if side.name == "peer" else 20_000

    def asset_that_logs(count: int) -> Any:
        def talker(context: Any) -> None:
            for n in range(count):
                context.log.info(f"line {n}")

        talker.__annotations__["context"] = dg.AssetExecutionContext
        return dg.asset(talker)

    silent, talking = asset_that_logs(0), asset_that_logs(lines)
    logging.disable(logging.NOTSET)
    with ExitStack() as stack:
        instance = instance_of(side, stack, kept=True)
        without = median(seconds(lambda: run(dg, [silent], instance, run_config=QUIET)) for _ in range(3))
        took = seconds(lambda: run(dg, [talking], instance, run_config=QUIET))
        return lines / (took - without)


@case(
    "fan-out",
    "one asset, 1,000 that read it, one that reads them all, in memory",
    "s",
    target=0.3,
    peer_rounds=1,
    floor=lambda side: 1_002 * function_call(side),
    floor_is="1,002 function calls",
)
def fan_out(side: Side) -> float:
    quiet()
    dg = side.dg

    @dg.asset
    def source() -> int:
        return 1

    def middle(n: int) -> Any:
        @dg.asset(name=f"middle_{n}")
        def add(source: int) -> int:
            return source + n

        return add

    middles = [middle(n) for n in range(1_000)]

    @dg.asset(ins={f"middle_{n}": dg.AssetIn() for n in range(1_000)})
    def total(**parts: int) -> int:
        return sum(parts.values())

    with ExitStack() as stack:
        instance = instance_of(side, stack, kept=False)
        resources = {"io_manager": dg.mem_io_manager}
        return seconds(lambda: run(dg, [source, *middles, total], instance, resources=resources))


@case(
    "dataframes",
    "a chain of 10 DataFrame assets: more than plain pandas takes",
    "ratio",
    target=0.10,
    floor=lambda _: 0.0,
    floor_is="plain pandas",
)
def dataframe_chain(side: Side) -> float:
    quiet()
    dg = side.dg
    try:
        import numpy as np
        import pandas as pd
    except ModuleNotFoundError as error:
        raise NotAvailable(f"needs {error.name}") from None
    numbers = np.random.default_rng(1)
    start = pd.DataFrame(
        {name: numbers.random(400_000) for name in "abcd"} | {"k": numbers.integers(0, 99, 400_000)}
    )

    def stage(frame: Any) -> Any:
        frame = frame.assign(a=frame["a"] * 1.01 + frame["b"], c=frame["c"].rank())
        return frame.sort_values("a").merge(
            frame.groupby("k")["b"].mean().rename("b").reset_index(), on="k", suffixes=("_", "")
        )[["a", "b", "c", "d", "k"]]

    def plain() -> None:
        frame = start
        for _ in range(10):
            frame = stage(frame)

    @dg.asset
    def stage_0() -> Any:
        return start

    assets: list[Any] = [stage_0]
    for n in range(1, 11):

        @dg.asset(name=f"stage_{n}", ins={"frame": dg.AssetIn(f"stage_{n - 1}")})
        def next_stage(frame: Any) -> Any:
            return stage(frame)

        assets.append(next_stage)
    with ExitStack() as stack:
        instance = instance_of(side, stack, kept=False)
        resources = {"io_manager": dg.mem_io_manager}

        def ours() -> None:
            run(dg, assets, instance, resources=resources)

        ours()
        plain()
        pairs = [(seconds(ours), seconds(plain)) for _ in range(3)]
        return median(a for a, _ in pairs) / median(b for _, b in pairs) - 1
