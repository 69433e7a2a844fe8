"""Assets that graphs of ops make."""

from typing import Any

import pytest

import treadle
from treadle import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetIn,
    AssetKey,
    AssetOut,
    AssetsDefinition,
    Definitions,
    DynamicOut,
    DynamicOutput,
    GraphOut,
    InvalidDefinitionError,
    Nothing,
    Out,
    StaticPartitionsDefinition,
    asset,
    config_mapping,
    define_asset_job,
    graph,
    graph_asset,
    graph_multi_asset,
    job,
    materialize,
    mem_io_manager,
    op,
    success_hook,
)

MEMORY = {"io_manager": mem_io_manager}


@asset
def up():
    return 10


@op
def one():
    return 1


@op
def inc(x):
    return x + 1


@op
def of_partition(context):
    return context.partition_key


@op
def marked(value):
    return f"{value}!"


def started(result: Any) -> list[str]:
    return [event.step_key for event in result.all_events if event.event_type_value == "STEP_START"]


def test_its_ops_are_steps_under_its_name_and_read_assets() -> None:
    @graph_asset
    def found(up):
        return inc(inc.alias("first")(up))

    @asset
    def down(found):
        return found * 2

    result = materialize([up, found, down], resources=MEMORY)
    assert started(result) == ["up", "found.first", "found.inc", "down"]
    assert result.asset_value("down") == 24
    assert result.output_for_node("found") == 12


def test_alone_it_loads_what_is_stored() -> None:
    from treadle import instance_for_test

    @graph_asset
    def found(up):
        return inc(up)

    with instance_for_test() as instance:
        materialize([up], instance=instance)
        result = materialize([up, found], selection=["found"], instance=instance)
        assert result.asset_value("found") == 11


def test_keys_groups_and_inputs_are_given_as_for_an_asset() -> None:
    @graph_asset(ins={"given": AssetIn("up")}, key_prefix=["raw"], group_name="marts", owners=["team:a"])
    def found(given):
        return inc(given)

    (spec,) = found.specs
    assert spec.key == AssetKey(["raw", "found"])
    assert (spec.group_name, list(spec.owners)) == ("marts", ["team:a"])
    assert [dep.asset_key for dep in spec.deps] == [AssetKey("up")]
    result = materialize([up, found], resources=MEMORY)
    assert started(result) == ["up", "raw__found.inc"]


def test_partitions_reach_its_ops_and_what_is_downstream() -> None:
    letters = StaticPartitionsDefinition(["a", "b"])

    @graph_asset(partitions_def=letters)
    def found():
        return marked(of_partition())

    @asset(partitions_def=letters)
    def down(found):
        return found * 2

    result = materialize([found, down], partition_key="b", resources=MEMORY)
    assert result.asset_value("down") == "b!b!"


def test_config_goes_to_its_ops_plainly_or_through_a_mapping() -> None:
    @op(config_schema={"n": int})
    def configured(context):
        return context.op_config["n"]

    @graph_asset
    def plain():
        return configured()

    @config_mapping(config_schema={"half": int})
    def doubled(given):
        return {"configured": {"config": {"n": 2 * given["half"]}}}

    @graph_asset(config=doubled)
    def mapped():
        return configured()

    @graph_asset(config={"configured": {"config": {"n": 7}}})
    def fixed():
        return configured()

    result = materialize(
        [plain, mapped, fixed],
        resources=MEMORY,
        run_config={
            "ops": {
                "plain": {"ops": {"configured": {"config": {"n": 3}}}},
                "mapped": {"config": {"half": 4}},
            }
        },
    )
    assert [result.asset_value(name) for name in ("plain", "mapped", "fixed")] == [3, 8, 7]


def test_several_assets_are_made_in_part_where_that_is_allowed() -> None:
    letters = StaticPartitionsDefinition(["a", "b"])

    @graph_multi_asset(
        outs={"first": AssetOut(), "second": AssetOut()}, can_subset=True, partitions_def=letters
    )
    def found():
        value = of_partition()
        return {"first": value, "second": marked(value)}

    everything = materialize([found], partition_key="a", resources=MEMORY)
    assert everything.asset_value("second") == "a!"
    some = materialize([found], selection=["first"], partition_key="a", resources=MEMORY)
    assert started(some) == ["found.of_partition"]
    # The op that makes `first` must run for `second`, so `first` is made as well.
    other = materialize([found], selection=["second"], partition_key="a", resources=MEMORY)
    assert {e.asset_key.to_user_string() for e in other.get_asset_materialization_events()} == {
        "first",
        "second",
    }


