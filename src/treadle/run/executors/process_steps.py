"""Steps of a run in worker processes. A worker that dies takes only its own step with it."""

import pickle
import time
from collections.abc import Collection, Iterable
from typing import Any

import attrs

from treadle.core.catalog import Computation
from treadle.core.errors import UnmetExecutorRequirementsError, UserCodeExecutionError
from treadle.core.events import AssetData, EngineData, Event, EventType, OutputData
from treadle.core.keys import AssetKey
from treadle.define.config.resolve import ResolvedConfig
from treadle.plan.plan import Step
from treadle.run.captured_output import compute_log_folder
from treadle.run.event_maker import DEBUG
from treadle.run.executors.waiting import WaitingNotice
from treadle.run.failures import StepOutcome, step_timeout
from treadle.run.log_handlers import show_line
from treadle.run.resource_needs import first_in_memory, needed_resources, resource_definitions
from treadle.run.session import RunSession
from treadle.run.workers.channel import UnreadableMessageError
from treadle.run.workers.fork_guard import start_method
from treadle.run.workers.pool import GRACE, StoppingWorker, WorkerHandle, WorkerPool, wait_for
from treadle.run.workers.remote_instance import answer_call
from treadle.run.workers.spawning import START_TIMEOUT
from treadle.run.workers.worker import WorkerSetup

_BEGINNINGS = frozenset({EventType.STEP_START, EventType.STEP_RESTARTED})


@attrs.define(eq=False)
class RunningStep:
    """A step in a worker."""

    step: Step
    worker: WorkerHandle
    limit: float | None
    """Seconds that it may take, from its first event on."""
    deadline: float | None
    """Monotonic time at which its time is over."""
    stopping: StoppingWorker | None = None
    """Its time is over: it was told to end, and is killed where it does not."""
    events: list[Event] = attrs.field(factory=list)
    """Events of this attempt so far."""


