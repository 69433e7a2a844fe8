"""Executors as values: which way steps run, and its settings. What runs them is in `run/executors`."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Self, overload

import msgspec

from treadle.core.errors import InvalidConfigError
from treadle.core.names import check_name
from treadle.define.config.configurable import Configurable
from treadle.define.config.problems import config_error
from treadle.define.config.scalars import NOT_GIVEN
from treadle.define.config.schema import (
    Field,
    Noneable,
    ScalarUnion,
    Selector,
    Shape,
    normalize_config_schema,
    process_config,
)


class ExecutorRequirement(Enum):
    """What an executor needs of the store and the job."""

    RECONSTRUCTABLE_PIPELINE = "RECONSTRUCTABLE_PIPELINE"
    RECONSTRUCTABLE_JOB = "RECONSTRUCTABLE_PIPELINE"
    NON_EPHEMERAL_INSTANCE = "NON_EPHEMERAL_INSTANCE"
    PERSISTENT_OUTPUTS = "PERSISTENT_OUTPUTS"


def multiple_process_executor_requirements() -> list[ExecutorRequirement]:
    """What an executor needs whose steps run in processes of their own."""
    return [
        ExecutorRequirement.RECONSTRUCTABLE_JOB,
        ExecutorRequirement.NON_EPHEMERAL_INSTANCE,
        ExecutorRequirement.PERSISTENT_OUTPUTS,
    ]


class InitExecutorContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a function decorated with `@executor` receives.

    Args:
        job: the job that runs.
        executor_def: the executor's definition.
        executor_config: its settings, completed with defaults.
        instance: where the run is remembered.
    """

    job: Any
    executor_def: "ExecutorDefinition"
    executor_config: Mapping[str, Any]
    instance: Any


class Executor(ABC):
    """A way to execute the steps of a run, of one's own. What a function decorated with `@executor` returns.

    Example:
        >>> from treadle import Executor, executor
        >>> class OneByOne(Executor):
        ...     @property
        ...     def retries(self):
        ...         return None
        ...     def execute(self, plan_context, execution_plan):
        ...         while (step := plan_context.next_step()) is not None:
        ...             plan_context.execute_step(step)
        >>> @executor
        ... def one_by_one(init_context):
        ...     return OneByOne()
    """

    @property
    @abstractmethod
    def retries(self) -> Any:
        """How steps are retried; kept for code written for the peer: retry policies decide."""

    @abstractmethod
    def execute(self, plan_context: Any, execution_plan: Any) -> Any:
        """Execute the steps of a run.

        Args:
            plan_context: `next_step()` takes the next step that can start, or None where all is over;
                `execute_step(step)` executes it in this process; `run`, `job`, `instance` and `log` of the run.
            execution_plan: the plan; `steps` has its steps in order.
        """


class ExecutorDefinition(Configurable):
    """Which way steps run, and its settings.

    Args:
        name: of the executor; ours are `in_process`, `multiprocess`, `multi_or_in_process`, `threaded`, `asyncio`.
        config_schema: of its settings.
        requirements: what it needs of the store and the job, or a function from its settings to that.
        executor_creation_fn: for executors of one's own: from an InitExecutorContext to an Executor.
        description: for people.
    """

    name: str
    executor_creation_fn: Callable[..., Any] | None
    description: str | None

    def __init__(
        self,
        name: str,
        config_schema: Any = None,
        requirements: Sequence[ExecutorRequirement]
        | Callable[[Any], Sequence[ExecutorRequirement]]
        | None = None,
        executor_creation_fn: Callable[..., Any] | None = None,
        description: str | None = None,
    ) -> None:
        self.name = check_name(name, "executor")
        self.config_schema = normalize_config_schema(config_schema)
        self._requirements = requirements or []
        self.executor_creation_fn = executor_creation_fn
        self.description = description

    def get_requirements(self, executor_config: Any) -> Sequence[ExecutorRequirement]:
        """What it needs of the store and the job, with these settings."""
        return self._requirements(executor_config) if callable(self._requirements) else self._requirements

    def settings(self, given: Any = NOT_GIVEN) -> Any:
        """Its settings, completed with defaults.

        Args:
            given: the `execution` part of run config, where there is one.

        Raises:
            InvalidConfigError: with every path and reason.
        """
        return process_config(self.config_schema, given, f"settings of executor `{self.name}`") or {}

    def copy_configured(self, name: str | None, description: str | None, config_schema: Field) -> Self:
        """A copy whose settings are given."""
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied.name = name or self.name
        copied.description = description or self.description
        copied.config_schema = config_schema
        return copied

    def __repr__(self) -> str:
        return f"ExecutorDefinition({self.name!r})"


