"""Hooks: functions called after a step succeeded or failed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, overload

import attrs

from treadle.core.errors import (
    InvalidDefinitionError,
    InvalidInvocationError,
    ResourceNotGivenError,
    TreadleError,
)
from treadle.core.names import check_name
from treadle.define.arguments import check_function, check_keys
from treadle.define.parameters import NO_DEFAULT, ResourceParameter, raw_parameters, split_by_position
from treadle.define.resources.function import original_resource
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
        self._refuse_arguments(function, args, kwargs)
        return function(*args, **kwargs)

    def _refuse_arguments(self, function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        raw, _, _ = raw_parameters(function)
        names = [parameter.name for parameter in raw if parameter.default is NO_DEFAULT]
        given = [*names[: len(args)], *kwargs]
        missing = [name for name in names if name not in given]
        if missing or len(args) > len(raw) or set(kwargs) - {parameter.name for parameter in raw}:
            raise InvalidInvocationError(
                f"hook `{self.name}` takes {', '.join(f'`{name}`' for name in names)}, and was given {len(args)} "
                f"by position{f' and {sorted(kwargs)} by name' if kwargs else ''}.",
                hint="`build_hook_context(...)` makes its context",
                where=self.where,
            )
        context = args[0] if args else kwargs.get(self.context_parameter or "")
        if context is None and self.required_resource_keys - set(kwargs):
            raise ResourceNotGivenError(
                f"hook `{self.name}` needs the resource `{min(self.required_resource_keys)}`, and got no context.",
                hint="pass one: `build_hook_context(resources={...})`",
                where=self.where,
                resource_keys=tuple(sorted(self.required_resource_keys)),
            )

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
        raw, _, _ = raw_parameters(decorated)
        others = [
            parameter.name
            for parameter in raw
            if parameter.name == context
            or (parameter.name not in resources and parameter.default is NO_DEFAULT)
        ]
        known_as = name or getattr(decorated, "__name__", None)
        if known_as is None:
            raise InvalidDefinitionError(
                f"{decorated!r} has no name, so the hook needs one.",
                hint="write `@success_hook(name=...)` or `@failure_hook(name=...)`",
                where=where_of(decorated),
            )
        if len(others) != 1 and (others or not resources):
            raise InvalidDefinitionError(
                f"hook `{known_as}` must take its context, and nothing else but resources; "
                f"it takes {', '.join(f'`{one}`' for one in others) or 'nothing'}.",
                hint="write `def hook(context):`",
                where=where_of(decorated),
            )

        is_first = bool(raw) and raw[0].name == context

        def call(given: Any) -> Any:
            """Call the function with the context, and the resources that its parameters ask for."""
            found = {
                parameter.name: original_resource(given.resources, parameter.key)
                for parameter in resources.values()
            }
            if not is_first:
                return decorated(**({context: given} if context else {}), **found)
            return decorated(given, **found)

        return HookDefinition(
            name=known_as,
            hook_fn=call,
            decorated_fn=decorated,
            required_resource_keys=keys,
            when=when,
        )

    return decorate if function is None else decorate(check_function("hook_fn", function))
