"""The plan of a run of a graph of ops: the selected nodes as steps, in order. Pure; needs only the flat graph."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from treadle.core.catalog import Computation
from treadle.core.errors import InvalidSubsetError, did_you_mean
from treadle.core.op_graph import (
    Collected,
    FromAsset,
    FromGraphInput,
    FromNode,
    NodeInput,
    OpGraph,
    OpNode,
    Several,
    Unconnected,
)
from treadle.core.ordering import levels_of
from treadle.core.selection.step_selection import select_steps
from treadle.plan.plan import (
    CollectedFrom,
    FanIn,
    FromConfig,
    FromStep,
    FromStorage,
    Plan,
    Source,
    Step,
    StepInput,
)

PRIORITY_TAG = "dagster/priority"


def plan_ops(graph: OpGraph, job_name: str, op_selection: Sequence[str] | str | None = None) -> Plan:
    """The plan that runs a graph of ops, or a selection of them.

    Args:
        graph: the flat graph.
        job_name: for whom the plan is made.
        op_selection: names at the top level, with `*` and `+` as in step selections; `graph.op` for ops inside.

    Raises:
        InvalidSubsetError: a name that the graph lacks.
    """
    paths = select_ops(graph, op_selection) if op_selection is not None else None
    return Plan(job_name=job_name, steps=steps_of_graph(graph, paths))


def select_ops(graph: OpGraph, selection: Sequence[str] | str) -> frozenset[str]:
    """Paths of the ops that a selection means.

    Raises:
        InvalidSubsetError: a name that the graph lacks, or an empty selection.
    """
    clauses = [selection] if isinstance(selection, str) else list(selection)
    clauses = [part.strip() for clause in clauses for part in clause.split(",") if part.strip()]
    inside = [clause for clause in clauses if "." in clause and set(clause) & set("*+") == set()]
    outer = [clause for clause in clauses if clause not in inside]
    chosen: set[str] = set()
    if outer or not clauses:
        heads = set(select_steps(outer, graph.heads))
        chosen.update(node.path for node in graph.nodes if node.path.partition(".")[0] in heads)
    for clause in inside:
        found = [n.path for n in graph.nodes if n.path == clause or n.path.startswith(f"{clause}.")]
        if not found:
            raise InvalidSubsetError(
                f"The job has no op `{clause}`.",
                code="invalid-selection",
                hint=did_you_mean(clause, [node.path for node in graph.nodes]),
            )
        chosen.update(found)
    return frozenset(chosen)


def steps_of_graph(graph: OpGraph, paths: Collection[str] | None = None) -> tuple[Step, ...]:
    """The steps of a graph, or of some of its nodes, in topological order, ties in order of name."""
    nodes = [node for node in graph.nodes if paths is None or node.path in paths]
    chosen = {node.path: node for node in nodes}
    for node in nodes:
        if node.mapped_over is not None and node.mapped_over.node not in chosen:
            raise InvalidSubsetError(
                f"`{node.path}` runs once for each value of `{node.mapped_over.node}`, which is not selected.",
                code="invalid-selection",
                hint=f"select `{node.mapped_over.node}` too",
            )
    return tuple(step_of_node(node, chosen) for node in sort_by_level(nodes))


def sort_by_level(nodes: Iterable[OpNode]) -> list[OpNode]:
    """By distance from the roots, then by path."""
    by_path = {node.path: node for node in nodes}
    above = {path: [up for up in node.upstream() if up in by_path] for path, node in by_path.items()}
    return [by_path[path] for level in levels_of(above) for path in level]


def step_key_of(node: OpNode) -> str:
    """The step's key: the path, with `[?]` where it stands for one step a value of a dynamic output."""
    return f"{node.path}[?]" if node.mapped_over is not None else node.path


def step_of_node(
    node: OpNode, chosen: Mapping[str, OpNode], given: Mapping[str, Source] | None = None
) -> Step:
    """The step of a node.

    Args:
        node: the op at its place.
        chosen: the nodes of the plan; what comes from others has no source.
        given: input of the graph -> where its value comes from; from config where not given.
    """
    computation = node.computation
    after: dict[tuple[str, str], None] = {}
    groups: list[tuple[tuple[str, str], ...]] = []
    inputs: list[StepInput] = []
    for item in node.inputs:
        source = _source(item, node, chosen, given or {})
        edges = tuple(dict.fromkeys(edges_of(source)))
        if isinstance(source, FanIn | CollectedFrom):
            if edges:
                groups.append(edges)
        else:
            after.update(dict.fromkeys(edges))
        if item.loads_value:
            key = source.asset_key if isinstance(source, FromStorage) else None
            inputs.append(StepInput(name=item.name, source=source, asset_key=key))
    over = node.mapped_over
    return Step(
        key=step_key_of(node),
        computation=computation.name,
        inputs=tuple(inputs),
        outputs=tuple(output.name for output in computation.outputs),
        after=tuple(after),
        after_any=tuple(groups),
        mapped_over=(over.node, over.output) if over is not None else None,
        pool=computation.pool,
        priority=priority_of(computation),
    )


def edges_of(source: Any) -> Iterable[tuple[str, str]]:
    """(step key, output) of everything that a source waits for."""
    if isinstance(source, FromStep | CollectedFrom):
        yield source.step_key, source.output
    elif isinstance(source, FanIn):
        for one in source.sources:
            yield from edges_of(one)


def _source(
    item: NodeInput, node: OpNode, chosen: Mapping[str, OpNode], given: Mapping[str, Source]
) -> Source:
    if isinstance(item.source, Several):
        found = [_one(source, item, node, chosen, given) for source in item.source.sources]
        kept: list[Any] = []
        for source in found:
            if isinstance(source, FanIn):
                kept += source.sources
            elif not (isinstance(source, FromConfig) and not source.names):
                kept.append(source)
        if kept or not found:
            return FanIn(sources=tuple(kept))
        return FromConfig(names=item.names_above)
    return _one(item.source, item, node, chosen, given)


def _one(
    source: Any, item: NodeInput, node: OpNode, chosen: Mapping[str, OpNode], given: Mapping[str, Source]
) -> Source:
    if isinstance(source, Unconnected):
        return FromConfig(names=item.names_above)
    if isinstance(source, FromGraphInput):
        return given.get(source.input) or FromConfig(names=item.names_above or (f":{source.input}",))
    if isinstance(source, FromAsset):
        return FromStorage(asset_key=source.asset_key)
    upstream = chosen.get(source.node)
    if upstream is None:
        return FromConfig()
    key = step_key_of(upstream)
    if isinstance(source, Collected):
        return CollectedFrom(step_key=key, output=source.output)
    assert isinstance(source, FromNode)
    is_mapped = node.mapped_over == source and upstream.mapped_over is None
    return FromStep(step_key=key, output=source.output, mapping_key="?" if is_mapped else None)


def priority_of(computation: Computation) -> int:
    """Of the steps that are ready, the highest goes first; from the tag `dagster/priority`."""
    if not computation.tags:
        return 0
    try:
        return int(computation.tags.get(PRIORITY_TAG, 0))
    except (TypeError, ValueError):
        return 0
