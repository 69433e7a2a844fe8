"""Arguments of the wrong kind, repositories as dictionaries, and loggers called directly."""

import logging
from typing import Any

import pytest

import treadle as dg


@dg.op
def one():
    return 1


@dg.op
def double(number):
    return 2 * number


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


def test_a_logger_called_directly_gets_checked_settings() -> None:
    @dg.logger(config_schema={"name": dg.Field(str), "level": dg.Field(int, default_value=20)})
    def named(context):
        made = logging.getLogger(context.logger_config["name"])
        made.setLevel(context.logger_config["level"])
        return made

    made = named(dg.build_init_logger_context(logger_config={"name": "tests.lines"}))

    assert (made.name, made.level) == ("tests.lines", 20)
    assert named.configured({"name": "tests.set"})(dg.build_init_logger_context()).name == "tests.set"
    with pytest.raises(dg.InvalidConfigError):
        named(dg.build_init_logger_context(logger_config={"name": 3}))
    with pytest.raises(dg.InvalidConfigError):
        named(None)
    with pytest.raises(dg.InvalidInvocationError):
        named()
    with pytest.raises(dg.InvalidInvocationError):
        named(contxt=None)
