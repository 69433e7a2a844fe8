"""Lists by filter: the one module that composes queries, from declared fragments that indexes serve."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from treadle.core.run_states import RunStatus
from treadle.store.queries import Dialect, Query, in_words_of

_RUN_COLUMNS: Final = (
    "r.id, r.run_id, j.name, r.status, r.plan_id, r.parent_run_id, r.root_run_id, r.retry_number, r.created_at, "
    "r.updated_at, r.started_at, r.ended_at, r.end_reason, r.error, r.body, r.deadline, r.waiting_for"
)

_ASSET_EVENT_COLUMNS: Final = (
    "e.id, e.asset, e.type, r.run_id, e.sequence, e.attempt, e.producer, e.n, e.at, e.step_key, e.body"
)

_EVENT_COLUMNS: Final = (
    "e.id, e.sequence, e.attempt, e.producer, e.n, e.type, e.at, e.step_key, e.asset, e.stale, e.body, "
    "r.run_id"
)

RUN_FRAGMENTS: Final[dict[str, str]] = {
    "run_ids": "r.run_id IN (:run_ids[])",
    "job_name": "r.job = (SELECT id FROM names WHERE kind = 'job' AND name = :job_name)",
    "statuses": "r.status IN (:statuses[])",
    "updated_after": "r.updated_at > :updated_after",
    "updated_before": "r.updated_at < :updated_before",
    "created_after": "r.created_at > :created_after",
    "created_before": "r.created_at < :created_before",
    "plan_id": "r.plan_id = :plan_id",
    "root_run_id": "r.root_run_id = :root_run_id",
    "parent_run_id": "r.parent_run_id = :parent_run_id",
    "before": "r.id < (SELECT id FROM runs WHERE run_id = :before)",
    "after": "r.id > (SELECT id FROM runs WHERE run_id = :after)",
}

ASSET_EVENT_FRAGMENTS: Final[dict[str, str]] = {
    "type": "e.type = :type",
    "asset": "e.asset = :asset",
    "partition_keys": "e.partition_key IN (:partition_keys[])",
    "ranges": "e.partition_set IS NOT NULL",
    "after_timestamp": "e.at > :after_timestamp",
    "before_timestamp": "e.at < :before_timestamp",
    "before_id": "e.id < :before_id",
    "after_id": "e.id > :after_id",
    "ids": "e.id IN (:ids[])",
    "settled": "e.tx < {horizon}",
}

STATUS_EVENT_FRAGMENTS: Final[dict[str, str]] = {
    "type": "e.status_change = 1 AND e.stale = 0 AND e.type = :type",
    "after_timestamp": "e.at > :after_timestamp",
    "before_timestamp": "e.at < :before_timestamp",
    "before_id": "e.id < :before_id",
    "after_id": "e.id > :after_id",
    "ids": "e.id IN (:ids[])",
    "settled": "e.tx < {horizon}",
    "job_names": "r.job IN (SELECT id FROM names WHERE kind = 'job' AND name IN (:job_names[]))",
}


class RunsWhere(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which runs to list; what is None does not narrow. Times are Unix seconds."""

    run_ids: Sequence[str] | None = None
    job_name: str | None = None
    statuses: Sequence[RunStatus] | None = None
    tags: Mapping[str, str | Sequence[str]] = {}
    """Key to value, or to the values of which one must match."""
    updated_after: float | None = None
    updated_before: float | None = None
    created_after: float | None = None
    created_before: float | None = None
    plan_id: str | None = None
    root_run_id: str | None = None
    parent_run_id: str | None = None
    before: str | None = None
    """A run id: only runs created before it."""
    after: str | None = None
    without_parent: bool = False


