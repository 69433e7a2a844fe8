"""Walks along a directed graph, none of which recurses: a chain of a million nodes is fine."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar

NodeT = TypeVar("NodeT")
ResultT = TypeVar("ResultT")


def reach(
    start: AbstractSet[NodeT],
    neighbours: Callable[[NodeT], AbstractSet[NodeT]],
    depth: int | None = None,
) -> set[NodeT]:
    """`start` and everything within `depth` edges of it; None means any number."""
    seen = set(start)
    if depth is None:
        _extend(seen, list(seen), neighbours)
        return seen
    frontier: AbstractSet[NodeT] = seen
    while frontier and depth > 0:
        frontier = set[NodeT]().union(*map(neighbours, frontier)) - seen
        seen |= frontier
        depth -= 1
    return seen


def not_reached_from_each_other(
    chosen: AbstractSet[NodeT], neighbours: Callable[[NodeT], AbstractSet[NodeT]]
) -> set[NodeT]:
    """Those of `chosen` that no other of them leads to, over any path, also one that leaves `chosen`.

    With the children as neighbours these are the roots, with the parents the sinks. An edge from a node to
    itself does not count.
    """
    led_to: set[NodeT] = set()
    for node in chosen:
        near = neighbours(node)
        led_to |= (near - {node}) if node in near else near
    _extend(led_to, list(led_to), neighbours)
    return set(chosen) - led_to


def _extend(
    seen: set[NodeT],
    waiting: list[NodeT],
    neighbours: Callable[[NodeT], AbstractSet[NodeT]],
) -> None:
    """Add to `seen` all that the waiting nodes lead to. Works on ready sets, whose hashes are stored."""
    while waiting:
        found = neighbours(waiting.pop()) - seen
        if found:
            seen |= found
            waiting.extend(found)


def fold(
    root: NodeT,
    operands: Callable[[NodeT], Sequence[NodeT]],
    combine: Callable[[NodeT, list[ResultT]], ResultT],
) -> ResultT:
    """Evaluate an expression from its leaves up: `combine(node, results of its operands)`, once a node."""
    results: dict[int, ResultT] = {}
    stack = [root]
    while stack:
        below = operands(stack[-1])
        waiting = [operand for operand in below if id(operand) not in results]
        if waiting:
            stack.extend(waiting)
            continue
        node = stack.pop()
        if id(node) not in results:
            results[id(node)] = combine(node, [results[id(operand)] for operand in below])
    return results[id(root)]
