"""What changed since each asset last ran: the reasons that stand beside the steps, and what may be left out."""

from collections.abc import Iterable

from treadle.core.catalog import Catalog
from treadle.core.keys import AssetKey
from treadle.core.ports import StateReader
from treadle.plan.plan import Reason, ReasonCode
from treadle.plan.staleness import Category, StalenessReader

_CODE_OF: dict[Category, ReasonCode] = {
    "CODE": "code-version-changed",
    "DATA": "data-version-changed",
    "DEPENDENCIES": "dependencies-changed",
}

UNCHANGED = Reason(code="unchanged", detail="code version and inputs are as they were")


def reasons_to_run(
    catalog: Catalog, keys: Iterable[AssetKey], state: StateReader, partition_key: str | None = None
) -> dict[AssetKey, Reason]:
    """Why each of `keys` would run now; `unchanged` where nothing asks for it.

    An asset below one that runs in the same plan is `upstream-newer`: what it reads will be new.
    """
    wanted = list(dict.fromkeys(keys))
    reader = StalenessReader(catalog, state)
    reasons: dict[AssetKey, Reason] = {}
    for key in wanted:
        status = reader.of(key, partition_key)
        if status.status == "MISSING":
            reasons[key] = Reason(code="never-materialized")
        elif status.status == "STALE":
            cause = status.causes[0]
            reasons[key] = Reason(code=_CODE_OF[cause.category], detail=cause.detail)
        else:
            reasons[key] = UNCHANGED
    _spread_downstream(catalog, reasons)
    return reasons


def _spread_downstream(catalog: Catalog, reasons: dict[AssetKey, Reason]) -> None:
    pending = [key for key, reason in reasons.items() if reason.code != "unchanged"]
    while pending:
        key = pending.pop()
        for child in catalog.children_of.get(key, ()):
            if child in reasons and reasons[child].code == "unchanged":
                reasons[child] = Reason(
                    code="upstream-newer", detail=f"{key.to_user_string()} runs before it"
                )
                pending.append(child)
