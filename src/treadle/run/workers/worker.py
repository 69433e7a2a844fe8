"""What a worker process does: takes steps from the run's process, executes them one by one, sends what happens."""

import os
import pickle
import signal
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

import attrs

from treadle.core.events import Event, EventType, FailureData
from treadle.core.keys import AssetKey
from treadle.define.resources.opening import open_resources
from treadle.plan.plan import Step
from treadle.run.captured_output import CapturedStep
from treadle.run.environment import RunEnvironment, stored_versions
from treadle.run.event_gate import EventGate
from treadle.run.event_maker import ERROR
from treadle.run.failures import StepOutcome, error_info, tells_failed_teardown, text_of
from treadle.run.log_handlers import workers_handlers
from treadle.run.resource_bag import ResourceBag
from treadle.run.resource_log import ResourceLogger
from treadle.run.resource_needs import needed_resources
from treadle.run.step import StepExecution
from treadle.run.time_limits import TimeLimit
from treadle.run.users_loggers import event_teller
from treadle.run.workers.channel import Channel, dump
from treadle.run.workers.remote_instance import RemoteInstance
from treadle.store.errors import StoreError

_LAST = frozenset({EventType.STEP_SUCCESS, EventType.STEP_FAILURE, EventType.STEP_UP_FOR_RETRY})


@attrs.define(eq=False)
class WorkerSetup:
    """What a worker needs before its first step, besides the run's environment."""

    env: RunEnvironment
    definitions: Mapping[str, Any]
    """Resource definitions by key."""
    resource_config: Mapping[str, Any]
    logger_config: Mapping[str, Any]
    """Logger name -> completed settings, for workers that must make the loggers themselves."""
    capture_values: bool
    compute_log_folder: str | None
    """Where stdout and stderr of steps go; None leaves them alone."""


