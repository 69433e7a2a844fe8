"""What an IO manager is told by run config and by resources, while it stores and loads."""

import pytest

import treadle as dg


class Telling(dg.IOManager):
    """Writes down what its contexts say."""

    def __init__(self, told):
        self.told = told

    def handle_output(self, context, obj):
        self.told.append((context.config, context.resources.zone))

    def load_input(self, context):
        self.told.append((context.config, context.resources.zone))
        return 1


def chain(told):
    @dg.io_manager(
        required_resource_keys={"zone"},
        input_config_schema={"limit": dg.Field(int, default_value=3)},
        output_config_schema={"format": dg.Field(str, default_value="csv")},
    )
    def telling(context):
        return Telling(told)

    @dg.op
    def one():
        return 1

    @dg.op
    def two(one):
        return one

    @dg.job(resource_defs={"io_manager": telling, "zone": dg.ResourceDefinition.hardcoded_resource("eu")})
    def both():
        two(one())

    return both


def test_an_io_manager_sees_its_resources_and_the_defaults_of_its_config():
    told = []
    assert chain(told).execute_in_process().success
    assert told == [({"format": "csv"}, "eu"), ({"limit": 3}, "eu"), ({"format": "csv"}, "eu")]


def test_run_config_of_outputs_reaches_the_io_manager_and_is_checked():
    told = []
    job = chain(told)
    job.execute_in_process(run_config={"ops": {"one": {"outputs": {"result": {"format": "parquet"}}}}})
    assert told[0] == ({"format": "parquet"}, "eu")
    with pytest.raises(dg.InvalidConfigError):
        job.execute_in_process(run_config={"ops": {"one": {"outputs": {"result": {"format": 5}}}}})


def test_an_input_manager_sees_its_resources_and_config():
    @dg.input_manager(
        input_config_schema={"limit": dg.Field(int, default_value=3)}, required_resource_keys={"zone"}
    )
    def limited(context):
        return context.config["limit"], context.resources.zone

    @dg.op(ins={"rows": dg.In(input_manager_key="limited")})
    def count(rows):
        return rows

    @dg.job(resource_defs={"limited": limited, "zone": dg.ResourceDefinition.hardcoded_resource("eu")})
    def counting():
        count()

    assert counting.execute_in_process().output_for_node("count") == (3, "eu")
    config = {"ops": {"count": {"inputs": {"rows": {"limit": 8}}}}}
    assert counting.execute_in_process(run_config=config).output_for_node("count") == (8, "eu")
