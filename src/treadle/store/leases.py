"""Leases: who may write a run's state. One live row is one live attempt."""

from treadle.core.runs import Holder, Lease
from treadle.store.database import Row, Transaction
from treadle.store.errors import StaleLeaseError


class Leases:
    """The table of live leases."""

    def acquire(self, tx: Transaction, run_id: str, holder: Holder, now: float) -> Lease:
        """Begin a new attempt of a run.

        Raises:
            StaleLeaseError: another process holds the run, or the run is over or unknown.
        """
        row = tx.one("take_run", run_id=run_id, now=now)
        if row is None:
            lease = self.find(tx, run_id)
            if lease is not None and lease.holder == holder:
                return lease
            raise StaleLeaseError(
                f"run {run_id} is held by process {lease.holder.pid} on {lease.holder.host}"
                if lease is not None
                else f"run {run_id} is over or unknown"
            )
        run, attempt, token = row
        tx.run(
            "add_lease",
            run=run,
            attempt=attempt,
            token=token,
            host=holder.host,
            boot_id=holder.boot_id,
            pid_namespace=holder.pid_namespace,
            pid=holder.pid,
            process_started=holder.process_started,
            now=now,
        )
        return Lease(run_id=run_id, attempt=attempt, token=token, holder=holder)

    def find(self, tx: Transaction, run_id: str) -> Lease | None:
        """The live lease of a run, or None."""
        row = tx.one("find_lease", run_id=run_id)
        return None if row is None else _lease(row)

    def list_all(self, tx: Transaction) -> list[Lease]:
        """Every live lease."""
        return [_lease(row) for row in tx.all("list_leases")]

    def extend(self, tx: Transaction, lease: Lease, counter: int) -> bool:
        """Beat: False where the lease is no longer live, and the holder must stop."""
        return tx.run("extend_lease", run_id=lease.run_id, token=lease.token, counter=counter) == 1

    def end(self, tx: Transaction, lease: Lease, *, counter: int | None = None) -> bool:
        """End a lease, and with it its slots; False where it had ended or, given a counter, has beaten since."""
        row = tx.one("lock_run", run_id=lease.run_id, count=0)
        if row is None:
            return False
        if counter is None:
            ended = tx.run("delete_lease", run=row[0], token=lease.token)
        else:
            ended = tx.run("delete_still_lease", run=row[0], token=lease.token, counter=counter)
        if ended:
            tx.run("release_run", run=row[0], token=lease.token)
        return bool(ended)


def _lease(row: Row) -> Lease:
    run_id, attempt, token, host, boot_id, namespace, pid, started, counter = row
    holder = Holder(host=host, boot_id=boot_id, pid_namespace=namespace, pid=pid, process_started=started)
    return Lease(run_id=run_id, attempt=attempt, token=token, holder=holder, counter=counter)
