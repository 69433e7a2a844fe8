"""Graphs given by dependencies, without composition; all mistakes are told at once."""

from typing import Any

import pytest

from treadle import (
    DependencyDefinition,
    GraphDefinition,
    InputMapping,
    InvalidDefinitionError,
    MultiDependencyDefinition,
    NodeInvocation,
    OutputMapping,
    op,
)


@op
def one():
    return 1


@op
def inc(x):
    return x + 1


@op
def add(x, y):
    return x + y


@op
def listed(xs):
    return list(xs)


def test_a_graph_by_dependencies_runs_like_a_composed_one() -> None:
    found = GraphDefinition(
        "found",
        node_defs=[one, inc, add],
        dependencies={
            NodeInvocation("inc", alias="next"): {"x": DependencyDefinition("one")},
            "add": {"x": DependencyDefinition("next"), "y": DependencyDefinition("one")},
        },
        output_mappings=[OutputMapping("total", "add")],
    )
    assert found.execute_in_process().output_value("total") == 3


def test_a_list_of_dependencies_keeps_its_order() -> None:
    found = GraphDefinition(
        "found",
        node_defs=[one, inc, listed],
        dependencies={
            "inc": {"x": DependencyDefinition("one")},
            "listed": {
                "xs": MultiDependencyDefinition([DependencyDefinition("inc"), DependencyDefinition("one")])
            },
        },
    )
    assert found.execute_in_process().output_for_node("listed") == [2, 1]


def test_an_input_mapping_takes_values_from_outside() -> None:
    found = GraphDefinition(
        "found",
        node_defs=[inc],
        input_mappings=[InputMapping("x", "inc", "x")],
        output_mappings=[OutputMapping("result", "inc")],
    )
    assert found.execute_in_process(input_values={"x": 4}).output_value() == 5


def mistakes(**arguments: Any) -> Any:
    with pytest.raises(InvalidDefinitionError) as caught:
        GraphDefinition("found", **arguments)
    return caught.value


def test_all_mistakes_are_told_at_once_with_what_was_meant() -> None:
    error = mistakes(
        node_defs=[one, inc, add],
        dependencies={
            "inc": {"xx": DependencyDefinition("one")},
            "add": {"x": DependencyDefinition("onne"), "y": DependencyDefinition("one", "resul")},
        },
    )
    text = error.message
    assert "3 problems" in text
    assert "no input `xx`" in text
    assert "did you mean `one`" in text
    assert "output `resul` of `one`" in text
    assert error.where and "test_graph_definitions.py" in error.where


def test_a_circle_is_spelt_out() -> None:
    error = mistakes(
        node_defs=[inc, add],
        dependencies={
            "inc": {"x": DependencyDefinition("add")},
            "add": {"x": DependencyDefinition("inc"), "y": DependencyDefinition("inc")},
        },
    )
    assert error.code == "dependency-cycle"
    assert "inc" in error.message
    assert "add" in error.message


def test_a_name_taken_twice_and_an_unknown_node_are_refused() -> None:
    twice = mistakes(node_defs=[one], dependencies={"one": {}, NodeInvocation("one"): {}, "on": {}})
    assert "`on`" in twice.message
    assert "one" in twice.hint
    again = mistakes(node_defs=[one, inc], dependencies={"one": {}, NodeInvocation("inc", alias="one"): {}})
    assert again.code == "duplicate-key"


def test_one_output_twice_in_a_list_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="twice"):
        MultiDependencyDefinition([DependencyDefinition("one"), DependencyDefinition("one")])
