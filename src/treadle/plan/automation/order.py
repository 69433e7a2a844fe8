"""In which order the conditions of a catalog are asked, and what is made only together."""

from collections.abc import Iterator

from treadle.core.catalog import Catalog, Computation
from treadle.core.keys import AssetKey
from treadle.plan.automation.facts import Entity


def made_with(catalog: Catalog, key: Entity) -> Iterator[Entity]:
    """The assets and checks that a run which makes an asset cannot leave out: those of the same function."""
    if not isinstance(key, AssetKey):
        return
    computation = _whole(catalog, key)
    for output in () if computation is None else computation.outputs:
        other: Entity | None = output.asset_key or output.check_key
        if other is not None and other != key and (other in catalog.assets or other in catalog.checks):
            yield other


def _whole(catalog: Catalog, key: AssetKey) -> Computation | None:
    """The function that makes an asset, if that makes more and cannot make a part of it."""
    name = catalog.assets[key].computation
    found = None if name is None else catalog.computations[name]
    return None if found is None or found.can_subset or len(found.outputs) < 2 else found


def in_order(catalog: Catalog) -> tuple[list[Entity], list[int]]:
    """All assets and checks, each after what it depends on, the checks of an asset before what is downstream of it.

    Returns:
        They, and the rank of each: what is of a lower rank is decided before what is of a higher one; those of one rank do
        not see what is decided of each other, so that the order in which they are defined does not count.
    """
    ranks: dict[Entity, int] = {key: 2 * level for key, level in _levels(catalog).items()}
    checks: dict[Entity, int] = {}
    for check, node in catalog.checks.items():
        above = [dep.asset_key for dep in node.spec.additional_deps or ()]
        checks[check] = 1 + max([ranks.get(key, 0) for key in (check.asset_key, *above)])
    ranks.update(checks)
    keys = sorted(ranks, key=ranks.__getitem__)
    return keys, [ranks[key] for key in keys]


def _levels(catalog: Catalog) -> dict[AssetKey, int]:
    """How many steps each asset is from a root, by the longest way; circles are cut where they are met."""
    levels: dict[AssetKey, int] = {}
    above = {
        key: [dep.asset_key for dep in node.spec.deps if dep.asset_key in catalog.assets]
        for key, node in catalog.assets.items()
    }
    for start in above:
        if start in levels:
            continue
        path = [(start, iter(above[start]))]
        on_path = {start}
        while path:
            key, parents = path[-1]
            for parent in parents:
                if parent not in levels and parent not in on_path:
                    path.append((parent, iter(above[parent])))
                    on_path.add(parent)
                    break
            else:
                known = [levels[parent] for parent in above[key] if parent in levels]
                levels[key] = max(known, default=-1) + 1
                path.pop()
                on_path.discard(key)
    return levels
