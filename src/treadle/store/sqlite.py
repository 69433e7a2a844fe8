"""SQLite, in memory or in a file.

One connection a store, guarded by a lock; a forked child opens its own. Writers begin IMMEDIATE, so no transaction
ever has to give up half-way, and wait for each other with a jittered backoff.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from treadle.store.database import Row, Transaction
from treadle.store.deferred import DeferredWrites
from treadle.store.errors import Conflict, StoreError, StoreUnavailableError
from treadle.store.queries import Dialect, Query, load_queries, statements

T = TypeVar("T")
Durability = Literal["process", "power"]

APPLICATION_ID: Final = 0x54524C45
LONGEST_WAIT: Final = 60.0
"""Seconds that a write waits for other writers before it gives up."""

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_NO_PLACE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class SqliteTransaction:
    """A transaction on one connection."""

    __slots__ = ("_actions", "_connection", "_queries")

    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._queries = load_queries("sqlite")
        self._actions: list[Callable[[], None]] = []

    def run(self, query: str, **values: Any) -> int:
        return self._connection.execute(*self._queries[query].bind(values)).rowcount

    def one(self, query: str, **values: Any) -> Row | None:
        # Reading to the end lets a statement with RETURNING finish its work.
        rows = self._connection.execute(*self._queries[query].bind(values)).fetchall()
        return rows[0] if rows else None

    def all(self, query: str, **values: Any) -> list[Row]:
        return self._connection.execute(*self._queries[query].bind(values)).fetchall()

    def select(self, query: Query, values: dict[str, Any]) -> list[Row]:
        return self._connection.execute(*query.bind(values)).fetchall()

    def many(self, query: str, rows: Iterable[Row]) -> None:
        self._connection.executemany(self._queries[query].text, rows)

    def after_commit(self, action: Callable[[], None]) -> None:
        self._actions.append(action)

    def committed(self) -> None:
        """Do what was asked to be done after the commit."""
        for action in self._actions:
            action()


class SqliteDatabase:
    """A SQLite file, or one in memory (`path` None).

    Args:
        path: the file; its folder is made.
        durability: `process` (an acknowledged write survives any process) or `power` (also a power cut).
        image: a database image to start from (memory only).
        deferred: writes that wait for the first transaction (memory only).
        only_looks: a file that can not be written, and what is beside it, is read as it is.
    """

    dialect: Dialect = "sqlite"

    def __init__(
        self,
        path: Path | None,
        *,
        durability: Durability = "process",
        image: bytes | None = None,
        deferred: DeferredWrites | None = None,
        only_looks: bool = False,
    ) -> None:
        self._path = path
        self.url = "memory:" if path is None else f"sqlite:///{path}"
        self._durability = durability
        self._image = image
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._open: tuple[int, sqlite3.Connection] | None = None
        self._alone = False
        self._only_looks = only_looks
        self._deferred = DeferredWrites() if deferred is None else deferred

    @property
    def path(self) -> Path | None:
        return self._path

    @property
    def address(self) -> str:
        """What opens it again."""
        return self.url

    @property
    def is_read_only(self) -> bool:
        """Whether it was opened to look only, and could not be written."""
        return self._only_looks and self.path is not None and not _can_write(self.path)

    # --- transactions

    def write(self, action: Callable[[Transaction], T]) -> T:
        return self._in_transaction("BEGIN IMMEDIATE", action)

    def read(self, action: Callable[[Transaction], T]) -> T:
        return self._in_transaction("BEGIN", action)

    def defer(self, action: Callable[[], None], events: int) -> bool:
        if self.path is not None:
            return False
        if self._deferred.add(action, events):
            self.settle()
        return True

    def settle(self) -> None:
        with self._lock:
            self._deferred.settle()

    def script(self, text: str, parameters: Iterable[tuple[Query, dict[str, Any]]] = ()) -> None:
        parts = statements(text)
        follow = list(parameters)

        def apply(tx: Transaction) -> None:
            connection = self.connection()
            for part in parts:
                connection.execute(part)
            for query, values in follow:
                connection.execute(*query.bind(values))

        self._in_transaction("BEGIN IMMEDIATE", apply)

    def _in_transaction(self, begin: str, action: Callable[[Transaction], T]) -> T:
        if self._pid != os.getpid():
            # In a forked child: a thread of the parent may have held the lock.
            self._lock, self._pid = threading.RLock(), os.getpid()
        if self._deferred:
            self.settle()
        deadline: float | None = None
        pause = 0.001
        while True:
            try:
                with self._lock:
                    return self._once(begin, action)
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise self.explain(error) from error
                moment = time.monotonic()
                deadline = deadline or moment + LONGEST_WAIT
                if moment > deadline:
                    raise StoreUnavailableError(
                        f"{self.url} stayed locked by another process for {LONGEST_WAIT:.0f} s",
                        hint="see which process holds the file (`fuser` names it) and end it",
                    ) from error
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.IntegrityError):
                    raise Conflict(str(error)) from error
                raise self.explain(error) from error
            time.sleep(pause * (0.5 + os.urandom(1)[0] / 256))
            pause = min(pause * 2, 0.1)

    def _once(self, begin: str, action: Callable[[Transaction], T]) -> T:
        connection = self.connection()
        tx = SqliteTransaction(connection)
        connection.execute(begin)
        try:
            result = action(tx)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            if self._alone:
                self.close()  # others wait for this lock; and next time there may be space again
        tx.committed()
        return result

    # --- the connection

    def connection(self) -> sqlite3.Connection:
        """This process's connection, opened on first use."""
        if self._deferred:
            self.settle()
        pid = os.getpid()
        if self._open is not None:
            owner, connection = self._open
            if owner == pid:
                return connection
            if self.path is None:
                return connection  # a forked child's memory is its own copy
            # A forked child must not touch its parent's handle: not even close it.
            _PARENTS.append(connection)
        connection = self._connect()
        self._open = (pid, connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        if self.path is None:
            connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            if self._image is not None:
                connection.deserialize(self._image)
            connection.execute("PRAGMA foreign_keys=ON")
            return connection
        self._refuse_network_file_system(self.path)
        self._alone = False
        if self.is_read_only and self.path.exists():
            return self._connect_to_look(self.path)
        try:
            return self._connect_file(self.path, alone=False)
        except StoreError as error:
            if error.code != "disk-full" or not self.path.exists():
                raise
            # The index that processes share has no room; one process alone keeps it in memory, and can read.
            connection = self._connect_file(self.path, alone=True)
            self._alone = True
            return connection

    def _connect_file(self, path: Path, *, alone: bool) -> sqlite3.Connection:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=1.0, cached_statements=256
            )
        except (OSError, sqlite3.Error) as error:
            raise self.explain(error) from error
        try:
            if alone:
                connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._settle(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect_to_look(self, path: Path) -> sqlite3.Connection:
        """A connection to what can not be written: with its log, or without where its last writer left none."""
        for how in ("mode=ro", "immutable=1"):
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None, check_same_thread=False
            )
            try:
                (application,) = connection.execute("PRAGMA application_id").fetchone()
                if application != APPLICATION_ID:
                    self._adopt(connection, application)
                return connection
            except sqlite3.DatabaseError as error:
                connection.close()
                why = self.explain(error)
        raise why

    def _refuse_network_file_system(self, path: Path) -> None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        kind = network_file_system(path.absolute(), mounts)
        if kind is not None:
            raise StoreError(
                f"{path} lies on a network file system ({kind}), whose locks do not keep SQLite whole",
                code="store-on-network",
                hint="put the home on a local disk, or use PostgreSQL: store.url = 'postgresql://…'",
            )

    def _settle(self, connection: sqlite3.Connection) -> None:
        deadline = time.monotonic() + LONGEST_WAIT
        while True:
            try:
                (application,) = connection.execute("PRAGMA application_id").fetchone()
                if application != APPLICATION_ID:
                    self._adopt(connection, application)
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute(
                    f"PRAGMA synchronous={'FULL' if self._durability == 'power' else 'NORMAL'}"
                )
                connection.execute("PRAGMA foreign_keys=ON")
                return
            except sqlite3.DatabaseError as error:
                if not _is_busy(error) or time.monotonic() > deadline:
                    raise self.explain(error) from error
                time.sleep(0.01)

    def _adopt(self, connection: sqlite3.Connection, application: int) -> None:
        (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if tables or application:
            (again,) = connection.execute("PRAGMA application_id").fetchone()
            if again == APPLICATION_ID:
                return
            raise StoreError(
                f"{self.path} is a SQLite database of another program",
                code="foreign-store",
                hint="point the store URL at a file of its own",
            )
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")

    def explain(self, error: Exception) -> StoreError:
        """The error as people can act on it."""
        code = getattr(error, "sqlite_errorcode", None)
        primary = code & 0xFF if isinstance(code, int) else None
        place = self.path or Path()
        if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and _no_space(place.parent)):
            return StoreError(
                f"the disk that holds {place} is full",
                code="disk-full",
                hint="free some space there first; then `treadle prune` removes old logs. Nothing that was acknowledged is lost",
            )
        if place.is_dir() and self.path is not None:
            return StoreError(
                f"{place} is a folder; the file of the store should be there",
                code="home-not-writable",
                hint="move the folder away, or set TREADLE_HOME to another home",
            )
        taken = next((folder for folder in place.parents if folder.exists() and not folder.is_dir()), None)
        if taken is not None:
            return StoreError(
                f"the home {place.parent} can not be made: {taken} is a file",
                code="home-not-writable",
                hint="a home is a folder: set TREADLE_HOME, or `home` in treadle.toml, to one, or move the file away",
            )
        if isinstance(error, OSError) or primary in _NO_PLACE:
            return StoreError(
                f"the home {place.parent} can not be written: {error}",
                code="home-not-writable",
                hint="give this user write access to the folder, or set TREADLE_HOME to another one",
            )
        if primary in _DAMAGED:
            return StoreError(
                f"{place} is damaged: {error}",
                code="store-corrupt",
                hint="restore it from a backup, or `sqlite3 FILE .recover` into a new file",
            )
        return StoreError(f"{self.url}: {error}", code="store-error")

    def give_back_space(self) -> None:
        """Shorten the file by its free pages, a few megabytes at a time, so that no writer waits for long."""
        while self.path is not None:
            with self._lock:
                connection = self.connection()
                (free,) = connection.execute("PRAGMA freelist_count").fetchone()
                connection.execute("PRAGMA incremental_vacuum(1000)").fetchall()
                (left,) = connection.execute("PRAGMA freelist_count").fetchone()
                if not left or left >= free:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    return

    def close(self) -> None:
        self._deferred.drop()
        if self._open is not None and self._open[0] == os.getpid():
            self._open[1].close()
            self._open = None


_PARENTS: list[sqlite3.Connection] = []
"""Handles inherited through fork, kept so that nothing closes them."""


_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs")


def network_file_system(path: Path, mounts: str) -> str | None:
    """The kind of network file system that a path lies on, or None.

    Args:
        path: absolute.
        mounts: as /proc/self/mountinfo has them.
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        left, separator, right = line.partition(" - ")
        fields = left.split()
        if not separator or len(fields) < 5:
            continue
        point = fields[4].replace("\\040", " ")
        if len(point) > best and path.is_relative_to(point):
            best, kind = len(point), right.split()[0]
    return kind if kind in _NETWORK else None


def _can_write(path: Path) -> bool:
    """Whether the file and its folder, which takes the log, can be written; one that is not there is another matter."""
    return not path.exists() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def _is_busy(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _BUSY


def _no_space(folder: Path) -> bool:
    try:
        space = os.statvfs(folder)
        return space.f_bavail * space.f_frsize < 256 * 1024
    except (OSError, AttributeError):
        return False
