"""Pool slots: rows that belong to a lease, granted all or none, gone with their lease."""

from collections.abc import Mapping
from typing import NamedTuple

from treadle.core.runs import Lease
from treadle.store.database import Transaction
from treadle.store.errors import StaleLeaseError


class PoolUse(NamedTuple):
    """A pool, its limit (None: unlimited) and how much of it is held."""

    pool: str
    slot_limit: int | None
    held: int


class Slots:
    """The tables of pools and slots."""

    default_limit: int | None = None
    """The limit of pools that have none of their own."""

    def set_limit(self, tx: Transaction, pool: str, limit: int | None) -> None:
        """Limit a pool; holders above a lowered limit keep what they have."""
        tx.run("limit_pool", pool=pool, slot_limit=limit)

    def pools(self, tx: Transaction) -> list[PoolUse]:
        """Every pool that was ever limited or used."""
        return [PoolUse(row[0], row[1], int(row[2])) for row in tx.all("list_pools")]

    def grant(
        self, tx: Transaction, lease: Lease, step_key: str, attempt: int, wants: Mapping[str, int], now: float
    ) -> str | None:
        """Grant a step all the slots it wants, or none: then the name of the pool that is full.

        Asking again for what is held already is granted without a second row.

        Raises:
            StaleLeaseError: the lease is no longer live.
        """
        row = tx.one("lock_run", run_id=lease.run_id, count=0)
        if row is None or not lease.token or row[3] != lease.token:
            raise StaleLeaseError(f"run {lease.run_id} is no longer held by attempt {lease.attempt}")
        run = row[0]
        step = {"run": run, "token": lease.token, "step_key": step_key, "step_attempt": attempt}
        mine = {each[0] for each in tx.all("own_slots", **step)}
        wanted = {pool: amount for pool, amount in wants.items() if pool not in mine}
        if not wanted:
            return None
        pools = sorted(wanted)
        tx.many("add_pool", [(pool,) for pool in pools])
        limits = {pool: limit for pool, limit in tx.all("lock_pools", pools=pools)}
        held = {pool: int(amount) for pool, amount in tx.all("held_slots", pools=pools)}
        for pool in pools:
            limit = limits[pool] if limits[pool] is not None else self.default_limit
            if limit is not None and held.get(pool, 0) + wanted[pool] > limit:
                return pool
        rows = [(run, lease.token, step_key, attempt, pool, wanted[pool], now) for pool in pools]
        tx.many("add_slot", rows)
        return None

    def release(self, tx: Transaction, lease: Lease, step_key: str, attempt: int) -> None:
        """Give a step's slots back; doing so twice is fine."""
        tx.run(
            "release_slots", run_id=lease.run_id, token=lease.token, step_key=step_key, step_attempt=attempt
        )

    def holders(self, tx: Transaction, pool: str) -> list[tuple[str, str]]:
        """Who holds slots of a pool: (run id, step key), the longest holder first."""
        return [(row[0], row[1]) for row in tx.all("holders_of_pool", pool=pool)]
