"""What code outside of a run's own process may say of a run: that there is one, what happens to it, how it ended."""

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from treadle.core.errors import InvariantViolationError
from treadle.core.events import EngineData, ErrorInfo, Event, EventType
from treadle.core.keys import AssetKey
from treadle.core.metadata_entries import event_metadata, metadata_to_wire
from treadle.core.run_states import TERMINAL, RunStatus
from treadle.core.runs import Run
from treadle.define.job_definition import JobDefinition
from treadle.store.errors import Conflict
from treadle.store.event_views import RunEvent
from treadle.store.events import EventWrite
from treadle.store.instance_runs import RunQueries

_INFO, _ERROR = 20, 40


class RunReports(RunQueries):
    """What `Instance` is told of runs."""

    def create_run_for_job(
        self,
        job_def: JobDefinition,
        execution_plan: None = None,
        run_id: str | None = None,
        run_config: Mapping[str, object] | None = None,
        resolved_op_selection: Iterable[str] | None = None,
        status: RunStatus | str | None = None,
        tags: Mapping[str, str] | None = None,
        root_run_id: str | None = None,
        parent_run_id: str | None = None,
        op_selection: Sequence[str] | None = None,
        asset_selection: Iterable[AssetKey] | None = None,
        remote_job_origin: None = None,
        job_code_origin: None = None,
        repository_load_data: None = None,
    ) -> Run:
        """Store a run of a job that nobody executes; for tests of what reads runs, and for runs of other systems.

        Args:
            job_def: the job.
            run_id: a new one where not given.
            status: the one that it begins in; NOT_STARTED where not given.
            tags: all that it has: those of the job are not added.
            op_selection: the ops that it is about.
            asset_selection: the assets that it is about.
            execution_plan: accepted and not used, as are `resolved_op_selection` and the last three.

        Raises:
            Conflict: there is a run of that id.
        """
        if run_id is not None and self.has_run(run_id):
            raise Conflict(f"There is a run {run_id!r} already.", hint="leave `run_id` out to get a new one")
        run = Run(
            job_name=job_def.name,
            run_id=run_id or str(uuid.uuid4()),
            status=RunStatus(status) if status is not None else RunStatus.NOT_STARTED,
            tags=dict(tags or {}),
            run_config=dict(run_config or {}),
            root_run_id=root_run_id,
            parent_run_id=parent_run_id,
            op_selection=tuple(op_selection) if op_selection is not None else None,
            asset_selection=frozenset(asset_selection) if asset_selection is not None else None,
        )
        self.store.create_run(run, time.time())
        return self._require_run(run.run_id)

    def report_engine_event(
        self,
        message: str,
        dagster_run: Run | None = None,
        engine_event_data: Any = None,
        cls: type | None = None,
        step_key: str | None = None,
        job_name: str | None = None,
        run_id: str | None = None,
    ) -> RunEvent:
        """Add an event of the machinery to a run's log.

        Args:
            message: what happened.
            dagster_run: the run; or else its `job_name` and `run_id`.
            engine_event_data: an object with `metadata`, and `error` where it is about one.
            cls: who says so; its name stands before the message.
            step_key: the step that it is about.

        Raises:
            InvariantViolationError: neither a run, nor a job's name and a run's id.
            RunNotFoundError: there is no such run.
        """
        if dagster_run is not None:
            job_name, run_id = dagster_run.job_name, dagster_run.run_id
        if job_name is None or run_id is None:
            raise InvariantViolationError(
                "report_engine_event must be told which run it is about.",
                hint="give the run, or `job_name=` and `run_id=`",
            )
        self._require_run(run_id)
        data = _engine_data(engine_event_data)
        event = Event(
            run_id=run_id,
            type=EventType.ENGINE_EVENT,
            timestamp=time.time(),
            producer=f"report-{uuid.uuid4().hex}",
            job_name=job_name,
            step_key=step_key,
            level=_ERROR if data.error is not None else _INFO,
            message=f"[{cls.__name__}] {message}" if cls is not None else message,
            data=data,
        )
        self.store.append_events(None, [EventWrite(event)], time.time())
        return RunEvent(event)

    def report_run_failed(self, dagster_run: Run, message: str | None = None) -> None:
        """End a run as failed, whoever holds it.

        Raises:
            AlreadyTerminalError: the run is over.
            RunNotFoundError: there is no such run.
        """
        self._report(dagster_run, RunStatus.FAILURE, message or "This run was reported as failed.")

    def report_run_canceling(self, run: Run, message: str | None = None) -> None:
        """Ask a run to stop.

        Raises:
            AlreadyTerminalError: the run is over.
            RunNotFoundError: there is no such run.
        """
        self._report(run, RunStatus.CANCELING, message or "The run was asked to stop.")

    def report_run_canceled(self, dagster_run: Run, message: str | None = None) -> None:
        """End a run as canceled, whoever holds it.

        Raises:
            AlreadyTerminalError: the run is over.
            RunNotFoundError: there is no such run.
        """
        self._report(dagster_run, RunStatus.CANCELED, message or "This run was reported as canceled.")

    def _report(self, run: Run, status: RunStatus, message: str) -> None:
        self._require_run(run.run_id)
        revoke = status in TERMINAL
        self.store.transition_run(run.run_id, status, time.time(), message=message, revoke=revoke)


def _engine_data(given: Any) -> EngineData:
    if given is None:
        return EngineData()
    if isinstance(given, EngineData):
        return given
    error = getattr(given, "error", None)
    return EngineData(
        metadata=metadata_to_wire(event_metadata(getattr(given, "metadata", None))),
        error=error if isinstance(error, ErrorInfo) else None,
        marker_start=getattr(given, "marker_start", None),
        marker_end=getattr(given, "marker_end", None),
    )
