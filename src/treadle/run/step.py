"""One attempt of one step: bind the parameters, load the inputs, call the user's code, take its results.

The same object runs plain functions, generators, coroutines and asynchronous generators; only the driver differs.
"""

import importlib
import inspect
import os
from collections.abc import Callable, Iterator
from typing import Any

from treadle.core.errors import ExecutionInterruptedError
from treadle.core.events import EventType
from treadle.define.config.markers import ConfigClassMark
from treadle.define.context.current import current_step
from treadle.define.parameters import NO_DEFAULT
from treadle.define.resources.function import original_resource
from treadle.plan.plan import Step
from treadle.run.attempt import StepAttempt
from treadle.run.environment import RunEnvironment
from treadle.run.event_maker import ERROR
from treadle.run.failures import PASSING, StepOutcome, text_of, user_error
from treadle.run.forked_copies import end_forked_copy
from treadle.run.hooks import run_hooks
from treadle.run.inputs import InputLoader
from treadle.run.step_results import StepResults
from treadle.run.time_limits import TimeLimit
from treadle.store.errors import StoreError


class StepExecution(StepAttempt):
    """One attempt of a step in this process, from its first event to its last."""

    def __init__(self, env: RunEnvironment, step: Step, attempt: int = 1) -> None:
        super().__init__(env, step, attempt)
        self.pid = os.getpid()
        self.results = StepResults(self)
        self.cancel: Callable[[], None] | None = None
        """Stops its coroutine from another thread, while one runs."""
        self.is_cancelled = False
        self.state.on_user_event = self.results.take_user_event
        seconds = self.computation.timeout
        self.limit: TimeLimit | None = TimeLimit(step.key, seconds) if seconds is not None else None

    # The drivers

    def execute(self) -> StepOutcome:
        """Run the attempt to its end. Never raises what user code raised: the outcome tells."""
        token = current_step.set(self.state)
        self.env.python_logs.take()
        try:
            returned = self.start()
            if inspect.iscoroutine(returned) or inspect.isasyncgen(returned):
                # asyncio costs 30 ms to import; only programs with asynchronous steps pay it.
                importlib.import_module("treadle.run.async_steps").take_alone(self, returned)
            elif inspect.isgenerator(returned):
                self.take_all(returned)
            else:
                self.results.take_returned(returned)
            return self.succeed()
        except StoreError:
            # What user code raises comes wrapped: this store can not be written, which ends the run, not the step.
            raise
        except BaseException as error:  # noqa: BLE001 - the outcome tells
            return self.fail(error)
        finally:
            self.env.python_logs.release()
            current_step.reset(token)

    def start(self) -> Any:
        """Announce the attempt, load the inputs and call the user's function."""
        self.refuse_where_given_up()
        start = self.env.maker.make_start(self.step.key, self.attempt)
        self.told.append(start)
        self.emit(start)
        if self.partitions.parents:
            self.note_versions()
        arguments = self._arguments()
        try:
            returned = self.op.compute_fn(**arguments)
        except BaseException as error:
            end_forked_copy(self.pid, error)
            if isinstance(error, PASSING):
                raise
            raise user_error(error, self.step.key, self.op.name) from error
        self.has_returned()
        return returned

    def take_all(self, iterator: Iterator[Any]) -> None:
        """Take what a generator yields, as it comes."""
        take = self.results.take
        try:
            while True:
                try:
                    item = next(iterator)
                except StopIteration:
                    self.has_returned()
                    break
                except BaseException as error:
                    end_forked_copy(self.pid, error)
                    if isinstance(error, PASSING):
                        raise
                    raise user_error(error, self.step.key, self.op.name) from error
                self.has_returned()
                take(item)
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()
        self.results.end_of_yields()

    def has_returned(self) -> None:
        """User code came back: in this process, to a run that waits for it, and in time?"""
        end_forked_copy(self.pid)
        self.refuse_where_given_up()
        if self.limit is not None:
            self.limit.check()

    def refuse_where_given_up(self) -> None:
        """What its code still gives, once the run ended without it, must not be stored."""
        if self.env.gate.is_shut_to(self.name):
            raise ExecutionInterruptedError("the run ended without this step")

    # The end

    def succeed(self) -> StepOutcome:
        """Check that nothing is missing, and record success."""
        results = self.results
        if self.limit is not None:
            self.limit.check()
        results.finish()
        self.tell(EventType.STEP_SUCCESS, None, f"Step {self.step.key} succeeded")
        run_hooks(self, results.values, None)
        return StepOutcome(
            step_key=self.step.key,
            kind="success",
            outputs=tuple(results.given),
            failed_checks=tuple(results.failed_checks),
            versions=tuple(results.versions),
            mapping_keys=results.mapping_keys,
        )

    def fail(self, error: BaseException) -> StepOutcome:
        """Record that the attempt raised, and what follows."""
        env, step = self.env, self.step
        if self.limit is not None:
            error = self.limit.explain(error)
        verdict = env.judge(error, step, self.attempt)
        if verdict.kind == "retry":
            self.tell(
                EventType.STEP_UP_FOR_RETRY, verdict.data, f"Step {step.key} will be tried again", level=ERROR
            )
        else:
            said = text_of(verdict.raised)
            self.tell(EventType.STEP_FAILURE, verdict.data, f"Step {step.key} failed: {said}", level=ERROR)
            if verdict.kind == "failure":
                run_hooks(self, self.results.values, verdict.told_to_hooks)
        return StepOutcome(
            step_key=step.key,
            kind=verdict.kind,
            outputs=tuple(self.results.given),
            failed_checks=tuple(self.results.failed_checks),
            wait=verdict.wait,
            error=verdict.data.error,
            raised=verdict.raised,
            versions=tuple(self.results.versions),
        )

    # The beginning

    def _arguments(self) -> dict[str, Any]:
        parameters = self.op.parameters
        arguments: dict[str, Any] = {}
        if parameters.context is not None:
            arguments[parameters.context] = self.context
        if parameters.config is not None:
            arguments[parameters.config] = self._config()
        for name, parameter in parameters.resources.items():
            arguments[name] = original_resource(self.state.resources, parameter.key)
        if self.step.inputs:
            accepted = set(parameters.input_names)
            for name, value in InputLoader(self).load_all(self.step.inputs).items():
                if parameters.var_keyword or name in accepted:
                    arguments[name] = value
        return arguments

    def _config(self) -> Any:
        wanted, value = self.op.parameters.config_class, self.state.op_config
        if isinstance(wanted, type) and issubclass(wanted, ConfigClassMark):
            # A config class exists, so its module (and pydantic) is imported already.
            return importlib.import_module("treadle.define.config.config_class").build_config(wanted, value)
        if value is None and self.op.parameters.config_default is not NO_DEFAULT:
            return self.op.parameters.config_default
        return value
