"""Resources made from functions and plain objects; their order, names and errors."""

import sys
from contextlib import contextmanager
from pathlib import Path
from subprocess import run
from typing import ClassVar
from unittest import mock

import pytest

import treadle as dg
from treadle.core.errors import ResourceFunctionError, UnknownResourceError
from treadle.define.config.resolve import resolve_run_config
from treadle.define.resources.catalog import (
    kinds_of_resource,
    mismatch_with_annotation,
    resource_node,
    resource_problems,
)
from treadle.define.resources.definition import coerce_resource
from treadle.define.resources.opening import open_resources


def definitions(**resources):
    return {key: coerce_resource(value) for key, value in resources.items()}


def test_a_function_gets_its_config_and_the_resources_it_asks_for():
    @dg.resource(config_schema={"n": int}, required_resource_keys={"base"})
    def total(context):
        """Adds."""
        return context.resources.base + context.resource_config["n"]

    with dg.build_resources(
        {"total": total, "base": 10}, resource_config={"total": {"config": {"n": 5}}}
    ) as resources:
        assert resources.total == 15
    assert total.description == "Adds."
    assert total.__name__ == "total"


def test_a_function_may_take_nothing_or_resources_by_annotation():
    class Client:
        pass

    @dg.resource
    def nothing():
        return 1

    @dg.resource
    def annotated(client: dg.ResourceParam[Client], context: dg.InitResourceContext):
        return client, context.resource_key

    client = Client()
    with dg.build_resources({"n": nothing, "annotated": annotated, "client": client}) as resources:
        assert resources.n == 1
        assert resources.annotated == (client, "annotated")


def test_a_parameter_that_means_nothing_is_refused():
    with pytest.raises(dg.InvalidDefinitionError, match="`client`"):

        @dg.resource
        def broken(context, client):
            return client


@pytest.mark.parametrize("style", ["generator", "context manager"])
def test_what_stands_after_the_yield_runs_at_the_end(style):
    trace = []

    def body(context):
        trace.append("up")
        yield "value"
        trace.append("down")

    made = dg.resource(body if style == "generator" else contextmanager(body))
    with pytest.raises(ZeroDivisionError), dg.build_resources({"r": made}) as resources:
        assert resources.r == "value"
        raise ZeroDivisionError
    assert trace == ["up", "down"]


def test_resources_close_in_reverse_and_all_of_them():
    trace = []

    def make(name, needs=()):
        @dg.resource(required_resource_keys=set(needs))
        def made(context):
            trace.append(f"up {name}")
            yield name
            trace.append(f"down {name}")

        return made

    with dg.build_resources({"a": make("a", "b"), "b": make("b", "c"), "c": make("c")}):
        pass
    assert trace == ["up c", "up b", "up a", "down a", "down b", "down c"]


def test_only_what_is_needed_is_opened():
    """S4-21: unused resources are harmless."""
    untouched = dg.ResourceDefinition(mock.Mock(side_effect=AssertionError))
    with open_resources(definitions(used=1, unused=untouched), ["used"]) as resources:
        assert resources._asdict() == {"used": 1}
        with pytest.raises(UnknownResourceError):
            resources.unused


def test_an_unknown_name_says_what_was_meant():
    with dg.build_resources({"warehouse": 1}) as resources:
        with pytest.raises(AttributeError, match="did you mean `warehouse`"):
            resources.warehose


def test_a_missing_resource_names_who_needs_it():
    """S0-29, B05."""
    needs = dg.ResourceDefinition(lambda context: 1, required_resource_keys={"clint"})
    outer = dg.ResourceDefinition(lambda context: 1, required_resource_keys={"needs"})
    with pytest.raises(
        UnknownResourceError, match=r"no resource `clint`.*needed by outer -> needs"
    ) as caught:
        with open_resources(definitions(outer=outer, needs=needs, client=1), ["outer"]):
            pass
    assert "did you mean `client`" in str(caught.value)


def test_a_circle_is_named_in_order():
    """S0-29, B05."""

    def needing(key):
        return dg.ResourceDefinition(lambda context: 1, required_resource_keys={key})

    circle = definitions(a=needing("b"), b=needing("c"), c=needing("a"))
    with pytest.raises(dg.InvalidDefinitionError, match=r"a -> b -> c -> a") as caught:
        with open_resources(circle, ["a"]):
            pass
    assert caught.value.code == "resource-cycle"
    assert [problem.code for problem in resource_problems(circle, {})] == ["resource-cycle"]


