"""PostgreSQL, in a schema of its own. Imported only where a URL asks for it; needs the extra `postgres`."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from treadle.store.database import Row, Transaction
from treadle.store.errors import Conflict, StoreError, StoreUnavailableError
from treadle.store.queries import Dialect, Query, load_queries, statements

try:
    import psycopg
    import psycopg_pool
    from psycopg import errors
except ImportError as missing:
    raise StoreError(
        f"a PostgreSQL store needs a package that is not installed: {missing.name}",
        code="missing-extra",
        hint="pip install 'treadle[postgres]'",
    ) from missing

T = TypeVar("T")

SCHEMA: Final = "treadle"
LONGEST_WAIT: Final = 90.0
"""Seconds that a transaction is tried again while the server is away; longer than a restart takes."""

FIRST_WAIT: Final = 10.0
"""Seconds to wait for the very first connection: a wrong address should tell soon."""

_TELL_AFTER: Final = 1.0
"""Seconds after which people are told that the server is waited for."""

_LOG: Final = logging.getLogger("treadle.store")
# Of a server that is away our one sentence tells, not each attempt of the pool.
logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())

_LOCK: Final = 0x54524C45
_TRY_AGAIN = (errors.SerializationFailure, errors.DeadlockDetected)
_NOT_AWAY = (errors.DiskFull, errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)


class PostgresTransaction:
    """A transaction on one connection of the pool."""

    __slots__ = ("_actions", "_cursor", "_queries")

    dialect: Dialect = "postgres"

    def __init__(self, cursor: "psycopg.RawCursor[Row]") -> None:
        self._cursor = cursor
        self._queries = load_queries("postgres")
        self._actions: list[Callable[[], None]] = []

    def run(self, query: str, **values: Any) -> int:
        text, arguments = self._queries[query].bind(values)
        return self._cursor.execute(text.encode(), arguments).rowcount

    def one(self, query: str, **values: Any) -> Row | None:
        text, arguments = self._queries[query].bind(values)
        return self._cursor.execute(text.encode(), arguments).fetchone()

    def all(self, query: str, **values: Any) -> list[Row]:
        text, arguments = self._queries[query].bind(values)
        return self._cursor.execute(text.encode(), arguments).fetchall()

    def select(self, query: Query, values: dict[str, Any]) -> list[Row]:
        text, arguments = query.bind(values)
        # Not prepared: a plan for any value of a filter may read the whole table where these values need a few rows.
        return self._cursor.execute(text.encode(), arguments, prepare=False).fetchall()

    def many(self, query: str, rows: Iterable[Row]) -> None:
        self._cursor.executemany(self._queries[query].text.encode(), list(rows))

    def after_commit(self, action: Callable[[], None]) -> None:
        self._actions.append(action)

    def committed(self) -> None:
        """Do what was asked to be done after the commit."""
        for action in self._actions:
            action()


class PostgresDatabase:
    """A PostgreSQL database.

    Args:
        url: as libpq takes it.
        max_connections: the most that this process opens.
    """

    dialect: Dialect = "postgres"

    def __init__(self, url: str, *, max_connections: int = 4) -> None:
        self._address = url
        self._max_connections = max_connections
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._pool: tuple[int, psycopg_pool.ConnectionPool[Any]] | None = None
        self._met = False
        self._is_away = False
        self._adopt()

    @property
    def path(self) -> None:
        return None

    @property
    def is_read_only(self) -> bool:
        return False

    @property
    def url(self) -> str:
        """The address without its password."""
        scheme, _, rest = self._address.partition("://")
        login, at, place = rest.rpartition("@")
        return f"{scheme}://{login.split(':')[0]}{at}{place}"

    @property
    def address(self) -> str:
        """What opens it again, with its password."""
        return self._address

    # --- transactions

    def write(self, action: Callable[[Transaction], T]) -> T:
        return self._in_transaction("BEGIN", action)

    def read(self, action: Callable[[Transaction], T]) -> T:
        return self._in_transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", action)

    def defer(self, action: Callable[[], None], events: int) -> bool:
        return False

    def settle(self) -> None:
        """Nothing to do: nothing waits."""

    def script(self, text: str, parameters: Iterable[tuple[Query, dict[str, Any]]] = ()) -> None:
        parts = statements(text)
        follow = list(parameters)

        def apply(cursor: "psycopg.RawCursor[Row]") -> None:
            cursor.execute(b"SELECT pg_advisory_xact_lock($1)", (_LOCK,))
            for part in parts:
                cursor.execute(part.encode())
            for query, values in follow:
                words, arguments = query.bind(values)
                cursor.execute(words.encode(), arguments)

        self._repeat("BEGIN", apply)

    def _in_transaction(self, begin: str, action: Callable[[Transaction], T]) -> T:
        committed: list[PostgresTransaction] = []

        def once(cursor: "psycopg.RawCursor[Row]") -> T:
            tx = PostgresTransaction(cursor)
            committed[:] = [tx]
            return action(tx)

        result = self._repeat(begin, once)
        committed[0].committed()
        return result

    def _repeat(self, begin: str, action: Callable[["psycopg.RawCursor[Row]"], T]) -> T:
        began = time.monotonic()
        longest = LONGEST_WAIT if self._met else FIRST_WAIT
        pause = 0.005
        while True:
            try:
                return self._once(begin, action)
            except errors.IntegrityError as error:
                raise Conflict(str(error)) from error
            except _TRY_AGAIN:
                pass
            except _NOT_AWAY as error:
                raise self.explain(error) from error
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                waited = time.monotonic() - began
                if waited > longest:
                    raise self.explain(error) from error
                if waited > _TELL_AFTER:
                    self._tell_away(longest)
            except psycopg.Error as error:
                raise self.explain(error) from error
            time.sleep(pause * (0.5 + os.urandom(1)[0] / 256))
            pause = min(pause * 2, 1.0)

    def _tell_away(self, longest: float) -> None:
        if not self._is_away:
            self._is_away = True
            _LOG.warning("%s does not answer; it is waited for, at most %.0f s", self.url, longest)

    def _once(self, begin: str, action: Callable[["psycopg.RawCursor[Row]"], T]) -> T:
        with self.pool().connection(timeout=2.0) as connection, connection.cursor() as cursor:
            cursor.execute(begin.encode())
            try:
                result = action(cursor)
                cursor.execute(b"COMMIT")
            except BaseException:
                if not connection.closed and not connection.broken:
                    cursor.execute(b"ROLLBACK")
                raise
        self._met = True
        if self._is_away:
            self._is_away = False
            _LOG.warning("%s answers again", self.url)
        return result

    # --- connections

    def pool(self) -> "psycopg_pool.ConnectionPool[Any]":
        """This process's pool, opened on first use; a forked child opens its own."""
        pid = os.getpid()
        if self._pid != pid:
            # In a forked child: a thread of the parent may have held the lock.
            self._lock, self._pid = threading.Lock(), pid
        with self._lock:
            if self._pool is None or self._pool[0] != pid:
                if self._pool is not None:
                    _PARENTS.append(self._pool[1])
                self._pool = (pid, self._open_pool())
            return self._pool[1]

    def _open_pool(self) -> "psycopg_pool.ConnectionPool[Any]":
        return psycopg_pool.ConnectionPool(
            self._address,
            min_size=0,
            max_size=self._max_connections,
            open=True,
            max_idle=60.0,
            reconnect_timeout=5.0,
            check=None,
            configure=_configure,
            kwargs={
                "autocommit": True,
                "cursor_factory": psycopg.RawCursor,
                "application_name": "treadle",
                "connect_timeout": 5,
                "options": f"-c search_path={SCHEMA} -c idle_in_transaction_session_timeout=30000",
            },
        )

    def _adopt(self) -> None:
        """Make our schema, or refuse one that another program made."""

        def adopt(cursor: "psycopg.RawCursor[Row]") -> None:
            cursor.execute(b"SELECT pg_advisory_xact_lock($1)", (_LOCK,))
            found = cursor.execute(
                b"SELECT obj_description(oid, 'pg_namespace'), "
                b"EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = n.oid) "
                b"FROM pg_namespace n WHERE nspname = $1",
                (SCHEMA,),
            ).fetchone()
            if found is None:
                cursor.execute(f"CREATE SCHEMA {SCHEMA}".encode())
            elif found[0] == _COMMENT:
                return
            elif found[1]:
                raise StoreError(
                    f"{self.url} has a schema {SCHEMA} that another program made",
                    code="foreign-store",
                    hint="use another database; Treadle shares its schema with nobody",
                )
            cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{_COMMENT}'".encode())

        self._repeat("BEGIN", adopt)

    def explain(self, error: Exception) -> StoreError:
        """The error as people can act on it."""
        if isinstance(error, errors.DiskFull):
            return StoreError(
                f"the disk of {self.url} is full",
                code="disk-full",
                hint="free some space; then `treadle prune` removes old logs",
            )
        if isinstance(error, _NOT_AWAY):
            return StoreError(
                f"{self.url} can not be written: {error}",
                code="home-not-writable",
                hint=f"grant this user CREATE on the database, or ownership of the schema {SCHEMA}",
            )
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return StoreUnavailableError(
                f"{self.url} is out of reach: {error}",
                code="store-unavailable",
                hint="is the server running?",
            )
        return StoreError(f"{self.url}: {error}")

    def give_back_space(self) -> None:
        """Nothing to do: autovacuum does."""

    def close(self) -> None:
        with self._lock:
            if self._pool is not None and self._pool[0] == os.getpid():
                self._pool[1].close()
                self._pool = None


_COMMENT: Final = "state of treadle"

_PARENTS: list[Any] = []
"""Pools inherited through fork, kept so that nothing closes them."""


def _configure(connection: "psycopg.Connection[Any]") -> None:
    connection.prepare_threshold = 2
