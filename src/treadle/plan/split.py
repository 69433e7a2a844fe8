"""Splits computations that can run in part where running them whole would make a cycle of steps.

`m` makes `a` and `c`, `b` needs `a`, `c` needs `b`: `m` runs for `a`, then `b`, then `m_2` runs for `c`. A function of
checks likewise, where a blocking check of `a` comes before `b`, and another of its checks after it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from treadle.core.catalog import Catalog, Computation
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.ordering import levels_of
from treadle.core.parts import SelectedPart, Unit, Units, may_be_split, unit_of_check, units_of

PartTuple = tuple[str, Computation, list[AssetKey], list[AssetCheckKey]]
Rounds = dict[str, list[set[Unit]]]
"""Part -> the units of each of its rounds."""


def split_cyclic_parts(catalog: Catalog, parts: Sequence[SelectedPart]) -> list[PartTuple]:
    """The same selection as parts without cycles, as far as `can_subset` computations allow it."""
    units = units_of(catalog, parts)
    ordered = _in_topological_order(units)
    rounds = {part.key: _rounds(part, units, ordered) for part in parts if may_be_split(part)}
    if _wait_for_each_other(units, rounds):
        rounds = _turns(units, rounds)
    split: list[PartTuple] = []
    for part in parts:
        if part.key not in rounds:
            split.append((part.key, part.computation, part.asset_keys, part.check_keys))
            continue
        for number, chosen in enumerate(rounds[part.key]):
            name = part.key if number == 0 else f"{part.key}_{number + 1}"
            assets = [key for key in part.asset_keys if key in chosen]
            checks = [check for check in part.check_keys if unit_of_check(part, check) in chosen]
            split.append((name, part.computation, assets, checks))
    return split


def _in_topological_order(units: Units) -> list[Unit]:
    ordered: list[Unit] = []
    seen: set[Unit] = set()
    for root in units.owner:
        pending = [(root, iter(units.parents[root]))]
        waiting = {root}
        while pending:
            unit, rest = pending[-1]
            above = next((p for p in rest if p not in seen), None)
            if above is None or above in waiting:
                pending.pop()
                waiting.discard(unit)
                if unit not in seen:
                    seen.add(unit)
                    ordered.append(unit)
            else:
                waiting.add(above)
                pending.append((above, iter(units.parents[above])))
    return ordered


def _rounds(part: SelectedPart, units: Units, ordered: list[Unit]) -> list[set[Unit]]:
    """Groups of the part's units: how often a path to each has left the computation and come back."""
    depth: dict[Unit, int] = {}
    for unit in ordered:
        inside = units.owner[unit] is part
        best = 0 if inside else None
        for parent in units.parents[unit]:
            above = depth.get(parent)
            if above is None:
                continue
            reached = above + 1 if inside and units.owner[parent] is not part else above
            best = reached if best is None else max(best, reached)
        if best is not None:
            depth[unit] = best
    rounds: dict[int, set[Unit]] = {}
    for unit, owner in units.owner.items():
        if owner is part:
            rounds.setdefault(depth[unit], set()).add(unit)
    return [rounds[number] for number in sorted(rounds)]


def _wait_for_each_other(units: Units, rounds: Rounds) -> bool:
    """Whether rounds that were found for each part by itself still make a cycle, one of two parts that need each other."""
    step_of: dict[Unit, tuple[str, int]] = {unit: (part.key, 0) for unit, part in units.owner.items()}
    for key, groups in rounds.items():
        step_of.update((unit, (key, number)) for number, group in enumerate(groups) for unit in group)
    above: dict[tuple[str, int], set[tuple[str, int]]] = {step: set() for step in step_of.values()}
    for unit, parents in units.parents.items():
        above[step_of[unit]].update(step_of[parent] for parent in parents)
    for step, before in above.items():
        before.discard(step)
    return sum(map(len, levels_of(above))) < len(above)


def _turns(units: Units, keys: Iterable[str]) -> Rounds:
    """Rounds of the parts of `keys` together: whoever can be finished goes first, else the first one as far as it can."""
    waiting = {unit: len(parents) for unit, parents in units.parents.items()}
    followers: dict[Unit, list[Unit]] = {unit: [] for unit in waiting}
    for unit, parents in units.parents.items():
        for parent in parents:
            followers[parent].append(unit)
    left = Counter(part.key for part in units.owner.values())
    ready: dict[str, list[Unit]] = {key: [] for key in keys}
    turns: Rounds = {key: [] for key in ready}

    def finish(done: Iterable[Unit]) -> None:
        pending = list(done)
        finished = set(pending)
        while pending:
            for follower in followers[pending.pop()]:
                waiting[follower] -= 1
                if not waiting[follower] and follower not in finished:
                    offer(follower, pending)

    def offer(unit: Unit, whole: list[Unit]) -> None:
        ready.get(units.owner[unit].key, whole).append(unit)

    roots: list[Unit] = []
    for unit, count in list(waiting.items()):
        if not count:
            offer(unit, roots)
    finish(roots)
    while any(ready.values()):
        possible = {
            key: _within_reach(found, waiting, followers, units) for key, found in ready.items() if found
        }
        key = next((key for key, group in possible.items() if len(group) == left[key]), next(iter(possible)))
        turns[key].append(possible[key])
        left[key] -= len(possible[key])
        ready[key] = []
        finish(possible[key])
    return turns


def _within_reach(
    ready: list[Unit], waiting: dict[Unit, int], followers: dict[Unit, list[Unit]], units: Units
) -> set[Unit]:
    """The units of a part that can run at once: those that wait for nothing, and for each other only."""
    found = set(ready)
    pending = list(ready)
    met: Counter[Unit] = Counter()
    while pending:
        unit = pending.pop()
        for follower in followers[unit]:
            met[follower] += 1
            if units.owner[follower] is units.owner[unit] and met[follower] == waiting[follower]:
                found.add(follower)
                pending.append(follower)
    return found
