"""Ordered migrations: one file a change, replayed once each, each in one transaction.

A file is `NNNN_pre_what.sql` (safe before the new code runs) or `NNNN_post_what.sql` (only after it).
"""

import re
import time
from functools import cache
from typing import Final, NamedTuple

from treadle.store.database import Database, Transaction
from treadle.store.errors import StoreError
from treadle.store.queries import SQL_HOME, Dialect, in_words_of, load_queries

_FILE: Final = re.compile(r"^(\d{4})_(pre|post)_(\w+)\.sql$")


class Migration(NamedTuple):
    """One change of the schema."""

    number: int
    name: str
    text: str


@cache
def migrations(dialect: Dialect) -> tuple[Migration, ...]:
    """Every migration in order, in the words of the dialect."""
    found = []
    for path in sorted((SQL_HOME / "migrations").glob("*.sql")):
        match = _FILE.match(path.name)
        if match is None:
            raise ValueError(f"{path.name} is not named NNNN_pre_what.sql or NNNN_post_what.sql")
        text = in_words_of(dialect, path.read_text(encoding="utf-8"))
        found.append(Migration(int(match[1]), f"{match[2]}_{match[3]}", text))
    if [each.number for each in found] != list(range(1, len(found) + 1)):
        raise ValueError("migrations are not numbered 1, 2, 3 …")
    return tuple(found)


def migrate(database: Database, version: str) -> int:
    """Bring the database to today's schema; how many migrations were applied.

    Args:
        database: a new one, one of an older version, or one of today's.
        version: of this program, noted beside each migration.

    Raises:
        StoreError: `store-too-new` where a newer version of the program made it.
    """
    known = migrations(database.dialect)
    stored = database.read(_stored)
    if stored and stored[-1][0] > known[-1].number:
        raise StoreError(
            f"{database.url} was made by treadle {stored[-1][2]} (schema {stored[-1][0]}); "
            f"this is treadle {version} (schema {known[-1].number})",
            code="store-too-new",
            hint=f"upgrade: pip install 'treadle>={stored[-1][2]}', or use another home",
        )
    done = {row[0] for row in stored}
    applied = 0
    for migration in known:
        if migration.number not in done:
            applied += _apply(database, migration, version)
    return applied


def _stored(tx: Transaction) -> list[tuple[int, str, str]]:
    if tx.one("has_migrations") is None:
        return []
    return [(row[0], row[1], row[2]) for row in tx.all("list_migrations")]


def _apply(database: Database, migration: Migration, version: str) -> int:
    note = load_queries(database.dialect)["note_migration"]
    values = {
        "number": migration.number,
        "name": migration.name,
        "applied_at": time.time(),
        "made_by": version,
    }
    try:
        database.script(migration.text, [(note, values)])
    except Exception as error:
        # Another process may have been first; then there is nothing left to do.
        if migration.number in {row[0] for row in database.read(_stored)}:
            return 0
        raise StoreError(
            f"migration {migration.number:04} ({migration.name}) of {database.url} failed: {error}",
            code="migration-failed",
            hint="nothing of it was applied; the store is as it was",
        ) from error
    return 1
