"""Arguments of a wrong type are refused at the definition, with its place."""

import warnings
from typing import Any

import pytest

import treadle as dg
from treadle.core.errors import InvalidArgumentError, TreadleError

WRONG = [
    {"partitions_def": "daily"},
    {"backfill_policy": "x"},
    {"compute_kind": 5},
    {"pool": 5},
    {"config_schema": 5},
    {"output_required": "no"},
    {"dagster_type": 5},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: next(iter(wrong)))
def test_an_asset_refuses_it(wrong: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(TreadleError) as raised:

            @dg.asset(**wrong)
            def a() -> None: ...

    assert "test_argument_types.py" in (raised.value.where or "")


@pytest.mark.parametrize("wrong", WRONG[:5], ids=lambda wrong: next(iter(wrong)))
def test_a_multi_asset_refuses_it(wrong: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(TreadleError) as raised:

            @dg.multi_asset(outs={"x": dg.AssetOut(), "y": dg.AssetOut()}, **wrong)
            def m() -> None: ...

    assert "test_argument_types.py" in (raised.value.where or "")


@pytest.mark.parametrize("wrong", WRONG[:2], ids=lambda wrong: next(iter(wrong)))
def test_a_graph_asset_refuses_it(wrong: dict[str, Any]) -> None:
    @dg.op
    def one() -> int:
        return 1

    with pytest.raises(TreadleError) as raised:

        @dg.graph_asset(**wrong)
        def g() -> Any:
            return one()

    assert "test_argument_types.py" in (raised.value.where or "")


def test_a_spec_refuses_partitions_that_are_none() -> None:
    with pytest.raises(InvalidArgumentError, match="partitions_def"):
        dg.AssetSpec("a", partitions_def="daily")


def test_an_output_of_several_refuses_what_is_no_type() -> None:
    with pytest.raises(TreadleError, match="not a type"):

        @dg.multi_asset(outs={"x": dg.AssetOut(dagster_type=5)})
        def m() -> None: ...
