"""What ops may return for their outputs: the same rules in a run and in a direct call."""

from typing import Any

import pytest

import treadle as dg


def run_of(op: Any) -> Any:
    return dg.GraphDefinition("only", node_defs=[op]).execute_in_process()


def refused_in_both(op: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        run_of(op)
    with pytest.raises(error, match=text):
        list(op())


def test_a_tuple_of_outputs_is_taken_by_position() -> None:
    @dg.op(out={"low": dg.Out(), "high": dg.Out()})
    def both() -> tuple[dg.Output[int], dg.Output[str]]:
        return dg.Output(1), dg.Output("x", metadata={"size": 1})

    result = run_of(both)

    assert (result.output_for_node("both", "low"), result.output_for_node("both", "high")) == (1, "x")
    assert [one.value for one in both()] == [1, "x"]


def test_an_output_in_the_place_of_another_is_refused() -> None:
    @dg.op(out={"low": dg.Out(), "high": dg.Out()})
    def swapped():
        return dg.Output(1, output_name="high"), dg.Output(2, output_name="low")

    refused_in_both(swapped, dg.InvariantViolationError, "output `high` in the place of output `low`")


def test_the_annotation_says_whether_an_output_object_comes() -> None:
    @dg.op
    def promises() -> dg.Output[int]:
        return 3  # type: ignore[return-value]

    @dg.op
    def hides() -> int:
        return dg.Output(3)  # type: ignore[return-value]

    refused_in_both(promises, dg.InvariantViolationError, "wrap it")
    refused_in_both(hides, dg.InvariantViolationError, "its annotation says")


def test_one_of_several_outputs_may_be_dynamic() -> None:
    @dg.op(out={"total": dg.Out(), "parts": dg.DynamicOut()})
    def split() -> tuple[int, list[dg.DynamicOutput[str]]]:
        return 2, [dg.DynamicOutput("a", mapping_key="one"), dg.DynamicOutput("b", mapping_key="two")]

    result = run_of(split)

    assert result.output_for_node("split", "parts") == {"one": "a", "two": "b"}
    assert split.output_def_named("parts").dagster_type.display_name == "String"


def test_a_dynamic_output_is_returned_as_a_list_which_may_be_empty() -> None:
    @dg.op
    def none_of_them() -> list[dg.DynamicOutput[int]]:
        return []

    assert run_of(none_of_them).success
    assert none_of_them() == []

    @dg.op(out=dg.DynamicOut())
    def forgets():
        return None

    @dg.op(out=dg.DynamicOut())
    def lone():
        return dg.DynamicOutput(1, mapping_key="one")

    @dg.op(out=dg.DynamicOut())
    def plain_values():
        return [1]

    @dg.op
    def of_another_type() -> list[dg.DynamicOutput[int]]:
        return [dg.DynamicOutput("x", mapping_key="one")]  # type: ignore[list-item]

    refused_in_both(forgets, dg.InvariantViolationError, "list of DynamicOutputs")
    refused_in_both(lone, dg.InvariantViolationError, "list of DynamicOutputs")
    refused_in_both(plain_values, dg.InvariantViolationError, "item 0")
    refused_in_both(of_another_type, dg.TypeCheckDidNotPass, "expected int, got str")


def test_dynamic_outputs_are_for_what_is_declared_dynamic() -> None:
    @dg.op
    def plain() -> Any:
        yield dg.DynamicOutput(1, mapping_key="a")

    @dg.op(out=dg.DynamicOut())
    def dynamic() -> Any:
        yield dg.Output(1)

    refused_in_both(plain, dg.InvariantViolationError, "a DynamicOutput for its plain output `result`")
    refused_in_both(dynamic, dg.InvariantViolationError, "an Output for its dynamic output `result`")


def test_annotations_that_can_not_hold_are_refused_where_the_op_is_made() -> None:
    with pytest.raises(dg.InvariantViolationError, match="tuple of 2"):

        @dg.op(out={"low": dg.Out(), "high": dg.Out()})
        def three() -> tuple[int, int, int]:
            return 1, 2, 3

    with pytest.raises(dg.InvariantViolationError, match="tuple of 2"):

        @dg.op(out={"low": dg.Out(), "high": dg.Out()})
        def one() -> int:
            return 1

    with pytest.raises(dg.InvariantViolationError, match="a list of them"):

        @dg.op
        def lone() -> dg.DynamicOutput[int]:
            return dg.DynamicOutput(1, mapping_key="one")


def test_parameters_that_no_value_can_reach_are_refused_where_the_op_is_made() -> None:
    with pytest.raises(dg.InvalidDefinitionError, match=r"\*rows"):

        @dg.op(ins={"rows": dg.In()})
        def many(*rows: Any) -> None: ...

    with pytest.raises(dg.InvalidDefinitionError, match="annotated with Nothing"):

        @dg.op
        def after(start: None) -> None: ...


def test_a_value_given_by_position_and_by_name_is_refused() -> None:
    @dg.op
    def add(left, right=2):
        return left + right

    with pytest.raises(dg.InvalidInvocationError, match="multiple values for argument 'left'"):
        add(1, left=2)


def test_metadata_for_an_output_that_is_out_already_is_refused() -> None:
    @dg.op
    def late(context):
        context.add_output_metadata({"rows": 1})
        yield dg.Output(1)
        context.add_output_metadata({"rows": 2})

    @dg.op(out=dg.DynamicOut())
    def late_for_one(context):
        yield dg.DynamicOutput(1, mapping_key="one")
        context.add_output_metadata({"rows": 1}, mapping_key="two")
        yield dg.DynamicOutput(2, mapping_key="two")
        context.add_output_metadata({"rows": 1}, mapping_key="one")

    for op, text in ((late, "already given"), (late_for_one, "mapping_key `one`")):
        with pytest.raises(dg.InvariantViolationError, match=text):
            run_of(op)
        with pytest.raises(dg.InvariantViolationError, match=text):
            list(op(dg.build_op_context()))


def test_an_op_reaches_the_io_manager_that_its_output_names() -> None:
    @dg.op(out=dg.Out(io_manager_key="lake"))
    def looks(context):
        return type(context.resources.lake).__name__

    @dg.job(resource_defs={"lake": dg.mem_io_manager})
    def looking():
        looks()

    assert looking.execute_in_process().output_for_node("looks") == "InMemoryIOManager"