def test_problems_are_all_found_without_opening_anything():
    class Api(dg.ConfigurableResource):
        url: str

    lost = dg.ResourceDefinition(lambda context: 1, required_resource_keys={"nobody"})
    found = resource_problems(
        definitions(lost=lost, api=Api, client=1), {"clint": ["orders"], "client": ["x"]}
    )
    assert [problem.code for problem in found] == [
        "unknown-resource",
        "wrong-resource-kind",
        "unknown-resource",
    ]
    assert "needed by `orders`" in found[0].message
    assert found[0].suggestion == "did you mean `client`?"
    assert found[1].suggestion == "write `Api(…)`"


def test_a_function_that_raises_is_named():
    @dg.resource
    def broken(context):
        raise OSError("no route to postgres://ann:hunter22@h")

    with pytest.raises(ResourceFunctionError, match="`db` could not be set up: OSError") as caught:
        with dg.build_resources({"db": broken}):
            pass
    assert "hunter22" not in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)


def test_ready_made_definitions():
    given = {
        "value": dg.ResourceDefinition.hardcoded_resource(3),
        "none": dg.ResourceDefinition.none_resource(),
        "text": dg.ResourceDefinition.string_resource(),
        "mocked": dg.ResourceDefinition.mock_resource(),
        "values": dg.make_values_resource(region=str),
    }
    config = {"text": "t", "values": {"region": "eu"}}
    with dg.build_resources(given, resource_config=config) as resources:
        assert (resources.value, resources.none, resources.text) == (3, None, "t")
        assert isinstance(resources.mocked, mock.MagicMock)
        assert resources.values.region == "eu"


def test_direct_calls_check_config_first():
    @dg.resource(config_schema={"n": int, "m": dg.Field(int, default_value=2)})
    def made(context):
        return context.resource_config

    assert made(dg.build_init_resource_context(config={"n": 1})) == {"n": 1, "m": 2}
    with pytest.raises(dg.InvalidConfigError, match=r"config:n: expected an integer"):
        made(dg.build_init_resource_context(config={"n": "x"}))
    with pytest.raises(dg.InvalidInvocationError, match="takes a context"):
        made()


def test_a_context_for_tests_opens_and_closes_resources():
    trace = []

    @dg.resource
    def client(context):
        yield "c"
        trace.append("down")

    with dg.build_init_resource_context(config=1, resources={"client": client}) as context:
        assert context.resources.client == "c"
        assert context.resource_config == 1
    assert trace == ["down"]


def test_configured_fills_config_and_run_config_is_checked_with_its_path():
    """S4-10."""

    @dg.resource(config_schema={"bucket": str, "prefix": str})
    def store(context):
        return context.resource_config

    @dg.configured(store, config_schema={"team": str})
    def team_store(config):
        return {"bucket": "b", "prefix": config["team"]}

    fixed = store.configured({"bucket": "b", "prefix": "p"})
    late = store.configured(lambda team: {"bucket": "b", "prefix": team}, config_schema=str)
    config = {"team_store": {"team": "x"}, "late": "y"}
    with dg.build_resources(
        {"fixed": fixed, "team_store": team_store, "late": late}, resource_config=config
    ) as found:
        assert [each["prefix"] for each in (found.fixed, found.team_store, found.late)] == ["p", "x", "y"]
    code = type("Code", (), {"ops": {}, "resources": {"store": store.configured({"bucket": 1})}})
    with pytest.raises(dg.InvalidConfigError) as caught:
        resolve_run_config(code, [], {}, resource_keys=["store"])
    assert [(each.path, each.reason) for each in caught.value.errors] == [
        (("resources", "store", "config"), "MISSING_REQUIRED_FIELD"),
        (("resources", "store", "config", "bucket"), "RUNTIME_TYPE_MISMATCH"),
    ]


def test_the_catalog_shows_no_secret(monkeypatch):
    """B28, S4-12."""
    monkeypatch.setenv("TOKEN", "canary")

    class Inner(dg.ConfigurableResource):
        key: str = "hunter22"

    class DuckDBLike(dg.ConfigurableResource):
        inner: Inner
        path: str
        password: str
        url: str = "x://a:hunter22@h"
        token: str = dg.EnvVar("TOKEN")

    inner = Inner()
    all_resources = definitions(db=DuckDBLike(inner=inner, path="a.db", password="hunter22"), inner=inner)
    node = resource_node("db", all_resources["db"], all_resources)
    assert node.config == {
        "path": "a.db",
        "password": "***",
        "url": "x://a:***@h",
        "token": "EnvVar(TOKEN)",
    }
    assert node.nested == {"inner": "inner"}
    assert node.type_name == "DuckDBLike"
    assert node.kinds == {"duckdb"}


