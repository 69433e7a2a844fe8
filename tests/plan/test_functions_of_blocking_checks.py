"""Functions that check several assets, where a blocking check of one comes before another is made: they run in parts."""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

import treadle as dg
from treadle.core.catalog import Catalog
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.plan.plan import Plan

Z1_OF_A = dg.AssetCheckSpec("z1", asset="a", blocking=True)
Z2_OF_B = dg.AssetCheckSpec("z2", asset="b", blocking=True)
Z3_OF_C = dg.AssetCheckSpec("z3", asset="c")


def an_asset(name: str, *deps: str) -> dg.AssetsDefinition:
    @dg.asset(name=name, deps=list(deps))
    def make() -> None: ...

    return make


def checks_in_one(name: str, *specs: dg.AssetCheckSpec, can_subset: bool = True) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(name=name, specs=specs, can_subset=can_subset)
    def evaluate(): ...

    return evaluate


CHAIN = [an_asset("a"), an_asset("b", "a"), an_asset("c", "b")]


def catalog_of(*definitions: object) -> Catalog:
    return build_code(assets=definitions).catalog


def plan_of(catalog: Catalog, names: Iterable[str] = (), checks: Sequence[str] | None = None) -> Plan:
    keys = [AssetKey(name) for name in names] or list(catalog.assets)
    wanted = None if checks is None else [AssetCheckKey.from_user_string(text) for text in checks]
    return plan_assets(catalog, keys, wanted)


def steps_of(plan: Plan) -> list[tuple[str, list[str]]]:
    """Each step with the checks that it evaluates."""
    return [(step.key, [check.name for check in step.check_keys]) for step in plan.steps]


def test_a_blocking_check_comes_before_what_its_own_function_checks_next() -> None:
    plan = plan_of(catalog_of(*CHAIN, checks_in_one("mc", Z1_OF_A, Z2_OF_B, Z3_OF_C)))

    assert steps_of(plan) == [
        ("a", []),
        ("mc", ["z1"]),
        ("b", []),
        ("mc_2", ["z2"]),
        ("c", []),
        ("mc_3", ["z3"]),
    ]
    blocked = {step.key: [by for by, _ in step.blocked_by] for step in plan.steps}
    assert blocked == {"a": [], "mc": [], "b": ["mc"], "mc_2": [], "c": ["mc_2"], "mc_3": []}


def test_checks_that_can_be_evaluated_together_are() -> None:
    z0, z3 = dg.AssetCheckSpec("z0", asset="a"), dg.AssetCheckSpec("z3", asset="b2")
    plan = plan_of(catalog_of(*CHAIN[:2], an_asset("b2", "a"), checks_in_one("mc", Z1_OF_A, z0, Z2_OF_B, z3)))

    assert steps_of(plan) == [("a", []), ("mc", ["z1", "z0"]), ("b", []), ("b2", []), ("mc_2", ["z2", "z3"])]


def test_checks_of_which_none_is_waited_for_stay_one_step() -> None:
    z1 = dg.AssetCheckSpec("z1", asset="a")
    blocks_nothing = checks_in_one("mc", z1, Z2_OF_B)
    assert steps_of(plan_of(catalog_of(*CHAIN[:2], blocks_nothing))) == [
        ("a", []),
        ("b", []),
        ("mc", ["z1", "z2"]),
    ]

    no_subset = checks_in_one("mc", z1, Z2_OF_B, can_subset=False)
    assert steps_of(plan_of(catalog_of(*CHAIN, no_subset))) == [
        ("a", []),
        ("b", []),
        ("mc", ["z1", "z2"]),
        ("c", []),
    ]


def test_what_was_not_asked_for_makes_no_parts() -> None:
    catalog = catalog_of(*CHAIN, checks_in_one("mc", Z1_OF_A, Z2_OF_B))

    assert steps_of(plan_of(catalog, ["a"])) == [("a", []), ("mc", ["z1"])]
    assert steps_of(plan_of(catalog, ["a", "b"], ["a:z1"])) == [("a", []), ("mc", ["z1"]), ("b", [])]
    assert steps_of(plan_of(catalog, ["a", "b"], ["b:z2"])) == [("a", []), ("b", []), ("mc", ["z2"])]
    assert steps_of(plan_assets(catalog, [], list(catalog.checks))) == [("mc", ["z1", "z2"])]


def test_a_part_waits_for_the_other_assets_that_its_own_checks_read() -> None:
    z1 = dg.AssetCheckSpec("z1", asset="a", blocking=True, additional_deps=["u"])
    plan = plan_of(catalog_of(an_asset("u"), *CHAIN[:2], checks_in_one("mc", z1, Z2_OF_B)))

    after = {step.key: [key for key, _ in step.after] for step in plan.steps}
    assert after == {"a": [], "u": [], "mc": ["a", "u"], "b": ["a"], "mc_2": ["b"]}


