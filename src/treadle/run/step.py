"""One attempt of one step: bind the parameters, load the inputs, call the user's code, take its results.

The same object runs plain functions, generators, coroutines and asynchronous generators; only the driver differs.
"""

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

from treadle.core.catalog import Computation
from treadle.core.errors import ExecutionInterruptedError
from treadle.core.events import Event, EventData, EventType, LogData
from treadle.core.keys import AssetKey
from treadle.define.config.markers import ConfigClassMark
from treadle.define.context.asset_context import AssetCheckExecutionContext, AssetExecutionContext
from treadle.define.context.current import current_step
from treadle.define.context.log import StepLogger
from treadle.define.context.op_context import OpExecutionContext
from treadle.define.context.step_state import StepState
from treadle.define.parameters import NO_DEFAULT
from treadle.plan.plan import Step
from treadle.run.environment import RunEnvironment, view_of
from treadle.run.event_maker import ERROR
from treadle.run.failures import STEERING, StepOutcome, judge, text_of, user_error
from treadle.run.hooks import run_hooks
from treadle.run.inputs import InputLoader
from treadle.run.step_results import StepResults

_CONTEXT_OF = {"check": AssetCheckExecutionContext, "op": OpExecutionContext}


class StepExecution:
    """One attempt of a step in this process.

    Args:
        env: what the run's steps share.
        step: the step.
        attempt: its number, from 1.
    """

    def __init__(self, env: RunEnvironment, step: Step, attempt: int = 1) -> None:
        self.env = env
        self.step = step
        self.attempt = attempt
        self.computation: Computation = env.code.catalog.computations[step.computation]
        self.op: Any = env.code.ops[step.computation]
        self.partitions = env.partitions_of(step)
        self.partition_view = view_of(self.partitions.own)
        self.state = self._make_state()
        self.context = self._make_context()
        self.results = StepResults(self)
        self.told: list[Event] = []
        """Events of this attempt so far."""

    # What the contexts ask (StepPort)

    def emit(self, event: Any) -> None:
        """Record a finished event of this step."""
        self.env.record(event)

    def flush(self) -> None:
        """Write pending events, so that user code that now reads the store finds them."""
        self.env.flush()

    def tell(
        self,
        kind: EventType,
        data: EventData | None = None,
        message: str = "",
        *,
        level: int = 10,
        asset_key: AssetKey | None = None,
        partition_keys: tuple[str, ...] | None = None,
    ) -> None:
        """Make an event of this step and record it."""
        env = self.env
        event = env.maker.make(
            kind,
            self.step.key,
            data,
            message,
            level=level,
            asset_key=asset_key,
            partition_keys=partition_keys,
        )
        self.told.append(event)
        env.record(event)

    # The drivers

    def execute(self) -> StepOutcome:
        """Run the attempt to its end. Never raises what user code raised: the outcome tells."""
        token = current_step.set(self.state)
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
        except (Exception, KeyboardInterrupt, ExecutionInterruptedError) as error:  # noqa: BLE001 - the outcome tells
            return self.fail(error)
        finally:
            current_step.reset(token)

    def start(self) -> Any:
        """Announce the attempt, load the inputs and call the user's function."""
        kind = EventType.STEP_START if self.attempt == 1 else EventType.STEP_RESTARTED
        again = "" if self.attempt == 1 else f" again, attempt {self.attempt}"
        self.tell(kind, None, f"Step {self.step.key} started{again}")
        arguments = self._arguments()
        try:
            return self.op.compute_fn(**arguments)
        except STEERING:
            raise
        except (Exception, SystemExit) as error:
            raise user_error(error, self.step.key, self.op.name) from error

    def take_all(self, iterator: Iterator[Any]) -> None:
        """Take what a generator yields, as it comes."""
        take = self.results.take
        try:
            while True:
                try:
                    item = next(iterator)
                except StopIteration:
                    break
                except STEERING:
                    raise
                except (Exception, SystemExit) as error:
                    raise user_error(error, self.step.key, self.op.name) from error
                take(item)
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()
        self.results.end_of_yields()

    # The end

    def succeed(self) -> StepOutcome:
        """Check that nothing is missing, and record success."""
        results = self.results
        results.finish()
        self.tell(EventType.STEP_SUCCESS, None, f"Step {self.step.key} succeeded")
        run_hooks(self, None)
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
        policy = self.computation.retry_policy or env.retry_policy
        verdict = judge(error, step_key=step.key, attempt=self.attempt, retry_policy=policy)
        if verdict.kind == "retry":
            self.tell(
                EventType.STEP_UP_FOR_RETRY, verdict.data, f"Step {step.key} will be tried again", level=ERROR
            )
        else:
            said = text_of(verdict.raised)
            self.tell(EventType.STEP_FAILURE, verdict.data, f"Step {step.key} failed: {said}", level=ERROR)
            if verdict.kind == "failure":
                run_hooks(self, verdict.raised)
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

    def _make_state(self) -> StepState:
        env, step = self.env, self.step
        state = StepState(
            run=env.run,
            step_key=step.key,
            op=self.op,
            assets_def=env.code.assets_defs.get(step.computation),
            job_name=env.job_name,
            job_def=env.job_def,
            instance=env.instance,
            port=self,
            log=StepLogger(self._record_line, env.log_handlers, env.log_level),
            op_config=env.op_configs.get(step.computation),
            run_config=env.run_config,
            retry_number=self.attempt - 1,
            partitions=self.partition_view,
            selected_assets=frozenset(step.asset_keys),
            selected_checks=frozenset(step.check_keys),
            selected_outputs=step.outputs,
        )
        if self.partitions.inputs:
            for name, partitions in self.partitions.inputs.items():
                view = view_of(partitions)
                if view is not None:
                    state.input_partitions[name] = view
        state.on_user_event = self._record_user_event
        if env.resources is not None:
            state.resources = env.resources.for_step(self.op.required_resource_keys)
        return state

    def _make_context(self) -> OpExecutionContext:
        wanted = self.op.parameters.context_annotation
        if isinstance(wanted, type) and issubclass(wanted, OpExecutionContext):
            return wanted(self.state)
        return _CONTEXT_OF.get(self.computation.kind, AssetExecutionContext)(self.state)

    def _arguments(self) -> dict[str, Any]:
        parameters = self.op.parameters
        arguments: dict[str, Any] = {}
        if parameters.context is not None:
            arguments[parameters.context] = self.context
        if parameters.config is not None:
            arguments[parameters.config] = self._config()
        for name, parameter in parameters.resources.items():
            arguments[name] = getattr(self.state.resources, parameter.key)
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

    def _record_line(self, level: int, message: str, data: LogData | None) -> None:
        self.tell(EventType.LOG, data, message, level=level)

    def _record_user_event(self, event: Any) -> None:
        self.results.take_user_event(event)
