"""Which executor a run gets: the one that is named, else what its plan can use."""

import importlib
import os
from collections.abc import Mapping
from typing import Any

from treadle.core.errors import UnmetExecutorRequirementsError
from treadle.define.code import Code
from treadle.define.executors import Executor as UsersExecutor
from treadle.define.executors import ExecutorDefinition, InitExecutorContext, executor_settings
from treadle.plan.plan import Plan
from treadle.run.executors.custom import CustomExecutor
from treadle.run.executors.in_process import InProcessExecutor
from treadle.run.executors.limits import TagLimit
from treadle.run.resource_needs import first_in_memory, needed_resources, resource_definitions
from treadle.run.session import Executor
from treadle.run.workers.fork_guard import wanted_by_variable


def executor_for(
    definition: ExecutorDefinition | None,
    execution: Mapping[str, Any],
    plan: Plan,
    *,
    needs_killing: bool = False,
    job: Any = None,
    instance: Any = None,
) -> Executor:
    """The executor of a run that may use processes.

    Args:
        definition: the job's or the code location's; None chooses by the plan.
        execution: the `execution` part of run config.
        plan: in process where no two of its steps could run side by side, else in processes, as many as cores.
        needs_killing: whether only a process of its own could end a step in time (see `needs_killing`).
        job: for executors that users write.
        instance: for executors that users write.

    Raises:
        UnmetExecutorRequirementsError: TREADLE_START_METHOD says what it can not mean; told before a run is stored, and
            whether this one needs processes or not.
    """
    wanted_by_variable()
    if definition is None:
        if execution:
            return executor_by_name("multi_or_in_process_executor", executor_settings(None, execution))
        return InProcessExecutor() if is_a_chain(plan) and not needs_killing else _processes({})
    settings = executor_settings(definition, execution)
    if definition.executor_creation_fn is not None:
        return made_by_user(definition, settings, job, instance)
    return executor_by_name(definition.name, settings)


def made_by_user(definition: ExecutorDefinition, settings: Any, job: Any, instance: Any) -> Executor:
    """The executor that a function decorated with `@executor` makes.

    Raises:
        UnmetExecutorRequirementsError: it returned something else.
    """
    assert definition.executor_creation_fn is not None
    context = InitExecutorContext(
        job=job, executor_def=definition, executor_config=settings or {}, instance=instance
    )
    made = definition.executor_creation_fn(context)
    if isinstance(made, ExecutorDefinition):
        return executor_for(made, {}, Plan(job_name="", steps=()), job=job, instance=instance)
    if isinstance(made, UsersExecutor):
        return CustomExecutor(made)
    if hasattr(made, "execute"):
        return made  # type: ignore[no-any-return]
    raise UnmetExecutorRequirementsError(
        f"Executor `{definition.name}` made a {type(made).__name__}.", hint="return an `Executor`"
    )


def may_retry(definition: ExecutorDefinition | None, execution: Mapping[str, Any] | None) -> bool:
    """False where the settings of one of our executors say `retries: {disabled: {}}`."""
    if definition is not None and definition.executor_creation_fn is not None:
        return True  # what its settings mean, its author knows
    settings = executor_settings(definition, execution or {}) or {}
    chosen = settings.get("multiprocess") or settings.get("in_process") or settings
    return "disabled" not in (chosen.get("retries") or {})


def needs_killing(code: Code, plan: Plan, run_timeout: float | None) -> bool:
    """True where a synchronous step has a time limit, or the run has one, and its steps can be in other processes."""
    limited = [
        step
        for step in plan.steps
        if (run_timeout is not None or code.catalog.computations[step.computation].timeout is not None)
        and not code.ops[step.computation].is_async
    ]
    if not limited:
        return False
    keys = needed_resources(code, plan.steps, ())
    return first_in_memory(keys, resource_definitions(code, keys)) is None


def is_a_chain(plan: Plan) -> bool:
    """True where no two steps of the plan could run side by side."""
    last: str | None = None
    for step in plan.steps:
        if step.mapped_over is not None:
            return False
        if last is not None and last not in step.upstream_step_keys:
            return False
        last = step.key
    return True


def executor_by_name(name: str, settings: Mapping[str, Any]) -> Executor:
    if "in_process" in settings:
        return InProcessExecutor()
    if "multiprocess" in settings:
        settings = settings["multiprocess"] or {}
        name = "multiprocess"
    if name == "in_process":
        return InProcessExecutor()
    if name == "threaded":
        module = importlib.import_module("treadle.run.executors.threads")
        return module.ThreadExecutor(_most(settings), _tag_limits(settings))  # type: ignore[no-any-return]
    if name == "asyncio":
        return InProcessExecutor(settings.get("max_concurrent"), _tag_limits(settings))
    return _processes(settings)


def _processes(settings: Mapping[str, Any]) -> Executor:
    # Importing what starts processes costs 20 ms; runs in one process do without.
    module = importlib.import_module("treadle.run.executors.processes")
    method = next(iter(settings.get("start_method") or {}), None) or wanted_by_variable()
    executor: Executor = module.ProcessExecutor(_most(settings), _tag_limits(settings), method)
    return executor


def _most(settings: Mapping[str, Any]) -> int:
    return int(settings.get("max_concurrent") or os.cpu_count() or 1)


def _tag_limits(settings: Mapping[str, Any]) -> tuple[TagLimit, ...]:
    return tuple(TagLimit.from_config(given) for given in settings.get("tag_concurrency_limits") or ())