def test_an_input_that_is_of_no_check_in_particular_comes_before_every_part() -> None:
    @dg.asset(deps=["far_2"])
    def rules() -> int:
        return 1

    @dg.multi_asset_check(specs=[Z1_OF_A, Z2_OF_B], can_subset=True, ins={"rules": dg.AssetIn("rules")})
    def mc(rules): ...

    plan = plan_of(catalog_of(an_asset("far_1"), an_asset("far_2", "far_1"), rules, *CHAIN[:2], mc))
    after = {step.key: [key for key, _ in step.after] for step in plan.steps}
    assert after["mc"] == ["a", "rules"]
    assert after["mc_2"] == ["b", "rules"]


def test_two_functions_that_need_each_other_take_turns() -> None:
    m1 = checks_in_one("m1", Z1_OF_A, dg.AssetCheckSpec("z2", asset="d"))
    m2 = checks_in_one(
        "m2", dg.AssetCheckSpec("y1", asset="c", blocking=True), dg.AssetCheckSpec("y2", asset="b")
    )
    plan = plan_of(catalog_of(*CHAIN[:2], an_asset("c"), an_asset("d", "c"), m1, m2))

    assert_order_holds(plan)
    assert [step.key for step in plan.steps] == ["a", "c", "m1", "b", "m2", "d", "m1_2"]


def test_a_function_that_makes_assets_is_split_around_a_blocking_check() -> None:
    @dg.multi_asset(specs=[dg.AssetSpec("x"), dg.AssetSpec("b", deps=["a"])], can_subset=True)
    def m(): ...

    @dg.asset_check(asset="a", blocking=True, additional_deps=["x"])
    def k(): ...

    plan = plan_of(catalog_of(CHAIN[0], m, k))
    assert [step.key for step in plan.steps] == ["a", "m", "a_k", "m_2"]
    assert [by for by, _ in plan.steps_by_key["m_2"].blocked_by] == ["a_k"]


def test_a_function_whose_parts_a_check_that_needs_both_would_hold_apart_is_refused() -> None:
    """`m` is split for `mid` already; the check of what its first part makes needs what the second one makes."""
    specs = [dg.AssetSpec("p"), dg.AssetSpec("s"), dg.AssetSpec("t", deps=["mid", "p"])]

    @dg.multi_asset(specs=specs, can_subset=True)
    def m(): ...

    @dg.asset_check(asset="p", blocking=True, additional_deps=["t"])
    def k(): ...

    catalog = catalog_of(an_asset("mid", "s"), m, k)
    with pytest.raises(dg.InvalidDefinitionError, match=r"(m_2 -> p_k -> m_2|p_k -> m_2 -> p_k)") as caught:
        plan_of(catalog)
    assert caught.value.code == "dependency-cycle"
    assert caught.value.hint is not None


@pytest.mark.parametrize("blocking", [True, False])
def test_a_check_may_need_what_is_upstream_or_elsewhere(blocking: bool) -> None:
    @dg.asset_check(
        asset="b", blocking=blocking, additional_deps=["a"], additional_ins={"other": dg.AssetIn("other")}
    )
    def k(other): ...

    @dg.asset
    def other() -> int:
        return 1

    plan = plan_of(catalog_of(*CHAIN, other, k))
    assert [step.key for step in plan.steps].index("b_k") > [step.key for step in plan.steps].index("other")
    assert [by for by, _ in plan.steps_by_key["c"].blocked_by] == ["b_k"] * blocking


def test_a_check_that_does_not_block_may_need_what_is_downstream() -> None:
    @dg.asset_check(asset="a", additional_deps=["c"])
    def k(): ...

    assert [step.key for step in plan_of(catalog_of(*CHAIN, k)).steps] == ["a", "b", "c", "a_k"]


def assert_order_holds(plan: Plan) -> None:
    """Each step stands behind those that it needs or is blocked by."""
    seen: set[str] = set()
    for step in plan.steps:
        assert {key for key, _ in step.after} | {key for key, _ in step.blocked_by} <= seen
        seen.add(step.key)


@given(st.data())
def test_every_reader_waits_for_every_blocking_check_whichever_functions_evaluate_them(
    data: st.DataObject,
) -> None:
    names = [f"n{number}" for number in range(data.draw(st.integers(2, 6)))]
    parents = {
        name: data.draw(st.sets(st.sampled_from(names[:index])) if index else st.just(set()))
        for index, name in enumerate(names)
    }
    functions: dict[str, list[dg.AssetCheckSpec]] = {}
    for number in range(data.draw(st.integers(1, 8))):
        spec = dg.AssetCheckSpec(
            f"check_{number}", asset=data.draw(st.sampled_from(names)), blocking=data.draw(st.booleans())
        )
        functions.setdefault(data.draw(st.sampled_from(["f", "g", "h"])), []).append(spec)
    catalog = catalog_of(
        *(an_asset(name, *sorted(above)) for name, above in parents.items()),
        *(checks_in_one(name, *specs) for name, specs in functions.items()),
    )

    plan = plan_of(catalog)

    assert_order_holds(plan)
    assert sorted(check.name for step in plan.steps for check in step.check_keys) == sorted(
        spec.name for specs in functions.values() for spec in specs
    )
    for step in plan.steps:
        for key in step.asset_keys:
            expected = {
                spec.key
                for specs in functions.values()
                for spec in specs
                if spec.blocking and spec.asset_key.to_user_string() in parents[key.to_user_string()]
            }
            assert {check for _, check in step.blocked_by} == expected
