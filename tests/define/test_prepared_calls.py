"""Ops prepared with an alias or hooks, assets called in graphs, and hooks called directly."""

import warnings
from collections.abc import Callable

import pytest

import treadle as dg


@dg.op
def one():
    return 1


@dg.op
def double(number):
    return 2 * number


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

    @dg.graph
    def doubled():
        return double(orders())

    assert doubled.execute_in_process().output_value() == 10
    assert orders() == 5


def test_an_output_that_is_taken_apart_is_refused() -> None:
    with pytest.raises(dg.InvariantViolationError, match="was iterated over"):

        @dg.graph
        def apart():
            _first, _second = one()


def test_a_hook_takes_its_context_and_nothing_else() -> None:
    with pytest.raises(dg.InvalidDefinitionError, match="takes nothing"):

        @dg.success_hook
        def none(): ...

    with pytest.raises(dg.InvalidDefinitionError, match="`events`"):

        @dg.failure_hook
        def two(context, events): ...


def test_a_hook_called_directly_needs_its_context_and_resources() -> None:
    seen = []

    @dg.success_hook(required_resource_keys={"chat"})
    def tell(context):
        seen.append(context.resources.chat)

    tell(dg.build_hook_context(resources={"chat": "here"}))

    assert seen == ["here"]
    with pytest.raises(dg.InvalidInvocationError, match="takes `context`"):
        tell()
    with pytest.raises(dg.InvalidInvocationError, match="takes `context`"):
        tell(contxt=None)
    with pytest.raises(dg.InvalidDefinitionError, match="`chat`"):
        tell(None)


def test_a_resource_key_of_a_job_is_a_python_name() -> None:
    with pytest.raises(dg.UnfitValueError, match="`my-chat`"):

        @dg.job(resource_defs={"my-chat": 1})
        def chats():
            one()
