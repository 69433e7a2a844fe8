"""A schedule's or sensor's function: what it takes, and how it is called, in a tick or directly."""

import weakref
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from treadle.core.errors import InvalidArgumentError, InvalidInvocationError
from treadle.define.doors import open_door
from treadle.define.parameters import RawParameter, ResourceParameter, raw_parameters, split_by_position

if TYPE_CHECKING:
    from treadle.define.context.tick_context import TickContext

_EVENT_NAMES = frozenset({"asset_event", "event", "event_log_entry"})


class TickFunction:
    """A user's tick function.

    Args:
        function: takes a context (under any name), resources, and for some sensors an event; in any order.
        takes_event: whether it may take an event besides.
    """

    def __init__(self, function: Callable[..., Any], *, takes_event: bool = False) -> None:
        self.function = function
        self.context: str | None
        self.resources: dict[str, ResourceParameter]
        self.context, self.resources, rest = split_by_position(function)
        self.event: str | None = rest[0] if takes_event and rest else None
        if takes_event and self.context is not None:
            event = _event_parameter(raw_parameters(function)[0])
            if event is not None and event != self.event:
                # `split_by_position` takes the first that is left for the context; here it is the event.
                self.context, self.event = self.event if self.context == event else self.context, event

    @property
    def resource_keys(self) -> frozenset[str]:
        """The resources that its parameters ask for; those that have a default may be missing."""
        return frozenset(resource.key for resource in self.resources.values() if not resource.has_default)

    def call(self, context: "TickContext", event: Any = None) -> Any:
        """Call it in a tick."""
        arguments = self._resources_from(context) if self.resources else {}
        if self.context is not None:
            arguments[self.context] = context
        if self.event is not None:
            arguments[self.event] = event
        return self.function(**arguments)

    def gather(self, context: Any) -> list[Any]:
        """All that it gives, as a list, for any stand-in of a context; None is one thing that it may give."""
        if hasattr(type(context), "settle"):  # a TickContext, which is not imported to define a schedule
            return gathered(self.call(context))
        arguments = {name: getattr(context.resources, each.key) for name, each in self.resources.items()}
        if self.context is not None:
            arguments[self.context] = context
        return gathered(self.function(**arguments))

    def invoke(
        self, what: str, kind: "type[TickContext]", args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Any:
        """Call it directly, as in tests: with a context, and resources by name or from the context.

        Args:
            what: `schedule` or `sensor`, for messages.
            kind: the class of its context.

        Raises:
            InvalidInvocationError: the arguments are not those that it takes.
            InvalidConfigError: the config of a resource among them does not fit; has every path.
            ResourceFunctionError: setting one up raised.
        """
        given = dict(kwargs)
        context = self._context_of(what, args, given)
        if context is not None and not isinstance(context, kind):
            raise InvalidArgumentError(
                f"{what} invocation: expected a {kind.__name__}, got {type(context).__name__}.",
                hint=f"make one with `{kind.maker}()`",
            )
        by_name = {name: given.pop(name) for name in self.resources if name in given}
        arguments = self._rest_of_resources(what, context, by_name) if self.resources else {}
        event_given = self.event is not None and (len(args) > 1 or self.event in given)
        if self.event is not None:
            arguments[self.event] = (
                given.pop(self.event) if self.event in given else args[1] if event_given else None
            )
        if given:
            raise InvalidInvocationError(
                f"{what} invocation received the argument `{next(iter(given))}`, which it does not take."
            )
        if self.context is not None:
            arguments[self.context] = context
        if not by_name:
            return self._settled(context, arguments)
        opened, close = self._opened(context, by_name)
        return _close_after(lambda: self._settled(context, {**arguments, **opened}), close)

    def _settled(self, context: "TickContext | None", arguments: Mapping[str, Any]) -> Any:
        if context is None:
            return self.function(**arguments)
        context.begin()
        try:
            result = self.function(**arguments)
        finally:
            context.end()
        return context.settle(result)

    def _opened(
        self, context: "TickContext | None", by_name: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Callable[[], None]]:
        """What was given as arguments, set up as a tick does; and what closes it."""
        given = {self.resources[name].key: value for name, value in by_name.items()}
        known = {} if context is None else context.resource_defs
        instance = context.instance if context is not None and context.has_instance else None
        opened, close = open_door("open_for_tick")(
            {**known, **given}, frozenset(given), instance, lambda: None if context is None else context.log
        )
        return {name: opened._original(self.resources[name].key) for name in by_name}, close

    def _context_of(self, what: str, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
        allowed = 2 if self.event is not None else 1
        if len(args) > allowed:
            raise InvalidInvocationError(
                f"{what} invocation received {len(args)} positional arguments; it takes the context"
                f"{' and the event' if allowed == 2 else ''}, and resources by name."
            )
        if args:
            return args[0]
        if self.context is None:
            return given.pop("context", None)
        if self.context in given:
            return given.pop(self.context)
        unknown = [name for name in given if name not in self.resources and name != self.event]
        raise InvalidInvocationError(
            f"{what} invocation expected the argument '{self.context}', a context, and got none."
            + (f" It was given '{unknown[0]}'." if unknown else "")
        )

    def _rest_of_resources(
        self, what: str, context: "TickContext | None", by_name: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The resources that were not given by name, from the context."""
        missing = {
            name: each
            for name, each in self.resources.items()
            if name not in by_name and (context is not None or not each.has_default)
        }
        if not missing:
            return {}
        who = f"{what} `{getattr(self.function, '__name__', what)}`"
        if context is None:
            raise InvalidArgumentError(
                f"{who} needs the resource `{next(iter(missing))}`, which was not given.",
                code="unknown-resource",
                hint="give it by name, or in a context",
            )
        keys = frozenset(
            each.key for each in missing.values() if not each.has_default or each.key in context.resource_defs
        )
        context.require(keys, who)
        return self._resources_from(context, missing)

    def _resources_from(
        self, context: "TickContext", wanted: Mapping[str, ResourceParameter] | None = None
    ) -> dict[str, Any]:
        opened = context.resources
        return {
            name: opened._original(each.key) if each.key in opened or not each.has_default else each.default
            for name, each in (self.resources if wanted is None else wanted).items()
        }


def gathered(given: Any) -> list[Any]:
    """What a tick function gave, as a list: a generator is run, any other thing is one."""
    return list(given) if isinstance(given, Iterator | list) else [given]


def _close_after(call: Callable[[], Any], close: Callable[[], None]) -> Any:
    """What the call gives; closed once that is all there, of a generator at its end or when it is gone."""
    try:
        result = call()
    except BaseException:
        close()
        raise
    if not isinstance(result, Generator):
        close()
        return result
    until_its_end = _close_at_end(result, close)
    weakref.finalize(until_its_end, close)
    return until_its_end


def _close_at_end(results: Generator[Any, Any, Any], close: Callable[[], None]) -> Generator[Any, Any, Any]:
    try:
        return (yield from results)
    finally:
        close()


def _event_parameter(raw: list[RawParameter]) -> str | None:
    for parameter in raw:
        annotation = parameter.annotation
        name = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
        if name.rpartition(".")[2] == "EventLogEntry" or parameter.name in _EVENT_NAMES:
            return parameter.name
    return None
