"""Opening a DuckDB file that another process may hold: wait a little, then say who holds it."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import treadle as dg

try:
    import duckdb as duckdb
except ImportError as error:  # pragma: no cover - depends on what is installed
    raise ImportError("DuckDB is not installed. Install it with `pip install 'treadle[duckdb]'`.") from error

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DEFAULT_LOCK_TIMEOUT = 10.0
"""Seconds."""

_HOLDER = re.compile(r"Conflicting lock is held in (?P<command>.*?) \(PID (?P<pid>\d+)\)")


class DuckDBLockedError(dg.TreadleError):
    """Another process holds the database file and did not let go in time."""

    default_code = "duckdb-locked"


@contextmanager
def open_duckdb(
    database: str,
    *,
    config: Mapping[str, Any] | None = None,
    read_only: bool = False,
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT,
) -> Iterator["DuckDBPyConnection"]:
    """A connection that is closed at the end, so that no lock stays behind.

    Args:
        database: a path, `:memory:` or `md:…`.
        config: DuckDB's own settings.
        read_only: read-only connections of several processes coexist.
        lock_timeout: how long to wait, in seconds, for a file that another process holds.

    Raises:
        DuckDBLockedError: the file was held for longer; names the file and the holder's PID and command.
    """
    connection = _connect(database, dict(config or {}), read_only, lock_timeout)
    try:
        yield connection
    finally:
        connection.close()


def is_file(database: str) -> bool:
    """Whether this names an existing file: neither a database in memory nor one of MotherDuck."""
    return not database.startswith(("md:", "motherduck:", ":memory:")) and Path(database).is_file()


def _connect(
    database: str, config: dict[str, Any], read_only: bool, lock_timeout: float
) -> "DuckDBPyConnection":
    deadline = time.monotonic() + lock_timeout
    pause = 0.01
    while True:
        try:
            return duckdb.connect(database, read_only=read_only, config=config)
        except duckdb.Error as error:
            if _is_open_otherwise(error) and read_only and "access_mode" not in config:
                read_only = False
                continue
            if not _will_pass(error):
                raise
            problem = error
        if time.monotonic() + pause > deadline:
            raise _locked(database, lock_timeout, str(problem)) from problem
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


def _will_pass(error: duckdb.Error) -> bool:
    """Another process holds the file, or another thread of this one has it open otherwise, opens or closes it."""
    if isinstance(error, duckdb.IOException):
        return "lock" in str(error).lower()
    # Of the class `BinderException` before DuckDB 2.0, `ResourceInUseException` since.
    return "file handle conflict" in str(error) or _is_open_otherwise(error)


def _is_open_otherwise(error: duckdb.Error) -> bool:
    # DuckDB opens a file in one way at a time within a process.
    return isinstance(error, duckdb.ConnectionException) and "different configuration" in str(error)


def _locked(database: str, waited: float, text: str) -> DuckDBLockedError:
    holder = _HOLDER.search(text)
    by = f"process {holder['pid']} ({holder['command']})" if holder else "another process or connection"
    return DuckDBLockedError(
        f"`{database}` is held by {by}; it was waited for {waited:g} s.",
        hint="Close that program's connection (a notebook or REPL left open?), raise `lock_timeout`, or open both "
        "with `read_only=True`: readers coexist.",
    )
