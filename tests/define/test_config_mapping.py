"""Config in terms of other config: ConfigMapping and `configured`."""

import pytest

import treadle as dg
from treadle.core.errors import ConfigMappingFunctionError


def test_a_mapping_checks_what_is_given_and_maps_it():
    @dg.config_mapping(config_schema={"n": int, "m": dg.Field(int, default_value=2)})
    def mapping(given):
        return {"load": {"config": {"total": given["n"] + given["m"]}}}

    assert isinstance(mapping, dg.ConfigMapping)
    assert mapping.resolve({"n": 1}) == {"load": {"config": {"total": 3}}}
    with pytest.raises(dg.InvalidConfigError, match="n: expected an integer"):
        mapping.resolve({"n": "x"})
    with pytest.raises(dg.InvalidConfigError, match="missing field `n`"):
        mapping.resolve()


def test_a_mapping_may_get_config_as_it_was_given():
    seen = []
    schema = {
        "mode": dg.Enum("Mode", [dg.EnumValue("FAST", python_value=1)]),
        "n": dg.Field(int, default_value=2),
    }
    for processed in (True, False, None):
        dg.ConfigMapping(lambda given: seen.append(given), schema, processed).resolve({"mode": "FAST"})
    assert seen == [{"mode": 1, "n": 2}, {"mode": "FAST"}, {"mode": 1, "n": 2}]


def test_a_mapping_by_config_class_may_return_run_config_objects():
    class Given(dg.Config):
        n: int = 3

    class Load(dg.Config):
        rows: int

    @dg.config_mapping
    def mapping(given: Given) -> dg.RunConfig:
        return dg.RunConfig(ops={"load": Load(rows=given.n)})

    assert mapping.resolve({})["ops"] == {"load": {"config": {"rows": 3}}}
    assert mapping.resolve()["ops"] == {"load": {"config": {"rows": 3}}}


def test_a_mapping_that_raises_or_returns_nonsense_is_the_users():
    with pytest.raises(ConfigMappingFunctionError, match="KeyError") as caught:
        dg.ConfigMapping(lambda given: given["missing"]).resolve({})
    assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(dg.InvalidConfigError, match="must return a dict"):
        dg.ConfigMapping(lambda given: 3).resolve({})
    with pytest.raises(dg.InvalidDefinitionError):
        dg.ConfigMapping({"n": 1})


@dg.resource(config_schema={"host": str, "port": int})
def server(context):
    return f"{context.resource_config['host']}:{context.resource_config['port']}"


def open_one(definition, config=None):
    with dg.build_resources(
        {"r": definition}, resource_config={} if config is None else {"r": config}
    ) as resources:
        return resources.r


def test_configured_again_and_again():
    by_port = server.configured(lambda port: {"host": "h", "port": port}, config_schema=int)
    fixed = by_port.configured(8)
    assert open_one(by_port, 7) == "h:7"
    assert open_one(fixed) == "h:8"
    with pytest.raises(dg.InvalidConfigError, match=r"unknown field `port`"):
        open_one(fixed, {"port": 3})


def test_configured_by_a_config_class():
    class Port(dg.Config):
        port: int = 9

    @dg.configured(server)
    def local(config: Port):
        return {"host": "local", "port": config.port}

    assert open_one(local) == "local:9"
    assert open_one(local, {"port": 1}) == "local:1"


def test_configured_functions_that_raise_are_the_users():
    broken = server.configured(lambda given: given["missing"], config_schema={"n": int})
    with pytest.raises(ConfigMappingFunctionError, match="KeyError"):
        open_one(broken, {"n": 1})


def test_configured_reads_variables_only_when_used(monkeypatch):
    source = dg.ResourceDefinition(lambda context: context.resource_config["host"], {"host": dg.StringSource})
    late = source.configured({"host": {"env": "LATE_HOST"}})
    monkeypatch.setenv("LATE_HOST", "h")
    assert open_one(late) == "h"
    monkeypatch.delenv("LATE_HOST")
    with pytest.raises(dg.InvalidConfigError, match="`LATE_HOST` is not set"):
        open_one(late)


def test_what_takes_no_config_cannot_be_configured():
    with pytest.raises(dg.InvalidDefinitionError, match="takes no config"):
        dg.configured(3)
    with pytest.raises(dg.InvalidDefinitionError, match="needs a function"):
        server.configured({"host": "h", "port": 1}, config_schema=int)
