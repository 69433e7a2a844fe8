"""While another command holds the only slot of a pool: what a person sees."""

import io
import json

from tests.cli.conftest import Project
from treadle.cli.progress import PlainView, RunReporter
from treadle.core.events import EngineData, Event, EventType

CODE = """
import pathlib, time
import treadle as dg

@dg.asset(pool="api")
def holds():
    pathlib.Path("holding").touch()
    while not pathlib.Path("let_go").exists(): time.sleep(0.02)

@dg.asset(pool="api")
def orders(): ...
"""


def test_one_line_says_which_pool_a_step_waits_for_and_who_holds_it(project: Project) -> None:
    project.write("defs.py", CODE)
    project.write("treadle.toml", "compat = false\n[pools]\napi = 1\n")
    holder = project.start("materialize", "-f", "defs.py", "-a", "holds")
    while not (project.folder / "holding").exists():
        assert holder.poll() is None, holder.communicate()
    (run_id,) = [found["run_id"] for found in json.loads(project.treadle("runs", "--json").out)]
    waiter = project.start("materialize", "-f", "defs.py", "-a", "orders")
    assert waiter.stdout is not None
    while "waits" not in (line := waiter.stdout.readline()):
        assert line, waiter.communicate()
    assert line.rstrip().endswith(f"orders waits for pool `api` (1 of 1 held by run {run_id})")
    while "Waiting for pool `api`" not in project.treadle("run", "show", "latest").out:
        assert waiter.poll() is None  # told first, stored just after
    assert "orders: Step orders waits for pool `api`" in project.treadle("logs", "latest").out
    (project.folder / "let_go").touch()
    rest, _ = waiter.communicate()
    holder.communicate()
    assert waiter.returncode == 0
    assert "waits for pool" not in rest
    assert "Waiting" not in project.treadle("run", "show", "latest").out


def test_the_runs_of_a_backfill_tell_of_a_pool_once() -> None:
    shown = io.StringIO()
    told: set[str] = set()
    for run_id in ("one", "two"):
        event = Event(
            run_id=run_id,
            type=EventType.ENGINE_EVENT,
            timestamp=0.0,
            step_key="orders",
            data=EngineData(metadata={"pool": "api"}),
            message="Step orders waits for pool `api` (its limit is 0)",
        )
        RunReporter(PlainView(shown), quiet=True, label=run_id, told_pools=told).on_event(event)
    (line,) = shown.getvalue().splitlines()
    assert line.endswith("one orders waits for pool `api` (its limit is 0)")
