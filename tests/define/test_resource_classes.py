"""Resource classes: fields, nesting, life cycle, late config."""

import logging
from contextlib import contextmanager

import pydantic
import pytest

import treadle as dg
from treadle.define.config.resolve import resolve_run_config
from treadle.define.resources.definition import coerce_resource
from treadle.define.resources.opening import open_resources


class Code:
    ops = {}

    def __init__(self, **resources):
        self.resources = {key: coerce_resource(value) for key, value in resources.items()}


def opened(run_config=None, **resources):
    """What a run does: check config for all, then open all."""
    code = Code(**resources)
    config = resolve_run_config(code, [], run_config, resource_keys=code.resources)
    return open_resources(code.resources, code.resources, config.resource_config)


@pytest.fixture
def trace():
    return []


@pytest.fixture
def classes(trace):
    class Connection(dg.ConfigurableResource):
        url: str
        port: int = 5432

        def setup_for_execution(self, context):
            trace.append(f"up {self.url}")

        def teardown_after_execution(self, context):
            trace.append(f"down {self.url}")

    class Warehouse(dg.ConfigurableResource):
        connection: Connection
        name: str = "main"

        def setup_for_execution(self, context):
            trace.append(f"up {self.name} over {self.connection.url}")

        def teardown_after_execution(self, context):
            trace.append(f"down {self.name}")

    return Connection, Warehouse


def test_fields_have_defaults_and_are_checked():
    class Api(dg.ConfigurableResource):
        base_url: str
        timeout: int = 30

    assert Api(base_url="http://x").timeout == 30
    with pytest.raises(pydantic.ValidationError, match="timeout"):
        Api(base_url="http://x", timeout="soon")
    with pytest.warns(dg.ConfigArgumentWarning, match="tymeout.*did you mean `timeout`"):
        Api(base_url="http://x", tymeout=3)


def test_a_resource_does_not_change_once_made():
    class Api(dg.ConfigurableResource):
        url: str

    with pytest.raises(dg.InvalidInvocationError, match=r"Api\.url"):
        Api(url="a").url = "b"
    with pytest.raises(dg.InvalidInvocationError, match=r"Api\.client"):
        Api(url="a").client = object()
    api = Api(url="a")
    api._client = "kept"
    assert api._client == "kept"


def test_nested_resources_are_set_up_first_and_torn_down_last(classes, trace):
    """S3-07."""
    Connection, Warehouse = classes
    with opened(warehouse=Warehouse(connection=Connection(url="db"))) as resources:
        assert resources.warehouse.connection.port == 5432
        assert trace == ["up db", "up main over db"]
    assert trace[2:] == ["down main", "down db"]


def test_a_nested_resource_that_has_a_key_too_is_one_object(classes, trace):
    """S3-07."""
    Connection, Warehouse = classes
    connection = Connection(url="db")
    with opened(warehouse=Warehouse(connection=connection), connection=connection) as resources:
        assert resources.warehouse.connection is resources.connection
    assert trace.count("up db") == 1


def test_a_resource_nested_in_two_others_is_one_object(classes, trace):
    Connection, Warehouse = classes
    connection = Connection(url="db")
    with opened(
        a=Warehouse(connection=connection), b=Warehouse(connection=connection, name="b")
    ) as resources:
        assert resources.a.connection is resources.b.connection
    assert trace.count("down db") == 1


def test_each_run_gets_an_object_of_its_own():
    class Counter(dg.ConfigurableResource):
        _calls: list = pydantic.PrivateAttr(default_factory=list)

        def setup_for_execution(self, context):
            self._calls.append(1)

    counter = Counter()
    for _ in range(2):
        with opened(counter=counter) as resources:
            assert resources.counter._calls == [1]
    assert counter._calls == []


def test_what_is_up_is_torn_down_when_a_later_resource_fails(classes, trace):
    """B05."""
    Connection, _ = classes

    class Broken(dg.ConfigurableResource):
        connection: Connection
        password: str

        def setup_for_execution(self, context):
            raise ValueError(f"cannot log in as ann:{self.password}")

    with pytest.raises(dg.ResourceFunctionError, match="`broken` could not be set up: ValueError") as caught:
        with opened(broken=Broken(connection=Connection(url="db"), password="hunter22")):
            pass
    assert trace == ["up db", "down db"]
    assert isinstance(caught.value.__cause__, ValueError)
    assert "hunter22" not in str(caught.value)


