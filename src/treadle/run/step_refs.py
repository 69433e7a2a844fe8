"""Steps that are executed elsewhere, as launchers written for the peer know them: `StepRunRef` and `StepLauncher`.

A reference is a value: made from a running step, pickled, read elsewhere. Treadle sends steps to other processes
by its executors, so nothing here executes one.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn

from treadle.core.deprecation import superseded
from treadle.core.errors import InvariantViolationError
from treadle.core.runs import Run
from treadle.define.context.op_context import OpExecutionContext
from treadle.store.event_views import EventLogEntry
from treadle.store.instance import Instance


class StepRunRef(NamedTuple):
    """Names one step of a run, with what another process needs to execute it."""

    run_config: Mapping[str, object]
    dagster_run: Run
    run_id: str
    retry_mode: Any
    step_key: str
    recon_job: Any
    known_state: Any


@superseded("use an executor, or pipes", "StepLauncher")
class StepLauncher(ABC):
    """A resource that executes steps elsewhere. Superseded: use an executor, or pipes."""

    @abstractmethod
    def launch_step(self, step_context: OpExecutionContext) -> Iterator[Any]:
        """Execute the step and give its events."""


def step_context_to_step_run_ref(
    step_context: OpExecutionContext, package_dir: str | None = None
) -> StepRunRef:
    """The reference of the step that is running.

    Args:
        step_context: its context.
        package_dir: kept for callers of the peer's name; the job's own origin tells where its code is.
    """
    state = step_context.step_state
    if state.run is None:
        raise InvariantViolationError("This context belongs to no run, so there is no step to refer to.")
    origin = state.job_def.code.origin if state.job_def is not None else None
    return StepRunRef(
        run_config=step_context.run_config,
        dagster_run=state.run,
        run_id=step_context.run_id,
        retry_mode="DISABLED",
        step_key=step_context.step_key,
        recon_job=origin,
        known_state={"retry_number": step_context.retry_number},
    )


def external_instance_from_step_run_ref(
    step_run_ref: StepRunRef, event_listener_fn: Callable[[EventLogEntry], object] | None = None
) -> Instance:
    """An instance in memory that knows the reference's run.

    Args:
        step_run_ref: the step.
        event_listener_fn: kept for callers of the peer's name; nothing is executed here that it could hear.
    """
    instance = Instance.ephemeral()
    instance.store.create_run(step_run_ref.dagster_run, step_run_ref.dagster_run.created_at)
    return instance


def run_step_from_ref(step_run_ref: StepRunRef, instance: Instance) -> NoReturn:
    """Refuses: Treadle executes a step elsewhere by an executor.

    Raises:
        InvariantViolationError: always.
    """
    raise _not_by_reference(step_run_ref)


def step_run_ref_to_step_context(step_run_ref: StepRunRef, instance: Instance) -> NoReturn:
    """Refuses, as `run_step_from_ref`.

    Raises:
        InvariantViolationError: always.
    """
    raise _not_by_reference(step_run_ref)


def _not_by_reference(step_run_ref: StepRunRef) -> InvariantViolationError:
    return InvariantViolationError(
        f"Step `{step_run_ref.step_key}` cannot be executed from its reference.",
        hint="give the job an executor that sends its steps elsewhere, or start outside code with a pipes client",
    )
