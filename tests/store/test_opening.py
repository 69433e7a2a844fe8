"""Opening stores: schema, versions, places that can not be used."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_disks import MakeDisk
from tests.store import invariants
from tests.store.making import NOW, begin, event, finish, made
from tests.store.processes import Child
from treadle.core.events import EventType
from treadle.store import Store, migrate, open_store
from treadle.store.errors import StoreError
from treadle.store.queries import SQL_HOME, in_words_of, statements
from treadle.store.sqlite import SqliteDatabase, network_file_system


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def test_the_declared_schema_is_what_the_migrations_make(tmp_path: Path) -> None:
    def shape(connection: sqlite3.Connection) -> list:
        rows = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
        ).fetchall()
        return [(kind, name, table, " ".join((sql or "").split())) for kind, name, table, sql in rows]

    declared = sqlite3.connect(":memory:")
    for statement in statements(in_words_of("sqlite", (SQL_HOME / "schema.sql").read_text())):
        declared.execute(statement)
    store = open_store(url_of(tmp_path / "t.db"))
    assert shape(declared) == shape(store.database.connection())
    store.close()
    declared.close()


@pytest.mark.services
def test_the_declared_schema_is_what_the_migrations_make_on_postgres(postgres_url: str) -> None:
    store = open_store(postgres_url)
    query = """
        SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = '{0}' UNION ALL
        SELECT tablename, indexname, replace(indexdef, '{0}.', ''), '', '' FROM pg_indexes WHERE schemaname = '{0}'
        ORDER BY 1, 2
    """
    with store.database.pool().connection() as connection:
        connection.execute(b"CREATE SCHEMA declared")
        connection.execute(b"SET search_path TO declared")
        for statement in statements(in_words_of("postgres", (SQL_HOME / "schema.sql").read_text())):
            connection.execute(statement.encode())
        declared = connection.execute(query.format("declared").encode()).fetchall()
        replayed = connection.execute(query.format("treadle").encode()).fetchall()
    assert declared == replayed
    assert len(declared) > 100
    store.close()


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_migrations_are_numbered_and_marked(dialect: str) -> None:
    assert [each.number for each in migrate.migrations(dialect)] == [1, 2, 3, 4]


def test_a_home_of_a_newer_version_is_refused(durable_url: str) -> None:
    store = open_store(durable_url)
    note = {"number": 999, "name": "pre_future", "applied_at": 0.0, "made_by": "9.9"}
    store.database.write(lambda tx: tx.run("note_migration", **note))
    store.close()
    with pytest.raises(StoreError) as caught:
        open_store(durable_url)
    assert caught.value.code == "store-too-new"
    assert "treadle 9.9 (schema 999)" in str(caught.value)
    assert "(schema 4)" in str(caught.value)
    assert "pip install 'treadle>=9.9'" in caught.value.hint


def test_a_migration_that_fails_half_way_leaves_nothing(
    durable_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T63"""
    real = migrate.migrations

    def broken(dialect: str):
        first, *rest = real(dialect)
        return (migrate.Migration(1, first.name, first.text + "\nCREATE TABLE names (id BIGINT);"), *rest)

    monkeypatch.setattr(migrate, "migrations", broken)
    with pytest.raises(StoreError) as caught:
        open_store(durable_url)
    assert caught.value.code == "migration-failed"
    monkeypatch.undo()
    store = open_store(durable_url)
    finish(store, begin(store, "r"))
    store.close()


def test_a_migration_killed_half_way_is_done_by_the_next_opener(tmp_path: Path) -> None:
    """T63"""
    script = """
        import os, signal, sqlite3
        from treadle.store import migrate
        from treadle.store.sqlite import SqliteDatabase
        from pathlib import Path
        def trace(database, at):
            count = 0
            def each(statement):
                nonlocal count
                count += 1
                if count == at:
                    os.kill(os.getpid(), signal.SIGKILL)
            database.connection().set_trace_callback(each)
        database = SqliteDatabase(Path(url))
        trace(database, int(sys.argv[2]))
        migrate.migrate(database, "0")
    """
    for at in (1, 5, 25, 45):
        path = tmp_path / f"{at}.db"
        with Child(script, str(path), str(at)) as child:
            assert child.process.wait(30) == -9
        store = open_store(url_of(path))
        finish(store, begin(store, "r"))
        assert invariants.broken(store) == {}
        store.close()


def test_two_processes_may_make_one_home_at_once(durable_url: str) -> None:
    opener = """
        sys.stdin.readline()
        store = open_store(url)
        say(len(store.list_leases()))
    """
    children = [Child(opener, durable_url) for _ in range(4)]
    for child in children:
        child.go()
    for child in children:
        with child:
            assert child.step() == "0"


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    for place in ("home", "home/below"):
        with pytest.raises(StoreError, match="is a file") as caught:
            open_store(f"sqlite:///{tmp_path / place / 'treadle.db'}")
        assert caught.value.code == "home-not-writable"


def test_a_folder_where_the_file_of_the_store_should_be(tmp_path: Path) -> None:
    (tmp_path / "treadle.db").mkdir()
    with pytest.raises(StoreError) as raised:
        open_store(f"sqlite:///{tmp_path / 'treadle.db'}")
    assert raised.value.code == "home-not-writable"
    assert "treadle.db is a folder" in str(raised.value)


