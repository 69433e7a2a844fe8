"""Problems of dependencies: circles, parameters that name nothing, keys that nobody defines, look-alikes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from treadle.core.catalog import AssetNode
from treadle.core.errors import Problem
from treadle.core.keys import AssetKey
from treadle.core.specs import AssetDep

_ALIKE: Final = str.maketrans({"-": "_", ".": "_", "0": "o", "1": "l", "|": "l"})


def cycles(
    assets: Mapping[AssetKey, AssetNode], edges: Iterable[tuple[AssetKey, AssetKey]] = ()
) -> Iterator[Problem]:
    """A problem for each circle, spelt in the direction in which data flows."""
    parents = {
        key: [dep.asset_key for dep in node.spec.deps if dep.asset_key in assets and not _own_past(key, dep)]
        for key, node in assets.items()
    }
    for child, parent in edges:
        parents[child].append(parent)
    done: set[AssetKey] = set()
    for key, above in parents.items():  # most definitions name what stands before them
        if all(parent in done for parent in above):
            done.add(key)
    if len(done) == len(parents):
        return
    for start in parents:
        if start in done:
            continue
        yield from _circles_from(start, parents, done, assets)


def _own_past(key: AssetKey, dep: AssetDep) -> bool:
    """True where an asset reads other partitions of its own."""
    return dep.asset_key == key and dep.partition_mapping is not None


def _circles_from(
    start: AssetKey,
    parents: Mapping[AssetKey, list[AssetKey]],
    done: set[AssetKey],
    assets: Mapping[AssetKey, AssetNode],
) -> Iterator[Problem]:
    path: list[AssetKey] = [start]
    position = {start: 0}
    waiting = [iter(parents[start])]
    while path:
        parent = next(waiting[-1], None)
        if parent is None:
            done.add(path[-1])
            del position[path.pop()]
            waiting.pop()
        elif parent in position:
            yield _circle(path[position[parent] :], assets)
        elif parent not in done:
            position[parent] = len(path)
            path.append(parent)
            waiting.append(iter(parents[parent]))


def _circle(members: list[AssetKey], assets: Mapping[AssetKey, AssetNode]) -> Problem:
    flow = list(reversed(members))
    first = min(range(len(flow)), key=lambda index: flow[index].parts_tuple)
    flow = [*flow[first:], *flow[: first + 1]]
    return Problem(
        code="dependency-cycle",
        message="assets depend on each other in a circle: "
        + " -> ".join(key.to_user_string() for key in flow),
        asset_key=flow[0],
        where=assets[flow[0]].where,
        suggestion="break the circle: one of these assets must not need the one before it",
    )


def lookalikes(assets: Mapping[AssetKey, AssetNode]) -> Iterator[Problem]:
    """A warning for each pair of keys that differ only in letters that look alike."""
    seen: dict[str, AssetKey] = {}
    for key, node in assets.items():
        shape = "/".join(key.parts_tuple).casefold().translate(_ALIKE)
        other = seen.setdefault(shape, key)
        if other is not key:
            place = assets[other].where
            yield Problem(
                code="lookalike-key",
                message=f"`{key.to_user_string()}` and `{other.to_user_string()}` look alike and are two assets"
                + (f" (the other stands at {place})" if place else ""),
                asset_key=key,
                where=node.where,
                suggestion="give one of them another name, if they are meant to be two",
            )
