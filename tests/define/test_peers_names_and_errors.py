"""Errors and names that code written for the peer asks for."""

import logging

import pytest

import treadle as dg


def test_an_environment_variable_used_as_text_is_a_runtime_error():
    with pytest.raises(RuntimeError, match=r"EnvVar\('X'\)"):
        str(dg.EnvVar("X"))
    with pytest.raises(dg.InvariantViolationError):
        f"{dg.EnvVar('X')}"


def test_loggers_of_a_name_stand_below_the_builtin_one():
    assert dg.get_dagster_logger().name == "dagster.builtin"
    assert dg.get_dagster_logger("child").name == "dagster.builtin.child"


def test_lines_of_a_child_are_captured_and_kept_once(caplog):
    caplog.set_level(logging.INFO)

    @dg.op
    def talk():
        dg.get_dagster_logger()
        dg.get_dagster_logger("child").info("one line")

    @dg.job
    def talks():
        talk()

    with dg.DagsterInstance.ephemeral() as instance:
        result = talks.execute_in_process(instance=instance)
        kept = [each for each in instance.all_logs(result.run_id) if "one line" in each.message]
    assert len(kept) == 1
    assert [each.message for each in caplog.records if each.name == "dagster.builtin.child"] == ["one line"]


@dg.op
def load():
    return 1


@dg.graph
def inner():
    load()


@dg.job
def nightly():
    load()
    load.alias("again")()
    inner()


@dg.asset
def orders(): ...


DEFINITIONS = dg.Definitions(
    assets=[orders], jobs=[dg.define_asset_job("all_of_it", "*")], resources={"size": 3}
)


def test_a_job_tells_its_nodes_by_the_peers_names():
    assert {each.name for each in nightly.all_node_defs} == {"load", "inner"}
    assert nightly.get_node_named("again").definition is load
    with pytest.raises(dg.InvariantViolationError):
        nightly.get_node_named("agian")


def test_a_job_of_assets_tells_what_it_makes():
    job = DEFINITIONS.get_job_def("all_of_it")
    assert job.asset_layer.executable_asset_keys == {orders.key} == job.asset_layer.selected_asset_keys
    assert [each.name for each in job.all_node_defs] == ["orders"]
    assert nightly.asset_layer.executable_asset_keys == frozenset()


def test_a_sensor_tells_its_targets():
    @dg.sensor(jobs=[nightly, DEFINITIONS.get_job_def("all_of_it")])
    def several(): ...

    @dg.sensor(job_name="elsewhere")
    def by_name(): ...

    @dg.sensor()
    def none(): ...

    @dg.sensor(asset_selection="*")
    def of_assets(): ...

    told = [[target.job_name for target in each.targets] for each in (several, by_name, none, of_assets)]
    assert told == [["nightly", "all_of_it"], ["elsewhere"], [], []]


def test_a_repository_tells_the_resources_given_to_all_of_it():
    assert list(DEFINITIONS.get_repository_def().get_top_level_resources()) == ["size"]


def test_a_result_answers_for_planned_assets_though_these_come_before_its_own_events():
    assert dg.materialize([orders]).get_asset_materialization_planned_events() == []
