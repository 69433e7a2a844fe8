"""Random graphs of ops give what calling the functions directly gives."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from treadle import DynamicOut, DynamicOutput, graph, job, op
from treadle.core.op_graph import OpGraph
from treadle.plan.ops import plan_ops


@op
def leaf():
    return 1


@op
def join(xs):
    return (*xs,)


@op
def pair(x, y):
    return [x, y]


@graph
def wrapped(x, y):
    return join([pair(x, y), leaf()])


def direct(shape: list[Any]) -> list[Any]:
    """The values of the nodes of a random graph, without any engine."""
    values: list[Any] = []
    for kind, picked in shape:
        sources = [values[index % len(values)] for index in picked] if values else []
        if not sources:
            values.append(1)
        elif kind == 0:
            values.append((*sources,))
        elif kind == 1:
            values.append([sources[0], sources[-1]])
        else:
            values.append(([sources[0], sources[-1]], 1))
    return values


def composed(shape: list[Any]) -> tuple[Any, list[tuple[str, str]]]:
    """The same graph as a job, and the node of each value."""
    names: list[tuple[str, str]] = []

    @job
    def random_job():
        handles: list[Any] = []
        for number, (kind, picked) in enumerate(shape):
            sources = [handles[index % len(handles)] for index in picked] if handles else []
            name = f"n{number}"
            if not sources:
                handles.append(leaf.alias(name)())
            elif kind == 0:
                unique = list(dict.fromkeys(sources))
                handles.append(join.alias(name)(unique))
            elif kind == 1:
                handles.append(pair.alias(name)(sources[0], sources[-1]))
            else:
                handles.append(wrapped.alias(name)(sources[0], sources[-1]))
            names.append((name, "result"))

    return random_job, names


def unique_picks(shape: list[Any]) -> list[Any]:
    """A list may hold an output only once."""
    found = []
    for number, (kind, picked) in enumerate(shape):
        seen = dict.fromkeys(index % number for index in picked) if number else {}
        found.append((kind, list(seen)))
    return found


shapes = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.integers(0, 20), min_size=1, max_size=4)),
    min_size=1,
    max_size=12,
).map(unique_picks)


@given(shapes)
@settings(max_examples=60, deadline=None)
def test_a_random_graph_gives_what_the_functions_give(shape: list[Any]) -> None:
    random_job, names = composed(shape)
    result = random_job.execute_in_process()
    assert [result.output_for_node(*name) for name in names] == direct(shape)


@given(shapes)
@settings(max_examples=60, deadline=None)
def test_steps_stand_after_all_that_they_wait_for(shape: list[Any]) -> None:
    random_job, _ = composed(shape)
    op_graph: OpGraph = random_job.op_graph
    seen: set[str] = set()
    for step in plan_ops(op_graph, "random_job").steps:
        assert set(step.upstream_step_keys) <= seen
        seen.add(step.key)
    assert seen == set(op_graph.nodes_by_path)


@given(st.lists(st.lists(st.integers(-9, 9), max_size=4), min_size=1, max_size=3), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_random_maps_give_what_comprehensions_give(values: list[list[int]], depth: int) -> None:
    @op
    def inc(x):
        return x + 1

    @job
    def random_maps():
        for number, column in enumerate(values):
            source = op(name=f"src{number}", out=DynamicOut())(spread(column))
            handle = source()
            for level in range(depth):
                handle = handle.map(inc.alias(f"inc{number}_{level}"))
            join.alias(f"join{number}")(handle.collect())

    result = random_maps.execute_in_process()
    for number, column in enumerate(values):
        assert result.output_for_node(f"join{number}") == tuple(value + depth for value in column)


def spread(column: list[int]) -> Any:
    def give():
        for number, value in enumerate(column):
            yield DynamicOutput(value, f"k{number}")

    return give
