"""What an IO manager is told by run config and by resources, while it stores and loads."""

from pathlib import Path

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


class Suffixed(dg.ConfigurableIOManager):
    """Says in its class what each input and output is configured with."""

    @classmethod
    def input_config_schema(cls):
        return InputSettings

    @classmethod
    def output_config_schema(cls):
        return {"suffix": str}

    def handle_output(self, context: dg.OutputContext, obj: str) -> None:
        STORED[context.step_key] = f"{obj}{context.config['suffix']}"

    def load_input(self, context: dg.InputContext) -> str:
        upstream = context.upstream_output
        return f"{context.config['prefix']}{STORED[upstream.step_key]} {upstream.config['suffix']}"


class InputSettings(dg.Config):
    prefix: str


STORED: dict[str, str] = {}


@dg.op
def made() -> str:
    return "made"


@dg.op(ins={"made": dg.In(input_manager_key="io_manager")})
def read(made: str) -> str:
    return made


@dg.graph
def inner():
    return read(made())


@dg.job(resource_defs={"io_manager": Suffixed()})
def suffixed():
    inner()


def of_ops(**ops):
    return {"ops": {"inner": {"ops": ops}}}


def test_a_manager_class_says_what_its_inputs_and_outputs_are_configured_with():
    config = of_ops(
        made={"outputs": {"result": {"suffix": "!"}}},
        read={"inputs": {"made": {"prefix": ">"}}, "outputs": {"result": {"suffix": "."}}},
    )
    assert suffixed.execute_in_process(run_config=config).success
    assert STORED["inner.read"] == ">made! !."


def test_wrong_config_of_inputs_and_outputs_is_refused_before_the_run_with_every_path():
    STORED.clear()
    config = of_ops(
        made={"outputs": {"result": {"suffix": 3}}}, read={"outputs": {"result": {"suffix": "."}}}
    )
    with pytest.raises(dg.DagsterInvalidConfigError) as refused:
        suffixed.execute_in_process(run_config=config)
    assert "outputs" in str(refused.value) and "inputs" in str(refused.value)
    assert STORED == {}


def test_a_step_may_use_the_manager_of_its_output():
    class Plain(dg.InMemoryIOManager):
        pass

    @dg.op
    def using(context: dg.OpExecutionContext):
        return type(context.resources.io_manager).__name__

    @dg.job(resource_defs={"io_manager": dg.IOManagerDefinition.hardcoded_io_manager(Plain())})
    def one():
        using()

    assert one.execute_in_process().output_for_node("using") == "Plain"


def test_an_input_is_loaded_by_the_manager_of_an_output_that_stores_nothing():
    class One(dg.IOManager):
        def handle_output(self, context: dg.OutputContext, obj: object) -> None:
            raise AssertionError("nothing is stored")

        def load_input(self, context: dg.InputContext) -> int:
            return 1

    @dg.op
    def elsewhere() -> None: ...

    @dg.op
    def reading(given) -> None:
        assert given == 1

    @dg.job
    def both():
        reading(elsewhere())

    assert both.execute_in_process(resources={"io_manager": One()}).success


def test_the_file_manager_keeps_files_in_the_instances_storage():
    @dg.op(required_resource_keys={"files"})
    def keep(context: dg.OpExecutionContext):
        return context.resources.files.write_data(b"x").path

    @dg.job(resource_defs={"files": dg.local_file_manager})
    def keeping():
        keep()

    with dg.instance_for_test() as instance:
        path = Path(keeping.execute_in_process(instance=instance).output_for_node("keep"))
        assert path.parent == Path(instance.storage_directory()) / "file_manager"
        assert path.read_bytes() == b"x"
