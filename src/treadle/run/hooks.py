"""Runs success and failure hooks after a step; what a hook raises is recorded and changes nothing."""

import importlib
import inspect
from collections.abc import Mapping
from typing import Any

from treadle.core.events import EventType, FailureData, HookData
from treadle.define.context.hook_context import HookContext
from treadle.define.resources.function import original_resource
from treadle.define.resources.opening import open_resources
from treadle.run.attempt import StepAttempt
from treadle.run.event_maker import ERROR
from treadle.run.failures import error_info, text_of
from treadle.run.resource_bag import ResourceBag
from treadle.run.resource_needs import resource_definitions
from treadle.store.event_views import RunEvent


def run_hooks(execution: StepAttempt, values: Mapping[str, Any], error: BaseException | None) -> None:
    """Call the hooks of the step and of its job, in order of name.

    Args:
        values: of the outputs given, by name.
        error: what the step raised; None after success.
    """
    for hook in _hooks_of(execution):
        _run_hook(execution, hook, values, error)


def run_hooks_of_lost(
    execution: StepAttempt, error: BaseException, resource_config: Mapping[str, Any]
) -> None:
    """Call the hooks of a step that failed in a process which is gone, here; opens what they need where nobody has.

    Args:
        resource_config: key -> completed config.
    """
    env = execution.env
    keys = frozenset(key for hook in _hooks_of(execution) for key in hook.required_resource_keys or ())
    if not keys or env.resources is not None:
        run_hooks(execution, {}, error)
        return
    definitions = resource_definitions(env.code, keys)
    opening = open_resources(definitions, keys, resource_config, env.run, env.instance)
    try:
        opened = opening.__enter__()
    except Exception as raised:  # noqa: BLE001 - as if the hooks had raised it
        for hook in _hooks_of(execution):
            _tell_error(execution, hook, raised)
        return
    try:
        env.resources = ResourceBag(opened, definitions, resource_config)
        run_hooks(execution, {}, error)
    finally:
        env.resources = None
        opening.__exit__(None, None, None)


def _hooks_of(execution: StepAttempt) -> list[Any]:
    """The step's and its job's, in order of name."""
    if not execution.op.hooks and not execution.env.hooks:
        return []
    return sorted({*(execution.op.hooks or ()), *execution.env.hooks}, key=_name_of)


def _name_of(hook: Any) -> str:
    return str(hook.name)


def _run_hook(
    execution: StepAttempt, hook: Any, values: Mapping[str, Any], error: BaseException | None
) -> None:
    if hook.when != "events" and (hook.when == "failure") != (error is not None):
        execution.tell(EventType.HOOK_SKIPPED, HookData(name=hook.name), f"Hook {hook.name} does not apply")
        return
    state = execution.state
    before = state.resources
    if hook.required_resource_keys and execution.env.resources is not None:
        keys = frozenset(hook.required_resource_keys) | execution.op.required_keys_and_io_managers
        state.resources = execution.env.resources.for_step(keys)
    try:
        _call(hook, execution, values, error)
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # noqa: BLE001 - a hook never changes what became of the step
        _tell_error(execution, hook, raised)
    else:
        execution.tell(EventType.HOOK_COMPLETED, HookData(name=hook.name), f"Hook {hook.name} was called")
    finally:
        state.resources = before


def _tell_error(execution: StepAttempt, hook: Any, raised: BaseException) -> None:
    data = FailureData(error=error_info(raised), description=hook.name)
    execution.tell(EventType.HOOK_ERRORED, data, f"Hook {hook.name} raised {text_of(raised)}", level=ERROR)


def _call(hook: Any, execution: StepAttempt, values: Mapping[str, Any], error: BaseException | None) -> None:
    context = HookContext(execution.state, hook, values, error)
    if hook.when == "events":
        _finish(hook.hook_fn(context, [RunEvent(event) for event in execution.told]))
        return
    if hook.decorated_fn is not None:  # finds its resources by itself
        _finish(hook.hook_fn(context))
        return
    arguments = {
        name: original_resource(execution.state.resources, parameter.key)
        for name, parameter in hook.resource_parameters.items()
    }
    if hook.context_parameter is None:
        _finish(hook.hook_fn(**arguments))
    else:
        _finish(hook.hook_fn(context, **arguments))


def _finish(answer: Any) -> None:
    """Let what an `async def` hook gave run to its end."""
    if inspect.iscoroutine(answer):
        importlib.import_module("treadle.run.event_loops").run_to_end(answer)  # imports asyncio
