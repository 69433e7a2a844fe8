"""What ops, jobs and contexts answer in the peer's older words."""

from typing import Any

import pytest

import treadle as dg
from treadle.core.node_handle import NodeHandle

PARTS = dg.StaticPartitionsDefinition(["p", "q"])


@dg.op(
    ins={"x": dg.In(description="how many", metadata={"unit": "pieces"})},
    out={"text": dg.Out(str), "more": dg.DynamicOut(list[int], is_required=False, io_manager_key="disk")},
    code_version="3",
    pool="small",
)
def both(x: int = 2) -> tuple[str, list[dg.DynamicOutput[list[int]]]]: ...


def test_an_op_tells_its_inputs_and_outputs_with_resolved_types() -> None:
    (taken,) = both.input_defs
    assert (taken.name, taken.dagster_type.display_name, taken.description) == ("x", "Int", "how many")
    assert (taken.has_default_value, taken.default_value, taken.metadata) == (True, 2, {"unit": "pieces"})
    text, more = both.output_defs
    assert (text.name, text.dagster_type.display_name, text.io_manager_key) == (
        "text",
        "String",
        "io_manager",
    )
    assert (text.is_required, text.optional, text.is_dynamic, text.code_version) == (True, False, False, "3")
    assert (more.dagster_type.display_name, more.optional, more.is_dynamic) == ("[Int]", True, True)
    assert both.input_dict == {"x": taken} and both.output_dict == {"text": text, "more": more}
    assert both.output_def_named("more").io_manager_key == "disk"
    assert both.input_def_named("x").dagster_type.check("1").success is False
    assert (both.positional_inputs, both.pools) == (["x"], {"small"})
    assert both.has_input("x") and both.has_output("text") and not both.has_output("x")


def test_an_input_or_output_that_an_op_lacks_is_told_with_the_nearest() -> None:
    with pytest.raises(dg.DagsterInvariantViolationError) as caught:
        both.output_def_named("txt")
    assert "did you mean `text`?" in str(caught.value)


def test_a_context_knows_the_place_of_its_op() -> None:
    seen: list[Any] = []

    @dg.op
    def deep(context: dg.OpExecutionContext) -> None:
        seen.extend([context.op_handle, context.node_handle])

    @dg.graph
    def middle() -> None:
        deep()

    @dg.job
    def top() -> None:
        middle()

    assert top.execute_in_process().success
    assert seen == [NodeHandle("deep", NodeHandle("middle"))] * 2
    handle = seen[0]
    assert (str(handle), handle.name, handle.root.name) == ("middle.deep", "deep", "middle")
    assert handle.root.is_root and not handle.is_root


def test_a_context_loads_the_stored_value_of_an_asset() -> None:
    @dg.asset
    def whole() -> int:
        return 7

    @dg.asset(partitions_def=PARTS)
    def parts(context: dg.AssetExecutionContext) -> str:
        return context.partition_key

    @dg.asset(deps=[whole])
    def one_more(context: dg.AssetExecutionContext) -> int:
        return context.load_asset_value(dg.AssetKey("whole")) + 1  # type: ignore[no-any-return]

    @dg.asset(partitions_def=PARTS, deps=[parts])
    def doubled(context: dg.AssetExecutionContext) -> list[str]:
        other = context.load_asset_value(dg.AssetKey("parts"), partition_key="p")
        return [context.load_asset_value(dg.AssetKey("parts")), other]

    assert dg.materialize([whole, one_more]).output_for_node("one_more") == 8
    instance = dg.DagsterInstance.ephemeral()
    assert dg.materialize([parts, doubled], partition_key="p", instance=instance).success
    result = dg.materialize([parts, doubled], partition_key="q", instance=instance)
    assert result.output_for_node("doubled") == ["q", "p"]