class ProcessSteps:
    """The steps of a run that are in workers: starts, hears, limits and ends them. An executor drives it.

    Args:
        session: the run.
        steps: all that may come here.
        most: how many workers at once.
        start: `fork` or `spawn`; None forks where that is safe.
        grace: seconds between SIGTERM and SIGKILL.

    Raises:
        UnmetExecutorRequirementsError: what the steps need cannot be in another process.
    """

    def __init__(
        self, session: RunSession, steps: Iterable[Step], most: int, start: str | None, grace: float = GRACE
    ) -> None:
        self._session = session
        self._most = most
        self._grace = grace
        self._running: dict[int, RunningStep] = {}
        self._idle: list[WorkerHandle] = []
        self._pool = WorkerPool(_setup_of(session, steps), start_method(start))

    @property
    def running(self) -> list[Step]:
        """The steps that are in workers now."""
        return [item.step for item in self._running.values()]

    @property
    def has_room(self) -> bool:
        """Whether one more may start."""
        return len(self._running) < self._most

    def start(self, step: Step) -> None:
        """Give a step to a worker; its slots are taken."""
        worker = self._idle.pop() if self._idle else self._new_worker(step)
        self._give(worker, step)

    def attend(self, patience: float) -> None:
        """Take what workers say, for at most that many seconds; settle steps that ended, died or took too long."""
        self._listen(patience)
        self._look_after()

    def close(self) -> None:
        """End the workers; none of them has a step."""
        self._pool.stop()

    def abandon(self) -> None:
        """Kill everything at once."""
        self._pool.kill_all(0.0)

    # Starting

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
        # A fresh interpreter imports the user's code first, which is not the step's own time.
        deadline = time.monotonic() + START_TIMEOUT + seconds if seconds is not None else None
        self._running[worker.pid] = RunningStep(step, worker, seconds, deadline)
        given = {key: env.given_outputs[key] for key in step.upstream_step_keys if key in env.given_outputs}
        try:
            worker.channel.send("step", step, self._session.attempt_of(step), given, self._versions_for(step))
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

    def _listen(self, patience: float) -> None:
        ready = wait_for([item.worker.channel for item in self._running.values()], self._patience(patience))
        for running in list(self._running.values()):
            if (
                running.worker.channel in ready
                and not self._drain(running)
                and running.stopping is None
                and not running.worker.wait_gone(0.2)
            ):
                # It hung up and lives on: nothing that it does can reach the run any more.
                self._pool.kill(running.worker, 0.0)

    def _patience(self, most: float) -> float:
        now = time.monotonic()
        ends = []
        for item in self._running.values():
            if item.stopping is not None:
                most = min(most, 0.02)  # its end does not wake this process
                ends.append(item.stopping.deadline)
            elif item.deadline is not None:
                ends.append(item.deadline)
        return max(min([most, *(end - now for end in ends)]), 0.0)

    def _drain(self, running: RunningStep) -> bool:
        """Take the messages that have come. False at the end of the connection."""
        channel = running.worker.channel
        while running.worker.pid in self._running and channel.has_message():
            try:
                message = channel.receive()
            except (EOFError, OSError):
                return False
            except UnreadableMessageError as error:
                self._give_up(running, error)
                return True
            try:
                self._take(running, message)
            except BrokenPipeError:  # it did not wait for the answer
                return False
        return True

    def _give_up(self, running: RunningStep, why: UnreadableMessageError) -> None:
        """What a step said cannot be read: nothing that follows could be trusted."""
        del self._running[running.worker.pid]
        self._pool.kill(running.worker, 0.0)
        error = UserCodeExecutionError(
            f"What step `{running.step.key}` sent could not be read in the run's process: {why}",
            code="unreadable-result",
            hint="its objects must load again from their pickled form, in every process",
            step_key=running.step.key,
        )
        error.__cause__ = why
        self._lose(running, error)

    def _take(self, running: RunningStep, message: tuple[Any, ...]) -> None:
        session = self._session
        if running.stopping is not None and message[0] == "done":
            self._end_timed_out(running, running.stopping)  # it ended too late
        elif message[0] == "event":
            self._take_event(running, message[1])
        elif message[0] == "call":
            session.recorder.flush()
            answer = answer_call(session.env.instance, *message[1:])
            running.worker.channel.send("answer", *answer)
        elif message[0] == "done":
            _, events, outcome, values = message
            for event in events:
                self._record(event)
            self._keep_values(values)
            del self._running[running.worker.pid]
            self._idle.append(running.worker)
            session.settle(running.step, outcome)

    def _take_event(self, running: RunningStep, event: Event) -> None:
        if running.limit is not None and not running.events:
            running.deadline = time.monotonic() + running.limit
        running.events.append(event)
        self._record(event)

    def _record(self, event: Event) -> None:
        """Record what a worker says, and show it where it is a line for a person."""
        env = self._session.env
        env.record(event)
        show_line(env.log_handlers, event)

    def _keep_values(self, values: dict[tuple[str, str, str | None], bytes]) -> None:
        captured = self._session.env.captured
        if captured is not None:
            for key, data in values.items():
                try:
                    captured[key] = pickle.loads(data)
                except Exception:  # noqa: BLE001 - a value that does not load is left out of the result
                    continue

    # Looking after

    def _look_after(self) -> None:
        now = time.monotonic()
        for running in list(self._running.values()):
            stopping = running.stopping
            if stopping is not None:
                if running.worker.is_gone() or now >= stopping.deadline:
                    self._end_timed_out(running, stopping)
            elif running.worker.is_gone():
                self._drain(running)
                if running.worker.pid in self._running:
                    self._bury(running)
            elif running.deadline is not None and now >= running.deadline:
                running.stopping = self._pool.begin_kill(running.worker, self._grace)
        for worker in [worker for worker in self._idle if worker.is_gone()]:
            self._idle.remove(worker)
            self._pool.bury(worker)

    def _bury(self, running: RunningStep) -> None:
        worker = running.worker
        del self._running[worker.pid]
        self._pool.bury(worker)
        ended = _ended_before_death(running, self._session.env.computation(running.step))
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
        self._lose(running, error)

    def _lose(self, running: RunningStep, error: BaseException) -> None:
        """The attempt ends as lost. Its beginning is told too, where its process did not come to that."""
        session, step = self._session, running.step
        if not any(event.type in _BEGINNINGS for event in running.events):
            session.env.record(session.env.maker.make_start(step.key, session.attempt_of(step)))
        session.settle(step, session.lose(step, error))

    def _end_timed_out(self, running: RunningStep, stopping: StoppingWorker) -> None:
        seconds = self._session.env.computation(running.step).timeout or 0.0
        self._drain_quietly(running)
        self._running.pop(running.worker.pid, None)
        self._pool.end_kill(stopping)
        error = step_timeout(running.step.key, seconds)
        error.__cause__ = TimeoutError(f"no end after {seconds:g} s")
        self._lose(running, error)

    def _drain_quietly(self, running: RunningStep) -> None:
        """The events that came before the kill, without the end that the kill itself brought about."""
        channel = running.worker.channel
        try:
            while channel.has_message():
                message = channel.receive()
                if message[0] == "event":
                    self._take_event(running, message[1])
        except (EOFError, OSError, ValueError, UnreadableMessageError):
            return

    def cancel(self) -> None:
        """Stop every step with all that it started; what they still said is kept."""
        for running in self._running.values():
            self._drain_quietly(running)
        notice = WaitingNotice(
            f"what has not ended in {self._grace:g} s is killed. A second Ctrl-C kills it now.",
            after=1.0,
        )

        def wait(left: Collection[WorkerHandle]) -> bool:
            notice.tell(item.step.key for item in self._running.values() if item.worker in left)
            return self._session.interrupts.insists

        self._pool.kill_all(self._grace, wait)
        for running in list(self._running.values()):
            del self._running[running.worker.pid]
            self._lose(running, KeyboardInterrupt("the run was told to stop"))


