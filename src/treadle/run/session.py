"""A run while it executes: progress, events, limits and the signal to stop. Executors drive it."""

import time
from collections.abc import Callable
from typing import Protocol

import attrs

from treadle.core.errors import ExecutionInterruptedError, TreadleError, UserCodeExecutionError
from treadle.core.events import EventType
from treadle.core.seen_errors import told_in_a_line
from treadle.define.config.resolve import ResolvedConfig
from treadle.plan.plan import Step
from treadle.run.attempt import StepAttempt
from treadle.run.environment import RunEnvironment
from treadle.run.event_maker import ERROR
from treadle.run.failures import StepOutcome, text_of
from treadle.run.hooks import run_hooks_of_lost
from treadle.run.interrupts import Interrupts
from treadle.run.progress import Progress
from treadle.run.recorder import RunRecorder
from treadle.run.slot_waits import HeldSlots, SlotWaits
from treadle.run.time_limits import TimeLimit
from treadle.store.errors import StoreError


class Slots(Protocol):
    """Slots of pools, shared by all runs of a store."""

    def grant(self, step: Step, attempt: int) -> bool:
        """Take the slots that the step needs; False where a pool is full."""
        ...

    def release(self, step: Step, attempt: int) -> None:
        """Give them back."""
        ...

    def held(self, pool: str) -> HeldSlots | None:
        """See `slot_waits.Held`."""
        ...


class Executor(Protocol):
    """A way to execute the steps of a run."""

    def execute(self, session: "RunSession") -> None:
        """Drive the session until it is over or told to stop."""
        ...


@attrs.define(eq=False, kw_only=True)
class RunSession:
    """Everything that an executor drives."""

    env: RunEnvironment
    progress: Progress
    recorder: RunRecorder
    config: ResolvedConfig
    interrupts: Interrupts
    slots: Slots | None = None
    deadline: float | None = None
    """Monotonic time at which the run must be over."""
    poll: Callable[[], None] | None = None
    """Is called now and then while the run waits, e.g. to see whether it was cancelled from outside."""
    outcomes: dict[str, StepOutcome] = attrs.field(factory=dict)
    """Last outcome of each step that ran."""
    limit: TimeLimit | None = None
    """Of the attempt that the main thread is at."""
    timed_out: bool = False
    output_folder: str | None = None
    """Where each step's stdout and stderr go, caught by descriptor; None where they are not."""
    _waits: SlotWaits = attrs.field(
        init=False, default=attrs.Factory(lambda self: SlotWaits(self.env, self.slots), takes_self=True)
    )

    def must_stop(self) -> bool:
        """True when no new step may start."""
        self.stop_if_overdue()
        return self.interrupts.requested

    def stop_if_overdue(self) -> None:
        """Tell the run to stop where it has taken longer than it may, unless it was told before."""
        if self.deadline is not None and time.monotonic() >= self.deadline and not self.interrupts.requested:
            self.timed_out = True
            self.interrupts.request("the run took longer than its timeout")

    def must_stop_now(self) -> bool:
        """The same, after looking whether another process asked for it."""
        if self.poll is not None:
            self.poll()
        return self.must_stop()

    def attempt_of(self, step: Step) -> int:
        """The number of the step's current attempt."""
        return self.progress.steps[step.key].attempt

    def can_start(self, step: Step) -> bool:
        """Takes the slots of the step's pool; False where it must wait."""
        if step.pool is None or self.slots is None:
            return True
        granted = self.slots.grant(step, self.attempt_of(step))
        if granted:
            self._waits.granted(step.pool)
        elif self._waits.denied(step, step.pool):
            self.recorder.flush()  # the next event may be long in coming
        return granted

    def settle(self, step: Step, outcome: StepOutcome) -> None:
        """An attempt of a step has ended: what follows for the others."""
        attempt = self.attempt_of(step)
        self.stop_if_overdue()  # also the last step may have taken longer than the run may
        if step.pool is not None and self.slots is not None:
            self.slots.release(step, attempt)
        self.outcomes[step.key] = outcome
        env = self.env
        for key, partition, version in outcome.versions:
            env.versions.set(key, partition, version)
        if outcome.kind == "success":
            env.given_outputs[step.key] = outcome.outputs
            self.progress.succeed(step.key, outcome.outputs, outcome.failed_checks, outcome.mapping_keys)
            self.record_skips()
        elif outcome.kind == "retry":
            now = time.monotonic()
            self.progress.retry(step.key, now + outcome.wait, now)
        else:
            if outcome.kind == "interrupted" and not self.must_stop():
                self.interrupts.request("user code raised KeyboardInterrupt")
            self.progress.fail(step.key)
            self.record_skips()

    def record_skips(self) -> None:
        """Tell of the steps that turned out to have nothing to do."""
        for step in self.progress.take_skipped():
            self.env.given_outputs[step.key] = ()
            self.env.record(
                self.env.maker.make(
                    EventType.STEP_SKIPPED,
                    step.key,
                    None,
                    f"Step {step.key} skipped: an output it needs was not given",
                )
            )

    def break_off(self, step: Step, error: BaseException) -> StepOutcome:
        """The outcome of an attempt that could not be brought to its end: not its code failed, what runs it did.

        Raises:
            StoreError: the store can not be written, which ends the whole run.
        """
        if isinstance(error, StoreError):
            raise error
        if isinstance(error, ExecutionInterruptedError | KeyboardInterrupt):
            return self.lose(step, error)
        said = told_in_a_line(error)
        broken = TreadleError(f"Step `{step.key}` could not be brought to its end: {said}")
        broken.__cause__ = error
        return self.lose(step, broken)

    def lose(self, step: Step, error: BaseException) -> StepOutcome:
        """The outcome of an attempt whose process is gone; its failure is recorded here, as it could not itself.

        Args:
            error: an error with the reason as its cause, e.g. that the process was killed by a signal.
        """
        env = self.env
        verdict = env.judge(error, step, self.attempt_of(step))
        retried = verdict.kind == "retry"
        env.record(
            env.maker.make(
                EventType.STEP_UP_FOR_RETRY if retried else EventType.STEP_FAILURE,
                step.key,
                verdict.data,
                f"Step {step.key} failed: {text_of(error)}",
                level=ERROR,
            )
        )
        if verdict.kind == "failure" and (env.hooks or env.code.ops[step.computation].hooks):
            lost = StepAttempt(env, step, self.attempt_of(step))
            run_hooks_of_lost(lost, verdict.told_to_hooks, self.config.resource_config)
        return StepOutcome(
            step_key=step.key,
            kind=verdict.kind,
            wait=verdict.wait,
            error=verdict.data.error,
            raised=error if isinstance(error, UserCodeExecutionError) and not retried else verdict.raised,
        )

    def pause(self, seconds: float) -> None:
        """Wait for at most that long, writing what is due; returns early when told to stop."""
        end = time.monotonic() + seconds
        while not self.must_stop():
            self.recorder.flush_if_due()
            if self.poll is not None:
                self.poll()
            rest = end - time.monotonic()
            if rest <= 0:
                return
            time.sleep(min(rest, 0.05))

    def wait_for_ready(self) -> None:
        """Nothing can start now: wait for the next retry, or for a slot."""
        restart = self.progress.next_restart
        if self.progress.has_ready or restart is None:
            self.pause(0.02)
        else:
            self.pause(max(restart - time.monotonic(), 0.0))
        self.progress.wake(time.monotonic())