def test_a_hook_sees_the_metadata_of_each_output() -> None:
    seen: list[Any] = []

    @dg.success_hook
    def tell(context: dg.HookContext) -> None:
        seen.append(context.op_output_metadata)

    @dg.op(out={"a": dg.Out(), "b": dg.Out()})
    def gives(context: dg.OpExecutionContext) -> tuple[int, int]:
        context.add_output_metadata({"n": 1}, output_name="a")
        return 1, 2

    @dg.job(hooks={tell})
    def hooked() -> None:
        gives()

    assert hooked.execute_in_process().success
    assert set(seen[0]) == {"a", "b"} and set(seen[0]["a"]) == {"n"} and seen[0]["b"] == {}


def test_an_io_manager_knows_the_job_of_both_sides() -> None:
    seen: list[str] = []

    class Kept(dg.IOManager):
        def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
            seen.append(context.job_name)

        def load_input(self, context: dg.InputContext) -> Any:
            seen.append(context.job_name)
            return 1

    @dg.op
    def first() -> int:
        return 1

    @dg.op
    def second(first: int) -> None: ...

    @dg.job(resource_defs={"io_manager": dg.IOManagerDefinition.hardcoded_io_manager(Kept())})
    def moving() -> None:
        second(first())

    assert moving.execute_in_process().success
    assert seen[:2] == ["moving", "moving"]
    assert dg.build_output_context(step_key="s", name="o").run_id == "EPHEMERAL"


def test_a_job_answers_for_its_partitions_and_gives_subsets() -> None:
    @dg.op
    def first() -> int:
        return 1

    @dg.op
    def second(first: int) -> int:
        return first + 1

    @dg.static_partitioned_config(["p", "q"], tags_for_partition_key_fn=lambda key: {"key": key})
    def config(key: str) -> dict[str, Any]:
        return {"loggers": {"console": {"config": {"name": key}}}}

    @dg.job(config=config)
    def counting() -> None:
        second(first())

    assert list(counting.get_partition_keys()) == ["p", "q"]
    assert counting.get_run_config_for_partition_key("p")["loggers"]["console"]["config"]["name"] == "p"
    tags = counting.get_tags_for_partition_key("q")
    assert (tags["key"], tags["dagster/partition_set"]) == ("q", "counting_partition_set")
    counting.validate_partition_key("p")
    with pytest.raises(dg.DagsterUnknownPartitionError):
        counting.validate_partition_key("z")
    some = counting.get_subset(op_selection=["first"])
    assert (some.is_subset, some.name, counting.is_subset) == (True, "counting", False)
    result = some.execute_in_process(partition_key="p")
    assert result.output_for_node("first") == 1
    assert {event.step_key for event in result.get_step_success_events()} == {"first"}
    assert counting.get_subset() is counting
    assert counting.required_resource_keys == {"io_manager"} and not counting.is_asset_job


def test_a_subset_of_a_job_of_assets_makes_those_only() -> None:
    @dg.asset
    def a() -> int:
        return 1

    @dg.asset
    def b() -> int:
        return 2

    defs = dg.Definitions(assets=[a, b], jobs=[dg.define_asset_job("both_assets", selection=[a, b])])
    job = defs.resolve_job_def("both_assets")
    some = job.get_subset(asset_selection={dg.AssetKey("a")})
    result = some.execute_in_process()
    made = [event.asset_key for event in result.get_asset_materialization_events()]
    assert (made, some.is_asset_job) == ([dg.AssetKey("a")], True)
    with pytest.raises(dg.DagsterInvalidSubsetError, match="no asset `aa`"):
        job.get_subset(asset_selection={dg.AssetKey("aa")})


def test_the_job_of_all_assets_is_listed_where_there_are_assets() -> None:
    @dg.asset
    def made() -> int:
        return 1

    @dg.op
    def step() -> None: ...

    @dg.job
    def own() -> None:
        step()

    with_assets = dg.Definitions(assets=[made], jobs=[own])
    assert [job.name for job in with_assets.resolve_all_job_defs()] == ["__ASSET_JOB", "own"]
    repository = with_assets.get_repository_def()
    assert repository.job_names == ["own", "__ASSET_JOB"] and repository.has_job("__ASSET_JOB")
    without = dg.Definitions(jobs=[own])
    assert [job.name for job in without.resolve_all_job_defs()] == ["own"]
    assert [job.name for job in without.get_repository_def().get_all_jobs()] == ["own"]
