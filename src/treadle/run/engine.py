"""A run from begin to finish: bind, open resources, execute, record how it ended."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import attrs
import msgspec

from treadle.core.errors import TreadleError
from treadle.core.events import ErrorInfo, Event, EventType, FailureData
from treadle.core.keys import AssetKey
from treadle.core.names import check_run_tags
from treadle.core.partitions.sets import PartitionSet
from treadle.core.run_states import RunStatus
from treadle.core.runs import Run
from treadle.define.code import Code
from treadle.define.config.resolve import ResolvedConfig
from treadle.define.job_definition import JobDefinition
from treadle.define.resources.opening import open_resources
from treadle.plan.partitions import StepPartitions
from treadle.plan.plan import Plan, Step
from treadle.run.captured_output import CapturedPython, compute_log_folder
from treadle.run.children import RUNS_HERE, end_children_of, starting_clock
from treadle.run.environment import InConfig, RunEnvironment, VersionBook, stored_versions
from treadle.run.ephemeral import EphemeralInstance, run_log_of
from treadle.run.event_gate import EventGate
from treadle.run.event_maker import ERROR, INFO, EventMaker
from treadle.run.executors.in_process import InProcessExecutor
from treadle.run.failures import STORE_ERROR, StepOutcome, error_info, tells_failed_teardown
from treadle.run.giving_up import defiance_of, give_up_steps, process_end
from treadle.run.handlers_of_settings import SettingsHandler
from treadle.run.interrupts import Interrupts
from treadle.run.io_config import refuse_wrong_io
from treadle.run.job_config import resolved_config
from treadle.run.log_handlers import order_handlers, python_logs_of
from treadle.run.own_materializations import OwnMaterializations
from treadle.run.planned import planned_events as planned_events
from treadle.run.planned import prefetch_versions
from treadle.run.progress import Progress
from treadle.run.recorder import RunRecorder
from treadle.run.resource_bag import ResourceBag
from treadle.run.resource_log import ResourceLogger
from treadle.run.resource_needs import needed_resources, resource_definitions
from treadle.run.run_log import StoreSlots
from treadle.run.session import Executor, RunSession
from treadle.run.users_loggers import event_teller
from treadle.store.errors import AlreadyTerminalError, StaleLeaseError, StoreError

_log = logging.getLogger("treadle.run")

FAILURE_REASON_TAG = "dagster/failure_reason"
DISK_FULL = "disk-full"
CANCEL_POLL = 0.5
"""Seconds between looks at whether the run was asked to stop."""
STEP_FAILURE, RUN_EXCEPTION, RUN_TIMEOUT = "STEP_FAILURE", "RUN_EXCEPTION", "RUN_TIMEOUT"


CaptureMode = Literal["python", "descriptors"] | None


@attrs.define(eq=False, kw_only=True)
class RunOrder:
    """What is to be run, and how. Everything that `execute` needs."""

    code: Code
    plan: Plan
    run: Run
    instance: Any
    partitions: Mapping[str, StepPartitions] = attrs.field(factory=dict)
    run_config: Any = None
    job_def: JobDefinition | None = None
    executor: Executor | None = None
    """None: in this process."""
    hooks: Sequence[Any] = ()
    retry_policy: Any = None
    may_retry: bool = True
    timeout: float | None = None
    """Seconds for the whole run."""
    capture_values: bool = True
    """Keep outputs' values for the result."""
    capture_output: CaptureMode = "python"
    """Keep what steps print in files, where the instance has a home: what Python prints, or also what subprocesses
    and C code write (`descriptors`, for runs in one process that owns its stdout)."""
    input_values: Mapping[str, Any] = attrs.field(factory=dict)
    step_keys: Sequence[str] | None = None
    earlier_outputs: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    earlier_run_ids: Mapping[str, str] = attrs.field(factory=dict)
    on_event: Callable[[Event], None] | None = None
    on_wait: Callable[[], None] | None = None
    """Is called some 20 times a second while steps run in other processes."""
    log_handlers: Sequence[Any] = ()
    shows_log: bool = False
    """Show what steps log on stderr, where run config names no loggers."""
    handle_signals: bool = True
    is_new: bool = False
    """Whether nobody can have stored this run before."""

    def job(self) -> JobDefinition:
        """The job that runs; of `materialize`, one over what was asked for."""
        if self.job_def is None:
            steps = self.plan.steps
            self.job_def = JobDefinition.over_assets(
                name=self.run.job_name,
                asset_keys=tuple(key for step in steps for key in step.asset_keys),
                check_keys=tuple(key for step in steps for key in step.check_keys),
                code=self.code,
                run_tags=self.run.tags,
            )
        return self.job_def


