"""IO managers as definitions: functions, classes, config, resources as parameters."""

from types import SimpleNamespace

import pytest

import treadle as dg
from treadle.define.config.resolve import resolve_run_config
from treadle.define.resources.definition import coerce_resource


class Remembering(dg.IOManager):
    def __init__(self, name="m"):
        self.name = name
        self.values = {}

    def handle_output(self, context, obj):
        self.values[tuple(context.asset_key.path)] = obj

    def load_input(self, context):
        return self.values[tuple(context.asset_key.path)]


def test_an_annotated_parameter_gets_the_resource():
    """S1-49."""

    class Iceberg(dg.ConfigurableResource):
        catalog: str

    @dg.io_manager
    def manager(iceberg: Iceberg):
        return Remembering(iceberg.catalog)

    assert manager.required_resource_keys == {"iceberg"}
    with dg.build_resources({"io_manager": manager, "iceberg": Iceberg(catalog="c")}) as resources:
        assert resources.io_manager.name == "c"


def test_context_and_resources_may_stand_in_any_order():
    """S1-49."""

    class Iceberg(dg.ConfigurableResource):
        catalog: str

    @dg.io_manager(config_schema={"table": str})
    def manager(iceberg: Iceberg, context):
        return Remembering(iceberg.catalog + context.resource_config["table"])

    given = {"io_manager": manager.configured({"table": "t"}), "iceberg": Iceberg(catalog="c")}
    with dg.build_resources(given) as resources:
        assert resources.io_manager.name == "ct"


def test_a_manager_is_kept_and_asked_by_asset_key():
    """S1-48."""
    manager = Remembering()
    context = SimpleNamespace(asset_key=dg.AssetKey(["a", "b"]))
    manager.handle_output(context, 5)
    assert manager.load_input(context) == 5


def test_wrong_or_missing_config_is_refused_with_its_path():
    """S4-10."""

    @dg.io_manager(config_schema={"bucket": str, "prefix": str})
    def manager(context):
        return Remembering(context.resource_config["bucket"])

    code = SimpleNamespace(ops={}, resources={"io_manager": coerce_resource(manager)})
    config = {"resources": {"io_manager": {"config": {"bucket": 3}}}}
    with pytest.raises(dg.InvalidConfigError) as caught:
        resolve_run_config(code, [], config, resource_keys=["io_manager"])
    assert [each.path for each in caught.value.errors] == [
        ("resources", "io_manager", "config"),
        ("resources", "io_manager", "config", "bucket"),
    ]


def test_configured_keeps_the_kind_of_definition():
    @dg.io_manager(config_schema={"name": str}, input_config_schema={"n": int}, description="d")
    def manager(context):
        return Remembering(context.resource_config["name"])

    named = manager.configured({"name": "x"})
    assert isinstance(named, dg.IOManagerDefinition)
    assert named.is_io_manager
    assert named.input_config_schema is manager.input_config_schema
    assert named.description == "d"


def test_a_hardcoded_manager_is_that_object():
    manager = Remembering()
    definition = dg.IOManagerDefinition.hardcoded_io_manager(manager)
    with dg.build_resources({"io": definition, "plain": manager}) as resources:
        assert resources.io is resources.plain is manager
    assert coerce_resource(manager).is_io_manager


def test_a_configurable_class_is_used_by_all_that_name_it():
    """S3-06."""

    class Files(dg.ConfigurableIOManager):
        folder: str
        suffix: str = ".txt"

        def handle_output(self, context, obj):
            return f"{self.folder}/{context}{self.suffix}"

        def load_input(self, context):
            return context

    definition = coerce_resource(Files(folder="f"))
    assert definition.is_io_manager
    with dg.build_resources({"io_manager": definition}) as resources:
        assert resources.io_manager.handle_output("a", None) == "f/a.txt"
        assert isinstance(resources.io_manager, dg.IOManager)


def test_a_factory_makes_the_manager():
    class Factory(dg.ConfigurableIOManagerFactory):
        name: str

        def create_io_manager(self, context):
            return Remembering(self.name)

    with dg.build_resources({"io_manager": Factory(name="n")}) as resources:
        assert resources.io_manager.name == "n"


def test_an_abstract_base_fails_only_where_it_is_used():
    """S3-10."""

    class Base(dg.ConfigurableIOManager):
        bucket: str

        @property
        def path(self):
            raise NotImplementedError

        def handle_output(self, context, obj):
            return self.path

        def load_input(self, context):
            return self.path

    class S3(Base):
        @property
        def path(self):
            return f"s3a://{self.bucket}"

    with dg.build_resources({"s3": S3(bucket="b"), "base": Base(bucket="b")}) as resources:
        assert resources.s3.handle_output(None, None) == "s3a://b"
        with pytest.raises(NotImplementedError):
            resources.base.handle_output(None, None)


def test_a_legacy_manager_can_stand_behind_a_class():
    @dg.io_manager(config_schema={"name": str})
    def legacy(context):
        return Remembering(context.resource_config["name"])

    class Adapter(dg.ConfigurableLegacyIOManagerAdapter):
        name: str

        @property
        def wrapped_io_manager(self):
            return legacy

    with dg.build_resources({"io_manager": Adapter(name="n")}) as resources:
        assert resources.io_manager.name == "n"


def test_an_input_manager_is_the_function_that_loads():
    @dg.input_manager(input_config_schema={"n": int})
    def loader(context):
        return context.config["n"]

    with dg.build_resources({"loader": loader}) as resources:
        assert resources.loader.load_input(SimpleNamespace(config={"n": 3})) == 3
    assert loader.input_config_schema.config_type.fields.keys() == {"n"}


def test_managers_share_the_resource_that_has_a_key():
    """S3-07, S3-10."""
    sessions = []

    @dg.resource(config_schema={"conf": dg.Permissive()})
    def session(context):
        sessions.append(context.resource_config["conf"])
        yield f"session {len(sessions)}"
        sessions.append("stopped")

    class Csv(dg.ConfigurableIOManager):
        session: dg.ResourceDependency[str]

        def handle_output(self, context, obj):
            return self.session

        def load_input(self, context):
            return self.session

    configured = session.configured({"conf": {"fs.s3a.region": "eu"}})
    given = {"spark": configured, "a": Csv(session=configured), "b": Csv(session=configured)}
    with dg.build_resources(given) as resources:
        assert resources.a.load_input(None) == resources.b.load_input(None) == resources.spark == "session 1"
    assert sessions == [{"fs.s3a.region": "eu"}, "stopped"]
