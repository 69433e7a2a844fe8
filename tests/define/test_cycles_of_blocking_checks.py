"""Blocking checks that need what has to wait for them: told when definitions are loaded."""

from collections.abc import Sequence

import pytest

import treadle as dg
from treadle.core.problem import Problem

Z1_OF_A = dg.AssetCheckSpec("z1", asset="a", blocking=True)
Z2_OF_B = dg.AssetCheckSpec("z2", asset="b")


@dg.asset
def a() -> None: ...


@dg.asset(deps=[a])
def b() -> None: ...


@dg.asset(deps=[b])
def c() -> None: ...


def problems_of(*definitions: object) -> Sequence[Problem]:
    return dg.lint(dg.Definitions(assets=[one for one in definitions]))


def only_problem(*definitions: object) -> Problem:
    (problem,) = problems_of(*definitions)
    assert problem.code == "dependency-cycle"
    assert problem.severity == "error"
    assert problem.asset_key == dg.AssetKey("a")
    assert problem.where is not None
    assert "test_cycles_of_blocking_checks.py:" in problem.where
    return problem


def checks_in_one(*specs: dg.AssetCheckSpec, can_subset: bool) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(name="mc", specs=specs, can_subset=can_subset)
    def evaluate(): ...

    return evaluate


def test_a_function_that_cannot_be_split_is_refused() -> None:
    problem = only_problem(a, b, checks_in_one(Z1_OF_A, Z2_OF_B, can_subset=False))
    assert problem.message == (
        "`b` waits for the blocking check `z1` of `a`, but `mc`, which evaluates it, needs `b`: mc -> b -> mc"
    )
    assert "parts of `mc` (`can_subset=True`)" in problem.suggestion
    assert "make `z1` not blocking" in problem.suggestion


def test_no_run_starts_then() -> None:
    with pytest.raises(dg.DefinitionsError, match="waits for the blocking check"):
        dg.materialize([a, b, checks_in_one(Z1_OF_A, Z2_OF_B, can_subset=False)], selection=[a])


def test_a_blocking_check_that_needs_what_waits_for_it_is_refused() -> None:
    @dg.asset_check(asset="a", blocking=True, additional_deps=["c"])
    def k(): ...

    problem = only_problem(a, b, c, k)
    assert "needs `c`: a_k -> b -> c -> a_k" in problem.message
    assert problem.suggestion == "make `k` not blocking, or let it not need `c`"


def test_splitting_does_not_help_a_check_that_needs_what_waits_for_it() -> None:
    needs_b = dg.AssetCheckSpec("z1", asset="a", blocking=True, additional_deps=["b"])
    problem = only_problem(a, b, checks_in_one(needs_b, Z2_OF_B, can_subset=True))
    assert "a:z1 -> b -> a:z1" in problem.message
    assert "can_subset" not in problem.suggestion


def test_a_function_that_makes_what_a_blocking_check_needs_and_what_waits_for_it_is_refused() -> None:
    @dg.multi_asset(specs=[dg.AssetSpec("x"), dg.AssetSpec("y", deps=["a"])])
    def m(): ...

    @dg.asset_check(asset="a", blocking=True, additional_deps=["x"])
    def k(): ...

    assert "parts of `m` (`can_subset=True`)" in only_problem(a, m, k).suggestion


def test_a_circle_of_assets_is_told_once() -> None:
    @dg.asset(name="a", deps=["c"])
    def first() -> None: ...

    @dg.asset_check(asset="a", blocking=True, additional_deps=["z"])
    def k(): ...

    @dg.asset
    def z() -> None: ...

    (problem,) = problems_of(first, b, c, z, k)
    assert problem.message == "assets depend on each other in a circle: a -> b -> c -> a"


@pytest.mark.parametrize("can_subset", [True, False])
def test_functions_whose_checks_can_be_evaluated_in_time_are_fine(can_subset: bool) -> None:
    last_blocks = [dg.AssetCheckSpec("z1", asset="a"), dg.AssetCheckSpec("z2", asset="b", blocking=True)]
    assert problems_of(a, b, c, checks_in_one(*last_blocks, can_subset=can_subset)) == []
    none_blocks = [dg.AssetCheckSpec("z1", asset="a"), dg.AssetCheckSpec("z2", asset="b")]
    assert problems_of(a, b, c, checks_in_one(*none_blocks, can_subset=can_subset)) == []


def test_a_function_that_can_be_split_is_fine() -> None:
    assert problems_of(a, b, c, checks_in_one(Z1_OF_A, Z2_OF_B, can_subset=True)) == []


def test_the_blocking_check_of_a_function_on_its_own_asset_may_be_about_what_it_makes_next() -> None:
    @dg.multi_asset(
        specs=[dg.AssetSpec("x"), dg.AssetSpec("y", deps=["x"])],
        check_specs=[dg.AssetCheckSpec("q", asset="x", blocking=True)],
    )
    def m(): ...

    @dg.asset_check(asset="x", blocking=True, additional_deps=["y"])
    def k(): ...

    assert problems_of(m, k) == []
