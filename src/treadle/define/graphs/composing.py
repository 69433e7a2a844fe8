"""Calls of ops and graphs inside of `@graph` and `@job`: each becomes a node, and its arguments become edges."""

from collections import namedtuple
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import msgspec

from treadle.core.deprecation import tell_user
from treadle.core.errors import InvalidDefinitionError, InvalidInvocationError, did_you_mean
from treadle.core.keys import AssetKey
from treadle.define.graphs.dependencies import (
    CollectDependency,
    DependencyDefinition,
    InputMapping,
    MappedInput,
    MultiDependencyDefinition,
    NodeInvocation,
    OutputMapping,
)
from treadle.define.graphs.handles import (
    CollectHandle,
    DynamicHandle,
    InputHandle,
    OutputHandle,
)

current_composition: ContextVar["Composition | None"] = ContextVar("treadle_composition", default=None)
"""The graph whose function is running; None outside of `@graph` and `@job`."""


class Composition:
    """A graph while its function runs.

    Args:
        name: of the graph.
        what: `@graph` or `@job`, for messages.
        where: `file:line` of its function.
    """

    def __init__(self, name: str, what: str = "@graph", where: str | None = None) -> None:
        self.name = name
        self.what = what
        self.where = where
        self.node_defs: dict[str, Any] = {}
        """Node -> op or graph."""
        self.dependencies: dict[NodeInvocation, dict[str, Any]] = {}
        self.input_mappings: list[InputMapping] = []
        self.input_assets: dict[str, dict[str, Any]] = {}
        """Node -> input -> the asset that it loads."""
        self.uncalled: dict[str, str] = {}
        """Node -> op, of ops that were given an alias, tags, hooks or a retry policy and not called yet."""
        self._counts: dict[str, int] = {}

    def call(self, call: "Call", args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Add a node.

        Returns:
            The outputs of the node, for passing on.

        Raises:
            InvalidDefinitionError: an argument that is no output, or none that the op takes.
        """
        node_def = call.node_def
        name = self._free_name(node_def.name, call.given_alias)
        given = self._bound(name, node_def, args, kwargs)
        edges: dict[str, Any] = {}
        for input_name, value in given.items():
            edge = self._edge(name, input_name, value)
            if edge is not None:
                edges[input_name] = edge
        invocation = NodeInvocation(
            node_def.name,
            name if name != node_def.name else None,
            call.tags or {},
            call.hook_defs or frozenset(),
            call.retry_policy,
        )
        self.node_defs[name] = node_def
        self.dependencies[invocation] = edges
        return handles_of(name, node_def)

    def _free_name(self, name: str, alias: str | None) -> str:
        if alias is not None:
            if alias in self.node_defs:
                raise self._error(
                    f"calls two nodes `{alias}`", "duplicate-key", "give each an alias of its own"
                )
            return alias
        if name not in self.node_defs:
            return name
        number = self._counts.get(name, 1) + 1
        while f"{name}_{number}" in self.node_defs:
            number += 1
        self._counts[name] = number
        return f"{name}_{number}"

    def _bound(
        self, name: str, node_def: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> dict[str, Any]:
        names = list(node_def.ins)
        if len(args) > len(names):
            raise self._error(
                f"calls `{name}` with {len(args)} values, and it takes {len(names)} ({', '.join(names) or 'none'})",
                "unknown-input",
            )
        given = dict(zip(names, args, strict=False))
        for key, value in kwargs.items():
            if key not in node_def.ins:
                raise self._error(
                    f"calls `{name}` with `{key}`, which is no input of it",
                    "unknown-input",
                    did_you_mean(key, names),
                )
            if key in given:
                raise InvalidInvocationError(
                    f"{self.what} `{self.name}`: `{name}` got multiple values for argument '{key}'.",
                    where=self.where,
                )
            given[key] = value
        return given

    def _edge(self, node: str, name: str, value: Any) -> Any:
        if isinstance(value, InputHandle):
            self._check_own(value)
            self.input_mappings.append(InputMapping(value.name, node, name))
            return None
        if isinstance(value, list):
            return MultiDependencyDefinition(
                [self._list_item(node, name, index, item) for index, item in enumerate(value)]
            )
        if _asset_key_of(value) is not None:
            self.input_assets.setdefault(node, {})[name] = value
            return None
        return self._single(node, name, value)

    def _list_item(self, node: str, name: str, index: int, item: Any) -> Any:
        if isinstance(item, InputHandle):
            self._check_own(item)
            self.input_mappings.append(InputMapping(item.name, node, name, index))
            return MappedInput
        return self._single(node, name, item)

    def _single(self, node: str, name: str, value: Any) -> Any:
        if isinstance(value, OutputHandle):
            self._check_known(value.node, value.output)
            return DependencyDefinition(value.node, value.output)
        if isinstance(value, CollectHandle):
            self._check_known(value.node, value.output)
            return CollectDependency(value.node, value.output)
        if isinstance(value, DynamicHandle):
            raise self._error(
                f"passes the dynamic output `{value.output}` of `{value.node}` to `{node}` as it is",
                "invalid-definition",
                "call `.map(…)` on it for each value, or `.collect()` for all as a list",
            )
        fields = getattr(value, "_fields", None)
        if isinstance(value, tuple) and fields:
            raise self._error(
                f"passes all outputs of a node ({', '.join(fields)}) to input `{name}` of `{node}`",
                "invalid-definition",
                "pass one of them",
            )
        if hasattr(value, "ins") and hasattr(value, "outs"):
            raise self._error(
                f"passes `{value.name}` itself to input `{name}` of `{node}`",
                "invalid-definition",
                f"call it: `{value.name}()`",
            )
        raise self._error(
            f"passes a value of type {type(value).__name__} to input `{name}` of `{node}`",
            "invalid-definition",
            "pass outputs of ops or the graph's inputs; constants belong into config or into an op",
        )

    def _check_own(self, handle: InputHandle) -> None:
        if handle.graph != self.name:
            raise self._error(
                f"uses input `{handle.name}` of another graph, `{handle.graph}`", "unknown-input"
            )

    def _check_known(self, node: str, output: str) -> None:
        if node not in self.node_defs:
            raise self._error(
                f"uses output `{output}` of `{node}`, which was called in another graph",
                "invalid-definition",
                "return it there, and pass it to this graph as an input",
            )

    def output_mappings(self, returned: Any, declared: Mapping[str, Any] | None) -> list[OutputMapping]:
        """The graph's outputs, from what its function returned.

        Args:
            declared: name -> GraphOut, or None.
        """
        if returned is None:
            if declared:
                raise self._error(
                    f"declares outputs ({', '.join(declared)}) and returns nothing", "invalid-definition"
                )
            return []
        named: dict[str, Any]
        if isinstance(returned, Mapping):
            named = dict(returned)
        elif isinstance(returned, tuple):
            fields = getattr(returned, "_fields", None)
            names = list(declared) if declared else list(fields or ())
            if not names:  # nothing says what the outputs are called, so the graph has none
                return []
            if len(names) != len(returned):
                raise self._error(
                    f"returns {len(returned)} outputs" + (f" and declares {len(names)}" if names else ""),
                    "invalid-definition",
                    "name them: `@graph(out={'first': GraphOut(), …})`, or return a dict",
                )
            named = dict(zip(names, returned, strict=True))
        else:
            names = list(declared) if declared else ["result"]
            named = {names[0]: returned}
        if declared is not None:
            for name in named:
                if name not in declared:
                    raise self._error(
                        f"returns output `{name}`, which it does not declare",
                        "invalid-definition",
                        did_you_mean(name, declared),
                    )
            missing = [name for name in declared if name not in named]
            if missing:
                raise self._error(
                    f"declares output `{missing[0]}`, which it does not return", "invalid-definition"
                )
        return [self._output_mapping(name, value, declared) for name, value in named.items()]

    def _output_mapping(self, name: str, value: Any, declared: Mapping[str, Any] | None) -> OutputMapping:
        if not isinstance(value, OutputHandle | DynamicHandle):
            raise self._error(
                f"returns a value of type {type(value).__name__} as its output `{name}`",
                "invalid-definition",
                "return outputs of ops called in it",
            )
        self._check_known(value.node, value.output)
        description = getattr((declared or {}).get(name), "description", None)
        return OutputMapping(
            name,
            value.node,
            value.output,
            description,
            from_dynamic_mapping=isinstance(value, DynamicHandle),
        )

    def warn_of_uncalled(self) -> None:
        """Warn of ops that were prepared for a call which never came."""
        for node, op in self.uncalled.items():
            tell_user(
                f"{self.what} `{self.name}` prepares `{op}`{f' as `{node}`' if node != op else ''} and never calls it, so "
                "it does not run: add parentheses after `.alias(…)`, `.tag(…)`, `.with_hooks(…)` or `.with_retry_policy(…)`.",
                UserWarning,
            )

    def _error(self, what: str, code: str, hint: str | None = None) -> InvalidDefinitionError:
        return InvalidDefinitionError(
            f"{self.what} `{self.name}` {what}.", code=code, hint=hint, where=self.where
        )


class Call(msgspec.Struct, frozen=True, eq=False):
    """An op or graph that is about to be called in a graph, and how it is to be used there.

    Args:
        node_def: the op or graph.
        given_alias: the node's name.
        tags: added to the op's.
        hook_defs: called after its steps.
        retry_policy: in place of the op's.
    """

    node_def: Any
    given_alias: str | None = None
    tags: Mapping[str, Any] | None = None
    hook_defs: frozenset[Any] | None = None
    retry_policy: Any = None


def handles_of(node: str, node_def: Any) -> Any:
    """What a call returns: nothing, one output, or a named tuple of several."""
    found = [
        DynamicHandle(node, name) if out.is_dynamic else OutputHandle(node, name)
        for name, out in node_def.outs.items()
    ]
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    return namedtuple(f"{node}_outputs", list(node_def.outs), rename=True)(*found)


def compose(function: Callable[..., Any], composition: Composition, inputs: Mapping[str, Any]) -> Any:
    """Run a graph's function; what it calls goes into `composition`. Returns what it returned."""
    token = current_composition.set(composition)
    try:
        return function(**{name: InputHandle(composition.name, name) for name in inputs})
    finally:
        current_composition.reset(token)


def _asset_key_of(value: Any) -> AssetKey | None:
    """The key where a value is an asset: a definition, a source asset or a spec."""
    if isinstance(value, OutputHandle | DynamicHandle | CollectHandle | InputHandle | list | tuple):
        return None
    key = getattr(value, "key", None)
    if isinstance(key, AssetKey):
        return key
    return None
