"""Steps in worker processes, several side by side. A worker that dies takes only its own step with it."""

import pickle
import time
from typing import Any

import attrs

from treadle.core.errors import UnmetExecutorRequirementsError, UserCodeExecutionError
from treadle.core.events import AssetData, EngineData, Event, EventType, OutputData
from treadle.core.keys import AssetKey
from treadle.define.config.resolve import ResolvedConfig
from treadle.define.resources.definition import ValueResource
from treadle.plan.plan import Step
from treadle.run.captured_output import compute_log_folder
from treadle.run.event_maker import DEBUG
from treadle.run.executors.limits import TagLimit, TagLimits
from treadle.run.failures import StepOutcome, step_timeout
from treadle.run.io_managers.memory import InMemoryIOManager, mem_io_manager
from treadle.run.resource_needs import needed_resources, resource_definitions
from treadle.run.session import RunSession
from treadle.run.workers.fork_guard import start_method
from treadle.run.workers.pool import GRACE, WorkerHandle, WorkerPool, wait_for
from treadle.run.workers.remote_instance import answer_call
from treadle.run.workers.worker import WorkerSetup


@attrs.define(eq=False)
class RunningStep:
    """A step in a worker."""

    step: Step
    worker: WorkerHandle
    deadline: float | None
    """Monotonic time at which it is killed."""
    events: list[Event] = attrs.field(factory=list)
    """Events of this attempt so far."""


class ProcessExecutor:
    """Executes steps in worker processes.

    Args:
        max_concurrent: how many side by side.
        tag_limits: how many side by side of those that carry a tag.
        start: `fork` or `spawn`; None forks where that is safe.
        grace: seconds between SIGTERM and SIGKILL.
    """

    opens_resources = True

    def __init__(
        self,
        max_concurrent: int,
        tag_limits: tuple[TagLimit, ...] = (),
        start: str | None = None,
        grace: float = GRACE,
    ) -> None:
        self._max = max(max_concurrent, 1)
        self._limits = TagLimits(tag_limits)
        self._start = start
        self._grace = grace

    def execute(self, session: RunSession) -> None:
        """Drive the session until it is over or told to stop."""
        _ProcessRun(session, self._max, self._limits, self._start, self._grace).execute()


