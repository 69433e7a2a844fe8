"""`@multi_asset`, `@observable_source_asset`, `@asset_check`, `@multi_asset_check` (S1-43, S1-44, S1-31, S3-12)."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError


def keys(definition):
    return [key.to_user_string() for key in definition.ordered_keys]


def deps(definition):
    return {
        spec.key.to_user_string(): [dep.asset_key.to_user_string() for dep in spec.deps]
        for spec in definition.specs
    }


def test_outputs_with_keys_groups_and_optional_ones():
    """S3-12"""

    @dg.multi_asset(
        outs={
            name: dg.AssetOut(
                key=["labs", "source", name], io_manager_key="csv", group_name="labs", is_required=False
            )
            for name in ("members", "facilities")
        },
        can_subset=True,
    )
    def labs(context): ...

    assert keys(labs) == ["labs/source/members", "labs/source/facilities"]
    assert labs.op.name == "labs" and labs.can_subset
    assert [(o.name, o.io_manager_key, o.is_required) for o in labs.outputs] == [
        ("members", "csv", False),
        ("facilities", "csv", False),
    ]
    assert set(labs.group_names_by_key.values()) == {"labs"}


def test_all_outputs_depend_on_all_inputs_unless_said_otherwise():
    @dg.multi_asset(outs={"a": dg.AssetOut(), "b": dg.AssetOut()}, deps=["d"])
    def both(x): ...

    @dg.multi_asset(
        outs={"a": dg.AssetOut(), "b": dg.AssetOut()},
        internal_asset_deps={"a": {dg.AssetKey("x")}, "b": {dg.AssetKey("a")}},
    )
    def chained(x): ...

    assert deps(both) == {"a": ["x", "d"], "b": ["x", "d"]}
    assert both.internal_deps is None
    assert deps(chained) == {"a": ["x"], "b": ["a"]}
    assert chained.internal_deps == {
        dg.AssetKey("a"): frozenset({dg.AssetKey("x")}),
        dg.AssetKey("b"): frozenset({dg.AssetKey("a")}),
    }


def test_internal_dependencies_must_be_inputs_or_outputs():
    with pytest.raises(InvalidDefinitionError, match="neither an input nor an asset made here"):

        @dg.multi_asset(outs={"a": dg.AssetOut()}, internal_asset_deps={"a": {dg.AssetKey("zzz")}})
        def f(): ...


def test_specs_bring_their_own_dependencies():
    @dg.multi_asset(
        specs=[
            dg.AssetSpec("a", deps=["up", lambda: late]),
            dg.AssetSpec(["p", "b"], deps=["a"], skippable=True),
        ]
    )
    def made(): ...

    @dg.asset
    def late(): ...

    assert deps(made) == {"a": ["up", "late"], "p/b": ["a"]}
    assert [(o.name, o.is_required) for o in made.outputs] == [("a", True), ("p__b", False)]
    assert [node.asset_key.to_user_string() for node in made.inputs] == ["up", "late"]
    assert made.internal_deps[dg.AssetKey("a")] == {dg.AssetKey("up"), dg.AssetKey("late")}


def test_the_types_of_a_returned_tuple_are_those_of_the_outputs():
    @dg.multi_asset(outs={"a": dg.AssetOut(), "b": dg.AssetOut(dagster_type=float)})
    def both() -> tuple[int, str]: ...

    assert [output.type_name for output in both.outputs] == ["int", "float"]


def test_outs_or_specs_and_not_both():
    with pytest.raises(InvalidDefinitionError, match="`outs` and `specs`"):
        dg.multi_asset(outs={}, specs=[])(lambda: None)


def test_without_outs_and_specs_it_makes_nothing_and_never_runs():
    @dg.multi_asset()
    def nothing():
        raise AssertionError

    @dg.asset
    def something(): ...

    job = dg.Definitions([nothing, something]).resolve_implicit_global_asset_job_def()
    assert nothing.keys == set()
    assert [step.name for step in job.nodes] == ["something"]
    assert job.execute_in_process().success


def test_an_asset_may_wait_for_an_earlier_partition_of_itself_among_others():
    seen = []
    before = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    @dg.multi_asset(
        specs=[
            dg.AssetSpec("total", deps=[dg.AssetDep("total", partition_mapping=before)]),
            dg.AssetSpec("day"),
        ],
        partitions_def=dg.DailyPartitionsDefinition("2024-01-01"),
    )
    def totals(context: dg.AssetExecutionContext):
        seen.append(context.asset_partition_key_for_input("total"))

    assert dg.materialize([totals], partition_key="2024-01-05").success
    assert seen == ["2024-01-04"]


def test_one_function_reads_an_asset_by_one_mapping():
    def reads(first, second):
        specs = [
            dg.AssetSpec("a", deps=[dg.AssetDep("up", partition_mapping=first)]),
            dg.AssetSpec("b", deps=[dg.AssetDep("up", partition_mapping=second)]),
        ]
        return dg.multi_asset(name="reads", specs=specs)(lambda: None)

    last, every = dg.LastPartitionMapping(), dg.AllPartitionMapping()
    assert [node.partition_mapping for node in reads(None, last).inputs] == [last]
    assert [node.partition_mapping for node in reads(last, last).inputs] == [last]
    with pytest.raises(InvalidDefinitionError, match="`up` by different partition mappings"):
        reads(last, every)


def test_inputs_that_only_order_are_called_as_their_assets_and_never_alike():
    @dg.multi_asset(specs=[dg.AssetSpec("made", deps=[["raw", "or-ders"], ["raw", "items"], "raw_items"])])
    def made(raw_or_ders): ...

    names = {name: key.to_user_string() for name, key in made.keys_by_input_name.items()}
    assert names == {
        "raw_or_ders": "raw_or_ders",
        "raw__or_ders": "raw/or-ders",
        "raw_items": "raw/items",
        "raw_items_": "raw_items",
    }


def test_one_group_for_all():
    @dg.multi_asset(outs={"a": dg.AssetOut()}, group_name="g")
    def made(): ...

    assert made.group_names_by_key[dg.AssetKey("a")] == "g"
    with pytest.raises(InvalidDefinitionError, match="group"):
        dg.multi_asset(specs=[dg.AssetSpec("a", group_name="x")], group_name="g")(lambda: None)


def test_partitions_of_the_function_are_those_of_each_asset():
    daily = dg.DailyPartitionsDefinition("2024-01-01")

    @dg.multi_asset(specs=[dg.AssetSpec("a"), dg.AssetSpec("b")], partitions_def=daily)
    def made(): ...

    assert {spec.partitions_def for spec in made.specs} == {daily}


def test_an_observable_asset():
    """S1-44"""

    @dg.observable_source_asset(group_name="g", io_manager_key="files")
    def orders_file():
        return dg.DataVersion("1")

    assert orders_file.execution_kind == "observe"
    assert keys(orders_file) == ["orders_file"]
    assert not orders_file.outputs[0].stores_value
    node = (
        dg.Definitions(assets=[orders_file], resources={"files": dg.mem_io_manager})
        .resolve()
        .catalog.assets[orders_file.key]
    )
    assert (node.kind, node.io_manager_key) == ("observable", "files")


def test_a_check_is_a_step_of_its_own_named_after_asset_and_check():
    """S1-31, S1-32"""

    @dg.asset_check(asset="orders", blocking=True, description="Not empty.")
    def full(anything): ...

    assert full.op.name == "orders_full"
    assert isinstance(full, dg.AssetChecksDefinition) and isinstance(full, dg.AssetsDefinition)
    assert (full.check_spec.blocking, full.check_spec.description) == (True, "Not empty.")
    assert [(node.name, node.asset_key, node.loads_value) for node in full.inputs] == [
        ("anything", dg.AssetKey("orders"), True)
    ]


def test_a_check_without_a_parameter_still_waits_for_its_asset():
    @dg.asset_check(asset=dg.AssetKey(["a", "b"]), additional_deps=["c"])
    def fresh(): ...

    assert {node.asset_key.to_user_string(): node.loads_value for node in fresh.inputs} == {
        "c": False,
        "a/b": False,
    }
    assert fresh.op.name == "a__b_fresh"


def test_other_assets_come_by_additional_ins():
    @dg.asset_check(asset="orders", additional_ins={"old": dg.AssetIn("orders_old")})
    def same(new, old): ...

    assert {n: k.to_user_string() for n, k in same.keys_by_input_name.items()} == {
        "new": "orders",
        "old": "orders_old",
    }
    with pytest.raises(InvalidDefinitionError, match="several parameters"):
        dg.asset_check(asset="orders")(lambda a, b: None)


def test_checks_in_the_asset_s_own_step():
    @dg.asset(check_specs=[dg.AssetCheckSpec("full", asset="orders")])
    def orders(): ...

    assert orders.check_keys_by_output_name == {
        "orders_full": dg.AssetCheckKey(dg.AssetKey("orders"), "full")
    }
    assert orders.keys_by_output_name == {"result": dg.AssetKey("orders")}
    with pytest.raises(InvalidDefinitionError, match="not made here"):
        dg.asset(name="x", check_specs=[dg.AssetCheckSpec("full", asset="other")])(lambda: None)


def test_several_checks_in_one_step():
    specs = [dg.AssetCheckSpec("a", asset="x"), dg.AssetCheckSpec("b", asset="y", additional_deps=["z"])]

    @dg.multi_asset_check(specs=specs, can_subset=True)
    def checks(): ...

    assert list(checks.check_keys_by_output_name) == ["x_a", "y_b"]
    assert {node.asset_key.to_user_string() for node in checks.inputs} == {"x", "y", "z"}


def test_the_specs_of_checks_may_come_from_a_generator():
    @dg.multi_asset_check(specs=(dg.AssetCheckSpec(name, asset="orders") for name in ("fresh", "full")))
    def checks(): ...

    assert [spec.name for spec in checks.check_specs] == ["fresh", "full"]


def test_assets_that_are_always_made_together_have_the_same_partitions():
    letters, digits = dg.StaticPartitionsDefinition(["a"]), dg.StaticPartitionsDefinition(["1"])
    specs = [dg.AssetSpec("a", partitions_def=letters), dg.AssetSpec("b", partitions_def=digits)]
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="can_subset"):

        @dg.multi_asset(specs=specs)
        def together(): ...

    @dg.multi_asset(specs=specs, can_subset=True)
    def apart(): ...

    @dg.multi_asset(specs=[specs[0], dg.AssetSpec("b")])
    def one_without(): ...

    assert [spec.partitions_def for spec in apart.specs] == [letters, digits]
    assert [spec.partitions_def for spec in one_without.specs] == [letters, None]
