"""What stands for values while a graph's function runs: outputs of nodes called so far, and the graph's own inputs."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

import msgspec

from treadle.core.errors import InvalidDefinitionError, InvariantViolationError

_NO_VALUE: Final = (
    "the function of a graph runs once, when it is defined, and only says what is connected to what; "
    "put the work into an op"
)


class InputHandle(msgspec.Struct, frozen=True):
    """An input of the graph that is being defined.

    Args:
        graph: the graph's name.
        name: the input's.
    """

    graph: str
    name: str

    def __iter__(self) -> Iterator[Any]:
        _refuse_use(f"input `{self.name}` of `{self.graph}`", "iterated over")

    def __bool__(self) -> bool:
        return _always_true(f"input `{self.name}` of `{self.graph}`")


class OutputHandle(msgspec.Struct, frozen=True):
    """An output of a node of the graph that is being defined.

    Args:
        node: the node's name.
        output: the output's.
    """

    node: str
    output: str

    @property
    def _text(self) -> str:
        return f"output `{self.output}` of `{self.node}`"

    def __iter__(self) -> Iterator[Any]:
        _refuse_use(self._text, "iterated over")

    def __getitem__(self, _key: Any) -> Any:
        _refuse_use(self._text, "indexed")

    def __bool__(self) -> bool:
        return _always_true(self._text)

    def alias(self, _name: str) -> NoReturn:
        """Raise: an alias is given before the call."""
        raise InvariantViolationError(
            f"`alias` was called on {self._text}, after `{self.node}` was called.",
            code="invalid-definition",
            hint=f'write `{self.node}.alias("…")(…)`',
        )

    tag = with_hooks = with_retry_policy = alias

    def map(self, _function: Any) -> NoReturn:
        """Raise: only dynamic outputs have several values."""
        raise InvalidDefinitionError(
            f"`map` was called on {self._text}, which is not dynamic.",
            code="invalid-definition",
            hint="declare it with `out=DynamicOut()`, or call the next op with it",
        )

    def collect(self) -> NoReturn:
        """Raise: only dynamic outputs have several values."""
        raise InvalidDefinitionError(
            f"`collect` was called on {self._text}, which is not dynamic.",
            code="invalid-definition",
            hint="declare it with `out=DynamicOut()`, or pass it on as it is",
        )


class MappedHandle(OutputHandle, frozen=True):
    """Each single value of a dynamic output, inside of `map`."""


class CollectHandle(msgspec.Struct, frozen=True):
    """All values of a dynamic output as a list."""

    node: str
    output: str


class DynamicHandle(msgspec.Struct, frozen=True):
    """A dynamic output, or an output of a node that is mapped over one.

    Args:
        node: the node's name.
        output: the output's.
    """

    node: str
    output: str

    def map(self, fn: Callable[[Any], Any]) -> Any:
        """Call ops on each single value.

        Args:
            fn: an op, a graph, or a function that calls them; what it returns has one value for each, too.
        """
        if not callable(fn):
            raise InvalidDefinitionError(
                f"`map` was given {fn!r}, which cannot be called.", code="invalid-definition"
            )
        return _as_mapped(fn(MappedHandle(self.node, self.output)), fn)

    def collect(self) -> CollectHandle:
        """All values, as one list."""
        return CollectHandle(self.node, self.output)

    def __iter__(self) -> Iterator[Any]:
        _refuse_use(f"dynamic output `{self.output}` of `{self.node}`", "iterated over")


def _as_mapped(result: Any, fn: Any) -> Any:
    if result is None:
        return None
    if isinstance(result, DynamicHandle):
        return result
    if isinstance(result, OutputHandle):
        return DynamicHandle(result.node, result.output)
    if isinstance(result, tuple):
        values = [_as_mapped(one, fn) for one in result]
        return type(result)(*values) if hasattr(result, "_fields") else tuple(values)
    raise InvalidDefinitionError(
        f"the function given to `map` must return outputs of ops, got {type(result).__name__}.",
        code="invalid-definition",
    )


def _always_true(what: str) -> bool:
    warnings.warn(f"{what} was tested in a condition, which is always true: {_NO_VALUE}", stacklevel=3)
    return True


def _refuse_use(what: str, how: str) -> NoReturn:
    raise InvariantViolationError(f"{what} was {how}.", code="invalid-definition", hint=_NO_VALUE)