def test_checks_are_evaluated_by_ops_inside() -> None:
    @op
    def positive(value):
        return AssetCheckResult(passed=value > 0)

    @graph_asset(check_specs=[AssetCheckSpec("is_positive", asset="found")])
    def found():
        value = one()
        return {"result": value, "found_is_positive": positive(value)}

    result = materialize([found], resources=MEMORY)
    (evaluation,) = result.get_asset_check_evaluations()
    assert (evaluation.check_name, evaluation.passed) == ("is_positive", True)


def test_dynamic_steps_inside_are_collected_into_the_asset() -> None:
    @op(out=DynamicOut())
    def spread(x):
        for n in range(3):
            yield DynamicOutput(x + n, f"k{n}")

    @op
    def total(xs):
        return sum(xs)

    @graph_asset
    def found(up):
        return total(spread(up).map(inc).collect())

    assert materialize([up, found], resources=MEMORY).asset_value("found") == 36

    with pytest.raises(InvalidDefinitionError, match="an asset has one value"):

        @graph_asset
        def many_values():
            return spread(one()).map(inc)


def test_an_input_of_nothing_only_orders() -> None:
    from treadle import In

    @op(ins={"start": In(Nothing)})
    def later():
        return 1

    @graph_asset(ins={"start": AssetIn("up", dagster_type=Nothing)})
    def found(start):
        return later(start)

    result = materialize([up, found], resources=MEMORY)
    assert started(result) == ["up", "found.later"]


def test_from_graph_and_from_op_make_an_asset_of_each_output() -> None:
    @graph(out={"a": GraphOut(), "b": GraphOut()})
    def both(x):
        return {"a": inc(x), "b": inc.alias("again")(x)}

    made = AssetsDefinition.from_graph(
        both,
        keys_by_input_name={"x": AssetKey("up")},
        keys_by_output_name={"a": AssetKey("A"), "b": AssetKey("b")},
        key_prefix="pre",
        group_name="marts",
    )
    assert {key.to_user_string() for key in made.keys} == {"pre/A", "pre/b"}
    assert materialize([up, made], resources=MEMORY).asset_value(AssetKey(["pre", "A"])) == 11

    @op(out={"low": Out(), "high": Out()})
    def split(up):
        return up - 1, up + 1

    assert materialize([up, AssetsDefinition.from_op(split)], resources=MEMORY).asset_value("high") == 11


def test_hooks_are_called_for_each_of_its_ops() -> None:
    seen = []

    @success_hook
    def note(context):
        seen.append(context.step_key)

    @graph_asset(hooks={note})
    def found():
        return inc(one())

    materialize([found], resources=MEMORY)
    assert seen == ["found.one", "found.inc"]


def test_jobs_of_assets_select_them_by_op_too() -> None:
    @graph_asset
    def found(up):
        return inc(up)

    @asset
    def apart():
        return 0

    defs = Definitions(assets=[up, found, apart], jobs=[define_asset_job("all_of_it")])
    chosen = defs.get_job_def("all_of_it").execute_in_process(op_selection=["*found"])
    assert started(chosen) == ["up", "found.inc"]


def test_an_op_of_a_job_loads_an_asset() -> None:
    from treadle import instance_for_test

    @job
    def numbers():
        inc(up)

    with instance_for_test() as instance:
        materialize([up], instance=instance)
        defs = Definitions(assets=[up], jobs=[numbers])
        result = defs.get_job_def("numbers").execute_in_process(instance=instance)
        assert result.output_for_node("inc") == 11
        alone = job(name="alone")(lambda: inc(up.to_source_asset()))
        assert alone.execute_in_process(instance=instance).output_for_node("inc") == 11


def test_the_catalog_with_graphs_survives_the_wire() -> None:
    @graph_asset
    def found(up):
        return inc(up)

    catalog = Definitions(assets=[up, found]).resolve().catalog
    again = type(catalog).from_json(catalog.to_json())
    assert again.content_hash == catalog.content_hash
    assert again.computations["found"].graph == catalog.computations["found"].graph
    assert again.computations["found.inc"].outputs[0].asset_key == AssetKey("found")


@treadle.op
def _one_op(x: Any) -> int:
    return 1


@treadle.graph
def _one_graph(x: Any) -> Any:
    return _one_op(x)


@pytest.mark.parametrize("make", [AssetsDefinition.from_graph, AssetsDefinition.from_op])
@pytest.mark.parametrize(
    "argument, expected",
    [
        ("keys_by_output_name", "result"),
        ("descriptions_by_output_name", "result"),
        ("metadata_by_output_name", "result"),
        ("keys_by_input_name", "x"),
    ],
)
def test_names_of_inputs_and_outputs_that_are_not_there_are_refused(
    make: Any, argument: str, expected: str
) -> None:
    given = _one_graph if make is AssetsDefinition.from_graph else _one_op
    with pytest.raises(treadle.InvalidDefinitionError, match=f"`{argument}` names .* `zz`.* are {expected}"):
        make(given, **{argument: {"zz": treadle.AssetKey("q")}})
