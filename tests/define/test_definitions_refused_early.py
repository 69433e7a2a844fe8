"""Arguments of the wrong kind, names that can not be, and repositories as dictionaries."""

from typing import Any

import pytest

import treadle as dg
from tests.define.small_ops import double, one


@dg.job
def numbers():
    one()


def test_a_repository_tells_at_once_of_two_jobs_of_one_name() -> None:
    @dg.job(name="numbers")
    def others():
        one()

    with pytest.raises(dg.InvalidDefinitionError, match="`numbers` is defined twice"):

        @dg.repository
        def shop():
            return [numbers, others]


def test_a_repository_may_be_a_dictionary_of_definitions_and_of_functions_that_make_them() -> None:
    @dg.repository
    def shop():
        return {
            "jobs": {
                "numbers": numbers,
                "later": lambda: dg.GraphDefinition("later", node_defs=[one]).to_job(),
            }
        }

    assert {job.name for job in shop.get_all_jobs()} == {"numbers", "later"}
    with pytest.raises(dg.InvalidDefinitionError, match="stands `numbers`"):

        @dg.repository
        def wrong_name():
            return {"jobs": {"other": numbers}}

    with pytest.raises(dg.InvalidDefinitionError, match="not `assets`"):

        @dg.repository
        def wrong_kind():
            return {"assets": {}}


@pytest.mark.parametrize(
    "arguments",
    [{"ins": ["number"]}, {"ins": {"number": int}}, {"out": {"result": int}}, {"out": [dg.Out()]}],
)
def test_inputs_and_outputs_of_an_op_are_ins_and_outs(arguments: dict[str, Any]) -> None:
    with pytest.raises(dg.InvalidArgumentError):
        dg.op(name="wrong", **arguments)(lambda number: number)


@pytest.mark.parametrize(
    "arguments",
    [
        {"node_defs": one},
        {"node_defs": [one, double], "dependencies": {"double": {"number": "one"}}},
        {"node_defs": [one, double], "dependencies": {"double": "one"}},
    ],
)
def test_parts_of_a_graph_are_nodes_and_dependencies(arguments: dict[str, Any]) -> None:
    with pytest.raises(dg.InvalidArgumentError):
        dg.GraphDefinition("wrong", **arguments)


def test_an_input_that_carries_nothing_has_no_default() -> None:
    with pytest.raises(dg.InvalidDefinitionError, match="no default value"):

        @dg.op(ins={"start": dg.In(dg.Nothing, default_value=1)})
        def after(): ...


def test_an_output_that_is_taken_apart_is_refused() -> None:
    with pytest.raises(dg.InvariantViolationError, match="was iterated over"):

        @dg.graph
        def apart():
            _first, _second = one()


def test_a_hook_takes_its_context_and_nothing_else() -> None:
    with pytest.raises(dg.InvalidDefinitionError, match="takes nothing"):

        @dg.success_hook
        def none(): ...

    with pytest.raises(dg.InvalidDefinitionError, match="`events`"):

        @dg.failure_hook
        def two(context, events): ...


def test_a_resource_key_of_a_job_is_a_python_name() -> None:
    with pytest.raises(dg.UnfitValueError, match="`my-chat`"):

        @dg.job(resource_defs={"my-chat": 1})
        def chats():
            one()
