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
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            problem: duckdb.Error = error
        except duckdb.BinderException as error:
            # Another thread of this process is opening or closing the file at this moment.
            if "file handle conflict" not in str(error):
                raise
            problem = error
        except duckdb.ConnectionException as error:
            # This very process has it open otherwise, in another thread: DuckDB takes one way at a time.
            if "different configuration" not in str(error):
                raise
            if read_only and "access_mode" not in config:
                read_only = False
                continue
            problem = error
        if time.monotonic() + pause > deadline:
            raise _locked(database, lock_timeout, str(problem)) from problem
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


def _locked(database: str, waited: float, text: str) -> DuckDBLockedError:
    holder = _HOLDER.search(text)
    by = f"process {holder['pid']} ({holder['command']})" if holder else "another process or connection"
    return DuckDBLockedError(
        f"`{database}` is held by {by}; it was waited for {waited:g} s.",
        hint="Close that program's connection (a notebook or REPL left open?), raise `lock_timeout`, or open both "
        "with `read_only=True`: readers coexist.",
    )