class _ProcessRun:
    """One run in processes."""

    def __init__(
        self, session: RunSession, most: int, limits: TagLimits, start: str | None, grace: float
    ) -> None:
        self._session = session
        self._most = most
        self._limits = limits
        self._grace = grace
        self._running: dict[int, RunningStep] = {}
        self._idle: list[WorkerHandle] = []
        self._pool = WorkerPool(_setup_of(session), start_method(start))

    def execute(self) -> None:
        session = self._session
        session.record_skips()
        try:
            while not session.progress.is_over and not session.must_stop:
                session.progress.wake(time.monotonic())
                self._start_steps()
                if (
                    not self._running
                    and not session.progress.has_ready
                    and session.progress.next_restart is None
                ):
                    break
                self._listen()
                self._look_after()
                session.recorder.flush_if_due()
                if session.poll is not None:
                    session.poll()
            if session.must_stop:
                self._cancel()
        except BaseException:
            self._pool.kill_all(0.0)
            raise
        finally:
            self._pool.stop()

    # Starting

    def _start_steps(self) -> None:
        session = self._session
        while len(self._running) < self._most:
            step = session.progress.next_ready(self._can_start)
            if step is None:
                return
            worker = self._idle.pop() if self._idle else self._new_worker(step)
            self._give(worker, step)

    def _can_start(self, step: Step) -> bool:
        tags = self._session.env.computation(step).tags
        if not self._limits.allows(tags, [self._tags_of(item.step) for item in self._running.values()]):
            return False
        return self._session.can_start(step)

    def _tags_of(self, step: Step) -> Any:
        return self._session.env.computation(step).tags

    def _new_worker(self, step: Step) -> WorkerHandle:
        env = self._session.env
        env.record(
            env.maker.make(EventType.STEP_WORKER_STARTING, step.key, EngineData(), "Starting a worker")
        )
        worker = self._pool.start()
        message = f"Worker {worker.producer} is process {worker.pid}"
        env.record(
            env.maker.make(EventType.STEP_WORKER_STARTED, step.key, EngineData(), message, level=DEBUG)
        )
        return worker

    def _give(self, worker: WorkerHandle, step: Step) -> None:
        env = self._session.env
        seconds = env.computation(step).timeout
        deadline = time.monotonic() + seconds if seconds is not None else None
        self._running[worker.pid] = RunningStep(step, worker, deadline)
        given = {key: env.given_outputs[key] for key, _ in step.after if key in env.given_outputs}
        try:
            worker.channel.send(
                "step", step.key, self._session.attempt_of(step), given, self._versions_for(step)
            )
        except (BrokenPipeError, OSError):
            worker.wait_gone(1.0)  # found dead by `_look_after`

    def _versions_for(self, step: Step) -> list[tuple[AssetKey, str | None, str]]:
        env = self._session.env
        parents = env.partitions_of(step).parents
        versions: list[tuple[AssetKey, str | None, str]] = []
        for key in step.asset_keys:
            for dep in env.catalog.assets[key].spec.deps:
                read = parents.get(dep.asset_key)
                if read is not None and len(read.keys) != 1:
                    continue  # the worker asks for it
                partition = read.keys.first_key if read is not None else None
                known = env.versions.known.get((dep.asset_key, partition))
                if known is not None:
                    versions.append((dep.asset_key, partition, known))
        return versions

    # Listening

    def _listen(self) -> None:
        ready = wait_for([item.worker.channel for item in self._running.values()], self._patience())
        for running in list(self._running.values()):
            if (
                running.worker.channel in ready
                and not self._drain(running)
                and not running.worker.wait_gone(0.2)
            ):
                # It hung up and lives on: nothing that it does can reach the run any more.
                self._pool.kill(running.worker, 0.0)

    def _patience(self) -> float:
        now = time.monotonic()
        ends = [item.deadline for item in self._running.values() if item.deadline is not None]
        restart = self._session.progress.next_restart
        if restart is not None:
            ends.append(restart)
        if self._session.deadline is not None:
            ends.append(self._session.deadline)
        if self._session.progress.has_ready and not self._running:
            return 0.02
        return max(min([0.05, *(end - now for end in ends)]), 0.0)

    def _drain(self, running: RunningStep) -> bool:
        """Take the messages that have come. False at the end of the connection."""
        channel = running.worker.channel
        while running.worker.pid in self._running and channel.has_message():
            try:
                message = channel.receive()
            except (EOFError, OSError, pickle.UnpicklingError):
                return False
            self._take(running, message)
        return True

    def _take(self, running: RunningStep, message: tuple[Any, ...]) -> None:
        session = self._session
        if message[0] == "event":
            running.events.append(message[1])
            session.env.record(message[1])
        elif message[0] == "call":
            session.recorder.flush()
            answer = answer_call(session.env.instance, *message[1:])
            running.worker.channel.send("answer", *answer)
        elif message[0] == "done":
            _, events, outcome, values = message
            for event in events:
                session.env.record(event)
            self._keep_values(values)
            del self._running[running.worker.pid]
            self._idle.append(running.worker)
            session.settle(running.step, outcome)

    def _keep_values(self, values: dict[tuple[str, str, str | None], bytes]) -> None:
        captured = self._session.env.captured
        if captured is not None:
            for key, data in values.items():
                captured[key] = pickle.loads(data)

    # Looking after

    def _look_after(self) -> None:
        now = time.monotonic()
        for running in list(self._running.values()):
            if running.worker.is_gone():
                self._drain(running)
                if running.worker.pid in self._running:
                    self._bury(running)
            elif running.deadline is not None and now >= running.deadline:
                self._time_out(running)
        for worker in [worker for worker in self._idle if worker.is_gone()]:
            self._idle.remove(worker)
            self._pool.bury(worker)

    def _bury(self, running: RunningStep) -> None:
        worker = running.worker
        del self._running[worker.pid]
        self._pool.bury(worker)
        ended = _ended_before_death(running)
        if ended is not None:
            self._session.settle(running.step, ended)
            return
        how = worker.how_it_ended()
        killed = "killed" in how
        error = UserCodeExecutionError(
            f"The process of step `{running.step.key}` {how} before the step had a result.",
            code="worker-lost" if killed else "no-result",
            hint="the system may have run out of memory: see its log" if "SIGKILL" in how else None,
            step_key=running.step.key,
        )
        error.__cause__ = ChildProcessError(f"process {worker.pid} {how}")
        self._session.settle(running.step, self._session.lose(running.step, error))

    def _time_out(self, running: RunningStep) -> None:
        seconds = self._session.env.computation(running.step).timeout or 0.0
        self._pool.kill(running.worker, self._grace)
        self._drain_quietly(running)
        self._running.pop(running.worker.pid, None)
        error = step_timeout(running.step.key, seconds)
        error.__cause__ = TimeoutError(f"no end after {seconds:g} s")
        self._session.settle(running.step, self._session.lose(running.step, error))

    def _drain_quietly(self, running: RunningStep) -> None:
        """The events that came before the kill, without the end that the kill itself brought about."""
        channel = running.worker.channel
        try:
            while channel.has_message():
                message = channel.receive()
                if message[0] == "event":
                    self._session.env.record(message[1])
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            return

    def _cancel(self) -> None:
        """Stop every step with all that it started; what they still said is kept."""
        for running in self._running.values():
            self._drain_events(running)
        self._pool.kill_all(self._grace)
        for running in list(self._running.values()):
            error = KeyboardInterrupt("the run was told to stop")
            del self._running[running.worker.pid]
            self._session.settle(running.step, self._session.lose(running.step, error))

    def _drain_events(self, running: RunningStep) -> None:
        self._drain_quietly(running)


