"""What a person sees of a backfill: a line a run, how far it is, how it ended."""

import time
from collections.abc import Mapping, Sequence

import attrs
import click

from treadle.cli.failing import fail
from treadle.cli.output import counted, harmless, print_json, print_table
from treadle.cli.progress import View, duration_text
from treadle.cli.runs_view import time_text
from treadle.plan.backfill import BackfillChunk
from treadle.run.backfill import ChunkEnd
from treadle.store.backfills import BackfillStatus
from treadle.store.instance import Instance

BACKFILL_WORDS: Mapping[BackfillStatus, str] = {
    BackfillStatus.REQUESTED: "In progress",
    BackfillStatus.CANCELING: "Canceling",
    BackfillStatus.CANCELED: "Canceled",
    BackfillStatus.SUCCESS: "Succeeded",
    BackfillStatus.FAILED: "Failed",
}
_ORDER = ("materialized", "failed", "skipped", "canceled", "pending", "in_flight")
_STYLES = {"materialized": "green", "failed": "red", "skipped": "yellow", "canceled": "yellow"}


@attrs.define(eq=False)
class BackfillReporter:
    """Tells of the runs of a backfill as they end.

    Args:
        view: where it shows.
        quiet: True: only what went wrong.
    """

    view: View
    instance: Instance
    backfill_id: str
    quiet: bool = False
    label: str = ""
    """The partition that is running."""
    _began: dict[int, float] = attrs.field(factory=dict)
    _total: int = 0
    _ended: int = 0
    _failed: int = 0

    def on_start(self, number: int, chunk: BackfillChunk, run_id: str) -> None:
        """A run begins."""
        self._began[number] = time.time()
        self.label = partitions_text(chunk)
        self.view.started(chunk_text(chunk), time.time())

    def on_end(self, end: ChunkEnd) -> None:
        """A run is over."""
        self.view.ended(chunk_text(end.chunk))
        if not self._total:
            self._read()
        else:
            self._ended += 1
            self._failed += end.state == "failed"
        self.view.total(self._ended - self._failed, self._total, self._failed)
        if self.quiet and end.state == "materialized" and end.reason is None:
            return
        took = duration_text(time.time() - self._began.pop(end.number, time.time()))
        state = _state_word(end.state, of_job=end.chunk.job_name is not None)
        line = f"[{end.number + 1}/{self._total}] {chunk_text(end.chunk)} {state} in {took}"
        told = [f"run {end.run_id}"] if end.result is not None and end.state != "materialized" else []
        told += [end.reason] if end.reason else []
        if told:
            line += f" ({': '.join(told)})"
        self.view.line(harmless(line), _STYLES.get(end.state, ""))

    def count(self) -> None:
        """Show how far all processes together are."""
        self._read()
        self.view.total(self._ended - self._failed, self._total, self._failed)

    def _read(self) -> None:
        chunks = self.instance.store.backfills.counts(self.backfill_id).chunks
        self._total = sum(chunks.values())
        self._failed = chunks.get("failed", 0)
        self._ended = self._total - chunks.get("pending", 0) - chunks.get("in_flight", 0)


def partitions_text(chunk: BackfillChunk) -> str:
    """The partition or range of a chunk; nothing for assets without partitions."""
    keys = chunk.partitions
    if keys is None:
        return ""
    if not keys:
        return "(gone)"
    return str(keys.first_key) if len(keys) == 1 else f"{keys.first_key}...{keys.last_key}"


def chunk_text(chunk: BackfillChunk) -> str:
    """A chunk in short: its partitions, and its assets."""
    names = [key.to_user_string() for key in chunk.asset_keys] or [chunk.job_name or ""]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return harmless(f"{partitions_text(chunk)} {shown}".strip())


def print_chunks(chunks: Sequence[BackfillChunk], as_json: bool) -> None:
    """The runs of a backfill that is only looked at."""
    if as_json:
        print_json(
            [
                {
                    "assets": [key.to_user_string() for key in chunk.asset_keys],
                    "partitions": None
                    if chunk.partitions is None
                    else [str(key) for key in chunk.partitions],
                }
                for chunk in chunks
            ]
        )
        return
    for chunk in chunks:
        click.echo(chunk_text(chunk))
    partitions = sum(chunk.partition_count for chunk in chunks)
    click.echo(f"{counted(len(chunks), 'run')}, {counted(partitions, 'partition')}; nothing was run")


def latest_backfill(instance: Instance) -> str:
    """The id of the last backfill. Ends the command if there is none."""
    newest = instance.store.backfills.list_all(1)
    if not newest:
        fail("There are no backfills yet.", code="not-found")
    return newest[0].backfill_id


def partition_counts(instance: Instance, backfill_id: str) -> dict[str, int]:
    """How many partitions are in each state, by the words that are shown, in the order of a life."""
    found = instance.store.backfills.find(backfill_id)
    of_job = found is not None and found.of_job is not None
    counts = instance.store.backfills.counts(backfill_id).partitions
    return {_state_word(state, of_job=of_job): counts[state] for state in _ORDER if counts.get(state)}


def _state_word(state: str, *, of_job: bool) -> str:
    """A job of ops materializes nothing: its run succeeded."""
    return "succeeded" if of_job and state == "materialized" else state


def backfill_summary(
    backfill_id: str,
    status: BackfillStatus,
    partitions: Mapping[str, int],
    checks: Mapping[str, int],
    seconds: float,
) -> str:
    """The final line."""
    word = {
        BackfillStatus.SUCCESS: "SUCCESS",
        BackfillStatus.FAILED: "FAILURE",
        BackfillStatus.CANCELED: "CANCELED",
    }.get(status, "STOPPED")
    told = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in partitions.items())
    checked = ", ".join(f"{number} {state}" for state, number in checks.items())
    made = f"partitions: {told or 'none'}{f'; checks: {checked}' if checked else ''}"
    return f"{word} backfill {backfill_id} in {duration_text(seconds)}: {made}"


def print_backfills(instance: Instance, as_json: bool) -> None:
    """List backfills, the newest first."""
    rows = []
    for found in instance.store.backfills.list_all():
        counts = partition_counts(instance, found.backfill_id)
        rows.append((found, counts))
    if as_json:
        print_json(
            [
                {
                    "backfill_id": found.backfill_id,
                    "status": found.status.value,
                    "created_at": found.created_at,
                    "ended_at": found.ended_at,
                    "partitions": counts,
                    **({"error": "corrupt-record"} if found.damaged else {}),
                }
                for found, counts in rows
            ]
        )
        return
    print_table(
        ("backfill", "state", "started", "partitions"),
        [
            (
                found.backfill_id,
                BACKFILL_WORDS[found.status] + (" (corrupt-record)" if found.damaged else ""),
                time_text(found.created_at),
                ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts.items()),
            )
            for found, counts in rows
        ],
        nothing="There are no backfills yet.",
    )