def test_a_teardown_that_raises_is_logged_and_the_others_still_run(classes, trace, caplog):
    Connection, _ = classes

    class Leaky(dg.ConfigurableResource):
        connection: Connection

        def teardown_after_execution(self, context):
            raise OSError("gone")

    with caplog.at_level(logging.ERROR):
        with opened(leaky=Leaky(connection=Connection(url="db"))):
            pass
    assert trace[-1] == "down db"
    assert "`leaky` could not be torn down" in caplog.text


def test_yield_for_execution_wraps_the_run(trace):
    class Session(dg.ConfigurableResource):
        name: str
        _open: bool = pydantic.PrivateAttr(default=False)

        @contextmanager
        def yield_for_execution(self, context):
            trace.append("open")
            self._open = True
            yield self
            trace.append("closed")

    with opened(session=Session(name="s")) as resources:
        assert resources.session._open
    assert trace == ["open", "closed"]


def test_a_factory_gives_what_it_creates():
    class Client:
        def __init__(self, url):
            self.url = url

    class ClientFactory(dg.ConfigurableResourceFactory[Client]):
        url: str

        def create_resource(self, context):
            return Client(self.url)

    class User(dg.ConfigurableResource):
        client: dg.ResourceDependency[Client]

    with opened(user=User(client=ClientFactory(url="x"))) as resources:
        assert isinstance(resources.user.client, Client)
        assert resources.user.client.url == "x"


def test_a_dependency_takes_a_function_made_resource_or_a_plain_object(trace):
    """S3-07."""

    @dg.resource(config_schema={"name": dg.Field(str, default_value="pg")})
    def connection(context):
        trace.append("up")
        yield context.resource_config["name"]
        trace.append("down")

    class User(dg.ConfigurableResource):
        made: dg.ResourceDependency[str]
        given: dg.ResourceDependency[str]

    with opened(user=User(made=connection.configured({"name": "duck"}), given="plain")) as resources:
        assert (resources.user.made, resources.user.given) == ("duck", "plain")
    assert trace == ["up", "down"]


def test_run_config_overrides_fields_that_were_given():
    class Api(dg.ConfigurableResource):
        url: str
        timeout: int = 30

    config = {"resources": {"api": {"config": {"timeout": 5}}}}
    with opened(config, api=Api(url="x")) as resources:
        assert (resources.api.url, resources.api.timeout) == ("x", 5)


def test_fields_left_open_come_from_run_config():
    class Api(dg.ConfigurableResource):
        url: str
        timeout: int

    api = Api.configure_at_launch(timeout=3)
    with opened({"resources": {"api": {"config": {"url": "late"}}}}, api=api) as resources:
        assert (resources.api.url, resources.api.timeout) == ("late", 3)
    with pytest.raises(dg.InvalidConfigError) as caught:
        opened({}, api=api)
    assert [(each.path, each.reason) for each in caught.value.errors] == [((), "MISSING_REQUIRED_FIELD")]


def test_a_nested_resource_with_open_fields_needs_a_key_of_its_own(classes):
    Connection, Warehouse = classes
    late = Connection.configure_at_launch()
    with pytest.raises(dg.InvalidDefinitionError, match="field `connection` needs run config"):
        opened(warehouse=Warehouse(connection=late))
    config = {"resources": {"connection": {"config": {"url": "late"}}}}
    with opened(config, warehouse=Warehouse(connection=late), connection=late) as resources:
        assert resources.warehouse.connection.url == "late"


def test_a_field_of_another_resource_class_is_refused(classes):
    _, Warehouse = classes

    class Other(dg.ConfigurableResource):
        pass

    with pytest.raises(pydantic.ValidationError, match="connection"):
        Warehouse(connection=Other())


def test_validators_see_values_never_the_variable_that_stands_for_them(monkeypatch):
    """S4-12."""
    monkeypatch.setenv("API_URL", "HTTP://X")
    seen = []

    class Api(dg.ConfigurableResource):
        url: str

        @pydantic.field_validator("url")
        @classmethod
        def lower(cls, value):
            seen.append(value)
            return value.lower()

    api = Api(url=dg.EnvVar("API_URL"))
    assert seen == []
    with opened(api=api) as resources:
        assert resources.api.url == "http://x"
    assert all(type(each) is str for each in seen)


def test_variables_inside_of_config_objects_are_read(monkeypatch):
    """S4-12."""

    class Login(dg.Config):
        user: str
        port: int = 1

    class Db(dg.ConfigurableResource):
        login: Login
        more: dict[str, str] = {}

    monkeypatch.setenv("DB_USER", "ann")
    monkeypatch.setenv("DB_PORT", "8")
    db = Db(
        login=Login(user=dg.EnvVar("DB_USER"), port=dg.EnvVar("DB_PORT")), more={"a": dg.EnvVar("DB_USER")}
    )
    with opened(db=db) as resources:
        assert (resources.db.login, resources.db.more) == (Login(user="ann", port=8), {"a": "ann"})
    monkeypatch.delenv("DB_USER")
    monkeypatch.setenv("DB_PORT", "x")
    with pytest.raises(dg.InvalidConfigError) as caught:
        opened(db=db)
    assert [each.path[3:] for each in caught.value.errors] == [("login", "user"), ("more", "a")]


