"""Parts: what a run wants of each computation, and what has to come before what among the assets and checks of them. Pure.

A blocking check comes before all that reads its asset. Where a function checks one asset before it lets the next be made,
and that one too, it has to run in parts: so what can run in part is looked at asset by asset and check by check.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import attrs

from treadle.core.catalog import Catalog, Computation
from treadle.core.keys import AssetCheckKey, AssetKey

Unit = AssetKey | AssetCheckKey | str
"""What runs at once: an asset with its checks, or a check, of a part that may be split; else a part, by its key."""


class SelectedPart(Protocol):
    """The selected outputs of one computation."""

    key: str
    computation: Computation
    asset_keys: list[AssetKey]
    check_keys: list[AssetCheckKey]
    is_split: bool
    """One of several of its computation: it waits only for what its own assets and checks need."""


@attrs.define(eq=False)
class Units:
    """The units of some parts and their order."""

    owner: dict[Unit, SelectedPart]
    parents: dict[Unit, dict[Unit, AssetCheckKey | None]]
    """Unit -> those that come before it, and the blocking check on account of which they do; None where it needs them."""


def units_of(catalog: Catalog, parts: Sequence[SelectedPart]) -> Units:
    """The units of `parts`, in their order."""
    owner: dict[Unit, SelectedPart] = {}
    makers: dict[AssetKey, list[Unit]] = {}
    gates: dict[AssetKey, list[tuple[Unit, AssetCheckKey]]] = {}
    for part in parts:
        splits = may_be_split(part)
        for key in part.asset_keys:
            unit: Unit = key if splits else part.key
            owner[unit] = part
            makers.setdefault(key, []).append(unit)
        for check in foreign_checks(part):
            unit = check if splits else part.key
            owner[unit] = part
            if catalog.checks[check].spec.blocking:
                gates.setdefault(check.asset_key, []).append((unit, check))
    parents: dict[Unit, dict[Unit, AssetCheckKey | None]] = {}
    for unit, part in owner.items():
        above = parents[unit] = {}
        for key in _needs_of_unit(catalog, unit, part):
            for gate, check in gates.get(key, ()):
                if gate != unit and not _is_let_through(unit, part, key):
                    above[gate] = check
            for maker in makers.get(key, ()):
                if maker != unit:
                    above.setdefault(maker, None)
    return Units(owner, parents)


def may_be_split(part: SelectedPart) -> bool:
    """Whether a part could run in more than one step."""
    return part.computation.can_subset and len(part.asset_keys) + len(foreign_checks(part)) > 1


def foreign_checks(part: SelectedPart) -> list[AssetCheckKey]:
    """The checks of a part on assets that it does not make."""
    return [check for check in part.check_keys if check.asset_key not in part.asset_keys]


def unit_of_check(part: SelectedPart, check: AssetCheckKey) -> Unit:
    """The unit of a part, which may be split, that evaluates one of its checks."""
    return check.asset_key if check.asset_key in part.asset_keys else check


def _needs_of_unit(catalog: Catalog, unit: Unit, part: SelectedPart) -> Iterator[AssetKey]:
    if isinstance(unit, AssetKey):
        internal = part.computation.internal_deps
        if internal is not None and unit in internal:
            yield from internal[unit]
        else:
            yield from inputs_of(part.computation)
    elif isinstance(unit, AssetCheckKey):
        yield from needs_of_check(catalog, part.computation, unit)
    else:
        yield from needs_of_part(catalog, part)


def _is_let_through(unit: Unit, part: SelectedPart, checked: AssetKey) -> bool:
    """Whether a unit that reads an asset does not wait for that asset's blocking checks."""
    if isinstance(unit, AssetCheckKey):
        return unit.asset_key == checked
    return not waits_for_checks_of(part, checked)


def waits_for_checks_of(part: SelectedPart, checked: AssetKey) -> bool:
    """Whether a part that reads an asset waits for that asset's blocking checks: not if it makes or checks it itself.

    One check of an asset does not hold up another, nor what else is evaluated together with that.
    """
    if part.asset_keys:
        return checked not in part.asset_keys
    return all(check.asset_key != checked for check in part.check_keys)


def needs_of_part(catalog: Catalog, part: SelectedPart) -> Iterator[AssetKey]:
    """The assets that come before a part."""
    computation = part.computation
    if part.is_split and not part.asset_keys:
        for check in part.check_keys:
            yield from needs_of_check(catalog, computation, check)
        return
    if computation.internal_deps is not None and (part.asset_keys or not part.check_keys):
        for key in part.asset_keys:
            yield from sorted(computation.internal_deps.get(key, ()))
        for node in computation.inputs:
            if node.loads_value and node.asset_key is not None and not part.is_split:
                yield node.asset_key
    else:
        yield from inputs_of(computation)
    for check in part.check_keys:
        yield check.asset_key


def needs_of_check(catalog: Catalog, computation: Computation, check: AssetCheckKey) -> Iterator[AssetKey]:
    """The assets that come before one check of a function that can evaluate some of its checks."""
    yield check.asset_key
    for dep in catalog.checks[check].spec.additional_deps:
        yield dep.asset_key
    if computation.kind != "check":
        return
    specs = [catalog.checks[one.check_key].spec for one in computation.outputs if one.check_key is not None]
    named = {spec.asset_key for spec in specs}
    named.update(dep.asset_key for spec in specs for dep in spec.additional_deps)
    yield from (key for key in inputs_of(computation) if key not in named)  # what all of its checks may read


def inputs_of(computation: Computation) -> Iterator[AssetKey]:
    """The assets that a computation loads or waits for."""
    return (node.asset_key for node in computation.inputs if node.asset_key is not None)
