"""Factories, the resources they get before assets exist, and loading many of them (S0-12…S0-16, S0-27…S0-31)."""

import pytest

import treadle as dg
from treadle.factories import (
    AssetFactoryResponse,
    EarlyResourcesAssetFactory,
    FactoryError,
    ResourcesContext,
    ResourcesRegistry,
    early_resources_asset_factory,
    load_factories,
    resource_factory,
)


class GlobalConfig(dg.ConfigurableResource):
    some_setting: str = "x"
    token: str = ""


def asset(name, **arguments):
    return dg.asset(name=name, **arguments)(lambda: None)


def keys(defs):
    return sorted(key.to_user_string() for key in defs.resolve_all_asset_keys())


# Responses


def test_a_response_has_only_assets_unless_told():
    """S0-12"""
    response = AssetFactoryResponse([asset("a")])
    assert (response.sensors, response.jobs, response.checks) == ([], [], [])


def test_a_response_finds_jobs_and_assets_by_name():
    """S0-12"""
    job = dg.define_asset_job("clean_up", selection="*")
    response = AssetFactoryResponse([asset("a", key_prefix="p"), asset("b", group_name="g")], jobs=[job])
    assert response.find_job_by_name("clean_up") is job and response.find_job_by_name("other") is None
    assert [each.key.to_user_string() for each in response.filter_assets_by_name("a")] == ["p/a"]
    assert [
        each.key.to_user_string() for each in response.filter_assets(lambda one: "b" in one.key.path)
    ] == ["b"]


def test_all_kinds_of_definitions_of_all_responses_load():
    """S0-13, S0-14"""
    one = asset("one")

    @dg.asset_check(asset=one)
    def positive():
        return dg.AssetCheckResult(passed=True)

    @dg.sensor(name="watcher", target=one)
    def watcher(): ...

    response = AssetFactoryResponse(
        [one], sensors=[watcher], checks=[positive], jobs=[dg.define_asset_job("j")]
    )
    defs = load_factories([response, [asset("two")]])
    assert keys(defs) == ["one", "two"]
    assert defs.get_job_def("j").name == "j" and defs.get_sensor_def("watcher").name == "watcher"
    assert [key.name for key in defs.resolve().catalog.checks] == ["positive"]
    assert isinstance(one, dg.AssetsDefinition) and isinstance(positive, dg.AssetChecksDefinition)
    assert isinstance(watcher, dg.SensorDefinition)


def test_many_instances_of_one_factory_do_not_clash_and_a_true_clash_names_both_places():
    """S0-27"""

    def factory(name):
        @dg.asset(key_prefix="raw", name=name)
        def loaded(): ...

        return AssetFactoryResponse([loaded])

    assert len(keys(load_factories([factory(f"t{n}") for n in range(20)]))) == 20
    with pytest.raises(
        dg.DefinitionsError,
        match=r"(?s)defined twice: at .*test_factories.py:\d+ and .*test_factories.py:\d+",
    ):
        load_factories([factory("same"), factory("same")]).resolve()


# Early resources


def test_a_factory_gets_resources_by_the_names_of_its_parameters():
    """S0-28"""

    @early_resources_asset_factory(tags={"a": "b"})
    def my_asset_factory(global_config: GlobalConfig):
        return AssetFactoryResponse([asset(f"a_{global_config.some_setting}")])

    assert isinstance(my_asset_factory, EarlyResourcesAssetFactory)
    assert my_asset_factory.name == "my_asset_factory" and my_asset_factory.module == __name__
    assert my_asset_factory.caller_filename == __file__ and my_asset_factory.tags == {"a": "b"}
    defs = load_factories([my_asset_factory], resources={"global_config": GlobalConfig(some_setting="y")})
    assert keys(defs) == ["a_y"]


def test_fields_from_the_environment_are_read_for_early_resources(monkeypatch):
    monkeypatch.setenv("FACTORY_TOKEN", "t1")

    @early_resources_asset_factory()
    def made(global_config):
        return asset(f"a_{global_config.token}")

    resources = {"global_config": GlobalConfig(token=dg.EnvVar("FACTORY_TOKEN"))}
    assert keys(load_factories([made], resources=resources)) == ["a_t1"]


def test_the_resources_are_there_at_run_time_too():
    @early_resources_asset_factory()
    def made(global_config: GlobalConfig):
        @dg.asset(name=global_config.some_setting)
        def inner(global_config: GlobalConfig, host: dg.ResourceParam[str]):
            return f"{global_config.some_setting}@{host}"

        return inner

    @resource_factory("host")
    def make_host():
        return "example.org"

    defs = load_factories([made], resources={"global_config": GlobalConfig(), "host": make_host})
    result = defs.get_implicit_global_asset_job_def().execute_in_process()
    assert result.output_for_node("x") == "x@example.org"