def test_a_home_that_is_not_writable(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(StoreError) as caught:
        open_store(url_of(place / "home" / "t.db"))
    assert caught.value.code == "home-not-writable"
    assert str(place) in str(caught.value)
    assert "TREADLE_HOME" in caught.value.hint


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="gives up root")
def test_a_read_only_home(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    open_store(url_of(folder / "t.db")).close()
    os.chmod(folder, 0o555)
    os.chmod(folder / "t.db", 0o444)
    os.chmod(tmp_path, 0o755)
    for parent in tmp_path.parents:
        if parent.is_relative_to("/tmp/pytest-of-root") or parent.name.startswith("pytest"):
            os.chmod(parent, 0o755)
    script = f"""
import os, sys
sys.path.insert(0, {str(SQL_HOME.parents[2])!r})
from treadle.store import open_store
from treadle.store.errors import StoreError
open_store("memory:").find_run("r")
from treadle.store.queries import load_queries
os.setuid(65534)
try:
    open_store({url_of(folder / "t.db")!r})
except StoreError as error:
    print(error.code)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "home-not-writable", done.stderr


def test_a_full_disk_is_named_and_the_store_goes_on_when_there_is_space(make_disk: MakeDisk) -> None:
    """T55"""
    place = make_disk(2).folder
    ballast = place / "ballast"
    ballast.write_bytes(b"x" * 900_000)
    store = open_store(url_of(place / "t.db"))
    lease = begin(store, "r")
    acknowledged = 0
    with pytest.raises(StoreError) as caught:
        for n in range(5000):
            store.append_events(
                lease, [event("r", EventType.LOG, n=n, producer="p", message="x" * 5000)], NOW
            )
            acknowledged = n
    assert caught.value.code == "disk-full"
    assert str(place) in str(caught.value)
    ballast.unlink()
    store.append_events(lease, [event("r", EventType.LOG, n=9999, producer="p")], NOW)
    stored = [each.event.n for each in store.read_events("r") if each.event.producer == "p"]
    assert stored == [*range(acknowledged + 1), 9999]
    assert invariants.broken(store) == {}
    store.close()
    open_store(url_of(place / "t.db")).close()


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE runs (id INTEGER)")
    other.close()
    with pytest.raises(StoreError) as caught:
        open_store(url_of(tmp_path / "other.db"))
    assert caught.value.code == "foreign-store"
    (tmp_path / "no.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError) as caught:
        open_store(url_of(tmp_path / "no.db"))
    assert caught.value.code == "store-corrupt"


@pytest.mark.services
def test_a_schema_of_another_program_is_refused(postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA treadle")
        connection.execute("CREATE TABLE treadle.theirs (id INT)")
    with pytest.raises(StoreError) as caught:
        open_store(postgres_url)
    assert caught.value.code == "foreign-store"


def test_an_unknown_kind_of_url() -> None:
    with pytest.raises(StoreError, match="no store has a URL like mysql:"):
        open_store("mysql://x")


def test_a_missing_driver_names_the_extra() -> None:
    script = """
import sys
sys.modules["psycopg"] = None
from treadle.store import open_store
from treadle.store.errors import StoreError
try:
    open_store("postgresql://localhost/x")
except StoreError as error:
    print(error.hint)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SQL_HOME.parents[2])},
    )
    assert "treadle[postgres]" in done.stdout, done.stderr


def test_importing_the_store_imports_nothing_heavy() -> None:
    script = """
import sys
import treadle.store
heavy = {"psycopg", "pydantic", "click", "rich", "asyncio", "psutil", "pandas", "subprocess", "inspect"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SQL_HOME.parents[2])},
    )
    print(done.stdout)
    assert "psycopg" not in done.stdout
    for name in ("pydantic", "click", "rich", "asyncio", "psutil", "pandas", "subprocess"):
        assert name not in done.stdout, done.stdout


def test_a_writer_waits_for_a_foreign_lock(tmp_path: Path) -> None:
    """T52"""
    import threading

    store = open_store(url_of(tmp_path / "t.db"))
    lease = begin(store, "r")
    foreign = sqlite3.connect(tmp_path / "t.db", isolation_level=None, check_same_thread=False)
    foreign.execute("BEGIN IMMEDIATE")

    def let_go() -> None:
        foreign.execute("COMMIT")
        foreign.close()

    timer = threading.Timer(2.5, let_go)
    timer.start()
    assert not store.append_events(lease, [made("r")], NOW).stale
    timer.join()
    store.close()


def test_durability_is_what_was_asked(tmp_path: Path) -> None:
    for durability, level in (("process", 1), ("power", 2)):
        store = open_store(url_of(tmp_path / "t.db"), durability=durability)
        connection = store.database.connection()
        assert connection.execute("PRAGMA synchronous").fetchone() == (level,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        store.close()


def test_a_forked_child_uses_a_connection_of_its_own(tmp_path: Path) -> None:
    store = open_store(url_of(tmp_path / "t.db"))
    lease = begin(store, "r")
    child = os.fork()
    if child == 0:
        try:
            store.append_events(lease, [made("r", 1, producer="child")], NOW)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    store.append_events(lease, [made("r", 2)], NOW)
    assert finish(store, lease)
    assert len(store.read_events("r")) == 4
    assert invariants.broken(store) == {}
    store.close()


def test_a_network_file_system_is_told_apart() -> None:
    """T52"""
    mounts = "\n".join(
        [
            "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
            "40 22 0:35 / /mnt/team\\040share rw - nfs4 server:/x rw",
            "41 40 0:36 / /mnt/team\\040share/local rw - tmpfs tmpfs rw",
        ]
    )
    assert network_file_system(Path("/srv/home/t.db"), mounts) is None
    assert network_file_system(Path("/mnt/team share/home/t.db"), mounts) == "nfs4"
    assert network_file_system(Path("/mnt/team share/local/t.db"), mounts) is None


def test_memory_stores_share_nothing() -> None:
    one, two = open_store("memory:"), open_store("memory:")
    begin(one, "r")
    assert two.find_run("r") is None
    assert isinstance(one, Store)
    assert isinstance(one.database, SqliteDatabase)
