"""What schedules' and sensors' functions receive: the part that all of them share."""

import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from treadle.core.errors import InvalidArgumentError, InvariantViolationError, TreadleError, wrong_type
from treadle.define.doors import open_door

if TYPE_CHECKING:
    from treadle.core.ports import InstancePort
    from treadle.core.ticks import TickLine
    from treadle.define.code import Code
    from treadle.define.context.log import StepLogger
    from treadle.define.resources.opening import Resources


class TickContext:
    """A tick's view of the world. Resources are opened when first asked for.

    Args:
        instance: what is remembered; None: asking for it is an error.
        resources: key -> resource definition, resource object or any value.
        definitions: the `Definitions` (or repository) that the schedule or sensor stands in.
    """

    maker = "build_sensor_context"
    """Who makes one for a test; told in errors."""

    def __init__(
        self,
        instance: "InstancePort | None" = None,
        resources: Mapping[str, Any] | None = None,
        definitions: Any = None,
    ) -> None:
        if instance is not None and not hasattr(instance, "get_event_records"):
            raise wrong_type("instance", "an instance", instance, self.maker)
        self._instance = instance
        self._given_resources: dict[str, Any] = dict(resources or {})
        self._definitions = definitions
        self._of_targets: Mapping[str, Any] = {}
        self._needed: frozenset[str] | None = None
        self._opened: Resources | None = None
        self._close: Callable[[], object] | None = None
        self._is_entered = False
        self._log: StepLogger | None = None
        self.log_lines: list[TickLine] = []
        """What was logged, in order."""

    def begin(self) -> None:
        """Called before the function is."""

    def end(self) -> None:
        """Called once it has given all that it gives."""

    def settle(self, result: Any) -> Any:
        """What a direct call gives for what the function gave; a context may note here what was read."""
        return result

    # --- the world

    @property
    def instance(self) -> "InstancePort":
        """What is remembered: runs, events, dynamic partitions.

        Raises:
            InvariantViolationError: the context was made without one.
        """
        if self._instance is None:
            raise InvariantViolationError(
                "this context has no instance",
                hint=f"make it with `{self.maker}(instance=Instance.ephemeral())`",
            )
        return self._instance

    @property
    def has_instance(self) -> bool:
        """Whether there is an instance to ask."""
        return self._instance is not None

    @property
    def code(self) -> "Code | None":
        """The resolved definitions around the schedule or sensor, where they are known."""
        given = self._definitions
        if given is None or hasattr(given, "assets_defs"):
            return given  # type: ignore[no-any-return]
        return getattr(given, "definitions", given).resolve()  # type: ignore[no-any-return]

    @property
    def definitions(self) -> Any:
        """The `Definitions` that the schedule or sensor stands in; None where they are not known."""
        return getattr(self._definitions, "definitions", self._definitions)

    @property
    def repository_def(self) -> Any:
        """The same in the peer's older form; None where they are not known."""
        given = self._definitions
        if given is None or hasattr(given, "get_all_jobs"):
            return given
        return open_door("repository_of")(given) if hasattr(given, "resolve") else None

    @property
    def log(self) -> "StepLogger":
        """A logger whose lines are kept with the tick."""
        if self._log is None:
            self._log = open_door("logger_of_tick")(self._keep_line)
        return self._log

    def _keep_line(self, line: "TickLine") -> None:
        self.log_lines.append(line)

    @property
    def has_captured_logs(self) -> bool:
        """Whether anything was logged."""
        return bool(self.log_lines)

    # --- resources

    @property
    def resource_defs(self) -> Mapping[str, Any]:
        """The resources that may be asked for, by key."""
        code = self.code
        known = {} if code is None else dict(code.resources)
        return {**self._of_targets, **known, **self._given_resources}

    @property
    def resources(self) -> "Resources":
        """The resources, each an attribute; opened on first use, closed after the tick.

        Raises:
            UnknownResourceError: an attribute that is no resource here.
            ResourceFunctionError: one could not be set up.
        """
        if self._opened is None:
            self._open()
        assert self._opened is not None
        return self._opened

    def require(self, keys: frozenset[str], who: str, of_targets: Mapping[str, Any] | None = None) -> None:
        """Say which resources are needed; only these are opened.

        Args:
            keys: of the resources.
            who: the schedule or sensor, for messages.
            of_targets: resources that the jobs which it starts bring; the code location's stand before them.

        Raises:
            InvalidDefinitionError: one that nobody provides.
        """
        if not keys:
            return
        self._of_targets = of_targets or self._of_targets
        known = self.resource_defs
        for key in sorted(keys):
            if key not in known:
                raise InvalidArgumentError(
                    f"{who} needs the resource `{key}`, which was not given.",
                    code="unknown-resource",
                    hint=f'give it: `{self.maker}(resources={{"{key}": …}})`',
                )
        if self._opened is None:
            self._needed = keys

    def _open(self) -> None:
        needed = frozenset(self._given_resources) | (self._needed or frozenset())
        self._opened, close = open_door("open_for_tick")(
            self.resource_defs, needed, self._instance, lambda: self.log
        )
        self._close = None if close is None else weakref.finalize(self, close)

    def close_resources(self) -> None:
        """Close what was opened; what is asked for afterwards is opened anew."""
        if self._close is not None:
            self._close()
        self._close = self._opened = None

    def close_after_tick(self) -> None:
        """Close what was opened, unless a `with` block around the tick does."""
        if not self._is_entered:
            self.close_resources()

    def merge_resources(self, resources_dict: Mapping[str, Any]) -> Self:
        """A context with these resources too.

        Raises:
            TreadleError: resources were opened already.
        """
        if self._close is not None:
            raise TreadleError("resources of this context are open already, so none can be added")
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._given_resources = {**self._given_resources, **resources_dict}
        copy._opened = copy._close = None
        return copy

    def __enter__(self) -> Self:
        self._is_entered = True
        return self

    def __exit__(self, *error: object) -> None:
        self._is_entered = False
        self.close_resources()
