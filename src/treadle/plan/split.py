"""Splits computations that can run in part where running them whole would make a cycle of steps.

`m` makes `a` and `c`, `b` needs `a`, `c` needs `b`: `m` runs for `a`, then `b`, then `m_2` runs for `c`.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from treadle.core.catalog import Computation
from treadle.core.keys import AssetCheckKey, AssetKey

PartTuple = tuple[str, Computation, list[AssetKey], list[AssetCheckKey]]


class SelectedPart(Protocol):
    """What splitting needs of a step in the making."""

    key: str
    computation: Computation
    asset_keys: list[AssetKey]
    check_keys: list[AssetCheckKey]


def split_cyclic_parts(parts: Sequence[SelectedPart]) -> list[PartTuple]:
    """The same selection as parts without cycles, as far as `can_subset` computations allow it."""
    owner = {key: part for part in parts for key in part.asset_keys}
    ordered = _topological_assets(owner)
    split: list[PartTuple] = []
    for part in parts:
        if not part.computation.can_subset or len(part.asset_keys) < 2:
            split.append((part.key, part.computation, part.asset_keys, part.check_keys))
            continue
        rounds = _rounds(part, owner, ordered)
        for number, keys in enumerate(rounds):
            checks = [check for check in part.check_keys if check.asset_key in keys]
            if number == 0:
                checks += [check for check in part.check_keys if check.asset_key not in part.asset_keys]
            name = part.key if number == 0 else f"{part.key}_{number + 1}"
            split.append((name, part.computation, [k for k in part.asset_keys if k in keys], checks))
    return split


def _parents(part: SelectedPart, key: AssetKey) -> Iterable[AssetKey]:
    internal = part.computation.internal_deps
    if internal is not None and key in internal:
        return internal[key]
    return [node.asset_key for node in part.computation.inputs if node.asset_key is not None]


def _topological_assets(owner: dict[AssetKey, SelectedPart]) -> list[AssetKey]:
    parents = {
        key: [p for p in _parents(part, key) if p in owner and p != key] for key, part in owner.items()
    }
    ordered: list[AssetKey] = []
    seen: set[AssetKey] = set()
    for root in owner:
        pending = [(root, iter(parents[root]))]
        while pending:
            key, rest = pending[-1]
            if key in seen:
                pending.pop()
                continue
            above = next((p for p in rest if p not in seen), None)
            if above is None or any(above == waiting for waiting, _ in pending):
                pending.pop()
                seen.add(key)
                ordered.append(key)
            else:
                pending.append((above, iter(parents[above])))
    return ordered


def _rounds(
    part: SelectedPart, owner: dict[AssetKey, SelectedPart], ordered: list[AssetKey]
) -> list[set[AssetKey]]:
    """Groups of the part's assets: how often a path to each has left the computation and come back."""
    depth: dict[AssetKey, int] = {}
    for key in ordered:
        inside = owner[key] is part
        best = 0 if inside else None
        for parent in _parents(owner[key], key):
            above = depth.get(parent)
            if above is None or parent == key:
                continue
            reached = above + 1 if inside and owner[parent] is not part else above
            best = reached if best is None else max(best, reached)
        if best is not None:
            depth[key] = best
    rounds: dict[int, set[AssetKey]] = {}
    for key in part.asset_keys:
        rounds.setdefault(depth[key], set()).add(key)
    return [rounds[number] for number in sorted(rounds)]
