"""The context that success and failure hooks receive."""

import logging
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from treadle.define.context.not_known import NotKnownHereError
from treadle.define.context.op_context import OpExecutionContext, node_of
from treadle.define.context.step_state import StepState

Known = TypeVar("Known")


class HookContext:
    """What a hook may read of the step that has just ended.

    Example:
        >>> from treadle import build_hook_context
        >>> build_hook_context(op_exception=ValueError("late")).op_exception
        ValueError('late')
    """

    __slots__ = ("_exception", "_hook", "_outputs", "_state")

    def __init__(
        self,
        state: StepState,
        hook: Any = None,
        outputs: Mapping[str, Any] | None = None,
        exception: BaseException | None = None,
    ) -> None:
        self._state = state
        self._hook = hook
        self._outputs = outputs or {}
        self._exception = exception

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._state.close is not None:
            self._state.close()

    @property
    def hook_def(self) -> Any:
        """The hook's definition."""
        return self._known(self._hook, "hook_def")

    @property
    def required_resource_keys(self) -> frozenset[str]:
        """The resources that the hook requires."""
        return frozenset(self.hook_def.required_resource_keys)

    @property
    def op(self) -> Any:
        """The op of the step, under the name that it has in its graph."""
        return node_of(self._state.step_key, self._known(self._state.op, "op"))

    @property
    def step_key(self) -> str:
        """The step's key."""
        return self._known(self._state.step_key or None, "step_key")

    @property
    def run_id(self) -> str:
        """The run's id."""
        return str(self._known(self._state.run, "run_id").run_id)

    @property
    def job_name(self) -> str:
        """The job's name."""
        return self._known(self._state.job_name or None, "job_name")

    @property
    def instance(self) -> Any:
        """The instance that remembers the run."""
        if self._state.port is None:
            self._known(self._state.instance, "instance")
        return OpExecutionContext(self._state).instance

    @property
    def log(self) -> logging.Logger:
        """The step's logger."""
        return self._state.log

    @property
    def resources(self) -> Any:
        """The resources that the hook requires."""
        return self._state.resources

    @property
    def op_config(self) -> Any:
        """The step's own config."""
        return self._state.op_config

    @property
    def op_exception(self) -> BaseException | None:
        """What the user's function raised; None after success."""
        return self._exception

    @property
    def op_output_values(self) -> Mapping[str, Any]:
        """Output name -> value of the step, as far as it got."""
        return self._outputs

    @property
    def op_output_metadata(self) -> Mapping[str, Mapping[str, Any]]:
        """Output name -> metadata that the step added; of each output that the step can give."""
        found: dict[str, Mapping[str, Any]] = {name: {} for name in self._state.selected_outputs}
        return found | {name: added for (name, _), added in self._state.output_metadata.items()}

    def _known(self, value: Known | None, name: str) -> Known:
        if value is None:
            raise NotKnownHereError(
                f"`{name}` of this hook's context is not known here.",
                hint=f"A test may say it: `build_hook_context({name}=...)`."
                if name in ("op", "job_name", "run_id", "instance")
                else None,
            )
        return value
