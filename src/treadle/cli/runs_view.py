"""Finding a run by its id or the beginning of it, and showing runs and their events."""

import time
from typing import Any

from treadle.cli.error_view import error_as_json, error_text, whole_stack
from treadle.cli.failing import fail
from treadle.cli.output import harmless
from treadle.cli.progress import duration_text, level_name, state_word
from treadle.core.events import AssetData, CheckData, Event, EventType, FailureData, LogData
from treadle.core.runs import Run
from treadle.store.instance import Instance

_MOST = 10_000
"""Runs among which the beginning of an id is looked up."""


def find_run(instance: Instance, text: str) -> Run:
    """The run with that id, or the only one whose id begins so; `latest` is the last one. Ends the command if none."""
    if text == "latest":
        newest = instance.get_runs(limit=1)
        if not newest:
            fail("There are no runs yet.", code="not-found")
        return newest[0]
    found = instance.get_run_by_id(text)
    if found is not None:
        return found
    alike = [run for run in instance.get_runs(limit=_MOST) if run.run_id.startswith(text)] if text else []
    if not alike:
        fail(f"There is no run `{text}`.", code="not-found", hint="`treadle runs` lists them")
    if len(alike) > 1:
        fail(f"{len(alike)} runs begin with `{text}`.", code="not-found", hint="give more of the id")
    return alike[0]


def run_as_json(run: Run) -> dict[str, Any]:
    """A run for machines."""
    return {
        "run_id": run.run_id,
        "status": run.status.value,
        "job_name": run.job_name,
        "partition": run.tags.get("dagster/partition"),
        "tags": dict(run.tags),
        "created_at": run.created_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "end_reason": run.end_reason,
        "parent_run_id": run.parent_run_id,
        "assets": None
        if run.asset_selection is None
        else sorted(key.to_user_string() for key in run.asset_selection),
    }


def run_row(run: Run) -> tuple[str, ...]:
    """A run as a row of a table; `RUN_HEADINGS` stand over it."""
    return (
        run.run_id,
        state_word(run.status) + (" (corrupt-record)" if run.end_reason == "corrupt-record" else ""),
        job_text(run),
        partition_of_run(run),
        time_text(run.started_at or run.created_at),
        took_text(run),
    )


RUN_HEADINGS = ("run", "state", "target", "partition", "started", "took")


def job_text(run: Run) -> str:
    """The job, or the assets of a run that is of no job."""
    if not run.job_name.startswith("__"):
        return run.job_name
    if run.end_reason == "corrupt-record":
        return "unknown"
    keys = sorted(key.to_user_string() for key in run.asset_selection or ())
    if not keys:
        return "all assets"
    return ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")


def partition_of_run(run: Run) -> str:
    """The partition or range of a run, or nothing."""
    first = run.tags.get("dagster/asset_partition_range_start")
    if first is not None:
        return f"{first}...{run.tags.get('dagster/asset_partition_range_end')}"
    return run.tags.get("dagster/partition", "")


def took_text(run: Run) -> str:
    """How long a run took, or has been going on."""
    if run.started_at is None:
        return ""
    return duration_text((run.ended_at or time.time()) - run.started_at)


def time_text(timestamp: float | None) -> str:
    """A time in this machine's zone, to the second; nothing for None."""
    return "" if timestamp is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(timestamp))


def event_line(event: Event) -> str:
    """One event as a line of a log."""
    kind = level_name(event.level) if event.type is EventType.LOG else event.type.name
    place = f" {event.step_key}" if event.step_key else ""
    return harmless(f"{time_text(event.timestamp)} {kind}{place}: {_said(event)}")


def event_details(event: Event) -> str:
    """The traceback of an event that tells of an error; else nothing."""
    data = event.data
    if isinstance(data, FailureData | LogData) and data.error is not None:
        return "\n".join(f"    {line}" for line in whole_stack(data.error).splitlines())
    return ""


def event_as_json(event: Event, storage_id: int) -> dict[str, Any]:
    """An event for machines."""
    found: dict[str, Any] = {
        "sequence": event.sequence,
        "storage_id": storage_id,
        "type": event.type.value,
        "timestamp": event.timestamp,
        "level": level_name(event.level),
        "step_key": event.step_key,
        "asset": event.asset_key.to_user_string() if event.asset_key is not None else None,
        "partitions": list(event.partition_keys) if event.partition_keys is not None else None,
        "message": event.message,
    }
    if isinstance(event.data, FailureData | LogData) and event.data.error is not None:
        found["error"] = error_as_json(event.data.error)
    if isinstance(event.data, LogData) and event.data.fields:
        found["fields"] = event.data.fields
    if isinstance(event.data, AssetData | CheckData):
        found["metadata"] = event.data.metadata
    if isinstance(event.data, CheckData):
        found["check"] = {
            "name": event.data.name,
            "passed": event.data.passed,
            "severity": event.data.severity,
        }
    return found


def _said(event: Event) -> str:
    data = event.data
    if isinstance(data, CheckData) and data.passed is not None:
        return f"check {data.name} {'passed' if data.passed else 'did not pass'}"
    if isinstance(data, FailureData) and data.error is not None:
        return f"{event.message}: {error_text(data.error)}" if event.step_key else event.message
    return event.message
