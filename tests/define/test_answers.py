"""What definitions answer about themselves, under the names by which projects ask."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError, InvariantViolationError


@dg.asset(check_specs=[dg.AssetCheckSpec("whole", asset="orders")], owners=["team:sales"], description="all")
def orders(raw): ...


@dg.multi_asset(specs=[dg.AssetSpec("x"), dg.AssetSpec("y", deps=["x", "z"])], can_subset=True)
def several():
    yield dg.MaterializeResult("x")
    yield dg.MaterializeResult("y")


@dg.asset_check(asset=orders)
def checked(orders): ...


@dg.observable_source_asset
def looked_at(): ...


def test_a_definition_says_of_what_kind_it_is():
    kinds = {
        one.op.name: (one.is_executable, one.is_materializable, one.is_observable, one.is_external)
        for one in (orders, several, checked, looked_at)
    }
    assert kinds["orders"] == kinds["several"] == (True, True, False, False)
    assert kinds["looked_at"] == (True, False, True, False)


def test_keys_are_sets():
    assert isinstance(several.keys, set)
    assert several.keys == {dg.AssetKey("x"), dg.AssetKey("y")}
    assert several.keys | {dg.AssetKey("more")} >= several.keys
    assert isinstance(orders.check_keys, set)
    assert orders.asset_and_check_keys == {dg.AssetKey("orders"), orders.check_key}


def test_a_definition_knows_its_inputs_and_outputs():
    assert list(orders.input_names) == ["raw"]
    assert orders.node_keys_by_input_name == {"raw": dg.AssetKey("raw")}
    assert orders.node_keys_by_output_name == {"result": dg.AssetKey("orders")}
    assert [spec.name for spec in orders.check_specs_by_output_name.values()] == ["whole"]
    assert orders.get_output_name_for_asset_key(dg.AssetKey("orders")) == "result"
    assert orders.get_io_manager_key_for_asset_key(dg.AssetKey("orders")) == "io_manager"
    assert orders.get_spec_for_check_key(orders.check_key).name == "whole"
    assert orders.hook_defs == frozenset()
    assert (orders.has_keys, checked.has_keys) == (True, False)
    assert (checked.has_check_keys, several.has_check_keys) == (True, False)


def test_what_a_definition_has_not_is_an_error_with_the_nearest():
    with pytest.raises(InvalidDefinitionError, match="evaluates 0 checks"):
        _ = several.check_key
    with pytest.raises(InvariantViolationError, match="makes no asset `ordrs`") as caught:
        orders.get_output_name_for_asset_key(dg.AssetKey("ordrs"))
    assert caught.value.hint == "did you mean `orders`?"
    with pytest.raises(InvariantViolationError, match="evaluates no check") as caught:
        orders.get_spec_for_check_key(dg.AssetCheckKey(dg.AssetKey("orders"), "whol"))
    assert "orders:whole" in str(caught.value.hint)


def test_a_copy_has_other_attributes():
    policy = dg.BackfillPolicy.single_run()
    copy = several.with_attributes(
        asset_key_replacements={dg.AssetKey("x"): dg.AssetKey("new"), dg.AssetKey("z"): dg.AssetKey("far")},
        group_names_by_key={dg.AssetKey("y"): "mart"},
        tags_by_key={dg.AssetKey("x"): {"tier": "1"}},
        metadata_by_key={dg.AssetKey("y"): {"rows": 3}},
        automation_condition=dg.AutomationCondition.eager(),
        backfill_policy=policy,
    )
    new, y = dg.AssetKey("new"), dg.AssetKey("y")
    assert copy.keys == {new, y}
    assert copy.asset_deps[y] == {new, dg.AssetKey("far")}
    assert copy.group_names_by_key == {new: "default", y: "mart"}
    assert copy.tags_by_key[new] == {"tier": "1"}
    assert copy.metadata_by_key[y]["rows"] == 3
    assert set(copy.automation_conditions_by_key) == {new, y}
    assert copy.backfill_policy is policy
    assert several.keys == {dg.AssetKey("x"), y}


def test_definitions_find_checks_schedules_and_sensors():
    job = dg.define_asset_job("nightly")
    schedule = dg.ScheduleDefinition(job=job, cron_schedule="0 1 * * *", name="at_one")
    defs = dg.Definitions(assets=[orders, dg.AssetSpec("raw")], asset_checks=[checked], schedules=[schedule])
    assert defs.resolve_schedule_def("at_one") is defs.get_schedule_def("at_one")
    assert defs.resolve_assets_def("orders").keys == orders.keys
    assert defs.get_asset_checks_def(checked.check_key).check_keys == {checked.check_key}
    with pytest.raises(InvariantViolationError, match="no check `orders:chekced`") as caught:
        defs.get_asset_checks_def(dg.AssetCheckKey(dg.AssetKey("orders"), "chekced"))
    assert "orders:checked" in str(caught.value.hint)
    repository = defs.get_repository_def()
    repository.load_all_definitions()
    assert repository.get_implicit_global_asset_job_def().name == "__ASSET_JOB"
    assert defs.has_implicit_global_asset_job_def()
    assert not dg.Definitions().has_implicit_global_asset_job_def()


def test_events_are_copied_with_other_metadata():
    assert dg.Output(1, metadata={"a": 1}, tags={"k": "v"}).with_metadata({"b": 2}).metadata["b"].value == 2
    made = dg.AssetMaterialization("x", metadata={"a": 1}, partition="p").with_metadata({"b": 2})
    assert (made.partition, list(made.metadata)) == ("p", ["b"])
    checked = dg.AssetCheckResult(passed=True, metadata={"a": 1}).with_metadata({"b": 2})
    assert (checked.passed, list(checked.metadata)) == (True, ["b"])


def test_a_run_names_those_it_goes_on_from():
    with dg.Instance.ephemeral() as instance:
        result = dg.materialize([several], instance=instance)
        run = instance.get_run_by_id(result.run_id)
        assert (run.get_root_run_id(), run.get_parent_run_id()) == (None, None)
        assert run.with_tags({"a": "b"}).tags == {"a": "b"}
        assert list(instance.all_asset_keys()) == [dg.AssetKey("x"), dg.AssetKey("y")]
        instance.add_dynamic_partitions("colors", ["red"])
        assert instance.get_existing_dynamic_partitions("colors", ["red", "blue"]) == {"red"}