class AssetEventsWhere(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which asset events to list."""

    type: str
    asset: int | None = None
    partition_keys: Sequence[str] | None = None
    ranges: bool = False
    """Only events about several partitions."""
    after_timestamp: float | None = None
    before_timestamp: float | None = None
    after_id: int | None = None
    before_id: int | None = None
    ids: Sequence[int] | None = None
    settled: bool = False
    """Only events from which one can read on: none that comes before them can still be committed."""


class StatusEventsWhere(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which changes of runs' status to list."""

    type: str
    job_names: Sequence[str] | None = None
    after_timestamp: float | None = None
    before_timestamp: float | None = None
    after_id: int | None = None
    before_id: int | None = None
    ids: Sequence[int] | None = None
    settled: bool = False
    """As of `AssetEventsWhere`."""


def runs_query(
    dialect: Dialect, where: RunsWhere, order: str, ascending: bool, count: bool = False
) -> tuple[Query, dict[str, Any]]:
    """The query for a list of runs; `:limit` is left to the caller.

    Args:
        order: `id` (creation) or `updated_at`.
        count: count them instead.
    """
    clauses, values = _clauses(where, RUN_FRAGMENTS)
    if "statuses" in values:
        values["statuses"] = [status.value for status in values["statuses"]]
    for index, (key, value) in enumerate(where.tags.items()):
        wanted = [value] if isinstance(value, str) else list(value)
        clauses.append(
            f"r.id IN (SELECT run FROM run_tags WHERE key = :tag_{_letters(index)} "
            f"AND value IN (:values_{_letters(index)}[]))"
        )
        values[f"tag_{_letters(index)}"] = key
        values[f"values_{_letters(index)}"] = wanted
    if where.without_parent:
        clauses.append("r.parent_run_id IS NULL")
    tail = " AND ".join(clauses) or "1 = 1"
    source = "runs r JOIN names j ON j.id = r.job"
    if count:
        return Query("count_runs", f"SELECT COUNT(*) FROM {source} WHERE {tail}", dialect), values
    direction = "ASC" if ascending else "DESC"
    columns = {"id": "r.id", "updated_at": f"r.updated_at {direction}, r.id"}[order]
    text = f"SELECT {_RUN_COLUMNS} FROM {source} WHERE {tail} ORDER BY {columns} {direction} LIMIT :limit"
    return Query("list_runs", text, dialect), values


def asset_events_query(
    dialect: Dialect, where: AssetEventsWhere, ascending: bool
) -> tuple[Query, dict[str, Any]]:
    """The query for a list of asset events that no wipe hides; `:limit` is left to the caller."""
    clauses, values = _clauses(where, ASSET_EVENT_FRAGMENTS)
    clauses.append(
        "(e.type = 'ASSET_WIPED' OR e.id > COALESCE((SELECT wiped_event FROM assets a WHERE a.asset = e.asset), 0))"
    )
    order = _in_order(dialect, clauses, ascending, "asset_events")
    text = (
        f"SELECT {_ASSET_EVENT_COLUMNS} FROM asset_events e LEFT JOIN runs r ON r.id = e.run "
        f"WHERE {' AND '.join(clauses)} ORDER BY {order} LIMIT :limit"
    )
    return Query("list_asset_events", in_words_of(dialect, text), dialect), values


def status_events_query(
    dialect: Dialect, where: StatusEventsWhere, ascending: bool
) -> tuple[Query, dict[str, Any]]:
    """The query for a list of changes of runs' status; `:limit` is left to the caller."""
    clauses, values = _clauses(where, STATUS_EVENT_FRAGMENTS)
    order = _in_order(dialect, clauses, ascending, "events")
    text = (
        f"SELECT {_EVENT_COLUMNS} FROM events e JOIN runs r ON r.id = e.run "
        f"WHERE {' AND '.join(clauses)} ORDER BY {order} LIMIT :limit"
    )
    return Query("list_status_events", in_words_of(dialect, text), dialect), values


def _in_order(dialect: Dialect, clauses: list[str], ascending: bool, table: str) -> str:
    """How to order by storage id.

    Who reads on from an id must meet every row once. On PostgreSQL a row may be committed after one with a higher id,
    so there rows go by transaction, below the oldest open one, and "after an id" means after that row's place.
    """
    if not ascending:
        return "e.id DESC"
    if dialect == "sqlite":
        return "e.id"
    clauses.append("e.tx < {horizon}")
    plain_id = ASSET_EVENT_FRAGMENTS["after_id"]
    if plain_id in clauses:
        clauses[clauses.index(plain_id)] = (
            f"(e.tx, e.id) > (COALESCE((SELECT tx FROM {table} WHERE id = :after_id), "
            f"(SELECT tx FROM {table} WHERE id < :after_id ORDER BY id DESC LIMIT 1), 0), :after_id)"
        )
    return "e.tx, e.id"


def _clauses(where: Any, fragments: Mapping[str, str]) -> tuple[list[str], dict[str, Any]]:
    clauses = []
    values = {}
    for name, fragment in fragments.items():
        value = getattr(where, name)
        if value is None or value is False:
            continue
        clauses.append(fragment)
        values[name] = list(value) if isinstance(value, tuple | set | frozenset) else value
    return clauses, values


def _letters(index: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[index % 26] * (index // 26 + 1)
