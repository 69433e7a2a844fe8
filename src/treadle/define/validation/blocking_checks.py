"""Problems of blocking checks: one that needs what has to wait for it."""

from collections.abc import Iterator

import attrs

from treadle.core.catalog import Catalog, Computation
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.ordering import circles
from treadle.core.parts import Unit, Units, inputs_of, units_of
from treadle.core.problem import Problem


@attrs.define(eq=False)
class WholePart:
    """All that a computation makes and evaluates."""

    key: str
    computation: Computation
    asset_keys: list[AssetKey]
    check_keys: list[AssetCheckKey]
    is_split: bool = False

    @classmethod
    def of(cls, computation: Computation) -> "WholePart":
        """The part that a run of everything has of a computation."""
        outputs = computation.outputs
        assets = [output.asset_key for output in outputs if output.asset_key is not None]
        checks = [output.check_key for output in outputs if output.check_key is not None]
        return cls(computation.name, computation, assets, checks)


def cycles_of_blocking_checks(catalog: Catalog) -> Iterator[Problem]:
    """A problem for each blocking check that would have to be evaluated both before and after an asset."""
    if not any(_needs_others(catalog, check) for check in catalog.checks):
        return
    parts = [WholePart.of(one) for one in catalog.computations.values()]
    units = units_of(catalog, [part for part in parts if part.asset_keys or part.check_keys])
    for circle in circles(units.parents):
        for position, unit in enumerate(circle):
            check = units.parents[unit][circle[position - 1]]
            # Where the check follows on its own asset, the circle is one without it too, which `cycles` tells.
            if check is not None and not _makes(units, circle[position - 2], check.asset_key):
                yield _problem(catalog, units, check, circle[position:] + circle[:position])
                break


def _makes(units: Units, unit: Unit, key: AssetKey) -> bool:
    return unit == key or (isinstance(unit, str) and key in units.owner[unit].asset_keys)


def _needs_others(catalog: Catalog, check: AssetCheckKey) -> bool:
    """Whether a check is blocking, and the function that evaluates it reads more than the asset, which another makes."""
    node = catalog.checks[check]
    if not node.spec.blocking:
        return False
    computation = catalog.computations[node.computation]
    if any(output.asset_key == check.asset_key for output in computation.outputs):
        return False
    return any(key != check.asset_key for key in inputs_of(computation))


def _problem(catalog: Catalog, units: Units, check: AssetCheckKey, circle: list[Unit]) -> Problem:
    """What to say of a circle that starts with what waits for the check and ends with what evaluates it."""
    step = catalog.computations[catalog.checks[check].computation]
    waits, needed = _name(circle[0]), _name(circle[-2])
    whole = [
        f"`{unit}`"
        for unit in circle
        if isinstance(unit, str) and len(units.owner[unit].computation.outputs) > 1
    ]
    return Problem(
        code="dependency-cycle",
        message=f"`{waits}` waits for the blocking check `{check.name}` of `{check.asset_key.to_user_string()}`, but "
        f"`{step.name}`, which evaluates it, needs `{needed}`: "
        + " -> ".join(_name(unit) for unit in [circle[-1], *circle]),
        asset_key=check.asset_key,
        where=catalog.checks[check].where or step.where,
        suggestion=f"let a run ask for parts of {' and '.join(whole)} (`can_subset=True`), or split the function, or "
        f"make `{check.name}` not blocking"
        if whole
        else f"make `{check.name}` not blocking, or let it not need `{needed}`",
    )


def _name(unit: Unit) -> str:
    return unit if isinstance(unit, str) else unit.to_user_string()