def test_kinds_come_from_the_class():
    """S2-D11."""

    class Snowflake(dg.ConfigurableResource):
        pass

    class Mine(Snowflake):
        pass

    class Said(Snowflake):
        treadle_kinds: ClassVar = ("iceberg",)

    assert [kinds_of_resource(coerce_resource(each())) for each in (Snowflake, Mine, Said)] == [
        {"snowflake"},
        {"snowflake"},
        {"iceberg"},
    ]
    assert kinds_of_resource(coerce_resource(object())) == frozenset()


def test_an_instance_of_another_resource_class_does_not_fit_an_annotation():
    """S2-D02b."""

    class A(dg.ConfigurableResource):
        pass

    class SubA(A):
        pass

    class B(dg.ConfigurableResource):
        pass

    assert mismatch_with_annotation(coerce_resource(B()), A) == "expected A, got B"
    assert mismatch_with_annotation(coerce_resource(SubA()), A) is None
    assert mismatch_with_annotation(coerce_resource(mock.Mock()), A) is None
    assert mismatch_with_annotation(dg.ResourceDefinition(lambda context: 1), A) is None


def test_programs_without_config_classes_do_not_import_pydantic():
    source = """
import sys
import treadle as dg
@dg.io_manager
def manager(context):
    return object()
@dg.resource
def made():
    return dg.Field, dg.RunConfig, dg.EnvVar
with dg.build_resources({"m": manager, "r": made}) as resources:
    resources.r
assert "pydantic" not in sys.modules
"""
    done = run(
        [sys.executable, "-c", source], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert done.returncode == 0, done.stderr


def test_older_code_binds_resources_and_config_to_definitions():
    class Bindable:
        def with_resources(self, resources):
            return resources

    class Api(dg.ConfigurableResource):
        url: str
        timeout: int = 1

    api = Api(url="x")
    config = {"api": {"config": {"timeout": 5}}}
    bound, other = dg.with_resources([Bindable(), "other"], {"api": api, "n": 1}, config)
    assert other == "other"
    with dg.build_resources(bound) as resources:
        assert (resources.api.url, resources.api.timeout, resources.n) == ("x", 5, 1)
    for wrong in ({"nobody": {"config": 1}}, {"api": {"timeout": 5}}):
        with pytest.raises((dg.InvalidDefinitionError, dg.InvalidInvocationError), match="with_resources"):
            dg.with_resources([], {"api": api}, wrong)


def test_an_object_that_can_be_called_makes_a_resource():
    class Maker:
        def __call__(self, client: dg.ResourceParam[int]):
            return client + 1

    with dg.build_resources({"made": dg.ResourceDefinition(Maker()), "client": 1}) as resources:
        assert resources.made == 2


def test_files_are_kept_by_handle(tmp_path):
    given = {"files": dg.local_file_manager}
    with dg.build_resources(given, resource_config={"files": {"base_dir": str(tmp_path)}}) as resources:
        handle = resources.files.write_data(b"abc", ext="txt")
        assert handle.path_desc.endswith(".txt")
        assert resources.files.read_data(handle) == b"abc"
        copy = resources.files.copy_handle_to_local_temp(handle)
        with resources.files.read(handle, "rb") as opened:
            assert resources.files.read_data(resources.files.write(opened)) == b"abc"
    assert not Path(copy).exists()
    assert len(list(tmp_path.iterdir())) == 2
    with dg.build_resources(given) as resources:
        temporary = resources.files.write_data(b"x").path
    assert not Path(temporary).exists()


@pytest.mark.parametrize("missing", ["api", "warehouse", "credentials"])
def test_an_asset_is_not_bound_to_less_than_it_needs(missing):
    @dg.asset(required_resource_keys={"api"}, io_manager_key="warehouse")
    def orders(): ...

    @dg.resource(required_resource_keys={"credentials"})
    def api(_): ...

    given = {"api": api, "warehouse": dg.mem_io_manager, "credentials": "secret"}
    assert dg.with_resources([orders], given)
    del given[missing]
    with pytest.raises(dg.UnknownResourceError, match=f"`{missing}`, which is not among"):
        dg.with_resources([orders], given)