def executor_settings(definition: ExecutorDefinition | None, execution: Mapping[str, Any]) -> Any:
    """The settings that run config gives an executor, completed with defaults.

    Args:
        definition: the job's or the code location's; None where nobody names one.
        execution: the `execution` part of run config.

    Raises:
        InvalidConfigError: with every path and reason.
    """
    if not execution:
        return definition.settings() if definition is not None else {}
    given = execution.get("config", execution)
    if definition is None:
        names_one = isinstance(given, Mapping) and ("multiprocess" in given or "in_process" in given)
        definition = multi_or_in_process_executor if names_one or not given else multiprocess_executor
    try:
        return definition.settings(given or NOT_GIVEN)
    except InvalidConfigError as error:
        place = ("execution", "config") if "config" in execution else ("execution",)
        found = [msgspec.structs.replace(each, path=(*place, *each.path)) for each in error.errors]
        raise (config_error("run config", found, execution) if found else error) from None


@overload
def executor(name: Callable[..., Any], /) -> ExecutorDefinition: ...


@overload
def executor(
    name: str | None = ...,
    config_schema: Any = ...,
    requirements: Sequence[ExecutorRequirement] | Callable[[Any], Sequence[ExecutorRequirement]] | None = ...,
) -> Callable[[Callable[..., Any]], ExecutorDefinition]: ...


def executor(
    name: str | Callable[..., Any] | None = None,
    config_schema: Any = None,
    requirements: Sequence[ExecutorRequirement]
    | Callable[[Any], Sequence[ExecutorRequirement]]
    | None = None,
) -> Any:
    """Make a function an executor of one's own: it takes an InitExecutorContext and returns an Executor."""

    def decorate(function: Callable[..., Any]) -> ExecutorDefinition:
        return ExecutorDefinition(
            name if isinstance(name, str) else function.__name__,
            config_schema,
            requirements,
            function,
            function.__doc__,
        )

    return decorate(name) if callable(name) and not isinstance(name, str) else decorate


_RETRIES: Final = Field(
    Selector(
        {"enabled": Field(Shape({}), is_required=False), "disabled": Field(Shape({}), is_required=False)}
    ),
    is_required=False,
    default_value={"enabled": {}},
)
_TAG_LIMIT: Final = Shape(
    {
        "key": str,
        "value": Field(ScalarUnion(str, {"applyLimitPerUniqueValue": bool}), is_required=False),
        "limit": int,
    }
)
_SIDE_BY_SIDE: Final = {
    "max_concurrent": Field(Noneable(int), is_required=False, default_value=None),
    "tag_concurrency_limits": Field([_TAG_LIMIT], is_required=False, default_value=[]),
    "retries": _RETRIES,
}
_START_METHOD: Final = Field(
    Selector(
        {
            "spawn": Field(Shape({}), is_required=False),
            "forkserver": Field(
                Shape({"preload_modules": Field([str], is_required=False)}), is_required=False
            ),
        }
    ),
    is_required=False,
)
_PROCESSES: Final = {
    **_SIDE_BY_SIDE,
    "start_method": _START_METHOD,
    "step_execution_mode": Field(Noneable(str), is_required=False),
}
_IN_PROCESS: Final = {"retries": _RETRIES, "marker_to_close": Field(Noneable(str), is_required=False)}

in_process_executor: Final = ExecutorDefinition(
    "in_process", _IN_PROCESS, description="One step after the other, in the process of the run."
)
multiprocess_executor: Final = ExecutorDefinition(
    "multiprocess",
    _PROCESSES,
    multiple_process_executor_requirements(),
    description="Each step in a process of its own, as many side by side as there are cores.",
)
threaded_executor: Final = ExecutorDefinition(
    "threaded", _SIDE_BY_SIDE, description="Each step in a thread of the run's process."
)
asyncio_executor: Final = ExecutorDefinition(
    "asyncio", _SIDE_BY_SIDE, description="Asynchronous steps side by side in one thread."
)
multi_or_in_process_executor: Final = ExecutorDefinition(
    "multi_or_in_process_executor",
    Field(
        Selector({"multiprocess": Shape(_PROCESSES), "in_process": Shape(_IN_PROCESS)}),
        default_value={"multiprocess": {}},
    ),
    description="In processes, unless the settings say in one.",
)
