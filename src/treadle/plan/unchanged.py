"""What changed since each asset last ran: the reasons that stand beside the steps, and what may be left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from treadle.core.catalog import Catalog
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.ports import StateReader
from treadle.plan.partitions import Binder, RunPartition
from treadle.plan.plan import ASKED_FOR, Reason, ReasonCode
from treadle.plan.staleness import Category, Staleness, StalenessReader
from treadle.plan.unsettled_checks import unsettled_checks

_CODE_OF: dict[Category, ReasonCode] = {
    "CODE": "code-version-changed",
    "CONFIG": "config-changed",
    "DATA": "data-version-changed",
    "DEPENDENCIES": "dependencies-changed",
    "WRITER": "never-materialized",
}

AssetOfWriter = tuple[AssetKey, str | None]
"""An asset, and which of its writers; None where it has none."""

UNCHANGED = Reason(code="unchanged", detail="code version, config and inputs are as they were")


@attrs.frozen
class Reasons:
    """Why each part of a plan would run."""

    assets: Mapping[AssetOfWriter, Reason] = attrs.field(factory=dict)
    checks: Mapping[AssetCheckKey, Reason] = attrs.field(factory=dict)
    """Of assets that are unchanged, the checks that are asked again all the same."""


def reasons_to_run(
    catalog: Catalog,
    parts: Iterable[AssetOfWriter],
    state: StateReader,
    partition: RunPartition | None = None,
    config_versions: Mapping[str, str] | None = None,
    checks: Mapping[AssetCheckKey, AssetOfWriter | None] | None = None,
) -> Reasons:
    """Why each part would run now; `unchanged` where nothing asks for it.

    An asset below one that runs in the same plan is `upstream-newer`: what it reads will be new. What a function makes
    that can not be split runs together, for one reason. Of a range of partitions all run where one asks for it. A
    partitioned asset is not judged where the run has no partition.

    Args:
        config_versions: computation -> what stands for its config in this run (see `versions_of_configs`).
        checks: to look at too, each with the part whose function evaluates it, or None where it has its own. A part
            whose own blocking check is not settled runs again.
    """
    wanted = list(dict.fromkeys(parts))
    reader = StalenessReader(catalog, state, config_versions or {})
    binder = Binder(catalog, None, state, partition)
    binder.choose_among(catalog.partitions_def_of(key) for key, _ in wanted)
    reasons: dict[AssetOfWriter, Reason] = {}
    for key, writer in wanted:
        definition = catalog.partitions_def_of(key)
        own = binder.own_of(definition, key.to_user_string())
        if own is None and definition is not None:
            reasons[key, writer] = ASKED_FOR
            continue
        partitions = [None] if own is None else [str(each) for each in own.keys]
        reasons[key, writer] = _reason_of(_first_to_run(reader, key, writer, partitions))
    unchanged = {key for (key, _), reason in reasons.items() if reason is UNCHANGED}
    asked = [check for check in checks or () if check.asset_key in unchanged]
    unsettled = unsettled_checks(catalog, asked, state, binder) if asked else {}
    for check, reason in unsettled.items():
        part = (checks or {})[check]
        if part is not None and catalog.checks[check].spec.blocking:
            reasons[part] = reason
    _spread(catalog, reasons)
    return Reasons(reasons, unsettled)


def _reason_of(status: Staleness) -> Reason:
    if status.status == "MISSING":
        return Reason(code="never-materialized")
    if status.status == "STALE":
        cause = status.causes[0]
        return Reason(code=_CODE_OF[cause.category], detail=cause.detail)
    return UNCHANGED


def _first_to_run(
    reader: StalenessReader, key: AssetKey, writer: str | None, partitions: Sequence[str | None]
) -> Staleness:
    """The status of the first partition that is not fresh, else of any."""
    if writer is None:
        reader.prefetch((key, each) for each in partitions)
    status = Staleness(asset_key=key, status="FRESH")
    for each in partitions:
        status = reader.of(key, each) if writer is None else reader.of_writer(key, writer, each)
        if status.status != "FRESH":
            break
    return status


def _spread(catalog: Catalog, reasons: dict[AssetOfWriter, Reason]) -> None:
    """Lets run what is made together with something that runs, and what is below; each part is looked at once."""
    together = _made_together(catalog, reasons)
    pending = [part for part, reason in reasons.items() if reason.code != "unchanged"]
    while pending:
        part = pending.pop()
        key, writer = part
        computation = catalog.assets[key].computation_of(writer)
        for other in together.pop(computation, ()):
            if reasons[other].code == "unchanged":
                reasons[other] = reasons[part]  # one call makes them all, and this is why it is made
                pending.append(other)
        for child in _parts_below(catalog, key):
            if child in reasons and reasons[child].code == "unchanged":
                reasons[child] = Reason(
                    code="upstream-newer", detail=f"{key.to_user_string()} runs before it"
                )
                pending.append(child)


def _made_together(catalog: Catalog, parts: Iterable[AssetOfWriter]) -> dict[str | None, list[AssetOfWriter]]:
    """The parts of each function that makes several and can not make one of them alone."""
    found: dict[str | None, list[AssetOfWriter]] = {}
    for key, writer in parts:
        name = catalog.assets[key].computation_of(writer)
        if name is not None and not catalog.computations[name].can_subset:
            found.setdefault(name, []).append((key, writer))
    return {name: alike for name, alike in found.items() if len(alike) > 1}


def _parts_below(catalog: Catalog, key: AssetKey) -> Iterator[AssetOfWriter]:
    """What reads an asset: of assets that have writers, those writers."""
    for child in catalog.children_of.get(key, ()):
        node = catalog.assets[child]
        if not node.writers:
            yield child, None
        for each in node.writers:
            if any(dep.asset_key == key for dep in node.spec_of(each.name).deps):
                yield child, each.name
