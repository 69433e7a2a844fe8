"""A run as it is stored and sent, and who holds it."""

from typing import Any

import msgspec

from treadle.core.events import ErrorInfo
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.run_states import RunStatus


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One execution of a plan. Times are Unix seconds, UTC."""

    run_id: str
    job_name: str
    status: RunStatus = RunStatus.NOT_STARTED
    tags: dict[str, str] = {}
    run_config: dict[str, Any] = {}
    asset_selection: frozenset[AssetKey] | None = None
    check_selection: frozenset[AssetCheckKey] | None = None
    step_keys: tuple[str, ...] | None = None
    """Steps that this run executes; None means all of the job's."""
    op_selection: tuple[str, ...] | None = None
    plan_id: str | None = None
    parent_run_id: str | None = None
    root_run_id: str | None = None
    retry_number: int = 0
    created_at: float = 0.0
    updated_at: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None
    end_reason: str | None = None
    """A stable code, e.g. `step-failure`, `worker-lost`."""
    error: ErrorInfo | None = None


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The process that holds a lease, told apart from any other that had or will have its pid."""

    host: str
    boot_id: str
    pid_namespace: str
    pid: int
    process_started: float
    """Unix seconds as the operating system tells them."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The right to write a run's state. A write bearing any token but the current one is refused."""

    run_id: str
    attempt: int
    token: int
    holder: Holder
    counter: int = 0
    """Heartbeats so far; a lease is judged by this standing still, never by a wall clock."""