def _setup_of(session: RunSession) -> WorkerSetup:
    env = session.env
    steps = [entry.step for entry in session.progress.steps.values()]
    keys = needed_resources(env.code, steps, env.hooks)
    definitions = resource_definitions(env.code, keys)
    for key in keys:
        definition = definitions.get(key)
        if definition is mem_io_manager or (
            isinstance(definition, ValueResource) and isinstance(definition.value, InMemoryIOManager)
        ):
            raise UnmetExecutorRequirementsError(
                f"`{key}` keeps values in the memory of one process, so steps in other processes cannot read them.",
                hint="use an IO manager that stores, such as the default one, or the in-process executor",
            )
    config: ResolvedConfig = session.config
    instance = env.instance
    folder = compute_log_folder(instance.root_directory, env.run.run_id) if instance.is_persistent else None
    if not instance.is_persistent:
        instance.storage_directory()
    return WorkerSetup(
        env=attrs.evolve(env, captured=None),
        definitions=definitions,
        resource_config=config.resource_config,
        logger_config=config.loggers,
        capture_values=env.captured is not None,
        compute_log_folder=folder,
    )


def _ended_before_death(running: RunningStep) -> StepOutcome | None:
    """The outcome, where the worker died after it had told that the step had succeeded."""
    if not any(event.type is EventType.STEP_SUCCESS for event in running.events):
        return None
    outputs: dict[str, None] = {}
    versions: list[tuple[AssetKey, str | None, str]] = []
    for event in running.events:
        if event.type is EventType.STEP_OUTPUT and isinstance(event.data, OutputData):
            outputs[event.data.name] = None
        elif (
            event.type is EventType.ASSET_MATERIALIZATION
            and isinstance(event.data, AssetData)
            and event.asset_key
        ):
            for partition in event.partition_keys or (None,):
                versions.append((event.asset_key, partition, event.data.data_version or ""))
    return StepOutcome(
        step_key=running.step.key, kind="success", outputs=tuple(outputs), versions=tuple(versions)
    )
