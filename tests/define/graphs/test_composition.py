"""Calling ops inside `@graph` and `@job`: names, outputs, and what is refused, with what was meant."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from treadle import (
    DynamicOut,
    DynamicOutput,
    GraphIn,
    GraphOut,
    InvalidDefinitionError,
    InvariantViolationError,
    Out,
    PendingNodeInvocation,
    graph,
    job,
    op,
)


@op
def one() -> int:
    return 1


@op
def inc(x):
    return x + 1


@op
def add(x, y):
    return x + y


@op(out=DynamicOut())
def many():
    yield DynamicOutput(1, "a")
    yield DynamicOutput(2, "b")


def step_keys(found: Any) -> list[str]:
    return [node.path for node in found.op_graph.nodes]


def test_a_second_call_of_an_op_gets_a_number() -> None:
    @job
    def numbers():
        inc(inc(inc(one())))

    assert step_keys(numbers) == ["one", "inc", "inc_2", "inc_3"]
    assert numbers.execute_in_process().output_for_node("inc_3") == 4


def test_ops_in_graphs_in_graphs_have_paths() -> None:
    @graph
    def inner(x):
        return inc(inc.alias("first")(x))

    @graph
    def outer():
        return inner.alias("second")(one())

    found = outer.to_job(name="found").execute_in_process()
    assert found.output_for_node("second.inc") == 3
    assert found.output_for_node("second") == 3
    assert found.output_value() == 3


def test_several_outputs_come_as_a_named_tuple() -> None:
    @op(out={"low": Out(int), "high": Out(int)})
    def both():
        return 1, 10

    @graph(out={"sum": GraphOut(), "high": GraphOut("the larger")})
    def sums():
        found = both()
        return {"sum": add(found.low, y=found.high), "high": found.high}

    done = sums.execute_in_process()
    assert (done.output_value("sum"), done.output_value("high")) == (11, 10)
    assert sums.outs["high"].description == "the larger"


def test_a_pending_call_keeps_alias_tags_and_hooks() -> None:
    pending = inc.alias("next").tag({"team": "sales"})
    assert isinstance(pending, PendingNodeInvocation)
    assert (pending.name, pending.tags) == ("next", {"team": "sales"})

    @job
    def numbers():
        pending(one())

    (computation,) = [n.computation for n in numbers.op_graph.nodes if n.path == "next"]
    assert computation.tags == {"team": "sales"}


def refused(define: Callable[[], Any], kind: type[Exception] = InvalidDefinitionError) -> Any:
    with pytest.raises(kind) as caught:
        define()
    return caught.value


def test_a_constant_is_refused_with_what_to_do() -> None:
    def define():
        @job
        def numbers():
            inc(1)

    error = refused(define)
    assert "a value of type int to input `x` of `inc`" in error.message
    assert "config" in error.hint
    assert error.where and "test_composition.py" in error.where


def test_an_unknown_input_is_told_with_the_nearest() -> None:
    def define():
        @job
        def numbers():
            add(one(), yy=one())

    assert "y" in refused(define).hint


def test_too_many_values_an_alias_taken_twice_and_an_op_that_is_not_called_are_refused() -> None:
    def too_many():
        @job
        def numbers():
            inc(one(), one())

    def twice():
        @job
        def numbers():
            inc.alias("a")(one.alias("a")())

    def uncalled():
        @job
        def numbers():
            inc(one)

    assert "takes 1 (x)" in refused(too_many).message
    assert refused(twice).code == "duplicate-key"
    assert "call it: `one()`" in refused(uncalled).hint


def test_two_different_ops_of_one_name_are_refused() -> None:
    def define():
        @op(name="inc")
        def other(x):
            return x

        @job
        def numbers():
            inc(other(one()))

    assert "two different ops" in refused(define).message


def test_a_dynamic_output_must_be_mapped_or_collected() -> None:
    def as_it_is():
        @job
        def numbers():
            inc(many())

    def not_dynamic():
        @job
        def numbers():
            one().map(inc)

    assert "`.map(…)`" in refused(as_it_is).hint
    assert "DynamicOut()" in refused(not_dynamic).hint


def test_an_op_cannot_be_mapped_over_two_dynamic_outputs() -> None:
    def define():
        @job
        def numbers():
            first, second = many(), many.alias("others")()
            first.map(lambda x: second.map(lambda y: add(x, y)))

    error = refused(define)
    assert "more than one dynamic output" in error.message
    assert "collect one of them first" in error.hint


def test_an_input_of_a_graph_that_goes_nowhere_is_refused() -> None:
    def define():
        @graph
        def numbers(unused):
            one()

    assert "its input `unused` goes to no op" in refused(define).message


def test_undeclared_and_missing_outputs_of_a_graph_are_refused() -> None:
    def wrong():
        @graph(out={"total": GraphOut()})
        def numbers():
            return {"totl": one()}

    def missing():
        @graph(out={"total": GraphOut()})
        def numbers():
            one()

    def unknown_input():
        @graph(ins={"z": GraphIn()})
        def numbers(x):
            return inc(x)

    assert "total" in refused(wrong).hint
    assert "returns nothing" in refused(missing).message
    assert "is no parameter" in refused(unknown_input).message


def test_a_condition_on_an_output_is_warned_of() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")

        @job
        def numbers():
            if one():
                one.alias("two")()

    assert "always true" in str(told[0].message)


def test_an_input_that_nothing_can_give_is_told_at_definition_with_its_place() -> None:
    class Frame:
        pass

    @op
    def load(frame: Frame):
        return frame

    def define():
        @job
        def numbers():
            load()

    error = refused(define)
    assert "input `frame` of `load` can get no value" in error.message
    assert error.where and "test_composition.py" in error.where


def test_graphs_and_jobs_are_not_called_like_functions() -> None:
    @graph
    def numbers():
        one()

    assert "execute_in_process" in refused(numbers, InvariantViolationError).hint
    assert "execute_in_process" in refused(numbers.to_job(), InvariantViolationError).hint


def test_an_op_is_called_like_a_function_outside_of_graphs() -> None:
    assert inc(2) == 3
    assert inc.alias("next")(x=2) == 3
