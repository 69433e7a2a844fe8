"""A run as it is stored and sent, and who holds it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from treadle.core import late
from treadle.core.events import ErrorInfo
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.run_states import TERMINAL, RunStatus, states_before


def _new_run_id() -> str:
    return str(late.uuid.uuid4())  # only runs that are made by hand need it


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One execution of a plan. Times are Unix seconds, UTC."""

    job_name: str
    run_id: str = msgspec.field(default_factory=_new_run_id)
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
    deadline: float | None = None
    """By when it must have moved on, or the monitor looks after it."""
    waiting_for: str | None = None
    """What keeps it from moving on, for people: `pool db held by run …`."""

    @property
    def is_finished(self) -> bool:
        """Whether the run is over."""
        return self.status in TERMINAL

    @property
    def is_success(self) -> bool:
        """Whether it ended well."""
        return self.status is RunStatus.SUCCESS

    @property
    def is_failure(self) -> bool:
        """Whether it failed."""
        return self.status is RunStatus.FAILURE

    @property
    def is_failure_or_canceled(self) -> bool:
        """Whether it failed or was canceled."""
        return self.status in (RunStatus.FAILURE, RunStatus.CANCELED)

    @property
    def is_cancelable(self) -> bool:
        """Whether a cancel can still be asked for."""
        return self.status in states_before(RunStatus.CANCELING)

    @property
    def is_resume_retry(self) -> bool:
        """Whether it goes on from the failed steps of its parent."""
        return self.tags.get("dagster/is_resume_retry") == "true"

    @property
    def asset_check_selection(self) -> frozenset[AssetCheckKey] | None:
        """The checks that were asked for; None: those that the selected assets have."""
        return self.check_selection

    def get_root_run_id(self) -> str | None:
        """The first run of those that went on from each other; None where this is one alone."""
        return self.root_run_id

    def get_parent_run_id(self) -> str | None:
        """The run that it goes on from."""
        return self.parent_run_id

    def with_tags(self, tags: Mapping[str, str]) -> "Run":
        """A copy with these tags in place of its own; nothing is stored."""
        return msgspec.structs.replace(self, tags=dict(tags))


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The process that holds a lease, told apart from any other that had or will have its pid."""

    host: str
    boot_id: str
    pid_namespace: str
    pid: int
    process_started: float
    """Seconds since boot on Linux, which no change of the clock moves; elsewhere Unix seconds."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The right to write a run's state. A write bearing any token but the current one is refused."""

    run_id: str
    attempt: int
    token: int
    holder: Holder
    counter: int = 0
    """Heartbeats so far; a lease is judged by this standing still, never by a wall clock."""
