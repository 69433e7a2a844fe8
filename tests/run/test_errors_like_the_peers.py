"""Errors and views that code written for the peer tells apart."""

from typing import Any

import pytest

import treadle as dg

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


@dg.op(required_resource_keys={"store"})
def stores(context: Any) -> int:
    return 1


@dg.asset
def orders() -> int:
    return 1


def test_a_direct_call_without_a_declared_resource_is_refused_before_the_function_runs() -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="`store`"):
        stores(dg.build_op_context())
    assert stores(dg.build_op_context(resources={"store": 1})) == 1


def test_a_selection_of_what_is_not_there_is_an_invalid_definition() -> None:
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="missing"):
        dg.materialize([orders], selection="missing")


def test_a_mapping_key_given_twice_is_told_by_that_name() -> None:
    @dg.op(out=dg.DynamicOut())
    def many() -> Any:
        yield dg.DynamicOutput(1, "a")
        yield dg.DynamicOutput(2, "a")

    @dg.job
    def only() -> None:
        many()

    with pytest.raises(dg.DagsterInvariantViolationError, match=r"mapping_key `a` .* multiple times"):
        only.execute_in_process()


def test_a_schema_that_is_none_is_refused_where_the_op_is_written() -> None:
    with pytest.raises(dg.DagsterInvalidConfigDefinitionError) as caught:

        @dg.op(config_schema={"a": object()})
        def wrong() -> None: ...

    assert "test_errors_like_the_peers.py:" in str(caught.value)


@pytest.mark.parametrize("argument", ["run_config", "run_config_fn", "tags_fn"])
def test_a_schedule_has_either_a_function_or_config(argument: str) -> None:
    given: Any = {"ops": {}} if argument == "run_config" else lambda context: {}
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=f"`execution_fn` and `{argument}`"):
        dg.ScheduleDefinition(
            "s", cron_schedule="0 0 * * *", job_name="j", execution_fn=lambda context: {}, **{argument: given}
        )


def test_the_event_of_an_expectation_has_the_expectation() -> None:
    @dg.op
    def expects() -> Any:
        yield dg.ExpectationResult(success=True, label="rows", metadata={"count": 7})
        yield dg.Output(1)

    @dg.job
    def only() -> None:
        expects()

    result = only.execute_in_process()
    (event,) = (each for each in result.all_events if each.event_type_value == "STEP_EXPECTATION_RESULT")
    told = event.event_specific_data.expectation_result
    assert (told.success, told.label, told.metadata["count"].value) == (True, "rows", 7)


def test_a_step_can_ask_for_its_repository() -> None:
    found: list[Any] = []

    @dg.op
    def asks(context: Any) -> None:
        found.append(context.repository_def)

    @dg.job
    def only() -> None:
        asks()

    only.execute_in_process()
    assert isinstance(found[0], dg.RepositoryDefinition)
