"""Runs success and failure hooks after a step; what a hook raises is recorded and changes nothing."""

from collections.abc import Mapping
from typing import Any

from treadle.core.events import EventType, FailureData, HookData
from treadle.define.context.hook_context import HookContext
from treadle.run.attempt import StepAttempt
from treadle.run.event_maker import ERROR
from treadle.run.failures import error_info, text_of


def run_hooks(execution: StepAttempt, values: Mapping[str, Any], error: BaseException | None) -> None:
    """Call the hooks of the step and of its job, in order of name.

    Args:
        values: of the outputs given, by name.
        error: what the step raised; None after success.
    """
    hooks: set[Any] = set(execution.op.hooks or ())
    hooks.update(execution.env.hooks)
    if not hooks:
        return
    for hook in sorted(hooks, key=_name_of):
        _run_hook(execution, hook, values, error)


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
        keys = frozenset(hook.required_resource_keys) | execution.op.required_resource_keys
        state.resources = execution.env.resources.for_step(keys)
    try:
        _call(hook, execution, values, error)
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # noqa: BLE001 - a hook never changes what became of the step
        data = FailureData(error=error_info(raised), description=hook.name)
        execution.tell(
            EventType.HOOK_ERRORED, data, f"Hook {hook.name} raised {text_of(raised)}", level=ERROR
        )
    else:
        execution.tell(EventType.HOOK_COMPLETED, HookData(name=hook.name), f"Hook {hook.name} was called")
    finally:
        state.resources = before


def _call(hook: Any, execution: StepAttempt, values: Mapping[str, Any], error: BaseException | None) -> None:
    context = HookContext(execution.state, hook, values, error)
    if hook.when == "events":
        hook.hook_fn(context, list(execution.told))
        return
    arguments = {
        name: getattr(execution.state.resources, parameter.key)
        for name, parameter in hook.resource_parameters.items()
    }
    if hook.context_parameter is None:
        hook.hook_fn(**arguments)
    else:
        hook.hook_fn(context, **arguments)
