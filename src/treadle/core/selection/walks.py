"""Walks along a directed graph, none of which recurses: a chain of a million nodes is fine."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar

NodeT = TypeVar("NodeT")
ResultT = TypeVar("ResultT")


def reach(
    start: AbstractSet[NodeT], neighbours: Callable[[NodeT], Iterable[NodeT]], depth: int | None = None
) -> set[NodeT]:
    """`start` and everything within `depth` edges of it; None means any number."""
    seen = set(start)
    frontier: AbstractSet[NodeT] = seen
    remaining = depth
    while frontier and remaining != 0:
        # A union of ready sets copies their stored hashes, which hashing each key again would not.
        frontier = set[NodeT]().union(*map(neighbours, frontier)) - seen
        seen |= frontier
        if remaining is not None:
            remaining -= 1
    return seen


def not_reached_from_each_other(
    chosen: AbstractSet[NodeT], neighbours: Callable[[NodeT], Iterable[NodeT]]
) -> set[NodeT]:
    """Those of `chosen` that no other of them leads to, over any path, also one that leaves `chosen`.

    With the children as neighbours these are the roots, with the parents the sinks. An edge from a node to
    itself does not count.
    """
    led_to: set[NodeT] = set()
    frontier: AbstractSet[NodeT] = chosen
    while frontier:
        step = {near for node in frontier for near in neighbours(node) if near != node}
        frontier = step - led_to
        led_to |= frontier
    return set(chosen) - led_to


def fold(
    root: NodeT,
    operands: Callable[[NodeT], Sequence[NodeT]],
    combine: Callable[[NodeT, list[ResultT]], ResultT],
) -> ResultT:
    """Evaluate a tree from its leaves up: `combine(node, results of its operands)`."""
    results: list[ResultT] = []
    stack = [(root, False)]
    while stack:
        node, operands_are_done = stack.pop()
        below = operands(node)
        if below and not operands_are_done:
            stack.append((node, True))
            stack.extend((operand, False) for operand in reversed(below))
            continue
        first = len(results) - len(below)
        results[first:] = [combine(node, results[first:])]
    return results[0]
