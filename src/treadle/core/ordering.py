"""Order in a graph of anything: what comes before what, level by level, and the circles that forbid it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def levels_of(above: Mapping[T, Iterable[T]]) -> list[list[T]]:
    """Nodes by distance from the roots, each level sorted. Those on a circle, and what is below them, are left out.

    Args:
        above: node -> the nodes that come before it; all of them are keys, and one may stand there twice.

    Example:
        >>> levels_of({"c": ["a", "b"], "b": ["a"], "a": []})
        [['a'], ['b'], ['c']]
    """
    waiting: dict[T, int] = {}
    followers: dict[T, list[T]] = {node: [] for node in above}
    for node, upstream in above.items():
        distinct = set(upstream)
        waiting[node] = len(distinct)
        for each in distinct:
            followers[each].append(node)
    levels: list[list[T]] = []
    level = [node for node, count in waiting.items() if not count]
    while level:
        level.sort()
        levels.append(level)
        following: list[T] = []
        for node in level:
            for follower in followers[node]:
                waiting[follower] -= 1
                if not waiting[follower]:
                    following.append(follower)
        level = following
    return levels


def circles(parents: Mapping[Any, Iterable[Any]]) -> Iterator[list[Any]]:
    """Each circle once, in the direction from parent to child; the first is not repeated at the end.

    Depth first, with a stack of its own: graphs may be deeper than Python's.

    Args:
        parents: node -> the nodes that come before it; all of them are keys.

    Example:
        >>> list(circles({"a": ["b"], "b": ["a"], "c": ["a"]}))
        [['b', 'a']]
    """
    done: set[Any] = set()
    for key, above in parents.items():  # most definitions name what stands before them
        if done.issuperset(above):
            done.add(key)
    for start in parents if len(done) < len(parents) else ():
        if start in done:
            continue
        path, position, waiting = [start], {start: 0}, [iter(parents[start])]
        while path:
            parent = next(waiting[-1], None)
            if parent is None:
                done.add(path[-1])
                del position[path.pop()]
                waiting.pop()
            elif parent in position:
                yield list(reversed(path[position[parent] :]))
            elif parent not in done:
                position[parent] = len(path)
                path.append(parent)
                waiting.append(iter(parents[parent]))