class Worker:
    """The loop of a worker process.

    Args:
        setup: made before the fork, or received after a spawn.
        channel: to the run's process.
        producer: tells this worker's events apart.
    """

    def __init__(self, setup: WorkerSetup, channel: Channel, producer: str) -> None:
        self._setup = setup
        self._channel = channel
        self._held: list[Event] = []
        self._told_to_stop = False
        env = setup.env
        env.maker = type(env.maker)(env.run.run_id, env.job_name, env.maker.attempt, producer, os.getpid())
        env.log_handlers = workers_handlers(env.log_handlers)
        env.gate = EventGate(self._record, self._flush)
        self._tell = event_teller(env.log_handlers, producer)
        env.instance = RemoteInstance(channel, self._flush)
        env.captured = {} if setup.capture_values else None
        env.versions.read = stored_versions(env.instance)
        env.versions.read_together = env.instance.version_of_partitions

    def serve(self) -> None:
        """Execute steps until told to stop or the run's process is gone."""
        _use_own_streams()
        signal.signal(signal.SIGTERM, self._stop_step)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            try:
                message = self._channel.receive()
            except (EOFError, KeyboardInterrupt):
                return  # the run's process is gone, or stops its workers while this one waits
            if message[0] != "step":
                return
            try:
                self._serve_step(*message[1:])
            except OSError:
                if self._channel.is_broken:
                    return  # the run's process is gone: nobody is there to be told
                raise
            if self._told_to_stop:
                self._told_to_stop = False
                signal.signal(signal.SIGTERM, self._stop_step)

    @property
    def told_to_stop(self) -> bool:
        """Whether the signal came to end the step."""
        return self._told_to_stop

    def _stop_step(self, _number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._told_to_stop = True
        raise KeyboardInterrupt

    def _serve_step(
        self,
        step: Step,
        attempt: int,
        given: Mapping[str, tuple[str, ...]],
        versions: list[tuple[AssetKey, str | None, str]],
    ) -> None:
        env = self._setup.env
        env.given_outputs.update(given)
        for key, partition, version in versions:
            env.versions.set(key, partition, version)
        try:
            with CapturedStep(self._setup.compute_log_folder, env, step, attempt, echo=env.shows_output):
                outcome = self._execute(step, attempt)
        except KeyboardInterrupt as error:
            outcome = StepOutcome(step_key=step.key, kind="interrupted", raised=error)
        if self._told_to_stop and outcome.kind == "interrupted":
            # Whoever sent the signal knows why; to the run's process this one has died of it.
            _die_of(signal.SIGTERM)
        self._send_outcome(outcome)

    def _execute(self, step: Step, attempt: int) -> StepOutcome:
        setup, env = self._setup, self._setup.env
        keys = needed_resources(env.code, [step], env.hooks)
        opening = open_resources(
            setup.definitions,
            keys,
            setup.resource_config,
            env.run,
            env.instance,
            ResourceLogger(env, step.key),
            on_failed_teardown=tells_failed_teardown(env.maker, env.record, step.key),
        )
        make = env.maker.make
        if keys:
            env.record(
                make(EventType.RESOURCE_INIT_STARTED, step.key, None, f"Opening {', '.join(sorted(keys))}")
            )
        try:
            opened = opening.__enter__()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - recorded; the step fails
            return self._failed_to_open(step, attempt, error)
        try:
            if keys:
                env.record(
                    make(EventType.RESOURCE_INIT_SUCCESS, step.key, None, f"Opened {', '.join(sorted(keys))}")
                )
            env.resources = ResourceBag(opened, setup.definitions, setup.resource_config)
            execution = StepExecution(env, step, attempt)
            execution.limit = _UntilToldToStop(self, step.key)
            try:
                return execution.execute()
            except StoreError as error:
                return execution.fail(error)  # of what it read: another process writes for it
        finally:
            opening.__exit__(None, None, None)

    def _failed_to_open(self, step: Step, attempt: int, error: BaseException) -> StepOutcome:
        env = self._setup.env
        data = FailureData(error=error_info(error))
        env.record(
            env.maker.make(
                EventType.RESOURCE_INIT_FAILURE, step.key, data, "A resource did not open", level=ERROR
            )
        )
        verdict = env.judge(error, step, attempt)
        kind = EventType.STEP_UP_FOR_RETRY if verdict.kind == "retry" else EventType.STEP_FAILURE
        env.record(
            env.maker.make(
                kind, step.key, verdict.data, f"Step {step.key} failed: {text_of(error)}", level=ERROR
            )
        )
        return StepOutcome(
            step_key=step.key, kind=verdict.kind, wait=verdict.wait, error=verdict.data.error, raised=error
        )

    def _send_outcome(self, outcome: StepOutcome) -> None:
        held, self._held = self._held, []
        values = self._take_values()
        if outcome.raised is not None:
            outcome.raised = _portable(outcome.raised)
        self._channel.send("done", held, outcome, values)

    def _take_values(self) -> dict[tuple[str, str, str | None], bytes]:
        captured = self._setup.env.captured
        if not captured:
            return {}
        values = {}
        for key, value in captured.items():
            try:
                values[key] = dump(value)
            except Exception:  # noqa: BLE001 - a value that cannot leave the process is left out of the result
                continue
        captured.clear()
        return values

    def _record(self, event: Event) -> None:
        if self._held or event.type in _LAST:
            # A step's last events travel with its outcome: it has ended in both, or in neither.
            self._held.append(event)
        else:
            self._channel.send("event", event)
        if self._tell is not None:
            self._tell(event)

    def _flush(self) -> None:
        held, self._held = self._held, []
        for event in held:
            self._channel.send("event", event)


class _UntilToldToStop(TimeLimit):
    """The run's process watches the time of a step in a worker: it sends a signal, whatever the step makes of it."""

    def __init__(self, worker: Worker, step_key: str) -> None:
        super().__init__(step_key, None)
        self._worker = worker

    def check(self) -> None:
        """See `TimeLimit`."""
        if self._worker.told_to_stop:
            raise KeyboardInterrupt

    def explain(self, error: BaseException) -> BaseException:
        """See `TimeLimit`. No hooks are called here then: whoever sent the signal calls them."""
        return KeyboardInterrupt() if self._worker.told_to_stop else error


def _use_own_streams() -> None:
    """Print to this process's descriptors, where a notebook or a test runner had put something else in their place."""
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        try:
            is_own = stream.fileno() == number
        except (AttributeError, OSError, ValueError):
            is_own = False
        if not is_own:
            fresh = open(number, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
            setattr(sys, name, fresh)


def _portable(error: BaseException) -> BaseException:
    """The error itself where it survives the way there and back, else one with its text."""
    try:
        pickle.loads(dump(error))
    except BaseException:  # noqa: BLE001 - whatever its pickling raises, its text still travels
        return RuntimeError(text_of(error))
    return error


def _die_of(number: int) -> None:
    _flush_streams()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(70)


def leave() -> None:
    """End the process at once: no exit handlers of the code that was forked with it."""
    _flush_streams()
    os._exit(0)


def _flush_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