def _setup_of(session: RunSession, steps: Iterable[Step]) -> WorkerSetup:
    env = session.env
    keys = needed_resources(env.code, list(steps), env.hooks)
    definitions = resource_definitions(env.code, keys)
    key = first_in_memory(keys, definitions)
    if key is not None:
        raise UnmetExecutorRequirementsError(
            f"`{key}` keeps values in the memory of one process, so steps in other processes cannot read them.",
            hint="use an IO manager that stores, such as the default one, or the in-process executor",
        )
    config: ResolvedConfig = session.config
    instance = env.instance
    folder = compute_log_folder(instance, env.run.run_id) if instance.is_persistent else None
    if not instance.is_persistent:
        instance.storage_directory()
    return WorkerSetup(
        env=attrs.evolve(env, captured=None, is_stopping=None),
        definitions=definitions,
        resource_config=config.resource_config,
        logger_config=config.loggers,
        capture_values=env.captured is not None,
        compute_log_folder=folder,
    )


def _ended_before_death(running: RunningStep, computation: Computation) -> StepOutcome | None:
    """The outcome, where the worker died after it had told that the step had succeeded."""
    if not any(event.type is EventType.STEP_SUCCESS for event in running.events):
        return None
    outputs: dict[str, None] = {}
    mapping_keys: dict[str, tuple[str, ...]] = {}
    versions: list[tuple[AssetKey, str | None, str]] = []
    for event in running.events:
        if event.type is EventType.STEP_OUTPUT and isinstance(event.data, OutputData):
            name, key = event.data.name, event.data.mapping_key
            outputs[name] = None
            if key is not None:
                mapping_keys[name] = (*mapping_keys.get(name, ()), key)
        elif (
            event.type is EventType.ASSET_MATERIALIZATION
            and isinstance(event.data, AssetData)
            and event.asset_key
        ):
            for partition in event.partition_keys or (None,):
                versions.append((event.asset_key, partition, event.data.data_version or ""))
    for output in computation.outputs:
        if output.is_dynamic and output.is_required and output.name not in outputs:
            outputs[output.name], mapping_keys[output.name] = None, ()
    return StepOutcome(
        step_key=running.step.key,
        kind="success",
        outputs=tuple(outputs),
        versions=tuple(versions),
        mapping_keys=mapping_keys,
    )
