"""Computations that make some assets, wait for others made of them, and then make the rest."""

import pytest

import treadle as dg


class Shelf(dg.IOManager):
    """Remembers what was stored and what was loaded."""

    def __init__(self, **stored):
        self.stored = stored
        self.loaded = []

    def handle_output(self, context, obj):
        self.stored[context.asset_key.to_user_string()] = obj

    def load_input(self, context):
        name = context.asset_key.to_user_string()
        self.loaded.append((context.name, name))
        return self.stored.get(name)


@dg.multi_asset(
    outs={name: dg.AssetOut(is_required=False) for name in ("start", "middle", "end")},
    internal_asset_deps={
        "start": set(),
        "middle": {dg.AssetKey("after_start")},
        "end": {dg.AssetKey("after_middle"), dg.AssetKey("middle")},
    },
    can_subset=True,
)
def turns(context: dg.AssetExecutionContext, after_start, after_middle):
    if "start" in context.op_execution_context.selected_output_names:
        yield dg.Output(1, "start")
    if "middle" in context.op_execution_context.selected_output_names:
        yield dg.Output(after_start + 1, "middle")
    if "end" in context.op_execution_context.selected_output_names:
        yield dg.Output((after_start, after_middle), "end")


@dg.asset
def after_start(start):
    return start * 10


@dg.asset
def after_middle(middle):
    return middle * 10


def test_a_computation_runs_in_rounds_where_it_loads_what_is_made_of_its_assets():
    shelf = Shelf(after_start=0, after_middle=0)

    result = dg.materialize([turns, after_start, after_middle], resources={"io_manager": shelf})

    steps = [event.step_key for event in result.all_events if event.is_step_start]
    assert steps == ["turns", "after_start", "turns_2", "after_middle", "turns_3"]
    assert shelf.stored["end"] == (10, 110)
    assert result.output_for_node("turns_2", "middle") == 11


def test_what_a_round_does_not_need_is_taken_as_it_is_stored():
    shelf = Shelf(after_start="old", after_middle="old")
    seen = []

    @dg.multi_asset(
        outs={"start": dg.AssetOut(is_required=False), "end": dg.AssetOut(is_required=False)},
        internal_asset_deps={"start": set(), "end": {dg.AssetKey("after_start")}},
        can_subset=True,
    )
    def looks(context, after_start):
        seen.append(after_start)
        for name in sorted(context.op_execution_context.selected_output_names):
            yield dg.Output(1, name)

    dg.materialize([looks, after_start], resources={"io_manager": shelf})

    assert seen == ["old", 10]


@pytest.mark.parametrize("with_check", [False, True])
def test_two_computations_may_take_turns(with_check):
    @dg.multi_asset(
        outs={"a": dg.AssetOut(is_required=False), "c": dg.AssetOut(is_required=False)},
        internal_asset_deps={"a": set(), "c": {dg.AssetKey("b")}},
        can_subset=True,
    )
    def odd(context, b):
        for name in context.op_execution_context.selected_output_names:
            yield dg.Output(1 if name == "a" else b + 1, name)

    @dg.multi_asset(
        outs={"b": dg.AssetOut(is_required=False), "d": dg.AssetOut(is_required=False)},
        internal_asset_deps={"b": {dg.AssetKey("a")}, "d": {dg.AssetKey("c")}},
        can_subset=True,
    )
    def even(context, a, c):
        for name in context.op_execution_context.selected_output_names:
            yield dg.Output(a + 1 if name == "b" else c + 1, name)

    @dg.asset_check(asset="b", blocking=True)
    def b_is_two(b):
        return dg.AssetCheckResult(passed=b == 2)

    shelf = Shelf()
    checks = [b_is_two] if with_check else []
    job = dg.Definitions(
        [odd, even], asset_checks=checks, resources={"io_manager": shelf}
    ).resolve_implicit_global_asset_job_def()

    assert len(job.nodes) == 4 + with_check
    assert job.execute_in_process().success
    assert shelf.stored == {"a": 1, "b": 2, "c": 3, "d": 4}


def test_what_the_manager_of_a_source_needs_is_there_for_the_output_it_stands_for():
    class Reads(dg.IOManager):
        def handle_output(self, context, obj): ...

        def load_input(self, context):
            return (context.resources.place, context.upstream_output.resources.place)

    @dg.io_manager(required_resource_keys={"place"})
    def reads(_):
        return Reads()

    @dg.asset
    def copy(source):
        return source

    defs = dg.Definitions(
        [copy, dg.AssetSpec("source").with_io_manager_key("reads")],
        resources={"reads": reads, "place": "here"},
    )
    result = defs.resolve_implicit_global_asset_job_def().execute_in_process()

    assert result.output_for_node("copy") == ("here", "here")
