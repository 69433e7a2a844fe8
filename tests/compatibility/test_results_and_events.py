"""What callers read from a result and its events, in the spellings that projects use."""

from typing import Any

import pytest

import treadle as dg


@dg.asset
def orders() -> int:
    return 3


@dg.asset
def broken() -> None:
    raise dg.Failure("the source is empty", metadata={"rows": 0})


@dg.asset
def crashed() -> None:
    raise ValueError("no such table")


def failure_of(definition: Any) -> Any:
    result = dg.materialize([definition], raise_on_error=False)
    (event,) = result.get_step_failure_events()
    return event.step_failure_data


def test_a_failure_tells_its_class_and_what_caused_it() -> None:
    assert failure_of(broken).error.cls_name == "Failure"
    assert failure_of(crashed).error.cause.cls_name == "ValueError"
    source = failure_of(crashed).error_source
    assert source == source.value == str(source) == "USER_CODE_ERROR"
    assert "no such table" in failure_of(crashed).error.to_string()


def test_the_failure_of_a_step_is_found_by_its_name() -> None:
    result = dg.materialize([broken], raise_on_error=False)
    said = result.failure_data_for_node("broken").user_failure_data
    assert (said.label, said.description) == ("intentional-failure", "the source is empty")
    assert said.metadata["rows"].value == 0
    assert dg.materialize([orders]).failure_data_for_node("orders") is None


def test_asking_for_an_output_that_was_not_given_breaks_an_invariant() -> None:
    result = dg.materialize([crashed], raise_on_error=False)
    for question in (lambda: result.output_for_node("crashed"), lambda: result.output_for_node("nobody")):
        with pytest.raises(dg.DagsterInvariantViolationError):
            question()


def test_events_name_their_op_manager_and_type_check() -> None:
    result = dg.materialize([orders])
    output = next(event for event in result.all_events if event.is_successful_output)
    handled = next(event for event in result.all_events if event.is_handled_output)
    assert (output.node_name, output.step_kind_value) == ("orders", "COMPUTE")
    assert output.step_output_data.type_check_data.success
    assert handled.event_specific_data.manager_key == "io_manager"
    assert result.get_run_success_event().is_job_success


def test_a_result_knows_its_job_and_the_job_its_ops() -> None:
    job = dg.materialize([orders]).job_def
    assert [node.name for node in job.nodes] == ["orders"]
    assert job.has_node_named("orders")
    assert job.node_named("orders").name == "orders"
    with pytest.raises(dg.DagsterInvariantViolationError):
        job.node_named("order")


def test_run_config_of_a_job_is_checked_without_running_it() -> None:
    class Load(dg.Config):
        limit: int

    @dg.asset
    def loaded(config: Load) -> int:
        return config.limit

    defs = dg.Definitions(
        assets=[loaded],
        jobs=[
            dg.define_asset_job("j"),
            dg.define_asset_job("k", config=dg.RunConfig(ops={"loaded": Load(limit=4)})),
        ],
    )
    job = defs.get_job_def("j")
    wanted = {"ops": {"loaded": {"config": {"limit": 2}}}}
    assert dg.validate_run_config(job, wanted)["ops"]["loaded"]["config"] == {"limit": 2}
    with pytest.raises(dg.DagsterInvalidConfigError):
        dg.validate_run_config(job, {})
    assert defs.get_job_def("k").run_config["ops"] == {"loaded": {"config": {"limit": 4}}}
    assert job.run_config is None
