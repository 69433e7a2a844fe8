"""Partition keys that have no arithmetic: stable ids for static keys, and dynamic partitions."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Final

from treadle.core.keys import AssetKey
from treadle.core.partitions.runs import Runs, contains, members, size
from treadle.core.partitions.stored_set import LATEST_TIME
from treadle.store.changes import Changes
from treadle.store.codec import plain
from treadle.store.database import Database, Transaction
from treadle.store.names import Names

_DYNAMIC: Final = "dynamic:"
_IDS_A_SCOPE: Final = 2**32
_SCOPES: Final = 2**20
_BEYOND_TIMES: Final = LATEST_TIME // _IDS_A_SCOPE


def dynamic_scope(name: str) -> str:
    """Where the keys of a dynamic partitions definition live."""
    return plain(f"{_DYNAMIC}{name}")


def job_scope(name: str) -> str:
    """Where the static keys of a job of ops live."""
    return plain(f"job/{name}")


class Partitions:
    """The table of partition names: append-only; what is deleted is tombstoned and keeps its id.

    A scope is the static keys of an asset or the keys of a dynamic definition. A method is one transaction.
    """

    def __init__(self, database: Database, names: Names, changes: Changes) -> None:
        self._database = database
        self._names = names
        self._changes = changes

    def static_scope(self, key: AssetKey, now: float) -> str:
        """Where the static keys of an asset live: under its integer id, so that a rename loses nothing."""
        return self._database.write(lambda tx: f"static/{self._names.asset_ids(tx, [key], now)[key]}")

    def ids(self, scope: str, keys: Sequence[str], now: float) -> dict[str, int]:
        """The stable id of each key; new keys get the next ones, in order."""
        found, _ = self._database.read(lambda tx: self._find(tx, scope, keys))
        if len(found) == len(set(keys)):
            return found
        return self._database.write(lambda tx: self._ids(tx, scope, keys, now))

    def known_ids(self, scope: str) -> dict[str, int]:
        """Every key of a scope that ever was, with its id."""
        rows = self._database.read(lambda tx: tx.all("list_partition_names", scope=scope))
        return {row[1]: row[0] for row in rows}

    def add_dynamic(self, name: str, keys: Sequence[str], now: float) -> list[str]:
        """Add keys to a dynamic definition; those that were new to it."""
        return self._database.write(lambda tx: self.add_dynamic_in(tx, name, keys, now))

    def delete_dynamic(self, name: str, key: str, now: float) -> bool:
        """Tombstone a key; False where there was none."""
        return self._database.write(lambda tx: self.delete_dynamic_in(tx, name, key, now))

    def list_dynamic(self, name: str) -> list[str]:
        """The keys of a dynamic definition, in the order added."""
        rows = self._database.read(lambda tx: tx.all("live_partition_names", scope=dynamic_scope(name)))
        return [row[0] for row in rows]

    def has_dynamic(self, name: str, key: str) -> bool:
        """Whether a dynamic definition has a key."""
        scope = dynamic_scope(name)
        rows = self._database.read(lambda tx: tx.all("find_partition_names", scope=scope, keys=[plain(key)]))
        return bool(rows) and rows[0][2] is None

    def add_dynamic_in(self, tx: Transaction, name: str, keys: Sequence[str], now: float) -> list[str]:
        """Add keys to a dynamic definition; those that were new to it. In an open transaction (a tick's)."""
        scope = dynamic_scope(name)
        _lock(tx, scope)
        found, deleted = self._find(tx, scope, keys)
        added = [key for key in dict.fromkeys(keys) if key not in found or key in deleted]
        if not added:
            return []
        revived = [key for key in added if key in deleted]
        if revived:
            first = _lock(tx, scope, positions=len(revived))[1] - len(revived)
            tx.many("revive_partition_name", [(first + i, scope, key) for i, key in enumerate(revived)])
        self._append(tx, scope, [key for key in added if key not in deleted], found, now)
        self._changes.note(tx, "partition", scope, now)
        return added

    def delete_dynamic_in(self, tx: Transaction, name: str, key: str, now: float) -> bool:
        """Tombstone a key; False where there was none. In an open transaction."""
        scope = dynamic_scope(name)
        gone = tx.run("bury_partition_name", scope=scope, key=plain(key), now=now) == 1
        if gone:
            self._changes.note(tx, "partition", scope, now)
        return gone

    def _ids(self, tx: Transaction, scope: str, keys: Sequence[str], now: float) -> dict[str, int]:
        _lock(tx, scope)
        found, _ = self._find(tx, scope, keys)
        new = [key for key in dict.fromkeys(keys) if plain(key) not in found]
        self._append(tx, scope, new, found, now)
        if scope.startswith(_DYNAMIC):
            # An id is no partition: a key that nobody added does not exist by being named.
            for key in new:
                tx.run("bury_partition_name", scope=scope, key=plain(key), now=now)
        return found

    def _find(self, tx: Transaction, scope: str, keys: Sequence[str]) -> tuple[dict[str, int], set[str]]:
        found: dict[str, int] = {}
        deleted: set[str] = set()
        for start in range(0, len(keys), 500):
            part = [plain(key) for key in keys[start : start + 500]]
            for key, identity, deleted_at in tx.all("find_partition_names", scope=scope, keys=part):
                found[key] = identity
                if deleted_at is not None:
                    deleted.add(key)
        return found, deleted

    def _append(
        self, tx: Transaction, scope: str, keys: Sequence[str], found: dict[str, int], now: float
    ) -> None:
        if not keys:
            return
        last_id, last_position = _lock(tx, scope, ids=len(keys), positions=len(keys))
        first_id, first_position = last_id - len(keys), last_position - len(keys)
        fresh: Mapping[str, int] = {plain(key): first_id + i for i, key in enumerate(keys)}
        rows = [
            (scope, identity, key, first_position + identity - first_id, now)
            for key, identity in fresh.items()
        ]
        tx.many("add_partition_name", rows)
        found.update(fresh)


def _lock(tx: Transaction, scope: str, *, ids: int = 0, positions: int = 0) -> tuple[int, int]:
    """Hold a scope until the transaction ends, and take ids and positions; what comes after the last of each."""
    row = tx.one("lock_scope", scope=scope, first_id=_first_id(scope), ids=ids, positions=positions)
    assert row is not None  # the statement makes the row
    return row[0], row[1]


def _first_id(scope: str) -> int:
    """The first id of a scope.

    Ids of different scopes differ, and differ from times in seconds, so that of what was made before an asset's
    definition changed nothing is taken for partitions that it has now. All are below 2**52, which any JSON keeps.
    """
    number = int.from_bytes(blake2b(scope.encode(), digest_size=4).digest()) % (_SCOPES - _BEYOND_TIMES)
    return (_BEYOND_TIMES + number) * _IDS_A_SCOPE


def _within(keys: Mapping[int, str], ids: Runs) -> dict[int, str]:
    if size(ids) < len(keys):
        return {identity: keys[identity] for identity in members(ids) if identity in keys}
    return {identity: key for identity, key in keys.items() if contains(ids, identity)}


class PartitionKeyIds:
    """Stable ids of the partition keys of an asset or a job, as `core.partitions.stored` asks for them.

    Args:
        partitions: the table.
        home: gives the scope in which static keys live.
        now: Unix seconds, for keys that are new.
    """

    def __init__(self, partitions: Partitions, home: Callable[[], str], now: float) -> None:
        self._partitions = partitions
        self._home_of = home
        self._now = now
        self._home: str | None = None
        self._ids: dict[str, dict[str, int]] = {}
        self._keys: dict[str, dict[int, str]] = {}

    def ids_for(self, scope: str, keys: Sequence[str]) -> list[int]:
        """The id of each key, allocated if it is new."""
        known = self._ids.setdefault(scope, {})
        missing = [key for key in keys if key not in known]
        if missing:
            known.update(self._partitions.ids(self._scope(scope), missing, self._now))
        return [known[key] for key in keys]

    def keys_within(self, scope: str, ids: Runs) -> dict[int, str]:
        """The keys whose ids lie in some runs, by id; there may be far more numbers in the runs than keys."""
        found = _within(self._keys.get(scope, {}), ids)
        if len(found) < size(ids):
            known = self._partitions.known_ids(self._scope(scope))
            self._keys[scope] = {identity: key for key, identity in known.items()}
            found = _within(self._keys[scope], ids)
        return found

    def _scope(self, scope: str) -> str:
        if scope.startswith("dynamic:"):
            return scope
        if self._home is None:
            self._home = self._home_of()
        return f"{self._home}/{scope}"
