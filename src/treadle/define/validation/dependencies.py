"""Problems of dependencies: circles, parameters that name nothing, keys that nobody defines, look-alikes."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from treadle.core.catalog import AssetNode, Computation
from treadle.core.keys import AssetKey
from treadle.core.ordering import circles
from treadle.core.partitions.mapping import (
    AllPartitionMapping,
    IdentityPartitionMapping,
    LastPartitionMapping,
    PartitionMapping,
)
from treadle.core.partitions.multi_mapping import MultiPartitionMapping
from treadle.core.partitions.time_mapping import TimeWindowPartitionMapping
from treadle.core.problem import Problem
from treadle.core.specs import AssetDep

_ALIKE: Final = str.maketrans({"-": "_", ".": "_", "0": "o", "1": "l", "|": "l"})


def cycles(assets: Mapping[AssetKey, AssetNode]) -> Iterator[Problem]:
    """A problem for each circle of assets, spelt in the direction in which data flows."""
    parents = {
        key: [dep.asset_key for dep in node.spec.deps if dep.asset_key in assets and not _own_past(key, dep)]
        for key, node in assets.items()
    }
    for circle in circles(parents):
        first = min(range(len(circle)), key=lambda index: circle[index].parts_tuple)
        flow = [*circle[first:], *circle[: first + 1]]
        yield Problem(
            code="dependency-cycle",
            message="assets depend on each other in a circle: " + _flow(flow),
            asset_key=flow[0],
            where=assets[flow[0]].where,
            suggestion="break the circle: one of these assets must not need the one before it"
            if len(circle) > 1
            else "an asset can only depend on itself where each of its partitions reads earlier ones: "
            "`TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)`",
        )


def _own_past(key: AssetKey, dep: AssetDep) -> bool:
    """True where an asset reads other partitions of its own."""
    mapping = dep.partition_mapping
    return dep.asset_key == key and mapping is not None and not _reads_the_same(mapping)


def _reads_the_same(mapping: PartitionMapping) -> bool:
    """Whether a partition, mapped to partitions of the same definition, is or may be among them."""
    if isinstance(mapping, TimeWindowPartitionMapping):
        return mapping.start_offset >= 0 or mapping.end_offset >= 0
    if isinstance(mapping, MultiPartitionMapping):
        sides = mapping.downstream_mappings_by_upstream_dimension.values()
        return all(_reads_the_same(side.partition_mapping) for side in sides)
    return isinstance(mapping, IdentityPartitionMapping | AllPartitionMapping | LastPartitionMapping)


def cycles_of_steps(
    assets: Mapping[AssetKey, AssetNode], computations: Mapping[str, Computation]
) -> Iterator[Problem]:
    """A problem for each step that would have to run both before and after another: it makes several assets, and
    one of them needs an asset that needs another of them."""
    together = {
        name
        for name, one in computations.items()
        if len(one.outputs) > 1 and one.kind == "asset" and not one.can_subset
    }
    if not together:
        return

    def step_of(key: AssetKey) -> Any:
        name = assets[key].computation
        return name if name in together else key

    parents: dict[Any, list[Any]] = {}
    reasons: dict[tuple[Any, Any], tuple[AssetKey, AssetKey]] = {}
    for key, node in assets.items():
        child = step_of(key)
        above = parents.setdefault(child, [])
        for dep in node.spec.deps:
            if dep.asset_key in assets and (parent := step_of(dep.asset_key)) != child:
                above.append(parent)
                reasons[(parent, child)] = (dep.asset_key, key)
    for circle in circles(parents):
        step = next((one for one in circle if one in together), None)
        if step is None:
            continue  # a circle of assets, told by `cycles`
        start = circle.index(step)
        ordered = [*circle[start:], *circle[: start + 1]]
        edges = [reasons[pair] for pair in itertools.pairwise(ordered)]
        yield Problem(
            code="dependency-cycle",
            message=f"`{step}` makes assets that have to be made before and after another: "
            + "; ".join(_flow(edge) for edge in edges),
            asset_key=edges[0][0],
            where=computations[step].where,
            suggestion="let a run ask for its assets one by one (`can_subset=True`), or split the function",
        )


def _flow(keys: Iterable[AssetKey]) -> str:
    return " -> ".join(key.to_user_string() for key in keys)


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
