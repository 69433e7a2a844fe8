"""A graph of ops, flattened to one level: which op runs at which path, and where each of its inputs comes from.

The pure, serialisable form of `@graph` and `@job`; `define/graphs` makes it, `plan/ops` plans from it alone.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from treadle.core.catalog import Computation
from treadle.core.keys import AssetKey


class FromNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An output of another node; of a dynamic output, each of its values where the reader is mapped over it."""

    node: str
    """Its path, e.g. `load` or `clean.trim`."""
    output: str = "result"


class Collected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All values of a dynamic output, or of an output of a node that is mapped over one, as a list."""

    node: str
    output: str = "result"


class FromAsset(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The stored value of an asset."""

    asset_key: AssetKey


class FromGraphInput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An input of the whole graph: from `input_values`, from run config, or of an asset of it."""

    input: str


class Unconnected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Nothing is connected: the value stands in run config, comes from an input manager, or is the default."""


class Several(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A list of values, one from each source, in order."""

    sources: tuple["OneSource", ...]


OneSource = FromNode | Collected | FromAsset | FromGraphInput | Unconnected
NodeSource = OneSource | Several


class NodeInput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One input of a node."""

    name: str
    source: NodeSource
    loads_value: bool = True
    """False for `Nothing`: what it comes from must be done, nothing is loaded."""
    names_above: tuple[str, ...] = ()
    """Inputs of the graphs around it that lead here, innermost first: `outer.inner:x`, where config may give a value."""

    def sources(self) -> tuple[OneSource, ...]:
        """Its source, or its sources where it has several."""
        return self.source.sources if isinstance(self.source, Several) else (self.source,)


class OpNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An op at its place in the graph."""

    path: str
    computation: Computation
    inputs: tuple[NodeInput, ...] = ()
    mapped_over: FromNode | None = None
    """The dynamic output for each value of which it runs once."""

    def upstream(self) -> Iterator[str]:
        """Paths of the nodes that it reads from or waits for, repeated where several edges lead there."""
        for item in self.inputs:
            for source in item.sources():
                if isinstance(source, FromNode | Collected):
                    yield source.node


class OpGraph(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """The ops of a job, or of a graph that makes assets."""

    nodes: tuple[OpNode, ...]
    outputs: Mapping[str, FromNode] = {}
    """The graph's own outputs."""
    graphs: Mapping[str, Mapping[str, FromNode]] = {}
    """Path of a graph inside -> its outputs."""
    inputs: tuple[str, ...] = ()
    """Names of the graph's own inputs."""

    @cached_property
    def nodes_by_path(self) -> dict[str, OpNode]:
        """Path -> node."""
        return {node.path: node for node in self.nodes}

    @cached_property
    def heads(self) -> dict[str, set[str]]:
        """Name at the top level -> the names at the top level that it waits for."""
        found: dict[str, set[str]] = {}
        for node in self.nodes:
            head = node.path.partition(".")[0]
            above = found.setdefault(head, set())
            above.update(path.partition(".")[0] for path in node.upstream())
            above.discard(head)
        return found
