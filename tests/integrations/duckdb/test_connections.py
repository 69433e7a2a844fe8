"""DuckDB files and who holds them (S2-12, S2-D09)."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager

import duckdb
import pandas as pd
import pytest

import treadle as dg
from treadle.integrations.duckdb import DuckDBIOManager, DuckDBLockedError, DuckDBResource

HOLDER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(database: str, how: str = "write"):
    """Another process has the file open."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None and holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    try:
        yield holder
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()


@pytest.fixture
def database(tmp_path) -> str:
    path = str(tmp_path / "warehouse.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute("create table t as select 1 as a")
    return path


@dg.asset
def table() -> pd.DataFrame:
    return pd.DataFrame({"a": [1]})


def test_a_resource_gives_connections_that_are_closed_after_the_step(database):
    """S2-12."""
    seen = []

    @dg.asset
    def written(duck: DuckDBResource):
        with duck.get_connection() as connection:
            connection.execute("insert into t values (2)")
            seen.append(connection)

    assert dg.materialize([written], resources={"duck": DuckDBResource(database=database)}).success
    with pytest.raises(duckdb.Error):
        seen[0].execute("select 1")
    with held(database):  # another process can have it, so nothing stayed open
        pass


def test_a_lock_held_for_a_moment_is_waited_for(database):
    with held(database) as holder:
        threading.Timer(0.3, holder.stdin.close).start()
        with DuckDBResource(database=database).get_connection() as connection:
            assert connection.execute("select a from t").fetchall() == [(1,)]


@pytest.mark.parametrize("how", ["resource", "io manager"])
def test_a_lock_held_longer_names_the_file_the_holder_and_the_way_out(database, how):
    with held(database) as holder:
        with pytest.raises(DuckDBLockedError) as error:
            if how == "resource":
                with DuckDBResource(database=database, lock_timeout=0.1).get_connection():
                    raise AssertionError("never here")
            else:
                manager = DuckDBIOManager(database=database, lock_timeout=0.1)
                dg.materialize([table], resources={"io_manager": manager})
        message = str(error.value)
    assert database in message and str(holder.pid) in message and "python" in message
    assert "read_only=True" in message and "0.1 s" in message and error.value.code == "duckdb-locked"


def test_readers_coexist(database):
    with held(database, "read"):
        resource = DuckDBResource(database=database, read_only=True, lock_timeout=0.1)
        with resource.get_connection() as connection:
            assert connection.execute("select a from t").fetchall() == [(1,)]


def test_loading_an_input_only_reads_so_that_other_readers_do_not_stand_in_its_way(database):
    @dg.asset
    def after(table: pd.DataFrame) -> None:
        assert list(table["a"]) == [1]

    resources = {"io_manager": DuckDBIOManager(database=database, lock_timeout=0.1)}
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([table], resources=resources, instance=instance)
        with held(database, "read"):
            assert dg.materialize(
                [table, after], selection=[after], resources=resources, instance=instance
            ).success


def test_an_input_loads_while_this_process_writes_through_another_connection(database):
    manager = DuckDBIOManager(database=database).create_io_manager(dg.build_init_resource_context())
    manager.handle_output(dg.build_output_context(asset_key=dg.AssetKey("table")), pd.DataFrame({"a": [1]}))
    with DuckDBResource(database=database).get_connection():
        loaded = manager.load_input(dg.build_input_context(name="x", asset_key=dg.AssetKey("table")))
    assert list(loaded["a"]) == [1]


def test_threads_write_one_file(tmp_path):
    database = str(tmp_path / "new.duckdb")
    manager = DuckDBIOManager(database=database).create_io_manager(dg.build_init_resource_context())
    failures = []

    def write(name: str) -> None:
        try:
            for _ in range(5):
                context = dg.build_output_context(asset_key=dg.AssetKey(["made", name]))
                manager.handle_output(context, pd.DataFrame({"a": range(100)}))
                manager.load_input(dg.build_input_context(name="x", asset_key=dg.AssetKey(["made", name])))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize("name", ["BinderException", "ResourceInUseException"])
def test_a_file_that_another_thread_is_just_opening_is_tried_again(tmp_path, monkeypatch, name):
    conflict = getattr(duckdb, name, duckdb.BinderException)
    real, refused = duckdb.connect, [conflict("Unique file handle conflict: it is attached already")]

    def connect(*args, **kwargs):
        if refused:
            raise refused.pop()
        return real(*args, **kwargs)

    monkeypatch.setattr(duckdb, "connect", connect)
    manager = DuckDBIOManager(database=str(tmp_path / "busy.duckdb")).create_io_manager(
        dg.build_init_resource_context()
    )
    manager.handle_output(dg.build_output_context(asset_key="a"), pd.DataFrame({"a": [1]}))
    assert refused == []


def test_two_processes_write_one_file(database):
    script = (
        "import sys, pandas as pd, treadle as dg\n"
        "from treadle.integrations.duckdb import DuckDBIOManager\n"
        "@dg.asset(name=sys.argv[2])\ndef table() -> pd.DataFrame:\n    return pd.DataFrame({'a': range(1000)})\n"
        "manager = DuckDBIOManager(database=sys.argv[1], lock_timeout=60.0)\n"
        "for _ in range(5):\n    assert dg.materialize([table], resources={'io_manager': manager}).success\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    writers = [
        subprocess.Popen([sys.executable, "-c", script, database, name], env=env) for name in ("one", "two")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    with duckdb.connect(database, read_only=True) as connection:
        for name in ("one", "two"):
            assert connection.execute(f"select count(*) from public.{name}").fetchone() == (1000,)


def test_the_example_of_the_resource_runs():
    with DuckDBResource(database=":memory:").get_connection() as connection:
        assert connection.execute("select 41 + 1").fetchone() == (42,)