def test_a_missing_variable_is_named_before_anything_opens(classes, trace, monkeypatch):
    """S4-12, B15."""
    monkeypatch.delenv("DB_URL", raising=False)
    Connection, Warehouse = classes
    warehouse = Warehouse(connection=Connection(url=dg.EnvVar("DB_URL"), port=dg.EnvVar.int("DB_PORT")))
    with pytest.raises(dg.InvalidConfigError) as caught:
        opened(first=Connection(url="fine"), warehouse=warehouse)
    assert trace == []
    assert "`DB_URL` is not set" in str(caught.value)
    assert len(caught.value.errors) == 2


def test_a_variable_of_the_wrong_type_is_an_error_that_hides_its_value(classes, monkeypatch):
    Connection, _ = classes
    monkeypatch.setenv("DB_PORT", "s3cr3t-text")
    for variable in (dg.EnvVar("DB_PORT"), dg.EnvVar.int("DB_PORT")):
        with pytest.raises(dg.InvalidConfigError) as caught:
            opened(connection=Connection(url="x", port=variable))
        assert "s3cr3t-text" not in str(caught.value)
        assert caught.value.errors[0].path == ("resources", "connection", "config", "port")


def test_secrets_do_not_show(monkeypatch):
    """B28: planted canaries are nowhere in what is printed."""
    monkeypatch.setenv("CANARY", "canary-value")

    class Db(dg.ConfigurableResource):
        password: str
        url: str
        token: pydantic.SecretStr | None = None
        note: str = ""

    db = Db(
        password="hunter22", url="postgres://ann:pa55word@h/d", token="t0ken123", note=dg.EnvVar("CANARY")
    )
    with opened(db=db) as resources:
        for text in (repr(db), str(db), repr(resources.db), str(resources.db)):
            for canary in ("hunter22", "pa55word", "t0ken123", "canary-value"):
                assert canary not in text
        assert resources.db.note == "canary-value"


def test_a_resource_can_be_used_outside_of_a_run(classes, trace, monkeypatch):
    monkeypatch.setenv("DB_URL", "db")
    Connection, Warehouse = classes
    warehouse = Warehouse(connection=Connection(url=dg.EnvVar("DB_URL"))).process_config_and_initialize()
    assert warehouse.connection.url == "db"
    with Connection(url=dg.EnvVar("DB_URL")).process_config_and_initialize_cm() as connection:
        assert connection.url == "db"
    assert trace == ["up db", "up main over db", "up db", "down db"], "the first is not torn down"


def test_a_class_can_be_made_from_the_context_of_a_function():
    class Api(dg.ConfigurableResource):
        url: str

    @dg.resource(config_schema={"url": str})
    def api(context):
        return Api.from_resource_context(context)

    assert api(dg.build_init_resource_context(config={"url": "x"})).url == "x"


def test_the_context_is_known_while_set_up():
    class Api(dg.ConfigurableResource):
        url: str

    with opened(api=Api(url="x")) as resources:
        assert resources.api.get_resource_context().resource_config == {"url": "x"}
    with pytest.raises(dg.InvariantViolationError, match="not set up"):
        Api(url="x").get_resource_context()


def test_a_resource_may_show_another_object_on_the_context():
    class Api(dg.ConfigurableResource, dg.IAttachDifferentObjectToOpContext):
        url: str

        def get_object_to_set_on_execution_context(self):
            return self.url.upper()

    with opened(api=Api(url="x")) as resources:
        assert resources.api == "X"
        assert resources._original("api").url == "x"


def test_a_legacy_definition_can_stand_behind_a_class(trace):
    @dg.resource(config_schema={"name": str})
    def legacy(context):
        yield context.resource_config["name"]
        trace.append("down")

    class Adapter(dg.ConfigurableLegacyResourceAdapter):
        name: str

        @property
        def wrapped_resource(self):
            return legacy

    with opened(r=Adapter(name="n")) as resources:
        assert resources.r == "n"
    assert trace == ["down"]


def test_a_resource_object_stands_as_a_parameter_default():
    """S2-D02c."""

    class Api(dg.ConfigurableResource):
        url: str

    warehouse = Api(url="x")

    def trips(db: Api = warehouse):
        return db.url

    assert trips() == "x"
