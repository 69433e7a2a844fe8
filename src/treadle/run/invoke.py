"""Direct calls: a decorated function called like any other, as tests do. Nothing is planned, stored or recorded."""

import importlib
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from typing import Any

from treadle.core.errors import (
    InvalidConfigError,
    InvalidInvocationError,
    InvariantViolationError,
    ResourceNotGivenError,
    UnknownResourceError,
    did_you_mean,
)
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.config.environment import contains_env_var
from treadle.define.config.markers import ConfigClassMark
from treadle.define.config.problems import ConfigProblems
from treadle.define.config.scalars import read_env_vars
from treadle.define.config.schema import process_config
from treadle.define.context.build import (
    bind_direct_call,
    build_asset_check_context,
    build_asset_context,
    build_op_context,
    open_resources_of_call,
)
from treadle.define.context.current import current_step
from treadle.define.context.op_context import OpExecutionContext
from treadle.define.context.step_state import StepState
from treadle.define.op import OpDefinition
from treadle.define.output_types import is_nothing
from treadle.define.parameters import NO_DEFAULT
from treadle.define.resources.function import original_resource
from treadle.run.returned_values import (
    DirectYields,
    check_direct_input,
    check_direct_result,
    checked_async_yields,
    checked_yields,
)

_BUILDERS: dict[str, Callable[[], OpExecutionContext]] = {
    "check": build_asset_check_context,
    "op": build_op_context,
}

_Close = Callable[[], None]