@attrs.define(eq=False, kw_only=True)
class FinishedRun:
    """What came of a run."""

    order: RunOrder
    status: RunStatus
    run: Run
    events: list[Event]
    outcomes: Mapping[str, StepOutcome]
    values: Mapping[tuple[str, str, str | None], Any]
    error: BaseException | None
    """What `raise_on_error` raises."""
    interrupts: Interrupts


def execute(order: RunOrder) -> FinishedRun:
    """Run it. Raises only what prevents it from beginning: bad config, unknown resources.

    Raises:
        InvalidConfigError: the run config does not fit.
        UnknownResourceError: a resource that nobody provides.
    """
    return _RunExecution(order).execute()


class _RunExecution:
    """One run in the making."""

    def __init__(self, order: RunOrder) -> None:
        self.order = order
        check_run_tags(order.run.tags)
        code, plan = order.code, order.plan
        self.steps: list[Step] = _chosen_steps(plan, order.step_keys)
        self.resource_keys = needed_resources(code, self.steps, order.hooks)
        self.definitions = resource_definitions(code, self.resource_keys)
        self.config = resolved_config(
            code, self.steps, order.job_def, order.run_config, self.definitions, self.resource_keys
        )
        self.input_values = _input_values(order, self.config)
        refuse_wrong_io(code, self.steps, self.definitions, self.input_values, self.config.outputs)
        self.interrupts = Interrupts()
        instance = order.instance
        self.python_logs = python_logs_of(instance)
        self.own_handlers = order_handlers(order, self.config.loggers, self.python_logs)
        self.log = run_log_of(instance, code.catalog, order.is_new, self.interrupts.request)
        self.recorder = RunRecorder(
            self._write,
            on_event=order.on_event,
            write_beside=self.log.append if order.instance.is_persistent else None,
            put_aside=self.log.put_aside if order.instance.is_persistent else None,
        )
        self.maker = EventMaker(order.run.run_id, order.run.job_name)
        self.error: BaseException | None = None
        self.failure: FailureData | None = None
        self.lacks_history = isinstance(instance, EphemeralInstance) and instance.is_untouched
        self._looked = time.monotonic()
        self._printed: CapturedPython | None = None
        self._session: RunSession | None = None
        self.began = starting_clock()

    def execute(self) -> FinishedRun:
        try:
            with RUNS_HERE.one_more(self):
                return self._execute()
        finally:
            self.log.close()
            for handler in self.own_handlers:
                if isinstance(handler, SettingsHandler):
                    handler.close()

    def _execute(self) -> FinishedRun:
        order = self.order
        start = self.maker.make(
            EventType.RUN_START,
            None,
            None,
            f"Started run {order.run.run_id} of {order.run.job_name}",
            level=INFO,
        )
        planned = planned_events(self.maker, order.code.catalog, self.steps, order.partitions)
        self.log.begin(order.run, order.plan, [*planned, start])
        if self.log.lease is not None:
            self.maker.attempt = self.log.lease.attempt
        self.recorder.record(start, is_written=True)
        session = self._session = self._make_session()
        self.recorder.tell_from(start, event_teller(session.env.log_handlers, self.maker.producer))
        if order.handle_signals:
            with self.interrupts.installed():
                self._execute_steps(session)
                return self._finish(session)
        self._execute_steps(session)
        return self._finish(session)

    def _poll(self) -> None:
        if self.order.on_wait is not None:
            self.order.on_wait()
        if self.order.instance.is_persistent:
            self._look_for_cancel()

    def _look_for_cancel(self) -> None:
        """Every half second: did another process ask this run to stop?"""
        now = time.monotonic()
        if now - self._looked >= CANCEL_POLL:
            self._looked = now
            if self.log.is_canceling():
                self.interrupts.request("it was asked to stop")

    def _is_stopping(self) -> bool:
        return self.interrupts.requested

    def _look_around(self) -> None:
        if self._printed is not None:
            self._printed.renew()
        self._watch_for_cancel()
        self._end_where_defied()

    def _end_where_defied(self) -> None:
        """A step that can not be stopped ends with the process, where that is ours; the run ends first."""
        end, session = process_end(), self._session
        if end is None or session is None:
            return
        self.interrupts.look()
        why = defiance_of(session)
        if why is not None:
            give_up_steps(session, why)
            end(self._finish(session))

    def _watch_for_cancel(self) -> None:
        """The same from a thread beside a step that keeps this one busy: interrupts it."""
        if self.interrupts.requested:
            return
        try:
            self._look_for_cancel()
        except StoreError:
            return  # the run's own thread will find out, and tell what is wrong
        if self.interrupts.requested:
            self.interrupts.interrupt_main_thread()

    def _write(self, events: Sequence[Event]) -> None:
        with self.interrupts.shielded():
            try:
                self.log.append(events)
            except TreadleError:
                raise
            except Exception as error:
                raise unstorable(error) from error

    def _version_of_partitions(self, key: AssetKey, partitions: PartitionSet) -> str:
        self.recorder.flush()  # this run may have made some of them
        version: str = self.order.instance.version_of_partitions(key, partitions)
        return version

    def _make_session(self) -> RunSession:
        order = self.order
        env = RunEnvironment(
            code=order.code,
            plan=order.plan,
            run=msgspec.structs.replace(order.run, status=RunStatus.STARTED),
            instance=order.instance,
            job_def=order.job(),
            job_name=order.run.job_name,
            maker=self.maker,
            gate=EventGate(self.recorder.record, self.recorder.flush),
            is_stopping=self._is_stopping,
            op_configs=self.config.op_config,
            output_configs=self.config.outputs,
            run_config=order.run.run_config,
            partitions=order.partitions,
            versions=VersionBook(
                read=None if self.lacks_history else stored_versions(order.instance),
                read_together=self._version_of_partitions,
            ),
            own_materializations=OwnMaterializations.of(self.recorder.events, order.instance),
            input_values=self.input_values,
            captured={} if order.capture_values else None,
            hooks=order.hooks,
            retry_policy=order.retry_policy,
            may_retry=order.may_retry,
            log_handlers=[*order.log_handlers, *self.own_handlers],
            shows_output=order.shows_log,
            python_logs=self.python_logs,
            earlier_run_ids=order.earlier_run_ids,
            given_outputs=dict(order.earlier_outputs),
        )
        prefetch_versions(env, self.steps)
        pools = any(step.pool is not None for step in self.steps)
        return RunSession(
            env=env,
            progress=Progress(order.plan, order.step_keys, order.earlier_outputs),
            recorder=self.recorder,
            config=self.config,
            interrupts=self.interrupts,
            slots=StoreSlots(order.instance, self.log.require_lease()) if pools else None,
            deadline=time.monotonic() + order.timeout if order.timeout is not None else None,
            poll=self._poll if order.instance.is_persistent or order.on_wait is not None else None,
        )

    def _execute_steps(self, session: RunSession) -> None:
        executor = self.order.executor or InProcessExecutor()
        try:
            if getattr(executor, "opens_resources", False):
                executor.execute(session)
            else:
                with self.recorder.writing_beside(self._look_around):
                    self._execute_with_resources(session, executor)
        except KeyboardInterrupt:
            self.interrupts.request("KeyboardInterrupt")
        except BaseException as error:  # noqa: BLE001 - whatever it is, the run must end in the store
            self.error = error
            told = error_info(error)
            otherwise = STORE_ERROR if isinstance(error, StoreError) else RUN_EXCEPTION
            self.failure = FailureData(error=told, failure_reason=_reason_of(told, otherwise))

    def _execute_with_resources(self, session: RunSession, executor: Executor) -> None:
        order, record, maker = self.order, self.recorder.record, self.maker
        keys = self.resource_keys
        names = ", ".join(sorted(keys))
        if keys:
            record(maker.make(EventType.RESOURCE_INIT_STARTED, None, None, f"Opening {names}"))
        opening = open_resources(
            self.definitions,
            keys,
            self.config.resource_config,
            order.run,
            order.instance,
            ResourceLogger(session.env),
            on_failed_teardown=tells_failed_teardown(maker, record, None),
        )
        try:
            opened = opening.__enter__()
        except Exception as error:
            data = FailureData(error=error_info(error))
            what = EventType.RESOURCE_INIT_FAILURE
            record(maker.make(what, None, data, "A resource did not open", level=ERROR))
            raise
        try:
            if keys:
                record(maker.make(EventType.RESOURCE_INIT_SUCCESS, None, None, f"Opened {names}"))
            session.env.resources = ResourceBag(opened, self.definitions, self.config.resource_config)
            if order.capture_output is None or not order.instance.is_persistent:
                executor.execute(session)
                return
            folder = compute_log_folder(order.instance, order.run.run_id)
            if order.capture_output == "descriptors" and isinstance(executor, InProcessExecutor):
                session.output_folder = folder
                executor.execute(session)
            else:
                with CapturedPython(folder, session.env) as self._printed:
                    executor.execute(session)
        finally:
            opening.__exit__(None, None, None)

    def _finish(self, session: RunSession) -> FinishedRun:
        if self.interrupts.requested and self.order.handle_signals:
            end_children_of(self, self.began, spared=self.log.helpers)
        status, event, tags = self._ending(session)
        self.interrupts.interruptible = False
        pending = self.recorder.take_pending()
        try:
            self.log.finish(status, [*pending, event], tags)
        except (AlreadyTerminalError, StaleLeaseError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must end in the store
            status, event, tags = self._finish_without_events(error, pending)
        self.recorder.record(event, is_written=True)
        order = self.order
        run = msgspec.structs.replace(order.run, status=status, tags={**order.run.tags, **tags})
        return FinishedRun(
            order=order,
            status=status,
            run=run,
            events=self.recorder.events,
            outcomes=session.outcomes,
            values=session.env.captured or {},
            error=self.error,
            interrupts=self.interrupts,
        )

    def _finish_without_events(
        self, error: Exception, pending: Sequence[Event]
    ) -> tuple[RunStatus, Event, dict[str, str]]:
        """The store did not take the run's last events: end it as failed with one event that says so.

        Where the store takes not even that, the log says so, and this process tries it again later.
        """
        failed = error if isinstance(error, TreadleError) else unstorable(error)
        self.error = failed
        status, event, tags = self._ending_unwritten(failed)
        try:
            self.log.finish(status, [event], tags)
        except Exception:  # noqa: BLE001 - said, and tried again
            self.log.finish_later(status, [*pending, event], tags)
            _log.error("The end of run %s could not be stored: %s", self.order.run.run_id, failed.message)
        return status, event, tags

    def _ending_unwritten(self, error: TreadleError) -> tuple[RunStatus, Event, dict[str, str]]:
        told = error_info(error)
        reason = _reason_of(told, STORE_ERROR)
        data = FailureData(error=told, failure_reason=reason)
        said = f"Run of {self.order.run.job_name} failed: what happened could not be stored: {error.message}"
        event = self.maker.make(EventType.RUN_FAILURE, None, data, said, level=ERROR)
        return RunStatus.FAILURE, event, {FAILURE_REASON_TAG: reason}

    def _ending(self, session: RunSession) -> tuple[RunStatus, Event, dict[str, str]]:
        name, make = self.order.run.job_name, self.maker.make
        if session.timed_out:
            seconds = self.order.timeout or 0
            self.error = TreadleError(
                f"The run took longer than its timeout of {seconds:g} s.", code="run-timeout"
            )
            data = FailureData(error=error_info(self.error), failure_reason=RUN_TIMEOUT)
            event = make(EventType.RUN_FAILURE, None, data, f"Run of {name} took too long", level=ERROR)
            return RunStatus.FAILURE, event, {FAILURE_REASON_TAG: RUN_TIMEOUT}
        if self.interrupts.requested:
            event = make(
                EventType.RUN_CANCELED,
                None,
                None,
                f"Run of {name} was canceled: {self.interrupts.reason}",
                level=ERROR,
            )
            return RunStatus.CANCELED, event, {}
        first = session.progress.first_failure
        if self.failure is None and first is not None:
            outcome = session.outcomes[first]
            self.error = outcome.raised
            self.failure = FailureData(
                error=outcome.error,
                failure_reason=_reason_of(outcome.error, STEP_FAILURE),
                first_step_failure=first,
            )
        if self.failure is not None:
            failed = session.progress.failed_steps
            said = f"Run of {name} failed" + (f": {', '.join(failed)}" if failed else "")
            reason = self.failure.failure_reason or STEP_FAILURE
            return (
                RunStatus.FAILURE,
                make(EventType.RUN_FAILURE, None, self.failure, said, level=ERROR),
                {FAILURE_REASON_TAG: reason},
            )
        unwritten = self.recorder.write_error
        if isinstance(unwritten, TreadleError):
            # User code may have caught it, yet events are lost.
            self.error = unwritten
            return self._ending_unwritten(unwritten)
        return (
            RunStatus.SUCCESS,
            make(EventType.RUN_SUCCESS, None, None, f"Run of {name} succeeded", level=INFO),
            {},
        )


def unstorable(error: Exception) -> StoreError:
    """What the store raised as one of its errors: it can not keep what it was given."""
    said = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode()
    made = StoreError(f"The store can not keep what the run told it: {said}", code=STORE_ERROR)
    made.__cause__ = error
    return made


def _reason_of(error: ErrorInfo | None, otherwise: str) -> str:
    """Why a run ended: a full disk, where that is at the bottom of it."""
    while error is not None:
        if error.code == DISK_FULL:
            return DISK_FULL
        error = error.cause
    return otherwise


def _chosen_steps(plan: Plan, step_keys: Sequence[str] | None) -> list[Step]:
    if step_keys is None:
        return list(plan.steps)
    chosen = set(step_keys)
    return [step for step in plan.steps if step.key in chosen]


def _input_values(order: RunOrder, config: ResolvedConfig) -> Mapping[str, Any]:
    """`path:input` and `:input` of the job -> the value given, or what run config says of it."""
    values: dict[str, Any] = {}
    own = order.job_def.input_values if order.job_def is not None else {}
    for name, value in {**own, **order.input_values}.items():
        path, _, inner = name.rpartition(".")
        values[f"{path}:{inner}"] = value
    for place, inputs in config.inputs.items():
        for item, given in inputs.items():
            values.setdefault(f"{place}:{item}", InConfig(given))
    return values
