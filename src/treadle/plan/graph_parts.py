"""Computations that are graphs of ops: the steps in their place, and the step that an output of theirs comes from."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from treadle.core.catalog import Computation, OutputNode
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.op_graph import Collected, FromNode, OpGraph
from treadle.plan.ops import sort_by_level, step_of_node
from treadle.plan.plan import FromStep, Source, Step


def end_of(computation: Computation, step_key: str, output: str) -> tuple[str, str]:
    """(step key, output) where an output of a computation is given: inside of it, where it is a graph."""
    if computation.graph is None:
        return step_key, output
    source = computation.graph.outputs[output]
    return source.node, source.output


def end_of_check(computation: Computation, step_key: str, check: AssetCheckKey) -> str:
    """The key of the step that evaluates a check."""
    if computation.graph is None:
        return step_key
    name = next(output.name for output in computation.outputs if output.check_key == check)
    return end_of(computation, step_key, name)[0]


def steps_of_part(
    computation: Computation,
    assets: Collection[AssetKey],
    checks: Collection[AssetCheckKey],
    given: Mapping[str, Source],
    whole: Step,
) -> list[Step]:
    """The steps of a graph that makes assets, in order.

    Args:
        computation: the graph's.
        assets: those that are asked for.
        checks: those that are asked for.
        given: input of the graph -> where its value comes from, also of those that only order.
        whole: the step that it would be, were it no graph: its reason and what it waits for hold for its first steps.
    """
    graph: OpGraph = computation.graph
    wanted = [
        output.name
        for output in computation.outputs
        if output.asset_key in assets or output.check_key in checks
    ]
    paths = _needed(graph, wanted) if len(wanted) < len(computation.outputs) else None
    nodes = sort_by_level(node for node in graph.nodes if paths is None or node.path in paths)
    chosen = {node.path: node for node in nodes}
    known = {(source.step_key, source.output) for source in given.values() if isinstance(source, FromStep)}
    loose = tuple(edge for edge in whole.after if edge not in known)
    read = {
        (source.node, source.output)
        for node in nodes
        for item in node.inputs
        for source in item.sources()
        if isinstance(source, FromNode | Collected)
    }
    found = []
    for node in nodes:
        step = step_of_node(node, chosen, given)
        outputs = [
            output
            for output in node.computation.outputs
            if _is_made(output, assets, checks, paths is None) or (node.path, output.name) in read
        ]
        is_first = not any(path in chosen for path in node.upstream())
        found.append(
            msgspec.structs.replace(
                step,
                outputs=tuple(output.name for output in outputs),
                asset_keys=tuple(one.asset_key for one in outputs if one.asset_key is not None),
                check_keys=tuple(one.check_key for one in outputs if one.check_key is not None),
                after=(*step.after, *loose) if is_first else step.after,
                after_any=(*step.after_any, *whole.after_any) if is_first else step.after_any,
                blocked_by=whole.blocked_by if is_first else (),
                reason=whole.reason,
            )
        )
    return found


def _is_made(
    output: OutputNode, assets: Collection[AssetKey], checks: Collection[AssetCheckKey], is_whole: bool
) -> bool:
    """Whether a run gives an output that no step of it reads: what was asked for, and what comes with it."""
    if output.check_key is not None:
        return output.check_key in checks
    return output.is_required or (is_whole if output.asset_key is None else output.asset_key in assets)


def _needed(graph: OpGraph, outputs: Iterable[str]) -> set[str]:
    found: set[str] = set()
    pending = [graph.outputs[name].node for name in outputs]
    while pending:
        path = pending.pop()
        if path not in found:
            found.add(path)
            pending.extend(graph.nodes_by_path[path].upstream())
    return found
