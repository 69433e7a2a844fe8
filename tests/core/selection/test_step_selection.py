"""Which ops of a job are chosen by clauses. The rows of facts/runs.json that select ops are here in small."""

import pytest

from treadle.core.errors import InvalidSubsetError
from treadle.core.selection.step_selection import select_steps

STEPS = {"p": [], "q": ["p"], "r": ["q"], "side": [], "graph.inner": ["r"], "each[?]": ["r"]}


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (["p", "side"], ["p", "side"]),
        (["side", "p"], ["p", "side"]),
        (["*q"], ["p", "q"]),
        (["q+"], ["q", "r"]),
        (["q*"], ["q", "r", "graph.inner", "each[?]"]),
        (["p++"], ["p", "q", "r"]),
        (["++r"], ["p", "q", "r"]),
        (["2+r"], ["p", "q", "r"]),
        (["+q+"], ["p", "q", "r"]),
        (["*"], list(STEPS)),
        (["graph.inner"], ["graph.inner"]),
        (["each[?]"], ["each[?]"]),
        ("p, side", ["p", "side"]),
    ],
)
def test_clauses_choose_steps_in_the_jobs_order(selection: list[str] | str, chosen: list[str]) -> None:
    assert select_steps(selection, STEPS) == chosen


def test_an_unknown_step_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidSubsetError, match="a step that does not exist: `sied`") as caught:
        select_steps(["sied"], STEPS)
    assert caught.value.hint == "did you mean `side`?"


@pytest.mark.parametrize("selection", [[], "", ["p q"], ["group:x"]])
def test_what_is_no_clause_is_refused(selection: list[str] | str) -> None:
    with pytest.raises(InvalidSubsetError):
        select_steps(selection, STEPS)


def test_a_chain_of_ten_thousand_steps_is_walked() -> None:
    chain = {f"s{i}": [f"s{i - 1}"] if i else [] for i in range(10_000)}
    assert len(select_steps("*s9999", chain)) == 10_000
