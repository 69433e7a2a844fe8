"""Plans of assets: which steps, in what order, on what, and why each (DESIGN idea 4)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle import (
    AssetCheckSpec,
    AssetKey,
    AssetSpec,
    MaterializeResult,
    asset,
    asset_check,
    multi_asset,
    multi_asset_check,
)
from treadle.core.catalog import Catalog
from treadle.core.errors import InvalidSubsetError
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.plan.plan import FromStep, FromStorage, decode_plan


def catalog_of(*definitions: object) -> Catalog:
    return build_code(assets=definitions).catalog


def keys(*names: str) -> list[AssetKey]:
    return [AssetKey(name) for name in names]


@asset
def a():
    return 1


@asset
def b(a):
    return a


@asset(deps=[b])
def c():
    return 3


def test_steps_come_after_what_they_need_and_by_name_among_equals() -> None:
    """S1-13, S2-03."""

    @asset
    def z():
        return 0

    plan = plan_assets(catalog_of(c, z, b, a), keys("c", "z", "b", "a"))
    assert [step.key for step in plan.steps] == ["a", "z", "b", "c"]


def test_an_input_comes_from_a_step_of_the_plan_or_from_storage() -> None:
    catalog = catalog_of(a, b, c)
    whole = plan_assets(catalog, keys("a", "b", "c"))
    part = plan_assets(catalog, keys("b"))
    assert whole.steps_by_key["b"].inputs[0].source == FromStep(step_key="a", output="result")
    assert part.steps_by_key["b"].inputs[0].source == FromStorage(asset_key=AssetKey("a"))
    assert whole.steps_by_key["c"].inputs == ()
    assert whole.steps_by_key["c"].after == (("b", "result"),)


def test_a_misspelt_asset_is_refused_with_the_near_name() -> None:
    with pytest.raises(InvalidSubsetError, match="did you mean `orders`"):

        @asset
        def orders():
            return 1

        plan_assets(catalog_of(orders), keys("ordres"))


def test_an_external_asset_that_is_asked_for_makes_no_step() -> None:
    @asset(deps=["ext"])
    def reader():
        return 1

    plan = plan_assets(catalog_of(reader, AssetSpec("ext")), keys("reader", "ext"))
    assert [step.key for step in plan.steps] == ["reader"]


def test_half_of_a_computation_that_cannot_be_subset_is_refused() -> None:
    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y")])
    def both():
        yield MaterializeResult(asset_key="x")
        yield MaterializeResult(asset_key="y")

    with pytest.raises(InvalidSubsetError) as caught:
        plan_assets(catalog_of(both), keys("x"))
    assert caught.value.code == "partial-computation"
    assert "`y`" in str(caught.value)


def test_a_computation_between_which_another_asset_lies_runs_twice() -> None:
    """`m` makes x and z, and `mid` lies between them: m, mid, m_2."""

    @multi_asset(specs=[AssetSpec("x"), AssetSpec("z", deps=["mid"])], can_subset=True)
    def m(context):
        for key in context.selected_asset_keys:
            yield MaterializeResult(asset_key=key)

    @asset(deps=["x"])
    def mid():
        return 1

    plan = plan_assets(catalog_of(m, mid), keys("x", "z", "mid"))
    assert [(step.key, [k.to_user_string() for k in step.asset_keys]) for step in plan.steps] == [
        ("m", ["x"]),
        ("mid", ["mid"]),
        ("m_2", ["z"]),
    ]


def test_a_blocking_check_stands_between_its_asset_and_what_is_below() -> None:
    """S1-31, T67."""

    @asset_check(asset=a, blocking=True)
    def gate(): ...

    @asset_check(asset=a)
    def other(): ...

    catalog = catalog_of(a, b, gate, other)
    plan = plan_assets(catalog, keys("a", "b"))
    by_key = plan.steps_by_key
    assert [step for step, _ in by_key["b"].blocked_by] == ["a_gate"]
    assert by_key["a_other"].blocked_by == ()
    assert [step.key for step in plan.steps] == ["a", "a_gate", "a_other", "b"]


def test_checks_of_several_assets_in_one_function_are_not_held_up_by_a_check_of_one_of_them() -> None:
    """A freshness check over a list of assets is evaluated, whatever else fails; so is what waits for it alone."""

    @asset_check(asset=a, blocking=True)
    def gate(): ...

    @multi_asset_check(specs=[AssetCheckSpec("fresh", asset="a"), AssetCheckSpec("fresh", asset="z")])
    def fresh(): ...

    @asset_check(asset="z", additional_deps=[a])
    def compared(): ...

    @asset
    def z(): ...

    plan = plan_assets(catalog_of(a, z, gate, fresh, compared), keys("a", "z"))
    blocked = {step.key: [by for by, _ in step.blocked_by] for step in plan.steps}
    assert blocked["fresh"] == []
    assert blocked["z_compared"] == ["a_gate"]


def test_checks_alone_make_no_asset() -> None:
    """S1-33."""

    @asset_check(asset=a)
    def chk(a): ...

    catalog = catalog_of(a, chk)
    plan = plan_assets(catalog, [], list(catalog.checks))
    assert [(step.key, step.asset_keys) for step in plan.steps] == [("a_chk", ())]
    assert plan.steps[0].inputs[0].source == FromStorage(asset_key=AssetKey("a"))


def test_a_plan_is_a_value_that_can_be_stored_printed_and_compared() -> None:
    catalog = catalog_of(a, b, c)
    plan = plan_assets(catalog, keys("a", "b", "c"), job_name="nightly")
    again = decode_plan(plan.encoded)
    assert again == plan
    assert again.plan_id == plan.plan_id
    assert "b  (asked for)  after a" in str(plan)
    assert str(plan.difference(plan_assets(catalog, keys("a", "b")))) == "- c"
    assert msgspec.json.decode(plan.encoded)["job_name"] == "nightly"


@given(st.lists(st.sets(st.integers(0, 30)), min_size=1, max_size=14), st.randoms(use_true_random=False))
def test_any_graph_is_planned_in_topological_order(edges: list[set[int]], shuffle) -> None:
    def make(number: int, upstream: set[int]):
        @asset(name=f"n{number}", deps=[f"n{u}" for u in sorted(upstream) if u < number])
        def node() -> None: ...

        return node

    nodes = [make(number, upstream) for number, upstream in enumerate(edges)]
    shuffle.shuffle(nodes)
    plan = plan_assets(catalog_of(*nodes), keys(*(f"n{i}" for i in range(len(edges)))))
    place = {step.key: index for index, step in enumerate(plan.steps)}
    assert len(place) == len(edges)
    for step in plan.steps:
        assert all(place[upstream] < place[step.key] for upstream in step.upstream_step_keys)
