"""Opening a store by its URL: `memory:`, `sqlite:///path`, `postgresql://…`."""

import importlib
import logging
import time
from functools import cache
from pathlib import Path
from typing import Final

from treadle import __version__
from treadle.store.database import Database
from treadle.store.deferred import DeferredWrites
from treadle.store.errors import StoreError
from treadle.store.migrate import migrate
from treadle.store.sqlite import Durability, SqliteDatabase
from treadle.store.store import Store
from treadle.store.unfinished_ends import end_unfinished

_log = logging.getLogger(__name__)
_TOLD: Final = 3
"""Runs of dead processes that are named, one a line."""


def open_store(
    url: str = "memory:",
    *,
    durability: Durability = "process",
    max_connections: int = 4,
    now: float | None = None,
    sweep: bool = True,
    deferred: DeferredWrites | None = None,
    only_looks: bool = False,
) -> Store:
    """Open a store, bring it to today's schema, and end what processes still hold that are gone: runs and chunks.

    Args:
        url: `memory:`, `sqlite:///absolute/path` (three slashes, then the path) or `postgresql://…`.
        durability: SQLite: `process` (survives the death of any process) or `power` (also a power cut).
        max_connections: PostgreSQL: the most that this process opens.
        now: Unix seconds; the clock's where not given.
        sweep: end what processes hold that are gone.
        deferred: writes that wait for the first look into a store in memory.
        only_looks: SQLite: open one that can not be written, too, with a warning; a write raises `home-not-writable`.

    Raises:
        StoreError: not writable, full, damaged, foreign, made by a newer version, or an unknown kind of URL.

    Example:
        >>> store = open_store("memory:")
        >>> store.find_run("nothing") is None
        True
    """
    if url in ("memory:", "memory://"):
        return Store(SqliteDatabase(None, image=_empty_image(), deferred=deferred))
    database = _database(url, durability, max_connections, only_looks)
    try:
        migrate(database, __version__)
        store = Store(database)
        if store.is_read_only:
            _log.warning("%s can not be written: what is shown may be out of date", database.url)
        elif sweep:
            moment = time.time() if now is None else now
            _sweep(store, moment)
    except BaseException:
        database.close()
        raise
    return store


def _sweep(store: Store, now: float) -> None:
    try:
        end_unfinished(store)
        dead = store.reap_dead_leases(now)
        store.backfills.sweep_dead(now)
    except StoreError as error:
        if error.code != "disk-full":
            raise
        # What is stored can still be read; the next one to open it where there is space will sweep.
        _log.warning("%s: processes that are gone may still be shown as running", error.message)
        return
    for lease in dead[:_TOLD]:
        _log.warning("Run %s has ended: its process %d is gone (worker-lost)", lease.run_id, lease.holder.pid)
    if len(dead) > _TOLD:
        _log.warning("%d more runs have ended so", len(dead) - _TOLD)


def _database(url: str, durability: Durability, max_connections: int, only_looks: bool) -> Database:
    scheme, separator, rest = url.partition("://")
    if scheme == "sqlite" and separator:
        return SqliteDatabase(
            Path(rest.removeprefix("/") if rest.startswith("//") else rest),
            durability=durability,
            only_looks=only_looks,
        )
    if scheme in ("postgresql", "postgres") and separator:
        # psycopg takes 200 ms to import, and is an extra.
        module = importlib.import_module("treadle.store.postgres")
        database: Database = module.PostgresDatabase(url, max_connections=max_connections)
        return database
    raise StoreError(
        f"no store has a URL like {scheme}:",
        code="unknown-store",
        hint="use memory:, sqlite:///path/to/treadle.db or postgresql://user@host/database",
    )


@cache
def _empty_image() -> bytes:
    """A migrated, empty database: opening one in memory copies it."""
    database = SqliteDatabase(None)
    connection = database.connection()
    connection.execute("PRAGMA page_size=1024")
    migrate(database, __version__)
    image = connection.serialize()
    database.close()
    return image
