"""What an op's config parameter says, and what it refuses."""

import pydantic
import pytest

import treadle as dg


class Load(dg.Config):
    """How to load."""

    limit: int
    strict: bool = True


def run_with(op, config=None):
    @dg.job
    def only() -> None:
        op()

    return only.execute_in_process({} if config is None else {"ops": {op.name: {"config": config}}})


def test_a_plain_parameter_with_a_default_need_not_be_given():
    @dg.op
    def load(config: str = "all") -> str:
        return config

    assert run_with(load).output_for_node("load") == "all"
    assert run_with(load, "some").output_for_node("load") == "some"
    assert load.config_schema.default_value == "all"


def test_a_config_object_as_default_holds_in_runs_and_calls():
    @dg.op
    def load(config: Load = Load(limit=7)) -> int:
        return config.limit

    assert run_with(load).output_for_node("load") == load() == 7


def test_a_plain_parameter_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("LIMIT", "12")

    @dg.op
    def load(config: int) -> int:
        return config

    assert load.config_field.config_type is dg.IntSource
    assert run_with(load, {"env": "LIMIT"}).output_for_node("load") == 12


def test_the_field_is_described_by_its_class():
    @dg.op
    def load(config: Load) -> None: ...

    assert load.config_schema.description == "How to load."


def test_a_schema_beside_a_config_parameter_is_refused():
    with pytest.raises(dg.InvalidArgumentError, match="says twice"):

        @dg.op(config_schema={"limit": int})
        def load(config: Load) -> None: ...


class Model(pydantic.BaseModel):
    limit: int


class Client:
    pass


@pytest.mark.parametrize("annotation", [Model, Client, tuple[str, str]])
def test_a_parameter_that_no_run_config_can_fill_is_refused(annotation):
    with pytest.raises(dg.InvalidConfigDefinitionError, match="Config"):

        @dg.op
        def load(config: annotation) -> None: ...


def test_a_field_that_no_run_config_can_fill_is_refused():
    class WithClient(dg.Config):
        client: Client

    with pytest.raises(dg.InvalidConfigDefinitionError, match=r"WithClient.client.*Client"):
        WithClient.to_fields_dict()


def test_the_field_of_config_schemas_in_a_config_class_is_refused():
    class Mistaken(dg.Config):
        limit: int = dg.Field(int, default_value=3)

    with pytest.raises(dg.InvalidDefinitionError, match=r"pydantic.Field"):

        @dg.op
        def load(config: Mistaken) -> None: ...

    with pytest.raises(dg.InvalidDefinitionError, match=r"Mistaken.limit"):
        Mistaken(limit=3)


def test_a_direct_call_checks_config_as_a_run_does():
    @dg.op
    def load(context, config: Load) -> bool:
        return config.strict

    assert load(dg.build_op_context(op_config={"limit": 1}))
    with pytest.raises(dg.InvalidConfigError, match="strict"):
        load(dg.build_op_context(op_config={"limit": 1, "strict": "true"}))
    with pytest.raises(dg.InvalidConfigError, match="root: missing field `limit`"):
        load(dg.build_op_context())


def test_a_direct_call_reads_the_variables_of_config(monkeypatch):
    monkeypatch.setenv("LIMIT", "12")

    @dg.op
    def load(config: Load) -> int:
        return config.limit

    assert load(config=Load(limit=dg.EnvVar.int("LIMIT"))) == 12
    monkeypatch.delenv("LIMIT")
    with pytest.raises(dg.InvalidConfigError, match="LIMIT"):
        load(config=Load(limit=dg.EnvVar.int("LIMIT")))


def test_validators_see_what_was_given_and_no_defaults_also_inside():
    class Inner(dg.Config):
        name: str | None = None

        @pydantic.field_validator("name")
        @classmethod
        def _never(cls, value):
            raise ValueError("was given")

    class Outer(dg.Config):
        one: Inner
        many: list[Inner] = []
        named: dict[str, Inner] = {}

    @dg.op
    def load(config: Outer) -> None: ...

    assert run_with(load).success
    assert run_with(load, {"many": [{}], "named": {"a": {}}}).success
    with pytest.raises(dg.InvalidConfigError, match="root:ops:load:config:one:name: was given"):
        run_with(load, {"one": {"name": "x"}})


def test_a_function_that_configures_may_return_a_config_object():
    class Short(dg.Config):
        n: int

    @dg.op
    def load(config: Load) -> int:
        return config.limit

    @dg.configured(load)
    def load_short(config: Short) -> Load:
        return Load(limit=config.n)

    assert run_with(load_short, {"n": 4}).output_for_node("load_short") == 4


def test_resource_classes_can_be_configured():
    class Database(dg.ConfigurableResource):
        url: str

    class Host(dg.Config):
        host: str

    @dg.configured(Database)
    def by_host(config: Host):
        return {"url": f"db://{config.host}"}

    @dg.configured(Database)
    def by_object(config: Host) -> Database:
        return Database(url=config.host)

    @dg.op
    def read(db: Database) -> str:
        return db.url

    @dg.job
    def reads() -> None:
        read()

    for made, url in ((by_host, "db://a"), (by_object, "a")):
        result = reads.execute_in_process(resources={"db": made.configured({"host": "a"})})
        assert result.output_for_node("read") == url


@pytest.mark.parametrize("decorate", [lambda **k: dg.configured(load_op, **k), dg.config_mapping])
def test_a_mapping_with_a_config_class_takes_no_schema_and_nothing_else(decorate):
    with pytest.raises(dg.InvalidArgumentError, match="its schema"):

        @decorate(config_schema={"limit": int})
        def one(config: Load): ...

    with pytest.raises(dg.InvalidArgumentError, match="one parameter"):

        @decorate()
        def two(config: Load, more): ...


@dg.op(config_schema={"limit": int})
def load_op(context) -> None: ...


def test_the_number_of_a_variable_that_is_not_read_is_an_error():
    with pytest.raises(RuntimeError, match=r"EnvVar\('LIMIT'\)"):
        int(dg.EnvVar.int("LIMIT"))


@dg.op(config_schema={"s": str})
def shout(context) -> None: ...


@dg.graph(config=dg.ConfigMapping(lambda c: {"shout": {"config": {"s": c["word"] + 1}}}, {"word": str}))
def shouting() -> None:
    shout()


@dg.graph
def around() -> None:
    shouting()


@dg.job
def mapped() -> None:
    around()


def test_what_a_graph_lacks_for_its_mapping_is_told_where_it_stands():
    with pytest.raises(
        dg.InvalidConfigError, match="root:ops:around:ops:shouting:config: missing field `word`"
    ):
        mapped.execute_in_process({"ops": {"around": {"ops": {"shouting": {"config": {}}}}}})


def test_a_mapping_that_raises_is_named():
    with pytest.raises(dg.ConfigMappingFunctionError, match="graph `shouting` raised TypeError"):
        mapped.execute_in_process({"ops": {"around": {"ops": {"shouting": {"config": {"word": "x"}}}}}})


def test_config_for_an_input_that_is_none_is_refused():
    @dg.op
    def add(first: int, second: int) -> int:
        return first + second

    @dg.job
    def sums() -> None:
        add()

    inputs = {"first": 1, "second": 2}
    assert sums.execute_in_process({"ops": {"add": {"inputs": inputs}}}).output_for_node("add") == 3
    with pytest.raises(dg.InvalidConfigError, match=r"root:ops:add:inputs: unknown field `secnd`"):
        sums.execute_in_process({"ops": {"add": {"inputs": inputs | {"secnd": 3}}}})