def invoke(definition: OpDefinition | AssetsDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call the user's function with a context, inputs, config and resources; returns what it returns.

    Args:
        definition: an op, or what an asset or check decorator made.
        args: a context first, where the function takes one; then inputs in their order.
        kwargs: any parameter by name. Resources and config may also come from the context. A resource is set up
            for the call; it is torn down at its end, or with the context where one is given.

    Raises:
        InvalidInvocationError: something is missing or too much.
        InvalidConfigError: the config, or that of a resource, does not fit its class.
        ResourceFunctionError: a resource among the arguments could not be set up.
        InvariantViolationError: it gives other outputs than it declares; or a graph makes the asset, which only runs.
        TypeCheckDidNotPass: a value that goes in or comes out is not of the declared type.
    """
    if isinstance(definition, AssetsDefinition) and definition.graph_def is not None:
        raise InvariantViolationError(
            f"`{definition.op.name}` is made by a graph, which cannot be called.",
            hint="run it: `materialize([...])`; or call its ops",
        )
    return _Invocation(definition).call(args, dict(kwargs))


class _Invocation:
    """One direct call."""

    def __init__(self, definition: OpDefinition | AssetsDefinition) -> None:
        self.assets_def = definition if isinstance(definition, AssetsDefinition) else None
        self.op: OpDefinition = definition.op if isinstance(definition, AssetsDefinition) else definition
        self.parameters = self.op.parameters

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given_context, args = self._take_context(args, kwargs)
        context = given_context if given_context is not None else self._own_context()
        arguments = self._bind_positional(args, kwargs)
        self._refuse_unknown(kwargs)
        arguments.update(kwargs)
        state = self._bind(context, given_context is not None)
        close = open_resources_of_call(state, self.op, self.assets_def, self._resources_among(arguments))
        if given_context is not None:
            close = _leave_open  # by `with`, or when it is gone, as what it was built with
        try:
            self._fill(arguments, context)
            returned = self._returned(arguments, state)
        except BaseException:
            close()
            raise
        return self._checked(returned, state, context, close)

    def _fill(self, arguments: dict[str, Any], context: OpExecutionContext) -> None:
        self._fill_resources(arguments, context)
        self._fill_config(arguments, context)
        given = [name for name in self.op.ins if name in arguments]
        self._fill_inputs(arguments)
        for name in given:
            check_direct_input(self.op, name, arguments.get(name), context)
        if self.parameters.context is not None:
            arguments[self.parameters.context] = context

    def _take_context(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[OpExecutionContext | None, tuple[Any, ...]]:
        name = self.parameters.context
        if args and (isinstance(args[0], OpExecutionContext) or (args[0] is None and name is not None)):
            context, args = args[0], args[1:]
        elif name is not None and name in kwargs:
            context = kwargs.pop(name)
        elif "context" in kwargs and "context" not in self.op.ins:
            context = kwargs.pop("context")
        elif name is not None:
            raise self._refusal(
                f"takes a context as its parameter `{name}`, and none was given",
                "pass one: `build_asset_context()` (or `build_op_context()`) makes it",
            )
        else:
            context = None
        if context is not None and not isinstance(context, OpExecutionContext):
            raise self._refusal(
                f"was given a {type(context).__name__} as its context", "use `build_asset_context()`"
            )
        return context, args

    def _own_context(self) -> OpExecutionContext:
        kind = self.assets_def.execution_kind if self.assets_def is not None else "op"
        return _BUILDERS.get(kind, build_asset_context)()

    def _bind(self, context: OpExecutionContext, is_given: bool) -> StepState:
        try:
            return bind_direct_call(context, self.op, self.assets_def)
        except InvalidConfigError as error:
            if is_given:
                raise
            raise self._refusal(
                "needs config, and no context was given", "give it in one: `build_op_context(op_config=...)`"
            ) from error

    def _bind_positional(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        inputs = [
            name
            for name, declared in self.op.ins.items()
            if not is_nothing(declared.dagster_type)
            and (name in self.parameters.positional or not self.parameters.var_keyword)
        ]
        names = [name for name in inputs if name not in kwargs]
        twice = [name for name in inputs[: len(args)] if name in kwargs]
        if len(args) > len(names):  # positions count resources, too
            names = [
                name
                for name in self.parameters.positional
                if name != self.parameters.context and name not in kwargs
            ]
            twice = twice if len(args) > len(names) else []
        if twice:
            raise self._refusal(f"got multiple values for argument '{twice[0]}'")
        if len(args) > len(names):
            raise self._refusal(f"takes {len(names)} values beside the context, and {len(args)} were given")
        return dict(zip(names, args, strict=False))

    def _refuse_unknown(self, kwargs: dict[str, Any]) -> None:
        known = {*self.parameters.positional, *self.op.ins}
        for name in kwargs:
            declared = self.op.ins.get(name)
            if declared is not None and is_nothing(declared.dagster_type):
                raise self._refusal(
                    f"takes no value for `{name}`, which only orders", "leave it out in a direct call"
                )
            if name not in known and not self.parameters.var_keyword:
                raise self._refusal(f"has no parameter `{name}`", did_you_mean(name, known))

    def _resources_among(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Key -> what was given for the resource's parameter."""
        return {
            parameter.key: arguments[name]
            for name, parameter in self.parameters.resources.items()
            if name in arguments
        }

    def _fill_resources(self, arguments: dict[str, Any], context: OpExecutionContext) -> None:
        """Each as it was opened, also in place of the argument."""
        for name, parameter in self.parameters.resources.items():
            try:
                arguments[name] = original_resource(context.resources, parameter.key)
            except (AttributeError, UnknownResourceError):
                if parameter.default is NO_DEFAULT:
                    raise ResourceNotGivenError(
                        f"`{self.op.name}` needs the resource `{parameter.key}`, and none was given.",
                        hint=f"pass `{name}=...`, or a context with `resources={{'{parameter.key}': ...}}`",
                        where=self.op.where,
                        resource_keys=(parameter.key,),
                    ) from None
                arguments[name] = parameter.default
        if self.parameters.context is None:
            return
        own = getattr(self.assets_def, "resource_defs", None) or {}
        for key in self.op.required_resource_keys:
            if key not in own and all(key != taken.key for taken in self.parameters.resources.values()):
                self._refuse_missing(key, context)

    def _refuse_missing(self, key: str, context: OpExecutionContext) -> None:
        try:
            getattr(context.resources, key)
        except (AttributeError, UnknownResourceError):
            raise ResourceNotGivenError(
                f"`{self.op.name}` needs the resource `{key}`, and none was given.",
                hint=f"pass a context with `resources={{'{key}': ...}}`",
                where=self.op.where,
                resource_keys=(key,),
            ) from None

    def _fill_config(self, arguments: dict[str, Any], context: OpExecutionContext) -> None:
        name = self.parameters.config
        if name is None:
            return
        wanted = self.parameters.config_class
        if name in arguments and context.op_config is not None:
            raise self._refusal(f"was given config twice: as `{name}`, and by its context", "give it once")
        given = arguments.get(name, context.op_config)
        is_class = isinstance(wanted, type) and issubclass(wanted, ConfigClassMark)
        if given is None and self.parameters.config_default is not NO_DEFAULT:
            given = self.parameters.config_default
        if is_class and not isinstance(given, wanted):
            # A config class exists, so its module (and pydantic) is imported already.
            build_config = importlib.import_module("treadle.define.config.config_class").build_config
            given = context.step_state.op_config = self._completed(given)
            given = build_config(wanted, given)
        elif contains_env_var(given):
            problems = ConfigProblems()
            given = read_env_vars(given, (), problems)
            problems.raise_any(f"config of `{self.op.name}`")
        arguments[name] = given

    def _completed(self, given: Any) -> Any:
        """Plain config for a config class, checked as a run would."""
        return process_config(
            self.op.config_schema, {} if given is None else given, f"config of `{self.op.name}`"
        )

    def _fill_inputs(self, arguments: dict[str, Any]) -> None:
        missing = []
        for name, declared in self.op.ins.items():
            if name in arguments:
                continue
            if is_nothing(declared.dagster_type):
                continue
            if declared.has_default_value:
                arguments[name] = declared.default_value
            else:
                missing.append(name)
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            raise self._refusal(f"needs a value for {names}")
        for name, declared in self.op.ins.items():
            if is_nothing(declared.dagster_type) and name not in self.parameters.input_names:
                arguments.pop(name, None)

    def _returned(self, arguments: dict[str, Any], state: StepState) -> Any:
        token = current_step.set(state)
        try:
            return self.op.compute_fn(**arguments)
        finally:
            current_step.reset(token)

    def _checked(self, returned: Any, state: StepState, context: OpExecutionContext, close: _Close) -> Any:
        """What the function gave, checked; resources are closed at the end of all that it does."""
        if inspect.isgenerator(returned):
            return checked_yields(_iterated(returned, state, close), self._yields(context))
        if inspect.isasyncgen(returned):
            return checked_async_yields(_iterated_async(returned, state, close), self._yields(context))
        if inspect.iscoroutine(returned):
            return self._awaited(returned, state, context, close)
        close()
        self._check(returned, context)
        return returned

    async def _awaited(
        self, coroutine: Awaitable[Any], state: StepState, context: OpExecutionContext, close: _Close
    ) -> Any:
        token = current_step.set(state)
        try:
            returned = await coroutine
        finally:
            current_step.reset(token)
            close()
        self._check(returned, context)
        return returned

    def _check(self, returned: Any, context: OpExecutionContext) -> None:
        """None is enough where assets are declared by specs."""
        if self.assets_def is not None and self.assets_def.execution_kind == "observe":
            return  # what it returns is the data version that it found, not a value
        outputs = self.assets_def.outputs if self.assets_def is not None else ()
        is_done = (
            returned is None
            and bool(outputs)
            and all(one.none_is_no_value or not one.stores_value for one in outputs)
        )
        if not is_done:
            check_direct_result(self.op, returned, context, is_plain_op=self.assets_def is None)

    def _yields(self, context: OpExecutionContext) -> DirectYields:
        return DirectYields(self.op, context, is_plain_op=self.assets_def is None)

    def _refusal(self, what: str, hint: str | None = None) -> InvalidInvocationError:
        return InvalidInvocationError(f"`{self.op.name}` {what}.", hint=hint, where=self.op.where)


def _leave_open() -> None:
    """Closes nothing."""


def _iterated(
    generator: Generator[Any, Any, Any], state: StepState, close: _Close
) -> Generator[Any, Any, Any]:
    try:
        while True:
            token = current_step.set(state)
            try:
                item = next(generator)
            except StopIteration as stop:
                return stop.value
            finally:
                current_step.reset(token)
            yield item
    finally:
        generator.close()  # its own `finally` may still use the resources
        close()


async def _iterated_async(
    generator: AsyncGenerator[Any, Any], state: StepState, close: _Close
) -> AsyncIterator[Any]:
    current_step.set(state)
    try:
        async for item in generator:
            yield item
    finally:
        await generator.aclose()
        close()