def test_resources_are_made_from_resources_once_a_load():
    """S0-29"""
    made = []

    @resource_factory("config")
    def make_config():
        made.append("config")
        return {"url": "u"}

    @resource_factory("client")
    def make_client(config, resources: ResourcesContext, retries=3):
        made.append("client")
        return (config["url"], resources.resolve("config") is config, retries)

    @early_resources_asset_factory()
    def one(client, config):
        return asset("one_" + client[0])

    @early_resources_asset_factory()
    def two(client):
        assert client == ("u", True, 3)
        return asset("two")

    registry = ResourcesRegistry()
    registry.add(make_client)
    registry.add(make_config)
    assert keys(load_factories([one, two], resources=registry)) == ["one_u", "two"]
    assert made == ["config", "client"]


def test_a_missing_resource_is_named_with_function_place_and_the_nearest_name():
    """S0-29"""

    @early_resources_asset_factory()
    def made(global_confg): ...

    with pytest.raises(FactoryError) as caught:
        load_factories([made], resources={"global_config": GlobalConfig()})
    text = str(caught.value)
    assert "`made`" in text and "`global_confg`" in text and "did you mean `global_config`?" in text
    assert f"{__file__}:" in text and caught.value.code == "unknown-resource"


def test_resources_that_need_each_other_are_spelt_out():
    """S0-29"""

    @resource_factory("a")
    def make_a(b): ...

    @resource_factory("b")
    def make_b(a): ...

    @early_resources_asset_factory()
    def made(a): ...

    with pytest.raises(FactoryError, match="a -> b -> a") as caught:
        load_factories([made], resources={"a": make_a, "b": make_b})
    assert caught.value.code == "resource-cycle"


def test_a_dependency_runs_first_once_and_hands_on_its_response():
    """S0-28"""
    ran = []

    @early_resources_asset_factory()
    def base():
        ran.append("base")
        return asset("base")

    @early_resources_asset_factory(dependencies=[base])
    def below(dependencies):
        (response,) = dependencies
        return asset("below", deps=response.assets)

    defs = load_factories([below, base])
    assert keys(defs) == ["base", "below"] and ran == ["base"]


def test_factories_that_depend_on_each_other_are_refused():
    one = EarlyResourcesAssetFactory(lambda: None)
    two = EarlyResourcesAssetFactory(lambda: None, dependencies=[one])
    one.dependencies.append(two)
    with pytest.raises(FactoryError, match="in a circle"):
        load_factories([one])


def test_additional_annotations_are_given_to_a_function_that_takes_anything():
    @early_resources_asset_factory(additional_annotations={"host": str})
    def made(**resources):
        return asset(resources["host"])

    assert keys(load_factories([made], resources={"host": "h"})) == ["h"]


# Failures


@early_resources_asset_factory()
def broken():
    raise RuntimeError("no connection")


def test_a_factory_that_fails_ends_the_load_with_its_name_file_and_cause():
    """S0-31"""
    with pytest.raises(FactoryError) as caught:
        load_factories([AssetFactoryResponse([asset("fine")]), broken])
    text = str(caught.value)
    assert "`broken`" in text and __file__ in text and "RuntimeError: no connection" in text
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_skipping_loads_the_rest_and_tells_what_was_left_out():
    """S0-31"""
    defs = load_factories([broken, asset("fine")], on_error="skip")
    assert keys(defs) == ["fine"]
    (problem,) = dg.lint(defs)
    assert (problem.code, problem.severity) == ("factory-skipped", "warning")
    assert (
        "`broken`" in problem.message
        and "no connection" in problem.message
        and problem.where.startswith(__file__)
    )
    assert [each.code for each in dg.lint(dg.Definitions.merge(defs, dg.Definitions()))] == [
        "factory-skipped"
    ]


def test_what_is_no_response_is_refused():
    """S0-30"""

    @early_resources_asset_factory()
    def made():
        return [asset("a")]

    with pytest.raises(FactoryError, match="gave list; it must return"):
        load_factories([made])
    with pytest.raises(dg.InvalidArgumentError):
        load_factories(["text"])
    with pytest.raises(dg.InvalidArgumentError, match="skip"):
        load_factories([], on_error="ignore")


# Modules


def test_the_factories_and_responses_of_a_package_load(tmp_path, monkeypatch):
    """S0-08"""
    package = tmp_path / "factory_assets"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "first.py").write_text(
        "import treadle as dg\nfrom treadle.factories import AssetFactoryResponse, early_resources_asset_factory\n\n"
        "@early_resources_asset_factory()\ndef made(host):\n"
        "    return AssetFactoryResponse([dg.asset(name=host)(lambda: None)])\n"
    )
    (package / "second.py").write_text("import treadle as dg\n@dg.asset\ndef plain(): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    import factory_assets

    assert keys(load_factories(factory_assets, resources={"host": "h"})) == ["h", "plain"]
