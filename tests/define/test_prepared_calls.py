"""Ops prepared with an alias or hooks, and assets called in graphs."""

import warnings
from collections.abc import Callable

import treadle as dg
from tests.define.small_ops import double, one


def user_warnings(define: Callable[[], object]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        define()
    return [str(each.message) for each in caught if each.category is UserWarning]


def test_an_op_that_is_prepared_and_never_called_is_warned_of_once() -> None:
    def forgets() -> None:
        @dg.job
        def forgetful():
            first = one.alias("first")
            first.tag({"team": "sales"}).with_hooks(set())
            one.alias("second")

    found = user_warnings(forgets)

    assert len(found) == 2
    assert "`one` as `first`" in found[0] and "`one` as `second`" in found[1]


def test_an_op_that_is_prepared_and_called_is_not_warned_of() -> None:
    def calls() -> None:
        @dg.job
        def careful():
            double.alias("twice").tag({"team": "sales"}).with_hooks(set())(one.with_retry_policy(None)())

    assert user_warnings(calls) == []


def test_an_asset_called_in_a_graph_is_a_node_of_it() -> None:
    @dg.asset
    def orders():
        return 5

    @dg.asset
    def total(orders):
        return orders + 1

    @dg.graph
    def doubled():
        return double(total(orders()))

    assert doubled.execute_in_process().output_value() == 12
    assert total(orders()) == 6
