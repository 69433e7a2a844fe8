"""`materialize` with a selection that names nothing."""

from typing import Any

import pytest

import treadle as dg
from treadle.core.errors import InvariantViolationError


@dg.asset
def orders() -> int:
    return 1


@pytest.mark.parametrize(
    "selection",
    [
        dg.AssetSelection.assets(),
        dg.AssetSelection.groups("nobody"),
        dg.AssetSelection.assets(orders) - dg.AssetSelection.assets(orders),
        "group:nobody",
    ],
    ids=["no-assets", "no-group", "difference", "text"],
)
def test_a_run_of_nothing_succeeds_and_is_warned_of(selection: Any) -> None:
    instance = dg.DagsterInstance.ephemeral()
    with pytest.warns(UserWarning, match="names no asset and no check") as caught:
        result = dg.materialize([orders], selection=selection, instance=instance)
    assert caught[0].filename == __file__
    assert result.success
    assert not instance.get_latest_materialization_event(dg.AssetKey("orders"))
    run = instance.get_run_by_id(result.run_id)
    assert run is not None and run.asset_selection == frozenset()


def test_a_selection_of_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(InvariantViolationError, match="no asset or check that could run"):
        dg.materialize([orders, dg.AssetSpec("raw")], selection=["raw"])
    with pytest.raises(dg.DagsterInvalidSubsetError):
        dg.materialize([orders], selection=[])
