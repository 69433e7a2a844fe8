"""What changed since each asset last ran: the reasons that stand beside the steps, and what may be left out."""

from collections.abc import Iterable, Mapping, Sequence

from treadle.core.catalog import Catalog
from treadle.core.keys import AssetKey
from treadle.core.ports import StateReader
from treadle.plan.partitions import Binder, RunPartition
from treadle.plan.plan import Reason, ReasonCode
from treadle.plan.staleness import Category, Staleness, StalenessReader

_CODE_OF: dict[Category, ReasonCode] = {
    "CODE": "code-version-changed",
    "CONFIG": "config-changed",
    "DATA": "data-version-changed",
    "DEPENDENCIES": "dependencies-changed",
    "WRITER": "never-materialized",
}

Reasons = Mapping[tuple[AssetKey, str | None], Reason]
"""(asset, writer or None) -> why it would run."""

UNCHANGED = Reason(code="unchanged", detail="code version, config and inputs are as they were")


def reasons_to_run(
    catalog: Catalog,
    keys: Iterable[tuple[AssetKey, str | None]],
    state: StateReader,
    partition: RunPartition | None = None,
    config_versions: Mapping[str, str] | None = None,
) -> dict[tuple[AssetKey, str | None], Reason]:
    """Why each of `keys` (an asset, and which of its writers) would run now; `unchanged` where nothing asks for it.

    An asset below one that runs in the same plan is `upstream-newer`: what it reads will be new. Of a range of
    partitions all run where one asks for it.

    Args:
        config_versions: computation -> what stands for its config in this run (see `versions_of_configs`).
    """
    wanted = list(dict.fromkeys(keys))
    reader = StalenessReader(catalog, state, config_versions or {})
    binder = Binder(catalog, None, state, partition)
    binder.choose_among(catalog.partitions_def_of(key) for key, _ in wanted)
    reasons: dict[tuple[AssetKey, str | None], Reason] = {}
    for key, writer in wanted:
        own = binder.own_of(catalog.partitions_def_of(key), key.to_user_string())
        partitions = [None] if own is None else [str(each) for each in own.keys]
        status = _first_to_run(reader, key, writer, partitions)
        if status.status == "MISSING":
            reasons[key, writer] = Reason(code="never-materialized")
        elif status.status == "STALE":
            cause = status.causes[0]
            reasons[key, writer] = Reason(code=_CODE_OF[cause.category], detail=cause.detail)
        else:
            reasons[key, writer] = UNCHANGED
    _spread_downstream(catalog, reasons)
    return reasons


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


def _spread_downstream(catalog: Catalog, reasons: dict[tuple[AssetKey, str | None], Reason]) -> None:
    pending = [key for (key, _), reason in reasons.items() if reason.code != "unchanged"]
    while pending:
        key = pending.pop()
        for child in catalog.children_of.get(key, ()):
            node = catalog.assets[child]
            writers: list[str | None] = [each.name for each in node.writers]
            for writer in writers or [None]:
                reason = reasons.get((child, writer))
                if reason is None or reason.code != "unchanged":
                    continue
                if writer is not None and all(dep.asset_key != key for dep in node.spec_of(writer).deps):
                    continue
                reasons[child, writer] = Reason(
                    code="upstream-newer", detail=f"{key.to_user_string()} runs before it"
                )
                pending.append(child)
