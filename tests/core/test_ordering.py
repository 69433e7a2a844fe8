"""Levels and circles of a graph, against what they say of any graph."""

from hypothesis import given
from hypothesis import strategies as st

from treadle.core.ordering import circles, levels_of

graphs = st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=4), max_size=8).map(
    lambda given: {node: [each for each in above if each in given] for node, above in given.items()}
)


def reaches(above: dict[int, list[int]], node: int) -> set[int]:
    found: set[int] = set()
    pending = list(above[node])
    while pending:
        each = pending.pop()
        if each not in found:
            found.add(each)
            pending += above[each]
    return found


@given(graphs)
def test_each_node_stands_one_level_below_the_lowest_that_it_needs(above: dict[int, list[int]]) -> None:
    level_of = {node: number for number, level in enumerate(levels_of(above)) for node in level}
    for node, number in level_of.items():
        assert number == max((level_of[each] + 1 for each in above[node]), default=0)
    on_circles = {node for node in above if node in reaches(above, node)}
    assert above.keys() - level_of.keys() == {
        node for node in above if node in on_circles or reaches(above, node) & on_circles
    }


@given(graphs)
def test_circles_are_circles_and_are_found_where_there_are_some(above: dict[int, list[int]]) -> None:
    found = list(circles(above))
    for circle in found:
        for parent, child in zip(circle, [*circle[1:], circle[0]], strict=True):
            assert parent in above[child]
    assert bool(found) == any(node in reaches(above, node) for node in above)
    assert bool(found) == (sum(map(len, levels_of(above))) < len(above))
