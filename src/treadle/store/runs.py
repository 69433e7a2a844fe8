"""Runs: creating and reading them. Their state changes only by events."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.store.codec import (
    CORRUPT_RECORD,
    UNREADABLE,
    RunBody,
    corrupt,
    decode_error,
    decode_run_body,
    encode,
    plain,
    shown_text,
)
from treadle.store.database import Row, Transaction
from treadle.store.names import Names

_STATUSES: Final = frozenset(each.value for each in RunStatus)


class Runs:
    """The table of runs and their tags."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def create(self, tx: Transaction, run: Run, now: float, deadline: float | None = None) -> bool:
        """Store a run. False where one with this id is stored already (a repeated request)."""
        job = self._names.ids(tx, "job", [run.job_name], now)[run.job_name]
        body = RunBody(
            run.run_config, run.asset_selection, run.check_selection, run.step_keys, run.op_selection
        )
        row = tx.one(
            "add_run",
            run_id=run.run_id,
            job=job,
            status=run.status.value,
            plan_id=run.plan_id,
            parent_run_id=run.parent_run_id,
            root_run_id=run.root_run_id,
            retry_number=run.retry_number,
            now=run.created_at or now,
            deadline=deadline,
            body=encode(body),
        )
        if row is None:
            return False
        self._put_tags(tx, row[0], run.tags)
        tx.many("add_change", [("run", run.status.value, row[0], 0, now)])
        return True

    def note_waiting(
        self, tx: Transaction, run_id: str, waiting_for: str | None, deadline: float | None, now: float
    ) -> None:
        """Say what a run that is not over waits for, and by when it must have moved on."""
        tx.run("set_run_waiting", run_id=run_id, waiting_for=waiting_for, deadline=deadline, now=now)

    def add_tags(self, tx: Transaction, run_id: str, tags: Mapping[str, str], now: float) -> None:
        """Add tags to a run or change them."""
        row = tx.one("find_run_row", run_id=run_id)
        if row is not None:
            self._put_tags(tx, row[0], tags)
            tx.run("touch_run", run=row[0], now=now)

    def find(self, tx: Transaction, run_id: str) -> tuple[int, Run] | None:
        """A run and its storage id, or None."""
        row = tx.one("get_run", run_id=run_id)
        if row is None:
            return None
        return row[0], self._run(row, dict(tx.all("get_run_tags", run=row[0])))

    def with_tags(self, tx: Transaction, rows: Sequence[Row]) -> list[tuple[int, Run]]:
        """Runs from rows of the columns of `get_run`, with their tags."""
        tags: dict[int, dict[str, str]] = {}
        for start in range(0, len(rows), 500):
            part = [row[0] for row in rows[start : start + 500]]
            for run, key, value in tx.all("get_tags_of_runs", runs=part):
                tags.setdefault(run, {})[key] = value
        return [(row[0], self._run(row, tags.get(row[0], {}))) for row in rows]

    def _put_tags(self, tx: Transaction, run: int, tags: Mapping[str, str]) -> None:
        if tags:
            tx.many("put_run_tag", [(run, plain(key), plain(value)) for key, value in tags.items()])

    def _run(self, row: Row, tags: dict[str, Any]) -> Run:
        status, end_reason, error = row[3], row[12], None
        try:
            error = decode_error(row[13]) if row[13] is not None else None
            body = decode_run_body(row[14])
            RunStatus(status)
        except UNREADABLE as why:
            body, end_reason = RunBody(), CORRUPT_RECORD
            error = corrupt(f"run {row[1]} (record {row[0]})", why)
            status = status if status in _STATUSES else RunStatus.FAILURE
        return Run(
            run_id=row[1],
            job_name=shown_text(row[2]),
            status=RunStatus(status),
            tags={shown_text(key): shown_text(value) for key, value in tags.items()},
            run_config=body.run_config,
            asset_selection=body.asset_selection,
            check_selection=body.check_selection,
            step_keys=body.step_keys,
            op_selection=body.op_selection,
            plan_id=row[4],
            parent_run_id=row[5],
            root_run_id=row[6],
            retry_number=row[7],
            created_at=row[8],
            updated_at=row[9],
            started_at=row[10],
            ended_at=row[11],
            end_reason=end_reason,
            error=error,
            deadline=row[15],
            waiting_for=row[16],
        )
