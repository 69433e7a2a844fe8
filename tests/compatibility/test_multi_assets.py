"""Multi-assets declared by specs: what counts as done, and what is stored. Observed at the peer, stated as plain facts."""

from typing import Any

import pytest

import treadle as dg
from tests.compatibility.told import kinds

SPECS = [dg.AssetSpec("a"), dg.AssetSpec("b")]
NOTHING_STORED = [
    "PIPELINE_START",
    "STEP_START",
    "STEP_OUTPUT",
    "ASSET_MATERIALIZATION",
    "STEP_OUTPUT",
    "ASSET_MATERIALIZATION",
    "STEP_SUCCESS",
    "PIPELINE_SUCCESS",
]


def test_returning_none_makes_all_assets_of_the_specs() -> None:
    @dg.multi_asset(specs=SPECS)
    def load() -> Any:
        return None

    assert kinds(dg.materialize([load])) == NOTHING_STORED


def test_a_single_spec_whose_function_returns_none_stores_nothing() -> None:
    @dg.multi_asset(specs=SPECS[:1])
    def load() -> Any:
        return None

    assert "HANDLED_OUTPUT" not in kinds(dg.materialize([load]))


def test_specs_that_a_generator_does_not_yield_are_made_all_the_same() -> None:
    @dg.multi_asset(specs=SPECS)
    def load() -> Any:
        yield dg.MaterializeResult(asset_key="b")

    assert kinds(dg.materialize([load])) == NOTHING_STORED


def test_of_a_subsettable_multi_asset_only_what_is_yielded_is_made() -> None:
    @dg.multi_asset(specs=SPECS, can_subset=True)
    def load() -> Any:
        yield dg.MaterializeResult(asset_key="b")

    result = dg.materialize([load])
    made = [event.asset_key for event in result.get_asset_materialization_events()]
    assert result.success
    assert made == [dg.AssetKey("b")]


def test_one_returned_result_does_not_stand_for_the_others() -> None:
    @dg.multi_asset(specs=SPECS)
    def load() -> Any:
        return dg.MaterializeResult(asset_key="a")

    with pytest.raises(dg.DagsterStepOutputNotFoundError):
        dg.materialize([load])


def test_none_is_no_tuple_of_values_for_outs() -> None:
    @dg.multi_asset(outs={"a": dg.AssetOut(), "b": dg.AssetOut()})
    def load() -> Any:
        return None

    with pytest.raises(dg.DagsterInvariantViolationError):
        dg.materialize([load])
