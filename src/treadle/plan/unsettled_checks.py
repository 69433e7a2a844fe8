"""Checks that are asked again although their assets did not change: what they say is missing, or stops what reads those."""

from collections.abc import Iterable, Mapping
from typing import Any

from treadle.core.catalog import Catalog
from treadle.core.keys import AssetCheckKey
from treadle.core.ports import StateReader
from treadle.plan.partitions import Binder
from treadle.plan.plan import Reason


def unsettled_checks(
    catalog: Catalog, checks: Iterable[AssetCheckKey], state: StateReader, binder: Binder
) -> Mapping[AssetCheckKey, Reason]:
    """Why each check that is not settled would be evaluated.

    One is settled that was evaluated since its asset was made, and does not hold up what reads it: it passed, it only
    warns, or it is not blocking.
    """
    verdicts = state.check_verdicts((key, _partitions_of(key, catalog, binder)) for key in checks)
    unsettled: dict[AssetCheckKey, Reason] = {}
    for key, verdict in verdicts.items():
        asset = key.asset_key.to_user_string()
        if verdict == "not-evaluated":
            detail = f"`{key.name}` was not evaluated since `{asset}` was made"
            unsettled[key] = Reason(code="check-not-evaluated", detail=detail)
        elif verdict == "failed" and catalog.checks[key].spec.blocking:
            detail = f"`{key.name}` failed, and nothing that reads `{asset}` runs until it passes"
            unsettled[key] = Reason(code="check-failed", detail=detail)
    return unsettled


def _partitions_of(key: AssetCheckKey, catalog: Catalog, binder: Binder) -> Any:
    own = binder.own_of(catalog.partitions_def_of(key.asset_key), key.asset_key.to_user_string())
    return None if own is None else own.keys
