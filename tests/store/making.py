"""Short words for what the tests of the store write."""

import itertools

import msgspec

from treadle.core.events import AssetData, CheckData, Event, EventType
from treadle.core.keys import AssetKey
from treadle.core.partitions.stored_set import StoredSet
from treadle.core.run_states import RunStatus
from treadle.core.runs import Holder, Lease, Run
from treadle.store import EventWrite, Store
from treadle.store.liveness import this_process

NOW = 1_700_000_000.0
GONE = msgspec.structs.replace(this_process(), process_started=1.0)
"""A process that had the number of this one, and is gone."""
ORDERS = AssetKey(["raw", "orders"])

_n = itertools.count(1)


def event(run_id: str, kind: EventType, attempt: int = 1, **fields) -> EventWrite:
    """An event with a dedup key of its own."""
    stored = fields.pop("stored", None)
    fields.setdefault("timestamp", NOW)
    fields.setdefault("producer", "test")
    fields.setdefault("n", next(_n))
    return EventWrite(Event(run_id=run_id, type=kind, attempt=attempt, **fields), stored)


def ints(*runs: tuple[int, int], slice: str = "") -> StoredSet:
    """A set of one slice."""
    return StoredSet({slice: tuple(runs)})


def made(
    run_id: str, lo: int | None = None, hi: int | None = None, asset: AssetKey = ORDERS, **fields
) -> EventWrite:
    """A materialization of the whole asset, or of the partitions lo..hi-1."""
    data = AssetData(
        data_version=fields.pop("data_version", None), code_version=fields.pop("code_version", None)
    )
    return event(
        run_id, EventType.ASSET_MATERIALIZATION, asset_key=asset, data=data, **_set(lo, hi), **fields
    )


def planned(
    run_id: str, lo: int | None = None, hi: int | None = None, asset: AssetKey = ORDERS, **fields
) -> EventWrite:
    """The plan to materialize the whole asset, or the partitions lo..hi-1."""
    kind = EventType.ASSET_MATERIALIZATION_PLANNED
    return event(run_id, kind, asset_key=asset, data=AssetData(), **_set(lo, hi), **fields)


def checked(run_id: str, name: str, passed: bool, asset: AssetKey = ORDERS) -> EventWrite:
    """A check's result."""
    data = CheckData(name=name, passed=passed)
    return event(run_id, EventType.ASSET_CHECK_EVALUATION, asset_key=asset, data=data)


def _set(lo: int | None, hi: int | None) -> dict:
    if lo is None:
        return {}
    hi = lo + 1 if hi is None else hi
    return {"partition_keys": tuple(f"p{i}" for i in range(lo, hi)), "stored": ints((lo, hi))}


def begin(
    store: Store, run_id: str, *events: EventWrite, job: str = "job", holder: Holder | None = None, **fields
) -> Lease:
    """A started run held by this process, or another."""
    start = event(run_id, EventType.RUN_START)
    run = Run(run_id=run_id, job_name=job, **fields)
    return store.begin_run(run, b"plan", holder or this_process(), [*events, start], NOW)


def finish(store: Store, lease: Lease, status: RunStatus = RunStatus.SUCCESS) -> bool:
    """The run's end."""
    return store.finish_run(lease, status, [], NOW + 10)
