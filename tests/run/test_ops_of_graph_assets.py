"""What an op inside a graph that makes assets is told: by its own names, and of the whole graph."""

from typing import Any

import treadle as dg


def test_an_op_of_a_graph_asset_finds_assets_by_its_own_inputs_and_outputs() -> None:
    seen: dict[str, Any] = {}

    @dg.op(out={"low": dg.Out(), "high": dg.Out()})
    def split(context, left, right):
        seen["in"] = [context.asset_key_for_input(name).to_user_string() for name in ("left", "right")]
        seen["out"] = [context.asset_key_for_output(name).to_user_string() for name in ("low", "high")]
        seen["back"] = context.output_for_asset_key(dg.AssetKey("big"))
        return left, right

    @dg.graph_multi_asset(
        ins={"x": dg.AssetIn(key_prefix="raw")},
        outs={"small": dg.AssetOut(key_prefix="p"), "big": dg.AssetOut()},
    )
    def halves(x, y):
        low, high = split(x, y)
        return {"small": low, "big": high}

    @dg.asset(key_prefix="raw")
    def x():
        return 1

    @dg.asset
    def y():
        return 2

    assert dg.materialize_to_memory([x, y, halves]).success
    assert seen == {"in": ["raw/x", "y"], "out": ["p/small", "big"], "back": "high"}


def test_ops_of_a_graph_see_all_the_assets_that_the_run_asks_of_it() -> None:
    seen: list[Any] = []

    @dg.op
    def first(context):
        seen.append((sorted(key.to_user_string() for key in context.selected_asset_keys), context.is_subset))
        return 1

    @dg.op
    def second(context, first):
        seen.append(
            context.asset_key.to_user_string() if context.is_subset else context.asset_key_for_output()
        )
        return first

    @dg.graph_multi_asset(outs={"one": dg.AssetOut(), "two": dg.AssetOut()}, can_subset=True)
    def both():
        made = first()
        return {"one": second.alias("a")(made), "two": second.alias("b")(made)}

    dg.materialize_to_memory([both], selection=["one"])
    assert seen == [(["one"], True), "one"]
    seen.clear()
    dg.materialize_to_memory([both])
    assert seen == [(["one", "two"], False), dg.AssetKey("one"), dg.AssetKey("two")]


def test_outputs_that_only_left_out_ops_read_are_not_selected() -> None:
    seen: list[set[str]] = []

    @dg.op(out={"for_one": dg.Out(is_required=False), "for_two": dg.Out(is_required=False)})
    def first(context):
        seen.append(context.selected_output_names)
        for name in sorted(context.selected_output_names):
            yield dg.Output(1, name)

    @dg.op
    def second(value):
        return value

    @dg.graph_multi_asset(outs={"one": dg.AssetOut(), "two": dg.AssetOut()}, can_subset=True)
    def both():
        one, two = first()
        return {"one": one, "two": second(two)}

    dg.materialize_to_memory([both], selection=["one"])
    dg.materialize_to_memory([both], selection=["two"])
    dg.materialize_to_memory([both])
    assert seen == [{"for_one"}, {"for_two"}, {"for_one", "for_two"}]


def test_a_graph_asset_of_any_number_of_inputs_gets_those_that_ins_names() -> None:
    @dg.asset
    def a():
        return 1

    @dg.asset
    def b():
        return 2

    @dg.op
    def total(numbers):
        return sum(numbers)

    @dg.graph_asset(ins={one.key.path[-1]: dg.AssetIn(one.key) for one in (a, b)})
    def summed(**numbers):
        return total(list(numbers.values()))

    assert dg.materialize_to_memory([a, b, summed]).output_for_node("summed") == 3
