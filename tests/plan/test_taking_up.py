"""Whether a stored plan still holds for the code as it is now."""

from collections.abc import Sequence
from typing import Any

import pytest

from treadle import AssetSpec, StaticPartitionsDefinition, asset, asset_check, graph, multi_asset, op
from treadle.core.errors import InvariantViolationError
from treadle.core.keys import AssetKey
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.plan.ops import plan_ops
from treadle.plan.plan import FromStep, FromStorage, Plan
from treadle.plan.taking_up import TakenUp, take_up_assets, take_up_ops

PARTS = StaticPartitionsDefinition(["x"])


def made(name: str, *reads: str, partitions_def: Any = None, pool: str | None = None) -> Any:
    """An asset that reads others."""
    code = f"def {name}({', '.join(reads)}): return 1"
    space: dict[str, Any] = {}
    exec(code, space)
    return asset(partitions_def=partitions_def, pool=pool)(space[name])


OLD = [made("a"), made("b", "a"), made("c", "b")]


def stored_plan(assets: Sequence[Any] = OLD) -> Plan:
    catalog = build_code(assets=assets).catalog
    return plan_assets(catalog, list(catalog.assets), job_name="j")


def taken_up(
    now: Sequence[Any],
    left: Sequence[str] = ("b", "c"),
    old: Sequence[Any] = OLD,
    *,
    partitioned: bool = False,
) -> TakenUp:
    was = dict.fromkeys(stored_plan(old).asset_keys, partitioned)
    return take_up_assets(build_code(assets=now).catalog, stored_plan(old), left, was_partitioned=was)


def test_the_stored_plan_stands_where_the_steps_are_as_they_were() -> None:
    found = taken_up([made("a"), made("b", "a"), made("c", "b"), made("another", "c")])
    assert (found.plan, found.changed) == (stored_plan(), ())


def test_a_change_of_what_already_ran_changes_nothing() -> None:
    found = taken_up([made("n"), made("a", "n"), made("b", "a"), made("c", "b")])
    assert found.changed == ()


def test_an_input_that_was_added_is_planned_anew_and_what_ran_is_read_from_its_place() -> None:
    found = taken_up([made("n"), made("a"), made("b", "a", "n"), made("c", "b")])
    assert found.changed == ("b",)
    assert list(found.plan.steps_by_key) == ["b", "c"]
    sources = {each.name: each.source for each in found.plan.steps_by_key["b"].inputs}
    assert sources == {
        "a": FromStorage(asset_key=AssetKey("a")),
        "n": FromStorage(asset_key=AssetKey("n")),
    }
    assert found.plan.steps_by_key["c"].inputs[0].source == FromStep(step_key="b", output="result")


def test_an_input_that_was_taken_away_and_another_pool_are_planned_anew() -> None:
    assert taken_up([made("a"), made("b"), made("c", "b")]).changed == ("b",)
    assert taken_up([made("a"), made("b", "a", pool="narrow"), made("c", "b")]).changed == ("b",)


def test_two_assets_that_are_made_in_one_go_now_are_planned_as_one_step() -> None:
    @multi_asset(specs=[AssetSpec("b", deps=["a"]), AssetSpec("c")])
    def both() -> None: ...

    found = taken_up([made("a"), both])
    assert (found.changed, list(found.plan.steps_by_key)) == (("b", "c"), ["both"])


def test_what_already_ran_may_be_made_by_another_function_now() -> None:
    @multi_asset(specs=[AssetSpec("a"), AssetSpec("d")])
    def both() -> None: ...

    found = taken_up([both, made("b", "a"), made("c", "b")])
    assert list(found.plan.steps_by_key) == ["b", "c"]


def test_an_asset_that_is_gone_is_refused_and_what_is_left_is_named() -> None:
    with pytest.raises(InvariantViolationError, match="Asset `c` is gone") as refused:
        taken_up([made("a"), made("b", "a"), made("c2", "b")])
    assert refused.value.code == "definitions-changed"
    assert refused.value.hint == "start a new run of what is left: `treadle materialize --select 'b'`"
    with pytest.raises(InvariantViolationError, match="`c` is not made by this code any more"):
        taken_up([made("a"), made("b", "a"), AssetSpec("c")])


def test_an_asset_that_was_renamed_is_refused_with_its_new_name() -> None:
    with pytest.raises(InvariantViolationError, match="Did you mean `shop_orders2`"):
        taken_up([made("shop_orders2")], ["shop_orders"], [made("shop_orders")])


def test_an_asset_that_is_made_with_others_now_is_refused() -> None:
    @multi_asset(specs=[AssetSpec("b", deps=["a"]), AssetSpec("d")])
    def both() -> None: ...

    with pytest.raises(InvariantViolationError, match="in one go; `d` was not asked for"):
        taken_up([made("a"), both, made("c", "b")])


@pytest.mark.parametrize(
    ("before", "now", "said"), [(None, PARTS, "is partitioned now"), (PARTS, None, "any more")]
)
def test_another_partitioning_is_refused(before: Any, now: Any, said: str) -> None:
    old = [made("a", partitions_def=before), made("b", "a", partitions_def=before)]
    new = [made("a", partitions_def=now), made("b", "a", partitions_def=now)]
    with pytest.raises(InvariantViolationError, match=f"`b`.*{said}") as refused:
        taken_up(new, ["b"], old, partitioned=before is not None)
    assert refused.value.code == "definitions-changed"


def test_a_check_that_is_gone_is_left_out_and_a_new_one_of_the_function_is_made() -> None:
    @asset_check(asset="b")
    def fine() -> Any: ...

    found = taken_up([made("a"), made("b"), made("c", "b")], old=[*OLD, fine])
    assert [step.check_keys for step in found.plan.steps] == [(), ()]


@op
def one() -> int:
    return 1


@op
def other() -> int:
    return 1


@op
def two(x: int) -> int:
    return x


def plan_of(compose: Any, selection: Sequence[str] | None = None) -> Plan:
    @graph(name="g")
    def whole() -> None:
        compose()

    flat = whole.to_job().op_graph
    assert flat is not None
    return plan_ops(flat, "g", selection)


def test_a_job_of_ops_goes_on_with_its_plan_or_is_planned_anew() -> None:
    stored = plan_of(lambda: (two(one()), other()))
    assert take_up_ops(stored, stored, ["two"]) == TakenUp(stored)
    rewired = plan_of(lambda: (one(), two(other())))
    assert take_up_ops(rewired, stored, ["two"]) == TakenUp(rewired, ("two",))


def test_a_selection_of_ops_goes_on_without_the_ops_that_it_left_out() -> None:
    whole = plan_of(lambda: two(two.alias("first")(one())))
    part = plan_of(lambda: two(two.alias("first")(one())), ["two"])
    assert take_up_ops(whole, part, ["two"]) == TakenUp(part)


def test_an_op_that_is_gone_or_reads_what_did_not_run_is_refused() -> None:
    stored = plan_of(lambda: two(one()))
    with pytest.raises(InvariantViolationError, match="no op `two` any more"):
        take_up_ops(plan_of(lambda: one()), stored, ["two"])
    with pytest.raises(InvariantViolationError, match="`two` reads `other` now"):
        take_up_ops(plan_of(lambda: two(other())), stored, ["two"])
