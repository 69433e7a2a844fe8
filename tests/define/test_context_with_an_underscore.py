"""`context_` names the context of every kind of function, as `context` does."""

import pytest

import treadle as dg
from tests.define.small_ops import one


@dg.op
def echo(context_, x):
    return type(context_).__name__, x


@dg.asset
def orders(context_):
    return context_.asset_key.to_user_string()


@dg.multi_asset(specs=[dg.AssetSpec("customers")])
def people(context_):
    assert context_.op_execution_context is not None


@dg.multi_asset_check(specs=[dg.AssetCheckSpec("fresh", asset="orders")])
def checks(context_):
    assert context_.run_id
    yield dg.AssetCheckResult(passed=True, check_name="fresh", asset_key="orders")


def test_an_op_has_it_in_a_run_and_in_a_direct_call():
    @dg.job
    def numbers():
        echo(one())

    assert numbers.execute_in_process().output_for_node("echo") == ("OpExecutionContext", 1)
    assert echo(dg.build_op_context(), 3) == ("OpExecutionContext", 3)


def test_assets_and_checks_have_it():
    result = dg.materialize([orders, people, checks])
    assert result.success and result.output_for_node("orders") == "orders"


@pytest.mark.parametrize("asset", [orders, people], ids=["asset", "multi_asset"])
def test_it_is_no_dependency(asset):
    assert not set(asset.dependency_keys)
