"""Hooks: functions called after a step succeeded or failed."""

from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any, Literal, overload

import attrs

from treadle.core.errors import InvalidInvocationError, ResourceNotGivenError, TreadleError
from treadle.core.names import check_name
from treadle.define.arguments import check_keys
from treadle.define.doors import open_door
from treadle.define.parameters import ResourceParameter, split_by_position
from treadle.define.where import where_of

When = Literal["success", "failure", "events"]


@attrs.frozen
class HookExecutionResult:
    """What a hook's function says of one call.

    Args:
        hook_name: of the hook.
        is_skipped: True where it did not apply to the step.
    """

    hook_name: str
    is_skipped: bool = attrs.field(default=False, converter=bool)


class HookDefinition:
    """A function called after steps. `@success_hook` and `@failure_hook` make it.

    Args:
        name: of the hook.
        hook_fn: the function.
        required_resource_keys: resources reached through `context.resources`.
        decorated_fn: the user's function, where `hook_fn` wraps it.
        when: after which steps: `success`, `failure`, or `events`: after every step, with its events.
    """

    name: str
    hook_fn: Callable[..., Any]
    decorated_fn: Callable[..., Any] | None
    required_resource_keys: frozenset[str]

    def __init__(
        self,
        *,
        name: str,
        hook_fn: Callable[..., Any],
        required_resource_keys: Iterable[str] | None = None,
        decorated_fn: Callable[..., Any] | None = None,
        when: When = "events",
    ) -> None:
        function = decorated_fn or hook_fn
        self.where = where_of(function)
        try:
            self.name = check_name(name, "hook")
            keys = check_keys("required_resource_keys", required_resource_keys)
        except TreadleError as error:
            error.where = error.where or self.where
            raise
        self.hook_fn = hook_fn
        self.decorated_fn = decorated_fn
        self.when = when
        self.context_parameter, self.resource_parameters, _ = split_by_position(function)
        self.required_resource_keys = keys | {resource.key for resource in self.resource_parameters.values()}
        self.__name__ = getattr(function, "__name__", name)
        self.__doc__ = getattr(function, "__doc__", None)
        self.__wrapped__ = function

    @property
    def runs_on_failure(self) -> bool:
        """True for a `@failure_hook`."""
        return self.when == "failure"

    @property
    def resources(self) -> dict[str, ResourceParameter]:
        """The parameters that take resources."""
        return self.resource_parameters

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As a decorator over a job, that job with the hook; else the user's function is called, as in tests."""
        if len(args) == 1 and not kwargs and hasattr(type(args[0]), "with_hooks"):
            return args[0].with_hooks({self})
        function = self.decorated_fn or self.hook_fn
        given = dict(kwargs)
        names = [name for name in (self.context_parameter,) if name is not None]
        given.update(zip(names, args, strict=False))
        context = given.get(self.context_parameter) if self.context_parameter is not None else None
        if context is None:
            context = open_door("build_hook_context")()
            if self.context_parameter in given:
                given[self.context_parameter] = context
        context.of_hook(self)
        self._fill_resources(given, context)
        try:
            bound = signature(function).bind(*args[len(names) :], **given)
        except TypeError as error:
            raise InvalidInvocationError(
                f"hook `{self.name}` was called with other arguments than it takes: {error}.",
                hint="give it its context: `build_hook_context(...)`",
                where=self.where,
            ) from None
        return function(*bound.args, **bound.kwargs)

    def _fill_resources(self, given: dict[str, Any], context: Any) -> None:
        """Refuses to go on without one that the hook requires."""
        taken = {parameter.key: name for name, parameter in self.resource_parameters.items()}
        for key in sorted(self.required_resource_keys):
            if taken.get(key) in given:
                continue
            if key not in context.resources:
                raise ResourceNotGivenError(
                    f"hook `{self.name}` needs the resource `{key}`, and none was given.",
                    hint=f"call it with `build_hook_context(resources={{'{key}': ...}})`",
                    where=self.where,
                    resource_keys=(key,),
                )
            if key in taken:
                given[taken[key]] = getattr(context.resources, key)

    def __repr__(self) -> str:
        return f"HookDefinition({self.name!r})"


@overload
def success_hook(hook_fn: Callable[..., Any], /) -> HookDefinition: ...


@overload
def success_hook(
    hook_fn: None = ...,
    *,
    name: str | None = ...,
    required_resource_keys: Iterable[str] | None = ...,
) -> Callable[[Callable[..., Any]], HookDefinition]: ...


def success_hook(
    hook_fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    required_resource_keys: Iterable[str] | None = None,
) -> Any:
    """Make a function a hook that is called after each step that succeeds.

    Example:
        >>> from treadle import success_hook
        >>> @success_hook
        ... def tell(context):
        ...     print(context.step_key)
        >>> tell.name
        'tell'
    """
    return _hook("success", hook_fn, name, required_resource_keys)


@overload
def failure_hook(name: Callable[..., Any], /) -> HookDefinition: ...


@overload
def failure_hook(
    name: str | None = ...,
    required_resource_keys: Iterable[str] | None = ...,
) -> Callable[[Callable[..., Any]], HookDefinition]: ...


def failure_hook(
    name: str | Callable[..., Any] | None = None, required_resource_keys: Iterable[str] | None = None
) -> Any:
    """Make a function a hook that is called after each step that fails."""
    if callable(name):
        return _hook("failure", name, None, None)
    return _hook("failure", None, name, required_resource_keys)


def _hook(when: When, function: Any, name: str | None, keys: Iterable[str] | None) -> Any:
    def decorate(decorated: Callable[..., Any]) -> HookDefinition:
        context, resources, _ = split_by_position(decorated)

        def call(given: Any) -> Any:
            """Call the function with the context, and the resources that its parameters ask for."""
            found = {
                parameter.name: getattr(given.resources, parameter.key) for parameter in resources.values()
            }
            return decorated(**({context: given} if context else {}), **found)

        return HookDefinition(
            name=name or decorated.__name__,
            hook_fn=call,
            decorated_fn=decorated,
            required_resource_keys=keys,
            when=when,
        )

    return decorate if function is None else decorate(function)
